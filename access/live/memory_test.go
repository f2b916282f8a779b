package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

const (
	eksRealm  access.Realm = "eks:demo"
	kubeRealm access.Realm = "kube:demo"
)

var demo = access.Cluster{In: eksRealm, Name: "demo", ARN: "arn:aws:eks:eu-west-1:111122223333:cluster/demo", Status: "ACTIVE"}

// memory is a world in memory behind the three methods of a Side. Like the real
// ones it fills in what a plan leaves open, and writes only over before.
type memory struct {
	mu      sync.Mutex
	objects access.Objects
	puts    int
	broken  func(n int, after access.Object) fault // of the n-th Put
	lag     int                                    // how many Gets go on seeing the state before a write
	stale   map[access.Key]*staleness
	proof   func(access.Expect) (access.Proof, error)
	read    func(realm access.Realm, seen func(access.Snapshot)) error
	putting func(ctx context.Context)
}

type staleness struct {
	was  access.Object
	left int
}

type fault int

const (
	fine    fault = iota
	denied        // nothing is done, and that is answered
	lost          // it is done, but the answer is lost
	dropped       // nothing is done, and there is no answer
)

func newMemory(os ...access.Object) *memory {
	return &memory{objects: access.Objects{}.With(append(os, demo)...), stale: map[access.Key]*staleness{}}
}

// meanwhile lets somebody else write an object with the first write of ours.
func (m *memory) meanwhile(theirs access.Object) {
	m.broken = func(n int, _ access.Object) fault {
		if n == 1 {
			m.objects = m.objects.With(theirs)
		}
		return fine
	}
}

type door struct {
	*memory
	realm access.Realm
}

