package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// s1 is a cluster in mode CONFIG_MAP whose caller administers it by aws-auth.
func s1(t testing.TB, more ...Object) Snapshot {
	t.Helper()
	s := s3(t, append([]Object{AuthMode{eksR, ConfigMapMode}, authMap(s3Roles+"- rolearn: "+role("platform-admin")+"\n  username: ops\n  groups: [system:masters]\n", ""), iamRole(t, role("team-a-developer"))}, more...)...)
	for o := range s.Objects.All() {
		if k := o.Key().Kind; k == EntryKind || k == AssociationKind {
			s = without(s, o.Key())
		}
	}
	return s
}

var s1Role = Role{Rules: []Rule{rule("create,delete,describe,get,list,patch,update", ",apps,batch,extensions",
	"configmaps,cronjobs,deployments,events,ingresses,jobs,pods,pods/attach,pods/exec,pods/log,pods/portforward,secrets,services")}}

func TestS1GrantsOneNamespace(t *testing.T) {
	s := s1(t)
	p := build(t, s, GrantAccess{Principal: principal(t, role("team-a-developer")), Role: "k8s-test-role", RoleObject: &s1Role,
		Namespaces: []string{"test"}, Username: "k8s-test-user", CreateNamespaces: true})
	want := "+ Namespace /test\n+ Role test/k8s-test-role\n+ RoleBinding test/k8s-test-rolebinding\n~ AuthMap kube-system/aws-auth"
	if diff := cmp.Diff(want, signs(p)); diff != "" {
		t.Error(diff)
	}
	for _, code := range []Code{VerbUnknown, WatchMissing, GroupMoved, SmokeTestDenied, NamespaceMade} {
		if !strings.Contains(codes(p.Findings), string(code)) {
			t.Errorf("%s is not said: %s", code, codes(p.Findings))
		}
	}
	var asked []string
	for _, e := range p.Expect {
		asked = append(asked, e.Identity.User+" "+e.Request.Verb+" "+e.Request.Resource+" "+e.Request.Namespace+" "+pick(e.Want, "yes", "no"))
	}
	if diff := cmp.Diff([]string{"k8s-test-user get pods test yes", "k8s-test-user get pods default no"}, asked); diff != "" {
		t.Error(diff)
	}
	i := slices.IndexFunc(p.Deltas, func(d Delta) bool { return d.Principal.Name == "team-a-developer" && d.Namespace == "test" })
	if i < 0 || p.Deltas[i].Was != None || p.Deltas[i].Is != Some || len(p.Deltas[i].Lost) > 0 {
		t.Errorf("deltas %+v", p.Deltas)
	}
	if p.Refused() {
		t.Errorf("refused: %+v", p.Findings)
	}
}

func TestUndoOfANamespaceIsSaid(t *testing.T) {
	s := s1(t)
	made := Step{After: Namespace{In: kubeR, Name: "test"}, Why: WhyNamespace}
	back, err := Inverse([]Step{made})
	if err != nil {
		t.Fatal(err)
	}
	p, err := BuildSteps(Project(s, made), back)
	if err != nil || !strings.Contains(codes(p.Findings), string(NamespaceGoes)) {
		t.Errorf("%v %s", err, codes(p.Findings))
	}
}

func TestGrantWithoutRulesMustBeAccepted(t *testing.T) {
	p := build(t, s1(t), GrantAccess{Principal: principal(t, role("team-a-developer")), Role: "r", Namespaces: []string{"carts"}})
	if !slices.Contains(p.Confirms(), RoleFromEdit) {
		t.Errorf("got %s", codes(p.Findings))
	}
}

// S4: no aws-auth yet, two administrators in one plan.
func TestS4TwoGrantsOnePlan(t *testing.T) {
	s := s1(t)
	am, _ := s.AuthMap()
	s = without(s, am.Key())
	s.Caller.Kube, s.Caller.Identity = principal(t, role("platform-admin")), Identity{User: "kubernetes-admin", Groups: []string{Masters}}
	grant := func(arn string) GrantAccess {
		return GrantAccess{Principal: principal(t, arn), Level: Full, Username: "admin", Groups: []string{Masters}}
	}
	p := build(t, s, grant(role("iam-role-for-assume-02")), grant("arn:aws:iam::"+account+":user/test-user"))
	if diff := cmp.Diff("+ AuthMap kube-system/aws-auth\n~ AuthMap kube-system/aws-auth", signs(p)); diff != "" {
		t.Error(diff)
	}
	if p.Refused() || len(p.Deltas) != 2 || p.Deltas[0].Is != Full || p.Deltas[1].Is != Full {
		t.Errorf("%+v %+v", p.Deltas, p.Findings)
	}
}

