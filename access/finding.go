package access

import "slices"

// Code names a kind of finding, gap, reason or step. Scripts match on it, so a
// code is never renamed. The words for it are in access/report.
type Code string

// Severity says what a finding asks of a person.
type Severity uint8

const (
	Info    Severity = iota // worth knowing
	Warn                    // probably wrong
	Confirm                 // go on only if accepted by code
	Refuse                  // never go on
)

func (s Severity) String() string {
	return [...]string{"info", "warn", "confirm", "refuse"}[s]
}

// MarshalText writes a severity as its word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it back; an unknown word is an error.
func (s *Severity) UnmarshalText(b []byte) error {
	for v := Info; v <= Refuse; v++ {
		if v.String() == string(b) {
			*s = v
			return nil
		}
	}
	return &unknownWord{"severity", string(b)}
}

type unknownWord struct{ kind, word string }

func (e *unknownWord) Error() string { return "unknown " + e.kind + " " + `"` + e.word + `"` }

// Finding is something true worth saying. Args are the facts of the sentence, in
// the order that access/report documents for the code.
type Finding struct {
	Code     Code        `json:"code"`
	Severity Severity    `json:"severity"`
	Who      []Principal `json:"who,omitempty"`   // whom it is about, sorted; empty: the cluster as a whole
	About    []Key       `json:"about,omitempty"` // the objects that show it
	Roads    []Road      `json:"roads,omitempty"` // how the rights arrive, for findings about rights
	Args     []string    `json:"args,omitempty"`
}

// Concerns reports whether a finding is about a principal by name.
func (f Finding) Concerns(p Principal) bool {
	id := p.ID()
	return slices.ContainsFunc(f.Who, func(w Principal) bool { return w.ID() == id })
}

// Road is one way in which rights arrive: behind the mapping a group or user, a
// binding and its role; or an access policy's association.
type Road struct {
	Powers    []Code     `json:"powers"`
	Namespace string     `json:"namespace,omitempty"` // where they count; "" is the whole cluster
	Subject   string     `json:"subject,omitempty"`   // "Group devs", "User alice", or "" for a policy
	Via       []Key      `json:"via,omitempty"`       // binding and role, or the policy's association
	When      *Condition `json:"when,omitempty"`      // only sessions of this condition take it
}

// What Inspect says of a cluster as it stands. The comment gives the arguments.
const (
	CallersDiffer      Code = "callers-differ"      // AWS ARN, Kubernetes ARN
	EndpointDiffers    Code = "endpoint-differs"    // server of the kubeconfig, endpoint of the cluster
	ClusterNotActive   Code = "cluster-not-active"  // status
	HiddenCreator      Code = "hidden-creator"      // mode
	MapUnreadable      Code = "aws-auth-unreadable" // section, line, detail
	MapComplaint       Code = "aws-auth-complaint"  // section, line, note code, text
	MapAbsent          Code = "aws-auth-absent"     // mode
	MappingShadowed    Code = "mapping-shadowed"    // principal, reason, line
	MappingUnmatchable Code = "mapping-unmatchable" // principal, reason, line
	MappingDead        Code = "mapping-dead"        // principal, reason
	MappingDormant     Code = "mapping-dormant"     // principal, mode
	MappingUnknown     Code = "mapping-unknown"     // principal, reason
	EntryNarrower      Code = "entry-narrower"      // principal: the shadowed item said more than the entry
	PolicyUnknown      Code = "policy-unknown"      // policy name, principal
	PolicyNew          Code = "policy-new"          // policy name, table date: EKS lists a policy that our table does not have
	PolicyWildcard     Code = "policy-wildcard"     // policy name, pattern: counts in namespaces made later
	AdminCantBind      Code = "admin-cannot-bind"   // principal, scope: the escalation check does not see what a policy gives
	GroupUnbound       Code = "group-unbound"       // group, principal: no binding names it
	BindingUnreached   Code = "binding-unreached"   // subjects, bindings: no IAM principal arrives as one of them
	RoleMissing        Code = "role-missing"        // binding, role: grants nothing
	AggregationPending Code = "aggregation-pending" // cluster role: its stored rules lack some of those it selects
	BridgeLeft         Code = "bridge-left"         // binding: a bridge that a stopped plan left
	OnBridge           Code = "on-bridge"           // principal: its rights are those of a bridge
	ClusterAdmin       Code = "cluster-admin"       // principal: may do everything. OfNode stands behind a node's
	BecomesAdmin       Code = "becomes-admin"       // principal: may take what it was not given. OfNode stands behind a node's
	EverybodyAdmin     Code = "everybody-admin"     // group: whoever logs in has these powers
	NodeRights         Code = "node-with-rights"    // principal: more than a node needs
	ResourceUnknown    Code = "resource-unknown"    // role, resource, likely name: no API has it, grants nothing
	ClusterScoped      Code = "cluster-scoped"      // role, resource: a Role reaches nothing outside its namespace
	RuleEmpty          Code = "rule-empty"          // role, rule: names nothing, grants nothing
)

