package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// What makes somebody an administrator, or lets somebody become one. The words are in
// access/report.
const (
	PowerMasters     Code = "masters"     // system:masters: allowed before any rule is asked
	PowerEverything  Code = "everything"  // every verb on every resource
	PowerEscalate    Code = "escalate"    // changes roles beyond its own rights
	PowerBind        Code = "bind"        // binds roles beyond its own rights
	PowerImpersonate Code = "impersonate" // acts as others
	PowerSecrets     Code = "secrets"     // reads secrets, tokens of service accounts among them
	PowerExec        Code = "exec"        // enters running pods, by a command or a container beside theirs
	PowerImages      Code = "images"      // changes what running pods run
	PowerWorkloads   Code = "workloads"   // runs pods, as any service account of the namespace
	PowerTokens      Code = "tokens"      // issues tokens of service accounts
	PowerNodes       Code = "nodes-proxy" // speaks to kubelets, past the API server's checks
	PowerAuthMap     Code = "aws-auth"    // rewrites aws-auth, and with it who is in system:masters
	PowerBound       Code = "bound"       // holds any right: said of nodes
)

// systemNamespace holds the controllers whose service accounts administer the cluster,
// and aws-auth.
const systemNamespace = "kube-system"

// charge is what a role's rules allow of that which powers are made of.
type charge uint32

const (
	everything charge = 1 << iota
	escalateClusterRoles
	editClusterRoles
	escalateRoles
	editRoles
	bindRoles
	makeClusterBindings
	makeBindings
	impersonateAnyone
	impersonateAccounts
	readSecrets
	execPods
	changeImages
	runWorkloads
	issueTokens
	proxyNodes
	editAuthMap
)

// dangers are the requests behind the charges: one that is allowed is enough. What is
// limited by resourceNames to other objects does not count.
var dangers = []struct {
	of  charge
	any []Request
}{
	{escalateClusterRoles, requests("escalate", rbacv1.GroupName, "clusterroles")},
	{editClusterRoles, requests("update patch", rbacv1.GroupName, "clusterroles")},
	{escalateRoles, requests("escalate", rbacv1.GroupName, "roles")},
	{editRoles, requests("update patch", rbacv1.GroupName, "roles")},
	{bindRoles, named("cluster-admin", requests("bind", rbacv1.GroupName, "clusterroles"))},
	{makeClusterBindings, requests("create update patch", rbacv1.GroupName, "clusterrolebindings")},
	{makeBindings, requests("create update patch", rbacv1.GroupName, "rolebindings")},
	{impersonateAnyone, slices.Concat(requests("impersonate", "", "users"), named(Masters, requests("impersonate", "", "groups")))},
	{impersonateAccounts, requests("impersonate", "", "serviceaccounts")},
	{readSecrets, requests("get list watch", "", "secrets")},
	{execPods, slices.Concat(sub("exec", requests("create", "", "pods")), sub("ephemeralcontainers", requests("update patch", "", "pods")))},
	// Of a pod that runs, the images may change; of a job's template nothing may
	// (k8s.io/kubernetes pkg/apis/core/validation ValidatePodUpdate, batch ValidateJobUpdate).
	{changeImages, requests("update patch", "", "pods")},
	{runWorkloads, slices.Concat(requests("create", "", "pods"), requests("create", "batch", "jobs"), requests("create update patch", "", "replicationcontrollers"),
		requests("create update patch", "apps", "daemonsets deployments replicasets statefulsets"), requests("create update patch", "batch", "cronjobs"))},
	{issueTokens, sub("token", requests("create", "", "serviceaccounts"))},
	{proxyNodes, sub("proxy", requests("create get", "", "nodes"))},
	{editAuthMap, named("aws-auth", requests("update patch", "", "configmaps"))},
}

// power is made of charges that come together, in the whole cluster or, as far as they
// can be used there, in kube-system.
type power struct {
	name    Code
	cluster []charge
	system  []charge
}

