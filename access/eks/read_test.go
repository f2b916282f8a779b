package eks_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestReadTellsEverything(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	b.SetEndpoint("demo", "https://api.demo.test", nil)
	s := read(t, open(t, b))
	cluster, _ := s.Cluster()
	want := access.Cluster{In: realm, Name: "demo", ARN: "arn:aws:eks:eu-west-1:111122223333:cluster/demo", Region: "eu-west-1",
		Account: "111122223333", Version: "1.33", Endpoint: "https://api.demo.test", Status: "ACTIVE"}
	if diff := cmp.Diff(want, cluster, cmpopts.IgnoreFields(access.Cluster{}, "Issuer", "PlatformVersion")); diff != "" {
		t.Error(diff)
	}
	if cluster.Issuer == "" || cluster.PlatformVersion == "" {
		t.Errorf("issuer %q, platform %q", cluster.Issuer, cluster.PlatformVersion)
	}
	entries := []access.AccessEntry{
		{In: realm, Principal: admin, Type: "STANDARD", Username: "arn:aws:sts::111122223333:assumed-role/admin/{{SessionName}}"},
		{In: realm, Principal: dev, Type: "STANDARD", Username: "dev:{{SessionName}}", Groups: []string{"b", "a"}, Tags: map[string]string{"owner": "platform"}},
	}
	got := access.Of[access.AccessEntry](s.Objects)
	if diff := cmp.Diff(entries, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(access.AccessEntry{}, "Created")); diff != "" {
		t.Error(diff)
	}
	for _, e := range got {
		if e.Created.IsZero() {
			t.Errorf("%s has no creation time: a principal made again could not be told", e.Principal)
		}
	}
	scopes := map[string]access.PolicyScope{}
	for _, a := range access.Of[access.PolicyAssociation](s.Objects) {
		scopes[a.Principal+" "+access.PolicyName(a.Policy)] = a.Scope
	}
	if diff := cmp.Diff(map[string]access.PolicyScope{
		admin + " AmazonEKSClusterAdminPolicy": {Cluster: true},
		dev + " AmazonEKSViewPolicy":           {Namespaces: []string{"shop", "dev-*"}},
	}, scopes); diff != "" {
		t.Error(diff)
	}
	if s.Mode() != access.BothMode || len(s.Gaps) != 0 || s.Caller.AWS.Name != "admin" || s.Caller.AWS.Session != "alice" {
		t.Errorf("mode %s, gaps %v, caller %+v", s.Mode(), gaps(s), s.Caller.AWS)
	}
	if n := len(access.Of[access.AccessPolicy](s.Objects)); n < 4 {
		t.Errorf("%d access policies", n)
	}
}

func TestReadFollowsEveryPage(t *testing.T) {
	b := bench(crowd(t, 23), sim.Options{PageSize: 5})
	s := read(t, open(t, b))
	if n := len(access.Of[access.AccessEntry](s.Objects)); n != 23 {
		t.Errorf("%d entries of 23", n)
	}
	lists := slices.DeleteFunc(asked(b, "ListAccessEntries"), func(c sim.Call) bool { return c.Query.Has("associatedPolicyArn") })
	if len(lists) != 5 {
		t.Errorf("%d list calls, want 5 pages of at most 5", len(lists))
	}
}

// The clock of a synctest bubble stands still while anything runs, so this
// measures rounds of 60 ms and nothing of the machine.
func TestRead250EntriesInTime(t *testing.T) {
	b := bench(crowd(t, 250), sim.Options{Latency: 60 * time.Millisecond})
	cfg := configure(t, b)
	synctest.Test(t, func(t *testing.T) {
		side := eks.New(cfg, "demo", realm)
		start := time.Now()
		s := read(t, side)
		took := time.Since(start)
		if n := len(access.Of[access.AccessEntry](s.Objects)); n != 250 || len(access.Of[access.PolicyAssociation](s.Objects)) != 125 || len(s.Gaps) > 0 {
			t.Errorf("%d entries, gaps %v", n, gaps(s))
		}
		if took > 700*time.Millisecond {
			t.Errorf("took %s", took)
		}
		t.Logf("%d calls in %s", len(b.Calls()), took)
	})
}

