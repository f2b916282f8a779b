package tui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// fake is a cluster in memory: it applies steps to its objects, as the rim would.
type fake struct {
	mu    sync.Mutex
	snap  access.Snapshot
	parts []access.Snapshot // seen while loading
	pace  time.Duration     // of a step
	fail  map[int]error     // steps that fail
	lost  map[int]error     // steps that are done, but their answer is lost
	stop  func(step int)    // called after a step
	looks int               // Lookups asked
}

func (f *fake) Empty() access.Snapshot {
	s := access.Snapshot{Realms: f.snap.Realms, Objects: access.Objects{}}
	for _, k := range []access.Kind{access.ClusterKind, access.AuthModeKind, access.EntryKind} {
		s.Gaps = append(s.Gaps, access.Gap{Realm: f.snap.Realm("eks"), Kind: k, Why: access.Loading})
	}
	for _, k := range []access.Kind{access.AuthMapKind, access.ClusterRoleBindingKind, access.ClusterRoleKind, access.NamespaceKind, access.RoleBindingKind, access.RoleKind} {
		s.Gaps = append(s.Gaps, access.Gap{Realm: f.snap.Realm("kube"), Kind: k, Why: access.Loading})
	}
	return s
}

func (f *fake) Load(ctx context.Context, seen func(access.Snapshot)) (access.Snapshot, error) {
	for _, p := range f.parts {
		seen(p)
		wait(ctx, f.pace)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snap, ctx.Err()
}

func (f *fake) Lookup(_ context.Context, s access.Snapshot, ps ...access.Principal) (access.Snapshot, error) {
	f.looks++
	part := access.Snapshot{Objects: access.Objects{}}
	for _, p := range ps {
		o := access.IAMPrincipal{In: access.IAMRealm(p.Account), ARN: p.ARN, ID: p.ID(), UniqueID: "AROAFAKE"}
		part.Objects = part.Objects.With(o)
	}
	return s.Merge(part), nil
}

func (f *fake) Apply(ctx context.Context, p access.Plan, _ access.Accepted, observe func(access.Event) error) (access.Outcome, error) {
	var o access.Outcome
	for i, st := range p.Steps {
		if ctx.Err() != nil {
			o.Stopped = &access.Event{Step: i, State: access.Failed, Err: ctx.Err()}
			return o, ctx.Err()
		}
		f.mu.Lock()
		reached := access.Same(f.snap.Objects.At(st.Key()), st.After)
		f.mu.Unlock()
		if reached {
			o.Skipped++
			_ = observe(access.Event{Step: i, State: access.Skipped})
			continue
		}
		_ = observe(access.Event{Step: i, State: access.Started})
		if st.Settle {
			_ = observe(access.Event{Step: i, State: access.Waiting, Detail: "access policies need some seconds to be in force"})
		}
		wait(context.WithoutCancel(ctx), f.pace)
		if err := f.fail[i]; err != nil {
			e := access.Event{Step: i, State: access.Failed, Err: err}
			o.Stopped = &e
			_ = observe(e)
			return o, err
		}
		f.does(st)
		if err := f.lost[i]; err != nil {
			e := access.Event{Step: i, State: access.Failed, Err: err}
			o.Stopped = &e
			_ = observe(e)
			return o, err
		}
		o.Done++
		_ = observe(access.Event{Step: i, State: access.Done})
		if f.stop != nil {
			f.stop(i)
		}
	}
	for _, e := range p.Expect {
		o.Proofs = append(o.Proofs, access.Proof{Expect: e, State: access.Proven, Detail: "allowed by ClusterRoleBinding"})
	}
	o.Journal = "/home/alice/.kube/eks-access/journal-2026-11-30T10-00-00Z.jsonl"
	return o, nil
}

// does changes the cluster: a plan's step, or somebody else's.
func (f *fake) does(steps ...access.Step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.snap = access.Project(f.snap, steps...)
}

func wait(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

const account = "123456789012"

var (
	eksRealm  = access.EKSRealm("eks-workshop")
	kubeRealm = access.KubeRealm("eks-workshop")
)

func roleARN(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// workshop is the cluster of the screens: one of everything worth seeing.
func workshop() access.Snapshot {
	s := access.Snapshot{Realms: []access.Realm{eksRealm, kubeRealm}, Objects: access.Objects{}, At: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)}
	s.Caller.AWS, _ = access.ParsePrincipal("arn:aws:sts::" + account + ":assumed-role/platform-admin/alice")
	s.Caller.Kube = s.Caller.AWS
	add := func(os ...access.Object) { s.Objects = s.Objects.With(os...) }
	add(access.Cluster{In: eksRealm, Name: "eks-workshop", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/eks-workshop", Region: "us-west-2", Account: account, Version: "1.33", Status: "ACTIVE"},
		access.AuthMode{In: eksRealm, Mode: access.BothMode},
		access.AuthMap{In: kubeRealm, Data: map[string]string{"mapRoles": `# nodes first, do not touch
- rolearn: ` + roleARN("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA") + `
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers, system:nodes]
- rolearn: ` + roleARN("eks-workshop-admins") + `
  username: cluster-admin
  groups: [system:masters]
- rolearn: ` + roleARN("orders-oncall") + `
  username: oncall:{{SessionName}}
  groups: [orders-oncall]
- rolearn: ` + roleARN("team/ghost") + `
  username: ghost
`, "mapUsers": "[]\n"}})
	for _, ns := range []string{"carts", "catalog", "checkout", "default", "kube-system", "observability", "orders", "ui"} {
		add(access.Namespace{In: kubeRealm, Name: ns})
	}
	for name, verbs := range map[string][]string{"view": {"get", "list", "watch"}, "edit": {"get", "list", "watch", "create", "delete", "patch", "update"}, "admin": {"*"}, "cluster-admin": {"*"}} {
		r := access.Role{In: kubeRealm, Name: name, Rules: []access.Rule{{Verbs: verbs, APIGroups: []string{"", "apps"}, Resources: []string{"pods", "deployments"}}}}
		switch name {
		case "admin":
			r.Rules[0].APIGroups = append(r.Rules[0].APIGroups, "rbac.authorization.k8s.io")
			r.Rules[0].Resources = append(r.Rules[0].Resources, "rolebindings")
		case "cluster-admin":
			r.Rules = []access.Rule{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}, {Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}
		}
		add(r)
	}
	bind := func(ns, name, role, group string) {
		add(access.Binding{In: kubeRealm, Namespace: ns, Name: name, Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: group}}})
	}
	bind("", "cluster-admin", "cluster-admin", "system:masters")
	bind("carts", "carts-devs", "edit", "carts-developers")
	bind("checkout", "carts-devs-look", "view", "carts-developers")
	bind("orders", "oncall", "admin", "orders-oncall")
	entry := func(arn, user string, groups ...string) {
		add(access.AccessEntry{In: eksRealm, Principal: arn, Type: access.StandardType, Username: user, Groups: groups})
	}
	policy := func(arn, name string, namespaces ...string) {
		add(access.PolicyAssociation{In: eksRealm, Principal: arn, Policy: access.PolicyARN("aws", name), Scope: access.PolicyScope{Cluster: len(namespaces) == 0, Namespaces: namespaces}})
	}
	entry(roleARN("platform-admin"), "")
	policy(roleARN("platform-admin"), access.ClusterAdminPolicy)
	entry(roleARN("teams/carts-developers"), "", "carts-developers")
	entry(roleARN("security-audit"), "")
	policy(roleARN("security-audit"), access.ViewPolicy)
	entry(roleARN("ci/github-actions-deploy"), "")
	policy(roleARN("ci/github-actions-deploy"), access.EditPolicy, "carts", "catalog", "checkout", "orders", "ui")
	for _, name := range []string{"eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA", "eks-workshop-admins", "orders-oncall", "platform-admin", "teams/carts-developers", "security-audit", "ci/github-actions-deploy"} {
		p, _ := access.ParsePrincipal(roleARN(name))
		add(access.IAMPrincipal{In: access.IAMRealm(account), ARN: p.ARN, ID: p.ID(), UniqueID: "AROA" + p.Name})
	}
	sso := "arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"
	entry(sso, "", "developers")
	policy(sso, access.ViewPolicy, "catalog", "ui")
	return s
}

// sessions is the workshop with a binding that names one session of a role.
func sessions() access.Snapshot {
	s := workshop()
	for _, ns := range []string{"carts", "orders"} {
		s.Objects = s.Objects.With(access.Binding{In: kubeRealm, Namespace: ns, Name: "heidi", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
			Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "oncall:heidi"}}})
	}
	return s
}

