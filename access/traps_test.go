package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// The 18 traps are what was seen of "eksctl utils migrate-to-access-entry" (0.231.0-dev)
// on hostile input, one test each, with what we do instead. Those that need AWS's
// answers are in traps_wire_test.go.

// item is one element of mapRoles.
func item(arn, user string, groups ...string) string {
	out := "- rolearn: " + arn + "\n"
	if user != "" {
		out += "  username: '" + user + "'\n"
	}
	return out + "  groups: ['" + strings.Join(groups, "', '") + "']\n"
}

// trapped builds a migration of the workshop with more items in mapRoles. Whatever
// the trap, the workshop's own administrators are carried over beside it.
func trapped(t *testing.T, items string, more ...Object) (Snapshot, Plan) {
	t.Helper()
	s := s3(t, mapped(items, more...)...)
	p := build(t, s, Migrate{})
	if p.Refused() {
		t.Fatalf("refused: %+v", p.Findings)
	}
	if _, ok := made(p)[role("eks-workshop-admins")]; !ok {
		t.Errorf("the trap stops the migration of others:\n%s", signs(p))
	}
	return s, p
}

// made are the entries that a plan creates, as they are in the end, by ARN.
func made(p Plan) map[string]AccessEntry {
	out := map[string]AccessEntry{}
	for _, st := range p.Steps {
		e, ok := st.After.(AccessEntry)
		if _, before := out[e.Principal]; ok && (st.Before == nil || before) {
			out[e.Principal] = e
		}
	}
	return out
}

// associated are the policies that a plan gives to a principal.
func associated(p Plan, arn string) (out []string) {
	for _, st := range p.Steps {
		if a, ok := st.After.(PolicyAssociation); ok && a.Principal == arn {
			out = append(out, a.Policy)
		}
	}
	return out
}

// says fails unless there is a finding of that code about that principal or thing.
func says(t *testing.T, fs []Finding, code Code, about string) {
	t.Helper()
	if !slices.ContainsFunc(fs, func(f Finding) bool {
		return f.Code == code && slices.ContainsFunc(f.Args, func(a string) bool { return strings.Contains(a, about) })
	}) {
		t.Errorf("%s about %s is not said: %+v", code, about, fs)
	}
}

// left is mapRoles when the plan is done.
func left(t *testing.T, s Snapshot, p Plan) string {
	t.Helper()
	am, ok := Project(s, p.Steps...).AuthMap()
	if !ok {
		t.Fatal("aws-auth is gone")
	}
	return am.Data["mapRoles"]
}

// inForce is who a principal is by the index of a snapshot.
func inForce(t *testing.T, s Snapshot, arn string) (Mapping, Level) {
	t.Helper()
	ix := NewIndex(s)
	r, ok := ix.Row(principal(t, arn))
	if !ok {
		return Mapping{}, None
	}
	m, _ := r.Active()
	return m, ix.Cell(r, "").Level
}

func TestTrap01ForeignRoleIsNeverResolvedByName(t *testing.T) {
	foreign := "arn:aws:iam::999988887777:role/Admin"
	s, p := trapped(t, item(foreign, "adm", Masters), iamRole(t, role("Admin")))
	if e, ok := made(p)[role("Admin")]; ok {
		t.Errorf("the local role of that name becomes %+v", e)
	}
	for _, st := range p.Steps {
		if strings.HasSuffix(st.Key().Name, ":role/Admin") || strings.Contains(st.Key().Name, "role/Admin/") {
			t.Errorf("a step is about a role Admin: %v", st.Key())
		}
	}
	says(t, p.Findings, ForeignAccount, "999988887777")
	if m, level := inForce(t, Project(s, p.Steps...), foreign); m.Source != FromAuthMap || level != Full {
		t.Errorf("the foreign administrator is %+v in the end", m)
	}
	if _, level := inForce(t, Project(s, p.Steps...), role("Admin")); level != None {
		t.Errorf("the local role has %v", level)
	}
}

