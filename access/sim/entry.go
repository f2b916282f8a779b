package sim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// entry is an access entry. It is never changed but replaced, so that readers
// may lag behind.
type entry struct {
	principal string
	id        string // the principal's unique id when the entry was made; empty: unknown account
	kind      string // its type
	username  string
	groups    []string
	tags      map[string]string
	uuid      string
	created   time.Time
	modified  time.Time
	policies  []association // sorted by policy ARN
}

// maxEntries per cluster, not adjustable (AWS general reference, EKS quotas).
const maxEntries = 3000

func (b *Bench) seedEntry(c *cluster, w Entry) {
	p, err := parseARN(w.Principal)
	if err != nil {
		return // Parse refuses such a world
	}
	e := &entry{principal: w.Principal, id: w.ID, kind: w.Type, username: w.Username, groups: slices.Clone(w.Groups),
		tags: maps.Clone(w.Tags), created: w.Created.UTC(), uuid: uuid(c.arn(), w.Principal)}
	if w.Created.IsZero() {
		e.created = c.created.Add(time.Hour)
	}
	e.modified = e.created
	if e.kind == "" {
		e.kind = "STANDARD"
	}
	if e.id == "" {
		e.id = b.account(p.account).behind(p)
	}
	e.settleNames(p)
	for _, a := range w.Policies {
		at := a.Created.UTC()
		if a.Created.IsZero() {
			at = e.created
		}
		e = e.with(association{c.policyARN(a.Policy), slices.Clone(a.Namespaces), at, at})
	}
	c.history(w.Principal).set(time.Time{}, e)
}

// history finds or opens the history of an entry.
func (c *cluster) history(principal string) *history[*entry] {
	h := c.entries[principal]
	if h == nil {
		h = &history[*entry]{}
		c.entries[principal] = h
	}
	return h
}

func (c *cluster) latest(principal string) *entry {
	if h := c.entries[principal]; h != nil {
		return h.latest()
	}
	return nil
}

func (c *cluster) asOf(principal string, t time.Time) *entry {
	if h := c.entries[principal]; h != nil {
		return h.asOf(t)
	}
	return nil
}

// living are the entries that readers see at a time, sorted by principal.
func (c *cluster) living(t time.Time) []*entry {
	var out []*entry
	for _, p := range slices.Sorted(maps.Keys(c.entries)) {
		if e := c.asOf(p, t); e != nil {
			out = append(out, e)
		}
	}
	return out
}

func (e *entry) arn(c *cluster) string {
	p, err := parseARN(e.principal)
	if err != nil {
		return c.arn()
	}
	resource := strings.Join([]string{"access-entry", c.name, p.kind(), p.account, p.name(), e.uuid}, "/")
	return arn{c.partition(), "eks", c.region, c.account, resource}.String()
}

func (e *entry) describe(c *cluster) object {
	groups := e.groups
	if groups == nil {
		groups = []string{}
	}
	return object{"accessEntry": object{
		"clusterName": c.name, "principalArn": e.principal, "kubernetesGroups": groups, "accessEntryArn": e.arn(c),
		"createdAt": epoch(e.created), "modifiedAt": epoch(e.modified), "tags": tagsOf(e.tags), "username": e.username, "type": e.kind,
	}}
}
