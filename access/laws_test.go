package access

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// randomWorld draws a cluster around S3: aws-auth items of every sort, entries,
// policies and bindings among few names, so that they meet.
func randomWorld(t testing.TB, r *rand.Rand) Snapshot {
	t.Helper()
	groups := []string{"devs", "ops", "system:masters", "system:developers", "viewers"}
	roles := []string{"view", "edit", "admin", "cluster-admin", "nope"}
	spaces := []string{"carts", "catalog", "default"}
	policies := []string{ViewPolicy, EditPolicy, AdminPolicy, ClusterAdminPolicy, "AmazonEKSEventPolicy"}
	users := []string{"", "alice", "system:bob", "aws:carl", "dave{{SessionName}}", "ed:{{SessionName}}"}
	one := func(in []string) string { return in[r.IntN(len(in))] }
	var os []Object
	var items strings.Builder
	for i := range 2 + r.IntN(6) {
		arn := role(fmt.Sprintf("r%d", r.IntN(5)))
		if r.IntN(8) == 0 {
			arn = role("path/" + fmt.Sprintf("r%d", i))
		}
		fmt.Fprintf(&items, "- rolearn: %s # item %d\n", arn, i)
		if u := one(users); u != "" {
			fmt.Fprintf(&items, "  username: %q\n", u)
		}
		fmt.Fprintf(&items, "  groups: [%q, %q]\n", one(groups), one(groups))
	}
	os = append(os, authMap(s3Roles+items.String(), "[]\n"))
	for i := range 5 {
		arn := role(fmt.Sprintf("r%d", i))
		if r.IntN(6) > 0 {
			os = append(os, iamRole(t, arn))
		}
		if r.IntN(3) == 0 {
			os = append(os, entry(arn, "", "devs"))
			os = append(os, policy(arn, one(policies), one(spaces)))
		}
	}
	for i := range r.IntN(8) {
		ns := one(append(spaces, ""))
		who := one([]string{"Group:devs", "Group:ops", "Group:system:developers", "User:alice", "User:system:bob", "User:aws:carl", "User:daveXy", "User:ed:Xy", "User:ed:Zz"})
		os = append(os, binding(ns, fmt.Sprintf("b%d", i), "ClusterRole", one(roles), who))
	}
	s := s3(t, os...)
	if r.IntN(4) == 0 {
		s.Objects = s.Objects.With(AuthMode{eksR, ConfigMapMode})
		for o := range s.Objects.All() {
			if k := o.Key().Kind; k == EntryKind || k == AssociationKind {
				s = without(s, o.Key())
			}
		}
		s.Caller.Identity = Identity{User: "kubernetes-admin", Groups: []string{Masters}} // its hidden creator
	}
	return s
}

func forWorlds(t *testing.T, n int, law func(t *testing.T, s Snapshot, p Plan)) {
	t.Helper()
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		s := randomWorld(t, r)
		p, err := Build(s, Migrate{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { law(t, s, p) })
	}
}

// Whoever may do something before and after may do it at every moment between. The
// judge here is Can, request by request, not the rule comparison Guard uses.
func TestLawNobodyIsLockedOut(t *testing.T) {
	var asked []Request
	for _, ns := range []string{"", "carts", "catalog"} {
		for _, verb := range []string{"get", "create", "delete"} {
			for _, res := range []string{"pods", "deployments", "nodes", "secrets"} {
				asked = append(asked, Request{Verb: verb, Group: pick(res == "deployments", "apps", ""), Resource: res, Namespace: ns})
			}
		}
	}
	forWorlds(t, 60, func(t *testing.T, s Snapshot, p Plan) {
		if p.Refused() {
			t.Fatalf("migrate plans what its own guard refuses: %+v", p.Findings)
		}
		may := func(s Snapshot) map[string]map[Request]bool {
			ix := NewIndex(s)
			out := map[string]map[Request]bool{}
			for _, r := range ix.Rows() {
				m, ok := r.Active()
				if !ok || m.Source == FromCreator {
					continue
				}
				out[r.Principal.ID()] = map[Request]bool{}
				for _, q := range asked {
					yes, _, _ := ix.Can(m, q)
					out[r.Principal.ID()][q] = yes
				}
			}
			return out
		}
		before, after := may(s), may(Project(s, p.Steps...))
		for n := range p.Steps {
			now := may(Project(s, p.Steps[:n+1]...))
			for id, had := range before {
				for q, yes := range had {
					if yes != after[id][q] && s.Mode() == BothMode {
						t.Errorf("%s may %v: %v before, %v after a migration", id, q, yes, after[id][q])
					}
					if yes && after[id][q] && !now[id][q] {
						t.Errorf("after step %d %s may not %v\n%s", n+1, id, q, signs(p))
					}
				}
			}
		}
	})
}