// crowd is a cluster with many principals and namespaces.
func crowd(principals, namespaces int) access.Snapshot {
	s := workshop()
	for i := range namespaces {
		s.Objects = s.Objects.With(access.Namespace{In: kubeRealm, Name: fmt.Sprintf("team-%03d", i)})
	}
	for i := range principals {
		arn := roleARN(fmt.Sprintf("app-%04d-deployer", i))
		e := access.AccessEntry{In: eksRealm, Principal: arn, Type: access.StandardType, Groups: []string{fmt.Sprintf("team-%03d", i%97)}}
		a := access.PolicyAssociation{In: eksRealm, Principal: arn, Policy: access.PolicyARN("aws", []string{access.ViewPolicy, access.EditPolicy, access.AdminPolicy}[i%3]),
			Scope: access.PolicyScope{Namespaces: []string{fmt.Sprintf("team-%03d", i%max(namespaces, 1)), fmt.Sprintf("team-%03d", i*7%max(namespaces, 1))}}}
		s.Objects = s.Objects.With(e, a)
	}
	return s
}

// hostile is a cluster whose names try to leave their cells.
func hostile() access.Snapshot {
	s := workshop()
	var long []string
	for i := range 3000 {
		long = append(long, string(rune('a'+i%26)))
	}
	group := fmt.Sprint(slices.Concat(long))
	evil := "arn:aws:iam::" + account + ":role/\x1b[31mred\x1b]0;title\x07"
	wide := roleARN("管理者-クラスタ管理-担当")
	s.Objects = s.Objects.With(
		access.AccessEntry{In: eksRealm, Principal: evil, Type: access.StandardType, Username: "a\r\nb\tc", Groups: []string{group}},
		access.AccessEntry{In: eksRealm, Principal: wide, Type: access.StandardType, Username: "見る\u202eevil", Groups: []string{"開発\x00者"}},
		access.Namespace{In: kubeRealm, Name: "\x1b[2Jns"},
		access.Namespace{In: kubeRealm, Name: "名前空間"},
	)
	s.Gaps = append(s.Gaps, access.Gap{Realm: eksRealm, Kind: access.PolicyKind, Why: access.Denied, Detail: "\x1b[5mblink\x1b[0m eks:ListAccessPolicies"})
	return s
}

// configMapOnly is the workshop before access entries.
func configMapOnly() access.Snapshot {
	s := workshop()
	for o := range s.Objects.All() {
		if k := o.Key(); k.Kind == access.EntryKind || k.Kind == access.AssociationKind {
			s.Objects = s.Objects.Without(k)
		}
	}
	am, _ := s.AuthMap()
	s.Objects = s.Objects.With(access.AuthMode{In: eksRealm, Mode: access.ConfigMapMode}, access.AuthMap{In: kubeRealm, Data: map[string]string{
		"mapRoles": am.Data["mapRoles"] + "- rolearn: " + roleARN("platform-admin") + "\n  username: admin\n  groups: [system:masters]\n"}})
	return s
}
