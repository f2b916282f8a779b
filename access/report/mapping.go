package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

var stateWords = map[access.MappingState]string{
	access.Active:      "in force",
	access.Shadowed:    "shadowed",
	access.Unmatchable: "never matches",
	access.Dormant:     "not read",
	access.Dead:        "dead",
	access.Undecided:   "unknown",
}

// State is a mapping's fate in a word or two.
func State(m access.Mapping) string {
	return cmp.Or(stateWords[m.State], Safe(string(m.State)), "unknown")
}

// reasons say why a mapping is in its state.
var reasons = map[access.Code]string{
	access.EntryWins:       "the access entry of this principal replaces it",
	access.LaterItemWins:   "a later item for the same ARN replaces it",
	access.RoleItemWins:    "a mapRoles item for the same ARN is found first",
	access.PathNotTheUsers: "the user has another path, which is part of its ARN, so no caller matches it",
	access.PathsDiffer:     "another item names the same user with another path, and which one is right could not be read from IAM",
	access.PathInRoleARN:   "the role's ARN has a path, which STS leaves out, so no caller matches it",
	access.SessionARN:      "it names an STS session instead of the role, so no caller matches it",
	access.NotAnARN:        "it is not the ARN of a role or user",
	access.WrongPartition:  "its ARN is of another AWS partition than the cluster",
	access.BlankInARN:      "there are blanks around its ARN, so no caller matches it",
	access.SSOMatcher:      "sso matchers are off in the EKS authenticator",
	access.ItemDropped:     "the authenticator leaves the item out",
	access.NotReadInMode:   "the cluster's authentication mode does not read it",
	access.PrincipalGone:   "the principal does not exist any more",
	access.GoneAsSpelled:   "IAM has no principal spelled so; whether one in other letter case exists could not be listed (iam:ListRoles, iam:ListUsers)",
	access.PrincipalRemade: "the principal was deleted and made again; the entry is tied to the old one",
	access.ModeUnread:      "the cluster's authentication mode could not be read",
	access.EntriesUnread:   "the access entries could not be read, and one of them could replace it",
	access.CaseAmbiguous:   "several items differ in letter case only; which one counts changes from login to login",
	access.DeadEntryAbove:  "a dead access entry stands above it; AWS does not say which of the two counts",
}

// notCarried say why Build can't move a mapping to an entry (EKS user guide,
// "Create access entries"), where the reason is not the mapping's own.
var notCarried = map[access.Code]string{
	"principal-kind":      "only roles and users can have an access entry",
	"service-linked-role": "AWS owns this role and makes its entries itself",
	"template":            "an access entry can't hold this template",
	"bindings-unread":     "the bindings that name it could not be read",
}

// Reason is the reason of a mapping's state in words.
func Reason(c access.Code) string {
	if text, ok := reasons[c]; ok {
		return text
	}
	return Safe(cmp.Or(notCarried[c], string(c)))
}

// dropped says why the authenticator leaves an item out: access/awsauth's codes.
var dropped = map[string]string{
	"empty":              "it is empty",
	"not-a-mapping":      "it is not a mapping with a rolearn or userarn",
	"not-text":           "it is not a text",
	"no-arn":             "it has no rolearn or userarn",
	"arn-and-sso":        "it has both rolearn and sso",
	"sso-account":        "its sso.accountID is not twelve digits",
	"sso-permission-set": "its sso.permissionSetName can't be a permission set",
	"sso-partition":      "its sso.partition is not one of AWS",
}

// reasonOf is the reason of one mapping, with what its item tells.
func reasonOf(m access.Mapping) string {
	text := Reason(m.Reason)
	if m.Reason == access.ItemDropped && m.Item.Dropped != "" {
		text += ": " + cmp.Or(dropped[m.Item.Dropped], Safe(m.Item.Dropped))
	}
	return text
}

// sourceWords name the place of a mapping in a column.
var sourceWords = map[access.Source]string{
	access.FromEntry: "entry", access.FromAuthMap: "aws-auth", access.FromCreator: "creator", access.FromCaller: "caller",
}

// Via says through which mapping a principal comes in; one that is not in force
// has its state beside it.
func Via(r access.Row) string {
	m, ok := deciding(r)
	if !ok {
		return "–"
	}
	return via(m.Source, m.State)
}

func via(source access.Source, state access.MappingState) string {
	text := cmp.Or(sourceWords[source], Safe(string(source)))
	if state == access.Active {
		return text
	}
	return text + " (" + cmp.Or(stateWords[state], Safe(string(state))) + ")"
}

// deciding is the mapping that a row's cells come from: the one in force, else one
// that may be, else the first.
func deciding(r access.Row) (access.Mapping, bool) {
	if m, ok := r.Active(); ok {
		return m, true
	}
	if m, ok := r.Undecided(); ok {
		return m, true
	}
	if len(r.Mappings) > 0 {
		return r.Mappings[0], true
	}
	return access.Mapping{}, false
}

// place is where a mapping is written: "aws-auth mapRoles, line 7".
func place(m access.Mapping) string {
	switch m.Source {
	case access.FromEntry:
		if m.Type != "" && m.Type != access.StandardType {
			return Safe("access entry of type " + m.Type)
		}
		return "access entry"
	case access.FromCaller:
		return "in no place that was read; so the API server sees who asks"
	case access.FromCreator:
		return "the creator's right, which the mode CONFIG_MAP hides"
	}
	text := strings.TrimSpace("aws-auth " + string(m.Item.Section))
	if m.Line() > 0 {
		text += fmt.Sprintf(", line %d", m.Line())
	}
	return Safe(text)
}
