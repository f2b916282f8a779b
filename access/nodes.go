package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// ownNodes are the types of entries that people make for nodes of their own, and whom
// EKS makes of them: it takes no user name and no groups for these (EKS user guide,
// "Create access entries"). Fargate's, Auto Mode's and HyperPod's are AWS's to make.
var ownNodes = map[string]Identity{
	"EC2_LINUX":    {"system:node:{{EC2PrivateDNSName}}", []string{"system:nodes"}},
	"EC2_WINDOWS":  {"system:node:{{EC2PrivateDNSName}}", []string{windowsNodes, "system:nodes"}},
	"HYBRID_LINUX": {"system:node:{{SessionName}}", []string{"system:nodes"}},
}

// fargateNodes is the group of Fargate's nodes.
const fargateNodes = "system:node-proxier"

// NodeTypes are the types that an entry for nodes can be given here, sorted.
func NodeTypes() []string { return slices.Sorted(maps.Keys(ownNodes)) }

// nodeItem recognises the items of worker nodes, Fargate and hybrid nodes by the
// groups and names that the EKS user guide gives them ("Create access entries").
func nodeItem(id Identity) bool {
	return id.Node() || slices.ContainsFunc(id.Groups, func(g string) bool {
		return g == "system:bootstrappers" || g == fargateNodes || g == windowsNodes
	})
}

// ChangeType makes the access entry of a node role again with another type.
type ChangeType struct {
	Principal Principal
	Type      string // one of NodeTypes
}

func (in ChangeType) words() string {
	return fmt.Sprintf("change %s: entry type %s", in.Principal, in.Type)
}
func (in ChangeType) about() []Principal { return []Principal{in.Principal} }

// changeType deletes and creates, since EKS changes the type of no entry: between the two
// nobody logs in by it. For people that is refused; for nodes it is asked for, as their
// running sessions last (EKS user guide, "Update access entries").
func (b *builder) changeType(in ChangeType) error {
	row, m, had, err := b.entryOf(in.Principal)
	gone, _ := b.begun.away(WhyRetype, in.Principal)
	if err != nil && gone.Principal != "" {
		had, err = gone, nil // a stopped plan has deleted it, and not yet made it again
		row.Principal, _ = ParsePrincipal(had.Principal)
	}
	if err != nil {
		return err
	}
	item := slices.IndexFunc(row.Mappings, func(o Mapping) bool { return o.Source == FromAuthMap && nodeItem(o.Identity) })
	var says Identity // what aws-auth has its nodes be; an entry's own identity follows its type
	if item >= 0 {
		says = row.Mappings[item].Identity
	}
	if err := b.nodeRole(row.Principal, in.Type, says); err != nil {
		return err
	}
	switch _, ours := ownNodes[had.Type]; {
	case had.Type == in.Type:
		return nil
	case had.Type == StandardType && item < 0:
		return fmt.Errorf("%s has an entry for people or programs: EKS changes the type of none, and without the entry they are locked out. Use a role of its own for the nodes", row.Principal)
	case had.Type == StandardType && len(b.ix.Policies(m)) > 0:
		return fmt.Errorf("%s has access policies, which a node's entry can't have: take them first, with revoke %s --policy NAME", row.Principal, row.Principal)
	case had.Type != StandardType && !ours:
		return fmt.Errorf("%s has an entry of type %s, which is AWS's own: it is not changed here", row.Principal, had.Type)
	}
	id := row.Principal.ID()
	b.grantees[id], b.forgone[id] = true, true
	is := b.nodeEntry(had.Principal, in.Type)
	is.Tags = had.Tags
	args := []string{row.Principal.String(), in.Type}
	if b.live(had.Key()) != nil {
		b.step(Step{Before: had, Why: WhyRetype, Args: args})
	}
	b.step(Step{After: is, Why: WhyRetype, Args: args})
	b.proofs = append(b.proofs, reads(row.Principal, is)...)
	return nil
}

