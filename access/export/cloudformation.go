package export

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Limits of CloudFormation: resources in a template (its quotas), and policies of an
// entry (the schema of AWS::EKS::AccessEntry).
const (
	mostResources = 500
	mostPolicies  = 20
)

// cloudFormation writes a template of AWS::EKS::AccessEntry, the names of whose
// properties are those of the resource's schema (CloudFormation template reference).
// What exists has a line for the list that an import takes, and is retained when its
// resource goes: a deleted stack must not lock anybody out.
func cloudFormation(s sheet) string {
	about, notes := map[access.Key]string{}, s.head(CloudFormation)
	var here []entry
	for _, e := range s.entries {
		if e.is == nil {
			continue
		}
		if why := unfit(e); why != "" {
			notes = append(notes, "- Left out: the entry of "+report.Safe(e.now().Principal)+": "+why)
			continue
		}
		here = append(here, e)
		about[e.key()] = "Entry " + principalWords(e.now().Principal)
	}
	if len(here) > mostResources {
		notes = append(notes, fmt.Sprintf("- WARNING: a template holds %d resources at most, and this has %d: split it.", mostResources, len(here)))
	}
	if len(here) == 0 {
		return comment("#", append(notes, "There is no access entry to declare."))
	}
	ids := newNames(255, camel, about)
	resources := dict()
	for _, e := range here {
		id, k := ids[e.key()], text(ids[e.key()])
		r := dict("Type", "AWS::EKS::AccessEntry")
		if e.was != nil {
			r = dict("Type", "AWS::EKS::AccessEntry", "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain")
			k.HeadComment = "To import: " + encodeJSON(map[string]any{"ResourceType": "AWS::EKS::AccessEntry", "LogicalResourceId": id,
				"ResourceIdentifier": map[string]string{"PrincipalArn": e.now().Principal, "ClusterName": s.cluster.Name}})
		}
		r.Content = append(r.Content, text("Properties"), properties(e, s.cluster.Name))
		resources.Content = append(resources.Content, k, r)
	}
	doc := dict("AWSTemplateFormatVersion", "2010-09-09", "Description", "Access entries of EKS cluster "+s.cluster.Name, "Resources", resources)
	doc.Content[1].Style = yaml.DoubleQuotedStyle // a date to YAML 1.1
	return comment("#", notes) + encodeYAML(doc)
}

func properties(e entry, cluster string) *yaml.Node {
	o := e.now()
	policies := list()
	policies.Style = 0
	for _, a := range e.kept() {
		scope := dict("Type", "cluster")
		if !a.Scope.Cluster {
			scope = dict("Type", "namespace", "Namespaces", set(a.Scope.Namespaces))
		}
		policies.Content = append(policies.Content, dict("PolicyArn", a.Policy, "AccessScope", scope))
	}
	tags := list()
	tags.Style = 0
	for _, k := range sorted(o.Tags) {
		tags.Content = append(tags.Content, dict("Key", text(k), "Value", text(o.Tags[k])))
	}
	return dict("ClusterName", cluster, "PrincipalArn", o.Principal, "Type", orStandard(o.Type), "Username", said(e),
		"KubernetesGroups", groups(o), "AccessPolicies", some(policies), "Tags", some(tags))
}

// said is the user name to declare: one that a plan changes is said in full.
func said(e entry) string {
	if changes(e.change) && standard(e.now()) {
		return e.now().Username
	}
	return username(e.now())
}

func some(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

// unfit says why a template can't hold an entry. CloudFormation resolves {{resolve:…}}
// wherever it stands, also when put together by a function, so a name of that form
// would fetch a parameter or a secret (CloudFormation user guide, "Dynamic references").
func unfit(e entry) string {
	o := e.now()
	values := append([]string{o.Principal, o.Username}, o.Groups...)
	for k, v := range o.Tags {
		values = append(values, k, v)
	}
	for _, a := range e.kept() {
		values = append(append(values, a.Policy), a.Scope.Namespaces...)
	}
	for _, v := range values {
		if strings.Contains(v, "{{resolve:") {
			return "a name in it is a dynamic reference, which CloudFormation would resolve."
		}
	}
	for k := range o.Tags {
		if strings.HasPrefix(k, "aws:") {
			return "its tag " + report.Safe(k) + " says that another stack owns it."
		}
	}
	if len(e.policies) > mostPolicies {
		return fmt.Sprintf("it has %d policies, and the resource takes %d.", len(e.policies), mostPolicies)
	}
	return ""
}

// camel joins words as logical ids are written: letters and digits alone.
func camel(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return cmp.Or(b.String(), "Entry")
}
