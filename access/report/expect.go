package report

import (
	"cmp"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Expect is an expectation as a statement: "eks-workshop-admins may get pods in carts".
func Expect(e access.Expect) string {
	if e.Object != nil {
		return Safe(objectName(e.Object) + " reads back as previewed")
	}
	name := Name(e.Principal)
	if e.Principal.Kind == "" && e.Principal.ARN == "" {
		name = word(cmp.Or(e.Identity.User, strings.Join(e.Identity.Groups, ", ")))
	}
	return Safe(name + pick(e.Want, " may ", " may not ") + request(e.Request))
}

// objectName names an object within a sentence.
func objectName(o access.Object) string {
	switch o := o.(type) {
	case access.AccessEntry:
		return "access entry of " + who(o.Principal)
	case access.PolicyAssociation:
		return access.PolicyName(o.Policy) + " of " + who(o.Principal) + " (" + scope(o.Scope) + ")"
	case access.AuthMap:
		return "aws-auth"
	}
	return strings.ReplaceAll(StepTitle(access.Step{After: o}), "  ", " ")
}

func request(q access.Request) string {
	if q.URL != "" {
		return q.Verb + " " + word(q.URL)
	}
	if q.Verb == "*" && q.Resource == "*" {
		return "do everything " + in(q.Namespace)
	}
	what := word(q.Resource)
	if q.Group != "" && q.Group != "*" {
		what += "." + word(q.Group)
	}
	if q.Subresource != "" {
		what += "/" + word(q.Subresource)
	}
	if q.Name != "" {
		what += " " + word(q.Name)
	}
	return q.Verb + " " + what + " " + in(q.Namespace)
}

// Proof is an expectation with what was seen. What can't be proven is never shown as ok.
func Proof(p access.Proof) Line {
	detail := ""
	if text := strings.TrimSpace(p.Detail); text != "" {
		detail = "  (" + text + ")"
	}
	switch p.State {
	case access.Proven:
		return say(Good, "✓ ", Expect(p.Expect), as(p.Expect), detail)
	case access.Disproven:
		return say(Bad, "✗ not so: ", Expect(p.Expect), as(p.Expect), detail)
	}
	return say(Warn, "? not provable from here: ", Expect(p.Expect), detail)
}

// as says as whom the server was asked, where the principal's name does not.
func as(e access.Expect) string {
	if e.Object != nil || e.Policies || e.Principal.Kind == "" || e.Identity.User == "" {
		return ""
	}
	return ", asked as " + word(e.Identity.User)
}
