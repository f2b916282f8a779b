package live_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

func TestApplyRefuses(t *testing.T) {
	plan := planOf(access.Step{After: entry("a")})
	asks := plan
	asks.Findings = []access.Finding{{Code: "x", Severity: access.Confirm}, {Code: "y", Severity: access.Confirm}}
	never := plan
	never.Findings = []access.Finding{{Code: "no-admin-left", Severity: access.Refuse}}
	foreign := plan
	foreign.Cluster.ARN = "arn:aws:eks:eu-west-1:111122223333:cluster/other"
	elsewhere := planOf(access.Step{After: access.Namespace{In: "kube:other", Name: "n"}})
	for name, tc := range map[string]struct {
		plan access.Plan
		a    access.Accepted
		err  string
	}{
		"a plan nobody accepted":    {plan, access.Accepted{}, "is not this plan"},
		"another plan's acceptance": {plan, yes(elsewhere), "is not this plan"},
		"a finding left out":        {asks, access.Accepted{Digest: asks.Digest(), Codes: []access.Code{"x"}}, "by its code first: y"},
		"what no guard allows":      {never, access.Accepted{Digest: never.Digest(), Codes: []access.Code{"no-admin-left"}}, "can't be accepted: no-admin-left"},
		"another cluster's plan":    {foreign, yes(foreign), "this is arn:aws:eks:eu-west-1:111122223333:cluster/demo"},
		"a realm that is not open":  {elsewhere, yes(elsewhere), "kube:other, which is not open here"},
		"a step about nothing":      {planOf(access.Step{}), yes(planOf(access.Step{})), "step 1: it is about nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			m, dir := newMemory(), t.TempDir()
			_, err := m.world(t, dir).Apply(context.Background(), tc.plan, tc.a, nil)
			var refused *live.Refused
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("err = %v, want a refusal with %q", err, tc.err)
			}
			if files, _ := os.ReadDir(dir); m.puts != 0 || len(files) != 0 {
				t.Errorf("%d writes, %d journals", m.puts, len(files))
			}
		})
	}
}

// events notes what is told, as words.
func events(into *[]string) func(access.Event) error {
	return func(e access.Event) error {
		*into = append(*into, strings.TrimSpace(string(e.State)+" "+string(rune('1'+e.Step))+" "+e.Detail))
		return nil
	}
}

func TestConcurrentChangeStopsThePlan(t *testing.T) {
	m := newMemory(filled(entry("b", "ours")))
	m.meanwhile(filled(entry("b", "theirs")))
	p := planOf(access.Step{After: entry("a")}, access.Step{Before: filled(entry("b", "ours")), After: filled(entry("b", "new"))})
	out, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil)
	var conflict *access.Conflict
	if !errors.As(err, &conflict) || !access.Same(conflict.Have, filled(entry("b", "theirs"))) {
		t.Errorf("err = %v", err)
	}
	if out.Done != 1 || out.Stopped == nil || out.Stopped.Step != 1 || out.Stopped.State != access.Failed {
		t.Errorf("outcome %+v", out)
	}
}

func TestNothingIsTakenAwayUnproven(t *testing.T) {
	take := access.Step{Before: authMap("v0"), After: authMap("v1")}
	rbac := access.Expect{Identity: access.Identity{User: "u"}, Request: access.Request{Verb: "get", Resource: "pods"}, Want: true}
	object := access.Expect{Object: entry("a"), Want: true}
	answer := func(state access.ProofState, after int) func(access.Expect) (access.Proof, error) {
		n := 0
		return func(access.Expect) (access.Proof, error) {
			if n++; n > after {
				return access.Proof{State: state, Detail: "because"}, nil
			}
			return access.Proof{State: access.Disproven}, nil
		}
	}
	for name, tc := range map[string]struct {
		first  []access.Expect
		proof  func(access.Expect) (access.Proof, error)
		have   []access.Object
		err    string
		events []string
	}{
		"proven":               {first: []access.Expect{rbac}, proof: answer(access.Proven, 0)},
		"proven after a while": {first: []access.Expect{rbac}, proof: answer(access.Proven, 3)},
		"disproven":            {first: []access.Expect{rbac}, proof: answer(access.Disproven, 0), err: "nothing was taken away: u may not get pods yet"},
		"no answer": {first: []access.Expect{rbac}, err: "could not be asked: unreachable",
			proof: func(access.Expect) (access.Proof, error) { return access.Proof{}, errors.New("unreachable") }},
		"not provable": {first: []access.Expect{rbac}, proof: answer(access.Unprovable, 0),
			events: []string{"waiting 1 asking for proof before anything is taken away", "waiting 1 not provable from here: because", "started 1", "done 1"}},
		"an object that is there":  {first: []access.Expect{object}, have: []access.Object{filled(entry("a"))}},
		"an object that is absent": {first: []access.Expect{object}, err: "nothing was taken away: AccessEntry arn:aws:iam::111122223333:role/a is not yet as it must be"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(append(tc.have, authMap("v0"))...)
				m.proof = tc.proof
				step := take
				step.First = tc.first
				p := planOf(step)
				var told []string
				_, err := m.world(t, "").Apply(t.Context(), p, yes(p), events(&told))
				if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
					t.Errorf("err = %v, want %q", err, tc.err)
				}
				if (m.puts == 1) != (tc.err == "") {
					t.Errorf("%d writes", m.puts)
				}
				if tc.events != nil {
					if diff := cmp.Diff(tc.events, told); diff != "" {
						t.Error(diff)
					}
				}
			})
		})
	}
}

