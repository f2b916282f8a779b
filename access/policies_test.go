package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
)

// writtenPolicy is a policy as the table has it, read apart from PolicyNamed.
type writtenPolicy struct {
	Name, ARN, Source, Published, RulesDocumented, Assignable, Notes string
	Rules                                                            []struct {
		rbacv1.PolicyRule
		Restriction string `json:"restriction"` // in words: the row counts for some objects only
	}
}

func writtenPolicies(t testing.TB) []writtenPolicy {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(PolicyTable()))
	d.DisallowUnknownFields()
	var all []writtenPolicy
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPolicyTable: 39 policies, of which 16 have rules; nothing in the table is of a
// form that this package does not know.
func TestPolicyTable(t *testing.T) {
	all := writtenPolicies(t)
	count := map[string]int{}
	for _, p := range all {
		count[p.RulesDocumented]++
		count[strings.Fields(p.Assignable)[0]]++
		if p.ARN != PolicyARN("aws", p.Name) || p.Source == "" {
			t.Errorf("%s: ARN %q, source %q", p.Name, p.ARN, p.Source)
		}
		if known := p.RulesDocumented == "table"; known != (len(p.Rules) > 0) {
			t.Errorf("%s: %s, and %d rules", p.Name, p.RulesDocumented, len(p.Rules))
		}
		ours, ok := PolicyNamed(p.ARN)
		if !ok || ours.Known() != (p.RulesDocumented == "table") || ours.ByCustomer() != strings.HasPrefix(p.Assignable, "customer") {
			t.Errorf("%s: we have %+v, %v", p.Name, ours, ok)
		}
		for _, r := range p.Rules {
			if onURLs := len(r.NonResourceURLs) > 0; len(r.Verbs) == 0 || onURLs == (len(r.Resources) > 0) || onURLs == (len(r.APIGroups) > 0) {
				t.Errorf("%s: the rule %+v is about neither resources nor URLs, or about both", p.Name, r)
			}
		}
	}
	want := map[string]int{"table": 16, "prose": 10, "none": 13, "customer": 12, "service-linked-role-only": 7, "aws-managed": 9, "unknown": 11}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", count, want)
	}
	if names := PolicyNames(); len(names) != len(all) || !slices.IsSorted(names) {
		t.Errorf("%d names for %d policies", len(names), len(all))
	}
}

// says is upstream's word on one request: the rules, of which Covers takes each for
// itself, and the request as a rule.
func (p writtenPolicy) says(q Request) (yes, limited bool) {
	asked := rbacv1.PolicyRule{Verbs: []string{q.Verb}, NonResourceURLs: []string{q.URL}}
	if q.URL == "" {
		resource := q.Resource
		if q.Subresource != "" {
			resource += "/" + q.Subresource
		}
		asked = rbacv1.PolicyRule{Verbs: []string{q.Verb}, APIGroups: []string{q.Group}, Resources: []string{resource}}
		if q.Name != "" {
			asked.ResourceNames = []string{q.Name}
		}
	}
	for _, r := range p.Rules {
		if covers, _ := validation.Covers([]rbacv1.PolicyRule{r.PolicyRule}, []rbacv1.PolicyRule{asked}); covers {
			yes, limited = yes || r.Restriction == "", true
		}
	}
	return yes, limited && !yes
}

// requests are questions about a policy: one for each verb, group, resource and URL
// of its rules, and of another policy's, with stars made into names.
func (p writtenPolicy) requests(other writtenPolicy) (out []Request) {
	one := func(s, instead string) string { return strings.ReplaceAll(s, "*", instead) }
	for _, r := range append(slices.Clone(p.Rules), other.Rules...) {
		for _, verb := range append(slices.Clone(r.Verbs), "impersonate") {
			for _, u := range r.NonResourceURLs {
				out = append(out, Request{Verb: one(verb, "post"), URL: "/" + strings.TrimPrefix(one(u, "sub/path"), "/")})
			}
			for _, group := range r.APIGroups {
				for _, full := range r.Resources {
					resource, sub, _ := strings.Cut(one(full, "widgets"), "/")
					out = append(out, Request{Verb: one(verb, "deletecollection"), Group: one(group, "example.com"), Resource: resource, Subresource: sub})
				}
			}
		}
	}
	return append(out, Request{Verb: "get", URL: "/metrics"}, Request{Verb: "get", Resource: "nodes"}, Request{Verb: "list", Resource: "secrets"},
		Request{Verb: "get", Resource: "namespaces", Name: "carts"}, Request{Verb: "create", Resource: "pods", Subresource: "exec", Name: "p"})
}

