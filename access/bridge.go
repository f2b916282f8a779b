package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// The bridge carries system:masters to AmazonEKSClusterAdminPolicy without a moment
// between them. An access entry replaces the aws-auth mapping as a whole from the
// moment it takes effect, and its policy is associated by a later call; a group that
// is bound to cluster-admin, given in the same call that makes the entry, bridges
// that gap and is taken off when the policy is in force.
const bridgePrefix = "eks-access-bridge-"

func isBridge(group string) bool { return strings.HasPrefix(group, bridgePrefix) }

// bridged is an entry on the bridge: as it is now, and as it will be.
type bridged struct {
	group     string
	with, off AccessEntry
	first     []Expect
}

// bridgeGroup names the bridge of a set of principals: the same plan made again
// finds the same bridge.
func bridgeGroup(cluster string, moves []carried) string {
	h := sha256.New()
	h.Write([]byte(cluster))
	any := false
	for _, c := range moves {
		if c.masters && c.resumed == "" {
			any = true
			h.Write([]byte("\n" + c.entry.Principal))
		}
	}
	if !any {
		return ""
	}
	return bridgePrefix + hex.EncodeToString(h.Sum(nil))[:8]
}

func (b *builder) bridge(group string) Binding {
	return Binding{In: b.kube(), Name: group,
		Role:     rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: string(ClusterRoleKind), Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group}},
	}
}

// openBridge makes the binding before the first entry that needs it and returns
// its group; "" when none is needed or the caller may not bind cluster-admin here.
func (b *builder) openBridge(moves []carried) string {
	group := bridgeGroup(b.plan.Cluster.ARN, moves)
	if group == "" || !b.mayBind("cluster-admin") {
		return ""
	}
	binding, n := b.bridge(group), 0
	for _, c := range moves {
		n += pick(c.masters, 1, 0)
	}
	b.say(Info, BridgeUsed, []Key{binding.Key()}, group, strconv.Itoa(n))
	if b.live(binding.Key()) == nil {
		b.step(Step{After: binding, Why: WhyBridge, Args: []string{group}})
	}
	return group
}

// closeBridges takes every entry off its bridge, then removes the bindings, also
// one that a stopped plan left and nobody wears any more.
func (b *builder) closeBridges() {
	for _, br := range b.bridges {
		b.step(Step{Before: br.with, After: br.off, First: br.first, Why: WhyBridgeOff, Args: []string{br.with.Principal}})
	}
	if !b.migrating {
		return
	}
	entries := Of[AccessEntry](b.ix.snap.Objects)
	for _, had := range Of[Binding](b.ix.snap.Objects) {
		worn := slices.ContainsFunc(entries, func(e AccessEntry) bool { return slices.Contains(e.Groups, had.Name) })
		if !worn && Same(had, b.bridge(had.Name)) && isBridge(had.Name) {
			b.step(Step{Before: had, Why: WhyBridgeDrop, Args: []string{had.Name}})
		}
	}
}
