package sim

import (
	"net/http"
	"slices"
)

// entryCluster is the common start of all entry calls: the cluster, the
// caller's permission (create and list are checked against the cluster, all
// others against the entry: service authorization reference), and the mode.
func (b *Bench) entryCluster(x *exchange, action string) (*cluster, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		return nil, no
	}
	resource := c.arn()
	if p := x.path["principalArn"]; p != "" {
		e := c.latest(p)
		if e == nil {
			e = &entry{principal: p, uuid: "*"}
		}
		resource = e.arn(c)
	}
	if no := x.caller.may("eks:"+action, resource); no != nil {
		return nil, no
	}
	if !c.readsEntries() {
		return nil, invalidRequest("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
	}
	return c, nil
}

// entry finds the entry of a request as a reader sees it.
func (b *Bench) entry(x *exchange, action string) (*cluster, *entry, *refusal) {
	c, no := b.entryCluster(x, action)
	if no != nil {
		return nil, nil, no
	}
	e := c.asOf(x.path["principalArn"], x.seen)
	if e == nil {
		return nil, nil, noEntry(c)
	}
	return c, e, nil
}

func noEntry(c *cluster) *refusal {
	no := notFound("The specified principalArn could not be found.")
	no.cluster = c.name
	return no
}

// entryToWrite finds the entry both as it is and visible: one that was created
// a moment ago cannot be written yet, one just deleted no more.
func (b *Bench) entryToWrite(x *exchange, action string) (*cluster, *entry, *refusal) {
	c, _, no := b.entry(x, action)
	if no != nil {
		return nil, nil, no
	}
	e := c.latest(x.path["principalArn"])
	if e == nil {
		return nil, nil, noEntry(c)
	}
	return c, e, nil
}

func (b *Bench) listAccessEntries(x *exchange) (any, *refusal) {
	c, no := b.entryCluster(x, "ListAccessEntries")
	if no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	policyARN := x.call.Query.Get("associatedPolicyArn")
	arns := []string{}
	for _, e := range c.living(x.seen) {
		if policyARN == "" || slices.ContainsFunc(e.policies, func(a association) bool { return a.policy == policyARN }) {
			arns = append(arns, e.principal)
		}
	}
	arns, next, no := pageOf(arns, "ListAccessEntries "+c.arn()+" "+policyARN, x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	return object{"accessEntries": arns, "nextToken": orNull(next)}, nil
}

func (b *Bench) describeAccessEntry(x *exchange) (any, *refusal) {
	c, e, no := b.entry(x, "DescribeAccessEntry")
	if no != nil {
		return nil, no
	}
	return e.describe(c), nil
}

// entryRequest is the body of create and update. Pointers keep absent apart
// from empty: absent groups are kept by an update, [] clears them.
type entryRequest struct {
	PrincipalARN       string            `json:"principalArn"`
	Groups             *[]string         `json:"kubernetesGroups"`
	Username           *string           `json:"username"`
	Type               string            `json:"type"`
	Tags               map[string]string `json:"tags"`
	ClientRequestToken string            `json:"clientRequestToken"`
}

func (b *Bench) createAccessEntry(x *exchange) (any, *refusal) {
	c, no := b.entryCluster(x, "CreateAccessEntry")
	if no != nil {
		return nil, no
	}
	var in entryRequest
	if no := x.read(&in); no != nil {
		return nil, no
	}
	if no := b.mayCreate(x.caller, c, in); no != nil {
		return nil, no
	}
	return b.once(x, in.ClientRequestToken, func() (any, *refusal) { return b.create(x, c, in) })
}

func (b *Bench) create(x *exchange, c *cluster, in entryRequest) (any, *refusal) {
	p, id, no := b.checkNew(c, in)
	if no != nil {
		return nil, no
	}
	if c.latest(in.PrincipalARN) != nil {
		no := inUse("The specified access entry resource is already in use on this cluster.")
		no.cluster = c.name
		return nil, no
	}
	count := 0
	for _, h := range c.entries {
		if h.latest() != nil {
			count++
		}
	}
	if count >= maxEntries {
		no := refuse(http.StatusBadRequest, "ResourceLimitExceededException", "The maximum number of access entries for this cluster has been reached: %d", maxEntries)
		no.cluster = c.name
		return nil, no
	}
	b.serial++
	e := &entry{principal: in.PrincipalARN, id: id, kind: in.Type, tags: in.Tags, created: x.now, modified: x.now,
		uuid: uuid(c.arn(), in.PrincipalARN, x.now.String())}
	if e.kind == "" {
		e.kind = "STANDARD"
	}
	if in.Username != nil {
		e.username = *in.Username
	}
	if in.Groups != nil {
		e.groups = *in.Groups
	}
	e.settleNames(p)
	c.history(in.PrincipalARN).set(x.now, e)
	return e.describe(c), nil
}

func (b *Bench) updateAccessEntry(x *exchange) (any, *refusal) {
	c, e, no := b.entryToWrite(x, "UpdateAccessEntry")
	if no != nil {
		return nil, no
	}
	var in entryRequest
	if no := x.read(&in); no != nil {
		return nil, no
	}
	return b.once(x, in.ClientRequestToken, func() (any, *refusal) {
		if no := checkWritable(e); no != nil {
			return nil, no
		}
		if e.kind != "STANDARD" && (in.Groups != nil || in.Username != nil) {
			return nil, onlyStandard()
		}
		if no := checkNames(in); no != nil {
			return nil, no
		}
		next := *e
		next.modified = x.now
		if in.Groups != nil {
			next.groups = *in.Groups
		}
		if in.Username != nil {
			next.username = *in.Username
		}
		c.history(e.principal).set(x.now, &next)
		return next.describe(c), nil
	})
}

func (b *Bench) deleteAccessEntry(x *exchange) (any, *refusal) {
	c, e, no := b.entryToWrite(x, "DeleteAccessEntry")
	if no != nil {
		return nil, no
	}
	if checkWritable(e) != nil {
		return nil, invalidRequest("%s", serviceLinkedText)
	}
	c.history(e.principal).set(x.now, nil) // its associations go with it
	return nil, nil
}