// What Build and Guard say of a plan.
const (
	NothingToDo        Code = "nothing-to-do"        //
	OneWayMode         Code = "one-way-mode"         // from, to. Confirm: type the cluster's name
	MastersToPolicy    Code = "masters-to-policy"    // principal
	NodeLeft           Code = "node-left"            // principal: left in aws-auth until a node entry is seen
	AlreadyEntry       Code = "already-entry"        // principal: an entry is in force, only the item goes
	AlreadyDead        Code = "already-dead"         // principal, reason: nothing to migrate
	NotMigratable      Code = "not-migratable"       // principal, reason, value
	UnresolvedARN      Code = "unresolved-arn"       // principal, why
	ForeignAccount     Code = "foreign-account"      // principal, account
	ARNAsWritten       Code = "arn-as-written"       // ARN. Confirm where it is migrated, Warn of a grant: it could not be looked up, so its path and existence are the person's word
	AccountNotMapped   Code = "account-mapping"      // account: mapAccounts has no counterpart
	NameMoved          Code = "name-moved"           // principal, old name, new name, bindings: a subject is added beside the old one
	NameEmpty          Code = "name-empty"           // principal: aws-auth gave the empty user name, the entry gives the default
	BridgeUsed         Code = "bridge-used"          // binding, number of principals
	NoBridge           Code = "no-bridge"            // principal. Confirm: a window of seconds without rights
	NodeEntryMade      Code = "node-entry-by-you"    // principal, type. Confirm: that its nodes are not EKS's to map is the person's word
	DeadEntry          Code = "dead-entry"           // principal, reason, why. Confirm: it is taken for dead, and deleted
	ItemRevived        Code = "item-revived"         // principal, scope, rules. Confirm: an item counts again that a dead entry stood above
	NameReplaced       Code = "name-replaced"        // principal, old name, new name, bindings: the old subject goes in the end
	NodeWindow         Code = "node-window"          // principal. Confirm: its entry is deleted and made again, a window of seconds for its nodes
	NotProvable        Code = "not-provable"         // principal: rights from access policies can't be asked for someone else
	LeftInMap          Code = "left-in-aws-auth"     // principal. Confirm or Refuse: dead at once in mode API
	LosesAccess        Code = "loses-access"         // principal, step, scope, rules
	GainsMeanwhile     Code = "gains-meanwhile"      // principal, step, scope, rules
	OthersGain         Code = "others-gain"          // principal, scope, rules. Confirm beside a grant, Refuse without one
	CallerLoses        Code = "caller-loses"         // principal, step, scope, rules. Confirm
	NodesLose          Code = "nodes-lose"           // principal, step
	NoAdminLeft        Code = "no-admin-left"        // step
	NoAdminAside       Code = "no-admin-aside"       // principals. Confirm: every known administrator is changed; Warn where the creator is hidden
	CreatorStays       Code = "creator-stays"        //
	BeyondYou          Code = "more-than-you-have"   // principal, scope, rules: what you give is more than your own
	NamespaceMade      Code = "namespace-made"       // namespace
	NamespaceGoes      Code = "deletes-namespace"    // namespace: refused by access/kube while anything is in it
	NamespaceAbsent    Code = "namespace-absent"     // namespace: not there yet, the grant waits for it
	RoleExtended       Code = "role-extended"        // role, rules: it exists, and gets these too
	RoleFromEdit       Code = "role-from-edit"       // role. Confirm: it does not exist and no file was given
	VerbUnknown        Code = "verb-unknown"         // role, verb: not an API verb, grants nothing (describe is get)
	WatchMissing       Code = "watch-missing"        // role: list without watch, kubectl get -w fails
	GroupMoved         Code = "api-group-moved"      // role, resource, group, new group
	SmokeTestDenied    Code = "smoke-test-denied"    // role, verb, resource, namespace
	SharedName         Code = "shared-name"          // user name, principals: bindings to it count for all of them
	Unseen             Code = "unseen"               // kind, name, detail: could not be read, so what it gives is not compared
	OwnedElsewhere     Code = "owned-elsewhere"      // principal, owner. Confirm: CloudFormation, Terraform or ACK will drift
	WildcardScope      Code = "wildcard-scope"       // pattern
	EscalatesBeyondYou Code = "grants-more-than-you" // principal, level
	OthersLose         Code = "others-lose"          // principal, group, principal of the revocation. Confirm: they share a name
	AccountLetsIn      Code = "account-lets-in"      // principal, account. Confirm: mapAccounts lets it log in without a mapping of its own
	MadeAnew           Code = "made-anew"            // new steps, steps. Confirm: after a conflict, About is what was changed
	ItemGone           Code = "item-gone"            // principal. Confirm: somebody changed it or took it out of aws-auth while it was being moved
	GivesSince         Code = "gives-since"          // principal, scope, rules. Confirm: an undo gives what the change did not take
	TakesSince         Code = "takes-since"          // principal, scope, rules. Confirm: an undo takes what the change did not give
	GivenAgain         Code = "given-again"          // principal, policy. Confirm: somebody took away what the stopped plan had given
	AccountLoses       Code = "account-loses"        // account. Confirm: whom only mapAccounts lets in can't log in any more
	RevokesAll         Code = "revokes-all"          // principal. Confirm: no policy and no role is named, so all it has goes
	YoursUnknown       Code = "yours-unknown"        // principals who gain: whether it is more than the caller has can't be told
	ServerRefuses      Code = "server-refuses"       // step, answer: of a dry run
	ServerTried        Code = "server-tried"         // tried, steps
	EKSHasNone         Code = "eks-has-no-dry-run"   // numbers of steps
	NeedsSteps         Code = "needs-steps"          // numbers of steps: what they are about, or in, is made by the plan
	WebhookOnly        Code = "webhook-real-only"    // numbers of steps, answer: an admission webhook is asked about real writes only
	NameLeftBound      Code = "name-left-bound"      // kind, name, bindings: nobody that can be listed arrives under it any more
)

