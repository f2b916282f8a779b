// Package access decides who can do what in an EKS cluster, what to change, in
// which order, and whether that is safe.
//
// It is the functional core of kubectl eks-access: plain values and pure
// functions. It has no clock, no context, no logger and no client; facts arrive
// as a Snapshot and decisions leave as a Plan. Invariants:
//
//   - An Object is never mutated once it is in a Snapshot; change is a new value.
//   - What could not be read is a Gap. Unknown is never answered as "no".
//   - The same inputs give the same output, byte for byte.
package access

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Realm says where an object lives: one cluster's API server, one cluster's EKS
// control plane, one AWS account.
type Realm string

// KubeRealm, EKSRealm and IAMRealm name the realms of a cluster and an account.
func KubeRealm(cluster string) Realm { return Realm("kube:" + cluster) }
func EKSRealm(cluster string) Realm  { return Realm("eks:" + cluster) }
func IAMRealm(account string) Realm  { return Realm("iam:" + account) }

// API is the part before the colon: "kube", "eks" or "iam".
func (r Realm) API() string { api, _, _ := strings.Cut(string(r), ":"); return api }

// Name is the part after the colon: the cluster's name or the account.
func (r Realm) Name() string { _, name, _ := strings.Cut(string(r), ":"); return name }

// Kind names a type of object, in the words of its API.
type Kind string

// Key is an object's identity. It can't collide: two namespaces may hold Roles of one name.
type Key struct {
	Realm     Realm  `json:"realm"`
	Kind      Kind   `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

func (k Key) compare(o Key) int {
	return cmp.Or(
		cmp.Compare(k.Realm, o.Realm), cmp.Compare(k.Kind, o.Kind),
		cmp.Compare(k.Namespace, o.Namespace), cmp.Compare(k.Name, o.Name))
}

// Object is a fact that can be read and, for some kinds, written. It holds what
// people decide, not what servers stamp, so two objects are the Same when their
// content is.
type Object interface {
	Key() Key
	canon() Object // sets sorted, empty made nil, stamps cleared
}

// Same reports whether a and b say the same. The order of sets (groups,
// namespaces of a scope, subjects) and server stamps (creation times) don't
// count. Two absent objects are the same.
func Same(a, b Object) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Key() == b.Key() && reflect.DeepEqual(a.canon(), b.canon())
}

// EncodeObject writes an object as JSON with its "kind"; nil is null.
func EncodeObject(o Object) ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	body, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	kind, err := json.Marshal(struct {
		Kind Kind `json:"kind"`
	}{o.Key().Kind})
	if err != nil {
		return nil, err
	}
	return append(append(kind[:len(kind)-1], ','), body[1:]...), nil
}

// set returns the distinct values in order; nil when there are none.
func set(in []string) []string {
	if len(in) == 0 {
		return nil
	}
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// noEmpty returns nil for an empty map, so that absent and empty are the same.
func noEmpty(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
