package authenticator

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

var worlds = flag.Int("worlds", 400, "how many random ConfigMaps are judged by logins; 100000 take a quarter of an hour")

// resolver says who a caller may be: one answer, or several when it can't know.
type resolver func(login) []answer

// ours is the resolver of package access. Without facts of IAM a user is only the
// principal of an item that has its path.
func ours(ix *access.Index, facts bool) resolver {
	accounts := map[string]bool{}
	for _, m := range ix.Mappings() {
		if m.State == access.Active && m.Item.Section == awsauth.MapAccounts {
			accounts[m.Principal.Account] = true
		}
	}
	return func(l login) (may []answer) {
		p, err := access.ParsePrincipal(l.ARN)
		must(err)
		row, _ := ix.Row(p)
		for _, m := range row.Mappings {
			switch {
			case m.Item.Section == awsauth.MapAccounts || m.State != access.Active && m.State != access.Undecided:
			case !facts && p.Kind == access.UserPrincipal && !strings.EqualFold(m.Principal.ARN, p.ARN):
			default:
				may = append(may, rendered(m.Identity, l))
			}
		}
		switch {
		case may != nil:
			return may
		case accounts[l.Account]:
			return []answer{{let: true, user: p.Canonical()}}
		}
		return []answer{{}}
	}
}

// rendered is an identity at one login (pkg/server renderTemplate): what only a role's
// session decides is filled in, and a template that needs an instance refuses every
// other session.
func rendered(id access.Identity, l login) answer {
	values := []string{"{{EC2PrivateDNSName}}", dnsName, "{{AccessKeyID}}", accessKey}
	if l.Session != "" {
		values = append(values, "{{SessionName}}", strings.ReplaceAll(l.Session, "@", "-"), "{{SessionNameRaw}}", l.Session)
	}
	fill := strings.NewReplacer(values...)
	out := answer{let: true, user: fill.Replace(id.User)}
	for _, s := range append([]string{id.User}, id.Groups...) {
		if strings.Contains(s, "{{EC2PrivateDNSName}}") && l.Session != instance {
			return answer{}
		}
	}
	for _, g := range id.Groups {
		out.groups = append(out.groups, fill.Replace(g))
	}
	return out
}

// is compares groups as the set that they are to an authorizer.
func (a answer) is(b answer) bool {
	sorted := func(in []string) []string { return slices.Compact(slices.Sorted(slices.Values(in))) }
	return a.let == b.let && a.user == b.user && slices.Equal(sorted(a.groups), sorted(b.groups))
}

// against lists the logins at which a resolver does not know what really happened.
func (r resolver) against(really map[login]answer) (differences []string) {
	for _, l := range slices.SortedFunc(maps.Keys(really), func(a, b login) int { return strings.Compare(a.ARN, b.ARN) }) {
		may := r(l)
		if !slices.ContainsFunc(may, really[l].is) {
			differences = append(differences, fmt.Sprintf("%s: the authenticator says %s, we say %s", l.ARN, really[l], may))
		}
	}
	return differences
}

// trial is one ConfigMap before the judge.
type trial struct {
	data      map[string]string
	partition string
	callers   []login
	really    map[login]answer
}

// newTrial makes the data what an API server could hold, loads it and lets
// everybody log in.
func newTrial(t testing.TB, data map[string]string, partition, session string) trial {
	t.Helper()
	for key, text := range data {
		if !utf8.ValidString(text) {
			data[key] = strings.ToValidUTF8(text, "\ufffd")
		}
	}
	tr := trial{data: data, partition: partition, really: map[login]answer{}}
	j := theJudge()
	j.load(t, data)
	for _, l := range callersOf(data, partition, session) {
		tr.callers = append(tr.callers, l)
		tr.really[l] = j.ask(t, l)
	}
	return tr
}

func (tr trial) index(mode access.Mode, facts ...access.Object) *access.Index {
	const eks, kube = access.Realm("eks:c"), access.Realm("kube:c")
	objects := access.Objects{}.With(
		access.Cluster{In: eks, Name: "c", ARN: "arn:" + tr.partition + ":eks:us-west-2:" + ourAccount + ":cluster/c"},
		access.AuthMode{In: eks, Mode: mode}, access.AuthMap{In: kube, Data: tr.data}).With(facts...)
	return access.NewIndex(access.Snapshot{Realms: []access.Realm{eks, kube}, Objects: objects})
}

// judgedBy holds our reading of a ConfigMap against its logins: with IAM unread,
// and with every principal known.
func (tr trial) judgedBy(t testing.TB, a *author) *access.Index {
	t.Helper()
	judged(t, tr.data)
	complaints(t, tr.data)
	ix := tr.index(access.BothMode)
	differences := ours(ix, false).against(tr.really)
	differences = append(differences, tr.idle(ix)...)
	differences = append(differences, tr.lots(t, ours(ix, false))...)
	real, facts := a.facts(tr.callers)
	known := map[login]answer{}
	for _, l := range real {
		known[l] = tr.really[l]
	}
	differences = append(differences, ours(tr.index(access.ConfigMapMode, facts...), true).against(known)...)
	if len(differences) > 0 {
		t.Errorf("%s\n%s", strings.Join(differences, "\n"), tr)
	}
	return ix
}

