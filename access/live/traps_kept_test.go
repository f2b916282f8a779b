package live_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestTrap16TheJournalKeepsAWSAuth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := folder(t)
		const dead = "# ask Kim\n- rolearn: " + workshop + "team/old # has a path\n  username: old\n  groups: [system:masters]\n"
		w, _, before, p := sprung(t, dir, func(_ *sim.World, c *sim.Cluster) {
			c.AWSAuth["mapRoles"] += dead
			c.AWSAuth["mapAccounts"] = "- '210987654321' # partners\n"
		})
		if _, err := w.Apply(t.Context(), p, yes(p), nil); err != nil {
			t.Fatal(err)
		}
		was, _ := before.AuthMap()
		is, ok := settled(t, w).AuthMap()
		if !ok || is.Data["mapAccounts"] != was.Data["mapAccounts"] || is.Data["mapUsers"] != was.Data["mapUsers"] {
			t.Fatalf("aws-auth is %v", is.Data)
		}
		from := strings.Index(was.Data["mapRoles"], "- groups:\n  - system:masters")
		if want := was.Data["mapRoles"][:from] + dead; is.Data["mapRoles"] != want {
			t.Errorf("more is gone than the item that an entry replaces:\n%s", is.Data["mapRoles"])
		}
		j, err := last(dir, p.Cluster)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(j.Plan.Steps, func(st access.Step) bool { return access.Same(st.Before, was) }) {
			t.Error("the journal does not hold the text that was there")
		}
		steps, err := j.Undo()
		if err != nil {
			t.Fatal(err)
		}
		back := access.Plan{Cluster: p.Cluster, Steps: steps}
		if _, err := w.Apply(t.Context(), back, yes(back), nil); err != nil {
			t.Fatal(err)
		}
		if d := differ(before.Objects, settled(t, w).Objects); len(d) > 0 {
			t.Error(d)
		}
	})
}

func TestTrap18ContentIsComparedNotNames(t *testing.T) {
	admins := func(s access.Snapshot) access.AccessEntry {
		e, _ := access.Get[access.AccessEntry](s.Objects, access.Key{Realm: s.Realm("eks"), Kind: access.EntryKind, Name: workshopAdmins})
		return e
	}
	t.Run("made by somebody else in between", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _, before, p := sprung(t, folder(t), nil)
			theirs := access.AccessEntry{In: before.Realm("eks"), Principal: workshopAdmins, Type: access.StandardType, Username: "theirs"}
			if err := w.Sides[theirs.In].Put(t.Context(), nil, theirs); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second) // until it shows
			_, err := w.Apply(t.Context(), p, yes(p), nil)
			var conflict *access.Conflict
			if !errors.As(err, &conflict) {
				t.Fatalf("took another's entry for its own: %v", err)
			}
			if have, _ := conflict.Have.(access.AccessEntry); have.Username != "theirs" {
				t.Errorf("does not tell what differs: %+v", conflict.Have)
			}
			if rolesText(t, settled(t, w)) != rolesText(t, before) {
				t.Error("something was taken away")
			}
		})
	})
	t.Run("deleted in the midst", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _, before, p := sprung(t, folder(t), nil)
			out, err := w.Apply(t.Context(), p, yes(p), func(e access.Event) error {
				if made, ok := p.Steps[e.Step].After.(access.AccessEntry); ok && p.Steps[e.Step].Before == nil && e.State == access.Done {
					return w.Sides[made.In].Put(t.Context(), made, nil)
				}
				return nil
			})
			if err == nil || out.Stopped == nil {
				t.Fatalf("went on: %+v", out)
			}
			if rolesText(t, settled(t, w)) != rolesText(t, before) {
				t.Error("something was taken away")
			}
		})
	})
	t.Run("changed and deleted afterwards", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _, _, p := sprung(t, folder(t), nil)
			if _, err := w.Apply(t.Context(), p, yes(p), nil); err != nil {
				t.Fatal(err)
			}
			drift := func(want int) {
				t.Helper()
				settled(t, w)
				out, err := w.Verify(t.Context(), p)
				if err != nil || len(out.Drift) != want {
					t.Errorf("want %d drifted, got %+v, %v", want, out.Drift, err)
				}
			}
			drift(0)
			was := admins(settled(t, w))
			changed := was
			changed.Groups = []string{"auditors"}
			if err := w.Sides[was.In].Put(t.Context(), was, changed); err != nil {
				t.Fatal(err)
			}
			drift(1)
			if _, err := access.Remaining(settled(t, w), p.Steps); err == nil {
				t.Error("a changed entry is called up to date")
			}
			if err := w.Sides[was.In].Put(t.Context(), changed, nil); err != nil {
				t.Fatal(err)
			}
			drift(2) // its policy went with it
			if out, err := w.Apply(t.Context(), p, yes(p), nil); err != nil || out.Done == 0 {
				t.Errorf("a deleted entry is called up to date: %+v, %v", out, err)
			}
			drift(0)
		})
	})
}
