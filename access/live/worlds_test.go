package live_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

var (
	worlds     = flag.Int("worlds", 4, "how many random worlds are migrated under the probe; 200 take eight minutes")
	firstWorld = flag.Uint64("first-world", 1, "the seed of the first")
)

const ours = "arn:aws:iam::111122223333:"

// drawn is a random cluster on the bench: all sorts of mappings, and everybody who
// can log in as a caller.
func drawn(r *rand.Rand) sim.World {
	one := func(in ...string) string { return in[r.IntN(len(in))] }
	made := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var a sim.Account
	var callers []sim.Caller
	role := func(name, session string) {
		a.Roles = append(a.Roles, sim.Role{Name: name, Created: made})
		last := name[strings.LastIndex(name, "/")+1:]
		callers = append(callers, sim.Caller{Key: fmt.Sprintf("AKIA%016d", len(callers)), ARN: "arn:aws:sts::111122223333:assumed-role/" + last + "/" + session})
	}
	role("boss", "me")
	role("builder", "pipeline")
	role("nodes", "i-0f1e2d3c4b5a69788")
	c := sim.Cluster{Name: "drawn", Account: "111122223333", Region: "us-west-2", Version: "1.33", Mode: one("CONFIG_MAP", "API_AND_CONFIG_MAP", "API_AND_CONFIG_MAP"),
		Creator: ours + "role/builder", Namespaces: []string{"default", "kube-system", "carts", "catalog"}, Created: made}
	item := func(kind, arn, user string, groups ...string) string {
		out := "- " + kind + ": " + arn + one("", " # ours") + "\n"
		if user != "" {
			out += "  username: '" + user + "'\n"
		}
		return out + "  groups: ['" + strings.Join(groups, "', '") + "']\n"
	}
	roles := item("rolearn", ours+"role/nodes", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes") + "# people\n"
	roles += item("rolearn", ours+"role/boss", "boss", "system:masters")
	names := []string{"", "alice", "system:bob", "aws:carl", "dave{{SessionName}}", "ed:{{SessionName}}", "acct-{{AccountID}}"}
	groups := []string{"devs", "ops", "system:masters", "system:developers", "viewers", "unbound"}
	draw := func() (string, string, string) { return one(names...), one(groups...), one(groups...) }
	for i := range 6 {
		path := one("", "", "team/")
		role(path+fmt.Sprintf("r%d", i), one("xy", "y@z")) // STS takes two letters at least
		for range 1 + r.IntN(2) {                          // now and then twice
			user, g, h := draw()
			arn := ours + "role/" + fmt.Sprintf("r%d", i)
			if r.IntN(8) == 0 {
				arn = ours + "role/team/" + fmt.Sprintf("r%d", i) // never matches
			}
			if r.IntN(8) == 0 {
				arn = strings.ToUpper(arn)
			}
			roles += item("rolearn", arn, user, g, h)
		}
		if c.Mode != "CONFIG_MAP" && r.IntN(4) == 0 {
			e := sim.Entry{Principal: ours + "role/" + path + fmt.Sprintf("r%d", i), Groups: []string{"devs"}, Created: made}
			if r.IntN(2) == 0 {
				e.Policies = []sim.Association{{Policy: "AmazonEKSEditPolicy", Namespaces: []string{"carts"}}}
			}
			c.Entries = append(c.Entries, e)
		}
	}
	user, g, h := draw()
	roles += item("rolearn", "arn:aws:iam::999988887777:role/r0", user, g, h) + item("rolearn", ours+"role/gone", "gone", "devs")
	callers = append(callers, sim.Caller{Key: "AKIAFOREIGN000000000", ARN: "arn:aws:sts::999988887777:assumed-role/r0/xy"})
	a.Users = []sim.User{{Name: "team/ann", Created: made}}
	callers = append(callers, sim.Caller{Key: "AKIAANN0000000000000", ARN: ours + "user/team/ann"})
	user, g, h = draw()
	c.AWSAuth = map[string]string{"mapRoles": roles, "mapUsers": item("userarn", ours+"user/team/ann", user, g, h)}
	if r.IntN(3) == 0 {
		c.AWSAuth["mapAccounts"] = "- '999988887777'\n"
	}
	for i := range 4 + r.IntN(8) {
		meta, kind := map[string]any{"name": fmt.Sprintf("b%d", i)}, "ClusterRoleBinding"
		if ns := one("", "carts", "catalog"); ns != "" {
			meta["namespace"], kind = ns, "RoleBinding"
		}
		sort, name, _ := strings.Cut(one("Group/devs", "Group/ops", "Group/viewers", "Group/system:developers", "User/alice", "User/system:bob", "User/aws:carl", "User/davexy", "User/davey-z", "User/ed:xy", "User/acct-111122223333"), "/")
		c.Objects = append(c.Objects, map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta,
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": one("view", "edit", "admin", "cluster-admin")},
			"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": sort, "name": name}}})
	}
	return sim.World{Accounts: map[string]sim.Account{"111122223333": a}, Callers: callers, Clusters: []sim.Cluster{c}}
}

