package access

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

var (
	replans    = flag.Int("replans", 40, "how many random plans TestLawReplan... are cut off everywhere and made anew")
	replanSeed = flag.Uint64("replan-seed", 0, "where their random numbers begin; a failure names the number to give here, with -replans 1")
)

const nodeRole = "arn:aws:iam::" + account + ":role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"

// wishes draws what somebody may want of a random world: one to three intents, none of
// which gives to whom another one takes from.
func wishes(t testing.TB, r *rand.Rand) []Intent {
	one := func(in ...string) string { return in[r.IntN(len(in))] }
	who := func() Principal { return principal(t, role(fmt.Sprintf("r%d", r.IntN(4)))) }
	loser := func() Principal { return principal(t, role(fmt.Sprintf("r%d", 4+r.IntN(2)))) }
	spaces := func() []string {
		return [][]string{nil, {"carts"}, {"carts", "catalog"}, {"fresh"}}[r.IntN(4)]
	}
	var out []Intent
	for range 1 + r.IntN(3) {
		switch r.IntN(15) {
		case 9:
			out = append(out, Migrate{Subjects: true})
		case 10:
			out = append(out, Migrate{Principals: []Principal{principal(t, nodeRole)}, NodeType: "EC2_LINUX"})
		case 11:
			out = append(out, ChangeScope{Principal: who(), Policy: one(ViewPolicy, EditPolicy), Namespaces: spaces()})
		case 12:
			out = append(out, MakeRole{Role: Role{Name: one("deployer", "fresh"), Rules: s1Role.Rules}, Namespaces: spaces(), CreateNamespaces: true})
		case 13:
			out = append(out, BindRole{Groups: []string{one("devs", "testers")}, Users: []string{one("zoe", "alice")}, ClusterRole: one("view", "edit"), Namespaces: spaces(), CreateNamespaces: true})
		case 14:
			out = append(out, MakeNamespaces{[]string{"fresh", one("carts", "other")}}, Remake{who()})
		case 0, 1:
			out = append(out, Migrate{To: Mode(one(string(BothMode), "", string(APIMode)))})
		case 2:
			out = append(out, Migrate{Principals: []Principal{who(), who()}, To: Mode(one(string(BothMode), string(APIMode)))})
		case 3:
			out = append(out, GrantAccess{Principal: who(), Level: View + Level(r.IntN(4)), Namespaces: spaces(), CreateNamespaces: true, Via: Via(one("", "auto", "access-entry", "aws-auth"))})
		case 4:
			out = append(out, GrantAccess{Principal: who(), ClusterRole: one("view", "edit"), Namespaces: spaces(), CreateNamespaces: true, Username: one("", "zoe"), Groups: [][]string{nil, {"testers"}}[r.IntN(2)]})
		case 5:
			out = append(out, GrantAccess{Principal: who(), Role: "deployer", RoleObject: &s1Role, Namespaces: []string{one("carts", "fresh")}, CreateNamespaces: true})
		case 6:
			out = append(out, RevokeAccess{Principal: loser(), Subjects: r.IntN(2) == 0})
		case 7:
			out = append(out, RevokeAccess{Principal: loser(), Policy: one(ViewPolicy, EditPolicy), Namespaces: [][]string{nil, {"carts"}}[r.IntN(2)]},
				RevokeAccess{Principal: loser(), ClusterRole: one("view", "edit", "admin")})
		default:
			out = append(out, ChangeIdentity{Principal: who(), Username: one("", "new-name"), Add: []string{"added"}, Drop: [][]string{nil, {"devs"}}[r.IntN(2)]})
		}
	}
	// Under which names nobody else arrives is another question when others have moved on.
	if slices.ContainsFunc(out, func(in Intent) bool { _, moves := in.(Migrate); return moves }) {
		for i, in := range out {
			if rv, ok := in.(RevokeAccess); ok {
				rv.Subjects = false
				out[i] = rv
			}
		}
	}
	return out
}

// forWishes calls f with plans that may run, of random worlds and wishes.
func forWishes(t *testing.T, f func(t *testing.T, r *rand.Rand, s Snapshot, p Plan)) {
	t.Helper()
	made, tried := 0, 0
	for seed := *replanSeed; made < *replans; seed++ {
		if tried++; tried > 40**replans {
			t.Fatalf("only %d of %d wishes can be planned", made, tried)
		}
		r := rand.New(rand.NewPCG(seed, 21))
		s := randomWorld(t, r)
		if r.IntN(3) == 0 { // an entry whose role was made again
			s.Objects = s.Objects.With(entry(role("r3"), "dead", "devs"), policy(role("r3"), ViewPolicy, "carts"), remade(t, role("r3")))
		}
		p, err := Build(s, wishes(t, r)...)
		if err != nil || p.Refused() || len(p.Steps) < 2 {
			continue
		}
		made++
		t.Run(fmt.Sprint(seed), func(t *testing.T) { f(t, r, s, p) })
	}
}

