package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
)

// move is a row of the table of moves: what is asked for, and the order it is done in.
type move struct {
	s       Snapshot
	in      []Intent
	steps   string   // signs, one a line
	says    []string // severity:code, each must be among the findings
	silent  Code     // must not be
	window  string   // the principal that is let go without rights for a moment, and said
	refused bool
	stays   bool   // taking it back would shut nodes out, and is refused
	err     string // part of the error of a wish that can't be planned
}

const nodeName = "eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"

// nodeOf is an entry of a node type, as EKS shows it.
func nodeOf(arn, kind string) AccessEntry {
	return AccessEntry{In: eksR, Principal: arn, Type: kind, Username: "system:node:{{EC2PrivateDNSName}}", Groups: []string{"system:nodes"}, Created: began}
}

func bridge(arns ...string) string {
	return bridgeGroup("arn:aws:eks:us-west-2:"+account+":cluster/eks-workshop", arns)
}

func lines(in ...string) string { return strings.Join(in, "\n") }

// addedItems puts items into mapRoles, below those of S3.
func added(t testing.TB, s Snapshot, items string) Snapshot {
	t.Helper()
	am, _ := s.AuthMap()
	return Project(s, Step{After: AuthMap{In: am.In, Data: map[string]string{"mapRoles": am.Data["mapRoles"] + items, "mapUsers": am.Data["mapUsers"]}}})
}

// spacesUnread is a world whose namespaces may not be listed.
func spacesUnread(s Snapshot) Snapshot {
	for _, n := range Of[Namespace](s.Objects) {
		s.Objects = s.Objects.Without(n.Key())
	}
	s.Gaps = append(s.Gaps, Gap{Realm: kubeR, Kind: NamespaceKind, Why: Denied})
	return s
}

