package export

import (
	"cmp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

func metadata(b *hclwrite.Body, name string, m access.Meta) *hclwrite.Body {
	meta := b.AppendNewBlock("metadata", nil).Body()
	meta.SetAttributeValue("name", word(name))
	if len(m.Labels) > 0 {
		meta.SetAttributeValue("labels", table(m.Labels))
	}
	if len(m.Annotations) > 0 {
		meta.SetAttributeValue("annotations", table(m.Annotations))
	}
	return meta
}

// within says the namespace, by reference where this file makes it.
func (t tf) within(meta *hclwrite.Body, realm access.Realm, namespace string) {
	if namespace == "" {
		return
	}
	if k := (access.Namespace{In: realm, Name: namespace}).Key(); t.here[k] {
		meta.SetAttributeTraversal("namespace", t.nameOf(k))
		return
	}
	meta.SetAttributeValue("namespace", word(namespace))
}

// nameOf refers to the name of another resource of this file.
func (t tf) nameOf(k access.Key) hcl.Traversal {
	return append(address(types[k.Kind], t.names[k]), hcl.TraverseAttr{Name: "metadata"},
		hcl.TraverseIndex{Key: cty.NumberIntVal(0)}, hcl.TraverseAttr{Name: "name"})
}

// role leaves out the rules of an aggregated ClusterRole: the controller fills them.
func (t tf) role(b *hclwrite.Body, r access.Role) {
	t.within(metadata(b, r.Name, r.Meta), r.In, r.Namespace)
	if len(r.Aggregate) > 0 {
		b.AppendNewline()
		rule := b.AppendNewBlock("aggregation_rule", nil).Body()
		for _, s := range r.Aggregate {
			sel := rule.AppendNewBlock("cluster_role_selectors", nil).Body()
			if len(s.MatchLabels) > 0 {
				sel.SetAttributeValue("match_labels", table(s.MatchLabels))
			}
			for _, e := range s.MatchExpressions {
				m := sel.AppendNewBlock("match_expressions", nil).Body()
				m.SetAttributeValue("key", word(e.Key))
				m.SetAttributeValue("operator", word(string(e.Operator)))
				m.SetAttributeValue("values", words(e.Values))
			}
		}
		return
	}
	for _, rule := range r.Rules {
		b.AppendNewline()
		out := b.AppendNewBlock("rule", nil).Body()
		for _, f := range []struct {
			name   string
			values []string
		}{{"api_groups", rule.APIGroups}, {"resources", rule.Resources}, {"resource_names", rule.ResourceNames}, {"non_resource_urls", rule.NonResourceURLs}, {"verbs", rule.Verbs}} {
			if len(f.values) > 0 {
				out.SetAttributeValue(f.name, words(f.values))
			}
		}
	}
}

func (t tf) binding(b *hclwrite.Body, o access.Binding) {
	t.within(metadata(b, o.Name, o.Meta), o.In, o.Namespace)
	b.AppendNewline()
	ref := b.AppendNewBlock("role_ref", nil).Body()
	ref.SetAttributeValue("api_group", word(cmp.Or(o.Role.APIGroup, rbacv1.GroupName)))
	ref.SetAttributeValue("kind", word(o.Role.Kind))
	k := access.Key{Realm: o.In, Kind: access.Kind(o.Role.Kind), Name: o.Role.Name}
	if k.Kind == access.RoleKind {
		k.Namespace = o.Namespace
	}
	if t.here[k] {
		ref.SetAttributeTraversal("name", t.nameOf(k))
	} else {
		ref.SetAttributeValue("name", word(o.Role.Name))
	}
	for _, s := range o.Subjects {
		b.AppendNewline()
		sub := b.AppendNewBlock("subject", nil).Body()
		sub.SetAttributeValue("kind", word(s.Kind))
		sub.SetAttributeValue("name", word(s.Name))
		if s.Kind == rbacv1.ServiceAccountKind {
			sub.SetAttributeValue("namespace", word(cmp.Or(s.Namespace, o.Namespace)))
		} else {
			sub.SetAttributeValue("api_group", word(cmp.Or(s.APIGroup, rbacv1.GroupName)))
		}
	}
}
