package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// arrivals say which rows may arrive as which subject, so that a binding's people are
// found without asking every row.
type arrivals struct {
	sure      map[subject][]int     // rows whose mapping in force has the name
	maybe     map[subject]bool      // names of mappings that may be in force
	templates map[subject][]subject // by what stands before the variable: names that hold one
	lengths   map[string][]int      // of those beginnings, by kind of subject
	unsure    bool                  // mappings could not be read: anybody may arrive
}

// arrivals collects them. The caller arrives too, though a certificate or the hidden
// creator's right stands in no mapping.
func (i *inspector) arrivals() {
	c := arrivals{sure: map[subject][]int{}, maybe: map[subject]bool{}, templates: map[subject][]subject{}, lengths: map[string][]int{}}
	for n, r := range i.ix.Rows() {
		for _, m := range r.mayCount() {
			for _, s := range namesOf(m.Identity) {
				if m.State == Active {
					c.sure[s] = append(c.sure[s], n)
				} else {
					c.maybe[s] = true
				}
				c.template(s)
			}
		}
	}
	snap := i.ix.Snapshot()
	for _, s := range namesOf(snap.Caller.Identity) {
		c.maybe[s] = true
	}
	for _, k := range []struct {
		realm Realm
		kind  Kind
	}{{snap.Realm("eks"), AuthModeKind}, {snap.Realm("eks"), EntryKind}, {snap.Realm("kube"), AuthMapKind}} {
		for _, g := range snap.Gaps {
			c.unsure = c.unsure || g.Kind == k.kind && g.Realm == k.realm
		}
	}
	i.come = c
}

// namesOf are the subjects of an identity but for system:authenticated, in which
// everybody is.
func namesOf(id Identity) []subject {
	var out []subject
	if id.User != "" {
		out = append(out, subject{rbacv1.UserKind, id.User})
	}
	for _, g := range id.Groups {
		out = append(out, subject{rbacv1.GroupKind, g})
	}
	return out
}

func (c *arrivals) template(s subject) {
	before, _, ok := template(s.name)
	if !ok {
		return
	}
	at := subject{s.kind, before}
	if !slices.Contains(c.templates[at], s) {
		c.templates[at] = append(c.templates[at], s)
	}
	if n := len(before); !slices.Contains(c.lengths[s.kind], n) {
		c.lengths[s.kind] = append(c.lengths[s.kind], n)
	}
}

// sessions are the templates that some session renders to the subject.
func (c *arrivals) sessions(s subject) []session {
	var out []session
	for _, n := range c.lengths[s.kind] {
		if len(s.name) <= n {
			continue
		}
		for _, t := range c.templates[subject{s.kind, s.name[:n]}] {
			if when, ok := renders(t.name, s.name); ok {
				out = append(out, session{t, when})
			}
		}
	}
	return out
}

// session is a name with a variable, and what the variable must be.
type session struct {
	as   subject
	when Condition
}

// reach reports whether an IAM principal arrives as the subject, or may: in some
// session, or through a mapping that is not decided.
func (c *arrivals) reach(s subject) bool {
	return len(c.sure[s]) > 0 || c.maybe[s] || len(c.sessions(s)) > 0
}

// foreign reports whether others than IAM principals arrive as the subject: service
// accounts, the control plane, and what EKS runs by itself.
func foreign(s subject) bool {
	return strings.HasPrefix(s.name, "system:") || strings.HasPrefix(s.name, "eks:")
}
