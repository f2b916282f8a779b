package live_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// reads are the calls that change nothing: by GET, reviews, and dry runs.
func reads(c sim.Call) bool {
	return c.Method == http.MethodGet || strings.Contains(c.Operation, "review") || strings.HasPrefix(c.Operation, "dry-run") || c.Service == "sts" || c.Service == "iam"
}

// Somebody on another machine, with journals and a lock of their own, carries out a plan
// between two writes of ours. Each plan is done or stops with what differs; planned anew
// from what is there, both wishes come true, nobody has lost what nobody wanted to take,
// and no bridge is left.
func TestTwoOnTwoMachines(t *testing.T) {
	parse := func(arn string) access.Principal {
		p, err := access.ParsePrincipal(arn)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const account = "arn:aws:iam::123456789012:role/"
	dev, oncall, admins := parse(account+"carts-developers"), parse(account+"orders-oncall"), parse(account+"eks-workshop-admins")
	theirs := map[string][]access.Intent{
		"the same migration":      {access.Migrate{}},
		"a grant in aws-auth":     {access.GrantAccess{Principal: parse(account + "eks-workshop-carts-dynamo"), Level: access.View, Namespaces: []string{"carts"}, Via: access.ViaAuthMap}},
		"a grant to whom we move": {access.GrantAccess{Principal: admins, ClusterRole: "view", Namespaces: []string{"ui"}}},
		"another principal":       {access.ChangeIdentity{Principal: dev, Add: []string{"theirs"}}, access.GrantAccess{Principal: oncall, Policy: access.ViewPolicy, Namespaces: []string{"ui"}}},
		"groups of whom we move":  {access.ChangeIdentity{Principal: admins, Add: []string{"theirs"}}},
	}
	ended, replanned := 0, 0
	for name, wish := range theirs {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			for n, more := 1, true; more; n++ {
				synctest.Test(t, func(t *testing.T) {
					st := stories[0]
					w, b, before, ours := st.open(t, folder(t))
					other := over(t, b, st.cluster, st.region, folder(t))
					other.Settle = w.Settle
					before, err := other.Lookup(t.Context(), before, access.Grantees(wish)...)
					if err != nil {
						t.Fatal(err)
					}
					plan, err := access.Build(before, wish...)
					if err != nil || plan.Refused() {
						t.Fatalf("%v: %+v", err, plan.Findings)
					}
					var write atomic.Int64
					var theirErr error
					b.Break(func(c sim.Call) *sim.Fault {
						if !reads(c) && write.Add(1) == int64(n) {
							_, theirErr = other.Apply(t.Context(), plan, yes(plan), nil)
						}
						return nil
					})
					_, ourErr := w.Apply(t.Context(), ours, yes(ours), nil)
					b.Break(nil)
					if more = write.Load() >= int64(n); !more {
						return // our plan has fewer writes
					}
					now := settled(t, w)
					nobodyLost(t, before, now)
					at := fmt.Sprintf("before our write %d (ours: %v; theirs: %v)", n, ourErr, theirErr)
					for err := range map[error]bool{ourErr: true, theirErr: true} {
						if err != nil && !conflicts(err) {
							t.Errorf("%s: it is no conflict", at)
						}
					}
					// Whoever was stopped plans anew, one after the other.
					if ourErr != nil {
						replanned++
						now = anew(t, w, now, ours, at)
					}
					if theirErr != nil {
						replanned++
						now = anew(t, other, now, plan, at)
					}
					ended++
					nobodyLost(t, before, now)
					for _, p := range []access.Plan{ours, plan} {
						now, err := w.Lookup(t.Context(), now, access.Grantees(p.From)...)
						if err != nil {
							t.Fatal(err)
						}
						if rest, err := access.Replan(now, p); err != nil || len(rest.Steps) > 0 {
							t.Errorf("%s: %s is not so: %v, %v", at, p.Intents, err, rest.Steps)
						}
					}
					for o := range now.Objects.All() {
						if e, ok := o.(access.AccessEntry); ok && slices.ContainsFunc(e.Groups, bridging) || bridging(o.Key().Name) {
							t.Errorf("%s: a bridge is left: %+v", at, o)
						}
					}
				})
			}
		})
	}
	t.Logf("%d runs of two at once, %d plans made anew", ended, replanned)
	if replanned < 5 {
		t.Error("they did not get in each other's way")
	}
}

func bridging(name string) bool { return strings.HasPrefix(name, "eks-access-bridge-") }

func conflicts(err error) bool {
	var c *access.Conflict
	return errors.As(err, &c)
}

// anew plans again what was stopped, and does it.
func anew(t *testing.T, w *live.World, now access.Snapshot, stopped access.Plan, at string) access.Snapshot {
	t.Helper()
	now, err := w.Lookup(t.Context(), now, access.Grantees(stopped.From)...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := access.Replan(now, stopped)
	if err != nil || p.Refused() {
		t.Errorf("%s: planned anew: %v, %+v", at, err, p.Refusals())
		return now
	}
	if out, err := w.Apply(t.Context(), p, yes(p), nil); err != nil {
		t.Errorf("%s: done anew: %+v, %v", at, out, err)
	}
	return settled(t, w)
}
