package authenticator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	rbacv1 "k8s.io/api/rbac/v1"
)

// sessions are names under which a role is assumed.
var sessions = []string{"alice", "al@b.c", "al-b.c", "ab", "a=b,c.d_e+f", instance, "i-01234567", accessKey}

// templates are user names and groups as items have them.
var templates = []string{"{{SessionName}}", "dev:{{SessionName}}", "{{SessionName}}@corp", "dev:{{SessionNameRaw}}", "{{SessionName}}{{SessionName}}", "{{SessionName}}-{{SessionName}}",
	"{{AccountID}}:{{SessionName}}", "{{AccessKeyID}}", "k-{{AccessKeyID}}-k", "host:{{EC2PrivateDNSName}}", "plain", "{{ SessionName }}", "{{Unknown}}", "x{{SessionName", "{{{{AccountID}}SessionName}}", "a{{SessionName}}b"}

// atLogin reports whether a condition holds at a login.
func atLogin(c access.Condition, l login) bool {
	value := map[string]string{"SessionName": strings.ReplaceAll(l.Session, "@", "-"), "SessionNameRaw": l.Session, "AccessKeyID": accessKey}
	if l.Session == instance {
		value["EC2PrivateDNSName"] = dnsName
	}
	return value[c.Variable] == c.Value && c.Value != ""
}

// TestJudgeSessions: what a binding gives to a session is a yes for all of them, or a
// grant under a condition that holds at exactly the logins which the authenticator
// gives the bound name or group.
func TestJudgeSessions(t *testing.T) {
	const eks, kube = access.Realm("eks:c"), access.Realm("kube:c")
	const arn = "arn:aws:iam::" + ourAccount + ":role/Dev"
	a := newAuthor(*seed)
	seen := map[access.Verdict]int{}
	for n := range 150 {
		user, group := a.one(templates...), a.one(templates...)
		data := map[string]string{"mapRoles": fmt.Sprintf("- rolearn: %s\n  username: %q\n  groups: [%q, staff]\n", arn, user, group)}
		theJudge().load(t, data)
		really := map[login]answer{}
		names := []string{user, group, "staff", "plain", "dev:", "dev:a", "dev:al@b.c", "alicealice", "alice-ab", "nobody@corp", "host:" + dnsName}
		for _, s := range sessions {
			l := login{"arn:aws:sts::" + ourAccount + ":assumed-role/Dev/" + s, ourAccount, s}
			really[l] = theJudge().ask(t, l)
			if really[l].let {
				names = append(append(names, really[l].user), really[l].groups...)
			}
		}
		objects := access.Objects{}.With(access.AuthMode{In: eks, Mode: access.BothMode}, access.AuthMap{In: kube, Data: data})
		slices.Sort(names)
		names = slices.Compact(names)
		type bound struct{ kind, name string }
		var all []bound
		for _, name := range names {
			all = append(all, bound{rbacv1.UserKind, name}, bound{rbacv1.GroupKind, name})
		}
		for i, b := range all {
			name := fmt.Sprintf("r%d", i)
			objects = objects.With(
				access.Role{In: kube, Namespace: "ns", Name: name, Rules: []access.Rule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{name}}}},
				access.Binding{In: kube, Namespace: "ns", Name: name, Role: rbacv1.RoleRef{Kind: "Role", Name: name}, Subjects: []rbacv1.Subject{{Kind: b.kind, Name: b.name}}})
		}
		ix := access.NewIndex(access.Snapshot{Realms: []access.Realm{eks, kube}, Objects: objects})
		p, err := access.ParsePrincipal(arn)
		must(err)
		row, _ := ix.Row(p)
		for i, b := range all {
			got := ix.Ask(row, access.Request{Verb: "get", Resource: fmt.Sprintf("r%d", i), Namespace: "ns"})
			seen[got.Verdict]++
			for l, is := range really {
				if !is.let {
					continue // no instance, and the template asks for one
				}
				has := b.kind == rbacv1.UserKind && is.user == b.name || b.kind == rbacv1.GroupKind && slices.Contains(is.groups, b.name)
				says := slices.ContainsFunc(got.Grants, func(g access.Grant) bool { return g.When == nil || atLogin(*g.When, l) })
				if says != has {
					t.Fatalf("seed %d, world %d: user %q, group %q: session %q is %s; a binding of %s %q counts: %v; we say %s under %+v", *seed, n, user, group, l.Session, is, b.kind, b.name, has, got.Verdict, got.Grants)
				}
			}
		}
	}
	t.Logf("seed %d: %v", *seed, seen)
	if seen[access.Yes] == 0 || seen[access.No] == 0 || seen[access.Maybe] == 0 {
		t.Error("a verdict never came up: this shows nothing")
	}
}
