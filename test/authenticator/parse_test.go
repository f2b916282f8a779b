package authenticator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

// judged compares what we read with what the authenticator reads, one key at a
// time: the items that it keeps, in order, and whether the key is lost.
func judged(t testing.TB, data map[string]string) {
	t.Helper()
	for _, s := range awsauth.Sections {
		one := map[string]string{}
		if text, ok := data[string(s)]; ok {
			one[string(s)] = text
		}
		users, roles, accounts, err := configmap.ParseMap(one)
		var want []string
		for _, r := range roles {
			want = append(want, fmt.Sprintf("%q %q %q %v", r.RoleARN, r.Username, r.Groups, r.SSO != nil))
		}
		for _, u := range users {
			want = append(want, fmt.Sprintf("%q %q %q false", u.UserARN, u.Username, u.Groups))
		}
		for _, a := range accounts {
			want = append(want, fmt.Sprintf("%q \"\" [] false", a))
		}
		m := awsauth.Parse(one)
		var got []string
		for i, item := range m.Items {
			if item.Section != s {
				t.Fatalf("an item of %s in %s", item.Section, s)
			}
			if item.Index != i {
				t.Errorf("%s: element %d has the index %d\n%s", s, i, item.Index, one[string(s)])
			}
			if item.Dropped == "" {
				got = append(got, fmt.Sprintf("%q %q %q %v", item.ARN, item.Username, item.Groups, item.SSO))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: we read\n  %s\nthe authenticator\n  %s (%v)\nin\n%s\n%q", s, strings.Join(got, "\n  "), strings.Join(want, "\n  "), err, one[string(s)], one[string(s)])
		}
		if !m.Readable() && err == nil {
			t.Errorf("%s: we call the key lost, the authenticator has no complaint\n%q", s, one[string(s)])
		}
		if !m.Readable() && len(want) > 0 && s != awsauth.MapAccounts {
			t.Errorf("%s: we call the key lost, the authenticator keeps %d items\n%q", s, len(want), one[string(s)])
		}
		if err != nil && len(m.Items) == 0 && len(m.Problems) == 0 {
			t.Errorf("%s: the authenticator says %v, we say nothing\n%q", s, err, one[string(s)])
		}
		if err == nil && slices.ContainsFunc(m.Items, func(i awsauth.Item) bool { return i.Dropped != "" }) {
		}
	}
}

// oddTexts are the malformed and unusual forms of a list with a role; each is
// judged as mapRoles, with userarn as mapUsers, and as mapAccounts.
var oddTexts = map[string]string{
	"plain":                    "- rolearn: R1\n  username: u\n  groups: [g1, g2]\n- rolearn: R2\n",
	"bad indent":               "- rolearn: R1\n  username: u\n groups: [g]\n",
	"tab indent":               "- rolearn: R1\n\tusername: u\n",
	"stray colon":              "- rolearn: R1\n  username: a: b\n",
	"unquoted template":        "- rolearn: R1\n  username: {{SessionName}}\n",
	"template in the middle":   "- rolearn: R1\n  username: dev:{{SessionName}}\n",
	"a mapping":                "rolearn: R1\nusername: u\n",
	"a mapping in braces":      "{rolearn: R1}",
	"JSON object":              `{"rolearn": "R1"}`,
	"broken JSON object":       `{"rolearn": `,
	"no rolearn":               "- username: u\n- rolearn: R2\n",
	"empty rolearn":            "- rolearn: ''\n- rolearn: R2\n",
	"null item":                "- null\n-\n- ~\n- rolearn: R2\n",
	"null rolearn":             "- rolearn: null\n- rolearn: R2\n",
	"rolearn and sso":          "- rolearn: R1\n  sso: {permissionSetName: A, accountID: '111122223333'}\n- rolearn: R2\n",
	"sso":                      "- sso: {permissionSetName: A, accountID: '111122223333'}\n  username: u\n",
	"sso, number as account":   "- sso: {permissionSetName: A, accountID: 111122223333}\n",
	"sso, bad set":             "- sso: {permissionSetName: 'A B', accountID: '111122223333'}\n",
	"sso, partition":           "- sso: {permissionSetName: A, accountID: '111122223333', partition: aws-cn}\n",
	"sso, no partition of AWS": "- sso: {permissionSetName: A, accountID: '111122223333', partition: aws-x}\n",
	"sso is a text":            "- sso: x\n- sso: x\n  rolearn: R1\n",
	"sso is null":              "- sso: null\n  rolearn: R1\n",
	"sso is empty":             "- sso: {}\n  rolearn: R1\n- sso: {}\n",
	"groups as text":           "- rolearn: R1\n  groups: system:masters\n",
	"groups as mapping":        "- rolearn: R1\n  groups: {a: b}\n",
	"groups null":              "- rolearn: R1\n  groups: null\n- rolearn: R2\n  groups:\n",
	"odd groups":               "- rolearn: R1\n  groups: [g, 5, true, null, 1.5, [x], {a: b}, ~, yes, off, y, 2024-01-01, 0x10, 1e3, 1_000, .inf, !!str 5]\n",
	"NaN":                      "- rolearn: R1\n  groups: [.nan]\n",
	"block groups":             "- rolearn: R1\n  groups:\n  - |\n    g1\n  - >-\n    g2\n    g3\n",
	"username number":          "- rolearn: R1\n  username: 123\n  groups: [g]\n",
	"username yes":             "- rolearn: R1\n  username: yes\n",
	"username date":            "- rolearn: R1\n  username: 2024-01-01\n",
	"username list":            "- rolearn: R1\n  username: [a]\n",
	"username null":            "- rolearn: R1\n  username: ~\n",
	"username binary":          "- rolearn: R1\n  username: !!binary YWJj\n",
	"rolearn list":             "- rolearn: [x]\n- rolearn: R2\n",
	"rolearn number":           "- rolearn: 5\n- rolearn: R2\n",
	"keys in another case":     "- RoleARN: R1\n  userName: u\n  GROUPS: [g]\n",
	"keys in both cases":       "- rolearn: R1\n  RoleARN: R2\n  Username: b\n  username: a\n  GROUPS: [m, n]\n  groups: [5, x]\n",
	"long s in a key":          "- rolearn: R1\n  u\u017fername: x\n  group\u017f: [g]\n",
	"unknown keys":             "- rolearn: R1\n  userid: U\n  note: {a: [b]}\n  5: x\n  yes: y\n  1.5: z\n",
	"null as a key":            "- rolearn: R1\n  ~: x\n",
	"a list as a key":          "- rolearn: R1\n  [a]: x\n",
	"userid number":            "- rolearn: R1\n  userid: 5\n",
	"duplicate key":            "- rolearn: R1\n  rolearn: R2\n  groups: [a]\n  groups: [b]\n",
	"an ARN twice":             "- rolearn: R1\n  username: a\n- rolearn: r1\n  username: b\n",
	"trailing blank":           "- rolearn: 'R1 '\n- rolearn: \"R2\\n\"\n- rolearn: R3   \n",
	"JSON":                     `[{"rolearn":"R1","username":"u","groups":["a","b"]},{"rolearn":"R2"}]`,
	"pretty JSON":              "[\n\t{\n\t\t\"rolearn\": \"R1\",\n\t\t\"groups\": [\n\t\t\t\"a\"\n\t\t]\n\t}\n]\n",
	"JSON escapes":             `[{"rolearn":"R\/1","username":"\u00e4\ud83d\ude00"}]`,
	"CRLF":                     "- rolearn: R1\r\n  username: u\r\n  groups:\r\n  - a\r\n- rolearn: R2\r\n",
	"lone CR":                  "- rolearn: R1\r  username: u\r- rolearn: R2\r",
	"anchors":                  "- &a\n  rolearn: R1\n  groups: &g [a, b]\n- rolearn: R2\n  groups: *g\n- *a\n",
	"merge":                    "- &a {rolearn: R1, username: u, groups: [g]}\n- <<: *a\n  rolearn: R2\n- rolearn: R3\n  <<: *a\n  username: v\n- <<: [*a, {userid: x}]\n",
	"merge of a text":          "- &a x\n- <<: *a\n  rolearn: R2\n",
	"unknown anchor":           "- rolearn: *x\n",
	"anchor in itself":         "- &a\n  rolearn: R1\n  groups: [*a]\n",
	"two documents":            "- rolearn: R1\n---\n- rolearn: R2\n",
	"first document empty":     "---\n---\n- rolearn: R2\n",
	"second document broken":   "- rolearn: R1\n---\n- rolearn: {{x\n",
	"document end":             "- rolearn: R1\n...\n- rolearn: R2\n",
	"document start":           "--- # x\n- rolearn: R1\n",
	"directive":                "%YAML 1.1\n---\n- rolearn: R1\n",
	"directive 1.2":            "%YAML 1.2\n---\n- rolearn: R1\n",
	"tag directive":            "%TAG !e! tag:e.com,2000:\n---\n- rolearn: !e!x R1\n",
	"empty":                    "",
	"blanks":                   " \n\t\n ",
	"empty list":               "[]",
	"null":                     "null",
	"Null":                     "Null\n",
	"tilde":                    "~",
	"double quotes":            `""`,
	"single quotes":            "''\n",
	"back-ticks":               " ``\n",
	"comment":                  "# nothing\n",
	"quoted text":              "'x'",
	"text":                     "system:masters",
	"number":                   "5",
	"list of texts":            "- R1\n- R2\n",
	"list of lists":            "- - a\n- [b]\n- rolearn: R1\n",
	"numbers":                  "- 111122223333\n- 012345678901\n- '000000000001'\n- 0o17\n- 1_0\n- 0x1F\n- 1e3\n",
	"other scalars":            "- true\n- yes\n- null\n- ~\n-\n- 2024-01-01\n- .inf\n- !!binary YWJj\n- !!str 5\n- !x y\n",
	"bad tag":                  "- a\n- !!int b\n- c\n",
	"bad binary":               "- a\n- !!binary '*'\n- c\n",
	"tagged list":              "!!seq\n- rolearn: !!str 5\n",
	"set":                      "!!set {a, b}\n",
	"indented":                 "   - rolearn: R1\n     username: u\n   - rolearn: R2\n",
	"BOM":                      "\ufeff- rolearn: R1\n",
	"UTF-16":                   "\xff\xfe-\x00 \x00a\x00\n\x00",
	"not UTF-8":                "- rolearn: R\xff1\n",
	"control sign":             "- rolearn: \"R\x01\"\n",
	"NUL":                      "- rolearn: \"R\x00\"\n",
	"NEL and LS":               "- rolearn: R1\u0085  username: u\u2028- rolearn: R2\u2029",
	"complex key":              "- ? rolearn\n  : R1\n  ? username\n- rolearn: R2\n",
	"folded plain":             "- rolearn: R1\n  username: a\n    b\n\n    c # d\n",
	"quotes over lines":        "- rolearn: \"R1\n    # no comment\n    x\"\n  username: 'it''s\n\n    y'\n",
	"block text with a hash":   "- rolearn: |\n    R1\n    # no comment\n   # a comment\n- rolearn: R2\n",
	"keep":                     "- rolearn: |+\n    R1\n\n\n- rolearn: |2-\n    R2\n",
	"dash alone":               "-\n  # c\n  rolearn: R1\n-\n\n  rolearn: R2\n",
	"pair in brackets":         "[rolearn: R1, {rolearn: R2,}, ]\n",
	"brackets with comments":   "[ # a\n {rolearn: R1}, # b\n # c\n {rolearn: R2} # d\n] # e\n",
	"colon in brackets":        "[{rolearn: arn:aws:iam::1:role/x, username: it's, groups: [a b, 'c,d', \"e]\"]}]",
	"adjacent colon":           `[{"rolearn":R1,"username":"u"}]`,
	"question mark":            "- rolearn: R1\n  username: a?b\n- {rolearn: R2, ? username : x}\n",
	"percent":                  "- rolearn: %a\n",
	"at sign":                  "- rolearn: @a\n",
	"deep":                     strings.Repeat("[", 200) + strings.Repeat("]", 200),
	"very deep":                strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	"deep for JSON":            "- rolearn: R1\n  x: " + strings.Repeat("[", 9999) + strings.Repeat("]", 9999),
	"laughs":                   "- &a [x,x,x,x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n- &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n- [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
	"large number key":         "- rolearn: R1\n  99999999999999999999: x\n",
	"empty groups":             "- rolearn: R1\n  groups: []\n- rolearn: R2\n  groups: ['', \"\"]\n",
	"long username":            "- rolearn: R1\n  username: \"" + strings.Repeat("x", 3000) + "\"\n",
	"long key":                 "- rolearn: R1\n  " + strings.Repeat("x", 1100) + ": y\n",
}

// forms gives an odd text to each key, in the words of that key.
func forms(text string) map[string]string {
	return map[string]string{
		"mapRoles":    text,
		"mapUsers":    strings.ReplaceAll(strings.ReplaceAll(text, "rolearn", "userarn"), "RoleARN", "UserARN"),
		"mapAccounts": text,
	}
}

func TestJudgeOddTexts(t *testing.T) {
	for name, text := range oddTexts {
		t.Run(name, func(t *testing.T) { judged(t, forms(text)) })
	}
}

func TestJudgeOddKeys(t *testing.T) {
	for name, data := range map[string]map[string]string{
		"nothing":           nil,
		"no key":            {},
		"letter case":       {"maproles": "- rolearn: R1\n", "MAPUSERS": "- userarn: U\n"},
		"other keys":        {"x": "y", "mapRoles": "- rolearn: R1\n"},
		"one of three lost": {"mapRoles": "- {", "mapUsers": "- userarn: U\n", "mapAccounts": "- 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			judged(t, data)
			users, roles, accounts, _ := configmap.ParseMap(data)
			if got, want := len(awsauth.Parse(data).Items), len(users)+len(roles)+len(accounts); got != want {
				t.Errorf("%d items, want %d", got, want)
			}
		})
	}
}
