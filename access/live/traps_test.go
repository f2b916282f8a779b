package live_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// The traps of "eksctl utils migrate-to-access-entry" that show in what AWS answers;
// the others are in access/traps_test.go.

const (
	workshop       = "arn:aws:iam::123456789012:role/"
	workshopAdmins = workshop + "eks-workshop-admins"
)

// sprung is story S3 with a change, and its plan to migrate.
func sprung(t *testing.T, dir string, change func(w *sim.World, c *sim.Cluster)) (*live.World, *sim.Bench, access.Snapshot, access.Plan) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))) // a bubble begins in 2000
	world, err := sim.Demo("s3")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&world, &world.Clusters[0])
	}
	w, b := wiredTo(t, world, "eks-workshop", "us-west-2", dir, sim.Options{Visible: 2 * time.Second})
	s, err := w.Load(t.Context(), nil)
	if err != nil || len(s.Gaps) > 0 {
		t.Fatalf("%v %v", err, s.Gaps)
	}
	p, err := access.Build(s, access.Migrate{})
	if err != nil || p.Refused() {
		t.Fatalf("%v %+v", err, p.Findings)
	}
	return w, b, s, p
}

// joins maps a role of the workshop's account in aws-auth.
func joins(w *sim.World, c *sim.Cluster, name, group string) {
	a := w.Accounts["123456789012"]
	a.Roles = append(a.Roles, sim.Role{Name: name, Created: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)})
	w.Accounts["123456789012"] = a
	c.AWSAuth["mapRoles"] += "- rolearn: " + workshop + name + "\n  username: " + name + "\n  groups: ['" + group + "']\n"
}

// rolesText is mapRoles as it is now.
func rolesText(t *testing.T, s access.Snapshot) string {
	t.Helper()
	am, ok := s.AuthMap()
	if !ok {
		t.Fatal("aws-auth is gone")
	}
	return am.Data["mapRoles"]
}

// idle fails if something still asks the bench although everybody has returned.
func idle(t *testing.T, b *sim.Bench) {
	t.Helper()
	n := len(b.Calls())
	time.Sleep(time.Minute)
	if more := len(b.Calls()) - n; more > 0 {
		t.Errorf("%d calls after the end", more)
	}
}

func TestTrap11AllPagesOfEntriesAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, b, s, p := sprung(t, "", func(w *sim.World, c *sim.Cluster) {
			for i := range 250 {
				name := fmt.Sprintf("many-%03d", i)
				joins(w, c, name, "devs")
				c.Entries = append(c.Entries, sim.Entry{Principal: workshop + name, Username: name, Groups: []string{"devs"}})
			}
		})
		if n := len(access.Of[access.AccessEntry](s.Objects)); n != 261 {
			t.Errorf("%d entries are read, there are 261", n)
		}
		pages := 0
		for _, c := range b.Calls() {
			if c.Operation == "ListAccessEntries" && c.Query.Get("associatedPolicyArn") == "" {
				pages++
			}
		}
		if pages != 3 {
			t.Errorf("%d pages", pages)
		}
		for _, st := range p.Steps {
			if e, ok := st.After.(access.AccessEntry); ok && e.Principal != workshopAdmins {
				t.Errorf("an entry that exists is planned again: %s", e.Principal)
			}
		}
		if rest := rolesText(t, access.Project(s, p.Steps...)); strings.Contains(rest, "many-") {
			t.Errorf("items whose entry is on a later page are left:\n%s", rest)
		}
	})
}

func TestTrap12EveryFailureIsToldAndNothingGoesOn(t *testing.T) {
	failing := func(names ...string) func(sim.Call) *sim.Fault {
		return func(c sim.Call) *sim.Fault {
			path, err := url.PathUnescape(c.Path)
			if err != nil || c.Operation != "DescribeAccessEntry" || !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(path, "/"+n) }) {
				return nil
			}
			return &sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "made up for a test"}
		}
	}
	t.Run("reading", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, b, _, _ := sprung(t, "", nil)
			b.Break(failing("security-audit", "teams/carts-developers"))
			s, err := w.Load(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var unread []string
			for _, g := range s.Gaps {
				unread = append(unread, strings.TrimPrefix(g.Name, workshop))
			}
			slices.Sort(unread)
			if !slices.Equal(unread, []string{"security-audit", "teams/carts-developers"}) {
				t.Errorf("gaps: %+v", s.Gaps)
			}
			idle(t, b)
		})
	})
	t.Run("applying", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, b, s, p := sprung(t, folder(t), func(w *sim.World, c *sim.Cluster) {
				joins(w, c, "ops-one", "ops")
				joins(w, c, "ops-two", "ops")
			})
			var proving atomic.Bool
			broken := failing("ops-one", "ops-two")
			b.Break(func(c sim.Call) *sim.Fault {
				if proving.Load() {
					return broken(c)
				}
				return nil
			})
			last := len(p.Steps) - 1
			var events []access.Event
			out, err := w.Apply(t.Context(), p, yes(p), func(e access.Event) error {
				events = append(events, e)
				// What must hold before the items go is asked in parallel.
				proving.Store(e.Step == last)
				return nil
			})
			var unproven *live.Unproven
			if !errors.As(err, &unproven) || out.Stopped == nil || out.Stopped.Step != last {
				t.Fatalf("%+v, %v", out, err)
			}
			for _, name := range []string{"ops-one", "ops-two"} {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("the failure of %s is not told: %v", name, err)
				}
			}
			idle(t, b)
			told := map[int]access.StepState{}
			for _, e := range events {
				told[e.Step] = e.State
			}
			for i := range last {
				if told[i] != access.Done {
					t.Errorf("step %d is %q", i+1, told[i])
				}
			}
			if told[last] != access.Failed {
				t.Errorf("the last step is %q", told[last])
			}
			b.Break(nil)
			now := settled(t, w)
			if rolesText(t, now) != rolesText(t, s) {
				t.Error("something was taken away")
			}
			nobodyLost(t, s, now)
		})
	})
}