// remade is a role that was deleted and made anew after its entry.
func remade(t testing.TB, arn string) IAMPrincipal {
	p := iamRole(t, arn)
	p.UniqueID, p.Created = "AROANEW", began.AddDate(0, 1, 0)
	return p
}

// unlike are the objects in which two worlds differ.
func unlike(want, have Objects) []string {
	var out []string
	for o := range want.All() {
		if k := o.Key(); !Same(o, have.At(k)) {
			out = append(out, fmt.Sprintf("want %+v\nhave %+v", o, have.At(k)))
		}
	}
	for o := range have.All() {
		if want.At(o.Key()) == nil {
			out = append(out, fmt.Sprintf("%+v is left", o))
		}
	}
	return out
}

// A plan that is made anew ends in what was meant, wherever the first one was cut off,
// and wherever the second.
func TestLawReplanFromEveryPrefixEndsAsMeant(t *testing.T) {
	forWishes(t, func(t *testing.T, r *rand.Rand, s Snapshot, p Plan) {
		whole := Project(s, p.Steps...).Objects
		for n := range len(p.Steps) + 1 {
			at := Project(s, p.Steps[:n]...)
			again, err := Replan(at, p)
			if err != nil {
				t.Fatalf("after %d of %d steps: %v\n%s", n, len(p.Steps), err, strings.Join(p.Intents, "\n"))
			}
			if again.Refused() {
				t.Errorf("after %d steps: %+v", n, again.Refusals())
			}
			for _, d := range unlike(whole, Project(at, again.Steps...).Objects) {
				t.Errorf("after %d of %d steps: %s\n%s\nfirst\n%s\nsecond\n%s", n, len(p.Steps), d, strings.Join(p.Intents, "\n"), signs(p), signs(again))
			}
			if len(again.Steps) > 0 && !slices.Contains(again.Confirms(), MadeAnew) {
				t.Errorf("after %d steps: nobody has to say yes to the new plan", n)
			}
			m := r.IntN(len(again.Steps) + 1)
			at = Project(at, again.Steps[:m]...)
			third, err := Replan(at, again, p)
			if err != nil {
				t.Fatalf("after %d and %d steps: %v\n%s\nfirst\n%s\nsecond\n%s", n, m, err, strings.Join(p.Intents, "\n"), signs(p), signs(again))
			}
			for _, d := range unlike(whole, Project(at, third.Steps...).Objects) {
				t.Errorf("after %d and %d steps: %s\n%s", n, m, d, strings.Join(p.Intents, "\n"))
			}
		}
	})
}

// meddle is somebody else's change in between: an edit of aws-auth, of an entry, a policy
// or a binding, by preference of what the plan is about.
func meddle(t testing.TB, r *rand.Rand, s Snapshot, p Plan) Snapshot {
	t.Helper()
	var keys []Key
	for _, st := range p.Steps {
		keys = append(keys, st.Key())
	}
	k := keys[r.IntN(len(keys))]
	o := s.Objects.At(k)
	if am, ok := s.AuthMap(); ok && len(awsauth.Parse(am.Data).Items) > 0 && (o == nil || r.IntN(2) == 0) {
		o = am
	}
	switch o := o.(type) {
	case AuthMap:
		items := awsauth.Parse(o.Data).Items
		if len(items) == 0 {
			break // the plan has emptied it
		}
		var data map[string]string
		var err error
		switch it := items[r.IntN(len(items))]; r.IntN(3) {
		case 0:
			data = map[string]string{"mapRoles": o.Data["mapRoles"] + "# theirs\n", "mapUsers": o.Data["mapUsers"]}
		case 1:
			data, err = awsauth.Remove(o.Data, it)
		default:
			data, err = awsauth.Add(o.Data, awsauth.Item{Section: awsauth.MapRoles, ARN: role("theirs"), Username: "theirs", Groups: []string{"viewers"}})
		}
		if err != nil {
			t.Fatal(err)
		}
		o.Data = data
		s.Objects = s.Objects.With(o)
	case AccessEntry:
		switch r.IntN(3) {
		case 0:
			for _, a := range Of[PolicyAssociation](s.Objects) {
				if a.Principal == o.Principal {
					s = without(s, a.Key())
				}
			}
			s = without(s, o.Key())
		case 1:
			o.Groups = set(append(slices.Clone(o.Groups), "theirs"))
			s.Objects = s.Objects.With(o)
		default:
			o.Groups = nil
			s.Objects = s.Objects.With(o)
		}
	case Binding:
		if r.IntN(2) == 0 {
			s = without(s, o.Key())
			break
		}
		o.Subjects = append(slices.Clone(o.Subjects), binding("", "x", "ClusterRole", "x", "User:theirs").Subjects...)
		s.Objects = s.Objects.With(o)
	case PolicyAssociation, Role, Namespace:
		s = without(s, o.Key())
	}
	return s
}