func TestSettleWaitsForRightsFromEKS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(authMap("v0"))
		w := m.world(t, "")
		w.Settle.Propagation = 8 * time.Second
		p := planOf(access.Step{After: entry("a")}, access.Step{After: policy("a", "ns")},
			access.Step{Before: authMap("v0"), After: authMap("v1"), Settle: true})
		start := time.Now()
		var told []string
		if _, err := w.Apply(t.Context(), p, yes(p), events(&told)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 8*time.Second || took > 9*time.Second {
			t.Errorf("took %s, want the propagation of 8 s once", took)
		}
		if !slices.Contains(told, "waiting 3 8s until what was written counts") {
			t.Errorf("told %q", told)
		}
	})
}

// A write that has begun is finished, whatever the caller's context says.
func TestCancellingStopsBetweenSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMemory()
		m.lag = 1
		m.putting = func(put context.Context) {
			cancel()
			if put.Err() != nil {
				t.Error("the write was cut off")
			}
			if _, bounded := put.Deadline(); !bounded {
				t.Error("the write has no bound")
			}
		}
		p := planOf(access.Step{After: entry("a")}, access.Step{After: entry("b")})
		out, err := m.world(t, "").Apply(ctx, p, yes(p), nil)
		if !errors.Is(err, context.Canceled) || out.Done != 1 || out.Stopped == nil || out.Stopped.Step != 1 || m.puts != 1 {
			t.Errorf("outcome %+v, %v, %d writes", out, err, m.puts)
		}
	})
}

// What the server refused was not done: there is nothing to wait for.
func TestRefusedWriteFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.broken = func(int, access.Object) fault { return denied }
		p := planOf(access.Step{After: entry("a")})
		start := time.Now()
		_, err := m.world(t, "").Apply(t.Context(), p, yes(p), nil)
		var forbidden *access.Forbidden
		if !errors.As(err, &forbidden) || time.Since(start) > 0 {
			t.Errorf("err = %v after %s", err, time.Since(start))
		}
	})
}

// A bridge that is gone before its time is made again: the steps it carries are
// not all done.
func TestBridgeThatVanishedIsMadeAgain(t *testing.T) {
	span := bridge("bridge", "g")
	p := planOf(access.Step{After: span}, access.Step{After: entry("a")}, access.Step{After: entry("b")}, access.Step{Before: span})
	m := newMemory(filled(entry("a")))
	made := 0
	m.broken = func(_ int, after access.Object) fault {
		if after != nil && after.Key() == span.Key() {
			made++
		}
		return fine
	}
	if _, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil); err != nil || made != 1 {
		t.Errorf("made %d times, %v", made, err)
	}
}

func TestWriteThatIsNeverSeenStopsThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.lag = 1 << 30
		p := planOf(access.Step{After: entry("a")}, access.Step{After: entry("b")})
		out, err := m.world(t, "").Apply(t.Context(), p, yes(p), nil)
		if err == nil || !strings.Contains(err.Error(), "does not read back as planned within 10s") || out.Stopped == nil || m.puts != 1 {
			t.Errorf("outcome %+v, %v", out, err)
		}
	})
}

func TestWithoutAJournalNothingIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	p := planOf(access.Step{After: entry("a")})
	_, err := m.world(t, filepath.Join(file, "journals")).Apply(context.Background(), p, yes(p), nil)
	if err == nil || !strings.Contains(err.Error(), "without which nothing is changed") || m.puts != 0 {
		t.Errorf("err = %v, %d writes", err, m.puts)
	}
}

func TestApplyProvesAndVerifyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		answers := map[string]access.ProofState{"a": access.Proven, "b": access.Disproven, "c": access.Unprovable}
		m.proof = func(e access.Expect) (access.Proof, error) {
			if e.Identity.User == "d" {
				return access.Proof{}, errors.New("gone away")
			}
			return access.Proof{State: answers[e.Identity.User]}, nil
		}
		p := planOf(access.Step{After: entry("a", "g")})
		for _, user := range []string{"a", "b", "c", "d"} {
			p.Expect = append(p.Expect, access.Expect{Identity: access.Identity{User: user}, Want: true})
		}
		w := m.world(t, "")
		out, err := w.Apply(t.Context(), p, yes(p), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []access.ProofState
		for i, proof := range out.Proofs {
			got = append(got, proof.State)
			if proof.Expect.Identity.User != p.Expect[i].Identity.User {
				t.Error("a proof lost its expectation")
			}
		}
		if diff := cmp.Diff([]access.ProofState{access.Proven, access.Disproven, access.Unprovable, access.Unprovable}, got); diff != "" {
			t.Error(diff)
		}
		m.objects = m.objects.With(filled(entry("a", "changed")))
		start, puts := time.Now(), m.puts
		out, err = w.Verify(t.Context(), p)
		if err != nil || len(out.Drift) != 1 || !access.Same(out.Drift[0].Have, filled(entry("a", "changed"))) {
			t.Errorf("drift %+v, %v", out.Drift, err)
		}
		if time.Since(start) > 0 || m.puts != puts {
			t.Errorf("Verify waited %s or wrote", time.Since(start))
		}
	})
}
