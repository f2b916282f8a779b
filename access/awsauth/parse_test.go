package awsauth

import (
	"fmt"
	"strings"
	"testing"
)

// What Parse decodes is judged by the authenticator itself in
// test/authenticator; here are the places and the complaints.
func TestParseNotes(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string // item@line dropped: code@line...
	}{
		"nothing to say":           {"- rolearn: R\n  username: u\n  groups: [g]\n  userid: x\n", "0@1"},
		"groups is a text":         {"- rolearn: R\n  username: u\n  groups: system:masters\n", "0@1 groups-ignored@3"},
		"groups is null":           {"- rolearn: R\n  username: u\n  groups:\n", "0@1"},
		"a boolean group":          {"- rolearn: R\n  username: u\n  groups:\n  - yes\n  - ''\n", "0@1 group-not-text@4"},
		"a group with a break":     {"- rolearn: R\n  username: u\n  groups:\n  - |\n    g\n", "0@1 group-blank@4"},
		"username is a number":     {"- username: 42\n  rolearn: R\n", "0@1 username-not-text@1"},
		"no username":              {"\n- rolearn: R\n", "0@2 username-missing@2"},
		"ARN is a list":            {"- rolearn: [R]\n  username: u\n", "0@1 no-arn arn-not-text@1"},
		"blank after the ARN":      {"- rolearn: 'R '\n  username: u\n", "0@1 arn-blank@1"},
		"duplicate in other case":  {"- rolearn: R\n  username: u\n  RoleARN: S\n", "0@1 duplicate-key@3"},
		"unknown key":              {"- rolearn: R\n  username: u\n  group: [g]\n", "0@1 unknown-key@3"},
		"sso":                      {"- sso: {permissionSetName: A, accountID: '111122223333'}\n  username: u\n", "0@1 sso@1"},
		"sso with a partition":     {"- sso: {permissionSetName: A, accountID: '111122223333', partition: aws}\n  username: u\n", "0@1 sso-broken@1 sso@1"},
		"sso without an account":   {"- sso: {permissionSetName: A}\n  username: u\n", "0@1 sso-account sso@1"},
		"sso, bad name":            {"- sso: {permissionSetName: A/B, accountID: '111122223333'}\n  username: u\n", "0@1 sso-permission-set sso@1"},
		"sso, bad partition":       {"- sso: {permissionSetName: A, accountID: '111122223333', partition: x}\n  username: u\n", "0@1 sso-partition sso-broken@1 sso@1"},
		"rolearn and sso":          {"- rolearn: R\n  sso: {}\n  username: u\n", "0@1 arn-and-sso sso@2"},
		"empty items":              {"-\n- null\n- text\n- rolearn: R\n  username: u\n", "0@1 empty; 1@2 empty; 2@3 not-a-mapping; 3@4"},
		"a shared anchor":          {"- &a\n  rolearn: R\n  username: u\n- *a\n", "0@1 shared@1; 1@4 shared@4"},
		"a merge key behind":       {"- &a\n  rolearn: R\n  username: u\n- username: v\n  <<: *a\n", "0@1 shared@1; 1@4 merge@5 shared@5"},
		"a merge key before":       {"- &a\n  rolearn: R\n  username: u\n- <<: *a\n  username: v\n", "0@1 shared@1; 1@4 shared@4"},
		"lines of CRLF":            {"# c\r\n- rolearn: R\r\n  username: u\r\n- rolearn: S\r\n  username: u\r\n", "0@2; 1@4"},
		"JSON":                     {"[\n{\"rolearn\": \"R\", \"username\": \"u\"},\n{\"rolearn\": \"S\", \"username\": 5}\n]", "0@2; 1@3 username-not-text@3"},
		"a broken second document": {"- rolearn: R\n  username: u\n---\n- {{\n", "0@1"},
	} {
		t.Run(name, func(t *testing.T) {
			var items []string
			for _, item := range Parse(map[string]string{"mapRoles": tc.text}).Items {
				s := fmt.Sprintf("%d@%d", item.Index, item.Line)
				if item.Dropped != "" {
					s += " " + item.Dropped
				}
				for _, n := range item.Notes {
					s += fmt.Sprintf(" %s@%d", n.Code, n.Line)
				}
				items = append(items, s)
			}
			if got := strings.Join(items, "; "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestParseAccounts(t *testing.T) {
	m := Parse(map[string]string{"mapAccounts": "- 012345678901\n- [x]\n- '5'\n"})
	got := fmt.Sprintf("%d: %s; %s@%d; %s#%d; %v", len(m.Items), m.Items[0].ARN, m.Items[1].Dropped, m.Items[1].Line, m.Items[2].ARN, m.Items[2].Index, m.Readable())
	if want := "3: 012345678901; not-text@2; 5#2; true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		data     map[string]string
		want     string
		readable bool
	}{
		"a tab":             {map[string]string{"mapRoles": "- rolearn: R\n\tusername: u\n"}, "mapRoles 2 found a tab character that violates indentation", false},
		"a template":        {map[string]string{"mapUsers": "- userarn: R\n  username: {{SessionName}}\n"}, "mapUsers 2 a mapping or a list stands where a key should: put quotes around a value that starts with a brace, such as {{SessionName}}", false},
		"no list":           {map[string]string{"mapAccounts": "'1'\n"}, "mapAccounts 1 the text is not a list: start each item with a dash", false},
		"a mapping":         {map[string]string{"mapRoles": "rolearn: R\n"}, "mapRoles 1 the text is not a list: start each item with a dash", false},
		"letter case":       {map[string]string{"maproles": "- {"}, "maproles 1 the authenticator ignores this key: it must be spelt mapRoles", true},
		"second document":   {map[string]string{"mapRoles": "- rolearn: R\n---\n- rolearn: S\n"}, "mapRoles 2 a second YAML document starts here; the authenticator reads the first one only", true},
		"first one is void": {map[string]string{"mapRoles": "---\n---\n- rolearn: S\n"}, "mapRoles 2 a second YAML document starts here; the authenticator reads the first one only", true},
		"nothing":           {nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			m := Parse(tc.data)
			var got []string
			for _, p := range m.Problems {
				got = append(got, fmt.Sprintf("%s %d %s", p.Section, p.Line, p.Detail))
			}
			if s := strings.Join(got, "; "); s != tc.want || m.Readable() != tc.readable {
				t.Errorf("got  %q %v\nwant %q %v", s, m.Readable(), tc.want, tc.readable)
			}
		})
	}
}
