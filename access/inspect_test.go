package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
)

// told are findings in one line each: severity, code, arguments, who, and the roads.
func told(fs []Finding, only ...Code) []string {
	var out []string
	for _, f := range fs {
		if len(only) > 0 && !slices.Contains(only, f.Code) {
			continue
		}
		var who []string
		for _, p := range f.Who {
			who = append(who, p.Name)
		}
		line := fmt.Sprintf("%s %s %s @%s", f.Severity, f.Code, strings.Join(f.Args, "|"), strings.Join(who, "+"))
		line = strings.ReplaceAll(line, "arn:aws:iam::"+account+":role/", "")
		for _, r := range f.Roads {
			line += fmt.Sprintf(" <%v in %q by %q:", r.Powers, r.Namespace, r.Subject)
			for _, k := range r.Via {
				line += " " + strings.TrimPrefix(k.Namespace+"/", "arn:aws:iam::"+account+":role/") + PolicyName(k.Name)
			}
			if r.When != nil {
				line += " when " + r.When.Variable + "=" + r.When.Value
			}
			line += ">"
		}
		out = append(out, line)
	}
	return out
}

func TestInspect(t *testing.T) {
	dev := role("dev")
	devs := func(more ...Object) []Object { return append([]Object{entry(dev, "", "devs")}, more...) }
	secretReader := clusterRole("secret-reader", rule("get", "", "secrets"))
	for name, tc := range map[string]struct {
		with []Object
		only []Code
		want []string
	}{
		"nothing wrong": {nil, nil, []string{
			"info cluster-admin eks-workshop-admins @eks-workshop-admins <[masters] in \"\" by \"Group system:masters\":>",
			"info cluster-admin platform-admin @platform-admin <[everything] in \"\" by \"\": platform-admin/AmazonEKSClusterAdminPolicy>",
		}},
		"group that no binding names": {devs(entry(role("ops"), "", "devs", "ops"), binding("carts", "b", "ClusterRole", "view", "Group:ops")), []Code{GroupUnbound},
			[]string{"info group-unbound devs|dev @dev+ops"}},
		"binding that nobody reaches": {devs(
			binding("carts", "a", "ClusterRole", "view", "Group:gone"), binding("catalog", "b", "ClusterRole", "view", "Group:gone"),
			binding("carts", "c", "ClusterRole", "view", "Group:gone", "Group:devs"), binding("carts", "d", "ClusterRole", "view", "User:system:kube-scheduler"),
			binding("carts", "e", "ClusterRole", "view", "Group:system:serviceaccounts"), binding("carts", "f", "ClusterRole", "view", "Group:eks:service-operations"),
			Binding{In: kubeR, Namespace: "carts", Name: "g", Role: rbacv1.RoleRef{Kind: "ClusterRole", Name: "view"}, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "default"}}},
			binding("carts", "h", "ClusterRole", "view", "User:arn:aws:sts::"+account+":assumed-role/dev/alice"), binding("carts", "i", "ClusterRole", "view", "User:devs"),
		), []Code{BindingUnreached}, []string{"info binding-unreached group gone|2 @", "info binding-unreached user devs|1 @"}},
		"administrator by a binding": {devs(binding("", "root", "ClusterRole", "cluster-admin", "Group:devs")), []Code{ClusterAdmin, BecomesAdmin}, []string{
			"info cluster-admin dev @dev <[everything] in \"\" by \"Group devs\": /root /cluster-admin>",
			"info cluster-admin eks-workshop-admins @eks-workshop-admins <[masters] in \"\" by \"Group system:masters\":>",
			"info cluster-admin platform-admin @platform-admin <[everything] in \"\" by \"\": platform-admin/AmazonEKSClusterAdminPolicy>"}},
		"secrets of the whole cluster": {devs(secretReader, binding("", "s", "ClusterRole", "secret-reader", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[secrets] in \"\" by \"Group devs\": /s /secret-reader>"}},
		"secrets of kube-system": {devs(secretReader, binding("kube-system", "s", "ClusterRole", "secret-reader", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[secrets] in \"kube-system\" by \"Group devs\": kube-system/s /secret-reader>"}},
		"secrets of another namespace": {devs(secretReader, binding("carts", "s", "ClusterRole", "secret-reader", "Group:devs")), []Code{BecomesAdmin}, nil},
		"one named secret": {devs(clusterRole("one", Rule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"tls"}}),
			binding("", "s", "ClusterRole", "one", "Group:devs")), []Code{BecomesAdmin}, nil},
		"everything in kube-system": {devs(binding("kube-system", "s", "ClusterRole", "cluster-admin", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[everything] in \"kube-system\" by \"Group devs\": kube-system/s /cluster-admin>"}},
		"bind in one role, bindings in another": {devs(
			clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), clusterRole("maker", rule("create", "rbac.authorization.k8s.io", "clusterrolebindings")),
			binding("", "1", "ClusterRole", "binder", "Group:devs"), binding("", "2", "ClusterRole", "maker", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[bind] in \"\" by \"Group devs\": /1 /binder> <[bind] in \"\" by \"Group devs\": /2 /maker>"}},
		"bind without bindings to make":    {devs(clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), binding("", "1", "ClusterRole", "binder", "Group:devs")), []Code{BecomesAdmin}, nil},
		"escalate without roles to change": {devs(clusterRole("e", rule("escalate", "rbac.authorization.k8s.io", "clusterroles")), binding("", "1", "ClusterRole", "e", "Group:devs")), []Code{BecomesAdmin}, nil},
		"escalate": {devs(clusterRole("e", rule("escalate,patch", "rbac.authorization.k8s.io", "clusterroles")), binding("", "1", "ClusterRole", "e", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[escalate] in \"\" by \"Group devs\": /1 /e>"}},
		"cluster-scoped rights in kube-system are none": {devs(clusterRole("e", rule("escalate,patch", "rbac.authorization.k8s.io", "clusterroles"), rule("get", "", "nodes/proxy"), rule("impersonate", "", "users")),
			binding("kube-system", "1", "ClusterRole", "e", "Group:devs")), []Code{BecomesAdmin}, nil},
		"the other powers": {devs(clusterRole("e", rule("impersonate", "", "groups"), rule("create", "", "pods/exec,serviceaccounts/token"), rule("get", "", "nodes/proxy"), rule("create", "apps", "deployments"), rule("patch", "", "configmaps")),
			binding("", "1", "ClusterRole", "e", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[impersonate exec workloads tokens nodes-proxy aws-auth] in \"\" by \"Group devs\": /1 /e>"}},
		"roads to running pods": {devs(clusterRole("1", rule("patch", "", "pods")), clusterRole("2", rule("update", "", "pods/ephemeralcontainers")), clusterRole("3", rule("update", "batch", "cronjobs")),
			clusterRole("4", rule("patch", "", "replicationcontrollers")), clusterRole("5", rule("patch", "batch", "jobs"), rule("create", "", "pods/ephemeralcontainers"), rule("update", "", "pods/status")),
			binding("kube-system", "1", "ClusterRole", "1", "Group:devs"), binding("kube-system", "2", "ClusterRole", "2", "Group:devs"), binding("kube-system", "3", "ClusterRole", "3", "Group:devs"),
			binding("kube-system", "4", "ClusterRole", "4", "Group:devs"), binding("kube-system", "5", "ClusterRole", "5", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[images] in \"kube-system\" by \"Group devs\": kube-system/1 /1> <[exec] in \"kube-system\" by \"Group devs\": kube-system/2 /2>" +
				" <[workloads] in \"kube-system\" by \"Group devs\": kube-system/3 /3> <[workloads] in \"kube-system\" by \"Group devs\": kube-system/4 /4>"}},
		"a policy on kube-system": {[]Object{entry(dev, ""), policy(dev, EditPolicy, "kube-*")}, []Code{BecomesAdmin, PolicyWildcard},
			[]string{"warn becomes-admin dev @dev <[impersonate secrets exec images workloads aws-auth] in \"kube-system\" by \"\": dev/AmazonEKSEditPolicy>", "info policy-wildcard AmazonEKSEditPolicy|kube-* @dev"}},
		"everything of one name": {devs(clusterRole("one", Rule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}, ResourceNames: []string{"x"}}),
			binding("", "1", "ClusterRole", "one", "Group:devs")), []Code{BecomesAdmin, ClusterAdmin}, []string{
			"info cluster-admin eks-workshop-admins @eks-workshop-admins <[masters] in \"\" by \"Group system:masters\":>",
			"info cluster-admin platform-admin @platform-admin <[everything] in \"\" by \"\": platform-admin/AmazonEKSClusterAdminPolicy>"}},
		"what everything is needed for adds nothing": {devs(clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")),
			binding("", "1", "ClusterRole", "binder", "Group:devs"), binding("kube-system", "2", "ClusterRole", "cluster-admin", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[everything] in \"kube-system\" by \"Group devs\": kube-system/2 /cluster-admin>"}},
		"aws-auth that nobody reads": {devs(AuthMode{eksR, APIMode}, clusterRole("c", rule("patch", "", "configmaps")), binding("", "1", "ClusterRole", "c", "Group:devs")), []Code{BecomesAdmin}, nil},
		"administrator in one session": {[]Object{entry(dev, "ci:{{SessionName}}"), binding("", "1", "ClusterRole", "cluster-admin", "User:ci:alice")}, []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[everything] in \"\" by \"User ci:alice\": /1 /cluster-admin when SessionName=alice>"}},
		"two sessions never come together": {[]Object{entry(dev, "ci:{{SessionName}}", "devs"),
			clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), clusterRole("maker", rule("create", "rbac.authorization.k8s.io", "clusterrolebindings")),
			binding("", "1", "ClusterRole", "binder", "User:ci:alice"), binding("", "2", "ClusterRole", "maker", "User:ci:bob")}, []Code{BecomesAdmin}, nil},
		"two forms of one name do": {[]Object{authMap("- rolearn: "+dev+"\n  username: \"ci:{{SessionNameRaw}}\"\n  groups: [\"g:{{SessionName}}\"]\n", "[]\n"),
			clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), clusterRole("maker", rule("create", "rbac.authorization.k8s.io", "clusterrolebindings")), clusterRole("exec", rule("create", "", "pods/exec")),
			binding("", "1", "ClusterRole", "binder", "User:ci:a@b"), binding("", "2", "ClusterRole", "maker", "Group:g:a-b"), binding("", "3", "ClusterRole", "binder", "User:ci:c@d"), binding("", "4", "ClusterRole", "exec", "User:ci:a@b")}, []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[bind] in \"\" by \"Group g:a-b\": /2 /maker when SessionName=a-b>" +
				" <[bind] in \"\" by \"User ci:a@b\": /1 /binder when SessionNameRaw=a@b> <[exec] in \"\" by \"User ci:a@b\": /4 /exec when SessionNameRaw=a@b>"}},
		"a session and a group do": {[]Object{entry(dev, "ci:{{SessionName}}", "devs"),
			clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), clusterRole("maker", rule("create", "rbac.authorization.k8s.io", "clusterrolebindings")),
			binding("", "1", "ClusterRole", "binder", "User:ci:alice"), binding("", "2", "ClusterRole", "maker", "Group:devs")}, []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[bind] in \"\" by \"User ci:alice\": /1 /binder when SessionName=alice>"}},
		"named twice is one road": {devs(secretReader, binding("", "s", "ClusterRole", "secret-reader", "Group:devs", "Group:devs")), []Code{BecomesAdmin},
			[]string{"warn becomes-admin dev @dev <[secrets] in \"\" by \"Group devs\": /s /secret-reader>"}},
		"the creator is told once": {[]Object{AuthMode{eksR, ConfigMapMode}}, []Code{ClusterAdmin, HiddenCreator}, []string{
			"info cluster-admin eks-workshop-admins @eks-workshop-admins <[masters] in \"\" by \"Group system:masters\":>", "info hidden-creator CONFIG_MAP @"}},
		"masters by default": {[]Object{binding("", "cluster-admin", "ClusterRole", "cluster-admin", "Group:system:masters")}, []Code{ClusterAdmin}, []string{
			"info cluster-admin eks-workshop-admins @eks-workshop-admins <[masters] in \"\" by \"Group system:masters\":>",
			"info cluster-admin platform-admin @platform-admin <[everything] in \"\" by \"\": platform-admin/AmazonEKSClusterAdminPolicy>"}},
		"a role of AWS": {[]Object{entry(role("aws-service-role/backup.amazonaws.com/B"), ""), policy(role("aws-service-role/backup.amazonaws.com/B"), ViewPolicy), policy(role("aws-service-role/backup.amazonaws.com/B"), EditPolicy, "kube-system")},
			[]Code{BecomesAdmin}, []string{"info becomes-admin aws-service-role/backup.amazonaws.com/B @B <[impersonate secrets exec images workloads aws-auth] in \"kube-system\" by \"\": aws-service-role/backup.amazonaws.com/B/AmazonEKSEditPolicy>"}},
		"only stars reach what is to come": {[]Object{entry(dev, ""), policy(dev, ViewPolicy, "carts", "dev-*", "ui")}, []Code{PolicyWildcard}, []string{"info policy-wildcard AmazonEKSViewPolicy|dev-* @dev"}},
		"node of Auto Mode":                {[]Object{AccessEntry{In: eksR, Principal: dev, Type: "EC2"}, policy(dev, "AmazonEKSAutoNodePolicy")}, []Code{NodeRights}, nil},
		"node with a policy and a cluster's right": {[]Object{AccessEntry{In: eksR, Principal: dev, Type: "EC2_LINUX", Groups: []string{"system:nodes", "devs"}}, policy(dev, ViewPolicy, "ca*"), binding("", "b", "ClusterRole", "view", "Group:devs")},
			[]Code{NodeRights}, []string{"warn node-with-rights dev @dev <[bound] in \"\" by \"Group devs\": /b /view> <[bound] in \"ca*\" by \"\": dev/AmazonEKSViewPolicy>"}},
		"what a Role may name though it is cluster-scoped": {[]Object{Role{In: kubeR, Namespace: "carts", Name: "r", Rules: []Rule{rule("bind", "rbac.authorization.k8s.io", "clusterroles"), rule("get", "*", "nodes")}}},
			[]Code{ClusterScoped}, nil},
		"everybody": {[]Object{secretReader, binding("", "s", "ClusterRole", "secret-reader", "Group:system:authenticated")}, []Code{EverybodyAdmin, BecomesAdmin},
			[]string{"warn everybody-admin system:authenticated @ <[secrets] in \"\" by \"Group system:authenticated\": /s /secret-reader>"}},
		"admin policy that can't bind": {[]Object{entry(dev, ""), policy(dev, AdminPolicy, "carts", "dev-*")}, []Code{AdminCantBind}, []string{"info admin-cannot-bind dev|carts, dev-* @dev"}},
		"admin policy, bind by RBAC": {append(devs(policy(dev, AdminPolicy)), clusterRole("binder", rule("bind", "rbac.authorization.k8s.io", "clusterroles")), binding("", "1", "ClusterRole", "binder", "Group:devs")),
			[]Code{AdminCantBind}, nil},
		"admin policy, little by RBAC":        {append(devs(policy(dev, AdminPolicy)), binding("", "1", "ClusterRole", "view", "Group:devs")), []Code{AdminCantBind}, []string{"info admin-cannot-bind dev| @dev"}},
		"admin policy, everything by RBAC":    {append(devs(policy(dev, AdminPolicy)), binding("", "1", "ClusterRole", "all", "Group:devs"), clusterRole("all", rule("*", "*", "*"))), []Code{AdminCantBind}, nil},
		"admin policy, as much again by RBAC": {append(devs(policy(dev, AdminPolicy, "carts")), binding("carts", "1", "ClusterRole", "same", "Group:devs"), clusterRole("same", adminRules(t)...)), []Code{AdminCantBind}, nil},
		"policies we don't know": {[]Object{entry(dev, ""), policy(dev, "AmazonEKSTomorrowPolicy"), policy(dev, "AmazonEKSEventPolicy"),
			AccessPolicy{In: eksR, Name: "AmazonEKSLaterPolicy", ARN: PolicyARN("aws", "AmazonEKSLaterPolicy")}, AccessPolicy{In: eksR, Name: ViewPolicy, ARN: PolicyARN("aws", ViewPolicy)}},
			[]Code{PolicyNew, PolicyUnknown}, []string{"warn policy-new AmazonEKSLaterPolicy|" + PolicyTableDate + " @", "warn policy-new AmazonEKSTomorrowPolicy|" + PolicyTableDate + " @dev", "info policy-unknown AmazonEKSEventPolicy|dev @dev"}},
		"node with people's rights": {[]Object{AccessEntry{In: eksR, Principal: dev, Type: "EC2_LINUX", Username: "system:node:{{EC2PrivateDNSName}}", Groups: []string{"system:nodes", "devs"}},
			binding("carts", "b", "ClusterRole", "view", "Group:devs"), binding("", "n", "ClusterRole", "view", "Group:system:nodes")}, []Code{NodeRights},
			[]string{"warn node-with-rights dev @dev <[bound] in \"carts\" by \"Group devs\": carts/b /view>"}},
		"administrators on nodes": {[]Object{entry(dev, "", "system:nodes", Masters)}, []Code{NodeRights}, []string{"warn node-with-rights dev @dev <[bound] in \"\" by \"Group system:masters\":>"}},
		"roles whose rules grant nothing": {devs(
			Role{In: kubeR, Namespace: "carts", Name: "broken", Rules: []Rule{rule("get,list,describe", "", "pods"), rule("get", "extensions", "ingresses"), rule("get", "", "pod,nodes,namespaces,Secrets,pods/*"), rule("get", "example.com", "job"), {APIGroups: []string{""}, Resources: []string{"pods"}}}},
			binding("carts", "b", "Role", "broken", "Group:devs"),
			Role{In: kubeR, Namespace: "ui", Name: "unused", Rules: []Rule{rule("get", "", "persistentvolumes"), {Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz"}}}},
			clusterRole("system:old", rule("describe", "extensions", "ingresses")), clusterRole("fine", rule("get", "", "nodes"), rule("get", "extensions,networking.k8s.io", "ingresses")),
		), []Code{VerbUnknown, WatchMissing, GroupMoved, ResourceUnknown, ClusterScoped, RuleEmpty}, []string{
			"warn api-group-moved broken|ingresses|extensions|networking.k8s.io @dev", "warn cluster-scoped broken|nodes @dev",
			"warn resource-unknown broken|Secrets|secrets @dev", "warn resource-unknown broken|pod|pods @dev", "warn resource-unknown broken|pods/*|pods @dev",
			"warn rule-empty broken|5 @dev", "warn verb-unknown broken|describe @dev",
			"info cluster-scoped unused|persistentvolumes @", "info rule-empty unused|2 @", "info watch-missing broken @dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, told(Inspect(NewIndex(s3(t, tc.with...))), tc.only...)); d != "" {
				t.Error(d)
			}
		})
	}
}