// bridges reports whether a binding binds a bridge's group.
func bridges(o Object) bool {
	bd, ok := o.(Binding)
	return ok && slices.ContainsFunc(bd.Subjects, func(s rbacv1.Subject) bool { return isBridge(s.Name) })
}

// Whatever somebody else changes in between: the plan made anew leaves no bridge and no
// made-up name behind, takes nothing from those whom nobody wanted to take from, keeps
// what the other one wrote into aws-auth, and there is nothing to do after it.
func TestLawReplanAfterSomebodyElse(t *testing.T) {
	made, refused, unplannable := 0, map[string]int{}, map[string]int{}
	forWishes(t, func(t *testing.T, r *rand.Rand, s Snapshot, p Plan) {
		for n := range len(p.Steps) {
			at := meddle(t, r, Project(s, p.Steps[:n]...), p)
			again, err := Replan(at, p)
			if err != nil {
				_, why, _ := strings.Cut(err.Error(), " ")
				unplannable[why[:min(len(why), 40)]]++
				continue
			}
			story := func() string {
				return fmt.Sprintf("after %d steps\n%s\nfirst\n%s\nsecond\n%s\n%s", n, strings.Join(p.Intents, "\n"), signs(p), signs(again), codes(again.Findings))
			}
			if again.Refused() {
				refused[fmt.Sprint(again.Refusals())]++
				continue
			}
			made++
			end := Project(at, again.Steps...)
			for o := range end.Objects.All() {
				if e, ok := o.(AccessEntry); ok && slices.ContainsFunc(e.Groups, isBridge) || bridges(o) {
					t.Errorf("a bridge is left: %+v\n%s", o, story())
				}
			}
			if am, ok := at.AuthMap(); ok && strings.Contains(am.Data["mapRoles"], "# theirs") {
				if am, _ := end.AuthMap(); !strings.Contains(am.Data["mapRoles"], "# theirs") {
					t.Errorf("their line in aws-auth is lost\n%s", story())
				}
			}
			third, err := Replan(end, again, p)
			if err == nil && len(third.Steps) > 0 {
				t.Errorf("it is not the end, a third plan has\n%s\n%s", signs(third), story())
			}
		}
	})
	t.Logf("%d plans made anew; refused %v; can't be made %v", made, refused, unplannable)
}

// What somebody else makes of the item of somebody who is under way, by hand.
func TestReplanFollowsTheItem(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	admins := role("eks-workshop-admins")
	at := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Key().Kind == EntryKind }) + 1
	begun := Project(s, p.Steps[:at]...) // on the bridge
	edit := func(s Snapshot, old, new string) Snapshot {
		am, _ := s.AuthMap()
		text := strings.Replace(am.Data["mapRoles"], old, new, 1)
		if text == am.Data["mapRoles"] {
			t.Fatalf("no %q", old)
		}
		s.Objects = s.Objects.With(authMap(text, "[]\n"))
		return s
	}
	_, item, _ := strings.Cut(s3Roles, "# break glass")
	item = "- rolearn: arn:aws:iam::123456789012:role/eks-workshop-admins # break glass" + item
	for name, tc := range map[string]struct {
		now    Snapshot
		groups []string
		full   bool
		says   bool
	}{
		"untouched":              {begun, nil, true, false},
		"another item":           {edit(begun, "# managed by", "# kept by"), nil, true, false},
		"taken out":              {edit(begun, item, ""), nil, true, true},
		"a group put in":         {edit(begun, "  - system:masters\n", "  - system:masters\n  - auditors\n"), []string{"auditors"}, true, true},
		"lowered":                {edit(begun, "  - system:masters\n", "  - viewers\n"), []string{"viewers"}, true, true},
		"lowered, not yet begun": {edit(s, "  - system:masters\n", "  - viewers\n"), []string{"viewers"}, false, false},
		"taken out, not begun":   {edit(s, item, ""), nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			again, err := Replan(tc.now, p)
			if err != nil || again.Refused() {
				t.Fatalf("%v, %s", err, codes(again.Findings))
			}
			end := Project(tc.now, again.Steps...)
			e, made := Get[AccessEntry](end.Objects, Key{Realm: eksR, Kind: EntryKind, Name: admins})
			if made != (name != "taken out, not begun") || !slices.Equal(e.Groups, tc.groups) {
				t.Errorf("entry %+v, want groups %v", e, tc.groups)
			}
			_, full := Get[PolicyAssociation](end.Objects, policy(admins, ClusterAdminPolicy).Key())
			if full != tc.full {
				t.Errorf("administrator: %v", full)
			}
			if strings.Contains(codes(again.Findings), "confirm:item-gone") != tc.says {
				t.Error(codes(again.Findings))
			}
			if am, _ := end.AuthMap(); strings.Contains(am.Data["mapRoles"], "eks-workshop-admins") {
				t.Errorf("the item is left:\n%s", am.Data["mapRoles"])
			}
		})
	}
}

