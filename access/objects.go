package access

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The kinds of object, by realm.
const (
	ClusterKind     Kind = "Cluster" // eks
	AuthModeKind    Kind = "AuthMode"
	EntryKind       Kind = "AccessEntry"
	AssociationKind Kind = "PolicyAssociation"
	PolicyKind      Kind = "AccessPolicy"

	AuthMapKind            Kind = "AuthMap" // kube
	NamespaceKind          Kind = "Namespace"
	RoleKind               Kind = "Role"
	ClusterRoleKind        Kind = "ClusterRole"
	RoleBindingKind        Kind = "RoleBinding"
	ClusterRoleBindingKind Kind = "ClusterRoleBinding"

	IAMPrincipalKind Kind = "IAMPrincipal" // iam
)

// Kinds are what is read of a realm, in the order people think of them.
func (r Realm) Kinds() []Kind {
	switch r.API() {
	case "eks":
		return []Kind{ClusterKind, AuthModeKind, EntryKind, AssociationKind, PolicyKind}
	case "kube":
		return []Kind{AuthMapKind, NamespaceKind, RoleKind, ClusterRoleKind, RoleBindingKind, ClusterRoleBindingKind}
	case "iam":
		return []Kind{IAMPrincipalKind}
	}
	return nil
}

// Cluster is what DescribeCluster says. It is read, never written.
type Cluster struct {
	In              Realm  `json:"realm"`
	Name            string `json:"name"`
	ARN             string `json:"arn"`
	Region          string `json:"region"`
	Account         string `json:"account"`
	Version         string `json:"version"`
	PlatformVersion string `json:"platformVersion,omitempty"`
	Endpoint        string `json:"endpoint,omitempty"`
	Issuer          string `json:"issuer,omitempty"`
	Status          string `json:"status"` // ACTIVE, UPDATING, ...
}

// Is reports whether both are one cluster. A cluster that was made again under its
// old name has another endpoint.
func (o Cluster) Is(other Cluster) bool {
	return o.ARN == other.ARN && (o.Endpoint == "" || other.Endpoint == "" || o.Endpoint == other.Endpoint)
}

// Mode is the cluster's authentication mode.
type Mode string

const (
	ConfigMapMode Mode = "CONFIG_MAP"
	BothMode      Mode = "API_AND_CONFIG_MAP"
	APIMode       Mode = "API"
)

// Entries reports whether access entries count in this mode; ConfigMap whether aws-auth does.
func (m Mode) Entries() bool   { return m == BothMode || m == APIMode }
func (m Mode) ConfigMap() bool { return m == ConfigMapMode || m == BothMode }

// AuthMode is the mode as an object of its own, since it changes by its own call
// and only forward: CONFIG_MAP, API_AND_CONFIG_MAP, API (EKS user guide,
// "Change authentication mode").
type AuthMode struct {
	In   Realm `json:"realm"`
	Mode Mode  `json:"mode"`
}