func TestTrap02OneThatIsGoneDoesNotStopTheRest(t *testing.T) {
	gone := IAMPrincipal{In: iamR, ARN: role("gone"), ID: principal(t, role("gone")).ID(), Gone: true}
	_, p := trapped(t, item("arn:aws:iam::999988887777:role/ops", "o", "ops")+item(role("gone"), "g", "ops")+item(role("dev"), "d", "devs"), gone, iamRole(t, role("dev")))
	if e := made(p)[role("dev")]; e.Username != "d" || !slices.Equal(e.Groups, []string{"devs"}) {
		t.Errorf("the one that is well becomes %+v", e)
	}
	if len(made(p)) != 2 {
		t.Errorf("entries for %v", made(p))
	}
	says(t, p.Findings, ForeignAccount, "role/ops")
	says(t, p.Findings, AlreadyDead, "role/gone")
}

func TestTrap03OfDuplicatesTheOneInForceIsMigrated(t *testing.T) {
	s, p := trapped(t, item(role("dev"), "m", Masters)+item(role("dev"), "v", "viewers"), iamRole(t, role("dev")))
	if e := made(p)[role("dev")]; e.Username != "v" || !slices.Equal(e.Groups, []string{"viewers"}) {
		t.Errorf("the viewer becomes %+v", e)
	}
	if got := associated(p, role("dev")); len(got) > 0 {
		t.Errorf("the viewer gets %v", got)
	}
	if rest := left(t, s, p); strings.Contains(rest, "role/dev") {
		t.Errorf("a duplicate is left, and would count without the entry:\n%s", rest)
	}
	// Not for a moment, either: the item that was never in force must not come back.
	for n := range p.Steps {
		if m, level := inForce(t, Project(s, p.Steps[:n+1]...), role("dev")); m.Identity.User != "v" || level != None {
			t.Errorf("after step %d: %+v with %v", n+1, m.Identity, level)
		}
	}
}

func TestTrap04LetterCaseOfDuplicates(t *testing.T) {
	t.Run("of roles the last wins", func(t *testing.T) {
		_, p := trapped(t, item(strings.ToUpper(role("dev")), "m", Masters)+item(role("dev"), "v", "viewers"), iamRole(t, role("dev")))
		if e := made(p)[role("dev")]; e.Username != "v" || len(associated(p, role("dev"))) > 0 {
			t.Errorf("made %+v", e)
		}
	})
	t.Run("the other way round it is the administrator", func(t *testing.T) {
		_, p := trapped(t, item(role("dev"), "v", "viewers")+item(strings.ToUpper(role("dev")), "m", Masters), iamRole(t, role("dev")))
		if e := made(p)[role("dev")]; e.Username != "m" || len(associated(p, role("dev"))) != 1 {
			t.Errorf("made %+v", e)
		}
	})
	t.Run("of users it is not decided", func(t *testing.T) {
		ann := "arn:aws:iam::" + account + ":user/ann"
		users := "- userarn: " + ann + "\n  username: a\n  groups: ['system:masters']\n- userarn: " + strings.Replace(ann, "user/ann", "user/Ann", 1) + "\n  username: b\n"
		s := s3(t, authMap(s3Roles, users), iamRole(t, ann))
		p := build(t, s, Migrate{})
		if _, ok := made(p)[ann]; ok || p.Refused() {
			t.Errorf("guessed:\n%s\n%s", signs(p), codes(p.Findings))
		}
		if am, _ := Project(s, p.Steps...).AuthMap(); am.Data["mapUsers"] != users {
			t.Errorf("changed what is not decided:\n%s", am.Data["mapUsers"])
		}
		says(t, p.Findings, NotMigratable, string(CaseAmbiguous))
		says(t, Inspect(NewIndex(s)), MappingUnknown, string(CaseAmbiguous))
	})
}

func TestTrap05WhatNeverMatchedIsNotRevived(t *testing.T) {
	pathed := role("team/dev")
	s, p := trapped(t, item(pathed, "d", Masters), iamRole(t, pathed))
	if _, ok := made(p)[pathed]; ok || !strings.Contains(left(t, s, p), pathed) {
		t.Errorf("a mapping that gives nothing was migrated:\n%s", signs(p))
	}
	says(t, Inspect(NewIndex(s)), MappingUnmatchable, string(PathInRoleARN))
	named := build(t, s, Migrate{Principals: []Principal{principal(t, pathed)}})
	if len(named.Steps) > 0 {
		t.Errorf("asked for by name it has steps:\n%s", signs(named))
	}
	says(t, named.Findings, NotMigratable, string(PathInRoleARN))
	// As a grant it is what somebody asked for.
	granted := build(t, s, GrantAccess{Principal: principal(t, pathed), Level: View})
	if _, ok := made(granted)[pathed]; !ok || granted.Refused() {
		t.Errorf("the explicit grant: %s\n%s", signs(granted), codes(granted.Findings))
	}
}

