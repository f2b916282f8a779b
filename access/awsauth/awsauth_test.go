package awsauth

import "testing"

const nodes = `# nodes first
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/nodes
  username: system:node:{{EC2PrivateDNSName}} # rendered
  # inside
# about dev
- rolearn: arn:aws:iam::111122223333:role/dev
  username: dev
  groups: [devs, "ops"]
  userid: keep

# the end
`

func TestEdits(t *testing.T) {
	role := func(arn string, groups ...string) Item {
		return Item{Section: MapRoles, ARN: arn, Username: "u: {{SessionName}}", Groups: groups}
	}
	for name, tc := range map[string]struct {
		text string
		edit func(map[string]string, Map) (map[string]string, error)
		want string
	}{
		"remove the first": {nodes, func(d map[string]string, m Map) (map[string]string, error) { return Remove(d, m.Items[0]) },
			"# nodes first\n# about dev\n- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups: [devs, \"ops\"]\n  userid: keep\n\n# the end\n"},
		"remove both": {nodes, func(d map[string]string, m Map) (map[string]string, error) { return Remove(d, m.Items...) },
			"# nodes first\n[]\n# about dev\n\n# the end\n"},
		"add one": {"- rolearn: a\n", func(d map[string]string, m Map) (map[string]string, error) { return Add(d, role("b", "g", "yes")) },
			"- rolearn: a\n- rolearn: b\n  username: \"u: {{SessionName}}\"\n  groups:\n    - g\n    - \"yes\"\n"},
		"add to nothing": {"", func(d map[string]string, m Map) (map[string]string, error) { return Add(d, role("b")) },
			"- rolearn: b\n  username: \"u: {{SessionName}}\"\n"},
		"replace groups": {nodes, func(d map[string]string, m Map) (map[string]string, error) {
			n := m.Items[1]
			n.Groups = []string{"ops", "new"}
			return Replace(d, m.Items[1], n)
		}, "# nodes first\n- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::111122223333:role/nodes\n  username: system:node:{{EC2PrivateDNSName}} # rendered\n  # inside\n# about dev\n- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups: [\"ops\", \"new\"]\n  userid: keep\n\n# the end\n"},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string]string{"mapRoles": tc.text}
			got, err := tc.edit(data, Parse(data))
			if err != nil {
				t.Fatal(err)
			}
			if got["mapRoles"] != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got["mapRoles"], tc.want)
			}
		})
	}
}