// moves are all kinds of changes in the worlds that make them hard. Each is done at every prefix, undone from every prefix, and judged
// request by request.
func moves(t testing.TB) map[string]move {
	dev, arn := principal(t, role("dev")), role("dev")
	one := []Principal{dev}
	am, en := "~ AuthMap kube-system/aws-auth", " AccessEntry /"+arn
	pol := func(name string) string { return " PolicyAssociation " + arn + "/" + PolicyARN("aws", name) }
	edit := binding("carts", "b", "ClusterRole", "edit", "Group:devs")
	as := func(subject string) Object { return binding("carts", "b", "ClusterRole", "edit", subject) }
	here := func(items string, more ...Object) Snapshot {
		return s3(t, mapped(items, append(more, iamRole(t, arn))...)...)
	}
	node := role(nodeName)
	remade := iamRole(t, arn)
	remade.Created = began.AddDate(0, 1, 0)
	gone := IAMPrincipal{In: iamR, ARN: arn, ID: dev.ID(), Gone: true}
	owned := entry(arn, "dev", "devs")
	owned.Tags = map[string]string{"services.k8s.aws/controller-version": "eks-1.0"}
	accounts := AuthMap{In: kubeR, Data: map[string]string{"mapRoles": s3Roles, "mapAccounts": "- '" + account + "'\n"}}
	allNodes := nodeOf(node, "EC2_LINUX")
	s3Bridge := bridge(role("eks-workshop-admins"))
	overBridge := []string{"+ ClusterRoleBinding /" + s3Bridge, "+ AccessEntry /" + role("eks-workshop-admins"),
		"+ PolicyAssociation " + role("eks-workshop-admins") + "/" + PolicyARN("aws", ClusterAdminPolicy),
		"~ AccessEntry /" + role("eks-workshop-admins"), "- ClusterRoleBinding /" + s3Bridge}
	return map[string]move{
		"plain groups -> entry": {s: here(item(arn, "d", "devs"), edit), in: []Intent{Migrate{Principals: one}}, steps: lines("+"+en, am)},
		"user name not allowed, reserved": {s: here(item(arn, "system:dev", "g"), as("User:system:dev")), in: []Intent{Migrate{Principals: one}},
			steps: lines("~ RoleBinding carts/b", "+"+en, am), says: []string{"info:name-moved"}},
		"user name not allowed, and its old subjects go": {s: here(item(arn, "system:dev", "g"), as("User:system:dev")), in: []Intent{Migrate{Principals: one, Subjects: true}},
			steps: lines("~ RoleBinding carts/b", "+"+en, am, "~ RoleBinding carts/b"), says: []string{"info:name-replaced"}},
		"user name not allowed, old subjects that others have stay": {s: here(item(arn, "system:dev", "g")+item(role("other"), "system:dev", "g"), as("User:system:dev"), iamRole(t, role("other"))),
			in: []Intent{Migrate{Principals: one, Subjects: true}}, steps: lines("~ RoleBinding carts/b", "+"+en, am)},
		"user name not allowed, of a service account": {s: here(item(arn, "system:serviceaccount:carts:app", "g"), Binding{In: kubeR, Namespace: "carts", Name: "b", Role: edit.Role, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "app"}}}),
			in: []Intent{Migrate{Principals: one, Subjects: true}}, steps: lines("~ RoleBinding carts/b", "+"+en, am)},
		"group not allowed, of service accounts": {s: here(item(arn, "d", "system:serviceaccounts"), as("Group:system:serviceaccounts")), in: []Intent{Migrate{Principals: one, Subjects: true}}, steps: lines("~ RoleBinding carts/b", "+"+en, am)},
		"user name not allowed, of the cluster's own binding": {s: here(item(arn, "system:kube-scheduler", "g"), binding("", "system:kube-scheduler", "ClusterRole", "view", "User:system:kube-scheduler")), in: []Intent{Migrate{Principals: one, Subjects: true}},
			steps: lines("~ ClusterRoleBinding /system:kube-scheduler", "+"+en, am)},
		"group not allowed, and its old subjects go": {s: here(item(arn, "d", "system:devs"), as("Group:system:devs")), in: []Intent{Migrate{Principals: one, Subjects: true}}, steps: lines("~ RoleBinding carts/b", "+"+en, am, "~ RoleBinding carts/b")},
		"user name not allowed, no colon before the session": {s: here(item(arn, "bob{{SessionName}}", "g"), as("User:bobalice")), in: []Intent{Migrate{Principals: one, Subjects: true}},
			steps: lines("~ RoleBinding carts/b", "+"+en, am, "~ RoleBinding carts/b")},
		"user name not allowed, and the near one is somebody's": {s: here(item(arn, "bob{{SessionName}}", "g"), as("User:bob:alice")), in: []Intent{Migrate{Principals: one}},
			steps: lines("+"+en, am)},
		"user name not allowed, reserved, and the near one is somebody's": {s: here(item(arn, "system:dev", "g"), as("User:kube:system:dev")), in: []Intent{Migrate{Principals: one}}, steps: lines("+"+en, am)},
		"user name not allowed, a template that entries lack":             {s: here(item(arn, "{{AccessKeyID}}", "g")), in: []Intent{Migrate{Principals: one}}, says: []string{"warn:not-migratable"}},
		"user name omitted": {s: here("- rolearn: "+arn+"\n  groups: [devs]\n", edit, binding("carts", "arn", "ClusterRole", "admin", "User:arn:aws:sts::"+account+":assumed-role/dev/alice")),
			in: []Intent{Migrate{Principals: one}}, steps: lines("+"+en, am), says: []string{"info:name-empty"}},
		"add one namespace to a policy scope": {s: here("", entry(arn, "dev"), policy(arn, ViewPolicy, "catalog")), in: []Intent{GrantAccess{Principal: dev, Policy: ViewPolicy, Namespaces: []string{"carts"}}},
			steps: "~" + pol(ViewPolicy)},
		"narrow a policy's scope in place": {s: here("", entry(arn, "dev"), policy(arn, ViewPolicy)), in: []Intent{ChangeScope{dev, ViewPolicy, []string{"carts"}}}, steps: "~" + pol(ViewPolicy)},
		"widen a policy's scope in place":  {s: here("", entry(arn, "dev"), policy(arn, ViewPolicy, "carts")), in: []Intent{ChangeScope{Principal: dev, Policy: ViewPolicy}}, steps: "~" + pol(ViewPolicy)},
		"scope of a policy it has not":     {s: here("", entry(arn, "dev")), in: []Intent{ChangeScope{Principal: dev, Policy: ViewPolicy}}, err: "no access policy"},
		"change an entry's groups and user name": {s: here("", entry(arn, "dev", "devs"), edit), in: []Intent{ChangeIdentity{Principal: dev, Username: "d2", Add: []string{"ops"}, Drop: []string{"devs"}}},
			steps: "~" + en},
		"change an item's groups":                 {s: here(item(arn, "d", "devs"), edit), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"ops"}}}, steps: am},
		"change an entry's type, people":          {s: here("", entry(arn, "dev", "devs")), in: []Intent{ChangeType{dev, "EC2_LINUX"}}, err: "for people or programs"},
		"change an entry's type, nodes":           {s: s3(t, nodeOf(arn, "EC2_LINUX"), iamRole(t, arn)), in: []Intent{ChangeType{dev, "HYBRID_LINUX"}}, steps: lines("-"+en, "+"+en), says: []string{"confirm:node-window"}, window: arn},
		"change an entry's type, to Windows":      {s: s3(t, nodeOf(arn, "EC2_LINUX"), iamRole(t, arn)), in: []Intent{ChangeType{dev, "EC2_WINDOWS"}}, steps: lines("-"+en, "+"+en), says: []string{"confirm:node-window"}, window: arn},
		"change an entry's type, not as the item": {s: here(item(arn, "system:node:{{EC2PrivateDNSName}}", "system:nodes"), entry(arn, "oops")), in: []Intent{ChangeType{dev, "HYBRID_LINUX"}}, err: "has its nodes be"},
		"change an entry's type, over nodes":      {s: here(item(arn, "system:node:{{EC2PrivateDNSName}}", "system:nodes"), entry(arn, "oops")), in: []Intent{ChangeType{dev, "EC2_LINUX"}}, steps: lines("-"+en, "+"+en), says: []string{"confirm:node-window"}, window: arn, stays: true},
		"change an entry's type, Fargate's":       {s: s3(t, nodeOf(arn, "FARGATE_LINUX"), iamRole(t, arn)), in: []Intent{ChangeType{dev, "EC2_LINUX"}}, err: "AWS's own"},
		"a ClusterRole with paths":                {s: s3(t), in: []Intent{MakeRole{Role: Role{Name: "metrics", Rules: []Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}}}}, steps: "+ ClusterRole /metrics"},
		"a Role with paths":                       {s: s3(t), in: []Intent{MakeRole{Role: Role{Name: "metrics", Rules: []Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}}, Namespaces: []string{"carts"}}}, err: "in a ClusterRole only"},
		"a role of no name":                       {s: s3(t), in: []Intent{MakeRole{Role: Role{Name: "a/b", Rules: []Rule{rule("get", "", "pods")}}}}, err: "is not the name of a role"},
		"namespaces unread":                       {s: spacesUnread(s3(t)), in: []Intent{BindRole{Groups: []string{"g"}, ClusterRole: "edit", Namespaces: []string{"hidden"}}}, steps: "+ RoleBinding hidden/edit-binding"},
		"namespaces unread, one made":             {s: spacesUnread(s3(t)), in: []Intent{MakeNamespaces{[]string{"hidden"}}}, err: "could not be read"},
		"dead entry, made again":                  {s: s3(t, entry(arn, "dev", "devs"), policy(arn, ViewPolicy, "carts"), edit, remade), in: []Intent{Remake{dev}}, steps: lines("-"+pol(ViewPolicy), "-"+en, "+"+en, "+"+pol(ViewPolicy)), says: []string{"confirm:dead-entry"}},
		"dead entry, granted anew":                {s: s3(t, entry(arn, "dev", "devs"), edit, remade), in: []Intent{GrantAccess{Principal: dev, Policy: ViewPolicy}}, steps: lines("-"+en, "+"+en, "+"+pol(ViewPolicy)), says: []string{"confirm:dead-entry"}},
		"dead entry above an item, by name":       {s: s3(t, mapped(item(arn, "d", "devs"), edit, entry(arn, "x"), remade)...), in: []Intent{Migrate{Principals: one}}, steps: lines("-"+en, "+"+en, am), says: []string{"confirm:dead-entry", "confirm:item-revived"}},
		"dead entry above a node's item":          {s: s3(t, mapped("- rolearn: "+arn+"\n  username: 'system:node:{{EC2PrivateDNSName}}'\n  groups: ['system:bootstrappers', 'system:nodes']\n", entry(arn, "x"), remade)...), in: []Intent{Migrate{Principals: one}}, says: []string{"info:already-dead"}},
		"dead entry above an item of nobody":      {s: s3(t, mapped(item(arn, "d", "devs"), entry(arn, "x"), gone)...), in: []Intent{Migrate{Principals: one}}, says: []string{"info:already-dead"}},
		"dead entry above an item, granted":       {s: s3(t, mapped(item(arn, "d", Masters), edit, entry(arn, "x"), remade)...), in: []Intent{GrantAccess{Principal: dev, Level: View, Namespaces: []string{"carts"}}}, err: "bring back to life"},
		"dead entry above an item, all":           {s: s3(t, mapped(item(arn, "d", "devs"), edit, entry(arn, "x"), remade)...), in: []Intent{Migrate{}}, steps: lines(append(overBridge, am)...), says: []string{"warn:not-migratable"}},
		"live entry is not made again":            {s: here("", entry(arn, "dev")), in: []Intent{Remake{dev}}, err: "no dead access entry"},
		"revoke":                                  {s: here(item(arn, "old", Masters), entry(arn, "dev", "devs"), policy(arn, ViewPolicy), as("User:dev")), in: []Intent{RevokeAccess{Principal: dev, Subjects: true}}, steps: lines(am, "-"+pol(ViewPolicy), "-"+en, "- RoleBinding carts/b")},
		"duplicates":                              {s: here(item(arn, "m", Masters)+item(arn, "v", "devs"), edit), in: []Intent{Migrate{Principals: one}}, steps: lines("+"+en, am)},
		"never matched, all":                      {s: here(item(role("team/dev"), "d", Masters)), in: []Intent{Migrate{}}, steps: lines(append(overBridge, am)...)},
		"never matched, by name":                  {s: here(item(role("team/dev"), "d", Masters)), in: []Intent{Migrate{Principals: []Principal{principal(t, role("team/dev"))}}}, says: []string{"warn:not-migratable"}},
		"principal gone":                          {s: s3(t, mapped(item(arn, "d", "devs"), gone)...), in: []Intent{Migrate{Principals: one}}, says: []string{"info:already-dead"}},
		"principal gone, removed":                 {s: s3(t, mapped(item(arn, "d", "devs"), gone)...), in: []Intent{RevokeAccess{Principal: dev}}, steps: am},
		"foreign account": {s: here(item("arn:aws:iam::999988887777:role/dev", "d", "devs")), in: []Intent{Migrate{Principals: []Principal{principal(t, "arn:aws:sts::999988887777:assumed-role/dev/x")}}},
			says: []string{"warn:foreign-account"}},
		"foreign account, by its ARN": {s: here(item("arn:aws:iam::999988887777:role/dev", "d", "devs")), in: []Intent{Migrate{Principals: []Principal{principal(t, "arn:aws:iam::999988887777:role/team/dev")}}},
			steps: lines("+ AccessEntry /arn:aws:iam::999988887777:role/team/dev", am), says: []string{"confirm:arn-as-written"}},
		"nodes are left": {s: s3(t), in: []Intent{Migrate{Principals: []Principal{principal(t, node)}}}, says: []string{"info:node-left"}},
		"nodes with an entry go last": {s: here(item(arn, "d", "devs"), edit, allNodes), in: []Intent{Migrate{}},
			steps: lines(append(append([]string{overBridge[0], "+" + en}, overBridge[1:]...), am, am)...)},
		"self-managed nodes":                   {s: s3(t), in: []Intent{Migrate{Principals: []Principal{principal(t, node)}, NodeType: "EC2_LINUX"}}, steps: lines("+ AccessEntry /"+node, am), says: []string{"confirm:node-entry-by-you"}},
		"self-managed nodes, after the people": {s: here(item(arn, "d", "devs"), edit), in: []Intent{Migrate{Principals: []Principal{principal(t, node)}, NodeType: "EC2_LINUX"}, Migrate{Principals: one}}, steps: lines("+ AccessEntry /"+node, "+"+en, am, am)},
		"self-managed nodes of Windows": {s: here(item(arn, "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes", windowsNodes)), in: []Intent{Migrate{Principals: one, NodeType: "EC2_LINUX"}},
			err: "EC2_WINDOWS"},
		"Fargate is not made by us": {s: here(item(arn, "system:node:{{SessionName}}", "system:nodes", fargateNodes)), in: []Intent{Migrate{Principals: one, NodeType: "EC2_LINUX"}}, err: "Fargate"},
		"people get no node type":   {s: here(item(arn, "d", "devs")), in: []Intent{Migrate{Principals: one, NodeType: "EC2_LINUX"}}, err: "no aws-auth item of nodes"},
		"service-linked, granted": {s: s3(t, entry("arn:aws:iam::"+account+":role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS", "x")),
			in: []Intent{GrantAccess{Principal: principal(t, "arn:aws:iam::"+account+":role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"), Level: View}}, err: "service-linked"},
		"service-linked, changed": {s: s3(t, entry("arn:aws:iam::"+account+":role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS", "x")),
			in: []Intent{ChangeIdentity{Principal: principal(t, "arn:aws:iam::"+account+":role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"), Add: []string{"g"}}}, err: "service-linked"},
		"Auto Mode, revoked":   {s: here("", entry(arn, "x"), policy(arn, "AmazonEKSComputePolicy")), in: []Intent{RevokeAccess{Principal: dev}}, err: "AWS alone gives"},
		"capability, changed":  {s: here("", entry(arn, "x"), policy(arn, "AmazonEKSACKPolicy")), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"g"}}}, err: "AWS alone gives"},
		"capability, granted":  {s: here("", entry(arn, "x"), policy(arn, "AmazonEKSArgoCDPolicy")), in: []Intent{GrantAccess{Principal: dev, Level: View}}, err: "AWS alone gives"},
		"owned by ACK":         {s: here("", owned, edit), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"ops"}}}, steps: "~" + en, says: []string{"confirm:owned-elsewhere"}},
		"mode, one at a time":  {s: s1(t), in: []Intent{SwitchMode{BothMode}}, steps: "~ AuthMode /", says: []string{"confirm:one-way-mode", "info:creator-stays"}},
		"mode, never back":     {s: s3(t), in: []Intent{SwitchMode{ConfigMapMode}}, err: "can't go back"},
		"mode, never repeated": {s: s3(t), in: []Intent{SwitchMode{BothMode}}, says: []string{"info:nothing-to-do"}},
		"to API, with nodes left": {s: s3(t), in: []Intent{Migrate{To: APIMode}}, steps: lines(append(overBridge, am, "~ AuthMode /")...),
			refused: true, says: []string{"refuse:nodes-lose", "refuse:left-in-aws-auth"}},
		"to API": {s: s3(t, allNodes), in: []Intent{Migrate{To: APIMode}}, steps: lines(append(overBridge, am, am, "~ AuthMode /")...), says: []string{"confirm:one-way-mode"}},
		"to API, the mode is last wherever it stands": {s: s3(t, allNodes), in: []Intent{SwitchMode{APIMode}, Migrate{}}, steps: lines(append(overBridge, am, am, "~ AuthMode /")...)},
		"to API, a loss is asked for": {s: here(item(arn, "{{AccessKeyID}}", "devs"), edit, allNodes), in: []Intent{Migrate{To: APIMode}}, steps: lines(append(overBridge, am, am, "~ AuthMode /")...),
			says: []string{"confirm:left-in-aws-auth"}, window: arn},
		"mapAccounts": {s: s3(t, accounts, as("User:"+arn), iamRole(t, arn), allNodes), in: []Intent{Migrate{To: APIMode}},
			steps: lines(append(append([]string{overBridge[0], "+" + en}, overBridge[1:]...), am, am, "~ AuthMode /")...), says: []string{"confirm:account-loses", "warn:account-mapping"}},
		"mapAccounts, taken out while bindings name somebody": {s: s3(t, accounts, as("User:"+arn)), in: []Intent{RevokeAccess{Principal: principal(t, account)}}, steps: am,
			refused: true, says: []string{"refuse:loses-access", "confirm:account-loses"}},
		"mapAccounts, taken out": {s: s3(t, accounts), in: []Intent{RevokeAccess{Principal: principal(t, account)}}, steps: am, says: []string{"confirm:account-loses"}},
	}
}