// probe asks the bench, as every caller, what it could do before.
type probe struct {
	t       *testing.T
	bench   *sim.Bench
	cluster string
	keys    []string
	may     map[string][]string // by key: bodies of reviews that are allowed

	mu     sync.Mutex
	asked  int
	denied []string
	failed error // how the plan ended, if it did not reach its end
}

// review is one question to the API server, as its body.
func review(verb, group, resource, namespace string) string {
	return fmt.Sprintf(`{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":%q,"group":%q,"resource":%q,"namespace":%q}}}`, verb, group, resource, namespace)
}

var reviews = func() []string {
	out := []string{review("*", "*", "*", ""), review("list", "", "nodes", "")}
	for _, ns := range []string{"", "carts", "catalog"} {
		for _, verb := range []string{"get", "create", "delete"} {
			out = append(out, review(verb, "", "pods", ns), review(verb, "", "secrets", ns), review(verb, "apps", "deployments", ns))
		}
	}
	return out
}()

// ask posts a review with a fresh token; "" asks only to be let in.
func (p *probe) ask(key, body string) (bool, string) {
	url := "https://kube.test/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	if body == "" {
		url, body = "https://kube.test/apis/authentication.k8s.io/v1/selfsubjectreviews", `{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`
	}
	q, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return false, err.Error()
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+p.bench.Token(key, p.cluster))
	res, err := sim.Wire(p.bench.Kubernetes(p.cluster)).RoundTrip(q)
	if err != nil {
		return false, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	let := err == nil && res.StatusCode == http.StatusCreated
	return let && (strings.Contains(url, "selfsubjectreviews") || strings.Contains(string(text), `"allowed":true`)), string(text)
}

// answers are all that a caller may do, "in" for those who are let in.
func (p *probe) answers(key string) (out []string) {
	if in, _ := p.ask(key, ""); !in {
		return nil
	}
	out = []string{""}
	for _, body := range reviews {
		if yes, _ := p.ask(key, body); yes {
			out = append(out, body)
		}
	}
	return out
}

// look asks everybody a few of the questions that were answered with yes.
func (p *probe) look() {
	for _, key := range p.keys {
		for i, body := range p.may[key] {
			if i > 3 {
				break
			}
			yes, text := p.ask(key, body)
			p.mu.Lock()
			p.asked++
			if !yes {
				p.denied = append(p.denied, key+" "+body+": "+text)
			}
			p.mu.Unlock()
		}
	}
}

// before looks before each call of the program.
func (p *probe) before(next http.RoundTripper) http.RoundTripper { return looking{p, next} }

type looking struct {
	probe *probe
	next  http.RoundTripper
}

func (l looking) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.probe.may != nil && r.Context().Err() == nil {
		l.probe.look()
	}
	return l.next.RoundTrip(r)
}

