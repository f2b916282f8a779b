package access

import (
	"cmp"
	"fmt"
	"strings"
)

// Migrate moves aws-auth mappings to access entries, and the cluster's mode to To.
type Migrate struct {
	Principals []Principal // none: every mapping in force
	To         Mode        // BothMode or APIMode; "" is BothMode
	// NodeType makes entries of this type for the named roles, whose nodes are self-managed
	// or Karpenter's. "" leaves nodes to EKS.
	NodeType string
	// Subjects takes old names out of bindings in the end, where an entry had to have
	// another one and no other principal arrives under the old.
	Subjects bool
}

// Via says where a grant's mapping is made.
type Via string

const (
	ViaAuto    Via = "auto" // where the principal is mapped already, else what the mode prefers
	ViaEntry   Via = "access-entry"
	ViaAuthMap Via = "aws-auth"
)

// GrantAccess gives one principal a permission. Exactly one of Level, Policy,
// ClusterRole and Role says which.
type GrantAccess struct {
	Principal   Principal
	Level       Level
	Policy      string
	ClusterRole string
	Role        string   // a Role in every one of Namespaces
	RoleObject  *Role    // its rules, when the Role does not exist yet
	Namespaces  []string // none: the whole cluster
	Via         Via
	Username    string // "" lets EKS or the existing mapping say it
	Groups      []string
	// CreateNamespaces makes the namespaces that do not exist.
	CreateNamespaces bool
}

// SwitchMode moves the cluster's authentication mode one step forward.
type SwitchMode struct{ To Mode }

func (in Migrate) words() string {
	return fmt.Sprintf("migrate %s to access entries%s", pick(len(in.Principals) == 0, "every mapping in force", names(in.Principals)), pick(in.NodeType != "", " of type "+in.NodeType, ""))
}

func (in GrantAccess) words() string {
	what := cmp.Or(in.Policy, in.ClusterRole, in.Role, in.Level.String())
	return fmt.Sprintf("grant %s %s %s", in.Principal, what, pick(len(in.Namespaces) == 0, "in the whole cluster", "in "+strings.Join(in.Namespaces, ", ")))
}

func (in SwitchMode) words() string { return "switch the authentication mode to " + string(in.To) }

func names(ps []Principal) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

func (in Migrate) about() []Principal        { return in.Principals }
func (in GrantAccess) about() []Principal    { return []Principal{in.Principal} }
func (in RevokeAccess) about() []Principal   { return []Principal{in.Principal} }
func (in ChangeIdentity) about() []Principal { return []Principal{in.Principal} }
func (in SwitchMode) about() []Principal     { return nil }
