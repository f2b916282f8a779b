// Package awsauth reads the aws-auth ConfigMap the way the aws-iam-authenticator
// does, and edits it by position.
//
// Two things always hold. What Parse says an item means is what the
// authenticator makes of it (aws-iam-authenticator pkg/mapper/configmap,
// ParseMap: YAML 1.1 to JSON to encoding/json), however odd the text. And an
// edit changes only the bytes of the items it names: comments, order, anchors,
// unknown keys, line ends and JSON style stay, and the new text is read again
// and compared with the intended list before it is returned.
package awsauth

import "slices"

// Section is a key of the ConfigMap that the authenticator reads. The letter
// case counts: it does not look at "maproles".
type Section string

const (
	MapRoles    Section = "mapRoles"
	MapUsers    Section = "mapUsers"
	MapAccounts Section = "mapAccounts"
)

// Sections lists the three keys in the order in which Map.Items holds them.
var Sections = []Section{MapRoles, MapUsers, MapAccounts}

// Item is one element of a list in the ConfigMap, as the authenticator decodes
// it. Items that it leaves out are listed too, with the reason in Dropped.
type Item struct {
	Section  Section
	Index    int      // position among the list's elements, also the ones that are dropped
	Line     int      // 1-based line in that key's text; 0 if the place could not be found
	ARN      string   // rolearn or userarn as written; account id for mapAccounts
	Username string   // "" if missing or not a string
	Groups   []string // elements that are not strings are ""
	SSO      bool     // an `sso:` matcher instead of an ARN
	Dropped  string   // one of the Drop codes, "" if the authenticator keeps the item
	Notes    []Note   // in the order of their lines
}

// Why the authenticator leaves an item out: values of Item.Dropped.
const (
	DropEmpty         = "empty"              // a dash with nothing behind it, or null
	DropNotMapping    = "not-a-mapping"      // a text, a number or a list where `rolearn: …` should be
	DropNotText       = "not-text"           // a list or a mapping in mapAccounts
	DropNoARN         = "no-arn"             // rolearn or userarn is missing, empty, or not a text
	DropARNAndSSO     = "arn-and-sso"        // both rolearn and sso
	DropSSOAccount    = "sso-account"        // sso.accountID is not twelve digits
	DropSSOPermission = "sso-permission-set" // sso.permissionSetName is not a permission set's name
	DropSSOPartition  = "sso-partition"      // sso.partition is not a partition of AWS
)

// Note is something true of one item that its author may not have meant.
type Note struct {
	Code string
	Line int
	Text string
}

// Values of Note.Code.
const (
	NoteGroupsIgnored   = "groups-ignored"    // groups is not a list: the item has none
	NoteGroupNotText    = "group-not-text"    // an element of groups is not a string: it counts as ""
	NoteGroupBlank      = "group-blank"       // blanks or line breaks around a group's name
	NoteUsernameMissing = "username-missing"  // no username: it is empty, not the ARN
	NoteUsernameNotText = "username-not-text" // username is not a string: it is empty
	NoteARNNotText      = "arn-not-text"      // rolearn or userarn is not a string
	NoteARNBlank        = "arn-blank"         // blanks around the ARN: it never matches
	NoteDuplicateKey    = "duplicate-key"     // a key twice: one of them has no effect
	NoteUnknownKey      = "unknown-key"       // a key that the authenticator ignores
	NoteSSO             = "sso"               // works only with the alpha gate SSORoleMatch
	NoteSSOPartition    = "sso-broken"        // with a partition the matcher never matches
	NoteMerge           = "merge"             // a merge key behind a field takes precedence over it
	NoteShared          = "shared"            // the item uses or defines an anchor
)

// Map is what the authenticator makes of the ConfigMap.
type Map struct {
	Items    []Item // roles, users, accounts; in the order of the text
	Problems []Problem
}

// Problem is a complaint about a whole key. Only when Lost is set does the
// authenticator lose the key's items; otherwise it merely does not see a part
// that its author may count on: a key in the wrong letter case (Section then
// holds it as written) or further YAML documents.
type Problem struct {
	Section Section
	Line    int
	Detail  string
	Lost    bool
}

// Readable says whether no key is lost. If one is, everybody mapped by it has
// lost access already, and its items are not in Map.Items.
func (m Map) Readable() bool {
	return !slices.ContainsFunc(m.Problems, func(p Problem) bool { return p.Lost })
}

// Parse reads the data of the ConfigMap. It never fails: what cannot be read
// is a Problem, as for the authenticator, which keeps the keys that it can
// read (aws-iam-authenticator pkg/mapper/configmap, ParseMap).
func Parse(data map[string]string) Map {
	var m Map
	for _, s := range Sections {
		text, ok := data[string(s)]
		if !ok {
			continue
		}
		l := read(s, text)
		m.Items = append(m.Items, l.items...)
		m.Problems = append(m.Problems, l.problems...)
	}
	m.Problems = append(m.Problems, misspelt(data)...)
	return m
}

// same says whether two items mean the same to the authenticator, wherever
// they stand.
func same(a, b Item) bool {
	return a.Section == b.Section && a.ARN == b.ARN && a.Username == b.Username &&
		slices.Equal(a.Groups, b.Groups) && a.SSO == b.SSO && a.Dropped == b.Dropped
}
