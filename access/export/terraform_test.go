package export

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/eks-access/kubectl-eks-access/access"
)

// tfBlock is a block of a Terraform file: what HashiCorp's own parser reads.
type tfBlock struct {
	kind   string
	labels []string
	attrs  map[string]any
	blocks []tfBlock
}

// parseTF reads a file and evaluates all of it, references as their text. Whatever
// would be a template or a call is an error: there are no variables and no functions.
func parseTF(t *testing.T, text string) []tfBlock {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(text), "x.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	body := f.Body.(*hclsyntax.Body)
	if len(body.Attributes) > 0 {
		t.Fatalf("attributes at the top:\n%s", text)
	}
	return readBlocks(t, body)
}

func readBlocks(t *testing.T, body *hclsyntax.Body) []tfBlock {
	t.Helper()
	var out []tfBlock
	for _, b := range body.Blocks {
		n := tfBlock{kind: b.Type, labels: b.Labels, attrs: map[string]any{}, blocks: readBlocks(t, b.Body)}
		for name, a := range b.Body.Attributes {
			if tr, diags := hcl.AbsTraversalForExpr(a.Expr); !diags.HasErrors() {
				n.attrs[name] = reference(tr)
				continue
			}
			v, diags := a.Expr.Value(&hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: map[string]function.Function{}})
			if diags.HasErrors() {
				t.Fatalf("%s: %v", name, diags)
			}
			n.attrs[name] = plain(v)
		}
		out = append(out, n)
	}
	return out
}

// ref is a reference to another resource of the file.
type ref string

func reference(tr hcl.Traversal) ref {
	var b strings.Builder
	b.WriteString(tr.RootName())
	for _, s := range tr[1:] {
		switch s := s.(type) {
		case hcl.TraverseAttr:
			b.WriteString("." + s.Name)
		case hcl.TraverseIndex:
			b.WriteString("[" + s.Key.AsBigFloat().String() + "]")
		}
	}
	return ref(b.String())
}

func plain(v cty.Value) any {
	switch {
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type().IsTupleType():
		out := []string{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			out = append(out, e.AsString())
		}
		return out
	case v.Type().IsObjectType():
		out := map[string]string{}
		for k, e := range v.AsValueMap() {
			out[k] = e.AsString()
		}
		return out
	}
	panic(v.GoString())
}

func (b tfBlock) child(kind string) tfBlock {
	for _, c := range b.blocks {
		if c.kind == kind {
			return c
		}
	}
	return tfBlock{}
}

