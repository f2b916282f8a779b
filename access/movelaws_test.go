package access

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	draws    = flag.Int("moves", 150, "how many random plans of all kinds of change are held to the law at every prefix")
	drawSeed = flag.Uint64("moves-seed", 0, "where their random numbers begin; a failure names the number to give here, with -moves 1")
)

// moreWishes draws changes of the kinds that wishes does not.
func moreWishes(t testing.TB, r *rand.Rand) (out []Intent) {
	one := func(in ...string) string { return in[r.IntN(len(in))] }
	who := func() Principal { return principal(t, role(fmt.Sprintf("r%d", r.IntN(5)))) }
	spaces := func() []string { return [][]string{{"carts"}, {"carts", "catalog"}, {"fresh"}}[r.IntN(3)] }
	for range 1 + r.IntN(2) {
		switch r.IntN(9) {
		case 0:
			out = append(out, ChangeScope{who(), one(ViewPolicy, EditPolicy, AdminPolicy, ClusterAdminPolicy), [][]string{nil, {"carts"}, {"catalog", "default"}}[r.IntN(3)]})
		case 1:
			out = append(out, ChangeType{pick(r.IntN(2) == 0, who(), principal(t, role(nodeName))), one("EC2_LINUX", "EC2_WINDOWS", "HYBRID_LINUX")})
		case 2:
			out = append(out, pick[Intent](r.IntN(2) == 0, Remake{who()}, GrantAccess{Principal: who(), Policy: one(ViewPolicy, EditPolicy), Namespaces: spaces(), CreateNamespaces: true}))
		case 3:
			out = append(out, Migrate{Principals: []Principal{principal(t, role(nodeName))}, NodeType: "EC2_LINUX"})
		case 4, 5:
			out = append(out, Migrate{Subjects: true, To: Mode(one("", string(APIMode)))})
		case 6:
			out = append(out, MakeRole{Role: Role{Name: one("deployer", "nope"), Rules: []Rule{rule(one("get", "get,list,watch"), "apps", "deployments")}}, Namespaces: spaces(), CreateNamespaces: true})
		case 7:
			out = append(out, BindRole{Groups: []string{one("devs", "ops", "testers")}, Users: [][]string{nil, {"alice"}, {"ed:Zz"}}[r.IntN(3)], ClusterRole: one("view", "edit", "admin"), Namespaces: spaces(), CreateNamespaces: true})
		default:
			out = append(out, MakeNamespaces{[]string{"fresh"}})
		}
	}
	return out
}

// worldOfMoves is a random world in which some entries are dead, some of nodes.
func worldOfMoves(t testing.TB, r *rand.Rand) Snapshot {
	s := randomWorld(t, r)
	if !s.Mode().Entries() {
		return s
	}
	for i := range 5 {
		arn := role(fmt.Sprintf("r%d", i))
		switch fact := iamRole(t, arn); r.IntN(5) {
		case 0:
			fact.Created = began.AddDate(0, 1, 0)
			s.Objects = s.Objects.With(fact, entry(arn, "", "devs"), policy(arn, ViewPolicy, "carts"))
		case 1:
			s.Objects = s.Objects.With(nodeOf(arn, []string{"EC2_LINUX", "FARGATE_LINUX"}[r.IntN(2)]))
		}
	}
	if r.IntN(3) == 0 {
		s.Objects = s.Objects.With(nodeOf(role(nodeName), "EC2_LINUX"))
	}
	return s
}

// Whatever is asked for, in whatever world: each plan that may run keeps the law at every
// prefix, is taken back from every prefix, and what is left of it can be told.
func TestLawMoves(t *testing.T) {
	made, said := 0, map[Code]int{}
	for seed := *drawSeed; made < *draws; seed++ {
		if seed > *drawSeed+40*uint64(*draws) {
			t.Fatalf("only %d wishes can be planned", made)
		}
		r := rand.New(rand.NewPCG(seed, 31))
		s := worldOfMoves(t, r)
		in := moreWishes(t, r)
		if r.IntN(3) == 0 {
			in = append(in, wishes(t, r)...)
		}
		p, err := Build(s, in...)
		if err != nil || p.Refused() || len(p.Steps) == 0 {
			continue
		}
		made++
		for _, c := range p.Confirms() {
			said[c]++
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			lawful(t, s, p, windows(p)...)
			undoable(t, s, p, slices.Contains(p.Confirms(), NodeWindow))
			for n := range p.Steps {
				if left, err := Remaining(Project(s, p.Steps[:n]...), p.Steps); err != nil || len(left) < len(p.Steps)-n {
					t.Errorf("after %d of %d steps %d are said to be left (%v)", n, len(p.Steps), len(left), err)
				}
			}
			resumable(t, s, p)
			if t.Failed() {
				t.Logf("%v\n%s\n%s", p.Intents, signs(p), codes(p.Findings))
			}
		})
	}
	t.Logf("%d plans; asked for: %v", made, said)
}

// windows are the principals whom a plan says to leave without rights for a moment.
func windows(p Plan) []string {
	var out []string
	for _, f := range p.Findings {
		if f.Code == NoBridge || f.Code == NodeWindow || f.Code == LeftInMap {
			out = append(out, f.Args[0])
		}
	}
	return out
}

