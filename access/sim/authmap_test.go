package sim_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// TestAuthMapAsTheAuthenticatorReadsIt holds the reading of odd ConfigMaps
// against what aws-iam-authenticator 0.6.13 was seen to make of them.
func TestAuthMapAsTheAuthenticatorReadsIt(t *testing.T) {
	role := "rolearn: arn:aws:iam::111122223333:role/dev"
	for name, tc := range map[string]struct {
		roles, users, accounts string
		want                   string // "name [groups]", empty: not mapped
	}{
		"plain":                          {roles: "- {" + role + ", username: d, groups: [g, h]}", want: "d [g h]"},
		"keys in another case":           {roles: "- {roleARN: 'arn:aws:iam::111122223333:role/dev', userName: d}", want: "d []"},
		"the ARN in another case":        {roles: "- {rolearn: 'ARN:aws:iam::111122223333:role/DEV', username: d}", want: "d []"},
		"JSON":                           {roles: `[{"rolearn":"arn:aws:iam::111122223333:role/dev","username":"d"}]`, want: "d []"},
		"anchors and merges":             {roles: "- &a {" + role + ", username: x, groups: [g]}\n- {<<: *a, username: d}", want: "d [g]"},
		"the last duplicate":             {roles: "- {" + role + ", username: a}\n- {" + role + ", username: d}", want: "d []"},
		"a key twice":                    {roles: "- " + role + "\n  username: a\n  username: d", want: "d []"},
		"two documents":                  {roles: "- {" + role + ", username: d}\n---\n- {" + role + ", username: e}", want: "d []"},
		"a role before a user":           {roles: "- {" + role + ", username: d}", users: "- {userarn: 'arn:aws:iam::111122223333:role/dev', username: u}", want: "d []"},
		"a role among the users":         {users: "- {userarn: 'arn:aws:iam::111122223333:role/dev', username: u}", want: "u []"},
		"a path":                         {roles: "- {rolearn: 'arn:aws:iam::111122223333:role/team/dev', username: d}"},
		"a session's ARN":                {roles: "- {rolearn: 'arn:aws:sts::111122223333:assumed-role/dev/me', username: d}"},
		"a trailing blank":               {roles: "- {rolearn: 'arn:aws:iam::111122223333:role/dev ', username: d}"},
		"broken YAML":                    {roles: "- {" + role + ", username: d}\n- x: y: z", users: "- {userarn: 'arn:aws:iam::111122223333:role/dev', username: u}", want: "u []"},
		"an unquoted template":           {roles: "- " + role + "\n  username: {{SessionName}}"},
		"a mapping for a list":           {roles: role},
		"an item without an ARN":         {roles: "- {username: x}\n- \n- {" + role + ", username: d}", want: "d []"},
		"an item of a wrong kind":        {roles: "- {rolearn: [x]}\n- {" + role + ", username: d}", want: "d []"},
		"groups as a text":               {roles: "- {" + role + ", username: d, groups: admins}", want: "d []"},
		"groups of wrong kinds":          {roles: "- {" + role + ", username: d, groups: [g, 5, true]}", want: "d [g  ]"},
		"a name that is a number":        {roles: "- {" + role + ", username: 42, groups: [g]}", want: " [g]"},
		"no name":                        {roles: "- {" + role + ", groups: [g]}", want: " [g]"},
		"an item for single sign-on":     {roles: "- {sso: {permissionSetName: x, accountID: '111122223333'}, username: d}"},
		"an account":                     {accounts: "- \"111122223333\"", want: "arn:aws:iam::111122223333:role/dev []"},
		"an account as a number":         {accounts: "[111122223333]", want: "arn:aws:iam::111122223333:role/dev []"},
		"an account that is no list":     {accounts: "\"111122223333\""},
		"a mapping before its account":   {roles: "- {" + role + ", username: d}", accounts: "[111122223333]", want: "d []"},
		"a node's template for a person": {roles: "- {" + role + ", username: 'system:node:{{EC2PrivateDNSName}}'}"},
		"templates":                      {roles: "- {" + role + ", username: '{{AccountID}}/{{SessionName}}/{{ SessionName }}', groups: ['{{SessionNameRaw}}', '{{AccessKeyID}}']}", want: "111122223333/me/{{ SessionName }} [me AKIADENIED0000000001]"},
		"back-ticks":                     {roles: "``"},
		"a comment":                      {roles: "# none"},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string]string{"mapRoles": tc.roles, "mapUsers": tc.users, "mapAccounts": tc.accounts, "maproles": "- {" + role + ", username: never}"}
			b := bench(t, small, sim.Options{AuthMap: func() (map[string]string, error) { return data, nil }})
			got := whoIs(t, b, oldName, b.Token("AKIADENIED0000000001", oldName))
			// The creator of this cluster is the very role: only with entries on does aws-auth decide.
			if !got.Authenticated {
				t.Fatal("the creator was not let in")
			}
			if _, err := switchTo(eksClient(b), oldName, "API_AND_CONFIG_MAP"); err != nil {
				t.Fatal(err)
			}
			remove(t, b, oldName, dev)
			got = whoIs(t, b, oldName, b.Token("AKIADENIED0000000001", oldName))
			text := ""
			if got.Authenticated {
				text = got.User.Username + " [" + strings.Join(got.User.Groups, " ") + "]"
			}
			if text != tc.want {
				t.Errorf("got %q, want %q (%s)", text, tc.want, got.Error)
			}
		})
	}
}

func TestTheAuthenticatorLagsBehindAWSAuth(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := demo(t, "s3", sim.Options{Visible: 3 * time.Second, Now: func() time.Time { return now }})
	token := b.Token("AKIAWORKSHOPADMIN001", "eks-workshop")
	if err := kube(t, b, "eks-workshop", defaultKey(b)).CoreV1().ConfigMaps("kube-system").Delete(t.Context(), "aws-auth", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if !whoIs(t, b, "eks-workshop", token).Authenticated {
		t.Error("gone at once")
	}
	now = now.Add(3 * time.Second)
	if whoIs(t, b, "eks-workshop", token).Authenticated {
		t.Error("still there 3 s later")
	}
}
