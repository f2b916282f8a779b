package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestCellsInALetterAndInAWord(t *testing.T) {
	gap, loading := []access.Gap{{Why: access.Denied}}, []access.Gap{{Why: access.Denied}, {Why: access.Loading}}
	for name, tc := range map[string]struct {
		cell         access.Cell
		letter, word string
	}{
		"not in force":        {access.Cell{}, "–", "not in force"},
		"none":                {access.Cell{InForce: true}, "·", "none"},
		"some":                {access.Cell{InForce: true, Level: access.Some}, "s", "Some"},
		"view":                {access.Cell{InForce: true, Level: access.View}, "V", "View"},
		"edit":                {access.Cell{InForce: true, Level: access.Edit}, "E", "Edit"},
		"admin":               {access.Cell{InForce: true, Level: access.Admin}, "A", "Admin"},
		"full":                {access.Cell{InForce: true, Level: access.Full}, "F", "Full"},
		"unknown is not none": {access.Cell{InForce: true, Unknown: gap}, "?", "unknown"},
		"loading":             {access.Cell{InForce: true, Unknown: loading}, "…", "loading"},
		"at least":            {access.Cell{InForce: true, Level: access.View, Unknown: gap}, "V", "at least View"},
		"full is full":        {access.Cell{InForce: true, Level: access.Full, Unknown: gap}, "F", "Full"},
		"some sessions":       {access.Cell{InForce: true, Level: access.Edit, Depends: []access.More{{}}}, "E'", "Edit"},
		"a node":              {access.Cell{InForce: true, Level: access.Some, Node: true}, "s", "node"},
		"a node with rights":  {access.Cell{InForce: true, Level: access.Edit, Node: true}, "E", "Edit"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := report.Letter(tc.cell); got != tc.letter {
				t.Errorf("Letter = %q, want %q", got, tc.letter)
			}
			if got := report.CellWord(tc.cell); got != tc.word {
				t.Errorf("CellWord = %q, want %q", got, tc.word)
			}
		})
	}
}

func TestNamesAndDetails(t *testing.T) {
	for name, tc := range map[string]struct{ arn, name, detail string }{
		"role":           {admins, "eks-workshop-admins", "role"},
		"role with path": {carts, "carts-developers", "role · path /teams/"},
		"session":        {"arn:aws:sts::" + account + ":assumed-role/dev/eve", "dev", "role"},
		"user":           {"arn:aws:iam::" + account + ":user/dana", "dana", "user"},
		"permission set": {sso, "EKSDeveloper ⟨permission set⟩", "role …_4f2d9c1b7a6e3085 · 210987654321 (other account)"},
		"other account":  {"arn:aws:iam::210987654321:role/dev", "dev", "role · 210987654321 (other account)"},
		"account":        {"210987654321", "everyone in account 210987654321", "mapAccounts"},
		"root":           {"arn:aws:iam::" + account + ":root", "root of " + account, "root"},
		"federated":      {"arn:aws:sts::" + account + ":federated-user/bob", "bob", "federated-user"},
		"not an ARN":     {"eve\x1b[2J", "eve␛[2J", "not an ARN"},
		"nothing":        {"", "unknown principal", "not an ARN"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := access.ParsePrincipal(tc.arn)
			if d := cmp.Diff([]string{tc.name, tc.detail}, []string{report.Name(p), report.Detail(p, account)}); d != "" {
				t.Error(d)
			}
		})
	}
	if got := report.Name(access.Principal{Kind: access.CreatorPrincipal}); got != "cluster creator (hidden)" {
		t.Errorf("the creator's name is %q", got)
	}
}

func TestViaSaysWhereAndWhetherItCounts(t *testing.T) {
	m := func(s access.Source, st access.MappingState) access.Mapping {
		return access.Mapping{Source: s, State: st}
	}
	for want, ms := range map[string][]access.Mapping{
		"–":                        nil,
		"entry":                    {m(access.FromEntry, access.Active), m(access.FromAuthMap, access.Shadowed)},
		"aws-auth":                 {m(access.FromEntry, access.Dormant), m(access.FromAuthMap, access.Active)},
		"creator":                  {m(access.FromCreator, access.Active)},
		"aws-auth (dead)":          {m(access.FromAuthMap, access.Dead)},
		"aws-auth (unknown)":       {m(access.FromEntry, access.Dead), m(access.FromAuthMap, access.Undecided)},
		"aws-auth (never matches)": {m(access.FromAuthMap, access.Unmatchable)},
		"entry (not read)":         {m(access.FromEntry, access.Dormant)},
	} {
		if got := report.Via(access.Row{Mappings: ms}); got != want {
			t.Errorf("Via = %q, want %q", got, want)
		}
	}
}

func TestRules(t *testing.T) {
	for want, r := range map[string]access.Rule{
		"get list watch  pods, pods/log":                      rule("get list watch", "", "pods pods/log"),
		"get  deployments  (apps)":                            rule("get", "apps", "deployments"),
		"any verb  all resources  (all groups)":               rule("* get", "*", "*"),
		"get  /healthz, /version":                             {Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz", "/version"}},
		"any verb  all URLs":                                  {Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
		"get  secrets  named a, b":                            {Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"a", "b"}},
		"get  pods, deployments  (core, apps)":                {Verbs: []string{"get"}, APIGroups: []string{"", "apps"}, Resources: []string{"pods", "deployments"}},
		"get  pods  named \"\", \"a, b\"":                     {Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"", "a, b"}},
		"impersonate  users  (all groups)  named kube\\u202e": {Verbs: []string{"impersonate"}, APIGroups: []string{"*"}, Resources: []string{"users"}, ResourceNames: []string{"kube\u202e"}},
	} {
		if got := report.Rule(r); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
