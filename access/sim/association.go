package sim

import (
	"slices"
	"strings"
	"time"
)

// association is an access policy on an entry. Without namespaces its scope is
// the cluster.
type association struct {
	policy     string // ARN
	namespaces []string
	created    time.Time
	modified   time.Time
}

func (a association) describe() object {
	kind, namespaces := "cluster", []string{} // shown as an empty list, not left out
	if len(a.namespaces) > 0 {
		kind, namespaces = "namespace", a.namespaces
	}
	return object{
		"policyArn": a.policy, "accessScope": object{"type": kind, "namespaces": namespaces},
		"associatedAt": epoch(a.created), "modifiedAt": epoch(a.modified),
	}
}

// with replaces or adds an association: each policy at most once per entry,
// associating again replaces the scope (EKS user guide, access policies).
func (e *entry) with(a association) *entry {
	next := *e
	next.policies = slices.Clone(e.policies)
	for n, was := range next.policies {
		if was.policy == a.policy {
			a.created = was.created
			next.policies[n] = a
			return &next
		}
	}
	next.policies = append(next.policies, a)
	slices.SortFunc(next.policies, func(a, b association) int { return strings.Compare(a.policy, b.policy) })
	return &next
}

func (b *Bench) listAssociatedAccessPolicies(x *exchange) (any, *refusal) {
	c, e, no := b.entry(x, "ListAssociatedAccessPolicies")
	if no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	byARN := map[string]association{}
	var arns []string
	for _, a := range e.policies {
		arns = append(arns, a.policy)
		byARN[a.policy] = a
	}
	arns, next, no := pageOf(arns, "ListAssociatedAccessPolicies "+e.arn(c), x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	list := []object{}
	for _, a := range arns {
		list = append(list, byARN[a].describe())
	}
	return object{"clusterName": c.name, "principalArn": e.principal, "associatedAccessPolicies": list, "nextToken": orNull(next)}, nil
}

func (b *Bench) associateAccessPolicy(x *exchange) (any, *refusal) {
	c, e, no := b.entryToWrite(x, "AssociateAccessPolicy")
	if no != nil {
		return nil, no
	}
	var in struct {
		PolicyARN   string `json:"policyArn"`
		AccessScope *struct {
			Type       string   `json:"type"`
			Namespaces []string `json:"namespaces"`
		} `json:"accessScope"`
	}
	if no := x.read(&in); no != nil {
		return nil, no
	}
	if in.PolicyARN == "" || in.AccessScope == nil {
		return nil, invalidParameter("policyArn and accessScope must be specified")
	}
	switch scope := in.AccessScope; {
	case scope.Type != "cluster" && scope.Type != "namespace":
		return nil, invalidParameter("The specified accessScope type is invalid: %q", scope.Type)
	case scope.Type == "namespace" && len(scope.Namespaces) == 0:
		return nil, invalidParameter("The accessScope of type namespace must have at least one namespace")
	case scope.Type == "cluster" && len(scope.Namespaces) > 0:
		// What AWS makes of both is not known: refuse.
		return nil, invalidParameter("The accessScope of type cluster cannot have namespaces")
	case slices.Contains(scope.Namespaces, ""):
		return nil, invalidParameter("The accessScope has an empty namespace")
	}
	p, known := b.policyNamed(c, in.PolicyARN)
	if !known {
		no := notFound("The specified policyArn could not be found.")
		no.cluster = c.name
		return nil, no
	}
	if no := checkAssociable(e, p); no != nil {
		return nil, no
	}
	e = e.with(association{in.PolicyARN, in.AccessScope.Namespaces, x.now, x.now})
	c.history(e.principal).set(x.now, e)
	at := slices.IndexFunc(e.policies, func(a association) bool { return a.policy == in.PolicyARN })
	return object{"clusterName": c.name, "principalArn": e.principal, "associatedAccessPolicy": e.policies[at].describe()}, nil
}

// checkAssociable: policies go to STANDARD entries, and AmazonEKSAutoNodePolicy
// to type EC2 (EKS user guide, access policies; create node class). AWS Batch
// tells its users to associate a policy of its own with the entry of its
// service-linked role (AWS Batch user guide, access entries).
func checkAssociable(e *entry, p policy) *refusal {
	if serviceLinked(e.principal) {
		if p.Name == "AWSBatchNamespacePolicy" {
			return nil
		}
		return checkWritable(e)
	}
	if e.kind == "EC2" && p.Name == "AmazonEKSAutoNodePolicy" {
		return nil
	}
	if e.kind != "STANDARD" {
		return onlyStandard()
	}
	if !p.customers() {
		return invalidParameter("The policy %s can only be associated by AWS services", p.Name)
	}
	return nil
}

func (b *Bench) disassociateAccessPolicy(x *exchange) (any, *refusal) {
	c, e, no := b.entryToWrite(x, "DisassociateAccessPolicy")
	if no != nil {
		return nil, no
	}
	if checkWritable(e) != nil && !strings.HasSuffix(x.path["policyArn"], "/AWSBatchNamespacePolicy") {
		return nil, invalidRequest("%s", serviceLinkedText)
	}
	at := slices.IndexFunc(e.policies, func(a association) bool { return a.policy == x.path["policyArn"] })
	if at < 0 {
		no := notFound("The specified policyArn could not be found.")
		no.cluster = c.name
		return nil, no
	}
	next := *e
	next.policies = slices.Delete(slices.Clone(e.policies), at, at+1)
	c.history(e.principal).set(x.now, &next)
	return nil, nil
}
