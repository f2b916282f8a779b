package kube

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/restmapper"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Types are the resource types that people may name. Words become types by the very
// code that kubectl uses: client-go's REST mapper and its short names.
type Types struct {
	live   *catalog // nil when nothing was discovered
	table  *catalog
	unread []string // groups whose types could not be discovered
	why    error    // why nothing was
}

// Builtin are the types of Kubernetes itself, for whom no server can be asked.
func Builtin() *Types { return &Types{table: tables()} }

var (
	tables  = sync.OnceValue(func() *catalog { return newCatalog(told(append(lists(builtin), lists(added)...))) })
	virtual = sync.OnceValue(func() *catalog { return newCatalog(told(lists(decided))) })
)

// discoverAtMost is how long a server may take to say what it serves: an aggregated
// API that hangs must not keep people from their answer.
const discoverAtMost = 10 * time.Second

// Types asks the server which types it serves. Where it doesn't say, the table of
// built-in types answers.
func (s *Side) Types(ctx context.Context) *Types {
	ctx, cancel := context.WithTimeout(ctx, discoverAtMost)
	defer cancel()
	t := Builtin()
	groups, found, err := discovery.ToDiscoveryInterfaceWithContext(s.typed.Discovery()).ServerGroupsAndResourcesWithContext(ctx)
	failed, partly := discovery.GroupDiscoveryFailedErrorGroups(err)
	if err != nil && !partly || len(found) == 0 {
		t.why = s.undiscovered(err)
		return t
	}
	for gv := range failed {
		t.unread = append(t.unread, gv.Group)
	}
	slices.Sort(t.unread)
	t.unread = slices.Compact(t.unread)
	t.live = newCatalog(answers{groups: groups, lists: inOrder(groups, found)})
	return t
}

// undiscovered is why a server did not say what it serves. Whoever logs in may ask it,
// unless somebody has unbound the role (Kubernetes RBAC, "API discovery roles").
func (s *Side) undiscovered(err error) error {
	switch {
	case err == nil:
		return errors.New("the server says that it serves nothing")
	case apierrors.IsForbidden(err):
		return errors.New("the server does not tell us which it serves: ask for get on the URLs /api, /api/*, /apis and /apis/* (ClusterRole system:discovery)")
	}
	return s.refused("discover", access.Key{Kind: "resource types"}, err)
}

// inOrder puts the lists in the order of the groups, which decides between types of one
// name. Client-go hands aggregated discovery over in the order of a map.
func inOrder(groups []*metav1.APIGroup, found []*metav1.APIResourceList) []*metav1.APIResourceList {
	at := map[string]int{}
	for _, g := range groups {
		for _, v := range g.Versions {
			at[v.GroupVersion] = len(at)
		}
	}
	out := slices.Clone(found)
	slices.SortFunc(out, func(a, b *metav1.APIResourceList) int {
		return cmp.Or(cmp.Compare(at[a.GroupVersion], at[b.GroupVersion]), cmp.Compare(a.GroupVersion, b.GroupVersion))
	})
	return out
}

// Live reports whether a server was asked, and Unread which of its groups did not
// answer; an error says why none did.
func (t *Types) Live() bool          { return t.live != nil }
func (t *Types) Unread() []string    { return t.unread }
func (t *Types) Undiscovered() error { return t.why }

// Resolve finds the type that a word names: deploy, deployments.apps,
// deployments.v1.apps, Deployment, or * and *.apps for all. False when nobody knows it;
// the type is then what the word says.
func (t *Types) Resolve(word string) (access.Resource, bool) {
	name, group, _ := strings.Cut(word, ".")
	if name == "*" {
		if word == "*" {
			group = "*"
		}
		return access.Resource{Group: group, Name: "*", Namespaced: true, Served: t.live != nil}, true
	}
	if t.live != nil {
		if r, ok := t.live.resolve(word); ok {
			r.Served = true
			return r, true
		}
	}
	if r, ok := virtual().resolve(word); ok && r.Name != "nodes" {
		r.Served = t.live != nil
		return r, true
	}
	if r, ok := t.table.resolve(word); ok {
		return r, true
	}
	return access.Resource{Group: group, Name: strings.ToLower(name), Namespaced: true}, false
}