func adminRules(t *testing.T) []Rule {
	p, ok := PolicyNamed(AdminPolicy)
	if !ok {
		t.Fatal("no such policy")
	}
	return p.Rules
}

// What was not read is no reason to say that nobody has it.
func TestInspectSaysNothingOfWhatWasNotRead(t *testing.T) {
	for name, tc := range map[string]struct {
		gap   Gap
		not   Code
		world []Object
	}{
		"bindings":      {Gap{Realm: kubeR, Kind: RoleBindingKind, Why: Denied}, GroupUnbound, []Object{entry(role("dev"), "", "devs")}},
		"roles":         {Gap{Realm: kubeR, Kind: RoleKind, Why: Denied}, RoleMissing, []Object{binding("carts", "b", "Role", "nope", "Group:devs")}},
		"entries":       {Gap{Realm: eksR, Kind: EntryKind, Why: Denied}, BindingUnreached, []Object{binding("carts", "b", "ClusterRole", "view", "Group:devs")}},
		"one entry":     {Gap{Realm: eksR, Kind: EntryKind, Name: role("dev"), Why: Throttled}, BindingUnreached, []Object{binding("carts", "b", "ClusterRole", "view", "Group:devs")}},
		"aws-auth":      {Gap{Realm: kubeR, Kind: AuthMapKind, Why: Denied}, BindingUnreached, []Object{binding("carts", "b", "ClusterRole", "view", "Group:devs")}},
		"cluster roles": {Gap{Realm: kubeR, Kind: ClusterRoleKind, Why: Denied}, RoleMissing, []Object{binding("carts", "b", "ClusterRole", "nope", "Group:devs")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := s3(t, tc.world...)
			if got := told(Inspect(NewIndex(s)), tc.not); len(got) != 1 {
				t.Fatalf("everything read: %v, want one", got)
			}
			s.Gaps = []Gap{tc.gap}
			if got := told(Inspect(NewIndex(s)), tc.not); len(got) != 0 {
				t.Errorf("%s unread, and still: %v", name, got)
			}
		})
	}
}

