package access

import (
	"reflect"
	"slices"
	"testing"
)

// While others are still on their way, an entry that arrived says who its principal is
// and what its policies give; only a gap over itself takes that away.
func TestAnEntryIsWholeWhileOthersLoad(t *testing.T) {
	arn := role("early")
	s := s3(t, entry(arn, "early", "devs"), policy(arn, ViewPolicy, "carts"))
	s.Gaps = []Gap{{Realm: eksR, Kind: EntryKind, Why: Loading}, {Realm: eksR, Kind: AssociationKind, Why: Loading}}
	early := func(s Snapshot) (Mapping, Cell) {
		ix := NewIndex(s)
		r, ok := ix.Row(principal(t, arn))
		if !ok {
			t.Fatal("no row")
		}
		m, _ := r.Active()
		return m, ix.Cell(r, "carts")
	}
	if m, c := early(s); m.Identity.User != "early" || c.Level != View || len(c.Unknown) > 0 {
		t.Errorf("loading: %+v, %+v", m.Identity, c)
	}
	own := s
	own.Gaps = append(slices.Clone(s.Gaps), Gap{Realm: eksR, Kind: EntryKind, Name: arn, Why: Denied})
	if m, c := early(own); m.Identity.User != "" || len(c.Unknown) != 1 {
		t.Errorf("its own gap: %+v, %+v", m.Identity, c)
	}
	never := s
	never.Gaps = []Gap{{Realm: eksR, Kind: AssociationKind, Why: Denied}}
	if _, c := early(never); len(c.Unknown) != 1 {
		t.Errorf("policies never read: %+v", c)
	}
}

// An index that is renewed is the index of the new snapshot, whatever came.
func TestRenewIsNewIndex(t *testing.T) {
	parts := []Object{
		entry(role("late"), "late", "devs"), policy(role("late"), EditPolicy, "carts"), iamRole(t, role("late")),
		binding("carts", "late", "ClusterRole", "view", "Group:devs"), clusterRole("edit", rule("get", "", "pods")),
		authMap("- rolearn: "+role("mapped")+"\n  username: m\n  groups: [devs]\n", "[]\n"), Namespace{In: kubeR, Name: "late"},
		AuthMode{eksR, APIMode},
	}
	s := s3(t)
	ix := NewIndex(s)
	for _, o := range parts {
		for _, r := range ix.Rows() { // fill what is remembered
			ix.Cell(r, "carts")
		}
		s = s.Merge(Snapshot{Objects: Objects{}.With(o)})
		shared := sameRBAC(ix.snap, s)
		if _, isBinding := o.(Binding); isBinding == shared && o.Key().Kind == RoleBindingKind {
			t.Errorf("roles and bindings are thought the same after %v", o.Key())
		}
		next, want := ix.Clone().Renew(s), NewIndex(s)
		if !reflect.DeepEqual(next.Rows(), want.Rows()) || !slices.Equal(next.Namespaces(), want.Namespaces()) {
			t.Fatalf("after %v: %+v, want %+v", o.Key(), next.Rows(), want.Rows())
		}
		for _, r := range want.Rows() {
			for _, ns := range []string{"", "carts", "late"} {
				if got := next.Cell(r, ns); !reflect.DeepEqual(got, want.Cell(r, ns)) {
					t.Errorf("after %v: %s in %q is %+v, want %+v", o.Key(), r.Principal, ns, got, want.Cell(r, ns))
				}
			}
		}
		ix = next
	}
}
