package access

import (
	"encoding/json"
	"fmt"
	"slices"
)

// jsonIntent is any intent in a plan file. Kinds and fields are those of a file of
// changes, with whole principals instead of the words that people choose them by.
type jsonIntent struct {
	Kind             string      `json:"kind"`
	Principals       []Principal `json:"principals,omitempty"`
	To               Mode        `json:"to,omitempty"`
	Level            Level       `json:"level,omitempty"`
	Policy           string      `json:"policy,omitempty"`
	ClusterRole      string      `json:"clusterRole,omitempty"`
	Role             string      `json:"role,omitempty"`
	RoleObject       *Role       `json:"roleObject,omitempty"`
	Namespaces       []string    `json:"namespaces,omitempty"`
	Via              Via         `json:"via,omitempty"`
	Username         string      `json:"username,omitempty"`
	Groups           []string    `json:"groups,omitempty"`
	CreateNamespaces bool        `json:"createNamespaces,omitempty"`
	Subjects         bool        `json:"subjects,omitempty"`
	AddGroups        []string    `json:"addGroups,omitempty"`
	DropGroups       []string    `json:"dropGroups,omitempty"`
	Type             string      `json:"type,omitempty"` // of an entry
	Users            []string    `json:"users,omitempty"`
}

// EncodeIntent writes an intent with its kind.
func EncodeIntent(in Intent) ([]byte, error) {
	var j jsonIntent
	switch in := in.(type) {
	case Migrate:
		j = jsonIntent{Kind: "migrate", Principals: in.Principals, To: in.To, Type: in.NodeType, Subjects: in.Subjects}
	case GrantAccess:
		j = jsonIntent{Kind: "grant", Principals: []Principal{in.Principal}, Level: in.Level, Policy: in.Policy, ClusterRole: in.ClusterRole, Role: in.Role,
			RoleObject: in.RoleObject, Namespaces: in.Namespaces, Via: in.Via, Username: in.Username, Groups: in.Groups, CreateNamespaces: in.CreateNamespaces}
	case RevokeAccess:
		j = jsonIntent{Kind: "revoke", Principals: []Principal{in.Principal}, Policy: in.Policy, ClusterRole: in.ClusterRole, Role: in.Role,
			Namespaces: in.Namespaces, Subjects: in.Subjects}
	case ChangeIdentity:
		j = jsonIntent{Kind: "change", Principals: []Principal{in.Principal}, Username: in.Username, AddGroups: in.Add, DropGroups: in.Drop}
	case SwitchMode:
		j = jsonIntent{Kind: "mode", To: in.To}
	case ChangeScope:
		j = jsonIntent{Kind: "scope", Principals: []Principal{in.Principal}, Policy: in.Policy, Namespaces: in.Namespaces}
	case ChangeType:
		j = jsonIntent{Kind: "type", Principals: []Principal{in.Principal}, Type: in.Type}
	case Remake:
		j = jsonIntent{Kind: "remake", Principals: []Principal{in.Principal}}
	case MakeRole:
		j = jsonIntent{Kind: "role", RoleObject: &in.Role, Namespaces: in.Namespaces, CreateNamespaces: in.CreateNamespaces}
	case BindRole:
		j = jsonIntent{Kind: "bind", Groups: in.Groups, Users: in.Users, ClusterRole: in.ClusterRole, Role: in.Role, RoleObject: in.RoleObject,
			Namespaces: in.Namespaces, CreateNamespaces: in.CreateNamespaces}
	case MakeNamespaces:
		j = jsonIntent{Kind: "namespace", Namespaces: in.Names}
	default:
		panic(fmt.Sprintf("intent %T", in))
	}
	return json.Marshal(j)
}

// intentKinds are those that we know.
var intentKinds = []string{"migrate", "mode", "role", "bind", "namespace", "grant", "revoke", "change", "scope", "type", "remake"}

// DecodeIntent reads what EncodeIntent wrote. A kind that we don't know is nil: a newer
// release wrote it. A field that we don't know of a kind that we do is an error.
func DecodeIntent(text []byte) (Intent, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("intent: %w", err)
	}
	if !slices.Contains(intentKinds, head.Kind) {
		return nil, nil
	}
	var j jsonIntent
	if err := exactly(text, &j); err != nil {
		return nil, fmt.Errorf("intent %s: %w", head.Kind, err)
	}
	switch j.Kind {
	case "migrate":
		return Migrate{Principals: j.Principals, To: j.To, NodeType: j.Type, Subjects: j.Subjects}, nil
	case "mode":
		return SwitchMode{To: j.To}, nil
	case "role":
		in := MakeRole{Namespaces: j.Namespaces, CreateNamespaces: j.CreateNamespaces}
		if j.RoleObject != nil {
			in.Role = *j.RoleObject
		}
		return in, nil
	case "bind":
		return BindRole{Groups: j.Groups, Users: j.Users, ClusterRole: j.ClusterRole, Role: j.Role, RoleObject: j.RoleObject,
			Namespaces: j.Namespaces, CreateNamespaces: j.CreateNamespaces}, nil
	case "namespace":
		return MakeNamespaces{j.Namespaces}, nil
	}
	if len(j.Principals) != 1 {
		return nil, fmt.Errorf("intent: %s is about one principal, not %d", j.Kind, len(j.Principals))
	}
	who := j.Principals[0]
	switch j.Kind {
	case "grant":
		return GrantAccess{Principal: who, Level: j.Level, Policy: j.Policy, ClusterRole: j.ClusterRole, Role: j.Role, RoleObject: j.RoleObject,
			Namespaces: j.Namespaces, Via: j.Via, Username: j.Username, Groups: j.Groups, CreateNamespaces: j.CreateNamespaces}, nil
	case "revoke":
		return RevokeAccess{Principal: who, Policy: j.Policy, ClusterRole: j.ClusterRole, Role: j.Role, Namespaces: j.Namespaces, Subjects: j.Subjects}, nil
	}
	switch j.Kind {
	case "scope":
		return ChangeScope{Principal: who, Policy: j.Policy, Namespaces: j.Namespaces}, nil
	case "type":
		return ChangeType{Principal: who, Type: j.Type}, nil
	case "remake":
		return Remake{who}, nil
	}
	return ChangeIdentity{Principal: who, Username: j.Username, Add: j.AddGroups, Drop: j.DropGroups}, nil
}

// encodeIntents and decodeIntents are for a plan as a whole. One that holds an intent
// of a newer release has none for us: half of them would make another plan.
func encodeIntents(ins []Intent) ([]json.RawMessage, error) {
	var out []json.RawMessage
	for _, in := range ins {
		text, err := EncodeIntent(in)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

func decodeIntents(texts []json.RawMessage) ([]Intent, error) {
	var out []Intent
	unknown := false
	for _, text := range texts {
		in, err := DecodeIntent(text)
		if err != nil {
			return nil, err
		}
		unknown = unknown || in == nil
		out = append(out, in)
	}
	if unknown {
		return nil, nil
	}
	return out, nil
}

// Grantees are the principals whom intents give access, in order: IAM is asked about
// those that nobody has mapped yet.
func Grantees(ins []Intent) []Principal {
	var out []Principal
	for _, in := range ins {
		if g, ok := in.(GrantAccess); ok {
			out = append(out, g.Principal)
		}
	}
	return out
}
