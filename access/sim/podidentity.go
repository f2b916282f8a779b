package sim

import (
	"slices"
)

func (p PodIdentity) id(c *cluster) string {
	if p.ID != "" {
		return p.ID
	}
	return "a-" + uuid(c.arn(), p.Namespace, p.ServiceAccount)[:8] + uuid(p.ServiceAccount, c.arn())[:9]
}

// summary is what the list shows: no role. It takes a describe for each.
func (p PodIdentity) summary(c *cluster) object {
	out := object{
		"clusterName": c.name, "namespace": p.Namespace, "serviceAccount": p.ServiceAccount, "associationId": p.id(c),
		"associationArn": arn{c.partition(), "eks", c.region, c.account, "podidentityassociation/" + c.name + "/" + p.id(c)}.String(),
	}
	if p.Owner != "" {
		out["ownerArn"] = p.Owner
	}
	return out
}

func (b *Bench) listPodIdentityAssociations(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	if no := x.caller.may("eks:ListPodIdentityAssociations", c.arn()); no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	namespace, account := x.call.Query.Get("namespace"), x.call.Query.Get("serviceAccount")
	byID := map[string]PodIdentity{}
	var ids []string
	for _, p := range c.pods {
		if (namespace == "" || p.Namespace == namespace) && (account == "" || p.ServiceAccount == account) {
			ids = append(ids, p.id(c))
			byID[p.id(c)] = p
		}
	}
	slices.Sort(ids)
	ids, next, no := pageOf(ids, "ListPodIdentityAssociations "+c.arn()+" "+namespace+" "+account, x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	list := []object{}
	for _, id := range ids {
		list = append(list, byID[id].summary(c))
	}
	return object{"associations": list, "nextToken": orNull(next)}, nil
}

func (b *Bench) describePodIdentityAssociation(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	for _, p := range c.pods {
		if p.id(c) != x.path["associationId"] {
			continue
		}
		out := p.summary(c)
		if no := x.caller.may("eks:DescribePodIdentityAssociation", out["associationArn"].(string)); no != nil {
			return nil, no
		}
		created := p.Created.UTC()
		if p.Created.IsZero() {
			created = c.created
		}
		out["roleArn"], out["createdAt"], out["modifiedAt"] = p.Role, epoch(created), epoch(created)
		out["tags"], out["disableSessionTags"] = object{}, false
		if p.TargetRole != "" {
			out["targetRoleArn"] = p.TargetRole
		}
		return object{"association": out}, nil
	}
	return nil, notFound("No association found with associationID: %s", x.path["associationId"])
}
