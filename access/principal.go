package access

import (
	"fmt"
	"regexp"
	"strings"
)

// PrincipalKind says what sort of AWS identity a principal is.
type PrincipalKind string

const (
	RolePrincipal      PrincipalKind = "role"
	UserPrincipal      PrincipalKind = "user"
	RootPrincipal      PrincipalKind = "root"
	AccountPrincipal   PrincipalKind = "account"        // everyone in it: aws-auth mapAccounts
	FederatedPrincipal PrincipalKind = "federated-user" // sts GetFederationToken
	CreatorPrincipal   PrincipalKind = "creator"        // the hidden administrator of a CONFIG_MAP cluster, name unknown
	UnknownPrincipal   PrincipalKind = "unknown"        // text that is not an ARN; it matches nobody
)

// Principal is who calls AWS. ARN is kept as written; ID joins the worlds.
type Principal struct {
	Kind      PrincipalKind `json:"kind"`
	Partition string        `json:"partition,omitempty"`
	Account   string        `json:"account,omitempty"`
	Path      string        `json:"path,omitempty"` // "/" or "/team/"; empty when the form can't hold one
	Name      string        `json:"name,omitempty"`
	Session   string        `json:"session,omitempty"` // of an assumed role, as sts says it
	ARN       string        `json:"arn"`
}

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	arnParts  = regexp.MustCompile(`^arn:([a-z0-9-]+):(iam|sts)::(\d{12}):(.+)$`)
)

// ParsePrincipal reads an IAM or STS ARN, or a 12-digit account. The errors say
// what is wrong with the text; the principal is then of kind unknown and keeps it.
//
// Source: IAM user guide "IAM identifiers"; aws-iam-authenticator pkg/arn.
func ParsePrincipal(text string) (Principal, error) {
	unknown := Principal{Kind: UnknownPrincipal, Name: text, ARN: text}
	if accountID.MatchString(text) {
		return Principal{Kind: AccountPrincipal, Account: text, Name: text, ARN: text}, nil
	}
	m := arnParts.FindStringSubmatch(text)
	if m == nil {
		return unknown, fmt.Errorf("%q is not the ARN of an IAM principal (want arn:aws:iam::ACCOUNT:role/NAME or .../user/NAME)", text)
	}
	p := Principal{Partition: m[1], Account: m[3], ARN: text}
	service, resource := m[2], m[4]
	kind, rest, _ := strings.Cut(resource, "/")
	switch {
	case service == "iam" && resource == "root":
		p.Kind, p.Name = RootPrincipal, "root"
		return p, nil
	case service == "iam" && (kind == "role" || kind == "user") && rest != "":
		p.Kind = PrincipalKind(kind)
		i := strings.LastIndexByte(rest, '/')
		p.Path, p.Name = "/"+rest[:i+1], rest[i+1:]
	case service == "sts" && kind == "assumed-role":
		p.Kind = RolePrincipal
		p.Name, p.Session, _ = strings.Cut(rest, "/")
	case service == "sts" && kind == "federated-user":
		p.Kind, p.Name = FederatedPrincipal, rest
	case service == "iam" && kind == "group":
		return unknown, fmt.Errorf("%q is an IAM group; groups are not principals (IAM user guide): name its users or a role", text)
	default:
		return unknown, fmt.Errorf("%q names a %s, which is not an IAM principal", text, kind)
	}
	if p.Name == "" {
		return unknown, fmt.Errorf("%q has no name after %q", text, kind+"/")
	}
	return p, nil
}

// creatorID is the ID of whoever made a CONFIG_MAP cluster: nobody can see who.
const creatorID = "creator"

// ID joins the forms of one principal: the role behind an assumed role, without
// its path, letter case folded. Role and user names are unique per account
// whatever their path and case (IAM CreateRole, CreateUser).
func (p Principal) ID() string {
	switch p.Kind {
	case UnknownPrincipal, AccountPrincipal:
		return string(p.Kind) + "/" + p.ARN
	case CreatorPrincipal:
		return creatorID
	}
	return string(p.Kind) + "/" + p.Account + "/" + strings.ToLower(p.Name)
}

// Canonical is the ARN the aws-iam-authenticator compares an aws-auth item with:
// roles lose their path (STS does not say it), users keep it.
//
// Source: aws-iam-authenticator pkg/arn Canonicalize.
func (p Principal) Canonical() string {
	switch p.Kind {
	case RolePrincipal:
		return "arn:" + p.Partition + ":iam::" + p.Account + ":role/" + p.Name
	}
	return p.ARN
}

// FromSession reports whether the principal was written as an STS session, which
// hides a role's path.
func (p Principal) FromSession() bool { return strings.Contains(p.ARN, ":assumed-role/") }

// ServiceLinked reports whether AWS owns the role: customers may neither create
// nor change an access entry for it (EKS user guide, "Create access entries").
func (p Principal) ServiceLinked() bool { return strings.HasPrefix(p.Path, "/aws-service-role/") }

// PermissionSet is the IAM Identity Center permission set behind a reserved role,
// or "". Set names may hold underscores: the suffix starts at the last one.
func (p Principal) PermissionSet() string {
	rest, ok := strings.CutPrefix(p.Name, "AWSReservedSSO_")
	if i := strings.LastIndexByte(rest, '_'); ok && i > 0 {
		return rest[:i]
	}
	return ""
}

func (p Principal) String() string {
	if p.Kind == CreatorPrincipal {
		return "cluster creator (hidden)"
	}
	return p.ARN
}