func TestLawUndoOfDoIsIdentity(t *testing.T) {
	forWorlds(t, 50, func(t *testing.T, s Snapshot, p Plan) {
		back, err := Inverse(p.Steps)
		if err != nil && s.Mode() == BothMode {
			t.Fatal(err)
		}
		was := Project(Project(s, p.Steps...), back...)
		for o := range s.Objects.All() {
			k := o.Key()
			if k.Kind != AuthModeKind && !Same(o, was.Objects.At(k)) {
				t.Errorf("%v is %v, was %v", k, was.Objects.At(k), o)
			}
		}
		if was.Objects.Len() != s.Objects.Len() {
			t.Errorf("%d objects, were %d", was.Objects.Len(), s.Objects.Len())
		}
	})
}

func TestLawMigratedIsMigrated(t *testing.T) {
	forWorlds(t, 50, func(t *testing.T, s Snapshot, p Plan) {
		again, err := Build(Project(s, p.Steps...), Migrate{})
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Steps) > 0 {
			t.Errorf("a second migration has steps:\n%s", signs(again))
		}
	})
}

func TestLawPlanSurvivesItsFile(t *testing.T) {
	forWorlds(t, 40, func(t *testing.T, s Snapshot, p Plan) {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Plan
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(text) || back.Digest() != p.Digest() {
			t.Errorf("%v: the file changed on its way\n%s", err, cmp.Diff(string(text), string(again)))
		}
	})
}

func TestLawStepsOnOneKeyAreAChain(t *testing.T) {
	forWorlds(t, 60, func(t *testing.T, s Snapshot, p Plan) {
		now := s.Objects
		for i, st := range p.Steps {
			if !Same(st.Before, now.At(st.Key())) {
				t.Errorf("step %d starts from %v, the world has %v", i+1, st.Before, now.At(st.Key()))
			}
			now = Project(Snapshot{Objects: now}, st).Objects
		}
	})
}

func TestLawSameInputSamePlanAndNothingIsMutated(t *testing.T) {
	for seed := range 40 {
		s := randomWorld(t, rand.New(rand.NewPCG(uint64(seed), 7)))
		before := map[Key]string{}
		for o := range s.Objects.All() {
			k := o.Key()
			before[k] = fmt.Sprintf("%#v", o)
		}
		a, b := build(t, s, Migrate{}), build(t, s, Migrate{})
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if !slices.Equal(x, y) {
			t.Errorf("seed %d: two plans of one world", seed)
		}
		Compare(NewIndex(s), NewIndex(Project(s, a.Steps...)))
		for o := range s.Objects.All() {
			k := o.Key()
			if before[k] != fmt.Sprintf("%#v", o) {
				t.Errorf("seed %d: %v was mutated", seed, k)
			}
		}
	}
}

func TestEditedPlanFileIsRefused(t *testing.T) {
	text, err := json.Marshal(build(t, s3(t), Migrate{}))
	if err != nil {
		t.Fatal(err)
	}
	var p Plan
	if err := json.Unmarshal([]byte(strings.Replace(string(text), "cluster-admin", "somebody", 1)), &p); err == nil {
		t.Error("an edited plan was accepted")
	}
	if err := json.Unmarshal([]byte(`{"kind":"List"}`), &p); err == nil {
		t.Error("another kind was accepted")
	}
}

func TestPolicyTableIsReadable(t *testing.T) {
	for _, n := range PolicyNames() {
		p, _ := PolicyNamed(n)
		if p.Known() == (len(p.Rules) == 0) {
			t.Errorf("%s: rules documented as %q, %d rules", n, p.Documented, len(p.Rules))
		}
	}
	if !reflect.DeepEqual(PolicyName(PolicyARN("aws-cn", ViewPolicy)), ViewPolicy) {
		t.Error("the name is the last part of the ARN")
	}
}
