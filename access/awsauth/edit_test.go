package awsauth

import (
	"maps"
	"strings"
	"testing"
)

const eks = `# nodes first
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/nodes
  username: system:node:{{EC2PrivateDNSName}} # rendered
  # inside
# about dev
- rolearn: arn:aws:iam::111122223333:role/dev
  username: dev
  groups: [devs, "ops"] # two
  userid: keep

# the end
`

const anchored = `- &base
  rolearn: r1
  username: u
  groups: &g [a, b] # shared
- <<: *base
  rolearn: r2
- rolearn: r3
  username: v
  groups: *g
- *base
`

func role(arn, username string, groups ...string) Item {
	return Item{Section: MapRoles, ARN: arn, Username: username, Groups: groups}
}

// edits: each gives the text that must come out, byte for byte, or a part of
// the error that starts with "refused: ".
func TestEdits(t *testing.T) {
	remove := func(which ...int) func(map[string]string, []Item) (map[string]string, error) {
		return func(d map[string]string, have []Item) (map[string]string, error) {
			var items []Item
			for _, i := range which {
				items = append(items, have[i])
			}
			return Remove(d, items...)
		}
	}
	add := func(items ...Item) func(map[string]string, []Item) (map[string]string, error) {
		return func(d map[string]string, _ []Item) (map[string]string, error) { return Add(d, items...) }
	}
	replace := func(which int, change func(*Item)) func(map[string]string, []Item) (map[string]string, error) {
		return func(d map[string]string, have []Item) (map[string]string, error) {
			fresh := have[which]
			change(&fresh)
			return Replace(d, have[which], fresh)
		}
	}
	for name, tc := range map[string]struct {
		text string
		edit func(map[string]string, []Item) (map[string]string, error)
		want string
	}{
		"remove: comments inside go, above stay": {eks, remove(0), strings.Replace(eks, eks[strings.Index(eks, "- groups"):strings.Index(eks, "# about")], "", 1)},
		"remove the last":                        {eks, remove(1), eks[:strings.Index(eks, "- rolearn")] + "\n# the end\n"},
		"remove all":                             {eks, remove(0, 1), "# nodes first\n[]\n# about dev\n\n# the end\n"},
		"remove the only one":                    {"- rolearn: r\n", remove(0), "[]\n"},
		"remove, no last line break":             {"- rolearn: a\n- rolearn: b", remove(1), "- rolearn: a"},
		"remove, CRLF":                           {"- rolearn: a\r\n  username: u\r\n- rolearn: b\r\n", remove(0), "- rolearn: b\r\n"},
		"remove an empty item":                   {"- rolearn: a\n- # nothing\n- rolearn: b\n", remove(1), "- rolearn: a\n- rolearn: b\n"},
		"remove behind a comment on the dash":    {"- # one\n\n  rolearn: a\n- rolearn: b\n", remove(0), "- rolearn: b\n"},
		"remove JSON, the first":                 {`[{"rolearn":"a"}, {"rolearn":"b"}]`, remove(0), `[{"rolearn":"b"}]`},
		"remove JSON, the last":                  {"[\n  {\"rolearn\":\"a\"},\n  {\"rolearn\":\"b\"}\n]\n", remove(1), "[\n  {\"rolearn\":\"a\"}\n]\n"},
		"remove JSON, all":                       {"[\n  {\"rolearn\":\"a\"},\n  {\"rolearn\":\"b\"}\n]\n", remove(0, 1), "[]\n"},
		"remove in brackets, comments stay":      {"[ {rolearn: a}, # one\n  # two\n  {rolearn: b}, # three\n]", remove(0), "[  # one\n  # two\n  {rolearn: b}, # three\n]"},
		"remove behind a tight comment":          {"[{rolearn: a},# x, y\n {rolearn: b}]", remove(1), "[{rolearn: a}# x, y\n ]"},
		"remove behind a byte order mark":        {"\ufeff- rolearn: a\n- rolearn: b\n", remove(0), "\ufeff- rolearn: b\n"},
		"remove, lines of other scripts":         {"- rolearn: a\u2028- rolearn: b\u0085- rolearn: c\n", remove(1), "- rolearn: a\u2028- rolearn: c\n"},
		"remove before a second document":        {"- rolearn: a\n- rolearn: b\n---\nx\n", remove(1), "- rolearn: a\n---\nx\n"},
		"remove one that uses an anchor":         {anchored, remove(1), strings.Replace(anchored, "- <<: *base\n  rolearn: r2\n", "", 1)},
		"remove one that defines it":             {anchored, remove(0), "refused: it defines the anchor \"base\" that line 5 uses: give that line its own text first"},
		"remove it with all that use it":         {anchored, remove(0, 1, 2, 3), "[]\n"},
		"remove from a lost key":                 {"- rolearn: a\n  username: {{x}}\n", func(d map[string]string, _ []Item) (map[string]string, error) { return Remove(d, role("a", "")) }, "refused: edit mapRoles: line 2: "},
		"remove what is not there":               {eks, func(d map[string]string, _ []Item) (map[string]string, error) { return Remove(d, role("a", "")) }, "refused: \"a\" is not there as it was read: read the ConfigMap again"},
		"remove one that has moved": {"- rolearn: a\n- rolearn: b\n", func(d map[string]string, have []Item) (map[string]string, error) {
			have[1].Index = 7
			return Remove(d, have[1])
		}, "- rolearn: a\n"},
		"remove one of two alike that have moved": {"- rolearn: a\n- rolearn: a\n", func(d map[string]string, have []Item) (map[string]string, error) {
			have[1].Index = 7
			return Remove(d, have[1])
		}, "refused: stands in line 1 and in line 2, and item 8 is neither"},

		"add like the EKS item":           {eks[:strings.Index(eks, "# about")], add(role("arn:x", "u", "g")), eks[:strings.Index(eks, "# about")] + "- groups:\n  - g\n  rolearn: arn:x\n  username: u\n"},
		"add like the last item":          {eks, add(role("arn:x", "{{SessionName}}", "g", "h")), strings.Replace(eks, "keep\n", "keep\n- rolearn: arn:x\n  username: \"{{SessionName}}\"\n  groups: [\"g\", \"h\"]\n", 1)},
		"add to nothing":                  {"", add(role("arn:x", "", "yes")), "- rolearn: arn:x\n  groups:\n    - \"yes\"\n"},
		"add to an empty list":            {"[]\n", add(role("arn:x", "u")), "- rolearn: arn:x\n  username: u\n"},
		"add to an empty list with words": {"[] # none\n", add(role("arn:x", "u")), "[{rolearn: \"arn:x\", username: \"u\"}] # none\n"},
		"add to null":                     {"~\n", add(role("arn:x", "u")), "- rolearn: arn:x\n  username: u\n"},
		"add to quotes":                   {"''", add(role("arn:x", "u")), "- rolearn: arn:x\n  username: u\n"},
		"add to comments":                 {"# one\n# two", add(role("arn:x", "u")), "# one\n# two\n- rolearn: arn:x\n  username: u"},
		"add to a void first document":    {"---\n---\nx\n", add(role("arn:x", "u")), "---\n- rolearn: arn:x\n  username: u\n---\nx\n"},
		"add, indented":                   {"  - rolearn: 'a'\n    username: 'u'\n", add(role("arn:x", "it's")), "  - rolearn: 'a'\n    username: 'u'\n  - rolearn: 'arn:x'\n    username: 'it''s'\n"},
		"add, wide dash":                  {"-   username: u\n    rolearn: a\n", add(role("x", "v")), "-   username: u\n    rolearn: a\n-   username: v\n    rolearn: x\n"},
		"add, CRLF":                       {"- rolearn: a\r\n", add(role("x", "v")), "- rolearn: a\r\n- rolearn: x\r\n  username: v\r\n"},
		"add, no last line break":         {"- rolearn: a", add(role("x", "v")), "- rolearn: a\n- rolearn: x\n  username: v"},
		"add to JSON":                     {`[{"rolearn":"a"}]`, add(role("x", `q"`)), `[{"rolearn":"a"}, {"rolearn": "x", "username": "q\""}]`},
		"add to pretty JSON":              {"[\n  {\"rolearn\":\"a\"}\n]\n", add(role("x", "v"), role("y", "")), "[\n  {\"rolearn\":\"a\"},\n  {\"rolearn\": \"x\", \"username\": \"v\"},\n  {\"rolearn\": \"y\"}\n]\n"},
		"add braces behind a dash":        {"- {rolearn: a}\n", add(role("x", "v")), "- {rolearn: a}\n- {rolearn: \"x\", username: \"v\"}\n"},
		"add before a second document":    {"- rolearn: a\n---\nx\n", add(role("x", "")), "- rolearn: a\n- rolearn: x\n---\nx\n"},
		"add hostile texts":               {"- rolearn: a\n", add(role("x", "a\n- rolearn: evil\x00", "b # c", "ü\u2028")), "- rolearn: a\n- rolearn: x\n  username: \"a\\n- rolearn: evil\\u0000\"\n  groups:\n    - \"b # c\"\n    - \"ü\\u2028\"\n"},
		"add without an ARN":              {"", add(role("", "u")), "refused: write mapRoles item: its ARN is empty"},
		"add what is not UTF-8":           {"", add(role("x", "\xff")), "refused: a value is not UTF-8"},
		"add to a lost key":               {"rolearn: a\n", add(role("x", "u")), "refused: edit mapRoles: line 1: the text is not a list"},
		"add behind an open block text":   {"- rolearn: |\n    a", add(role("x", "u")), "refused: the new text would not say what was asked for"},

		"replace the username":             {eks, replace(0, func(i *Item) { i.Username = "it's" }), strings.Replace(eks, "system:node:{{EC2PrivateDNSName}}", `"it's"`, 1)},
		"replace behind a byte order mark": {"\ufeff- rolearn: a\n", replace(0, func(i *Item) { i.ARN = "b" }), "\ufeff- rolearn: b\n"},
		"replace the ARN":                  {eks, replace(1, func(i *Item) { i.ARN = "arn:new" }), strings.Replace(eks, "arn:aws:iam::111122223333:role/dev", "arn:new", 1)},
		"replace one group of a list":      {eks, replace(0, func(i *Item) { i.Groups = []string{"system:nodes", "x"} }), strings.Replace(eks, "  - system:bootstrappers\n  - system:nodes\n", "  - system:nodes\n  - x\n", 1)},
		"replace groups in brackets":       {eks, replace(1, func(i *Item) { i.Groups = []string{"ops", "new"} }), strings.Replace(eks, `[devs, "ops"]`, `["ops", "new"]`, 1)},
		"replace the order of groups":      {eks, replace(0, func(i *Item) { i.Groups = []string{"system:nodes", "system:bootstrappers"} }), strings.Replace(eks, "\n  - system:bootstrappers\n  - system:nodes\n", ` ["system:nodes", "system:bootstrappers"]`+"\n", 1)},
		"replace by no groups":             {eks, replace(0, func(i *Item) { i.Groups = nil }), strings.Replace(eks, "\n  - system:bootstrappers\n  - system:nodes\n", " []\n", 1)},
		"replace gives a username":         {"- rolearn: a # b\n", replace(0, func(i *Item) { i.Username = "u" }), "- rolearn: a # b\n  username: \"u\"\n"},
		"replace gives one in braces":      {`[{"rolearn":"a"}]`, replace(0, func(i *Item) { i.Username = "u" }), `[{"rolearn":"a", "username": "u"}]`},
		"replace mends a wrong type":       {"- rolearn: a\n  groups: system:masters\n", replace(0, func(i *Item) { i.Groups = []string{"g"} }), "- rolearn: a\n  groups: [\"g\"]\n"},
		"replace what a merge brings":      {anchored, replace(1, func(i *Item) { i.Username = "new" }), strings.Replace(anchored, "rolearn: r2\n", "rolearn: r2\n  username: \"new\"\n", 1)},
		"replace what an alias brings":     {anchored, replace(2, func(i *Item) { i.Groups = []string{"a"} }), strings.Replace(anchored, "groups: *g", "groups: [\"a\"]", 1)},
		"replace an item by alias":         {anchored, replace(3, func(i *Item) { i.ARN = "new" }), strings.Replace(anchored, "- *base\n", "- rolearn: new\n  username: u\n  groups:\n    - a\n    - b\n", 1)},
		"replace what others merge":        {anchored, replace(0, func(i *Item) { i.Username = "new" }), "refused: line 5 uses the whole item by its anchor \"base\""},
		"replace what others alias":        {"- rolearn: a\n  groups: &g [x]\n- rolearn: b\n  groups: *g\n", replace(0, func(i *Item) { i.Groups = nil }), "refused: line 4 uses the groups of this item by its anchor \"g\""},
		"replace before a merge key":       {"- &a\n  rolearn: r\n- rolearn: x\n  <<: *a\n", replace(1, func(i *Item) { i.ARN = "new" }), "refused: the merge key in line 4 takes precedence over the rolearn before it"},
		"replace a key that is twice":      {"- rolearn: a\n  rolearn: b\n", replace(0, func(i *Item) { i.ARN = "new" }), "refused: rolearn stands in line 1 and in line 2: remove one of them by hand"},
		"replace an sso item":              {"- sso: {permissionSetName: A, accountID: '111122223333'}\n", replace(0, func(i *Item) { i.ARN, i.SSO = "new", false }), "refused: an sso matcher is not changed"},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string]string{"mapRoles": tc.text, "mapUsers": "{broken", "x": "y"}
			was := maps.Clone(data)
			got, err := tc.edit(data, Parse(data).Items)
			if !maps.Equal(data, was) {
				t.Error("the argument was changed")
			}
			if part, ok := strings.CutPrefix(tc.want, "refused: "); ok {
				if err == nil || !strings.Contains(err.Error(), part) || got != nil {
					t.Errorf("error %v, want one with %q\n%q", err, part, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got["mapRoles"] != tc.want {
				t.Errorf("got\n%s\nwant\n%s\n%q", got["mapRoles"], tc.want, got["mapRoles"])
			}
			if got["mapUsers"] != "{broken" || got["x"] != "y" {
				t.Error("another key was changed")
			}
		})
	}
}