// entryOf is the access entry of a principal that is to be changed.
func (b *builder) entryOf(p Principal) (Row, Mapping, AccessEntry, error) {
	row, _ := b.ix.Row(p)
	i := slices.IndexFunc(row.Mappings, func(m Mapping) bool { return m.Source == FromEntry && m.State != Dead })
	switch {
	case !b.ix.snap.Mode().Entries():
		return row, Mapping{}, AccessEntry{}, fmt.Errorf("access entries don't count in mode %s", b.ix.snap.Mode())
	case i < 0:
		return row, Mapping{}, AccessEntry{}, fmt.Errorf("%s has no access entry that lives: see kubectl eks-access list %s -o wide", p, p)
	}
	m := row.Mappings[i]
	had, _ := Get[AccessEntry](b.ix.snap.Objects, m.From)
	if had.Type == "" {
		return row, m, had, fmt.Errorf("the access entry of %s could not be read (%s)", row.Principal, EntriesUnread)
	}
	return row, m, had, nil
}

// nodeRole checks that a principal can have an entry of a node type: a role of the
// cluster's own account (EKS API reference, CreateAccessEntry), of nodes that are what
// aws-auth says of them; id is empty where it says nothing.
func (b *builder) nodeRole(p Principal, kind string, id Identity) error {
	is, ok := ownNodes[kind]
	own := b.plan.Cluster.Account
	switch {
	case !ok:
		return fmt.Errorf("entry type %q: want one of %s; EKS makes the others itself, and people have %s", kind, strings.Join(NodeTypes(), ", "), StandardType)
	case p.Kind != RolePrincipal || p.ServiceLinked():
		return fmt.Errorf("%s is no role of nodes: entries of type %s are for IAM roles", p, kind)
	case own != "" && p.Account != own:
		return fmt.Errorf("%s is in account %s, and the nodes' roles of this cluster in %s: EKS takes no other", p, p.Account, own)
	case slices.Contains(id.Groups, fargateNodes):
		return fmt.Errorf("%s is a role of Fargate: EKS makes its entry by itself", p)
	case id.User != "" && id.User != is.User:
		return fmt.Errorf("%s has its nodes be %s in aws-auth, and an entry of type %s makes them %s", p, id.User, kind, is.User)
	case len(id.Groups) > 0 && slices.Contains(id.Groups, windowsNodes) != (kind == "EC2_WINDOWS"):
		return fmt.Errorf("%s has the groups %s, which do not go with %s: nodes that run Windows are in %s and have entries of type EC2_WINDOWS", p, strings.Join(id.Groups, ", "), kind, windowsNodes)
	}
	return nil
}

func (b *builder) nodeEntry(arn, kind string) AccessEntry {
	id := ownNodes[kind]
	return AccessEntry{In: b.eks(), Principal: arn, Type: kind, Username: id.User, Groups: slices.Clone(id.Groups)}
}

// carryNode gives a node role an entry, on the person's word that its nodes are
// self-managed or Karpenter's: those of managed node groups and of Fargate are EKS's to
// make (EKS user guide, "Migrate existing aws-auth ConfigMap entries").
func (b *builder) carryNode(r Row, m Mapping, named Principal, kind string) error {
	if err := b.nodeRole(r.Principal, kind, m.Identity); err != nil {
		return err
	}
	arn, ok := b.realARN(m.Principal, named)
	if !ok {
		return nil // said
	}
	e := b.nodeEntry(arn, kind)
	b.say(Confirm, NodeEntryMade, []Key{e.Key()}, arn, kind)
	b.step(Step{After: e, Why: WhyNodeEntry, Args: []string{arn, kind}})
	b.proofs = append(b.proofs, reads(r.Principal, e)...)
	for _, o := range r.Mappings {
		if o.Source == FromAuthMap && (o.State == Active || o.State == Shadowed) && o.Item.Section != awsauth.MapAccounts {
			b.retire = append(b.retire, retired{item: o.Item, who: r.Principal, sort: ofNode, first: reads(r.Principal, e)})
		}
	}
	return nil
}
