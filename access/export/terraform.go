package export

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/eks-access/kubectl-eks-access/access"
)

// tf is a Terraform file under way. Everything in it is made of HashiCorp's own
// tokens: hclwrite escapes quotes, line ends, ${ and %{ in every text.
type tf struct {
	file  *hclwrite.File
	names map[access.Key]string
	here  map[access.Key]bool // has a resource in this file
}

func terraform(s sheet) string {
	t := tf{file: hclwrite.NewEmptyFile(), here: map[access.Key]bool{}}
	t.note(s.head(Terraform)...)
	about := map[access.Kind]map[access.Key]string{} // names are one of a kind within their type
	// A reference needs its resource, and says to Terraform what comes first.
	add := func(c change) bool {
		if c.is == nil || !writable(c.is) {
			return false
		}
		k := c.key()
		if about[k.Kind] == nil {
			about[k.Kind] = map[access.Key]string{}
		}
		t.here[k], about[k.Kind][k] = true, resourceText(c.is)
		return true
	}
	var all []change
	for _, e := range s.entries {
		for _, c := range append([]change{e.change}, e.policies...) {
			if (s.plan == nil || !access.Same(c.was, c.is)) && add(c) {
				all = append(all, c)
			}
		}
	}
	for _, c := range s.objects {
		if add(c) {
			all = append(all, c)
		} else if c.is != nil {
			t.note("Left out: " + safeName(c.is) + " holds nothing, and the provider takes no empty role or binding.")
		}
	}
	t.names = map[access.Key]string{}
	for _, of := range about {
		maps.Copy(t.names, newNames(200, func(words []string) string { return strings.ToLower(strings.Join(words, "_")) }, of))
	}
	for _, c := range all {
		t.resource(c, s.cluster.Name)
	}
	return string(hclwrite.Format(t.file.Bytes()))
}

// writable reports whether the provider has a form for the object: it wants at least
// one rule in a role and one subject in a binding.
func writable(o access.Object) bool {
	switch o := o.(type) {
	case access.Role:
		return len(o.Rules) > 0 || len(o.Aggregate) > 0
	case access.Binding:
		return len(o.Subjects) > 0
	}
	return true
}

// resourceText is what a resource's name is made of. It begins with a word of ours: a
// name of Terraform begins with a letter.
func resourceText(o access.Object) string {
	switch o := o.(type) {
	case access.AccessEntry:
		return principalWords(o.Principal)
	case access.PolicyAssociation:
		return principalWords(o.Principal) + " " + policyName(o.Policy)
	case access.Namespace:
		return "namespace " + o.Name
	}
	k := o.Key()
	return strings.TrimSpace(map[bool]string{true: "in " + k.Namespace, false: "cluster"}[k.Namespace != ""]) + " " + k.Name
}

// types are the providers' resource types.
var types = map[access.Kind]string{
	access.EntryKind:              "aws_eks_access_entry",
	access.AssociationKind:        "aws_eks_access_policy_association",
	access.NamespaceKind:          "kubernetes_namespace_v1",
	access.RoleKind:               "kubernetes_role_v1",
	access.ClusterRoleKind:        "kubernetes_cluster_role_v1",
	access.RoleBindingKind:        "kubernetes_role_binding_v1",
	access.ClusterRoleBindingKind: "kubernetes_cluster_role_binding_v1",
}

// importID is the id of an import block, in the form that the provider documents for
// the resource (hashicorp/aws: eks_access_entry, eks_access_policy_association;
// hashicorp/kubernetes: namespace/name, or the name).
func importID(o access.Object, cluster string) string {
	switch o := o.(type) {
	case access.AccessEntry:
		return cluster + ":" + o.Principal
	case access.PolicyAssociation:
		return cluster + "#" + o.Principal + "#" + o.Policy
	}
	k := o.Key()
	if k.Namespace == "" {
		return k.Name
	}
	return k.Namespace + "/" + k.Name
}

func (t tf) resource(c change, cluster string) {
	name := t.names[c.key()]
	kind := types[c.key().Kind]
	body := t.file.Body()
	body.AppendNewline()
	if c.was != nil {
		block := body.AppendNewBlock("import", nil).Body()
		block.SetAttributeTraversal("to", address(kind, name))
		block.SetAttributeValue("id", word(importID(c.is, cluster)))
		body.AppendNewline()
	}
	block := body.AppendNewBlock("resource", []string{kind, name}).Body()
	switch o := c.is.(type) {
	case access.AccessEntry:
		t.entry(block, c, o, cluster)
	case access.PolicyAssociation:
		t.association(block, o, cluster)
	case access.Namespace:
		metadata(block, o.Name, o.Meta)
	case access.Role:
		t.role(block, o)
	case access.Binding:
		t.binding(block, o)
	}
}

// entry leaves out what EKS sets by itself. A change says groups and user name in
// full: the provider keeps what is not said.
func (t tf) entry(b *hclwrite.Body, c change, e access.AccessEntry, cluster string) {
	b.SetAttributeValue("cluster_name", word(cluster))
	b.SetAttributeValue("principal_arn", word(e.Principal))
	b.SetAttributeValue("type", word(orStandard(e.Type)))
	name := username(e)
	if changes(c) && standard(e) {
		name = e.Username
	}
	if name != "" {
		b.SetAttributeValue("user_name", word(name))
	}
	if g := groups(e); len(g) > 0 || changes(c) && standard(e) {
		b.SetAttributeValue("kubernetes_groups", words(g))
	}
	if len(e.Tags) > 0 {
		b.SetAttributeValue("tags", table(e.Tags))
	}
}

// changes reports whether an object that exists gets other content.
func changes(c change) bool { return c.was != nil && !access.Same(c.was, c.is) }

func (t tf) association(b *hclwrite.Body, a access.PolicyAssociation, cluster string) {
	b.SetAttributeValue("cluster_name", word(cluster))
	if k := (access.AccessEntry{In: a.In, Principal: a.Principal}).Key(); t.here[k] {
		b.SetAttributeTraversal("principal_arn", append(address(types[k.Kind], t.names[k]), hcl.TraverseAttr{Name: "principal_arn"}))
	} else {
		b.SetAttributeValue("principal_arn", word(a.Principal))
	}
	b.SetAttributeValue("policy_arn", word(a.Policy))
	b.AppendNewline()
	scope := b.AppendNewBlock("access_scope", nil).Body()
	if a.Scope.Cluster {
		scope.SetAttributeValue("type", word("cluster"))
		return
	}
	scope.SetAttributeValue("type", word("namespace"))
	scope.SetAttributeValue("namespaces", words(set(a.Scope.Namespaces)))
}

// note appends a comment.
func (t tf) note(lines ...string) {
	t.file.Body().AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte(comment("#", lines))}})
}

func address(kind, name string) hcl.Traversal {
	return hcl.Traversal{hcl.TraverseRoot{Name: kind}, hcl.TraverseAttr{Name: name}}
}

func word(s string) cty.Value { return cty.StringVal(s) }

func words(list []string) cty.Value {
	if len(list) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	var out []cty.Value
	for _, s := range list {
		out = append(out, word(s))
	}
	return cty.ListVal(out)
}

func table(m map[string]string) cty.Value {
	out := map[string]cty.Value{}
	for k, v := range m {
		out[k] = word(v)
	}
	return cty.MapVal(out)
}

func orStandard(kind string) string {
	if kind == "" {
		return access.StandardType
	}
	return kind
}
