package access

import (
	"slices"
	"strings"

	"k8s.io/component-helpers/auth/rbac/validation"
)

// yardsticks are, per level, the sets of rules that each suffice for it: the
// cluster's own role, which goes with its version and its aggregated custom
// resources, and AWS's policy of that name, which is a little smaller.
//
// They are broken down to atoms, as validation.Covers does: one verb on one
// resource of one group, or on one URL. A set of rules covers a yardstick when each
// atom is covered by one of the rules. So a role is compared with the atoms once,
// and what several roles cover together is the union of their masks.
type yardsticks struct {
	atoms []Rule
	in    map[string]map[string][]int32 // atoms by group and resource
	urls  []int32                       // atoms that are about URLs
	wants []want                        // the highest level first
}

// want is one yardstick: the atoms it needs in the cluster, and in a namespace,
// where rules about URLs don't count.
type want struct {
	level              Level
	cluster, namespace mask
}

// gauge is what the rules of one role or policy come to.
type gauge struct {
	covers          mask
	cluster, inside bool // more than everybody has, in the cluster and inside a namespace
}

// mask is a set of atoms, one bit each.
type mask []uint64

func newYardsticks(clusterRole func(name string) []Rule) *yardsticks {
	y := &yardsticks{in: map[string]map[string][]int32{}}
	number := map[atomKey]int32{}
	var needs [][]int32
	for l := Full; l >= View; l-- {
		own := clusterRole(LevelRole(l))
		if l == Full {
			own = superRules // a cluster-admin that somebody cut down is not everything
		}
		policy, _ := PolicyNamed(LevelPolicy(l))
		for _, rules := range [][]Rule{own, policy.Rules} {
			var need []int32
			for _, r := range rules {
				for _, atom := range validation.BreakdownRule(r) {
					need = append(need, y.number(atom, number))
				}
			}
			if len(need) > 0 { // an empty role is covered by nobody's rules
				y.wants, needs = append(y.wants, want{level: l}), append(needs, need)
			}
		}
	}
	for i, need := range needs {
		w := &y.wants[i]
		w.cluster, w.namespace = y.none(), y.none()
		for _, a := range need {
			w.cluster.add(a)
			if len(y.atoms[a].Resources) > 0 {
				w.namespace.add(a)
			}
		}
	}
	return y
}

func (y *yardsticks) none() mask { return make(mask, (len(y.atoms)+63)/64) }

type atomKey struct{ verb, group, resource, name, url string }

// number is the place of an atom among all; equal atoms have one place.
func (y *yardsticks) number(atom Rule, known map[atomKey]int32) int32 {
	first := func(list []string) string { return strings.Join(list[:min(1, len(list))], "") }
	key := atomKey{first(atom.Verbs), first(atom.APIGroups), first(atom.Resources), first(atom.ResourceNames), first(atom.NonResourceURLs)}
	n, ok := known[key]
	if ok {
		return n
	}
	n = int32(len(y.atoms))
	known[key], y.atoms = n, append(y.atoms, atom)
	if len(atom.Resources) == 0 {
		y.urls = append(y.urls, n)
		return n
	}
	of := y.in[atom.APIGroups[0]]
	if of == nil {
		of = map[string][]int32{}
		y.in[atom.APIGroups[0]] = of
	}
	of[atom.Resources[0]] = append(of[atom.Resources[0]], n)
	return n
}

// gauge compares rules with all atoms.
func (y *yardsticks) gauge(rules []Rule) *gauge {
	g := &gauge{covers: y.none()}
	for _, r := range rules {
		if !Everyones(r) {
			g.cluster, g.inside = true, g.inside || len(r.Resources) > 0
		}
		for _, a := range y.urls {
			if coversURL(r, y.atoms[a]) {
				g.covers.add(a)
			}
		}
		for group, of := range y.in {
			if !has(r.APIGroups, group) {
				continue
			}
			if !slices.Contains(r.Resources, "*") && !slices.ContainsFunc(r.Resources, func(s string) bool { return strings.HasPrefix(s, "*/") }) {
				for _, resource := range r.Resources {
					g.covers.addIf(of[resource], r, y.atoms)
				}
				continue
			}
			for resource, atoms := range of {
				if coversResource(r.Resources, resource) {
					g.covers.addIf(atoms, r, y.atoms)
				}
			}
		}
	}
	return g
}

// addIf adds the atoms whose verb and resource name the rule covers.
func (b mask) addIf(candidates []int32, r Rule, atoms []Rule) {
	for _, a := range candidates {
		atom := &atoms[a]
		if has(r.Verbs, atom.Verbs[0]) && (len(r.ResourceNames) == 0 || len(atom.ResourceNames) > 0 && slices.Contains(r.ResourceNames, atom.ResourceNames[0])) {
			b.add(a)
		}
	}
}

// level is the highest level whose yardstick these cover together.
func (y *yardsticks) level(g gauge, namespace string) Level {
	for _, w := range y.wants {
		if need := pick(namespace == "", w.cluster, w.namespace); !need.empty() && g.covers.all(need) {
			return w.level
		}
	}
	if pick(namespace == "", g.cluster, g.inside) {
		return Some
	}
	return None
}

// add joins what another role covers.
func (g *gauge) add(o *gauge) {
	for i, w := range o.covers {
		g.covers[i] |= w
	}
	g.cluster, g.inside = g.cluster || o.cluster, g.inside || o.inside
}

func (b mask) add(a int32) { b[a/64] |= 1 << (a % 64) }

func (b mask) empty() bool { return !slices.ContainsFunc(b, func(w uint64) bool { return w != 0 }) }

// all reports whether b has everything that need has.
func (b mask) all(need mask) bool {
	for i, w := range need {
		if w&^b[i] != 0 {
			return false
		}
	}
	return true
}
