package export

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// change is one object as it is and as it shall be: nil before, it is made; nil
// after, it goes; both and the same, it exists already.
type change struct{ was, is access.Object }

func (c change) key() access.Key {
	if c.is != nil {
		return c.is.Key()
	}
	return c.was.Key()
}

// entry is an access entry with all its policies: most formats hold them together.
type entry struct {
	change
	policies []change
	// window: from the creation of the entry to its policy its principal, whom
	// aws-auth still lets in, has no rights from either.
	window bool
}

func (e entry) now() access.AccessEntry { return e.is.(access.AccessEntry) }

// kept are all policies of the entry as it shall be, in order.
func (e entry) kept() []access.PolicyAssociation {
	var out []access.PolicyAssociation
	for _, p := range e.policies {
		if a, ok := p.is.(access.PolicyAssociation); ok {
			out = append(out, a)
		}
	}
	return out
}

// sheet is what an export has to say, free of any format.
type sheet struct {
	cluster access.Cluster
	plan    *access.Plan // nil: what exists
	entries []entry      // by principal; also one that only its policies change
	objects []change     // namespaces, roles, bindings: in the order in which they can be made
	authMap *change
	mode    *change
	bridges []access.Key // made and removed by the plan itself
	linked  []string     // entries that belong to AWS: nobody else may write them
	cut     bool         // tags, labels and annotations may be missing
}

// gone are the objects that a plan removes, in order of key. A removed entry takes
// its policies along.
func (s sheet) gone() []access.Object {
	var out []access.Object
	for _, e := range s.entries {
		if e.is == nil {
			out = append(out, e.was)
			continue
		}
		for _, p := range e.policies {
			if p.is == nil {
				out = append(out, p.was)
			}
		}
	}
	for _, c := range s.objects {
		if c.is == nil {
			out = append(out, c.was)
		}
	}
	return out
}

// planned is the net of a plan. Steps that cancel each other leave nothing.
func planned(was access.Snapshot, p access.Plan) sheet {
	is := access.Project(was, p.Steps...)
	s := sheet{cluster: p.Cluster, plan: &p}
	var keys []access.Key
	for _, st := range p.Steps {
		if !slices.Contains(keys, st.Key()) {
			keys = append(keys, st.Key())
		}
	}
	principals := map[string]bool{}
	for _, k := range keys {
		c := change{was.Objects.At(k), is.Objects.At(k)}
		if access.Same(c.was, c.is) {
			if c.was == nil {
				s.bridges = append(s.bridges, k)
			}
			continue
		}
		switch k.Kind {
		case access.EntryKind:
			principals[k.Name] = true
		case access.AssociationKind:
			principals[k.Namespace] = true
		case access.AuthMapKind:
			s.authMap = &c
		case access.AuthModeKind:
			s.mode = &c
		default:
			s.objects = append(s.objects, c)
		}
	}
	slices.SortStableFunc(s.objects, inOrder)
	s.entries = entries(was, is, principals)
	mark(s.entries, was)
	return s
}

// entries are the access entries of these principals, and all that is associated.
func entries(was, is access.Snapshot, principals map[string]bool) []entry {
	at := map[string]*entry{}
	var out []*entry
	see := func(s access.Snapshot, put func(*change, access.Object)) {
		for _, e := range access.Of[access.AccessEntry](s.Objects) {
			if !principals[e.Principal] {
				continue
			}
			if at[e.Principal] == nil {
				at[e.Principal] = &entry{}
				out = append(out, at[e.Principal])
			}
			put(&at[e.Principal].change, e)
		}
		for _, a := range access.Of[access.PolicyAssociation](s.Objects) {
			e := at[a.Principal]
			if e == nil {
				continue
			}
			i := slices.IndexFunc(e.policies, func(c change) bool { return c.key() == a.Key() })
			if i < 0 {
				e.policies, i = append(e.policies, change{}), len(e.policies)
			}
			put(&e.policies[i], a)
		}
	}
	see(was, func(c *change, o access.Object) { c.was = o })
	see(is, func(c *change, o access.Object) { c.is = o })
	slices.SortFunc(out, func(a, b *entry) int { return compareKeys(a.key(), b.key()) })
	list := make([]entry, len(out))
	for i, e := range out {
		list[i] = *e
		slices.SortFunc(list[i].policies, func(a, b change) int { return compareKeys(a.key(), b.key()) })
	}
	return list
}

// mark finds the entries that take effect before their policies do: an entry
// replaces the aws-auth mapping of its principal as a whole, at once (EKS user
// guide, "Migrate existing aws-auth ConfigMap entries to access entries").
func mark(es []entry, was access.Snapshot) {
	ix := access.NewIndex(was)
	for i, e := range es {
		if e.was != nil || len(e.kept()) == 0 {
			continue
		}
		p, err := access.ParsePrincipal(e.now().Principal)
		if err != nil {
			continue
		}
		row, _ := ix.Row(p)
		_, es[i].window = row.Active()
	}
}