// mayNow is what a person may do, place by place: the judge of moves is Can, not the
// comparison of rules that Guard makes.
func mayNow(t testing.TB, s Snapshot, places []string) map[string]map[Request]bool {
	t.Helper()
	ix, out := NewIndex(s), map[string]map[Request]bool{}
	for _, r := range ix.Rows() {
		m, ok := r.mapping()
		if !ok || m.Source == FromCreator {
			continue
		}
		may := map[Request]bool{}
		for _, ns := range places {
			for _, verb := range []string{"get", "create", "delete"} {
				for _, res := range []string{"pods", "deployments", "secrets", "nodes"} {
					q := Request{Verb: verb, Group: pick(res == "deployments", "apps", ""), Resource: res, Namespace: ns}
					may[q], _, _ = ix.Can(m, q)
				}
			}
		}
		out[r.Principal.ID()] = may
	}
	return out
}

// lawful holds every prefix of a plan to the law: who may do something before and after
// may do it in between, and nobody may do more than before and after together. What must
// hold first does, at that prefix, and what shall hold in the end does.
func lawful(t *testing.T, s Snapshot, p Plan, windows ...string) {
	t.Helper()
	let := map[string]bool{}
	for _, arn := range windows {
		let[principal(t, arn).ID()] = true
	}
	end := Project(s, p.Steps...)
	places := set(slices.Concat([]string{"", "of nobody"}, namespaceNames(s), namespaceNames(end)))
	before, after := mayNow(t, s, places), mayNow(t, end, places)
	for n := range p.Steps {
		at := Project(s, p.Steps[:n]...)
		for _, e := range p.Steps[n].First {
			if e.Object != nil && !Same(e.Object, at.Objects.At(e.Object.Key())) {
				t.Errorf("step %d waits for what never comes: %v", n+1, e.Object)
			}
		}
		if st := p.Steps[n]; takes(st) && !st.Settle {
			t.Errorf("step %d takes something away at once", n+1)
		}
		now := mayNow(t, Project(at, p.Steps[n]), places)
		for id := range mergedKeys(before, now, after) {
			for q := range mergedKeys(before[id], now[id], after[id]) {
				kept, had := before[id][q] && after[id][q], before[id][q] || after[id][q]
				if kept && !now[id][q] && !let[id] {
					t.Errorf("after step %d %s may not %v", n+1, id, q)
				}
				if now[id][q] && !had {
					t.Errorf("after step %d %s may %v, as neither before nor after", n+1, id, q)
				}
			}
		}
	}
	for _, e := range p.Expect {
		if e.Object != nil && !Same(e.Object, end.Objects.At(e.Object.Key())) {
			t.Errorf("in the end %v is expected, and there is %v", e.Object, end.Objects.At(e.Object.Key()))
		}
		if m := NewIndex(end).inForce(e.Principal.ID()); e.Object == nil && m.State == Active {
			if yes, _, _ := NewIndex(end).Can(m, e.Request); yes != e.Want {
				t.Errorf("in the end %s is asked for %v, and it is %v", e.Principal, e, yes)
			}
		}
	}
}

func mergedKeys[K comparable, V any](ms ...map[K]V) map[K]bool {
	out := map[K]bool{}
	for _, m := range ms {
		for k := range m {
			out[k] = true
		}
	}
	return out
}

// undoable takes a plan back from every prefix: the world is as it was, but for the mode
// and dead entries, and no guard stands against it; but nodes are not shut out again.
func undoable(t *testing.T, s Snapshot, p Plan, stays bool) {
	t.Helper()
	for n := range len(p.Steps) + 1 {
		at := Project(s, p.Steps[:n]...)
		back, err := Inverse(p.Steps[:n])
		if errors.Is(err, ErrOneWay) {
			continue
		}
		undo, err := BuildSteps(at, back)
		if slices.Equal(undo.Refusals(), []Code{NodesLose}) && stays {
			continue
		}
		if err != nil || undo.Refused() {
			t.Errorf("undo after %d steps: %v %s", n, err, codes(undo.Findings))
			continue
		}
		was := Project(at, undo.Steps...)
		for k := range mergedKeys(keyed(s), keyed(was)) {
			if dead := slices.ContainsFunc(p.Steps, func(st Step) bool { return st.Why == WhyDead && st.Key() == k }); !dead && !Same(s.Objects.At(k), was.Objects.At(k)) {
				t.Errorf("undo after %d steps leaves %v, want %v", n, was.Objects.At(k), s.Objects.At(k))
			}
		}
	}
}

// resumable goes on from every prefix, where what is left can be told, and makes the plan
// anew from there: it ends where the plan does.
func resumable(t *testing.T, s Snapshot, p Plan) {
	t.Helper()
	whole := Project(s, p.Steps...)
	for n := range p.Steps {
		at := Project(s, p.Steps[:n]...)
		if left, err := Remaining(at, p.Steps); err != nil || len(left) != len(p.Steps)-n {
			t.Errorf("after %d of %d steps %d are said to be left (%v)", n, len(p.Steps), len(left), err)
		}
		again, err := Replan(at, p)
		if err != nil || again.Refused() {
			t.Errorf("made anew after %d steps: %v %s", n, err, codes(again.Findings))
			continue
		}
		if diff := unlike(whole.Objects, Project(at, again.Steps...).Objects); len(diff) > 0 {
			t.Errorf("made anew after %d steps it leaves %v", n, diff)
		}
	}
}

func keyed(s Snapshot) map[Key]bool {
	out := map[Key]bool{}
	for o := range s.Objects.All() {
		out[o.Key()] = true
	}
	return out
}
