package access

import "fmt"

// Migrate moves aws-auth mappings to access entries, and the cluster's mode to To.
type Migrate struct {
	Principals []Principal // none: every mapping in force
	To         Mode        // BothMode or APIMode; "" is BothMode
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

func (Migrate) intent()     {}
func (GrantAccess) intent() {}
func (SwitchMode) intent()  {}

// Build turns intents into one plan, checked by Guard at every prefix. The error
// is for a wish that can't be planned at all (an unknown role, a contradiction, a
// fact that could not be read) and says how to fix it; what can be planned but must
// not run is a Refuse finding instead, so that it can be looked at.
func Build(s Snapshot, intents ...Intent) (Plan, error) {
	c, _ := s.Cluster()
	p := Plan{Cluster: c, Caller: s.Caller.AWS, At: s.At}
	b := &builder{now: s, was: NewIndex(s), plan: &p}
	for _, in := range intents {
		var err error
		switch in := in.(type) {
		case Migrate:
			err = b.migrate(in)
		case GrantAccess:
			err = b.grant(in)
		case SwitchMode:
			err = b.switchMode(in.To)
		default:
			panic(fmt.Sprintf("intent %T", in))
		}
		if err != nil {
			return Plan{}, err
		}
	}
	b.finish()
	return p, nil
}
