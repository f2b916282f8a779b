package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// enemy makes worlds and plans in which every text is somebody else's.
type enemy struct{ *rand.Rand }

func (e enemy) s() string { return hostile(e.Rand) }
func (e enemy) arn() string {
	return [...]string{e.s(), "arn:aws:iam::123456789012:role/" + e.s(), "arn:aws:iam::123456789012:user/x/" + e.s(),
		"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_" + e.s() + "_1/" + e.s(), "arn:aws:iam::123456789012:root", "123456789012"}[e.IntN(6)]
}
func (e enemy) principal() access.Principal {
	p, _ := access.ParsePrincipal(e.arn())
	return p
}
func (e enemy) some() []string {
	var out []string
	for range e.IntN(4) {
		out = append(out, e.s())
	}
	return out
}
func (e enemy) rules() []access.Rule {
	return []access.Rule{{Verbs: e.some(), APIGroups: e.some(), Resources: append(e.some(), e.s()), ResourceNames: e.some()}, {Verbs: e.some(), NonResourceURLs: e.some()}}
}
func (e enemy) key() access.Key {
	return access.Key{Realm: access.Realm(e.s()), Kind: access.Kind(e.s()), Namespace: e.s(), Name: e.s()}
}
func (e enemy) meta() access.Meta {
	return access.Meta{Labels: map[string]string{e.s(): e.s()}, Annotations: map[string]string{e.s(): e.s()}}
}
func (e enemy) binding() access.Binding {
	return access.Binding{In: kubeR, Namespace: pickOne(e, "", e.s()), Name: e.s(), Role: rbacv1.RoleRef{Kind: pickOne(e, "Role", "ClusterRole", e.s()), Name: e.s()}, Meta: e.meta(),
		Subjects: []rbacv1.Subject{{Kind: "Group", Name: e.s()}, {Kind: e.s(), Namespace: e.s(), Name: e.s()}, {Kind: "Group", Name: "g"}}}
}
func pickOne(e enemy, of ...string) string { return of[e.IntN(len(of))] }

func (e enemy) authMap() access.AuthMap {
	quoted, _ := json.Marshal([]map[string]any{{"rolearn": e.arn(), "username": e.s(), "groups": append(e.some(), "g")}, {"rolearn": e.s()}})
	return access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": string(quoted), "mapUsers": e.s(), e.s(): e.s() + "\n" + e.s()}}
}

func (e enemy) object() access.Object {
	switch e.IntN(8) {
	case 0:
		return access.AccessEntry{In: eksR, Principal: e.arn(), Type: e.s(), Username: e.s(), Groups: append(e.some(), "g"), Tags: map[string]string{e.s(): e.s()}}
	case 1:
		return access.PolicyAssociation{In: eksR, Principal: e.arn(), Policy: e.s(), Scope: access.PolicyScope{Cluster: e.IntN(2) == 0, Namespaces: e.some()}}
	case 2:
		return access.AuthMode{In: eksR, Mode: access.Mode(e.s())}
	case 3:
		return e.authMap()
	case 4:
		return access.Namespace{In: kubeR, Name: e.s(), Meta: e.meta()}
	case 5:
		return access.Role{In: kubeR, Namespace: e.s(), Name: e.s(), Rules: e.rules(), Meta: e.meta()}
	case 6:
		return access.IAMPrincipal{In: "iam:1", ARN: e.arn(), ID: e.s()}
	}
	return e.binding()
}

