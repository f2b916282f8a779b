package cmd

import (
	"errors"

	"github.com/eks-access/kubectl-eks-access/access"
)

// alteration is one way to change an access entry or an item of aws-auth in place: whom
// its principal becomes, where a policy counts, its type; or to make a dead one again.
type alteration struct {
	Username   string
	Add, Drop  []string // groups
	Policy     string
	Namespaces []string // where the policy counts from now on
	Everywhere bool
	Type       string
	Remake     bool
}

// check refuses what is not one change. The names are of the flags or of the fields of a file.
func (a alteration) check(identity, policy, namespaces, everywhere string) error {
	scoped := len(a.Namespaces) > 0
	n := 0
	for _, one := range []bool{a.Username != "" || len(a.Add)+len(a.Drop) > 0, a.Policy != "", a.Type != "", a.Remake} {
		if one {
			n++
		}
	}
	switch {
	case (scoped || a.Everywhere) && a.Policy == "":
		return errors.New(namespaces + " and " + everywhere + " say where a policy counts: give " + policy + " too")
	case n == 0:
		return errors.New("say what to change: " + identity + ", " + policy + ", the type, or that a dead entry is made again")
	case n > 1:
		return errors.New("one change at a time: user name and groups, or a policy's scope, or the type, or a dead entry made again")
	case a.Policy != "" && scoped == a.Everywhere:
		return errors.New("say where " + policy + " counts from now on: with " + namespaces + ", or " + everywhere)
	}
	return nil
}

// intent is the change of one principal.
func (a alteration) intent(p access.Principal) access.Intent {
	switch {
	case a.Policy != "":
		return access.ChangeScope{Principal: p, Policy: a.Policy, Namespaces: a.Namespaces}
	case a.Type != "":
		return access.ChangeType{Principal: p, Type: a.Type}
	case a.Remake:
		return access.Remake{Principal: p}
	}
	return access.ChangeIdentity{Principal: p, Username: a.Username, Add: a.Add, Drop: a.Drop}
}