func (d door) Read(_ context.Context, seen func(access.Snapshot)) error {
	if d.memory.read != nil {
		return d.memory.read(d.realm, seen)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	part := access.Snapshot{Realms: []access.Realm{d.realm}, Objects: access.Objects{}}
	for o := range d.objects.All() {
		k := o.Key()
		if k.Realm == d.realm {
			part.Objects = part.Objects.With(o)
		}
	}
	seen(part)
	return nil
}

func (d door) Get(ctx context.Context, k access.Key) (access.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.stale[k]; s != nil && s.left > 0 {
		s.left--
		return s.was, nil
	}
	return d.objects.At(k), nil
}

func (d door) Put(ctx context.Context, before, after access.Object) error {
	if d.putting != nil {
		d.putting(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	about := after
	if about == nil {
		about = before
	}
	k := about.Key()
	if !access.Same(d.objects.At(k), before) {
		return &access.Conflict{Key: k, Want: before, Have: d.objects.At(k)}
	}
	d.puts++
	f := fine
	if d.broken != nil {
		f = d.broken(d.puts, after)
	}
	switch f {
	case denied:
		return &access.Forbidden{Who: "me", Action: "put"}
	case dropped:
		return errors.New("connection reset")
	}
	d.stale[k] = &staleness{d.objects.At(k), d.lag}
	if after == nil {
		d.objects = d.objects.Without(k)
	} else {
		d.objects = d.objects.With(filled(after))
	}
	if f == lost {
		return errors.New("connection reset")
	}
	return nil
}

// filled is what servers make of an object: default names, types and API groups.
func filled(o access.Object) access.Object {
	switch o := o.(type) {
	case access.AccessEntry:
		if o.Type == "" {
			o.Type = "STANDARD"
		}
		if o.Username == "" {
			p, err := access.ParsePrincipal(o.Principal)
			if err != nil {
				panic(err)
			}
			o.Username = access.DefaultUsername(p)
		}
		return o
	case access.Binding:
		o.Role.APIGroup = "rbac.authorization.k8s.io"
		o.Subjects = slices.Clone(o.Subjects)
		for i := range o.Subjects {
			if o.Subjects[i].Kind == "ServiceAccount" {
				continue
			}
			o.Subjects[i].APIGroup = "rbac.authorization.k8s.io"
		}
		return o
	}
	return o
}

// asking is the door to Kubernetes: it answers questions, too.
type asking struct{ door }

func (a asking) Ask(_ context.Context, e access.Expect, _ access.Caller) (access.Proof, error) {
	if a.proof != nil {
		return a.proof(e)
	}
	return access.Proof{State: access.Proven}, nil
}

func (m *memory) world(t testing.TB, dir string) *live.World {
	t.Helper()
	return &live.World{
		Sides:    map[access.Realm]live.Side{eksRealm: door{m, eksRealm}, kubeRealm: asking{door{m, kubeRealm}}},
		Settle:   live.Settle{Every: time.Second, AtMost: 10 * time.Second},
		Journals: dir,
	}
}

func (m *memory) state() access.Objects {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.objects
}

// differ lists the keys that are not the same, after servers filled in theirs.
func differ(want, have access.Objects) []string {
	var out []string
	for o := range want.All() {
		k := o.Key()
		if have.At(k) == nil || !access.Same(filled(o), have.At(k)) {
			out = append(out, fmt.Sprintf("%s %s: want %+v, have %+v", k.Kind, k.Name, o, have.At(k)))
		}
	}
	for o := range have.All() {
		if k := o.Key(); want.At(k) == nil {
			out = append(out, fmt.Sprintf("%s %s is left", k.Kind, k.Name))
		}
	}
	slices.Sort(out)
	return out
}

func planOf(steps ...access.Step) access.Plan { return access.Plan{Cluster: demo, Steps: steps} }

func yes(p access.Plan) access.Accepted {
	return access.Accepted{Digest: p.Digest(), Codes: p.Confirms()}
}

func entry(name string, groups ...string) access.AccessEntry {
	return access.AccessEntry{In: eksRealm, Principal: "arn:aws:iam::111122223333:role/" + name, Groups: groups}
}

func policy(name, scope string) access.PolicyAssociation {
	return access.PolicyAssociation{In: eksRealm, Principal: entry(name).Principal, Policy: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
		Scope: access.PolicyScope{Namespaces: []string{scope}}}
}

func bridge(name string, groups ...string) access.Binding {
	b := access.Binding{In: kubeRealm, Name: name, Role: rbacv1.RoleRef{Kind: "ClusterRole", Name: "cluster-admin"}}
	for _, g := range groups {
		b.Subjects = append(b.Subjects, rbacv1.Subject{Kind: "Group", Name: g})
	}
	return b
}

func authMap(text string) access.AuthMap {
	return access.AuthMap{In: kubeRealm, Data: map[string]string{"mapRoles": text}}
}

// randomPlan is a world and a plan that keeps the builder's rules: the steps on a
// key form a chain that returns to an earlier value only for a bridge, which is
// made before other steps and taken down after them.
func randomPlan(r *rand.Rand) (access.Objects, access.Plan) {
	start := access.Objects{}.With(authMap("v0"), demo)
	for i := range 3 {
		if r.IntN(2) == 0 {
			start = start.With(filled(entry(fmt.Sprintf("r%d", i), "old")))
		}
	}
	now, version := start, 0
	var steps []access.Step
	gone := map[access.Key]bool{}
	step := func(after access.Object, k access.Key) {
		steps = append(steps, access.Step{Before: now.At(k), After: after})
		if after == nil {
			now = now.Without(k)
		} else {
			now = now.With(after)
		}
	}
	span := bridge("bridge", "eks-access-bridge")
	if r.IntN(2) == 0 {
		step(span, span.Key())
	}
	for range 1 + r.IntN(7) {
		version++
		v := fmt.Sprintf("v%d", version)
		name := fmt.Sprintf("r%d", r.IntN(4))
		var o access.Object
		switch r.IntN(5) {
		case 0:
			o = authMap(v)
		case 1:
			o = policy(name, v)
		case 2:
			o = bridge("b-"+name, v)
		default:
			e := entry(name, v)
			if was, ok := now.At(e.Key()).(access.AccessEntry); ok {
				e.Username = was.Username
			}
			o = e
		}
		k := o.Key()
		if gone[k] {
			continue // a key never comes back
		}
		if start.At(k) != nil && now.At(k) != nil && k.Kind != access.AuthMapKind && r.IntN(3) == 0 {
			gone[k] = true
			step(nil, k)
			continue
		}
		step(o, k)
	}
	if now.At(span.Key()) != nil {
		step(nil, span.Key())
	}
	return start, planOf(steps...)
}
