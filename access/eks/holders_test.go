package eks_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// Most entries have no policy: they are not asked about one by one.
func TestListsByPolicySaveCalls(t *testing.T) {
	w := scale.Of("L/10", 1)
	b := bench(scene(w), sim.Options{})
	got := listen(t, eks.New(configure(t, b, region), scale.ClusterName, scale.EKS))
	sameFacts(t, w.Snapshot(), got.Snapshot)
	having := 0
	for _, e := range w.Entries {
		if len(e.Policies) > 0 {
			having++
		}
	}
	// The first page is asked for everything, of the others whoever has a policy.
	if n := len(asked(b, "ListAssociatedAccessPolicies")); n > 100+having || n < having {
		t.Errorf("%d calls for the policies of %d entries, of which %d have any", n, len(w.Entries), having)
	}
}

func region(o *eks.Options) { o.Region = scale.Region }

// Whatever the lists by policy say or fail to say, no policy is lost: an entry is
// taken to have none only when they can be believed.
func TestLawListsByPolicyNeverHideAPolicy(t *testing.T) {
	byPolicy := func(r *http.Request) bool { return r.URL.Query().Has("associatedPolicyArn") }
	fault := func(when func(sim.Call) bool, f sim.Fault) func(*sim.Bench) {
		return func(b *sim.Bench) {
			b.Break(func(c sim.Call) *sim.Fault {
				if when(c) {
					return &f
				}
				return nil
			})
		}
	}
	lists := func(c sim.Call) bool { return c.Query.Has("associatedPolicyArn") }
	for name, tc := range map[string]struct {
		bench  func(*sim.Bench)
		change func(*http.Request) (body string, answered bool)
		gaps   []string
	}{
		"they are denied": {bench: fault(lists, sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "no"})},
		"one of them fails": {bench: fault(func(c sim.Call) bool {
			return strings.HasSuffix(c.Query.Get("associatedPolicyArn"), "SecretAdminPolicy")
		}, sim.Fault{Status: 500, Code: "ServerException", Message: "oops"})},
		"one is cut short":        {bench: fault(func(c sim.Call) bool { return lists(c) && c.Query.Has("nextToken") }, sim.Fault{Status: 400, Code: "InvalidParameterException", Message: "Invalid nextToken"})},
		"they are throttled":      {bench: fault(lists, sim.Fault{Status: 429, Code: "ThrottlingException", Message: "Rate exceeded"})},
		"the policies are denied": {bench: fault(func(c sim.Call) bool { return c.Operation == "ListAccessPolicies" }, sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "no"}), gaps: []string{"denied AccessPolicy"}},
		"the filter finds nobody": {change: func(r *http.Request) (string, bool) { return `{"accessEntries": []}`, byPolicy(r) }},
		"no policy is named": {change: func(r *http.Request) (string, bool) {
			return `{"accessPolicies": []}`, r.URL.Path == "/access-policies"
		}},
		"the filter is ignored": {change: func(r *http.Request) (string, bool) {
			q := r.URL.Query()
			q.Del("associatedPolicyArn")
			r.URL.RawQuery = q.Encode()
			return "", false
		}},
		"the tool's own policies are unknown": {change: func(r *http.Request) (string, bool) {
			return `{"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "` + view + `"}]}`, r.URL.Path == "/access-policies"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := scale.Of("L/10", 4)
			// One policy that nobody of the first page has.
			last := slices.MaxFunc(w.Entries, func(a, b sim.Entry) int { return strings.Compare(a.Principal, b.Principal) })
			w.Entries = slices.DeleteFunc(w.Entries, func(e sim.Entry) bool { return e.Principal == last.Principal })
			last.Policies = []sim.Association{{Policy: "AmazonEKSSecretAdminPolicy"}}
			w.Entries = append(w.Entries, last)
			b := bench(scene(w), sim.Options{Latency: time.Millisecond})
			if tc.bench != nil {
				tc.bench(b)
			}
			var changed atomic.Int64
			cfg := configure(t, b, region, func(o *eks.Options) {
				o.HTTPClient = &http.Client{Transport: sim.Wire(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
					if tc.change != nil {
						if body, answered := tc.change(r); answered {
							changed.Add(1)
							out.Header().Set("Content-Type", "application/json")
							_, _ = out.Write([]byte(body))
							return
						}
					}
					b.ServeHTTP(out, r)
				}))}
			})
			synctest.Test(t, func(t *testing.T) {
				got := listen(t, eks.New(cfg, scale.ClusterName, scale.EKS))
				sameFacts(t, w.Snapshot(), got.Snapshot)
				if !slices.Equal(gaps(got.Snapshot), tc.gaps) {
					t.Errorf("gaps %v", gaps(got.Snapshot))
				}
			})
		})
	}
}

