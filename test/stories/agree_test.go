package stories

import (
	"slices"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/iam"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// load reads the cluster as the program does, as the world's default caller.
func (c *cluster) load() (*live.World, access.Snapshot) {
	c.t.Helper()
	key, _ := c.Bench.Caller()
	cfg, err := eks.Config(c.t.Context(), eks.Options{Region: c.Region, Endpoint: c.AWS, Credentials: credentials.NewStaticCredentialsProvider(key, "sandbox", "")})
	if err != nil {
		c.t.Fatal(err)
	}
	side, err := kube.New(c.As(key), access.KubeRealm(c.Name))
	if err != nil {
		c.t.Fatal(err)
	}
	w := &live.World{
		Sides:     map[access.Realm]live.Side{access.EKSRealm(c.Name): eks.New(cfg, c.Name, access.EKSRealm(c.Name)), access.KubeRealm(c.Name): side},
		Followers: []live.Follower{iam.New(cfg)},
	}
	s, err := w.Load(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return w, s
}

// agree asks the server, as every caller of the world, everything that the index
// answers, and fails for every difference. An unknown of ours is no difference.
func (c *cluster) agree(namespaces ...string) {
	c.t.Helper()
	_, s := c.load()
	for _, g := range s.Gaps {
		c.t.Errorf("gap: %+v", g)
	}
	ix := access.NewIndex(s)
	asked, unknown := 0, 0
	for _, caller := range c.World.Callers {
		p, err := access.ParsePrincipal(caller.ARN)
		if err != nil {
			c.t.Fatal(err)
		}
		row, _ := ix.Row(p)
		m, active := row.Active()
		k := c.client(caller.Key)
		user, err := whoami(c.t.Context(), k)
		if s.Mode() == access.ConfigMapMode && !active && slices.Contains(user.Groups, access.Masters) {
			continue // the hidden creator: we show that there is one, nobody can see who
		}
		if (err == nil) != active {
			c.t.Errorf("%s: the server lets it in: %v; we say its mapping is in force: %v", caller.ARN, err == nil, active)
		}
		if err != nil || !active {
			continue
		}
		if m.Identity.User != "" && len(m.Identity.Groups) > 0 && len(user.Groups) == 0 {
			c.t.Errorf("%s: the server sees groups %v, we %v", caller.ARN, user.Groups, m.Identity.Groups)
		}
		for _, q := range questions(namespaces...) {
			server, err := ask(c.t.Context(), k, q)
			if err != nil {
				c.t.Fatal(err)
			}
			ours, _, gaps := ix.Can(m, access.Request{Verb: q.verb, Group: q.group, Resource: q.resource, Subresource: q.sub, Namespace: q.namespace})
			asked++
			if !ours && len(gaps) > 0 {
				unknown++
				continue
			}
			if server != ours {
				c.t.Errorf("%s %s: the server says %v, we say %v", caller.ARN, q, server, ours)
			}
		}
	}
	c.t.Logf("agreement: %d questions, %d of them unknown to us", asked, unknown)
	if asked < 100 {
		c.t.Error("hardly anything was asked")
	}
}

// everyPrefix applies a plan and asks, after every step, everything that everybody
// could do before and may do after.
func (c *cluster) everyPrefix(namespaces []string, in ...access.Intent) access.Plan {
	c.t.Helper()
	w, s := c.load()
	plan, err := access.Build(s, in...)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(plan.Steps) == 0 {
		c.t.Fatal("nothing to do")
	}
	p := watch(c, namespaces...)
	events := 0
	o, err := w.Apply(c.t.Context(), plan, access.Accepted{Digest: plan.Digest(), Codes: plan.Confirms()}, func(e access.Event) error {
		if e.State == access.Done {
			events++
		}
		return nil
	})
	if err != nil || o.Stopped != nil || events != len(plan.Steps) {
		c.t.Errorf("applied %d of %d steps: %v %+v", events, len(plan.Steps), err, o.Stopped)
	}
	p.ends(c.t)
	if proofs(c.t, o) == 0 {
		c.t.Error("nothing was proven")
	}
	if len(o.Drift) > 0 {
		c.t.Errorf("drift: %+v", o.Drift)
	}
	return plan
}

func proofs(t *testing.T, o access.Outcome) (proven int) {
	t.Helper()
	for _, p := range o.Proofs {
		if p.State == access.Disproven {
			t.Errorf("disproven: %+v", p)
		}
		if p.State == access.Proven {
			proven++
		}
	}
	return proven
}