func TestReadSaysWhatIsDenied(t *testing.T) {
	for action, want := range map[string][]string{
		"eks:DescribeCluster":              {"denied AuthMode", "denied Cluster"},
		"eks:ListAccessEntries":            {"denied AccessEntry", "denied PolicyAssociation"},
		"eks:ListAccessPolicies":           {"denied AccessPolicy"},
		"eks:DescribeAccessEntry":          {"denied AccessEntry " + admin, "denied AccessEntry " + dev},
		"eks:ListAssociatedAccessPolicies": {"denied PolicyAssociation " + admin, "denied PolicyAssociation " + dev},
	} {
		t.Run(action, func(t *testing.T) {
			b := bench(world(t, small, func(w *sim.World) { w.Callers[0].Deny = []string{action} }), sim.Options{})
			s := read(t, open(t, b))
			if diff := cmp.Diff(want, gaps(s)); diff != "" {
				t.Error(diff)
			}
			for _, g := range s.Gaps {
				if !strings.Contains(g.Detail, "assumed-role/admin/alice") || !strings.Contains(g.Detail, "ask for "+action) {
					t.Errorf("detail %q names neither who nor what to ask for", g.Detail)
				}
			}
			if action != "eks:ListAccessEntries" && len(access.Of[access.AccessEntry](s.Objects)) != 2 {
				t.Error("an entry's row is lost")
			}
			if action != "eks:DescribeCluster" && s.Mode() != access.BothMode {
				t.Error("the rest is lost")
			}
		})
	}
}

func TestReadWithoutAnswers(t *testing.T) {
	everything := func(why string) []string {
		return []string{why + " AccessEntry", why + " AccessPolicy", why + " AuthMode", why + " Cluster", why + " PolicyAssociation"}
	}
	for name, tc := range map[string]struct {
		change func(*sim.World)
		open   func(*eks.Options)
		fault  *sim.Fault
		want   []string
		detail string
	}{
		// The list of policies is the region's, not the cluster's.
		"another region":      {open: func(o *eks.Options) { o.Region = "eu-central-1" }, want: []string{"not-found AccessEntry", "not-found AuthMode", "not-found Cluster", "not-found PolicyAssociation"}, detail: "no cluster demo in eu-central-1 for arn:aws:sts::111122223333"},
		"expired credentials": {change: func(w *sim.World) { w.Callers[0].Expired = true }, want: everything("unauthorized"), detail: "aws sso login"},
		"no credentials":      {open: func(o *eks.Options) { o.Credentials = noCredentials{} }, want: everything("unauthorized"), detail: "log in again"},
		"no network":          {fault: &sim.Fault{Drop: true}, want: everything("unreachable"), detail: "check the network"},
		"throttled for good":  {fault: &sim.Fault{Status: 429, Code: "ThrottlingException", Message: "Rate exceeded"}, want: everything("throttled"), detail: "try again in a minute"},
		"trouble at AWS":      {fault: &sim.Fault{Status: 500, Code: "ServerException", Message: "oops"}, want: everything("unreachable"), detail: "trouble of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, small)
			if tc.change != nil {
				tc.change(&w)
			}
			b := bench(w, sim.Options{})
			b.Break(func(sim.Call) *sim.Fault { return tc.fault })
			open := tc.open
			if open == nil {
				open = func(*eks.Options) {}
			}
			cfg := configure(t, b, open)
			synctest.Test(t, func(t *testing.T) {
				s := read(t, eks.New(cfg, "demo", realm))
				if diff := cmp.Diff(tc.want, gaps(s)); diff != "" {
					t.Error(diff)
				}
				for _, g := range s.Gaps {
					if !strings.Contains(g.Detail, tc.detail) {
						t.Errorf("detail %q, want %q in it", g.Detail, tc.detail)
					}
				}
			})
		})
	}
}

type noCredentials struct{}

func (noCredentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("no EC2 IMDS role found")
}

func TestThrottlingIsWaitedOut(t *testing.T) {
	b := bench(crowd(t, 120), sim.Options{Latency: 20 * time.Millisecond})
	var mu sync.Mutex
	times := map[string]int{}
	b.Break(func(c sim.Call) *sim.Fault {
		mu.Lock()
		defer mu.Unlock()
		if times[c.Path]++; strings.Contains(c.Path, "arn") && times[c.Path] <= 5 {
			return &sim.Fault{Status: 429, Code: "TooManyRequestsException", Message: "Too Many Requests"}
		}
		return nil
	})
	cfg := configure(t, b)
	synctest.Test(t, func(t *testing.T) {
		s := read(t, eks.New(cfg, "demo", realm))
		if n := len(access.Of[access.AccessEntry](s.Objects)); n != 120 || len(s.Gaps) > 0 {
			t.Errorf("%d entries of 120, gaps %v", n, gaps(s))
		}
	})
}