// Who has the policy and is off the bridge, and then loses it to somebody's hand, gets it
// back, or they would have nothing when their item goes; but not without a yes of its own.
func TestReplanAsksBeforeItGivesAgain(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	gone := policy(role("eks-workshop-admins"), ClusterAdminPolicy).Key()
	gave := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Key() == gone })
	off := gave + 1 + slices.IndexFunc(p.Steps[gave+1:], func(st Step) bool { return st.Key().Kind == EntryKind })
	if gave < 0 || off <= gave {
		t.Fatal(signs(p))
	}
	for name, tc := range map[string]struct {
		steps       int
		taken, asks bool
	}{"before": {gave, false, false}, "given": {gave + 1, false, false}, "taken away on the bridge": {gave + 1, true, false},
		"off the bridge": {off + 1, false, false}, "taken away off the bridge": {off + 1, true, true}} {
		now := Project(s, p.Steps[:tc.steps]...)
		if tc.taken {
			now = without(now, gone)
		}
		again, err := Replan(now, p)
		if err != nil || again.Refused() {
			t.Fatalf("%s: %v %s", name, err, codes(again.Findings))
		}
		if _, has := Get[PolicyAssociation](Project(now, again.Steps...).Objects, gone); !has {
			t.Errorf("%s: it has no policy in the end\n%s", name, signs(again))
		}
		if slices.Contains(again.Confirms(), GivenAgain) != tc.asks {
			t.Errorf("%s: %s", name, codes(again.Findings))
		}
	}
}

// Without a bridge an entry is open until its policy counts: cut off there, the plan made
// anew gives the policy, before the item goes.
func TestReplanOfAnOpenEntry(t *testing.T) {
	s := s3(t)
	s.Caller.Identity = Identity{User: "somebody"}
	s = without(without(s, policy(role("platform-admin"), ClusterAdminPolicy).Key()), entry(role("platform-admin"), "").Key())
	s.Objects = s.Objects.With(binding("", "keeper", "ClusterRole", "cluster-admin", "User:keeper"), entry(role("keeper"), "keeper"), iamRole(t, role("keeper")))
	p := build(t, s, Migrate{})
	at := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Why == WhyEntryOpen }) + 1
	if at == 0 {
		t.Fatalf("there is a bridge: %s", signs(p))
	}
	now := Project(s, p.Steps[:at]...)
	now.Objects = now.Objects.With(authMap(s3Roles+"# theirs\n", "[]\n"))
	again, err := Replan(now, p)
	if err != nil || again.Refused() || len(again.Steps) != 2 || again.Steps[0].Key().Kind != AssociationKind {
		t.Errorf("%v\n%s\n%s", err, signs(again), codes(again.Findings))
	}
}

// Wishes that touch the same principal, cut off everywhere: a grant that moves it first,
// and a grant in aws-auth beside a migration of all, which is not to move it.
func TestReplanOfWishesThatMeet(t *testing.T) {
	fresh := iamRole(t, role("fresh"))
	for name, in := range map[string][]Intent{
		"a grant that moves":      {GrantAccess{Principal: principal(t, role("eks-workshop-admins")), Policy: ViewPolicy, Namespaces: []string{"carts"}}},
		"one that is not moved":   {Migrate{}, GrantAccess{Principal: principal(t, role("fresh")), Level: View, Namespaces: []string{"carts"}, Via: ViaAuthMap}},
		"one that is, afterwards": {GrantAccess{Principal: principal(t, role("fresh")), Level: View, Namespaces: []string{"carts"}, Via: ViaAuthMap}, Migrate{}},
	} {
		s := s3(t, fresh)
		p := build(t, s, in...)
		whole := Project(s, p.Steps...).Objects
		for n := range len(p.Steps) + 1 {
			at := Project(s, p.Steps[:n]...)
			again, err := Replan(at, p)
			if err != nil {
				t.Errorf("%s, after %d steps: %v", name, n, err)
				continue
			}
			for _, d := range unlike(whole, Project(at, again.Steps...).Objects) {
				t.Errorf("%s, after %d of %d steps: %s", name, n, len(p.Steps), d)
			}
		}
	}
}
