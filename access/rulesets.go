package access

// ruleSets are the lists of rules behind a cell, none of them empty: those of its
// roles and policies, or what system:masters may. They are shared and never change,
// so two at one place in memory are one, and what both sides of a comparison hold
// needs no look at its rules.
type ruleSets [][]Rule

// ruleSets are those that count in a namespace, or in the whole cluster.
func (h *holder) ruleSets(namespace string) ruleSets {
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

// beyond are the rules of s that have does not cover, as few as possible.
func (s ruleSets) beyond(have ruleSets) []Rule {
	known := make(map[*Rule]bool, len(have))
	for _, rules := range have {
		known[&rules[0]] = true
	}
	var rest []Rule
	for _, rules := range s {
		if !known[&rules[0]] {
			rest = append(rest, rules...)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return uncovered(rest, have.rules())
}

// sameList reports whether two lists of bindings are one, not whether they are equal.
func sameList(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
