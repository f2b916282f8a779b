package sim

import (
	"encoding/json"
	"slices"
	"strings"
)

// policy is one access policy of the table the bench was given.
type policy struct {
	Name       string `json:"name"`
	ARN        string `json:"arn"`
	Assignable string `json:"assignable"`
	Rules      []rule `json:"rules"`
}

// rule allows requests, as one rule of a Kubernetes role does.
type rule struct {
	APIGroups       []string `json:"apiGroups,omitempty"`
	Resources       []string `json:"resources,omitempty"`
	Verbs           []string `json:"verbs"`
	NonResourceURLs []string `json:"nonResourceURLs,omitempty"`
	ResourceNames   []string `json:"resourceNames,omitempty"`
}

// readPolicies reads the table; text that is no table is no policies, and every
// association is then refused as AWS refuses an unknown policy.
func readPolicies(text []byte) []policy {
	var table []policy
	if err := json.Unmarshal(text, &table); err != nil {
		return nil
	}
	return table
}

// policyARN is a policy's ARN in the cluster's partition: no region, and "aws"
// where the account stands.
func (c *cluster) policyARN(name string) string {
	return arn{c.partition(), "eks", "", "aws", "cluster-access-policy/" + name}.String()
}

// policyNamed finds a policy by its ARN, exact but for the table's partition.
func (b *Bench) policyNamed(c *cluster, policyARN string) (policy, bool) {
	for _, p := range b.policies {
		if c.policyARN(p.Name) == policyARN {
			return p, true
		}
	}
	return policy{}, false
}

func (b *Bench) listAccessPolicies(x *exchange) (any, *refusal) {
	if no := x.caller.may("eks:ListAccessPolicies", "*"); no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	var names []string
	for _, p := range b.policies {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	names, next, no := pageOf(names, "ListAccessPolicies", x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	c := cluster{region: x.region}
	list := []object{}
	for _, n := range names {
		list = append(list, object{"name": n, "arn": c.policyARN(n)})
	}
	return object{"accessPolicies": list, "nextToken": orNull(next)}, nil
}

// customers tells whether a customer may associate the policy: some are for
// service-linked roles only (EKS user guide, access policy permissions).
func (p policy) customers() bool {
	return p.Assignable != "service-linked-role-only" && p.Assignable != "aws-managed"
}

// matchesNamespace follows the one documented wildcard of an access scope, the
// trailing star: "dev-*". A star elsewhere is compared as it is written.
func matchesNamespace(patterns []string, namespace string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, wild := strings.CutSuffix(p, "*")
		return p == namespace || wild && strings.HasPrefix(namespace, prefix)
	})
}
