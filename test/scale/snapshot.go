package scale

import (
	"maps"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// The realms of a world, and its API server's address in Snapshot.
const (
	Kube   access.Realm = "kube:" + ClusterName
	EKS    access.Realm = "eks:" + ClusterName
	server              = "https://scale.invalid"
)

// at is when a snapshot was read.
var at = time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)

// Snapshot is the world as the sides would have read it whole, from an API server
// whose controllers have run: its default roles are there, view holds what the
// world adds to it. IAM was not asked.
func (w World) Snapshot() access.Snapshot {
	me, err := access.ParsePrincipal(w.Scene().Callers[0].ARN)
	if err != nil {
		panic(err) // ours
	}
	identity := access.Identity{User: strings.Replace(access.DefaultUsername(me), sessionName, me.Session, 1), Groups: []string{"system:authenticated"}}
	return access.Snapshot{
		Caller:  access.Caller{AWS: me, Kube: me, Identity: identity},
		Server:  server,
		Realms:  []access.Realm{EKS, Kube},
		Objects: access.Objects{}.With(slices.Concat(w.kube(), w.eks())...),
		At:      at,
	}
}

// kube is what the API server holds.
func (w World) kube() []access.Object {
	d := defaults()
	out := []access.Object{access.AuthMap{In: Kube, Data: w.AuthMap()}}
	for _, o := range slices.Concat(d.Namespaces, w.Namespaces) {
		o.Labels = maps.Clone(o.Labels)
		delete(o.Labels, "kubernetes.io/metadata.name") // the API server's own
		out = append(out, access.Namespace{In: Kube, Name: o.Name, Meta: written(o.ObjectMeta)})
	}
	for _, o := range slices.Concat(d.Roles, w.Roles) {
		out = append(out, access.Role{In: Kube, Namespace: o.Namespace, Name: o.Name, Rules: o.Rules, Meta: written(o.ObjectMeta)})
	}
	for _, o := range aggregated(slices.Concat(d.ClusterRoles, w.ClusterRoles)) {
		r := access.Role{In: Kube, Name: o.Name, Rules: o.Rules, Meta: written(o.ObjectMeta)}
		if o.AggregationRule != nil {
			r.Aggregate = o.AggregationRule.ClusterRoleSelectors
		}
		out = append(out, r)
	}
	for _, o := range slices.Concat(d.RoleBindings, w.RoleBindings) {
		out = append(out, binding(o.ObjectMeta, o.RoleRef, o.Subjects))
	}
	for _, o := range slices.Concat(d.ClusterRoleBindings, w.ClusterRoleBindings) {
		out = append(out, binding(o.ObjectMeta, o.RoleRef, o.Subjects))
	}
	return out
}

func binding(m metav1.ObjectMeta, ref rbacv1.RoleRef, subjects []rbacv1.Subject) access.Binding {
	return access.Binding{In: Kube, Namespace: m.Namespace, Name: m.Name, Role: ref, Subjects: subjects, Meta: written(m)}
}

func written(m metav1.ObjectMeta) access.Meta {
	return access.Meta{Labels: m.Labels, Annotations: m.Annotations}
}

// eks is what EKS answers about the cluster.
func (w World) eks() []access.Object {
	out := []access.Object{
		access.Cluster{In: EKS, Name: ClusterName, ARN: "arn:aws:eks:" + Region + ":" + Account + ":cluster/" + ClusterName,
			Region: Region, Account: Account, Version: version, PlatformVersion: "eks.15", Endpoint: server, Status: "ACTIVE"},
		access.AuthMode{In: EKS, Mode: access.BothMode},
	}
	for _, name := range access.PolicyNames() {
		out = append(out, access.AccessPolicy{In: EKS, Name: name, ARN: access.PolicyARN("aws", name)})
	}
	for _, e := range w.Entries {
		one := access.AccessEntry{In: EKS, Principal: e.Principal, Type: e.Type, Username: e.Username, Groups: e.Groups}
		switch p, err := access.ParsePrincipal(e.Principal); {
		case err != nil:
			panic(err) // ours
		case one.Type != "":
			// EKS user guide, "Create access entries": EKS names nodes itself.
			one.Username, one.Groups = "system:node:{{EC2PrivateDNSName}}", []string{"system:nodes"}
		default:
			one.Type = access.StandardType
			if one.Username == "" {
				one.Username = access.DefaultUsername(p)
			}
		}
		out = append(out, one)
		for _, a := range e.Policies {
			out = append(out, access.PolicyAssociation{In: EKS, Principal: e.Principal, Policy: access.PolicyARN("aws", a.Policy),
				Scope: access.PolicyScope{Cluster: len(a.Namespaces) == 0, Namespaces: a.Namespaces}})
		}
	}
	return out
}
