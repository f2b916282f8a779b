package report_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func replyTo(ix *access.Index, r access.Row, qs ...access.Request) report.Reply {
	out := report.Reply{Principal: r.Principal}
	for _, q := range qs {
		a := ix.Ask(r, q)
		out.Checks = append(out.Checks, report.Check{Request: q, Answer: a, Misses: ix.Misses(a, q)})
	}
	return out
}

// answered is the workshop with a session's right, a robot, and a list that can't be read.
func answered() access.Snapshot {
	s := workshop(
		access.AccessEntry{In: eksR, Principal: "arn:aws:iam::" + account + ":role/ci", Username: "ci:{{SessionName}}"},
		access.Binding{In: kubeR, Namespace: "carts", Name: "ci", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
			Subjects: []rbacv1.Subject{rbac("User", "ci:alice"), rbac("User", "ci:bob"), rbac("Group", "ops"), {Kind: "ServiceAccount", Name: "robot"}}},
	)
	return s
}

func TestAnswersInWords(t *testing.T) {
	var out strings.Builder
	s := answered()
	for _, tc := range []struct {
		name, arn string
		gaps      []access.Gap
		q         []access.Request
	}{
		{"yes", carts, nil, []access.Request{{Verb: "delete", Resource: "pods", Namespace: "carts"}}},
		{"no", carts, nil, []access.Request{{Verb: "delete", Resource: "pods", Namespace: "ui"}}},
		{"another group", sso, nil, []access.Request{{Verb: "patch", Group: "extensions", Resource: "deployments", Namespace: "ui"}}},
		{"masters", admins, nil, []access.Request{{Verb: "get", URL: "/metrics"}}},
		{"a condition", "arn:aws:iam::" + account + ":role/ci", nil, []access.Request{{Verb: "get", Resource: "pods", Namespace: "carts"}}},
		{"several", carts, nil, []access.Request{{Verb: "get", Resource: "pods", Namespace: "ui"}, {Verb: "patch", Resource: "pods", Namespace: "ui"}}},
		{"nobody", "arn:aws:iam::" + account + ":role/stranger", nil, []access.Request{{Verb: "get", Resource: "pods", Namespace: "ui"}}},
		{"unread", carts, []access.Gap{{Realm: kubeR, Kind: access.RoleBindingKind, Why: access.Denied, Detail: "alice cannot list rolebindings"}},
			[]access.Request{{Verb: "delete", Resource: "pods", Namespace: "ui"}}},
	} {
		s.Gaps = tc.gaps
		ix := access.NewIndex(s)
		r := replyTo(ix, ix.Who(parse(t, tc.arn)), tc.q...)
		out.WriteString("== " + tc.name + "\n" + text(append([]report.Line{report.AnswerLine(r)}, report.AnswerWhy(r)...)) + text(report.Undecided(r)) + "\n")
	}
	golden(t, "answers", out.String())
}

func TestWhoCanInWords(t *testing.T) {
	s := answered()
	s.Gaps = []access.Gap{{Realm: eksR, Kind: access.AssociationKind, Name: sso, Why: access.Throttled}}
	ix := access.NewIndex(s)
	q := access.Request{Verb: "get", Resource: "pods", Namespace: "carts"}
	var out strings.Builder
	w := report.WhoCanIn(ix, q)
	out.WriteString("== in a namespace\n" + text(report.WhoCanTable(w, false, 100)) + text(report.WhoCanRest(w, false, 100)))
	w = report.WhoCanAnywhere(ix, q)
	out.WriteString("== anywhere, wide\n" + text(report.WhoCanTable(w, true, 0)) + text(report.WhoCanRest(w, true, 0)))
	w = report.WhoCanIn(ix, access.Request{Verb: "frobnicate", Resource: "pods"})
	w.Items = nil
	out.WriteString("== nobody\n" + text(report.WhoCanTable(w, false, 0)))
	golden(t, "who-can", out.String())
}

func TestContrastsInWords(t *testing.T) {
	s := answered()
	ix := access.NewIndex(s)
	ci := parse(t, "arn:aws:iam::"+account+":role/ci")
	of := func(a, b access.Principal) string {
		return text(report.Contrast(access.Contrasted(ix, ix.Who(a), ix, ix.Who(b)), "prod", "test", 0))
	}
	golden(t, "contrast", of(parse(t, carts), parse(t, sso))+"\n"+of(ci, parse(t, "arn:aws:iam::"+account+":role/stranger"))+"\n"+of(ci, ci))
}

// TestAnswersAreHarmless: questions, names and rules are all somebody else's.
func TestAnswersAreHarmless(t *testing.T) {
	for seed := range uint64(150) {
		e := enemy{rand.New(rand.NewPCG(seed, 7))}
		check := func(from string, ls ...report.Line) {
			t.Helper()
			for _, l := range ls {
				if what := acts(l.Text); what != "" {
					t.Fatalf("seed %d: %s: %q holds %s", seed, from, l.Text, what)
				}
			}
		}
		ix := access.NewIndex(e.snapshot())
		var qs []access.Request
		for _, r := range e.expects() {
			qs = append(qs, r.Request)
		}
		for _, o := range access.Of[access.Role](ix.Snapshot().Objects) { // questions that some rule answers
			for _, rule := range o.Rules {
				if len(rule.Verbs) > 0 && len(rule.APIGroups) > 0 && len(rule.Resources) > 0 {
					qs = append(qs, access.Request{Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: rule.Resources[0], Namespace: o.Namespace})
				}
			}
		}
		rows := append(ix.Rows(), ix.Who(e.principal()))
		for _, r := range rows {
			reply := replyTo(ix, r, qs...)
			check("AnswerLine", report.AnswerLine(reply))
			check("AnswerWhy", report.AnswerWhy(reply)...)
			check("Undecided", report.Undecided(reply)...)
			if _, err := json.Marshal(report.AnswerData(ix, reply)); err != nil {
				t.Fatal(err)
			}
			c := access.Contrasted(ix, r, ix, rows[e.IntN(len(rows))])
			check("Contrast", report.Contrast(c, e.s(), e.s(), 40)...)
		}
		for _, q := range qs {
			for _, w := range []report.WhoCan{report.WhoCanIn(ix, q), report.WhoCanAnywhere(ix, q)} {
				for _, wide := range []bool{false, true} {
					check("WhoCan", append(report.WhoCanTable(w, wide, 60), report.WhoCanRest(w, wide, 0)...)...)
				}
			}
		}
		check("notes", report.Hint("%s", e.s()), report.Doubt("%v", e.error()))
		check("Meant", report.Line{Text: report.Meant(e.s(), access.Resource{Group: e.s(), Name: e.s(), Also: e.some()})})
	}
}

func (e enemy) expects() []access.Expect { return []access.Expect{e.expect(), e.expect()} }
