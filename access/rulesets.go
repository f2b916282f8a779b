package access

import (
	"encoding/binary"
	"slices"
)

// ruleSets are the lists of rules behind a cell, none of them empty: those of its
// roles and policies, or what system:masters may. They are shared and never change,
// so two at one place in memory are one, and what both sides of a comparison hold
// needs no look at its rules.
type ruleSets [][]Rule

// ruleSets are those that count in a namespace, or in the whole cluster, for every
// session, or for those of a condition.
func (h *holder) ruleSets(namespace string, when *Condition) ruleSets {
	if h.super {
		return ruleSets{superRules}
	}
	var out ruleSets
	r, n := h.ix.rbac, h.ix.rbac.number(namespace)
	add := func(bindings []int32) {
		for _, b := range bindings {
			if rules := r.rules(b); len(rules) > 0 {
				out = append(out, rules)
			}
		}
	}
	for _, l := range h.lists {
		add(r.inCluster(l))
		add(r.inNamespace(l, n))
	}
	for _, s := range h.sessions {
		if when == nil || !s.when.matches(*when) {
			continue
		}
		for _, sub := range s.subjects {
			add(r.inCluster(r.named[sub]))
			add(r.inNamespace(r.named[sub], n))
		}
	}
	for _, a := range h.policies {
		if a.Scope.Cluster || namespace != "" && a.Scope.names(namespace) {
			if rules := policyRules(a); len(rules) > 0 {
				out = append(out, rules)
			}
		}
	}
	return out
}

func (s ruleSets) rules() []Rule {
	var out []Rule
	for _, rules := range s {
		out = append(out, rules...)
	}
	return out
}

// comparison remembers what it compared: principals share their roles, and
// namespaces look alike.
type comparison struct {
	number map[list]uint32
	memo   map[string][]Rule
}

// list is a list of rules as itself, not as what it says.
type list struct {
	first *Rule
	n     int
}

func listOf(rules []Rule) list { return list{&rules[0], len(rules)} }

func newComparison() *comparison {
	return &comparison{map[list]uint32{}, map[string][]Rule{}}
}

// beyond are the rules of s that have does not cover, as few as possible. The answer
// is shared: it must not be changed.
func (c *comparison) beyond(s, have ruleSets) []Rule {
	known := c.numbers(have)
	rest := slices.DeleteFunc(c.numbers(s), func(n uint32) bool { _, both := slices.BinarySearch(known, n); return both })
	if len(rest) == 0 {
		return nil
	}
	key := make([]byte, 0, 4*(len(rest)+len(known)+1))
	for _, n := range slices.Concat(rest, []uint32{0}, known) { // numbers begin at 1
		key = binary.BigEndian.AppendUint32(key, n)
	}
	out, ok := c.memo[string(key)]
	if !ok {
		var want []Rule
		for _, rules := range s {
			if _, asked := slices.BinarySearch(rest, c.number[listOf(rules)]); asked {
				want = append(want, rules...)
			}
		}
		out = uncovered(want, have.rules())
		c.memo[string(key)] = out
	}
	return out
}

// numbers are the distinct lists' numbers, sorted.
func (c *comparison) numbers(s ruleSets) []uint32 {
	out := make([]uint32, 0, len(s))
	for _, rules := range s {
		n, ok := c.number[listOf(rules)]
		if !ok {
			n = uint32(len(c.number)) + 1
			c.number[listOf(rules)] = n
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sameList reports whether two lists of bindings are one, not whether they are equal.
func sameList(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