func TestEditAccounts(t *testing.T) {
	data := map[string]string{"mapAccounts": "- 111122223333 # one\n- '444455556666'\n"}
	items := Parse(data).Items
	got, err := Add(data, Item{Section: MapAccounts, ARN: "000000000001"})
	if want := data["mapAccounts"] + "- '000000000001'\n"; err != nil || got["mapAccounts"] != want {
		t.Errorf("add: %q %v, want %q", got["mapAccounts"], err, want)
	}
	got, err = Remove(data, items[0])
	if want := "- '444455556666'\n"; err != nil || got["mapAccounts"] != want {
		t.Errorf("remove: %q %v, want %q", got["mapAccounts"], err, want)
	}
	got, err = Replace(data, items[0], Item{Section: MapAccounts, ARN: "9"})
	if want := "- '9' # one\n- '444455556666'\n"; err != nil || got["mapAccounts"] != want {
		t.Errorf("replace: %q %v, want %q", got["mapAccounts"], err, want)
	}
}

func TestEditSeveralKeys(t *testing.T) {
	got, err := Add(nil, role("r", "u"), Item{Section: MapUsers, ARN: "a", Username: "b"}, Item{Section: MapAccounts, ARN: "1"})
	want := map[string]string{"mapRoles": "- rolearn: r\n  username: u\n", "mapUsers": "- userarn: a\n  username: b\n", "mapAccounts": "- \"1\"\n"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %q %v", got, err)
	}
	if _, err := Add(nil, Item{Section: "maproles", ARN: "x"}); err == nil {
		t.Error("a key that the authenticator ignores was written")
	}
}

// The proof of an edit's result stands on its own: here the edits are wrong.
func TestProof(t *testing.T) {
	const text = "- rolearn: a\n  userid: x\n- rolearn: b\n"
	before := read(MapRoles, text)
	for name, tc := range map[string]struct{ text, part string }{
		"right":           {text, ""},
		"one too few":     {"- rolearn: a\n  userid: x\n", "1 items instead of 2"},
		"another ARN":     {"- rolearn: A\n  userid: x\n- rolearn: b\n", "item 1, \"a\", would not have the fields it should"},
		"another order":   {"- rolearn: b\n- rolearn: a\n  userid: x\n", "item 1, \"a\", would not"},
		"a lost extra":    {"- rolearn: a\n- rolearn: b\n", "item 1 (\"a\") would change"},
		"lost altogether": {"- {", "line 1: "},
	} {
		t.Run(name, func(t *testing.T) {
			err := proven(before, read(MapRoles, tc.text), before.items, []int{0, 1})
			if tc.part == "" && err != nil || tc.part != "" && (err == nil || !strings.Contains(err.Error(), tc.part)) {
				t.Errorf("%v, want %q", err, tc.part)
			}
		})
	}
}