// idle lists the items that we call active though nobody got in as they say.
func (tr trial) idle(ix *access.Index) (differences []string) {
	for _, m := range ix.Mappings() {
		p := m.Principal
		if m.State != access.Active || m.Source != access.FromAuthMap || m.Item.Section == awsauth.MapAccounts || !iamName.MatchString(p.Name) || p.Path != "" && !iamPath.MatchString(p.Path) {
			continue // or nobody can be called that
		}
		used := false
		for _, l := range tr.callers {
			p, err := access.ParsePrincipal(l.ARN)
			must(err)
			used = used || strings.EqualFold(p.Canonical(), m.Item.ARN) && tr.really[l].is(rendered(m.Identity, l))
		}
		if !used {
			differences = append(differences, fmt.Sprintf("%s line %d is active and serves nobody", m.Item.Section, m.Line()))
		}
	}
	return differences
}

// lots lists the answers that we hold for possible and that never come. Between user
// items that differ in case only, each lookup draws (Go's order of a map: the rarer
// of two comes once in eight times at least).
func (tr trial) lots(t testing.TB, r resolver) (differences []string) {
	for _, l := range tr.callers {
		may := r(l)
		for n := 0; n < 400 && len(may) > 0 && !(n == 0 && len(may) == 1); n++ {
			may = slices.DeleteFunc(may, theJudge().ask(t, l).is)
		}
		if len(may) > 1 || len(may) == 1 && len(r(l)) > 1 {
			differences = append(differences, fmt.Sprintf("%s: never %s, as we say it may", l.ARN, may))
		}
	}
	return differences
}

func (tr trial) String() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(tr.data)) {
		fmt.Fprintf(&b, "%s:\n%s\n%q\n", key, tr.data[key], tr.data[key])
	}
	return b.String()
}

// TestJudgeResolve: whoever the real authenticator lets in is who we say is in
// force, as the same identity; whoever it does not is nobody of ours.
//
//	go test -run TestJudgeResolve -worlds 100000 -seed 7 -timeout 2h
func TestJudgeResolve(t *testing.T) {
	a := newAuthor(*seed)
	seen := map[string]int{}
	for n := range *worlds {
		partition := "aws"
		if a.in(10) {
			partition = "aws-cn"
		}
		tr := newTrial(t, a.data(), partition, a.one("alice", "al@b.c", "a=b,c.d", instance))
		ix := tr.judgedBy(t, a)
		tally(seen, tr, ix)
		if t.Failed() {
			t.Fatalf("seed %d, world %d", *seed, n)
		}
	}
	t.Logf("seed %d: %d ConfigMaps, %d logins, no difference", *seed, *worlds, seen["login"])
	for _, what := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%8d %s", seen[what], what)
	}
	for _, what := range slices.Sorted(maps.Keys(a.did)) {
		t.Logf("%8d written: %s", a.did[what], what)
	}
	for _, what := range mustSee {
		if seen[what] == 0 {
			t.Errorf("no case of %q: this judged nothing", what)
		}
	}
}

// mustSee are the fates that a run is about.
var mustSee = []string{"login let in by an item", "login let in by its account", "login refused", "lost mapRoles", "lost mapUsers", "lost mapAccounts",
	"item active", "item shadowed later-item-wins", "item shadowed role-item-wins", "item unknown case-ambiguous", "item unmatchable path-in-role-arn",
	"item unmatchable blank-in-arn", "item unmatchable item-dropped", "item unmatchable not-an-arn", "item unmatchable session-arn", "item unmatchable sso-matcher", "item unmatchable wrong-partition"}

func tally(seen map[string]int, tr trial, ix *access.Index) {
	for _, l := range tr.callers {
		seen["login"]++
		switch got := tr.really[l]; {
		case !got.let:
			seen["login refused"]++
		case strings.HasPrefix(got.user, "arn:"):
			seen["login let in by its account"]++
		default:
			seen["login let in by an item"]++
		}
	}
	for _, m := range ix.Mappings() {
		seen[strings.TrimSpace("item "+string(m.State)+" "+string(m.Reason))]++
	}
	for _, p := range awsauth.Parse(tr.data).Problems {
		if p.Lost {
			seen["lost "+string(p.Section)]++
		}
	}
}

// FuzzJudgeResolve lets the fuzzer write the three texts; what it found once is in
// testdata.
func FuzzJudgeResolve(f *testing.F) {
	a := newAuthor(1)
	for range 40 {
		data := a.data()
		f.Add(data["mapRoles"], data["mapUsers"], data["mapAccounts"])
	}
	f.Fuzz(func(t *testing.T, roles, users, accounts string) {
		data := map[string]string{"mapRoles": roles, "mapUsers": users, "mapAccounts": accounts}
		newTrial(t, data, "aws", "alice").judgedBy(t, newAuthor(1))
	})
}