func TestGrant(t *testing.T) {
	dev := principal(t, role("dev"))
	for name, tc := range map[string]struct {
		os   []Object
		in   GrantAccess
		want string // steps, or the error's words
		fail bool
	}{
		"a new principal gets an entry, then a policy": {nil, GrantAccess{Principal: dev, Level: View, Namespaces: []string{"carts"}},
			"+ AccessEntry /" + role("dev") + "\n+ PolicyAssociation " + role("dev") + "/arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", false},
		"a scope is widened, not replaced": {[]Object{entry(role("dev"), ""), policy(role("dev"), ViewPolicy, "catalog")}, GrantAccess{Principal: dev, Level: View, Namespaces: []string{"carts"}},
			"~ PolicyAssociation " + role("dev") + "/arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", false},
		"what is there already is nothing": {[]Object{entry(role("dev"), ""), policy(role("dev"), ViewPolicy)}, GrantAccess{Principal: dev, Level: View, Namespaces: []string{"carts"}}, "", false},
		"one who is in aws-auth stays there": {mapped("- rolearn: " + role("dev") + "\n  username: d\n"), GrantAccess{Principal: dev, Level: Edit, Namespaces: []string{"carts"}},
			"+ RoleBinding carts/edit-binding", false},
		"or moves first when a policy is wanted": {mapped("- rolearn: " + role("dev") + "\n  username: d\n"), GrantAccess{Principal: dev, Policy: ViewPolicy},
			"+ AccessEntry /" + role("dev") + "\n+ PolicyAssociation " + role("dev") + "/arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy\n~ AuthMap kube-system/aws-auth", false},
		"sessions are bound by a group": {nil, GrantAccess{Principal: dev, ClusterRole: "edit", Namespaces: []string{"carts"}},
			"+ RoleBinding carts/edit-binding\n+ AccessEntry /" + role("dev"), false},
		"a missing namespace":         {nil, GrantAccess{Principal: dev, ClusterRole: "edit", Namespaces: []string{"cart"}}, "does not exist", true},
		"a missing cluster role":      {nil, GrantAccess{Principal: dev, ClusterRole: "edti"}, `ClusterRole "edti" does not exist`, true},
		"a reserved name":             {nil, GrantAccess{Principal: dev, Level: View, Username: "system:dev"}, "may not begin with", true},
		"masters on an entry":         {nil, GrantAccess{Principal: dev, Level: View, Groups: []string{Masters}}, "may do everything", true},
		"masters on an entry, full":   {nil, GrantAccess{Principal: dev, Level: Full, Groups: []string{Masters}}, "may not begin with system:", true},
		"a namespace of no such name": {nil, GrantAccess{Principal: dev, Level: View, Namespaces: []string{"BAD NS"}}, "not the name of a namespace", true},
		"another partition":           {nil, GrantAccess{Principal: principal(t, "arn:aws-cn:iam::"+account+":role/dev"), Level: View}, "partition", true},
		"a namespace made for a policy": {nil, GrantAccess{Principal: dev, Level: View, Namespaces: []string{"new"}, CreateNamespaces: true},
			"+ AccessEntry /" + role("dev") + "\n+ Namespace /new\n+ PolicyAssociation " + role("dev") + "/arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", false},
		"a policy of AWS's own":    {nil, GrantAccess{Principal: dev, Policy: "AmazonEKSHybridPolicy"}, "reserved for AWS", true},
		"two wishes in one":        {nil, GrantAccess{Principal: dev, Level: View, Policy: ViewPolicy}, "exactly one", true},
		"another name for a known": {[]Object{entry(role("dev"), "d")}, GrantAccess{Principal: dev, Level: View, Username: "e"}, `has the user name "d"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := s3(t, append(tc.os, iamRole(t, role("dev")))...)
			p, err := Build(s, tc.in)
			switch {
			case tc.fail:
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error %v, want %q", err, tc.want)
				}
			case err != nil:
				t.Error(err)
			default:
				if diff := cmp.Diff(tc.want, signs(p)); diff != "" || p.Refused() {
					t.Errorf("%s\n%+v", diff, p.Findings)
				}
				for _, d := range p.Deltas {
					if len(d.Lost) > 0 || d.Principal.ID() != dev.ID() {
						t.Errorf("a grant takes from or gives to somebody else: %+v", d)
					}
				}
			}
		})
	}
}

func TestChangingWhatAStackOwnsMustBeAccepted(t *testing.T) {
	owned := entry(role("dev"), "")
	owned.Tags = map[string]string{"aws:cloudformation:stack-name": "eksctl-eks-workshop-accessentry-X"}
	p := build(t, s3(t, owned, iamRole(t, role("dev"))), GrantAccess{Principal: principal(t, role("dev")), Level: View})
	if !slices.Contains(p.Confirms(), OwnedElsewhere) {
		t.Errorf("got %s", codes(p.Findings))
	}
	if free := build(t, s3(t, entry(role("dev"), ""), iamRole(t, role("dev"))), GrantAccess{Principal: principal(t, role("dev")), Level: View}); len(free.Confirms()) > 0 {
		t.Errorf("nobody owns it: %s", codes(free.Findings))
	}
}

func TestAnotherServerMustBeAccepted(t *testing.T) {
	s := s3(t)
	c, _ := s.Cluster()
	c.Endpoint, s.Server = "https://a.eks.amazonaws.com", "https://localhost:8443"
	s.Objects = s.Objects.With(c)
	if p := build(t, s, Migrate{}); !slices.Contains(p.Confirms(), EndpointDiffers) {
		t.Errorf("got %s", codes(p.Findings))
	}
}