// A mapping that was not decided may reach a binding; so may the caller by certificate.
func TestWhoMayArriveIsNotNobody(t *testing.T) {
	s := s3(t, binding("carts", "a", "ClusterRole", "view", "User:admin-by-certificate"), binding("carts", "b", "ClusterRole", "view", "User:ci-42-runner"),
		authMap(s3Roles+"- rolearn: "+role("ci")+"\n  username: ci-{{SessionName}}-runner\n", "[]\n"))
	if got := told(Inspect(NewIndex(s)), BindingUnreached); len(got) != 1 || !strings.Contains(got[0], "admin-by-certificate") {
		t.Errorf("got %v, want the certificate's binding only", got)
	}
	s.Caller.Identity = Identity{User: "admin-by-certificate"}
	if got := told(Inspect(NewIndex(s)), BindingUnreached); len(got) != 0 {
		t.Errorf("the caller reaches it: %v", got)
	}
}

// Of two items that differ in letter case only either may count, so both arrive.
func TestWhoeverMayCountArrives(t *testing.T) {
	s := s3(t, binding("carts", "a", "ClusterRole", "view", "Group:one"), binding("carts", "b", "ClusterRole", "view", "Group:two"), binding("carts", "c", "ClusterRole", "view", "Group:three"),
		authMap(s3Roles, "- {userarn: arn:aws:iam::"+account+":user/bob, username: bob, groups: [one]}\n- {userarn: arn:aws:iam::"+account+":user/Bob, username: Bob, groups: [two]}\n"))
	if got := told(Inspect(NewIndex(s)), BindingUnreached); len(got) != 1 || !strings.Contains(got[0], "three") {
		t.Errorf("got %v, want the third group only", got)
	}
}

