package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// modes in the only order they can be walked: each step one way, none skipped
// (EKS best practices, identity and access management).
var modes = []string{"CONFIG_MAP", "API_AND_CONFIG_MAP", "API"}

// update is an UpdateClusterConfig under way or behind us.
type update struct {
	id   string
	mode string
	at   time.Time
	done bool
}

func (c *cluster) authMode() string {
	if c.mode == "" {
		return modes[0]
	}
	return c.mode
}

// readsEntries tells whether access entries count, readsAuthMap whether aws-auth does.
func (c *cluster) readsEntries() bool { return c.authMode() != "CONFIG_MAP" }
func (c *cluster) readsAuthMap() bool { return c.authMode() != "API" }

// settle finishes the updates whose time has come.
func (b *Bench) settle(now time.Time) {
	for _, c := range b.clusters {
		for _, u := range c.updates {
			if u.done || now.Before(u.at.Add(b.options.ClusterUpdate)) {
				continue
			}
			u.done = true
			if !c.readsEntries() {
				b.revealCreator(c, u.at.Add(b.options.ClusterUpdate))
			}
			c.mode, c.status = u.mode, "ACTIVE"
		}
	}
}

// revealCreator makes the visible entry that a cluster's creator gets when the
// cluster first reads entries; no other entry is made from existing rights (EKS
// user guide, access entries).
func (b *Bench) revealCreator(c *cluster, now time.Time) {
	if c.creator == "" || c.entries[c.creator] != nil {
		return
	}
	b.seedEntry(c, Entry{
		Principal: c.creator,
		Created:   now,
		Policies:  []Association{{Policy: "AmazonEKSClusterAdminPolicy"}},
	})
}

func (b *Bench) updateClusterConfig(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	if no := x.caller.may("eks:UpdateClusterConfig", c.arn()); no != nil {
		return nil, no
	}
	var in struct {
		AccessConfig *struct {
			AuthenticationMode string `json:"authenticationMode"`
		} `json:"accessConfig"`
		ClientRequestToken string `json:"clientRequestToken"`
	}
	if no := x.read(&in); no != nil {
		return nil, no
	}
	if in.AccessConfig == nil || in.AccessConfig.AuthenticationMode == "" {
		return nil, invalidParameter("The type for cluster update was not provided.")
	}
	return b.once(x, in.ClientRequestToken, func() (any, *refusal) {
		return b.switchMode(x, c, in.AccessConfig.AuthenticationMode)
	})
}

func (b *Bench) switchMode(x *exchange, c *cluster, to string) (any, *refusal) {
	if n := len(c.updates); n > 0 && !c.updates[n-1].done {
		return nil, &refusal{http.StatusConflict, "ResourceInUseException",
			"Cannot AccessConfigUpdate because cluster " + c.name + " currently has update " + c.updates[n-1].id + " in progress", c.name}
	}
	if c.status != "ACTIVE" {
		return nil, invalidRequest("Cluster %s is not in ACTIVE status", c.name)
	}
	from := c.authMode()
	if slices.Index(modes, to) != slices.Index(modes, from)+1 {
		return nil, invalidParameter("Unsupported authentication mode update from %s to %s", from, to)
	}
	b.serial++
	u := &update{id: uuid(c.arn(), "update", strconv.Itoa(b.serial)), mode: to, at: x.now}
	c.updates = append(c.updates, u)
	c.status = "UPDATING"
	return object{"update": u.describe()}, nil
}

func (u *update) describe() object {
	status := "InProgress"
	if u.done {
		status = "Successful"
	}
	return object{
		"id": u.id, "status": status, "type": "AccessConfigUpdate", "createdAt": epoch(u.at), "errors": []any{},
		"params": []object{{"type": "AuthenticationMode", "value": strconv.Quote(u.mode)}},
	}
}

func (b *Bench) listUpdates(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	if no := x.caller.may("eks:ListUpdates", c.arn()); no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	ids := []string{}
	for _, u := range c.updates {
		ids = append(ids, u.id)
	}
	slices.Sort(ids)
	ids, next, no := pageOf(ids, "ListUpdates "+c.arn(), x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	return object{"updateIds": ids, "nextToken": orNull(next)}, nil
}

func (b *Bench) describeUpdate(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	if no := x.caller.may("eks:DescribeUpdate", c.arn()); no != nil {
		return nil, no
	}
	for _, u := range c.updates {
		if strings.EqualFold(u.id, x.path["updateId"]) {
			return object{"update": u.describe()}, nil
		}
	}
	return nil, notFound("No update found for ID: %s", x.path["updateId"])
}
