package authenticator

import (
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// planted are mistakes that resolvers make: eksctl's migrator takes the first of
// equal items, other tools compare ARNs letter by letter or strip paths.
var planted = []string{
	"the first of equal items wins", "letter case of ARNs counts", "users before roles", "paths of items are stripped",
	"a user name of the wrong type costs the groups", "a user name of the wrong type costs the item", "groups as text are a group",
	"blanks around ARNs do not count", "accounts before items", "accounts give groups", "no user name is the ARN", "an item with sso counts by its ARN",
}

// nearCopy resolves as the authenticator does, in the shortest way, but for one mistake.
func nearCopy(data map[string]string, mistake string) resolver {
	items := awsauth.Parse(data).Items
	is := func(planted string) bool { return mistake == planted }
	noted := func(it awsauth.Item, code string) bool {
		return slices.ContainsFunc(it.Notes, func(n awsauth.Note) bool { return n.Code == code })
	}
	equal := func(it awsauth.Item, canonical string) bool {
		arn := it.ARN
		if is("paths of items are stripped") {
			if p, err := access.ParsePrincipal(arn); err == nil {
				arn = p.Canonical()
			}
		}
		if is("blanks around ARNs do not count") {
			arn = strings.TrimSpace(arn)
		}
		if is("letter case of ARNs counts") {
			return arn == canonical
		}
		return strings.EqualFold(arn, canonical)
	}
	// found are the items that a lookup in one section may find.
	found := func(s awsauth.Section, canonical string) []awsauth.Item {
		var out []awsauth.Item
		for _, it := range items {
			if it.Section != s || it.ARN == "" || !equal(it, canonical) || it.Dropped != "" && !is("an item with sso counts by its ARN") {
				continue
			}
			if is("a user name of the wrong type costs the item") && noted(it, awsauth.NoteUsernameNotText) {
				continue
			}
			same := func(o awsauth.Item) bool { return s == awsauth.MapRoles || o.ARN == it.ARN }
			if is("the first of equal items wins") && slices.ContainsFunc(out, same) {
				continue
			}
			out = append(slices.DeleteFunc(out, same), it)
		}
		return out
	}
	return func(l login) (may []answer) {
		p, err := access.ParsePrincipal(l.ARN)
		must(err)
		byAccount := slices.ContainsFunc(items, func(it awsauth.Item) bool { return it.Section == awsauth.MapAccounts && it.ARN == l.Account })
		asAccount := answer{let: true, user: p.Canonical()}
		if is("accounts give groups") {
			asAccount.groups = []string{"system:masters"}
		}
		if byAccount && is("accounts before items") {
			return []answer{asAccount}
		}
		sections := []awsauth.Section{awsauth.MapRoles, awsauth.MapUsers}
		if is("users before roles") {
			slices.Reverse(sections)
		}
		for _, s := range sections {
			for _, it := range found(s, p.Canonical()) {
				same := strings.NewReplacer("{{AccountID}}", l.Account) // at every login
				if l.Session == "" {
					same = strings.NewReplacer("{{AccountID}}", l.Account, "{{SessionName}}", "", "{{SessionNameRaw}}", "")
				}
				id := access.Identity{User: same.Replace(it.Username)}
				for _, g := range it.Groups {
					id.Groups = append(id.Groups, same.Replace(g))
				}
				switch {
				case is("a user name of the wrong type costs the groups") && noted(it, awsauth.NoteUsernameNotText):
					id.Groups = nil
				case is("groups as text are a group") && noted(it, awsauth.NoteGroupsIgnored):
					id.Groups = []string{"system:masters"}
				case is("no user name is the ARN") && it.Username == "":
					id.User = it.ARN // as CDK writes it
				}
				may = append(may, rendered(id, l))
			}
			if may != nil {
				return may
			}
		}
		if byAccount {
			return []answer{asAccount}
		}
		return []answer{{}}
	}
}

// TestJudgeCatchesPlanted: the texts and the logins of TestJudgeResolve tell each of
// the wrong resolvers from the right one.
func TestJudgeCatchesPlanted(t *testing.T) {
	a := newAuthor(*seed)
	caught := map[string]int{}
	first := map[string]int{}
	n := 0
	for ; n < 150 || n < 3000 && len(caught) < len(planted); n++ {
		tr := newTrial(t, a.data(), "aws", "alice")
		if differences := nearCopy(tr.data, "").against(tr.really); len(differences) > 0 {
			t.Fatalf("seed %d, world %d: the copy without a mistake differs:\n%s\n%s", *seed, n, strings.Join(differences, "\n"), tr)
		}
		for _, mistake := range planted {
			if d := len(nearCopy(tr.data, mistake).against(tr.really)); d > 0 {
				if caught[mistake] == 0 {
					first[mistake] = n
				}
				caught[mistake] += d
			}
		}
	}
	for _, mistake := range planted {
		if caught[mistake] == 0 {
			t.Errorf("%s: not noticed in %d ConfigMaps", mistake, n)
		}
		t.Logf("%3d logins differ, first in ConfigMap %3d: %s", caught[mistake], first[mistake], mistake)
	}
}