// policyScopes are the scopes of an association, each with the places where it counts
// and where it does not. dev-1 exists, dev-new and future do not.
var policyScopes = map[string]struct {
	scope   []string
	in, out []string
}{
	"the cluster":           {nil, []string{"", "carts", "kube-system", "dev-1", "dev-new"}, nil},
	"one namespace":         {[]string{"carts"}, []string{"carts"}, []string{"", "cart", "carts2", "catalog"}},
	"one that is not there": {[]string{"future"}, []string{"future"}, []string{"", "carts", "futures"}},
	"a wildcard":            {[]string{"dev-*"}, []string{"dev-1", "dev-new", "dev-"}, []string{"", "dev", "xdev-1", "carts"}},
	"several":               {[]string{"carts", "dev-*", "team-a-*"}, []string{"carts", "dev-new", "team-a-1"}, []string{"", "team-b-1", "catalog"}},
	"everything":            {[]string{"*"}, []string{"carts", "dev-new"}, []string{""}},
}

func policyWorld(t testing.TB, name string, scope []string) (*Index, Row) {
	t.Helper()
	who := role("holder")
	ix := NewIndex(s3(t, Namespace{In: kubeR, Name: "dev-1"}, entry(who, ""), policy(who, name, scope...), iamRole(t, who)))
	r, ok := ix.Row(principal(t, who))
	if !ok {
		t.Fatal("no row")
	}
	return ix, r
}

// TestLawPolicies: each documented policy, under each kind of scope, gives in each
// place what its rules say there and nothing anywhere else; URLs and what is not in
// a namespace need the scope of the cluster.
func TestLawPolicies(t *testing.T) {
	all := writtenPolicies(t)
	asked, allowed, open := 0, 0, 0
	random := rand.New(rand.NewPCG(1, 1))
	for _, p := range all {
		if p.RulesDocumented != "table" {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(policyScopes)) {
			s := policyScopes[name]
			ix, r := policyWorld(t, p.Name, s.scope)
			m, _ := r.Active()
			for _, q := range p.requests(all[random.IntN(len(all))]) {
				yes, limited := p.says(q)
				for i, ns := range append(slices.Clone(s.in), s.out...) {
					q.Namespace = ns
					got, why, unknown := ix.Can(m, q)
					within := i < len(s.in) && (q.URL == "" || s.scope == nil)
					asked++
					switch {
					case limited && within: // to which objects, the table does not say
						want := []Gap{{Realm: eksR, Kind: PolicyKind, Name: p.Name, Why: Undocumented}}
						if a := ix.Ask(r, q); got || !slices.Equal(unknown, want) || a.Verdict != Unknown {
							t.Fatalf("%s in %s, %+v: %v, %v, %s", p.Name, name, q, got, unknown, a.Verdict)
						}
						if !slices.ContainsFunc(ix.WhoCan(q), func(a Answer) bool { return a.Row.Principal.ID() == r.Principal.ID() }) {
							t.Fatalf("%s in %s, %+v: who-can does not list it", p.Name, name, q)
						}
						open++
					case got != (yes && within):
						t.Fatalf("%s in %s, %+v: %v", p.Name, name, q, got)
					case len(unknown) > 0:
						t.Fatalf("%s in %s, %+v: a documented policy leaves %v open", p.Name, name, q, unknown)
					case got && (len(why) != 2 || why[1].Kind != AssociationKind):
						t.Fatalf("%s in %s, %+v: because of %v", p.Name, name, q, why)
					}
					if got {
						allowed++
					}
				}
			}
		}
	}
	t.Logf("%d requests, %d of them allowed, %d open", asked, allowed, open)
	if open == 0 || allowed < 1000 || asked-allowed < 1000 {
		t.Error("too few of one kind: this shows nothing")
	}
}