// underProbe applies a plan for a drawn world while everybody asks: before each call,
// and all the time. It returns the probe, and what everybody may before and after.
func underProbe(t *testing.T, seed uint64, plan func(access.Snapshot) access.Plan) (p *probe, was, is map[string][]string) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))) // a bubble begins in 2000
	world := drawn(rand.New(rand.NewPCG(seed, 4)))
	p = &probe{t: t, cluster: "drawn"}
	w, b := wiredTo(t, world, "drawn", "us-west-2", folder(t), sim.Options{Visible: time.Second, ClusterUpdate: 5 * time.Second}, p.before)
	p.bench = b
	s, err := w.Load(t.Context(), nil)
	if err != nil || len(s.Gaps) > 0 {
		t.Fatalf("seed %d: %v %+v", seed, err, s.Gaps)
	}
	do := plan(s)
	everybody := func() map[string][]string {
		out := map[string][]string{}
		for _, c := range world.Callers {
			out[c.ARN] = p.answers(c.Key)
		}
		return out
	}
	was = everybody()
	may := map[string][]string{}
	for _, c := range world.Callers {
		p.keys, may[c.Key] = append(p.keys, c.Key), was[c.ARN]
	}
	p.may = may
	stop := make(chan struct{})
	var steady sync.WaitGroup
	steady.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(300 * time.Millisecond):
				p.look()
			}
		}
	})
	out, err := w.Apply(t.Context(), do, yes(do), nil)
	time.Sleep(5 * time.Second)
	close(stop)
	steady.Wait()
	if err != nil || out.Done != len(do.Steps) {
		p.failed = fmt.Errorf("%d of %d steps: %w", out.Done, len(do.Steps), err)
	}
	return p, was, everybody()
}

// Nobody is denied for a moment, and everybody may after what they might before.
func TestRandomWorldsMigrateUnderTheProbe(t *testing.T) {
	asked, denied, steps := 0, 0, 0
	for seed := *firstWorld; seed < *firstWorld+uint64(*worlds); seed++ {
		synctest.Test(t, func(t *testing.T) {
			p, was, is := underProbe(t, seed, func(s access.Snapshot) access.Plan {
				plan, err := access.Build(s, access.Migrate{})
				if err != nil || plan.Refused() {
					t.Fatalf("seed %d: %v %+v", seed, err, plan.Findings)
				}
				steps += len(plan.Steps)
				return plan
			})
			if p.failed != nil {
				t.Errorf("seed %d: %v", seed, p.failed)
			}
			for i, d := range p.denied {
				if i < 3 {
					t.Errorf("seed %d: denied: %s", seed, d)
				}
			}
			for who, may := range was {
				if !slices.Equal(may, is[who]) {
					t.Errorf("seed %d: %s might\n%v\nand may\n%v", seed, who, may, is[who])
				}
			}
			asked, denied = asked+p.asked, denied+len(p.denied)
		})
	}
	t.Logf("seeds %d to %d: %d steps, %d questions, %d denials", *firstWorld, *firstWorld+uint64(*worlds)-1, steps, asked, denied)
}

// The orders of eksctl and of the guides are seen by the same probe.
func TestTheProbeSeesTheOrderOfEksctl(t *testing.T) {
	for _, order := range []string{"retire entry policy", "entry policy retire"} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _, _ := underProbe(t, *firstWorld, func(s access.Snapshot) access.Plan { return unbridged(t, s, order) })
				if len(p.denied) == 0 {
					t.Error("the probe saw nothing")
				}
				t.Logf("%d questions, %d denials, %v", p.asked, len(p.denied), p.failed)
			})
		})
	}
}

// unbridged migrates the caller in another order than ours, without bridge and proof.
func unbridged(t *testing.T, s access.Snapshot, order string) access.Plan {
	plan, err := access.Build(s, access.Migrate{Principals: []access.Principal{s.Caller.AWS}})
	if err != nil {
		t.Fatal(err)
	}
	sorts := map[string][]access.Step{}
	for _, st := range plan.Steps {
		bare := access.Step{Before: st.Before, After: st.After}
		switch after := st.After.(type) {
		case access.AuthMode:
			sorts["mode"] = append(sorts["mode"], bare)
		case access.AuthMap:
			sorts["retire"] = append(sorts["retire"], bare)
		case access.PolicyAssociation:
			sorts["policy"] = append(sorts["policy"], bare)
		case access.AccessEntry:
			if st.Before == nil {
				after.Groups = nil
				sorts["entry"] = append(sorts["entry"], access.Step{After: after})
			}
		}
	}
	steps := sorts["mode"]
	for _, name := range strings.Fields(order) {
		steps = append(steps, sorts[name]...)
	}
	return access.Plan{Cluster: plan.Cluster, Steps: steps}
}
