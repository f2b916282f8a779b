package access

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// roleNote is what there is to say of one role, and who holds it.
type roleNote struct {
	charge charge
	traps  []trap
	rows   []int
}

type trap struct {
	code Code
	args []string
}

// lookAtRoles goes through all roles once. Notes stand at the index's numbers.
func (i *inspector) lookAtRoles() {
	r := i.ix.rbac
	i.roles = make([]roleNote, len(r.roles))
	mapCounts := i.ix.Snapshot().Mode().ConfigMap()
	for n, o := range r.roles {
		if o.Name == "" {
			continue // a binding names it, and it does not exist
		}
		i.roles[n].charge = chargeOf(o.Rules, mapCounts)
		if !builtIn(o) {
			i.roles[n].traps = traps(o)
		}
		// An aggregated ClusterRole counts as stored; the controller has yet to fill it in.
		if len(o.Aggregate) > 0 && len(uncovered(Selected(o, r.roles), o.Rules)) > 0 {
			i.say(Warn, AggregationPending, nil, []Key{o.Key()}, o.Name)
		}
	}
}

// builtIn reports whether a role comes with Kubernetes or EKS: nobody here wrote it,
// and the default roles name API groups of the past on purpose.
func builtIn(r Role) bool {
	return r.Meta.Labels["kubernetes.io/bootstrapping"] == "rbac-defaults" || foreign(subject{name: r.Name}) ||
		r.Namespace == "" && slices.Contains([]string{"view", "edit", "admin", "cluster-admin"}, r.Name)
}

// brokenRoles tells the traps in roles that somebody holds, or that nobody does yet.
func (i *inspector) brokenRoles() {
	rows := i.ix.Rows()
	for at, r := range i.ix.rbac.roles {
		n := &i.roles[at]
		if len(n.traps) == 0 {
			continue
		}
		slices.Sort(n.rows)
		var who []Principal
		for _, row := range slices.Compact(n.rows) {
			who = append(who, rows[row].Principal)
		}
		for _, t := range n.traps {
			i.say(pick(len(who) > 0 && t.code != WatchMissing, Warn, Info), t.code, who, []Key{r.Key()}, t.args...)
		}
	}
}

// traps are the rules of a role that don't do what they seem to. Each is told once.
func traps(r Role) []trap {
	var out []trap
	add := func(code Code, args ...string) {
		if !slices.ContainsFunc(out, func(t trap) bool { return t.code == code && slices.Equal(t.args, args) }) {
			out = append(out, trap{code, args})
		}
	}
	lint(r, add)
	for n, rule := range r.Rules {
		if emptyRule(rule, r.Namespace) {
			add(RuleEmpty, r.Name, strconv.Itoa(n+1))
			continue
		}
		for _, res := range rule.Resources {
			if likely, wrong := misnamed(rule, res); wrong {
				add(ResourceUnknown, r.Name, res, likely)
			}
			if r.Namespace != "" && beyondNamespaces(rule, res) {
				add(ClusterScoped, r.Name, res)
			}
		}
	}
	return out
}

// emptyRule reports whether a rule allows nothing at all. The API server refuses most
// such rules; files and older objects hold them.
//
// Source: kubernetes pkg/apis/rbac/validation ValidatePolicyRule.
func emptyRule(r Rule, namespace string) bool {
	urls := len(r.NonResourceURLs) > 0 && namespace == ""
	return len(r.Verbs) == 0 || (len(r.Resources) == 0 || len(r.APIGroups) == 0) && !urls
}

// builtInGroups are the groups in which no custom resource is.
var builtInGroups = []string{"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"}