// Why a step is there: said once per step in the preview.
const (
	WhyMode         Code = "switch-mode"    // from, to
	WhyBridge       Code = "bridge"         // group
	WhyBridgeOff    Code = "bridge-off"     //
	WhyBridgeDrop   Code = "bridge-drop"    //
	WhyEntry        Code = "entry"          // principal
	WhyEntryBridged Code = "entry-bridged"  // principal
	WhyEntryOpen    Code = "entry-open"     // principal. No bridge: without rights until its policy counts
	WhyPolicy       Code = "policy"         // policy, scope
	WhyPolicyScope  Code = "policy-scope"   // policy, added namespaces
	WhyRetire       Code = "retire-mapping" // lines or principals
	WhyMapping      Code = "add-mapping"    // principal
	WhySubject      Code = "subject-beside" // old, new
	WhyNamespace    Code = "make-namespace" // namespace
	WhyRole         Code = "make-role"      // role
	WhyExtend       Code = "extend-role"    // role
	WhyBind         Code = "bind"           // role, subject
	WhyGroups       Code = "entry-groups"   // principal, groups
	WhyRevoke       Code = "revoke"         // principal
	WhyRevokeItem   Code = "revoke-mapping" // principals
	WhyUnbind       Code = "unbind"         // name
	WhyScope        Code = "set-scope"      // policy, namespaces
	WhyNodeEntry    Code = "node-entry"     // principal, type
	WhyDead         Code = "bury"           // principal; of an entry, when EKS made it
	WhyRetype       Code = "retype"         // principal, type
	WhyUndo         Code = "undo"           // why of the step that is undone
)