// The same snapshot gives the same findings, in the same order, although they are
// collected from maps.
func TestInspectIsTheSameEachTime(t *testing.T) {
	var os []Object
	for n := range 30 {
		ns := fmt.Sprintf("n%02d", n%7)
		os = append(os, entry(role(fmt.Sprintf("r%d", n)), "", fmt.Sprintf("g%d", n%5), "lost"), policy(role(fmt.Sprintf("r%d", n)), EditPolicy, "kube-*", ns),
			Role{In: kubeR, Namespace: ns, Name: "same", Rules: []Rule{rule("describe,list", "", "pod")}}, binding(ns, "b", "Role", "same", "Group:g1"),
			binding(ns, fmt.Sprintf("x%d", n), "ClusterRole", "edit", fmt.Sprintf("Group:nobody%d", n%3)), binding("kube-system", fmt.Sprintf("y%d", n), "ClusterRole", "admin", fmt.Sprintf("Group:g%d", n%5)))
	}
	want := Inspect(NewIndex(s3(t, os...)))
	for range 5 {
		if d := cmp.Diff(want, Inspect(NewIndex(s3(t, os...))), cmp.Comparer(func(a, b Key) bool { return a == b })); d != "" {
			t.Fatal(d)
		}
	}
}

// The comparison that is made once for each pair of sets of roles says the same as the
// one that is made rule by rule.
func TestLawNarrowerIsTheSameForThousands(t *testing.T) {
	yes, no := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		some := func(of ...string) []string {
			return slices.DeleteFunc(slices.Clone(of), func(string) bool { return r.IntN(2) == 0 })
		}
		dev := role("dev")
		os := []Object{entry(dev, "", some("a", "b", "c")...), clusterRole("one", rule("get", "", "pods")), clusterRole("two", rule("get,list", "", "pods")),
			authMap("- rolearn: "+dev+"\n  username: u\n  groups: ["+strings.Join(some("a", "b", "d"), ", ")+"]\n", "[]\n")}
		if r.IntN(2) == 0 {
			os = append(os, policy(dev, ViewPolicy, some("carts", "cat*", "ui")...))
		}
		for n := range 6 {
			os = append(os, binding([]string{"", "carts", "catalog"}[r.IntN(3)], fmt.Sprint(n), "ClusterRole", []string{"one", "two", "view"}[r.IntN(3)], "Group:"+[]string{"a", "b", "c", "d"}[r.IntN(4)]))
		}
		ix := NewIndex(s3(t, os...))
		row, _ := ix.Row(principal(t, dev))
		if len(row.Mappings) != 2 {
			t.Fatalf("seed %d: %d mappings", seed, len(row.Mappings))
		}
		i := &inspector{ix: ix, covers: map[string]bool{}}
		want := narrower(ix, row.Mappings[0], row.Mappings[1])
		for range 2 { // the second time from memory
			if got := i.narrower(row.Mappings[0], row.Mappings[1]); got != want {
				t.Fatalf("seed %d: narrower %v, rule by rule %v", seed, got, want)
			}
		}
		if want {
			yes++
		} else {
			no++
		}
	}
	if yes < 50 || no < 50 {
		t.Errorf("%d narrower, %d not: the worlds are too much alike", yes, no)
	}
}