// spoken are the words that kubectl understands for resources and RBAC does not: it
// compares with the plural in the URL (kubectl api-resources, columns NAME, SHORTNAMES).
var spoken = map[string]string{
	"pod": "pods", "po": "pods", "service": "services", "svc": "services", "secret": "secrets", "configmap": "configmaps", "cm": "configmaps",
	"namespace": "namespaces", "ns": "namespaces", "node": "nodes", "no": "nodes", "event": "events", "ev": "events", "endpoint": "endpoints", "ep": "endpoints",
	"serviceaccount": "serviceaccounts", "sa": "serviceaccounts", "pvc": "persistentvolumeclaims", "pv": "persistentvolumes", "quota": "resourcequotas",
	"persistentvolumeclaim": "persistentvolumeclaims", "persistentvolume": "persistentvolumes", "log": "pods/log", "logs": "pods/log", "exec": "pods/exec",
	"deployment": "deployments", "deploy": "deployments", "daemonset": "daemonsets", "ds": "daemonsets", "statefulset": "statefulsets", "sts": "statefulsets",
	"replicaset": "replicasets", "rs": "replicasets", "job": "jobs", "cronjob": "cronjobs", "cj": "cronjobs", "hpa": "horizontalpodautoscalers",
	"ingress": "ingresses", "ing": "ingresses", "networkpolicy": "networkpolicies", "netpol": "networkpolicies", "pdb": "poddisruptionbudgets",
	"role": "roles", "rolebinding": "rolebindings", "clusterrole": "clusterroles", "clusterrolebinding": "clusterrolebindings",
}

// misnamed reports whether no request can ever name the resource so, and what was
// likely meant. Names in URLs are lower case, and a star stands for a whole part in "*"
// and "*/log" only (kubernetes pkg/apis/rbac/v1 evaluation_helpers).
func misnamed(r Rule, res string) (likely string, wrong bool) {
	main, below, _ := strings.Cut(res, "/")
	if strings.ContainsFunc(res, unicode.IsUpper) {
		lower := strings.ToLower(main)
		if plural := spoken[lower]; plural != "" {
			lower = plural
		}
		return lower + pick(below != "", "/"+strings.ToLower(below), ""), true
	}
	if main != "*" && strings.Contains(res, "*") {
		return main, true
	}
	for _, g := range r.APIGroups {
		if !slices.Contains(builtInGroups, g) {
			return "", false
		}
	}
	plural := spoken[main]
	return plural + pick(below != "" && plural != "", "/"+below, ""), plural != ""
}

// clusterScoped are resources outside of namespaces, by API group (kubectl
// api-resources --namespaced=false). A request for one namespace object names that
// namespace, so a Role does reach it and it is not here.
var clusterScoped = map[string][]string{
	"":                             {"componentstatuses", "nodes", "persistentvolumes"},
	"admissionregistration.k8s.io": {"mutatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations"},
	"apiextensions.k8s.io":         {"customresourcedefinitions"},
	"apiregistration.k8s.io":       {"apiservices"},
	"authentication.k8s.io":        {"selfsubjectreviews", "tokenreviews"},
	"authorization.k8s.io":         {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews"},
	"certificates.k8s.io":          {"certificatesigningrequests"},
	"flowcontrol.apiserver.k8s.io": {"flowschemas", "prioritylevelconfigurations"},
	"metrics.k8s.io":               {"nodes"},
	"networking.k8s.io":            {"ingressclasses"},
	"node.k8s.io":                  {"runtimeclasses"},
	"rbac.authorization.k8s.io":    {"clusterrolebindings", "clusterroles"},
	"scheduling.k8s.io":            {"priorityclasses"},
	"storage.k8s.io":               {"csidrivers", "csinodes", "storageclasses", "volumeattachments"},
}

// beyondNamespaces reports whether a resource is cluster-scoped in every group that the
// rule names. The verb bind is asked in the binding's namespace, also for ClusterRoles.
func beyondNamespaces(r Rule, res string) bool {
	main, _, _ := strings.Cut(res, "/")
	if main == "clusterroles" && has(r.Verbs, "bind") {
		return false
	}
	return !slices.ContainsFunc(r.APIGroups, func(g string) bool { return !slices.Contains(clusterScoped[g], main) })
}
