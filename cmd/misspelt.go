package cmd

import (
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// misspelt looks through what is wished for names that the cluster does not have. A
// namespace may be made later, so one that is nearly that of another is remarked. A
// ClusterRole must be there: its error goes with the intent that names it.
func misspelt(ix *access.Index, rules string, intents ...access.Intent) (remarks []report.Line, at int, err error) {
	spaces, roles := ix.Namespaces(), clusterRoles(ix)
	for _, in := range intents {
		switch in := in.(type) {
		case access.MakeNamespaces:
			spaces = append(slices.Clone(spaces), in.Names...)
		case access.MakeRole:
			roles = append(roles, in.Role.Name)
		}
		if ns, _, create, _ := places(in); create {
			spaces = append(slices.Clone(spaces), ns...)
		}
		if _, role, _, made := places(in); made {
			roles = append(roles, role)
		}
	}
	for i, in := range intents {
		namespaces, role, _, _ := places(in)
		for _, ns := range namespaces {
			if near := nearest(ns, ix.Namespaces()); near != "" && !slices.Contains(spaces, ns) && readWhole(ix, access.NamespaceKind) {
				if l := report.Misspelt(ns, near); !slices.Contains(remarks, l) {
					remarks = append(remarks, l)
				}
			}
		}
		if role == "" || slices.Contains(roles, role) || !readWhole(ix, access.ClusterRoleKind) {
			continue
		}
		text := fmt.Sprintf("ClusterRole %q does not exist", role)
		if near := nearest(role, roles); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		return remarks, i, usage("%s\nsee kubectl get clusterroles; to make it, give its rules with %s", text, rules)
	}
	return remarks, 0, nil
}

// places are the namespaces and the ClusterRole that an intent names, and whether it
// makes them where they are not there.
func places(in access.Intent) (namespaces []string, role string, create, made bool) {
	switch in := in.(type) {
	case access.GrantAccess:
		return in.Namespaces, in.ClusterRole, in.CreateNamespaces, in.ClusterRole != "" && in.RoleObject != nil
	case access.BindRole:
		return in.Namespaces, in.ClusterRole, in.CreateNamespaces, in.ClusterRole != "" && in.RoleObject != nil
	case access.MakeRole:
		return in.Namespaces, "", in.CreateNamespaces, false
	case access.ChangeScope:
		return in.Namespaces, "", false, false
	}
	return nil, "", false, false
}

func clusterRoles(ix *access.Index) []string {
	var out []string
	for _, r := range access.Of[access.Role](ix.Snapshot().Objects) {
		if r.Namespace == "" {
			out = append(out, r.Name)
		}
	}
	return out
}

// readWhole reports whether all objects of a kind are known: what is not among them is
// not there.
func readWhole(ix *access.Index, kind access.Kind) bool {
	_, gap := ix.Snapshot().Gap(ix.Snapshot().Realm("kube"), kind, "")
	return !gap
}