func TestEntryDeletedWhileReadingIsNoEntry(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	b.Break(func(c sim.Call) *sim.Fault {
		if c.Operation == "DescribeAccessEntry" && strings.Contains(c.Path, "team") {
			return &sim.Fault{Status: 404, Code: "ResourceNotFoundException", Message: "The specified principalArn could not be found"}
		}
		return nil
	})
	s := read(t, open(t, b))
	if got := access.Of[access.AccessEntry](s.Objects); len(got) != 1 || len(s.Gaps) > 0 {
		t.Errorf("%d entries, gaps %v", len(got), gaps(s))
	}
}

// A list of policies that is not found deletes no entry that EKS describes: a new entry
// is not known everywhere at once.
func TestOnlyTheEntryItselfTellsThatItIsGone(t *testing.T) {
	gone := &sim.Fault{Status: 404, Code: "ResourceNotFoundException", Message: "The specified principalArn could not be found"}
	denied := &sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "no"}
	for name, tc := range map[string]struct {
		describe []*sim.Fault // answer by answer, the last one from then on
		rows     int
		gaps     []string
	}{
		"it is described still":    {[]*sim.Fault{nil}, 2, []string{"not-found PolicyAssociation " + dev}},
		"it is not described more": {[]*sim.Fault{nil, gone}, 1, nil},
		"it never was":             {[]*sim.Fault{gone}, 1, nil},
		"it can't be described":    {[]*sim.Fault{denied}, 2, []string{"denied AccessEntry " + dev, "not-found PolicyAssociation " + dev}},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(world(t, small), sim.Options{})
			var mu sync.Mutex
			b.Break(func(c sim.Call) *sim.Fault {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case !strings.Contains(c.Path, "team"):
				case c.Operation == "ListAssociatedAccessPolicies":
					return gone
				case c.Operation == "DescribeAccessEntry":
					answer := tc.describe[0]
					tc.describe = tc.describe[min(1, len(tc.describe)-1):]
					return answer
				}
				return nil
			})
			s := read(t, open(t, b))
			if n := len(access.Of[access.AccessEntry](s.Objects)); n != tc.rows || !slices.Equal(gaps(s), tc.gaps) {
				t.Errorf("%d entries, gaps %v", n, gaps(s))
			}
		})
	}
}

func TestConfigMapModeHasNoEntriesAndNoGap(t *testing.T) {
	for _, mode := range []string{"CONFIG_MAP", ""} { // an old cluster answers no accessConfig
		b := bench(world(t, small, func(w *sim.World) { w.Clusters[0].Mode, w.Clusters[0].Entries = mode, nil }), sim.Options{})
		side := open(t, b)
		for range 2 {
			if s := read(t, side); s.Mode() != access.ConfigMapMode || len(s.Gaps) > 0 {
				t.Errorf("mode %q, gaps %v", s.Mode(), gaps(s))
			}
		}
		if n := len(asked(b, "ListAccessEntries")); n > 1 {
			t.Errorf("asked for entries %d times: once the mode is known there is nothing to ask", n)
		}
		if o, err := side.Get(context.Background(), access.AccessEntry{In: realm, Principal: admin}.Key()); o != nil || err != nil {
			t.Errorf("Get = %v, %v, want absent", o, err)
		}
	}
}

// A refusal that is not about the mode must not pass for "no entries".
func TestRefusedListIsAGap(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	b.Break(func(c sim.Call) *sim.Fault {
		if c.Operation == "ListAccessEntries" {
			return &sim.Fault{Status: 400, Code: "InvalidRequestException", Message: "something else"}
		}
		return nil
	})
	if got := gaps(read(t, open(t, b))); !slices.Contains(got, "broken AccessEntry") {
		t.Errorf("gaps %v", got)
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	b := bench(crowd(t, 200), sim.Options{Latency: time.Hour})
	cfg := configure(t, b)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := eks.New(cfg, "demo", realm).Read(ctx, func(access.Snapshot) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
	})
}
