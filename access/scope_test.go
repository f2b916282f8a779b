package access

import "testing"

// AWS documents a star at the end of a scope's namespace and nothing else, so what
// another wildcard matches is unknown wherever it could match, and no elsewhere.
func TestUndocumentedWildcardsAreUnknown(t *testing.T) {
	arn := role("wild")
	for pattern, want := range map[string]map[string]Verdict{
		"ca*":   {"carts": Yes, "catalog": Yes, "default": No},
		"c*ts":  {"carts": Unknown, "catalog": Unknown, "default": No},
		"cart?": {"carts": Unknown, "catalog": No},
		"*ts":   {"carts": Unknown, "default": Unknown},
		"carts": {"carts": Yes, "catalog": No},
	} {
		ix := NewIndex(s3(t, entry(arn, "wild"), policy(arn, ViewPolicy, pattern)))
		r, _ := ix.Row(principal(t, arn))
		for ns, verdict := range want {
			q := Request{Verb: "get", Resource: "pods", Namespace: ns}
			if got := ix.Ask(r, q); got.Verdict != verdict {
				t.Errorf("%s in %s: %s, want %s", pattern, ns, got.Verdict, verdict)
			}
			if c := ix.Cell(r, ns); (len(c.Unknown) > 0) != (verdict == Unknown) || (c.Level == View) != (verdict == Yes) {
				t.Errorf("%s in %s: %+v", pattern, ns, c)
			}
		}
		anywhere := ix.Anywhere(r, Request{Verb: "get", Resource: "pods"})
		if certain := want["carts"] == Yes; anywhere.Verdict != pick(certain, Yes, Unknown) || !certain && len(anywhere.Places.Names()) > 0 {
			t.Errorf("%s anywhere: %s %v", pattern, anywhere.Verdict, anywhere.Places.Names())
		}
	}
}