func TestTrap06ThePartitionIsTheClusters(t *testing.T) {
	for _, partition := range []string{"aws-us-gov", "aws-cn"} {
		t.Run(partition, func(t *testing.T) {
			there := func(arn string) string { return strings.ReplaceAll(arn, "arn:aws:", "arn:"+partition+":") }
			var os []Object
			for o := range s3(t, mapped(item("arn:aws:iam::"+account+":role/dev", "d", "devs"), iamRole(t, role("dev")))...).Objects.All() {
				text, err := EncodeObject(o)
				if err != nil {
					t.Fatal(err)
				}
				moved, err := DecodeObject([]byte(there(string(text))))
				if err != nil {
					t.Fatal(err)
				}
				os = append(os, moved)
			}
			s := s3(t)
			s.Objects = Objects{}.With(os...)
			s.Caller.AWS, s.Caller.Kube = principal(t, there(role("platform-admin"))), principal(t, there(role("platform-admin")))
			// An item copied from a cluster of another partition never matched there.
			am, _ := s.AuthMap()
			s.Objects = s.Objects.With(authMap(am.Data["mapRoles"]+item(role("commercial"), "c", Masters), am.Data["mapUsers"]))
			p := build(t, s, Migrate{})
			if p.Refused() {
				t.Fatalf("refused: %+v", p.Findings)
			}
			admins := there(role("eks-workshop-admins"))
			if d := cmp.Diff([]string{"arn:" + partition + ":eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}, associated(p, admins)); d != "" {
				t.Error(d)
			}
			if got := made(p); len(got) != 2 || got[there(role("dev"))].Username != "d" {
				t.Errorf("made %v", got)
			}
			says(t, Inspect(NewIndex(s)), MappingUnmatchable, string(WrongPartition))
		})
	}
}

func TestTrap07OtherGroupsOfAdministratorsAreKept(t *testing.T) {
	s, p := trapped(t, item(role("dev"), "d", Masters, "billing"), iamRole(t, role("dev")), binding("carts", "b", "ClusterRole", "view", "Group:billing"))
	if e := made(p)[role("dev")]; !slices.Equal(e.Groups, []string{"billing"}) || len(associated(p, role("dev"))) != 1 {
		t.Errorf("ends as %+v with %v", e, associated(p, role("dev")))
	}
	for n := range p.Steps {
		m, level := inForce(t, Project(s, p.Steps[:n+1]...), role("dev"))
		if !slices.Contains(m.Identity.Groups, "billing") || level != Full {
			t.Errorf("after step %d: %v with %v", n+1, m.Identity.Groups, level)
		}
	}
}

func TestTrap08NamesThatEKSRefusesAreCheckedWhilePlanning(t *testing.T) {
	for old, want := range map[string]string{
		"system:admin": "kube:system:admin", "eks:dev": "kube:eks:dev", "aws:dev": "kube:aws:dev", "amazon:dev": "kube:amazon:dev", "iam:dev": "kube:iam:dev",
		"bob{{SessionName}}": "bob:{{SessionName}}",
	} {
		t.Run(old, func(t *testing.T) {
			subject, beside := old, want
			if strings.Contains(old, "{{") { // bindings name what it renders to
				subject, beside = strings.ReplaceAll(old, "{{SessionName}}", "alice"), strings.ReplaceAll(want, "{{SessionName}}", "alice")
			}
			s, p := trapped(t, item(role("dev"), old, "devs"), iamRole(t, role("dev")), binding("carts", "b", "ClusterRole", "edit", "User:"+subject))
			if got := made(p)[role("dev")].Username; got != want {
				t.Errorf("the entry's user name is %q, want %q", got, want)
			}
			bound := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Key().Name == "b" })
			entry := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Key().Name == role("dev") })
			if bound < 0 || entry < bound {
				t.Fatalf("the subject must stand before the entry:\n%s", signs(p))
			}
			var names []string
			for _, sub := range p.Steps[bound].After.(Binding).Subjects {
				names = append(names, sub.Name)
			}
			slices.Sort(names)
			both := []string{subject, beside}
			slices.Sort(both)
			if d := cmp.Diff(both, names); d != "" {
				t.Errorf("subjects: %s", d)
			}
			if strings.Contains(left(t, s, p), "role/dev") {
				t.Error("the item is left")
			}
		})
	}
}