func resources(bs []tfBlock) (found map[string]tfBlock, imports map[ref]string) {
	found, imports = map[string]tfBlock{}, map[ref]string{}
	for _, b := range bs {
		if b.kind == "import" {
			imports[b.attrs["to"].(ref)] = b.attrs["id"].(string)
		} else {
			found[strings.Join(b.labels, ".")] = b
		}
	}
	return found, imports
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_-]*$`)

// normal is a text as HCL reads it: in Unicode's NFC, as cty makes of all strings.
func normal(s string) string { return cty.StringVal(s).AsString() }

// TestTerraformSurvivesNames reads every hostile file back with HashiCorp's parser and
// compares the values, one by one.
func TestTerraformSurvivesNames(t *testing.T) {
	every(t, Terraform, func(t *testing.T, text, file string, planned bool) {
		bs := parseTF(t, file)
		found, imports := resources(bs)
		if len(found) != 4 || (planned && len(imports) != 0) || (!planned && len(imports) != 4) {
			t.Fatalf("%q: %d resources, %d imports\n%s", text, len(found), len(imports), file)
		}
		for address, b := range found {
			if !identifier.MatchString(b.labels[1]) {
				t.Errorf("%q: resource %s", text, address)
			}
			arn := normal("arn:aws:iam::111122223333:role/" + text)
			policy := normal("arn:aws:eks::aws:cluster-access-policy/P" + text)
			id, want := imports[ref(address)], ""
			switch b.labels[0] {
			case "aws_eks_access_entry":
				want = "prod:" + arn
				if d := cmp.Diff(map[string]any{"cluster_name": "prod", "principal_arn": arn, "type": "STANDARD", "user_name": normal("u:" + text),
					"kubernetes_groups": set([]string{normal("g:" + text), "plain"}), "tags": map[string]string{normal("k" + text): normal("v" + text)}}, b.attrs); d != "" {
					t.Errorf("%q: %s", text, d)
				}
			case "aws_eks_access_policy_association":
				want = "prod#" + arn + "#" + policy
				if b.attrs["policy_arn"] != policy || !strings.HasPrefix(string(b.attrs["principal_arn"].(ref)), "aws_eks_access_entry.") {
					t.Errorf("%q: %v", text, b.attrs)
				}
				if d := cmp.Diff(map[string]any{"type": "namespace", "namespaces": set([]string{normal("ns" + text), "other"})}, b.child("access_scope").attrs); d != "" {
					t.Errorf("%q: %s", text, d)
				}
			case "kubernetes_role_v1":
				want = normal("ns" + text + "/role" + text)
				if d := cmp.Diff(map[string]any{"name": normal("role" + text), "namespace": normal("ns" + text), "labels": map[string]string{normal("l" + text): normal(text)}, "annotations": map[string]string{normal("a" + text): normal(text)}}, b.child("metadata").attrs); d != "" {
					t.Errorf("%q: %s", text, d)
				}
				if d := cmp.Diff(map[string]any{"api_groups": []string{"", normal(text)}, "resources": []string{normal("pods" + text)}, "resource_names": []string{normal("n" + text)}, "verbs": []string{"get"}}, b.child("rule").attrs); d != "" {
					t.Errorf("%q: %s", text, d)
				}
			case "kubernetes_role_binding_v1":
				want = normal("ns" + text + "/binding" + text)
				if d := cmp.Diff(map[string]any{"kind": "User", "name": normal("u:" + text), "api_group": "rbac.authorization.k8s.io"}, b.child("subject").attrs); d != "" {
					t.Errorf("%q: %s", text, d)
				}
				if name, ok := b.child("role_ref").attrs["name"].(ref); !ok || found[strings.TrimSuffix(string(name), ".metadata[0].name")].kind == "" {
					t.Errorf("%q: the role is %v", text, b.child("role_ref").attrs["name"])
				}
			default:
				t.Errorf("%q: a resource of type %s", text, b.labels[0])
			}
			if !planned && id != want {
				t.Errorf("%q: import id %q, want %q", text, id, want)
			}
		}
	})
}

// TestTerraformChanges: a change of what exists is imported, and says in full what the
// provider would keep.
func TestTerraformChanges(t *testing.T) {
	s, _ := s3(t)
	p := build(t, s, access.ChangeIdentity{Principal: principal(t, "arn:aws:iam::123456789012:role/teams/orders-oncall"), Drop: []string{"orders-oncall"}})
	found, imports := resources(parseTF(t, exported(t, Terraform, s, p)))
	b := found["aws_eks_access_entry.role_orders_oncall"]
	if len(found) != 1 || imports["aws_eks_access_entry.role_orders_oncall"] != "eks-workshop:arn:aws:iam::123456789012:role/teams/orders-oncall" {
		t.Errorf("%v, %v", found, imports)
	}
	if d := cmp.Diff([]string{}, b.attrs["kubernetes_groups"]); d != "" {
		t.Error(d)
	}
}

// TestTerraformNamesTheSame: resources whose names differ in signs only, and one that is
// named like the digest of another.
func TestTerraformNamesTheSame(t *testing.T) {
	s := world(t, "s3")
	add := func(name string) {
		s.Objects = s.Objects.With(access.AccessEntry{In: "eks:eks-workshop", Principal: "arn:aws:iam::123456789012:role/" + name, Type: "STANDARD"})
	}
	for _, name := range []string{"a-b", "a_b", "a.b", "A-b"} {
		add(name)
	}
	forged := regexp.MustCompile(`role_(a_b_x[0-9a-f]{16})"`).FindStringSubmatch(Now(Terraform, access.NewIndex(s), Options{}))
	if forged == nil {
		t.Fatal("no name with a digest")
	}
	add(forged[1])
	text := Now(Terraform, access.NewIndex(s), Options{})
	found, imports := resources(parseTF(t, text))
	if n := strings.Count(text, `resource "aws_eks_access_entry"`); n != 15 || len(found) != len(imports) || strings.Count(text, "\nresource ") != len(found) {
		t.Errorf("%d entries, %d of %d resources have an address of their own", n, len(found), strings.Count(text, "\nresource "))
	}
}
