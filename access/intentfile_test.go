package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// every is one intent of each kind with all it can hold.
func every(t testing.TB) []Intent {
	who := principal(t, role("team/dev"))
	return []Intent{
		Migrate{}, Migrate{Principals: []Principal{who, principal(t, "arn:aws:iam::"+account+":user/eve")}, To: APIMode},
		GrantAccess{Principal: who, Level: Edit, Namespaces: []string{"carts", "cat*"}, Via: ViaEntry, Username: "dev:{{SessionName}}", Groups: []string{"a", "b\nc"}},
		GrantAccess{Principal: who, Role: "deployer", RoleObject: &s1Role, Namespaces: []string{"fresh"}, CreateNamespaces: true},
		GrantAccess{Principal: who, Policy: ViewPolicy}, GrantAccess{Principal: who, ClusterRole: "view"},
		RevokeAccess{Principal: who, Subjects: true}, RevokeAccess{Principal: who, Policy: ViewPolicy, Namespaces: []string{"carts"}},
		RevokeAccess{Principal: who, ClusterRole: "view"}, RevokeAccess{Principal: who, Role: "r", Namespaces: []string{"ui"}},
		ChangeIdentity{Principal: who, Username: "new", Add: []string{"x"}, Drop: []string{"y"}}, SwitchMode{To: APIMode},
		Migrate{Principals: []Principal{who}, NodeType: "EC2_LINUX"}, Migrate{Principals: []Principal{who}, Subjects: true},
		ChangeScope{Principal: who, Policy: ViewPolicy, Namespaces: []string{"carts"}}, ChangeType{Principal: who, Type: "EC2_LINUX"}, Remake{who},
		MakeRole{Role: s1Role, Namespaces: []string{"carts"}, CreateNamespaces: true}, MakeRole{Role: clusterRole("reader", rule("get", "", "pods"))},
		BindRole{Groups: []string{"devs"}, Users: []string{"ann"}, ClusterRole: "view", Namespaces: []string{"carts"}, CreateNamespaces: true},
		BindRole{Groups: []string{"devs"}, Role: "r", RoleObject: &s1Role, Namespaces: []string{"carts"}}, MakeNamespaces{[]string{"fresh"}},
	}
}

func TestIntentsSurviveTheirFile(t *testing.T) {
	all := every(t)
	for seed := range uint64(200) {
		all = append(all, wishes(t, rand.New(rand.NewPCG(seed, 3)))...)
	}
	text, err := json.Marshal(Plan{Steps: []Step{}, From: all})
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, back.From); diff != "" {
		t.Error(diff)
	}
}

// A plan of an earlier release has no intents, one of a later release may have some that
// we don't know: both are read, applied and taken back, and can't be made again.
func TestPlansWithoutIntentsAreRead(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{}, GrantAccess{Principal: principal(t, role("platform-admin")), ClusterRole: "view"})
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(){
		"an earlier release": func() { delete(tree, "from") },
		"a later release":    func() { tree["from"] = []any{map[string]any{"kind": "migrate"}, map[string]any{"kind": "borrow"}} },
	} {
		change()
		text, _ := json.Marshal(tree)
		var back Plan
		if err := json.Unmarshal(text, &back); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if back.Digest() != p.Digest() || len(back.From) != 0 || !cmp.Equal(back.Intents, p.Intents) {
			t.Errorf("%s: digest %s, from %v, intents %v", name, back.Digest(), back.From, back.Intents)
		}
		if _, err := Replan(s, back); !errors.Is(err, ErrNoIntents) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	for _, damaged := range []string{`[{"kind":"grant"}]`, `[{"kind":"revoke","principals":[{},{}]}]`, `[{"kind":"grant","level":"most"}]`, `[7]`} {
		tree["from"] = json.RawMessage(damaged)
		text, _ := json.Marshal(tree)
		if err := json.Unmarshal(text, new(Plan)); err == nil || strings.Contains(err.Error(), "not known") {
			t.Errorf("%s was read: %v", damaged, err)
		}
	}
}

// What a newer release writes and we don't know is named, wherever it stands: without it
// the plan would be another one.
func TestUnknownFieldsOfAPlanAreErrors(t *testing.T) {
	p := build(t, s3(t), Migrate{}, GrantAccess{Principal: principal(t, role("platform-admin")), ClusterRole: "view", Namespaces: []string{"carts"}})
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	var walk func(at string, v any, visit func(string, map[string]any))
	walk = func(at string, v any, visit func(string, map[string]any)) {
		switch v := v.(type) {
		case map[string]any:
			visit(at, v)
			for k, child := range v {
				walk(at+"."+k, child, visit)
			}
		case []any:
			for i, child := range v {
				walk(fmt.Sprintf("%s[%d]", at, i), child, visit)
			}
		}
	}
	free := regexp.MustCompile(`\.(data|labels|annotations|tags)$`) // people choose the names in these
	tree := func() (out any) {
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	walk("", tree(), func(at string, _ map[string]any) {
		if !free.MatchString(at) {
			places = append(places, at)
		}
	})
	if len(places) < 30 {
		t.Fatalf("only %d objects in the file", len(places))
	}
	for _, place := range places {
		doc := tree()
		walk("", doc, func(at string, m map[string]any) {
			if at == place {
				m["sidewise"] = true
			}
		})
		text, _ := json.Marshal(doc)
		if err := json.Unmarshal(text, new(Plan)); err == nil || !strings.Contains(err.Error(), `the field "sidewise" is not known here; a newer release may know it`) {
			t.Errorf("a field at %q: %v", place, err)
		}
	}
}