func TestTrap09FargateAndHybridWaitForTheirEntry(t *testing.T) {
	for kind, node := range map[string]string{
		"FARGATE_LINUX": item(role("pods"), "system:node:{{SessionName}}", "system:bootstrappers", "system:nodes", "system:node-proxier"),
		"HYBRID_LINUX":  item(role("pods"), "system:node:{{SessionName}}", "system:bootstrappers", "system:nodes"),
	} {
		t.Run(kind, func(t *testing.T) {
			s, p := trapped(t, node, iamRole(t, role("pods")))
			if _, ok := made(p)[role("pods")]; ok || !strings.Contains(left(t, s, p), "role/pods") {
				t.Errorf("not left to EKS:\n%s", signs(p))
			}
			says(t, p.Findings, NodeLeft, "role/pods")
			// Without its entry mode API would shut the nodes out.
			if api := build(t, s, Migrate{To: APIMode}); !api.Refused() {
				t.Error("went to mode API without the node's entry")
			}
			// With EKS's entry for both node roles the items go, and mode API is open.
			of := func(arn, kind string) AccessEntry {
				e := entry(arn, "system:node:{{EC2PrivateDNSName}}", "system:nodes")
				e.Type = kind
				return e
			}
			s = s3(t, mapped(node, iamRole(t, role("pods")), of(role("pods"), kind),
				of(role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"), "EC2_LINUX"))...)
			api := build(t, s, Migrate{To: APIMode})
			if api.Refused() || strings.Contains(left(t, s, api), "rolearn") || Project(s, api.Steps...).Mode() != APIMode {
				t.Errorf("with its entry: %s\n%s\nmode %s, left\n%s", signs(api), codes(api.Findings), Project(s, api.Steps...).Mode(), left(t, s, api))
			}
		})
	}
}

func TestTrap10ItemWithoutRoleARN(t *testing.T) {
	lone := "- username: ghost\n  groups: ['system:masters']\n"
	s, p := trapped(t, lone+item(role("dev"), "d", "devs"), iamRole(t, role("dev")))
	if len(made(p)) != 2 || !strings.Contains(left(t, s, p), lone) {
		t.Errorf("made %v, left\n%s", made(p), left(t, s, p))
	}
	says(t, Inspect(NewIndex(s)), MappingUnmatchable, string(ItemDropped))
	am, _ := s.AuthMap()
	if i := slices.IndexFunc(awsauth.Parse(am.Data).Items, func(i awsauth.Item) bool { return i.Dropped == awsauth.DropNoARN }); i != 2 {
		t.Errorf("item %d is said to be dropped", i+1)
	}
}

func TestTrap14EntryWithFewerRightsIsShown(t *testing.T) {
	s, p := trapped(t, item(role("dev"), "d", Masters), iamRole(t, role("dev")), entry(role("dev"), "", "viewers"))
	says(t, p.Findings, EntryNarrower, "role/dev")
	says(t, Inspect(NewIndex(s)), EntryNarrower, "role/dev")
	if _, ok := made(p)[role("dev")]; ok || len(associated(p, role("dev"))) > 0 {
		t.Errorf("the entry that is in force was given more:\n%s", signs(p))
	}
	same := s3(t, mapped(item(role("dev"), "d", "viewers"), iamRole(t, role("dev")), entry(role("dev"), "d", "viewers"))...)
	if got := codes(build(t, same, Migrate{}).Findings); strings.Contains(got, string(EntryNarrower)) {
		t.Errorf("an entry with the same rights: %s", got)
	}
}

func TestTrap17GroupsThatNoBindingUses(t *testing.T) {
	s, p := trapped(t, item(role("dev"), "d", "typo", "devs"), iamRole(t, role("dev")), binding("carts", "b", "ClusterRole", "edit", "Group:devs"))
	for _, at := range []Snapshot{s, Project(s, p.Steps...)} {
		fs := Inspect(NewIndex(at))
		says(t, fs, GroupUnbound, "typo")
		if slices.ContainsFunc(fs, func(f Finding) bool { return f.Code == GroupUnbound && slices.Contains(f.Args, "devs") }) {
			t.Error("a group that a binding names is called unbound")
		}
	}
}
