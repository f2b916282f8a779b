package archive

import (
	"encoding/json"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// iamAnswer is what the AWS CLI prints of GetRole, GetUser, ListRoles and ListUsers
// (IAM API reference), and of GetCallerIdentity (STS).
type iamAnswer struct {
	Role, User   *iamFact
	Roles, Users *[]iamFact

	UserID, Account, ARN string
}

type iamFact struct {
	ARN            string
	RoleID, UserID string
	CreateDate     moment
}

// iam reads an answer of IAM or STS, and reports whether it is one: its members have
// names that other JSON has, too.
func (r *reader) iam(d document) bool {
	var a iamAnswer
	if json.Unmarshal(d.text, &a) != nil {
		return false
	}
	if a.ARN != "" && a.Account != "" && a.UserID != "" {
		p, err := access.ParsePrincipal(a.ARN)
		r.caller.AWS = p
		return err == nil
	}
	var facts []iamFact
	switch {
	case a.Role != nil:
		facts = []iamFact{*a.Role}
	case a.User != nil:
		facts = []iamFact{*a.User}
	case a.Roles != nil:
		facts = *a.Roles
	case a.Users != nil:
		facts = *a.Users
	}
	for _, f := range facts {
		p, err := access.ParsePrincipal(f.ARN)
		if err != nil {
			return false
		}
		r.iamFacts[p.ID()] = access.IAMPrincipal{In: access.IAMRealm(p.Account), ARN: p.ARN, ID: p.ID(), UniqueID: f.RoleID + f.UserID, Created: f.CreateDate.Time}
	}
	return len(facts) > 0
}

// principals are the facts about those whom mappings name, and what is missing of
// them: nobody is gone for standing in no list, since a list does not tell whether it
// holds all (list-roles --path-prefix, --query). IAM is asked about the own account
// only, since a name in another one is somebody else; so is a folder.
func (r *reader) principals(s access.Snapshot, missing func(access.Realm, access.Kind, string)) []access.Object {
	account := r.caller.AWS.Account
	if c, ok := s.Cluster(); ok {
		account = c.Account
	}
	if account == "" {
		return nil
	}
	realm := access.IAMRealm(account)
	var out []access.Object
	var unknown []string
	asked := map[string]bool{}
	for _, m := range access.Resolve(s) {
		p := m.Principal
		if p.Account != account || p.Kind != access.RolePrincipal && p.Kind != access.UserPrincipal || asked[p.ID()] {
			continue
		}
		asked[p.ID()] = true
		if fact, told := r.iamFacts[p.ID()]; told {
			out = append(out, fact)
		} else {
			unknown = append(unknown, p.ID())
		}
	}
	if len(out) == 0 && len(unknown) > 0 {
		unknown = []string{""} // one gap over all says it
	}
	for _, id := range unknown {
		missing(realm, access.IAMPrincipalKind, id)
	}
	return out
}

// whoami reads kubectl auth whoami: the name that the cluster gave who took the files.
func (r *reader) whoami(d document) error {
	var o authenticationv1.SelfSubjectReview
	if err := unmarshal(d, &o); err != nil {
		return err
	}
	u := o.Status.UserInfo
	r.caller.Identity = access.Identity{User: u.Username, Groups: slices.Clone(u.Groups)}
	// The extras of the aws-iam-authenticator (pkg/server).
	for _, key := range []string{"arn", "canonicalArn"} {
		if len(u.Extra[key]) > 0 && r.caller.Kube.ARN == "" {
			if p, err := access.ParsePrincipal(u.Extra[key][0]); err == nil {
				r.caller.Kube = p
			}
		}
	}
	return nil
}
