package access

import "slices"

// notVerbs are words of kubectl that people write as RBAC verbs; the API server
// never asks about them, so they grant nothing.
var notVerbs = []string{"apply", "attach", "describe", "edit", "exec", "log", "logs", "port-forward", "read", "rollout", "scale", "view", "write"}

// movedGroups says where resources went that no current API server serves in
// these groups (Kubernetes deprecation guide, 1.16 and 1.22).
var movedGroups = map[string]map[string]string{"extensions": {
	"daemonsets": "apps", "deployments": "apps", "replicasets": "apps",
	"ingresses": "networking.k8s.io", "networkpolicies": "networking.k8s.io", "podsecuritypolicies": "(removed)",
}}

// lint says which rules of a Role that is granted don't do what they seem to.
func (b *builder) lint(r Role) {
	lint(r, func(code Code, args ...string) { b.say(Warn, code, []Key{r.Key()}, args...) })
	if !granted(r.Rules, "rbac.authorization.k8s.io", "roles") {
		b.say(Info, SmokeTestDenied, []Key{r.Key()}, r.Name, "get", "roles", r.Namespace)
	}
}

// lint tells the traps in the rules of any role, as scenario S1 has them.
func lint(r Role, say func(code Code, args ...string)) {
	list, watch := false, false
	for _, rule := range r.Rules {
		for _, v := range rule.Verbs {
			if slices.Contains(notVerbs, v) {
				say(VerbUnknown, r.Name, v)
			}
		}
		list = list || has(rule.Verbs, "list")
		watch = watch || has(rule.Verbs, "watch")
		for _, g := range rule.APIGroups {
			for _, res := range rule.Resources {
				to, moved := movedGroups[g][res]
				if moved && !granted(r.Rules, to, res) {
					say(GroupMoved, r.Name, res, g, to)
				}
			}
		}
	}
	if list && !watch {
		say(WatchMissing, r.Name)
	}
}

func granted(rules []Rule, group, resource string) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return has(r.APIGroups, group) && has(r.Resources, resource) })
}
