package export

import (
	"fmt"

	"github.com/eks-access/kubectl-eks-access/access"
)

// input is the input of an operation, in the names of the EKS API.
type input map[string]any

func about(in access.Realm, principal string) input {
	return input{"clusterName": in.Name(), "principalArn": principal}
}

// call writes the one call that makes a change of the EKS half.
func (w *sh) call(st access.Step) {
	var operation string
	var in input
	switch o := anyOf(st).(type) {
	case access.AuthMode:
		w.line("  switch %s", payload(input{"name": o.In.Name(), "accessConfig": input{"authenticationMode": o.Mode}}))
		return
	case access.AccessEntry:
		in = about(o.In, o.Principal)
		switch {
		case st.After == nil:
			operation = "delete-access-entry"
		case st.Before == nil:
			operation = "create-access-entry"
			in["type"] = orStandard(o.Type)
			if name := username(o); name != "" {
				in["username"] = name
			}
			if g := groups(o); len(g) > 0 {
				in["kubernetesGroups"] = g
			}
			if len(o.Tags) > 0 {
				in["tags"] = o.Tags
			}
		default: // absent keeps, an empty list clears (EKS API reference, UpdateAccessEntry)
			operation = "update-access-entry"
			in["username"], in["kubernetesGroups"] = fullName(o), append([]string{}, groups(o)...)
		}
	case access.PolicyAssociation:
		in = about(o.In, o.Principal)
		in["policyArn"] = o.Policy
		operation = "disassociate-access-policy"
		if st.After != nil {
			operation = "associate-access-policy"
			in["accessScope"] = input{"type": "cluster"}
			if !o.Scope.Cluster {
				in["accessScope"] = input{"type": "namespace", "namespaces": set(o.Scope.Namespaces)}
			}
		}
	default:
		panic(fmt.Sprintf("step on %T", o))
	}
	w.line("  write %s %s", operation, payload(in))
}

// fullName is the user name that an entry reads back with.
func fullName(e access.AccessEntry) string {
	if p, err := access.ParsePrincipal(e.Principal); e.Username == "" && err == nil {
		return access.DefaultUsername(p)
	}
	return e.Username
}

// literal is a value in a query of the AWS CLI.
func literal(v any) string { return "`" + inert(v) + "`" }

// query asks whether an object reads back like this one: true or false; null when a
// policy is not associated. Lists are compared sorted by the CLI on both sides.
func query(o access.Object) string {
	switch o := o.(type) {
	case access.AuthMode:
		return "cluster.accessConfig.authenticationMode == " + literal(o.Mode)
	case access.AccessEntry:
		q := "accessEntry.type == " + literal(orStandard(o.Type))
		if standard(o) {
			q += " && accessEntry.username == " + literal(fullName(o)) + " && " + sameList("accessEntry.kubernetesGroups", groups(o))
		}
		if id := o.Tags[access.MadeFor]; id != "" {
			q += ` && accessEntry.tags."` + access.MadeFor + `" == ` + literal(id)
		}
		return q
	case access.PolicyAssociation:
		kind := map[bool]string{true: "cluster", false: "namespace"}[o.Scope.Cluster]
		return "associatedAccessPolicies[?policyArn == " + literal(o.Policy) + "].[accessScope.type == " + literal(kind) + " && " +
			sameList("accessScope.namespaces", set(o.Scope.Namespaces)) + "] | [0][0]"
	}
	panic(fmt.Sprintf("query of %T", o))
}

func sameList(path string, want []string) string {
	return "sort(" + path + " || `[]`) == sort(" + literal(append([]string{}, want...)) + ")"
}
