package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// head is the comment at the top of an export, without comment signs: what it is,
// what to know before using it, and what it can't carry. Its lines are safe for a
// comment: names in it can't end the line.
func (s sheet) head(f Format) []string {
	out := []string{fmt.Sprintf("Access of EKS cluster %s (%s), written by kubectl eks-access.", report.Safe(s.cluster.Name), report.Safe(s.cluster.ARN))}
	if s.plan == nil {
		out = append(out, "What exists now.")
	} else {
		for _, in := range s.plan.Intents {
			out = append(out, "Plan: "+report.Safe(in))
		}
		out = append(out, "Plan digest "+s.plan.Digest()[:16]+": kubectl eks-access previews what it changes for whom.")
		for _, c := range s.plan.Confirms() {
			out = append(out, "To be accepted by a person before this is used: "+string(c))
		}
	}
	for _, w := range append(s.warnings(f), s.lacks(f)...) {
		out = append(out, "- "+w)
	}
	return out
}

// warnings are what can hurt.
func (s sheet) warnings(f Format) []string {
	var out []string
	if f == AWSCLI {
		return nil // it has the plan's own order, with its bridge and its waits
	}
	if f != Kubectl {
		for _, e := range s.entries {
			if e.window {
				out = append(out, "WARNING: "+report.Safe(e.key().Name)+" has no rights for some seconds: its access entry replaces its aws-auth mapping at once, and the policy follows. "+
					"kubectl eks-access apply and the aws-cli form have no such moment.")
			}
		}
		if s.plan != nil && s.mode != nil {
			was, is := s.mode.was.(access.AuthMode).Mode, s.mode.is.(access.AuthMode).Mode
			out = append(out, fmt.Sprintf("First the authentication mode goes from %s to %s, for good: %s", was, is, modeAdvice(f, is)))
		}
		if s.authMap != nil && s.plan != nil && f != Eksctl {
			out = append(out, authMapAdvice(s.early()))
		}
	}
	if f == ACK && s.plan != nil && slices.ContainsFunc(s.entries, func(e entry) bool { return e.was != nil && e.is != nil }) {
		out = append(out, "WARNING: the controller takes policies away before it adds others: a principal whose policies change is without some in between.")
	}
	for _, o := range s.gone() {
		if kubernetes(o) == (f == Kubectl) || f == Terraform {
			out = append(out, "To be removed by you: "+safeName(o)+goneAdvice(f))
		}
	}
	return out
}

// authMapAdvice: no format but kubectl's and eksctl's changes aws-auth. Terraform's
// kubernetes_config_map_v1_data could, and is left out on purpose: destroying that
// resource, or its block going missing, takes the keys out of aws-auth and with them
// every node; and EKS itself writes to aws-auth, which the next apply would undo.
func authMapAdvice(retires bool) string {
	if retires {
		return "aws-auth is not changed by this. When all of it is in force, run kubectl eks-access migrate: it finds the entries and does what is left in aws-auth, proven."
	}
	return "WARNING: the plan changes aws-auth, and this does not: without that change it has no effect. Apply the plan, use its kubectl or eksctl form for that step, or make it again with --via access-entry."
}

func modeAdvice(f Format, to access.Mode) string {
	switch f {
	case Terraform:
		return fmt.Sprintf("access_config { authentication_mode = %q } belongs to your aws_eks_cluster resource and can't be set from outside it.", to)
	case CloudFormation:
		return fmt.Sprintf("AccessConfig: {AuthenticationMode: %s} belongs to your AWS::EKS::Cluster resource.", to)
	case Eksctl:
		return fmt.Sprintf("eksctl utils update-authentication-mode --authentication-mode %s.", to)
	}
	return fmt.Sprintf("accessConfig.authenticationMode: %s belongs to your Cluster resource.", to)
}

func goneAdvice(f Format) string {
	switch f {
	case Terraform:
		return ". Delete its resource from your code; a removed block would need the address it has there."
	case CloudFormation:
		return ". Delete its resource from your template: only the stack that has it can."
	case Eksctl:
		return ": eksctl delete accessentry, or the aws-cli form."
	case ACK:
		return ". Delete its manifest, or its item under accessPolicies; a deletion-policy of retain keeps the entry."
	}
	return ", by kubectl delete."
}

// lacks are what the format can't carry.
func (s sheet) lacks(f Format) []string {
	var out []string
	if s.cut && s.exists() {
		out = append(out, "WARNING: made from a snapshot, which has not every tag, label and annotation: used on what exists, this takes the others away. Export from the cluster itself for that.")
	}
	for _, arn := range s.linked {
		out = append(out, "Left out: the entry of "+report.Safe(arn)+" is AWS's own.")
	}
	if f == AWSCLI {
		if s.plan == nil {
			out = append(out, "It makes all of this anew, for a cluster that has lost it. What is there already is left as it is; what is there and differs stops it.",
				"Not in it: aws-auth, the authentication mode, namespaces, what Kubernetes and EKS ship, and what only service accounts have.")
		}
		return append(out, "Not in it: the guard's check against the cluster as it is by then, journal and undo, proofs that only the principal itself can give.")
	}
	if s.plan == nil && len(s.objects) > 0 && (f == Terraform || f == Kubectl) {
		out = append(out, "Not in it: namespaces, what Kubernetes and EKS ship, and what only service accounts have.")
	}
	if s.plan == nil && s.authMap != nil && f != Kubectl && f != Eksctl {
		out = append(out, "Not in it: aws-auth, which EKS writes too. kubectl eks-access migrate --export makes access entries of it.")
	}
	for _, k := range s.bridges {
		out = append(out, "Not in it: the bridge "+report.Safe(k.Name)+", which the plan makes and removes.")
	}
	if f == Kubectl {
		if len(s.entries) > 0 || s.plan != nil && s.mode != nil {
			out = append(out, "Not in it: the EKS half (access entries, their policies, the authentication mode).")
		}
	} else if f != Terraform && len(s.objects) > 0 {
		out = append(out, "Not in it: the Kubernetes half (namespaces, roles, bindings). The kubectl form has it.")
	}
	if f == Eksctl {
		out = append(out, "eksctl makes entries and changes none; it has no field for tags.")
	}
	if s.plan != nil {
		out = append(out, "Not in it: the plan's order, waits and proofs, its check against what is there, journal and undo. kubectl eks-access apply has them.")
	}
	return out
}

// exists reports whether the sheet has anything that is there already.
func (s sheet) exists() bool {
	there := func(c change) bool { return c.was != nil && c.is != nil }
	return slices.ContainsFunc(s.objects, there) || slices.ContainsFunc(s.entries, func(e entry) bool { return there(e.change) })
}

// called is an object in words.
func called(o access.Object) string {
	k := o.Key()
	switch k.Kind {
	case access.EntryKind:
		return "access entry of " + k.Name
	case access.AssociationKind:
		return "policy " + policyName(k.Name) + " of " + k.Namespace
	}
	return strings.TrimSpace(string(k.Kind) + " " + strings.TrimPrefix(k.Namespace+"/"+k.Name, "/"))
}

func kubernetes(o access.Object) bool { return o.Key().Realm.API() == "kube" }

// comment puts a sign before each line.
func comment(sign string, lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(sign+" "+l, " ") + "\n")
	}
	return b.String()
}

func safeName(o access.Object) string { return report.Safe(called(o)) }
