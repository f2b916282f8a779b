package access

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// policyTable is AWS's published table of access policies: dated, each with its
// source. EKS does not tell the rules of a policy through its API, so a policy
// that the table does not describe is unknown, never "no".
//
//go:embed policies.json
var policyTable []byte

// PolicyTable returns the table's JSON: an array of policies with their rules and sources.
func PolicyTable() []byte { return policyTable }

// PolicyTableDate is when the table was taken from the EKS user guide.
const PolicyTableDate = "2026-11-21"

// ManagedPolicy is an access policy as AWS documents it.
type ManagedPolicy struct {
	Name       string `json:"name"`
	Source     string `json:"source"`
	Documented string `json:"rulesDocumented"` // "table": Rules are complete; "prose" or "none": unknown
	Assignable string `json:"assignable"`
	Rules      []Rule `json:"rules"`
	Limited    []Rule `json:"-"` // rules for some objects only, which AWS does not name: unknown, not yes
	Notes      string `json:"notes"`

	inside []Rule // those that count in a namespace: URLs can't be inside one
}

// Known reports whether the policy's rules are published.
func (p ManagedPolicy) Known() bool { return p.Documented == "table" }

// ByCustomer reports whether people may associate it with their own entries.
func (p ManagedPolicy) ByCustomer() bool { return strings.HasPrefix(p.Assignable, "customer") }

// ByAWS reports whether AWS alone associates it.
func (p ManagedPolicy) ByAWS() bool {
	return p.Assignable == "aws-managed" || p.Assignable == "service-linked-role-only"
}

// The policies that levels are made of.
const (
	ViewPolicy         = "AmazonEKSViewPolicy"
	EditPolicy         = "AmazonEKSEditPolicy"
	AdminPolicy        = "AmazonEKSAdminPolicy"
	ClusterAdminPolicy = "AmazonEKSClusterAdminPolicy"
)

var managed = sync.OnceValue(func() map[string]ManagedPolicy {
	var all []struct {
		ManagedPolicy
		Rules []struct {
			Rule
			Restriction string `json:"restriction"` // in words
		} `json:"rules"`
	}
	if err := json.Unmarshal(policyTable, &all); err != nil {
		panic(err) // embedded, tested
	}
	out := make(map[string]ManagedPolicy, len(all))
	for _, written := range all {
		p := written.ManagedPolicy
		for _, r := range written.Rules {
			if r.Restriction == "" {
				p.Rules = append(p.Rules, r.Rule)
			} else {
				p.Limited = append(p.Limited, r.Rule)
			}
		}
		p.inside = slices.DeleteFunc(slices.Clone(p.Rules), func(r Rule) bool { return len(r.Resources) == 0 })
		out[p.Name] = p
	}
	return out
})

// PolicyNamed returns what is published about a policy, by its name or ARN.
func PolicyNamed(name string) (ManagedPolicy, bool) {
	p, ok := managed()[PolicyName(name)]
	return p, ok
}

// unsure reports whether nobody can say what a pattern matches.
func unsure(pattern string) bool {
	return strings.ContainsAny(strings.TrimSuffix(pattern, "*"), "*?")
}

// unsure returns a pattern of the scope that may match a namespace (or, for "", any)
// or not; "" when there is none.
func (s PolicyScope) unsure(namespace string) string {
	for _, p := range s.Namespaces {
		if unsure(p) && (namespace == "" || strings.HasPrefix(namespace, p[:strings.IndexAny(p, "*?")])) {
			return p
		}
	}
	return ""
}

// policyRules are the rules that an association gives, none where they are not published.
func policyRules(a PolicyAssociation) []Rule {
	p, ok := PolicyNamed(a.Policy)
	switch {
	case !ok || !p.Known():
		return nil
	case a.Scope.Cluster:
		return p.Rules
	}
	return p.inside
}

// PolicyNames are the names in the table, sorted.
func PolicyNames() []string {
	out := make([]string, 0, len(managed()))
	for n := range managed() {
		out = append(out, n)
	}
	return set(out)
}

// PolicyName is the last part of a policy ARN.
func PolicyName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// PolicyARN builds a policy's ARN in the cluster's partition (EKS service
// authorization reference: arn:PARTITION:eks::aws:cluster-access-policy/NAME).
func PolicyARN(partition, name string) string {
	return "arn:" + partition + ":eks::aws:cluster-access-policy/" + name
}

// scopeMatches reports whether a namespace scope's pattern names the namespace.
// Only a trailing star is documented (EKS user guide, "Associate access policies");
// what a star elsewhere or a question mark would match is unsure.
func scopeMatches(pattern, namespace string) bool {
	prefix, star := strings.CutSuffix(pattern, "*")
	return pattern == namespace || star && strings.HasPrefix(namespace, prefix)
}
