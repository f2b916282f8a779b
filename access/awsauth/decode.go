package awsauth

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// roleMapping and userMapping have the fields, tags and types of
// aws-iam-authenticator pkg/config, RoleMapping and UserMapping: encoding/json
// decides by them what a wrong type or a key in another letter case does, so
// the same types give the same answers.
type roleMapping struct {
	RoleARN  string      `json:"rolearn,omitempty"`
	SSO      *ssoMatcher `json:"sso,omitempty"`
	Username string      `json:"username"`
	Groups   []string    `json:"groups"`
	UserID   string      `json:"userid,omitempty"`
}

type userMapping struct {
	UserARN  string   `json:"userarn"`
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
	UserID   string   `json:"userid,omitempty"`
}

type ssoMatcher struct {
	PermissionSetName string `json:"permissionSetName"`
	AccountID         string `json:"accountID"`
	Partition         string `json:"partition,omitempty"`
}

// skippable texts count as no text at all (aws-iam-authenticator
// pkg/mapper/configmap, isSkippable).
func skippable(text string) bool {
	switch strings.TrimSpace(text) {
	case "", "``", `""`, "''":
		return true
	}
	return false
}

// decode turns a text into items with everything but their places. The error
// means that the authenticator has lost the whole key.
func decode(s Section, text string) ([]Item, error) {
	if skippable(text) {
		return nil, nil
	}
	if s == MapAccounts {
		return decodeAccounts(text)
	}
	raw, err := elements(text)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(raw))
	for i, element := range raw {
		items[i] = Item{Section: s, Index: i}
		if s == MapRoles {
			decodeRole(element, &items[i])
		} else {
			decodeUser(element, &items[i])
		}
	}
	return items, nil
}

// elements returns the JSON of each element of the list. YAML 1.1 rules apply
// (`yes` is a boolean), duplicate keys and merge keys are resolved, later
// documents are ignored: all as in k8s.io/apimachinery util/yaml, ToJSON,
// which is sigs.k8s.io/yaml but for texts that start with a brace. Those are
// never a list.
func elements(text string) ([]json.RawMessage, error) {
	js := []byte(text)
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		var err error
		if js, err = yaml.YAMLToJSON(js); err != nil {
			return nil, err
		}
	}
	var raw []json.RawMessage
	err := json.Unmarshal(js, &raw)
	return raw, err
}

// decodeRole ignores the error of Unmarshal like the authenticator, which logs
// it and keeps what was decoded: a wrong type costs the field, not the item.
func decodeRole(element json.RawMessage, item *Item) {
	var r roleMapping
	_ = json.Unmarshal(element, &r)
	item.ARN, item.Username, item.Groups, item.SSO = r.RoleARN, r.Username, r.Groups, r.SSO != nil
	switch {
	case element[0] != '{':
		item.Dropped = notMapping(element)
	case r.RoleARN == "" && r.SSO == nil:
		item.Dropped = DropNoARN
	case r.RoleARN != "" && r.SSO != nil:
		item.Dropped = DropARNAndSSO
	case r.SSO != nil:
		item.Dropped = r.SSO.invalid()
		if r.SSO.Partition != "" {
			item.Notes = append(item.Notes, Note{Code: NoteSSOPartition, Text: "sso with a partition makes the authenticator look for arn::iam::…, which no role has"})
		}
	}
}

func decodeUser(element json.RawMessage, item *Item) {
	var u userMapping
	_ = json.Unmarshal(element, &u)
	item.ARN, item.Username, item.Groups = u.UserARN, u.Username, u.Groups
	switch {
	case element[0] != '{':
		item.Dropped = notMapping(element)
	case u.UserARN == "":
		item.Dropped = DropNoARN
	}
}

func notMapping(element json.RawMessage) string {
	if string(element) == "null" {
		return DropEmpty
	}
	return DropNotMapping
}

var (
	accountID         = regexp.MustCompile(`^[0-9]{12}$`)
	permissionSetName = regexp.MustCompile(`^[\w+=,.@-]{1,32}$`)
	partitions        = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
)

// invalid checks what aws-iam-authenticator pkg/config, RoleMapping.Validate
// checks of an sso matcher, in its order.
func (m ssoMatcher) invalid() string {
	switch {
	case !accountID.MatchString(m.AccountID):
		return DropSSOAccount
	case !permissionSetName.MatchString(m.PermissionSetName):
		return DropSSOPermission
	case m.Partition != "" && !slices.Contains(partitions, m.Partition):
		return DropSSOPartition
	}
	return ""
}

// decodeAccounts follows the authenticator's other path: mapAccounts is decoded
// by YAML alone, so numbers keep their digits (leading zeros too), null is an
// empty text, and an element that is no scalar vanishes. What was decoded
// before an error still counts, so there can be items and an error. A
// partly error is no loss of the key: some elements had the wrong type.
func decodeAccounts(text string) ([]Item, error) {
	var accounts []string
	err := yamlv2.Unmarshal([]byte(text), &accounts)
	if wrong := (*yamlv2.TypeError)(nil); errors.As(err, &wrong) && accounts != nil {
		err = partly{err}
	}
	items := make([]Item, len(accounts))
	for i, a := range accounts {
		items[i] = Item{Section: MapAccounts, Index: i, ARN: a}
	}
	return items, err
}

// partly is the error of a list from which only some elements are gone.
type partly struct{ error }