// powers are what makes an administrator.
//
// Source: Kubernetes "RBAC Good Practices", privilege escalation risks; for aws-auth
// the EKS user guide, "Grant IAM users access to Kubernetes with a ConfigMap".
var powers = []power{
	{PowerEscalate, []charge{escalateClusterRoles | editClusterRoles}, []charge{escalateRoles | editRoles}},
	{PowerBind, []charge{bindRoles | makeClusterBindings, bindRoles | makeBindings}, []charge{bindRoles | makeBindings}},
	{PowerImpersonate, []charge{impersonateAnyone, impersonateAccounts}, []charge{impersonateAccounts}},
	{PowerSecrets, []charge{readSecrets}, []charge{readSecrets}},
	{PowerExec, []charge{execPods}, []charge{execPods}},
	{PowerImages, []charge{changeImages}, []charge{changeImages}},
	{PowerWorkloads, []charge{runWorkloads}, []charge{runWorkloads}},
	{PowerTokens, []charge{issueTokens}, []charge{issueTokens}},
	{PowerNodes, []charge{proxyNodes}, nil},
	{PowerAuthMap, []charge{editAuthMap}, []charge{editAuthMap}},
}

func requests(verbs, group, resources string) []Request {
	var out []Request
	for _, v := range strings.Fields(verbs) {
		for _, r := range strings.Fields(resources) {
			out = append(out, Request{Verb: v, Group: group, Resource: r})
		}
	}
	return out
}

func named(name string, in []Request) []Request {
	for i := range in {
		in[i].Name = name
	}
	return in
}

func sub(resource string, in []Request) []Request {
	for i := range in {
		in[i].Subresource = resource
	}
	return in
}

// chargeOf sums up what rules allow. Rules are looked at one by one, as the API server
// does: no request is allowed by two of them together.
func chargeOf(rules []Rule, mapCounts bool) charge {
	var out charge
	if slices.ContainsFunc(rules, func(r Rule) bool {
		return slices.Contains(r.Verbs, "*") && slices.Contains(r.APIGroups, "*") && slices.Contains(r.Resources, "*") && len(r.ResourceNames) == 0
	}) {
		out = everything
	}
	for _, d := range dangers {
		if d.of == editAuthMap && !mapCounts {
			continue
		}
		if slices.ContainsFunc(d.any, func(q Request) bool {
			return slices.ContainsFunc(rules, func(r Rule) bool { return Allows(r, q) })
		}) {
			out |= d.of
		}
	}
	return out
}

// lane is one grant on the way: what it adds, and where.
type lane struct {
	road Road
	adds charge
}

// drive finds the powers that lanes have together and says each with the lanes that
// contribute to it. A right that counts in the whole cluster counts in kube-system too.
func drive(lanes []lane) []Road {
	var cluster, system charge
	for _, l := range lanes {
		if l.adds&everything != 0 {
			continue // says it all, and completes nothing for others
		}
		if l.road.Namespace == "" {
			cluster |= l.adds
		}
		system |= l.adds
	}
	whole, part := reached(cluster, false), reached(system, true)
	var out []Road
	for _, l := range lanes {
		r := l.road
		switch {
		case l.adds&everything != 0:
			r.Powers = []Code{PowerEverything}
		case r.Namespace == "":
			r.Powers = contributions(l.adds, whole, part)
		default:
			r.Powers = contributions(l.adds, nil, part)
		}
		if len(r.Powers) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// reached are the sets of charges that are complete, by power.
func reached(have charge, inSystem bool) map[Code]charge {
	out := map[Code]charge{}
	for _, p := range powers {
		for _, need := range pick(inSystem, p.system, p.cluster) {
			if have&need == need {
				out[p.name] |= need
			}
		}
	}
	return out
}

// merged are the powers of both, in their order.
func merged(a, b []Code) []Code {
	all := slices.Concat(a, b)
	rank := func(c Code) int { return slices.IndexFunc(powers, func(p power) bool { return p.name == c }) }
	slices.SortFunc(all, func(a, b Code) int { return rank(a) - rank(b) })
	return slices.Compact(all)
}

func contributions(adds charge, sets ...map[Code]charge) []Code {
	var out []Code
	for _, p := range powers {
		if slices.ContainsFunc(sets, func(s map[Code]charge) bool { return s[p.name]&adds != 0 }) {
			out = append(out, p.name)
		}
	}
	return out
}
