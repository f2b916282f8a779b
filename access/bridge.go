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

// bridged is an entry on the bridge, and what must hold before it comes off.
type bridged struct {
	group string
	entry Key
	first []Expect
}

func offBridge(groups []string) []string {
	return slices.DeleteFunc(slices.Clone(groups), isBridge)
}

// bridgeGroup names the bridge of a set of principals: the same plan made again
// finds the same bridge.
func bridgeGroup(cluster string, arns []string) string {
	if len(arns) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(cluster + "\n" + strings.Join(set(arns), "\n")))
	return bridgePrefix + hex.EncodeToString(sum[:])[:8]
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
	var arns []string
	for _, c := range moves {
		if c.masters && c.resumed == "" {
			arns = append(arns, c.entry.Principal)
		}
	}
	group := bridgeGroup(b.plan.Cluster.ARN, arns)
	if group == "" || !b.mayBind("cluster-admin") {
		return ""
	}
	binding := b.bridge(group)
	b.say(Info, BridgeUsed, []Key{binding.Key()}, group, strconv.Itoa(len(arns)))
	if b.live(binding.Key()) == nil {
		b.step(Step{After: binding, Why: WhyBridge, Args: []string{group}})
	}
	return group
}

// closeBridges takes every entry off its bridge, then removes the bindings this
// plan made or went on with. Another one may be in use by somebody else's plan: it
// is left, and Inspect says that it is there.
func (b *builder) closeBridges() {
	ours := slices.Clone(b.left)
	for _, br := range b.bridges {
		with, ok := b.live(br.entry).(AccessEntry)
		if !ok {
			continue
		}
		off := with
		off.Groups = offBridge(with.Groups)
		b.step(Step{Before: with, After: off, First: br.first, Why: WhyBridgeOff, Args: []string{with.Principal}})
		ours = append(ours, br.group)
	}
	entries := Of[AccessEntry](b.ix.snap.Objects)
	for _, group := range set(ours) {
		worn := slices.ContainsFunc(entries, func(e AccessEntry) bool { return slices.Contains(e.Groups, group) })
		if had := b.live(b.bridge(group).Key()); !worn && had != nil && Same(had, b.bridge(group)) {
			b.step(Step{Before: had, Why: WhyBridgeDrop, Args: []string{group}})
		}
	}
}
