package authorizer

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"testing"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	authorizationapi "k8s.io/kubernetes/pkg/apis/authorization"
	"k8s.io/kubernetes/pkg/registry/authorization/util"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

var (
	seed     = flag.Uint64("seed", 1, "seed of the random worlds")
	worlds   = flag.Int("worlds", 2000, "how many random worlds")
	requests = flag.Int("requests", 100, "how many requests per world")
)

// What is judged is made in package rbacworld.
type (
	world  = rbacworld.World
	person = rbacworld.Person
	maker  struct{ rbacworld.Maker }
)

func newMaker(seed uint64) maker { return maker{rbacworld.New(seed)} }

// judge is what a kube-apiserver with --authorization-mode=RBAC asks, in its order:
// the group that no authorizer is asked about, then RBAC over the world's objects.
type judge struct{ chain authorizer.Authorizer }

func newJudge(w *world) judge {
	_, static := validation.NewTestRuleResolver(w.Roles, w.RoleBindings, w.ClusterRoles, w.ClusterRoleBindings)
	return judge{union.New(authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup), rbac.New(static, static, static, static))}
}

// login is the user that the API server makes of an Identity: it adds a group to
// almost everybody.
func login(id access.Identity) user.Info {
	known := authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
		return &authenticator.Response{User: &user.DefaultInfo{Name: id.User, Groups: id.Groups}}, true, nil
	})
	r, ok, err := group.NewAuthenticatedGroupAdder(known).AuthenticateRequest(nil)
	if !ok || err != nil {
		panic(fmt.Sprint("the group adder refuses a known user: ", err))
	}
	return r.User
}

// asked is a request as a SubjectAccessReview puts it. A request for a path has no
// namespace there.
func asked(u user.Info, q access.Request) authorizer.Attributes {
	spec := authorizationapi.SubjectAccessReviewSpec{User: u.GetName(), Groups: u.GetGroups()}
	if q.URL != "" {
		spec.NonResourceAttributes = &authorizationapi.NonResourceAttributes{Path: q.URL, Verb: q.Verb}
	} else {
		spec.ResourceAttributes = &authorizationapi.ResourceAttributes{Verb: q.Verb, Group: q.Group, Resource: q.Resource,
			Subresource: q.Subresource, Name: q.Name, Namespace: q.Namespace}
	}
	return util.AuthorizationAttributesFrom(spec)
}

func (j judge) allows(u user.Info, q access.Request) (yes bool, reason string) {
	decision, reason, err := j.chain.Authorize(context.Background(), asked(u, q))
	if err != nil {
		reason += " " + err.Error()
	}
	return decision == authorizer.DecisionAllow, reason
}

// answerer reads a world once and then answers about its people, by their place.
type answerer func(*world) (func(who int, q access.Request) answer, error)

type answer struct {
	yes     bool
	why     []access.Key
	unknown []access.Gap
}

// ours is the product: an Index of what it would have read.
func ours(w *world) (func(int, access.Request) answer, error) {
	return answers(access.NewIndex(w.Snapshot()), w)
}

func answers(ix *access.Index, w *world) (func(int, access.Request) answer, error) {
	ms, err := rbacworld.InForce(ix, w.People)
	if err != nil {
		return nil, err
	}
	return func(who int, q access.Request) answer {
		yes, why, unknown := ix.Can(ms[who], q)
		return answer{yes, why, unknown}
	}, nil
}

// difference is a request that is answered in two ways.
type difference struct {
	world *world
	who   int
	q     access.Request
	what  string
}

func (d difference) String() string {
	p := d.world.People[d.who]
	return fmt.Sprintf("%s\n  request %+v\n  of %s %+v\n%s", d.what, d.q, p.Name, p.Identity, d.world)
}

// differs asks both about one request; "" when they agree.
func differs(w *world, j judge, got answer, who int, q access.Request) string {
	p := w.People[who]
	want, reason := j.allows(login(p.Identity), q)
	switch {
	case got.yes != want:
		return fmt.Sprintf("we say %t (%v), the API server %t (%s)", got.yes, got.why, want, reason)
	case got.yes && len(got.unknown) > 0:
		return fmt.Sprintf("a yes with unknowns: %v", got.unknown)
	case !got.yes && len(got.unknown) > 0 && !p.Identity.Node():
		return fmt.Sprintf("everything was read, and yet: %v", got.unknown)
	case !got.yes && len(got.unknown) == 0 && p.Identity.Node():
		return "a plain no for a node, for whom the Node authorizer decides too"
	}
	return ""
}

// tally counts what a run asked.
type tally struct{ worlds, asked, yes, unknown int }

func (n tally) String() string {
	return fmt.Sprintf("%d worlds, %d requests: %d yes, %d no, %d of these unknown", n.worlds, n.asked, n.yes, n.asked-n.yes, n.unknown)
}

// run compares an answerer with the judge, up to the first difference.
func run(m maker, worlds, requests int, read answerer) (n tally, first *difference, err error) {
	for range worlds {
		w := m.World()
		n.worlds++
		ask, err := read(w)
		if err != nil {
			return n, nil, fmt.Errorf("%w in %s", err, w)
		}
		j := newJudge(w)
		for range requests {
			who := m.IntN(len(w.People))
			q := m.Request(w, w.People[who])
			got := ask(who, q)
			n.asked++
			if got.yes {
				n.yes++
			}
			if len(got.unknown) > 0 {
				n.unknown++
			}
			if what := differs(w, j, got, who, q); what != "" {
				return n, &difference{w, who, q, what}, nil
			}
		}
	}
	return n, nil, nil
}

func TestJudgeCan(t *testing.T) {
	n, diff, err := run(newMaker(*seed), *worlds, *requests, ours)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d: %s", *seed, n)
	if diff != nil {
		t.Fatalf("seed %d, world %d: %s", *seed, n.worlds, shrunk(*diff, ours))
	}
	if n.yes*5 < n.asked || n.yes*5 > n.asked*4 {
		t.Errorf("only one answer is frequent: %s", n)
	}
}

// TestJudgeWhy: the binding and the role that we name suffice on their own.
func TestJudgeWhy(t *testing.T) {
	m := newMaker(*seed + 1)
	yes := 0
	for range *worlds / 4 {
		w := m.World()
		ask, err := ours(w)
		if err != nil {
			t.Fatal(err)
		}
		for range *requests {
			who := m.IntN(len(w.People))
			q := m.Request(w, w.People[who])
			got := ask(who, q)
			if !got.yes {
				continue
			}
			yes++
			if ok, _ := newJudge(w.Only(got.why)).allows(login(w.People[who].Identity), q); !ok {
				t.Fatalf("seed %d: %v do not suffice: %s", *seed+1, got.why, difference{w, who, q, ""})
			}
		}
	}
	t.Logf("seed %d: %d reasons", *seed+1, yes)
	if yes < *worlds {
		t.Errorf("only %d answers were yes", yes)
	}
}
