package export

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/awsauth"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// eksctl writes a ClusterConfig with the names of eksctl's published schema
// (pkg/apis/eksctl.io/v1alpha5/assets/schema.json) and nothing else: it refuses
// unknown ones.
func eksctl(s sheet) string {
	notes := s.head(Eksctl)
	entries := list()
	entries.Style = 0
	for _, e := range s.entries {
		switch {
		case e.is == nil:
			continue
		case s.plan != nil && e.was != nil:
			notes = append(notes, "- Left out: the entry of "+report.Safe(e.now().Principal)+" exists and changes, which eksctl can't do. The aws-cli form can.")
			continue
		}
		o := e.now()
		policies := list()
		policies.Style = 0
		for _, a := range e.kept() {
			scope := dict("type", "cluster")
			if !a.Scope.Cluster {
				scope = dict("type", "namespace", "namespaces", set(a.Scope.Namespaces))
			}
			policies.Content = append(policies.Content, dict("policyARN", a.Policy, "accessScope", scope))
		}
		entries.Content = append(entries.Content, dict("principalARN", o.Principal, "type", orStandard(o.Type),
			"kubernetesGroups", groups(o), "kubernetesUsername", username(o), "accessPolicies", some(policies)))
	}
	mode := ""
	if s.mode != nil {
		mode = string(s.mode.is.(access.AuthMode).Mode)
	}
	mappings := list()
	mappings.Style = 0
	added, removed := s.items()
	for _, it := range added {
		if it.Section == awsauth.MapAccounts {
			mappings.Content = append(mappings.Content, dict("account", text(it.ARN)))
			continue
		}
		mappings.Content = append(mappings.Content, dict("arn", it.ARN, "username", it.Username, "groups", it.Groups))
	}
	if len(added) > 0 {
		notes = append(notes, "- eksctl create iamidentitymapping -f adds the iamIdentityMappings; it writes aws-auth anew, without comments and unknown keys.")
	}
	for _, it := range removed {
		notes = append(notes, "- To be removed by you, once the entries are in force: the aws-auth item of "+report.Safe(it.ARN)+", by eksctl delete iamidentitymapping (which removes the first of several).")
	}
	doc := dict("apiVersion", "eksctl.io/v1alpha5", "kind", "ClusterConfig",
		"metadata", dict("name", s.cluster.Name, "region", s.cluster.Region),
		"iamIdentityMappings", some(mappings),
		"accessConfig", some(dict("authenticationMode", mode, "accessEntries", some(entries))))
	return comment("#", notes) + encodeYAML(doc)
}

// items are the aws-auth items that this sheet adds (all of them, if it is of what
// exists) and those it takes away. Items that the authenticator leaves out have no
// meaning to carry over.
func (s sheet) items() (added, removed []awsauth.Item) {
	if s.authMap == nil {
		return nil, nil
	}
	read := func(o access.Object) []awsauth.Item {
		am, _ := o.(access.AuthMap)
		return awsauth.Parse(am.Data).Items
	}
	is := read(s.authMap.is)
	if s.plan == nil {
		return without(is, nil), nil
	}
	was := read(s.authMap.was)
	return without(is, was), without(was, is)
}

// without are the items of one reading that the other does not have.
func without(in, out []awsauth.Item) []awsauth.Item {
	same := func(it awsauth.Item) string {
		return strings.Join(append([]string{string(it.Section), it.ARN, it.Username}, it.Groups...), "\x00")
	}
	had := map[string]bool{}
	for _, it := range out {
		had[same(it)] = true
	}
	var left []awsauth.Item
	for _, it := range in {
		if it.Dropped == "" && !it.SSO && !had[same(it)] {
			left = append(left, it)
		}
	}
	return left
}
