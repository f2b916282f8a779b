package access

import "slices"

// Since asks for what a plan that takes changes back does beyond them: what it gives to
// whom they did not take it from, and takes from whom they did not give it to. Somebody
// else has changed it since. Where a part of the changes stays, all that it takes is
// asked for.
func Since(undo Plan, whole bool, changes ...Plan) Plan {
	did := func(p Principal, ns string, rules func(Delta) []Rule) []Rule {
		var out []Rule
		for _, c := range changes {
			for _, d := range c.Deltas {
				if d.Principal.ID() == p.ID() && (d.Namespace == "" || d.Namespace == ns) {
					out = append(out, rules(d)...)
				}
			}
		}
		return out
	}
	beyond := func(rules, known []Rule) []Rule { return slices.DeleteFunc(uncovered(rules, known), Everyones) }
	lost := func(d Delta) []Rule { return d.Lost }
	gained := func(d Delta) []Rule { return pick(whole, d.Gained, nil) }
	for _, d := range undo.Deltas {
		for code, more := range map[Code][]Rule{
			GivesSince: beyond(d.Gained, did(d.Principal, d.Namespace, lost)),
			TakesSince: beyond(d.Lost, did(d.Principal, d.Namespace, gained)),
		} {
			if len(more) > 0 {
				undo.Findings = append(undo.Findings, Finding{Code: code, Severity: Confirm, Args: []string{d.Principal.String(), d.Namespace, ruleWords(more)}})
			}
		}
	}
	sortFindings(undo.Findings)
	return undo
}