// AccessEntry maps one principal to a Kubernetes identity inside EKS.
type AccessEntry struct {
	In        Realm             `json:"realm"`
	Principal string            `json:"principalArn"` // the real ARN, with the role's path
	Type      string            `json:"type"`         // STANDARD, EC2_LINUX, ...
	Username  string            `json:"username"`     // "" in a plan: let EKS choose its default
	Groups    []string          `json:"kubernetesGroups,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
	Created   time.Time         `json:"-"` // a stamp: tells whether the principal was made again since
}

// StandardType is the type of entries for people, CI and everything but nodes.
const StandardType = "STANDARD"

// PolicyScope says where an associated access policy counts.
type PolicyScope struct {
	Cluster    bool     `json:"cluster,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"` // names; a trailing * is a wildcard
}

// PolicyAssociation gives an entry's principal one access policy within a scope.
type PolicyAssociation struct {
	In        Realm       `json:"realm"`
	Principal string      `json:"principalArn"`
	Policy    string      `json:"policyArn"`
	Scope     PolicyScope `json:"scope"`
}

// AccessPolicy is one item of ListAccessPolicies: a name, never its rules.
type AccessPolicy struct {
	In   Realm  `json:"realm"`
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

// AuthMap is kube-system/aws-auth, its text kept verbatim. A step on it is
// conditional on the whole text, so a concurrent edit stops the plan.
type AuthMap struct {
	In   Realm             `json:"realm"`
	Data map[string]string `json:"data"`
}

// Meta is what people write beside an object's content.
type Meta struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Namespace exists.
type Namespace struct {
	In   Realm  `json:"realm"`
	Name string `json:"name"`
	Meta Meta   `json:"meta,omitzero"`
}

// Rule is Kubernetes' own word for a permission.
type Rule = rbacv1.PolicyRule

// Role is a Role, or a ClusterRole when Namespace is empty.
type Role struct {
	In        Realm                  `json:"realm"`
	Namespace string                 `json:"namespace,omitempty"`
	Name      string                 `json:"name"`
	Rules     []Rule                 `json:"rules"`               // as stored, also for an aggregated ClusterRole
	Aggregate []metav1.LabelSelector `json:"aggregate,omitempty"` // the controller fills Rules from ClusterRoles these select
	Meta      Meta                   `json:"meta,omitzero"`
}

// Binding is a RoleBinding, or a ClusterRoleBinding when Namespace is empty.
type Binding struct {
	In        Realm            `json:"realm"`
	Namespace string           `json:"namespace,omitempty"`
	Name      string           `json:"name"`
	Role      rbacv1.RoleRef   `json:"roleRef"`
	Subjects  []rbacv1.Subject `json:"subjects,omitempty"`
	Meta      Meta             `json:"meta,omitzero"`
}

// IAMPrincipal is what IAM says of a role or user that a mapping names.
type IAMPrincipal struct {
	In       Realm     `json:"realm"`
	ARN      string    `json:"arn"` // with the path; as asked for when it is gone
	ID       string    `json:"id"`  // Principal.ID of it
	UniqueID string    `json:"uniqueId,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Gone     bool      `json:"gone,omitempty"`     // IAM has none
	Unlisted bool      `json:"unlisted,omitempty"` // gone as ARN spells it; of other letter cases nothing is known
}

func (o Cluster) Key() Key     { return Key{Realm: o.In, Kind: ClusterKind, Name: o.Name} }
func (o AuthMode) Key() Key    { return Key{Realm: o.In, Kind: AuthModeKind} }
func (o AccessEntry) Key() Key { return Key{Realm: o.In, Kind: EntryKind, Name: o.Principal} }
func (o PolicyAssociation) Key() Key {
	// The namespace slot keeps all associations of a principal together in key order.
	return Key{Realm: o.In, Kind: AssociationKind, Namespace: o.Principal, Name: o.Policy}
}
func (o AccessPolicy) Key() Key { return Key{Realm: o.In, Kind: PolicyKind, Name: o.ARN} }
func (o AuthMap) Key() Key {
	return Key{Realm: o.In, Kind: AuthMapKind, Namespace: "kube-system", Name: "aws-auth"}
}
func (o Namespace) Key() Key { return Key{Realm: o.In, Kind: NamespaceKind, Name: o.Name} }
func (o Role) Key() Key {
	return Key{Realm: o.In, Kind: pick(o.Namespace == "", ClusterRoleKind, RoleKind), Namespace: o.Namespace, Name: o.Name}
}
func (o Binding) Key() Key {
	return Key{Realm: o.In, Kind: pick(o.Namespace == "", ClusterRoleBindingKind, RoleBindingKind), Namespace: o.Namespace, Name: o.Name}
}
func (o IAMPrincipal) Key() Key { return Key{Realm: o.In, Kind: IAMPrincipalKind, Name: o.ID} }

