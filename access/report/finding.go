package report

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Finding is what a finding says, and what to do about it.
func Finding(f access.Finding) (text, fix string) {
	s, ok := findings(f.Code)
	if !ok {
		text = string(f.Code)
		if len(f.Args) > 0 {
			text += ": " + strings.Join(words(f.Args), ", ")
		}
		return Safe(text), ""
	}
	text, fix = fill(s.text, f.Args, f.About), fill(s.fix, f.Args, f.About)
	if f.Severity == access.Confirm {
		// What only a person can risk is accepted by its code, never by a blanket yes.
		accept := "accept it with --accept " + string(f.Code)
		if fix != "" {
			accept = fix + "; or " + accept
		}
		fix = Safe(accept)
	}
	return text, fix
}

func findings(c access.Code) (sentence, bool) {
	if s, ok := clusterFindings[c]; ok {
		return s, true
	}
	s, ok := planFindings[c]
	return s, ok
}

// clusterFindings are about the cluster as it stands.
var clusterFindings = map[access.Code]sentence{
	access.CallersDiffer: {
		"AWS is asked as {0}, kubectl talks to the cluster as {1}",
		"use one profile for both: --profile, or the env and args of the kubeconfig's exec section"},
	access.EndpointDiffers: {
		"the kubeconfig's server {0} is not the cluster's endpoint {1}",
		"check the context, or name the right cluster with --cluster-name and --region"},
	access.ClusterNotActive: {
		"the cluster is {0}: EKS may refuse changes until it is ACTIVE",
		"wait, then run this again: aws eks wait cluster-active --name {k}"},
	access.HiddenCreator: {
		"whoever created the cluster is an administrator, and in the mode {0} no list shows who that is",
		"keep that role safe; in the mode API_AND_CONFIG_MAP it gets an access entry: kubectl eks-access migrate --to API_AND_CONFIG_MAP"},
	access.MapUnreadable: {
		"the authenticator can't read aws-auth {0}{l1} as it is meant, and what it can't read gives nobody access: {2}",
		"correct the YAML: kubectl edit configmap aws-auth --namespace kube-system; we never rewrite what we can't read"},
	access.MapComplaint: {
		"aws-auth {0}{l1}: {3}",
		"correct the item: kubectl edit configmap aws-auth --namespace kube-system"},
	access.MapAbsent: {
		"there is no aws-auth ConfigMap, which is normal while nothing is mapped in it (mode {0})",
		""},
	access.MappingShadowed: {
		"the aws-auth item of {p0}{l2} has no effect: {r1}",
		"it goes with a migration: kubectl eks-access migrate {a0}"},
	access.MappingUnmatchable: {
		"the mapping of {p0}{l2} never matches: {r1}",
		"if access is meant: kubectl eks-access grant {a0} --level LEVEL; then remove the item from aws-auth"},
	access.MappingDead: {
		"the mapping of {p0} gives nothing: {r1}",
		"remove it (an entry: aws eks delete-access-entry --cluster-name {k} --principal-arn {a0}), and grant anew if access is meant"},
	access.MappingDormant: {
		"the mapping of {p0} is not read in the mode {1}",
		"if access is meant: kubectl eks-access migrate {a0}"},
	access.MappingUnknown: {
		"whether the mapping of {p0} counts is not known: {r1}",
		"read again when what is missing can be read (see the gaps)"},
	access.EntryNarrower: {
		"{p0} had more from its aws-auth item than its access entry gives now",
		"give the entry what is missing: kubectl eks-access grant {a0} --level LEVEL"},
	access.AggregationPending: {
		"ClusterRole {0} does not have all rules of the roles it aggregates yet",
		"the kube-controller-manager fills them in; until then the rules as stored count"},
	access.PolicyUnknown: {
		"AWS does not publish the rules of {0}, so what {p1} may do through it is unknown",
		"ask as that principal: kubectl auth can-i VERB RESOURCE"},
	access.GroupUnbound: {
		"{p1} is in the group {0}, which no binding names: it gives nothing",
		"correct the name, or bind it: kubectl create rolebinding NAME --clusterrole view --group {a0} --namespace NS"},
	access.RoleMissing: {
		"{0} refers to {1}, which does not exist: it gives nothing",
		"create the role, or delete the binding"},
	access.BridgeLeft: {
		"{0} is a bridge that a stopped migration left behind",
		"run the migration again to finish it: kubectl eks-access migrate; or take it back: kubectl eks-access undo"},
}