func (e enemy) step() access.Step {
	s := access.Step{Before: e.object(), First: []access.Expect{e.expect()}, Why: anyCode(e), Args: e.some()}
	switch e.IntN(3) {
	case 0:
		s.Before, s.After = nil, s.Before
	case 1:
		for s.After == nil || s.After.Key().Kind != s.Before.Key().Kind {
			s.After = e.object()
		}
	}
	return s
}
func (e enemy) expect() access.Expect {
	x := access.Expect{Principal: e.principal(), Identity: access.Identity{User: e.s(), Groups: e.some()}, Want: e.IntN(2) == 0,
		Request: access.Request{Verb: e.s(), Group: e.s(), Resource: e.s(), Subresource: e.s(), Name: e.s(), Namespace: e.s()}}
	switch e.IntN(3) {
	case 0:
		x.Object = e.object()
	case 1:
		x.Request.URL, x.Principal = e.s(), access.Principal{}
	}
	return x
}
func (e enemy) finding() access.Finding {
	return access.Finding{Code: anyCode(e), Severity: access.Severity(e.IntN(4)), About: []access.Key{e.key()}, Args: append(e.some(), e.arn()), Who: []access.Principal{e.principal(), e.principal()}, Roads: e.roads()}
}
func (e enemy) roads() []access.Road {
	when := access.Condition{Variable: pickOne(e, "SessionName", e.s()), Value: e.s()}
	policy := e.key()
	policy.Kind = access.AssociationKind
	return []access.Road{{Powers: []access.Code{access.PowerSecrets, access.Code(e.s())}, Namespace: e.s(), Subject: "Group " + e.s(), Via: []access.Key{e.key(), e.key()}, When: &when},
		{Powers: []access.Code{access.PowerEverything}, Via: []access.Key{policy}}, {Powers: []access.Code{access.PowerMasters}}}
}
func (e enemy) plan() access.Plan {
	p := access.Plan{Cluster: access.Cluster{Name: e.s()}, Intents: e.some()}
	for range 4 {
		p.Steps = append(p.Steps, e.step())
		p.Expect = append(p.Expect, e.expect())
		p.Findings = append(p.Findings, e.finding())
		p.Deltas = append(p.Deltas, access.Delta{Principal: e.principal(), Namespace: e.s(), Was: access.Level(e.IntN(6)), Is: access.Level(e.IntN(6)), Gained: e.rules(), Lost: e.rules()})
	}
	return p
}

func (e enemy) snapshot() access.Snapshot {
	s := access.Snapshot{Realms: []access.Realm{eksR, kubeR, access.Realm(e.s())}, Objects: access.Objects{},
		Caller: access.Caller{AWS: e.principal(), Identity: access.Identity{User: e.s()}}}
	mode := access.Mode(pickOne(e, "CONFIG_MAP", "API_AND_CONFIG_MAP", "API", ""))
	add := []access.Object{access.Cluster{In: eksR, Name: e.s(), ARN: e.s(), Status: e.s()}, e.authMap(), access.AuthMode{In: eksR, Mode: mode},
		access.Namespace{In: kubeR, Name: e.s()}, access.Namespace{In: kubeR, Name: e.s()}}
	for range 6 {
		add = append(add, e.object(), e.binding())
	}
	s.Objects = s.Objects.With(add...)
	for range e.IntN(3) {
		s.Gaps = append(s.Gaps, e.gap())
	}
	return s
}
func (e enemy) gap() access.Gap {
	kinds := []access.Kind{access.EntryKind, access.RoleBindingKind, access.ClusterRoleKind, access.Kind(e.s())}
	return access.Gap{Realm: []access.Realm{eksR, kubeR, access.Realm(e.s())}[e.IntN(3)], Kind: kinds[e.IntN(4)], Name: pickOne(e, "", e.s()),
		Why: access.Code(pickOne(e, string(access.Denied), string(access.Undocumented), string(access.Loading), string(access.ModeUnread), e.s())), Detail: e.s()}
}
func (e enemy) error() error {
	err := errors.New(e.s())
	return []error{err, fmt.Errorf("%s: %w", e.s(), &access.Forbidden{Who: e.s(), Action: e.s(), Detail: e.s()}),
		&access.Conflict{Key: e.key(), Want: e.object(), Have: e.object()}, errors.Join(err, access.ErrOneWay), fmt.Errorf("%w and %w", err, err)}[e.IntN(5)]
}

// every are all codes there are, read from the source, so that new ones are tried too.
var every []string

func anyCode(e enemy) access.Code {
	if len(every) == 0 {
		for _, file := range []string{"../finding.go", "../mapping.go", "../snapshot.go"} {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				panic(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					every = append(every, strings.Trim(lit.Value, `"`))
				}
				return true
			})
		}
	}
	return access.Code(pickOne(e, append(every, e.s())...))
}