func (o Cluster) canon() Object  { return o }
func (o AuthMode) canon() Object { return o }

// canon fills in what EKS does: a STANDARD entry without a user name gets its
// default (EKS user guide, "Create access entries"), so a plan that leaves the
// name to EKS is the Same as what reads back.
func (o AccessEntry) canon() Object {
	o.Type = cmp.Or(o.Type, StandardType)
	if p, err := ParsePrincipal(o.Principal); err == nil && o.Type == StandardType {
		o.Username = cmp.Or(o.Username, DefaultUsername(p))
	}
	if o.Type != StandardType {
		o.Username, o.Groups = "", nil // EKS says whom it makes of a node, and takes nothing else
	}
	o.Groups, o.Tags, o.Created = set(o.Groups), noEmpty(o.Tags), time.Time{}
	return o
}
func (o PolicyAssociation) canon() Object {
	o.Scope.Namespaces = set(o.Scope.Namespaces)
	return o
}
func (o AccessPolicy) canon() Object { return o }
func (o AuthMap) canon() Object      { o.Data = noEmpty(o.Data); return o }
func (o Namespace) canon() Object    { o.Meta = o.Meta.canon(); return o }
func (o Role) canon() Object {
	o.Meta = o.Meta.canon()
	o.Rules = slices.Clone(o.Rules)
	for i, r := range o.Rules {
		o.Rules[i] = Rule{Verbs: set(r.Verbs), APIGroups: set(r.APIGroups), Resources: set(r.Resources),
			ResourceNames: set(r.ResourceNames), NonResourceURLs: set(r.NonResourceURLs)}
	}
	if len(o.Rules) == 0 {
		o.Rules = nil
	}
	if len(o.Aggregate) == 0 {
		o.Aggregate = nil
	}
	return o
}

// canon completes the API groups as the API server does (kubernetes
// pkg/apis/rbac/v1 defaults).
func (o Binding) canon() Object {
	o.Meta = o.Meta.canon()
	o.Role.APIGroup = cmp.Or(o.Role.APIGroup, rbacv1.GroupName)
	o.Subjects = slices.Clone(o.Subjects)
	for i, s := range o.Subjects {
		if s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind {
			o.Subjects[i].APIGroup = cmp.Or(s.APIGroup, rbacv1.GroupName)
		}
	}
	slices.SortFunc(o.Subjects, compareSubjects)
	if len(o.Subjects) == 0 {
		o.Subjects = nil
	}
	return o
}
func (o IAMPrincipal) canon() Object { return o }

func (m Meta) canon() Meta {
	return Meta{Labels: noEmpty(m.Labels), Annotations: noEmpty(m.Annotations)}
}

func compareSubjects(a, b rbacv1.Subject) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// DecodeObject reads what EncodeObject wrote. Errors name the kind it can't read.
func DecodeObject(text []byte) (Object, error) {
	var head struct{ Kind Kind }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	switch head.Kind {
	case "":
		if string(text) == "null" {
			return nil, nil
		}
		return nil, fmt.Errorf("object without a kind")
	case AuthModeKind:
		return decode[AuthMode](text)
	case EntryKind:
		return decode[AccessEntry](text)
	case AssociationKind:
		return decode[PolicyAssociation](text)
	case AuthMapKind:
		return decode[AuthMap](text)
	case NamespaceKind:
		return decode[Namespace](text)
	case RoleKind, ClusterRoleKind:
		return decode[Role](text)
	case RoleBindingKind, ClusterRoleBindingKind:
		return decode[Binding](text)
	case ClusterKind:
		return decode[Cluster](text)
	case PolicyKind:
		return decode[AccessPolicy](text)
	case IAMPrincipalKind:
		return decode[IAMPrincipal](text)
	}
	return nil, fmt.Errorf("object of unknown kind %q", head.Kind)
}

func decode[T Object](text []byte) (Object, error) {
	var o T
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, err
	}
	return o, nil
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
