package authenticator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// randomMap draws aws-auth items that meet: few names, both lists, letter cases,
// paths, duplicates, wrong partitions, accounts.
func randomMap(r *rand.Rand) map[string]string {
	one := func(in ...string) string { return in[r.IntN(len(in))] }
	arn := func() string {
		return one("arn:aws:iam::111122223333:", "arn:aws:iam::111122223333:", "arn:aws:iam::444455556666:", "arn:aws-cn:iam::111122223333:") +
			one("role/dev", "role/Dev", "role/ops", "role/team/dev", "user/ann", "user/Ann", "user/team/ann", "root") + one("", "", "", " ")
	}
	list := func(field string) string {
		var b strings.Builder
		for range r.IntN(5) {
			fmt.Fprintf(&b, "- %s: %q\n", field, arn())
			if r.IntN(4) > 0 {
				fmt.Fprintf(&b, "  username: %s\n", one("u1", "u2", "'{{SessionName}}'", "123"))
			}
			if r.IntN(4) > 0 {
				fmt.Fprintf(&b, "  groups: %s\n", one("[g1]", "[g1, g2]", "g3", "[]"))
			}
		}
		return b.String()
	}
	return map[string]string{"mapRoles": list("rolearn"), "mapUsers": list("userarn"), "mapAccounts": one("", "- '444455556666'\n")}
}

var callers = []string{
	"arn:aws:sts::111122223333:assumed-role/dev/s", "arn:aws:sts::111122223333:assumed-role/ops/s", "arn:aws:sts::444455556666:assumed-role/dev/s",
	"arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/team/ann", "arn:aws:iam::444455556666:user/ann", "arn:aws:iam::111122223333:root",
}

// TestJudgeResolve: whoever the real mapper lets in is who we say is in force, as the
// same identity; whoever it does not is nobody of ours.
func TestJudgeResolve(t *testing.T) {
	const cluster = access.Realm("eks:c")
	for n := range 300 {
		data := randomMap(rand.New(rand.NewPCG(uint64(n), 11)))
		mapper := newMapper(t, data)
		s := access.Snapshot{Realms: []access.Realm{cluster, "kube:c"}, Objects: access.Objects{}.With(
			access.Cluster{In: cluster, Name: "c", ARN: "arn:aws:eks:us-west-2:111122223333:cluster/c"},
			access.AuthMode{In: cluster, Mode: access.BothMode}, access.AuthMap{In: "kube:c", Data: data})}
		mappings := access.Resolve(s)
		for _, sts := range callers {
			p, err := access.ParsePrincipal(sts)
			if err != nil {
				t.Fatal(err)
			}
			user, groups, let := mapper.identity(t, sts)
			slices.Sort(groups)
			ours, ok := inForce(mappings, p)
			switch {
			case ok && ours.State == access.Undecided: // user items that differ in case: the mapper draws lots
			case ok != let:
				t.Fatalf("seed %d, %s: the mapper lets it in: %v, we say %v\n%v", n, sts, let, ok, data)
			case let && (ours.Identity.User != user || !slices.Equal(ours.Identity.Groups, slices.Compact(groups))):
				t.Fatalf("seed %d, %s: the mapper says %q %v, we say %+v\n%v", n, sts, user, groups, ours.Identity, data)
			}
		}
	}
}

// inForce is the mapping that counts for a principal: its own, else its account's.
func inForce(ms []access.Mapping, p access.Principal) (access.Mapping, bool) {
	for _, m := range ms {
		if (m.State == access.Active || m.State == access.Undecided) && strings.EqualFold(m.Item.ARN, p.Canonical()) {
			return m, true
		}
	}
	for _, m := range ms {
		if m.State == access.Active && m.Principal.Kind == access.AccountPrincipal && m.Principal.Account == p.Account {
			m.Identity = access.Identity{User: p.Canonical()}
			return m, true
		}
	}
	return access.Mapping{}, false
}
