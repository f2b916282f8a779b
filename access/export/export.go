// Package export writes access as the input of other tools: what exists now, or
// what a plan makes of it. Text out of values; it acts on nothing.
//
// Three things always hold. A value is written by the format's own encoder or
// quoted for it, so no name can end its string and become code. What a format
// can't carry is said in the comment at its head. And the same input gives the
// same text, byte for byte.
package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Format is a form of text that another tool takes.
type Format string

const (
	Terraform      Format = "terraform"      // resources of the aws and kubernetes providers, with import blocks
	CloudFormation Format = "cloudformation" // a template of AWS::EKS::AccessEntry
	Eksctl         Format = "eksctl"         // a ClusterConfig
	AWSCLI         Format = "aws-cli"        // a bash script that calls aws and kubectl, in the plan's order
	Kubectl        Format = "kubectl"        // manifests of the Kubernetes half
	ACK            Format = "ack"            // AccessEntry manifests of AWS Controllers for Kubernetes
)

// Formats are all of them, in the order in which help lists them.
func Formats() []Format {
	return []Format{Terraform, CloudFormation, Eksctl, AWSCLI, Kubectl, ACK}
}

// ParseFormat reads a format's name; the error lists them.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("format %q: want %s or %s", name, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// Options choose among what exists.
type Options struct {
	Principals []access.Principal // none: all
	Namespaces []string           // of Kubernetes objects; none: all, and those of the whole cluster
	// Cut: the facts come from a snapshot's file or folder, which has not every tag, label
	// and annotation (access/archive, Cut).
	Cut bool
}

// Now writes what exists.
func Now(f Format, ix *access.Index, o Options) string {
	s := existing(ix, o)
	s.cut = o.Cut
	return write(f, s)
}

// Plan writes what a plan makes of a snapshot: the plan must have been made of it.
// A plan that a guard refuses has no text: it would go around the guard.
// Of the options only Cut counts.
func Plan(f Format, was access.Snapshot, p access.Plan, o Options) (string, error) {
	if p.Refused() {
		return "", fmt.Errorf("a refused plan is not exported: %v", p.Refusals())
	}
	s := planned(was, p)
	s.cut = o.Cut
	return write(f, s), nil
}

func write(f Format, s sheet) string {
	switch f {
	case Terraform:
		return terraform(s)
	case CloudFormation:
		return cloudFormation(s)
	case Eksctl:
		return eksctl(s)
	case AWSCLI:
		return script(s)
	case Kubectl:
		return manifests(s)
	case ACK:
		return ack(s)
	}
	panic(fmt.Sprintf("format %q", f))
}
