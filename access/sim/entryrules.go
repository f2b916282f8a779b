package sim

import (
	"slices"
	"strings"
)

// entryTypes are those of the API reference and the user guide together.
var entryTypes = []string{"STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2", "HYPERPOD_LINUX"}

const serviceLinkedText = "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"

func invalidPrincipal() *refusal {
	return invalidParameter("The specified principalArn is invalid: invalid principal.")
}

func onlyStandard() *refusal {
	return invalidParameter(`This operation can only be performed on Access Entries with a type of "STANDARD".`)
}

func serviceLinked(principal string) bool {
	return strings.Contains(principal, ":role/aws-service-role/")
}

// checkWritable refuses changes to the entries that EKS makes for its own
// service-linked roles (seen on the wire).
func checkWritable(e *entry) *refusal {
	if serviceLinked(e.principal) {
		return invalidParameter("%s", serviceLinkedText)
	}
	return nil
}

// mayCreate asks for the permissions that creating needs besides its own: tags
// need eks:TagResource, the EC2 types pass the role (EKS user guide, creating
// access entries).
func (b *Bench) mayCreate(c *caller, at *cluster, in entryRequest) *refusal {
	if len(in.Tags) > 0 {
		if no := c.may("eks:TagResource", at.arn()); no != nil {
			return no
		}
	}
	if in.Type == "EC2_LINUX" || in.Type == "EC2_WINDOWS" {
		if no := c.may("iam:PassRole", in.PrincipalARN); no != nil {
			no.code = "AccessDeniedException"
			return no
		}
	}
	return nil
}

// checkNew checks a create request and finds the unique id that the entry will
// be bound to: empty if the principal's account is not part of the world, since
// nothing tells whether EKS can look into it.
func (b *Bench) checkNew(c *cluster, in entryRequest) (arn, string, *refusal) {
	p, err := parseARN(in.PrincipalARN)
	if err != nil || p.service != "iam" || p.partition != c.partition() || p.region != "" ||
		!accountID.MatchString(p.account) || !slices.Contains([]string{"role", "user", "root"}, p.kind()) {
		return arn{}, "", invalidPrincipal() // sessions, groups, foreign partitions
	}
	if serviceLinked(in.PrincipalARN) {
		return arn{}, "", invalidParameter("%s", serviceLinkedText)
	}
	kind := in.Type
	if kind == "" {
		kind = "STANDARD"
	}
	if !slices.Contains(entryTypes, kind) {
		return arn{}, "", invalidParameter("The specified type is invalid: %s", in.Type)
	}
	if kind != "STANDARD" {
		if p.kind() != "role" || p.account != c.account {
			return arn{}, "", invalidPrincipal() // nodes are roles of the cluster's own account
		}
		if in.Groups != nil && len(*in.Groups) > 0 || in.Username != nil {
			return arn{}, "", onlyStandard()
		}
	}
	if no := checkNames(in); no != nil {
		return arn{}, "", no
	}
	if no := checkTags(in.Tags); no != nil {
		return arn{}, "", no
	}
	a := b.accounts[p.account]
	switch {
	case p.kind() == "root":
		return p, p.account, nil
	case a == nil:
		return p, "", nil
	}
	i := a.exact(p)
	if i == nil {
		return arn{}, "", invalidPrincipal() // a role without its path is another principal
	}
	return p, i.id, nil
}

// reservedPrefixes may not begin a user name; for groups only the first is
// known to be refused (EKS user guide, creating access entries).
var reservedPrefixes = []string{"system:", "eks:", "aws:", "amazon:", "iam:"}

func checkNames(in entryRequest) *refusal {
	if in.Groups != nil {
		for _, g := range *in.Groups {
			if strings.HasPrefix(g, "system:") {
				return invalidParameter("The kubernetes group name %s is invalid, it cannot start with system:", g)
			}
			if g == "" {
				return invalidParameter("The kubernetes group name cannot be empty")
			}
		}
	}
	if in.Username == nil {
		return nil
	}
	name := *in.Username
	if name == "" {
		return invalidParameter("The username cannot be empty") // what AWS does is not known: refuse
	}
	for _, p := range reservedPrefixes {
		if strings.HasPrefix(name, p) {
			return invalidParameter("The username %s is invalid, it cannot start with %s", name, p)
		}
	}
	for _, template := range []string{"{{SessionName}}", "{{SessionNameRaw}}"} {
		before, _, found := strings.Cut(name, template)
		if found && !strings.Contains(before, ":") {
			return invalidParameter("The username %s is invalid, it must contain a colon before %s", name, template)
		}
	}
	return nil
}

func checkTags(tags map[string]string) *refusal {
	if len(tags) > 50 {
		return invalidParameter("The number of tags must not exceed 50")
	}
	for k, v := range tags {
		if k == "" || len(k) > 128 || len(v) > 256 {
			return invalidParameter("The tag %q is invalid: keys have 1 to 128 characters, values at most 256", k)
		}
	}
	return nil
}

// settleNames fills in what EKS sets itself: the user name if none was given,
// and name and groups of the node types (EKS user guide, creating access
// entries). Of the groups, only system:nodes was seen.
func (e *entry) settleNames(p arn) {
	switch e.kind {
	case "STANDARD":
		if e.username != "" {
			return
		}
		e.username = p.String()
		if p.kind() == "role" {
			e.username = arn{p.partition, "sts", "", p.account, "assumed-role/" + p.name() + "/{{SessionName}}"}.String()
		}
	case "EC2_LINUX", "EC2_WINDOWS", "EC2":
		e.username, e.groups = "system:node:{{EC2PrivateDNSName}}", []string{"system:nodes"}
	default:
		e.username, e.groups = "system:node:{{SessionName}}", []string{"system:nodes"}
	}
}