// Words are what Resolve knows, sorted: plurals, kinds and short names.
func (t *Types) Words() []string {
	var out []string
	for _, c := range []*catalog{t.live, t.table, virtual()} {
		if c != nil {
			out = append(out, c.words...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// catalog is one set of types with kubectl's ways to name them.
type catalog struct {
	from   answers
	mapper apimeta.RESTMapper
	known  map[schema.GroupResource]access.Resource
	words  []string
}

func newCatalog(from answers) *catalog {
	c := &catalog{from: from, known: map[schema.GroupResource]access.Resource{}}
	words := map[string]bool{}
	for _, l := range from.lists {
		gv, err := schema.ParseGroupVersion(l.GroupVersion)
		if err != nil {
			continue // restmapper leaves it out, too
		}
		for _, r := range l.APIResources {
			name, sub, _ := strings.Cut(r.Name, "/")
			at := schema.GroupResource{Group: gv.Group, Resource: name}
			k := c.known[at]
			k.Group, k.Name, k.Namespaced = gv.Group, name, r.Namespaced
			if sub != "" {
				if !slices.Contains(k.Subresources, sub) {
					k.Subresources = append(k.Subresources, sub)
					slices.Sort(k.Subresources)
				}
			} else {
				k.Kind = r.Kind
				for _, w := range append([]string{name, strings.ToLower(r.Kind)}, r.ShortNames...) {
					words[w] = true
				}
			}
			c.known[at] = k
		}
	}
	for _, l := range lists(decided) {
		for _, r := range l.APIResources { // what only the kubelet serves
			name, sub, is := strings.Cut(r.Name, "/")
			if k, ok := c.known[schema.GroupResource{Resource: name}]; ok && is && l.GroupVersion == "v1" && !slices.Contains(k.Subresources, sub) {
				k.Subresources = append(slices.Clone(k.Subresources), sub)
				slices.Sort(k.Subresources)
				c.known[schema.GroupResource{Resource: name}] = k
			}
		}
	}
	c.words = slices.Sorted(maps.Keys(words))
	// It fails only when no group could be read, and from has what was.
	groups, _ := restmapper.GetAPIGroupResources(from)
	c.mapper = restmapper.NewShortcutExpander(restmapper.NewDiscoveryRESTMapper(groups), from, nil)
	return c
}

// resolve is kubectl's way from a word to a type (k8s.io/kubectl pkg/cmd/auth
// cani.go resourceFor).
func (c *catalog) resolve(word string) (access.Resource, bool) {
	full, short := schema.ParseResourceArg(strings.ToLower(word))
	var gvr schema.GroupVersionResource
	if full != nil {
		gvr, _ = c.mapper.ResourceFor(*full)
	}
	if gvr.Empty() {
		var err error
		if gvr, err = c.mapper.ResourceFor(short.WithVersion("")); err != nil {
			return access.Resource{}, false
		}
	}
	r, ok := c.known[gvr.GroupResource()]
	if ok && short.Group == "" {
		r.Also = c.also(short.Resource, r)
	}
	return r, ok
}

// also are the other types that go by a word: kubectl takes the first group that has it.
func (c *catalog) also(word string, taken access.Resource) []string {
	var out []string
	for _, l := range c.from.lists {
		gv, _ := schema.ParseGroupVersion(l.GroupVersion)
		for _, r := range l.APIResources {
			named := r.Name == word || r.SingularName == word || strings.EqualFold(r.Kind, word) || slices.Contains(r.ShortNames, word)
			other := access.Resource{Group: gv.Group, Name: r.Name}.String()
			if named && !strings.Contains(r.Name, "/") && other != taken.String() {
				out = append(out, other)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// answers are what a server said of its types, for code that asks a server.
type answers struct {
	discovery.DiscoveryInterface // the rest of it is never called
	groups                       []*metav1.APIGroup
	lists                        []*metav1.APIResourceList
}

func told(lists []*metav1.APIResourceList) answers {
	return answers{groups: groupsOf(lists), lists: lists}
}

// ServerGroupsAndResources says it again.
func (a answers) ServerGroupsAndResources() ([]*metav1.APIGroup, []*metav1.APIResourceList, error) {
	return a.groups, a.lists, nil
}