func TestTrap13EntriesThatEKSMakesAtTheSwitch(t *testing.T) {
	const node, admin = "arn:aws:iam::111122223333:role/dev-cluster-node-role", "arn:aws:iam::111122223333:role/cluster-admin-role"
	st := stories[1]
	// eks makes an entry as soon as the mode is switched.
	eks := func(t *testing.T, w *live.World, p access.Plan, made access.AccessEntry) func(access.Event) error {
		return func(e access.Event) error {
			if e.State != access.Done || p.Steps[e.Step].Key().Kind != access.AuthModeKind {
				return nil
			}
			made.In = p.Steps[e.Step].Key().Realm
			return w.Sides[made.In].Put(t.Context(), nil, made)
		}
	}
	t.Run("for its nodes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _, before, p := st.open(t, folder(t))
			if p.Steps[0].Key().Kind != access.AuthModeKind {
				t.Fatalf("the switch is not first: %v", p.Steps[0])
			}
			out, err := w.Apply(t.Context(), p, yes(p), eks(t, w, p, access.AccessEntry{Principal: node, Type: "EC2_LINUX"}))
			if err != nil || out.Done != len(p.Steps) {
				t.Fatalf("%+v, %v", out, err)
			}
			// Planned again on what EKS made: no second entry, and the node's item may go.
			now := settled(t, w)
			nobodyLost(t, before, now)
			again, err := access.Build(now, access.Migrate{})
			if err != nil || again.Refused() || len(again.Steps) != 1 || again.Steps[0].Key().Kind != access.AuthMapKind {
				t.Fatalf("%v: %+v\n%+v", err, again.Steps, again.Findings)
			}
			if out, err := w.Apply(t.Context(), again, yes(again), nil); err != nil || out.Done != 1 {
				t.Fatalf("%+v, %v", out, err)
			}
			if rest := rolesText(t, settled(t, w)); strings.Contains(rest, "rolearn") {
				t.Errorf("left:\n%s", rest)
			}
		})
	})
	t.Run("for one of ours", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, b, _, p := st.open(t, folder(t))
			out, err := w.Apply(t.Context(), p, yes(p), eks(t, w, p, access.AccessEntry{Principal: admin, Type: access.StandardType, Groups: []string{"made-by-eks"}}))
			var conflict *access.Conflict
			if !errors.As(err, &conflict) || conflict.Key.Name != admin || out.Stopped == nil {
				t.Fatalf("%+v, %v", out, err)
			}
			if slices.ContainsFunc(b.Calls(), func(c sim.Call) bool { return c.Operation == "update configmaps" }) {
				t.Error("something was taken away")
			}
		})
	})
}

func TestTrap15ProofBeforeAnythingIsTakenAway(t *testing.T) {
	t.Run("without it nothing goes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, b, before, p := sprung(t, folder(t), nil)
			var given atomic.Bool
			b.Break(func(c sim.Call) *sim.Fault {
				if c.Operation == "AssociateAccessPolicy" {
					given.Store(true)
				}
				if given.Load() && c.Operation == "ListAssociatedAccessPolicies" {
					return &sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "made up for a test"}
				}
				return nil
			})
			out, err := w.Apply(t.Context(), p, yes(p), nil)
			if err == nil || out.Stopped == nil {
				t.Fatalf("went on without proof: %+v", out)
			}
			b.Break(nil)
			now := settled(t, w)
			if rolesText(t, now) != rolesText(t, before) {
				t.Error("the mapping was taken away unproven")
			}
			if e, _ := access.Get[access.AccessEntry](now.Objects, access.Key{Realm: before.Realm("eks"), Kind: access.EntryKind, Name: workshopAdmins}); len(e.Groups) != 1 {
				t.Errorf("the bridge was taken away unproven: %+v", e)
			}
			nobodyLost(t, before, now)
		})
	})
	t.Run("the caller is asked as itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _, before, p := stories[1].open(t, folder(t))
			out, err := w.Apply(t.Context(), p, yes(p), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(out.Proofs, func(pr access.Proof) bool {
				return pr.State == access.Proven && pr.Expect.Policies && pr.Expect.Principal.ID() == before.Caller.Kube.ID()
			}) {
				t.Errorf("nothing shows that the caller still may what it could: %+v", out.Proofs)
			}
		})
	})
}