// TestLawPolicyGrantsSayWhere: a grant by a wildcard names it, so that a namespace
// which is not there yet can be said as such; scopes list what is there, and names.
func TestLawPolicyGrantsSayWhere(t *testing.T) {
	ix, r := policyWorld(t, ViewPolicy, []string{"dev-*", "future"})
	m, _ := r.Active()
	for ns, pattern := range map[string]string{"dev-1": "dev-*", "dev-new": "dev-*", "future": "future"} {
		gs := ix.Grants(m, ns)
		i := slices.IndexFunc(gs, func(g Grant) bool { return g.Policy == ViewPolicy })
		if i < 0 || gs[i].Pattern != pattern || ix.Cell(r, ns).Level != View {
			t.Errorf("%s: level %s by %+v", ns, ix.Cell(r, ns).Level, gs)
		}
	}
	if got := strings.Join(ix.Scopes(m), " "); got != "dev-1 future" {
		t.Errorf("scopes %q", got)
	}
	if c := ix.Cell(r, ""); c.Level != None || len(c.Unknown) > 0 {
		t.Errorf("the cluster: %+v", c)
	}
	for _, reach := range ix.WhoCanAnywhere(Request{Verb: "list", Resource: "pods"}) {
		if reach.Row.Principal.ID() == r.Principal.ID() && (reach.Verdict != Yes || strings.Join(reach.Places.Names(), " ") != "dev-1 future" || strings.Join(reach.Patterns, " ") != "dev-*") {
			t.Errorf("who-can: %+v", reach)
		}
	}
}

// TestLawUnknownPolicies: a policy that AWS describes in prose or not at all, or that
// is newer than the table, makes every cell and answer in its scope unknown, by its
// name and with the reason; none and no are said outside only.
func TestLawUnknownPolicies(t *testing.T) {
	names := []string{"AmazonEKSPolicyOfTomorrow"}
	for _, p := range writtenPolicies(t) {
		if p.RulesDocumented != "table" {
			names = append(names, p.Name)
		}
	}
	questions := []Request{{Verb: "list", Resource: "pods"}, {Verb: "get", Resource: "secrets", Name: "s"}, {Verb: "delete", Group: "example.com", Resource: "widgets", Subresource: "scale"}, {Verb: "get", URL: "/metrics"}}
	for _, policy := range names {
		for name, s := range policyScopes {
			ix, r := policyWorld(t, policy, s.scope)
			m, _ := r.Active()
			want := Gap{Realm: eksR, Kind: PolicyKind, Name: policy, Why: Undocumented}
			for i, ns := range append(slices.Clone(s.in), s.out...) {
				within := i < len(s.in)
				c := ix.Cell(r, ns)
				if !c.InForce || slices.Contains(c.Unknown, want) != within || len(c.Unknown) > 1 {
					t.Fatalf("%s in %s: the cell of %q is %+v", policy, name, ns, c)
				}
				for _, q := range questions {
					if q.URL != "" && ns != "" {
						continue // a URL is in no namespace
					}
					q.Namespace = ns
					yes, _, unknown := ix.Can(m, q)
					if yes || slices.Contains(unknown, want) != within || len(unknown) > 1 {
						t.Fatalf("%s in %s, %+v: %v, %v", policy, name, q, yes, unknown)
					}
					verdict := pick(within, Unknown, No)
					if a := ix.Ask(r, q); a.Verdict != verdict {
						t.Fatalf("%s in %s, %+v: %s", policy, name, q, a.Verdict)
					}
					listed := slices.ContainsFunc(ix.WhoCan(q), func(a Answer) bool { return a.Row.Principal.ID() == r.Principal.ID() && a.Verdict == Unknown })
					if listed != within {
						t.Fatalf("%s in %s, %+v: who-can lists it as unknown: %v", policy, name, q, listed)
					}
				}
			}
		}
	}
}

// TestKnownBesideUnknown: what another policy or a binding gives is a plain yes still.
func TestKnownBesideUnknown(t *testing.T) {
	who := role("holder")
	ix := NewIndex(s3(t, entry(who, "", "devs"), policy(who, "AmazonEMRJobPolicy", "carts"), policy(who, ViewPolicy, "carts"), binding("carts", "b", "ClusterRole", "edit", "Group:devs")))
	r, _ := ix.Row(principal(t, who))
	m, _ := r.Active()
	if yes, _, _ := ix.Can(m, Request{Verb: "list", Resource: "pods", Namespace: "carts"}); !yes {
		t.Error("the view policy does not count")
	}
	if c := ix.Cell(r, "carts"); c.Level != Edit || len(c.Unknown) != 1 {
		t.Errorf("at least edit, and one policy unknown: %+v", c)
	}
}