// No text that anybody else wrote gets through any function of the package as
// something that a terminal acts on.
func TestNothingHostileComesThrough(t *testing.T) {
	check := func(seed uint64, from string, texts ...string) {
		t.Helper()
		for _, s := range texts {
			if what := acts(s); what != "" {
				t.Fatalf("seed %d: %s: %q holds %s", seed, from, s, what)
			}
		}
	}
	lines := func(ls []report.Line) []string {
		var out []string
		for _, l := range ls {
			out = append(out, l.Text)
		}
		return out
	}
	for seed := range uint64(80) {
		e := enemy{rand.New(rand.NewPCG(seed, 5))}
		p, f, s, x := e.plan(), e.finding(), e.step(), e.expect()
		o := access.Outcome{Done: e.IntN(3), Stopped: &access.Event{Step: e.IntN(6) - 1, State: access.Failed, Err: e.error()}, Journal: e.s(),
			Proofs: []access.Proof{{Expect: x, State: access.Proven, Detail: e.s()}, {Expect: e.expect(), State: access.Disproven, Detail: e.s()}, {Expect: e.expect(), Detail: e.s()}},
			Drift:  []access.Drift{{Want: s.After, Have: s.Before}}}
		words, fix := report.Finding(f)
		check(seed, "Finding "+string(f.Code), words, fix)
		rows := report.Findings(p.Findings, report.FindingFilter{})
		check(seed, "FindingTable", lines(append(report.FindingTable(rows, false), report.FindingTable(rows, true)...))...)
		check(seed, "Roads", report.Roads(f)...)
		check(seed, "Step", report.StepTitle(s), report.StepWhy(s), report.StepCall(s))
		check(seed, "StepFields", lines(report.StepFields(s))...)
		check(seed, "StepDiff", lines(report.StepDiff(s))...)
		check(seed, "Headline", report.Headline(p))
		check(seed, "Deltas", lines(report.Deltas(p))...)
		check(seed, "Preview", lines(report.Preview(p, false))...)
		check(seed, "Preview raw", lines(report.Preview(p, true))...)
		check(seed, "Expect", report.Expect(x))
		check(seed, "Outcome", lines(report.Outcome(p, o))...)
		check(seed, "Error", lines(report.Error(e.error()))...)
		for _, state := range []access.StepState{access.Waiting, access.Started, access.Done, access.Skipped, access.Failed, access.StepState(e.s())} {
			check(seed, "Event", report.Event(p, access.Event{Step: e.IntN(7) - 1, State: state, Detail: e.s(), Err: e.error()}).Text)
		}
		check(seed, "Gap", report.Gap(e.gap()))
		check(seed, "Reason", report.Reason(anyCode(e)))
		check(seed, "Rule", report.Rule(e.rules()[0]), report.Rule(e.rules()[1]))

		snap := e.snapshot()
		ix := access.NewIndex(snap)
		for _, r := range ix.Rows() {
			check(seed, "Row", report.Name(r.Principal), report.Detail(r.Principal, account), report.Via(r))
			for _, ns := range append([]string{"", e.s()}, ix.Namespaces()...) {
				check(seed, "Because", lines(report.Because(ix, r, ns))...)
				check(seed, "Cell", report.CellWord(ix.Cell(r, ns)), report.Letter(ix.Cell(r, ns)))
			}
			for _, m := range r.Mappings {
				check(seed, "State", report.State(m))
			}
		}
		l := report.List(ix, p.Findings, report.ListOptions{})
		for _, wide := range []bool{false, true} {
			check(seed, "Table", lines(report.Table(slices.Values(l.Items), wide, 0))...)
			check(seed, "Table cut", lines(report.Table(slices.Values(l.Items), wide, 60))...)
		}
		found := report.ListFindings(ix, append(p.Findings, access.Inspect(ix)...), report.FindingFilter{})
		texts, err := json.Marshal(found)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		check(seed, "FindingList", string(texts))
		for _, r := range report.SARIF(found, "v1").Runs[0].Results {
			for _, line := range strings.Split(r.Message.Text, "\n") {
				check(seed, "SARIF", line)
			}
			check(seed, "SARIF place", r.Locations[0].Physical.Artifact.URI, r.Locations[0].Logical[0].Name)
		}
		text, err := json.Marshal(l)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		check(seed, "JSON", string(text))
	}
}