func TestMoves(t *testing.T) {
	for name, m := range moves(t) {
		t.Run(name, m.hold)
	}
}

// hold plans a move, and holds it to its row, to the law at every prefix, and to its undo.
func (m move) hold(t *testing.T) {
	p, err := Build(m.s, m.in...)
	if m.err != "" {
		if err == nil || !strings.Contains(err.Error(), m.err) {
			t.Errorf("%v, want %q", err, m.err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.steps, signs(p)); diff != "" {
		t.Errorf("steps: %s", diff)
	}
	for _, code := range m.says {
		if !slices.Contains(strings.Fields(codes(p.Findings)), code) {
			t.Errorf("%s is not said: %s", code, codes(p.Findings))
		}
	}
	if m.silent != "" && strings.Contains(codes(p.Findings), string(m.silent)) {
		t.Errorf("%s is said: %s", m.silent, codes(p.Findings))
	}
	if p.Refused() != m.refused {
		t.Fatalf("refused %v: %+v", p.Refused(), p.Findings)
	}
	if !m.refused {
		lawful(t, m.s, p, slices.DeleteFunc([]string{m.window}, func(w string) bool { return w == "" })...)
		undoable(t, m.s, p, m.stays)
		if back, err := Inverse(p.Steps); m.stays {
			if undo, bad := BuildSteps(Project(m.s, p.Steps...), back); err != nil || bad != nil || !undo.Refused() {
				t.Errorf("taking it back shuts nodes out: %v %v %s", err, bad, codes(undo.Findings))
			}
		}
		resumable(t, m.s, p)
	}
}