// An entry that was made while the lists were read is in none of them.
func TestYoungEntryIsAskedItself(t *testing.T) {
	w := scale.Of("L/10", 1)
	old := scene(w)
	last := &old.Clusters[0].Entries[len(w.Entries)-1]
	*last = sim.Entry{Principal: "arn:aws:iam::" + scale.Account + ":role/zz/new", Created: time.Now(), Policies: []sim.Association{{Policy: "AmazonEKSEditPolicy"}}}
	b := bench(old, sim.Options{})
	hidden := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("associatedPolicyArn") {
			b.ServeHTTP(out, r)
			return
		}
		answer := httptest.NewRecorder()
		b.ServeHTTP(answer, r)
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write([]byte(strings.ReplaceAll(answer.Body.String(), last.Principal, w.Entries[0].Principal)))
	})
	got := listen(t, eks.New(configure(t, b, region, func(o *eks.Options) { o.HTTPClient = &http.Client{Transport: sim.Wire(hidden)} }), scale.ClusterName, scale.EKS))
	if _, ok := access.Get[access.PolicyAssociation](got.Objects, access.PolicyAssociation{In: scale.EKS, Principal: last.Principal, Policy: edit}.Key()); !ok {
		t.Error("the policy of a new entry is lost")
	}
}

// A policy that no list names, on an entry behind the first page: AWS's services have
// theirs. Whoever may be such an entry is asked, and one that would do nothing.
func TestLawPolicyThatNoListNamesIsFound(t *testing.T) {
	const secret = "AmazonEKSSecretAdminPolicy"
	role := "arn:aws:iam::" + scale.Account + ":role/"
	groups := []string{"devs"}
	answer := func(out http.ResponseWriter, status int, body string) {
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		_, _ = out.Write([]byte(body))
	}
	unnamed := func(b http.Handler) http.HandlerFunc { // EKS without that policy, but for who has it
		return func(out http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/access-policies":
				answer(out, 200, `{"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "`+view+`"}]}`)
			case strings.HasSuffix(r.URL.Query().Get("associatedPolicyArn"), secret):
				answer(out, 400, `{"__type": "InvalidParameterException", "message": "The specified policyArn is invalid"}`)
			default:
				b.ServeHTTP(out, r)
			}
		}
	}
	nobody := func(b http.Handler) http.HandlerFunc { // the filter finds nobody
		return func(out http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("associatedPolicyArn") {
				answer(out, 200, `{"accessEntries": []}`)
				return
			}
			b.ServeHTTP(out, r)
		}
	}
	none := func(b http.Handler) http.HandlerFunc { // no policy is named
		return func(out http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/access-policies" {
				answer(out, 200, `{"accessPolicies": []}`)
				return
			}
			b.ServeHTTP(out, r)
		}
	}
	for name, tc := range map[string]struct {
		entry sim.Entry
		only  bool // nobody else has any policy
		wire  func(http.Handler) http.HandlerFunc
	}{
		"a service's role":                  {entry: sim.Entry{Principal: "arn:aws:iam::999999999999:role/aws-service-role/zz.amazonaws.com/AWSServiceRoleForZZ", Groups: groups}, wire: unnamed},
		"a node's type":                     {entry: sim.Entry{Principal: role + "zz", Type: "EC2"}, wire: unnamed},
		"a role of EKS's own":               {entry: sim.Entry{Principal: role + "zz"}, wire: unnamed},
		"nobody by which the lists are met": {entry: sim.Entry{Principal: role + "zz", Groups: groups}, only: true, wire: nobody},
		"no policy to ask for":              {entry: sim.Entry{Principal: role + "zz", Groups: groups}, only: true, wire: none},
	} {
		t.Run(name, func(t *testing.T) {
			w := scale.Of("L/10", 4)
			for i := range w.Entries {
				e := &w.Entries[i]
				e.Policies = slices.DeleteFunc(slices.Clone(e.Policies), func(a sim.Association) bool { return tc.only || a.Policy == secret })
			}
			tc.entry.Policies = []sim.Association{{Policy: secret}}
			w.Entries = append(w.Entries, tc.entry)
			b := bench(scene(w), sim.Options{})
			cfg := configure(t, b, region, func(o *eks.Options) { o.HTTPClient = &http.Client{Transport: sim.Wire(tc.wire(b))} })
			got := listen(t, eks.New(cfg, scale.ClusterName, scale.EKS))
			key := access.PolicyAssociation{In: scale.EKS, Principal: tc.entry.Principal, Policy: access.PolicyARN("aws", secret)}.Key()
			if _, ok := access.Get[access.PolicyAssociation](got.Objects, key); !ok || len(got.Gaps) > 0 {
				t.Errorf("the policy is lost, gaps %v", gaps(got.Snapshot))
			}
		})
	}
}
