package sim

import (
	"path"
	"strings"
	"time"
)

// account is one account's IAM: roles and users by name, since a name is unique
// within an account whatever its path (IAM user guide, reference of identifiers).
type account struct {
	roles map[string]*identity
	users map[string]*identity
}

// identity is an IAM role or user.
type identity struct {
	arn         arn
	path, name  string
	id          string
	created     time.Time
	description string
	trust       []string
}

// account finds or opens an account. A bench that is being made needs no lock.
func (b *Bench) account(id string) *account {
	a := b.accounts[id]
	if a == nil {
		a = &account{roles: map[string]*identity{}, users: map[string]*identity{}}
		b.accounts[id] = a
	}
	return a
}

// longAgo is when things were made whose world does not say.
var longAgo = time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)

// partition is where an account lives: with its callers and clusters.
func (w World) partition(account string) string {
	for _, c := range w.Callers {
		if a, err := parseARN(c.ARN); err == nil && a.account == account {
			return a.partition
		}
	}
	for _, c := range w.Clusters {
		if c.Account == account {
			return partitionOf(c.Region)
		}
	}
	return "aws"
}

func (a *account) fill(partition, number string, w Account) {
	for _, r := range w.Roles {
		i := newIdentity(partition, number, "role", r.Name, r.ID, r.Created)
		i.description, i.trust = r.Description, r.Trust
		a.roles[i.name] = i
	}
	for _, u := range w.Users {
		i := newIdentity(partition, number, "user", u.Name, u.ID, u.Created)
		a.users[i.name] = i
	}
}

func newIdentity(partition, number, kind, name, id string, created time.Time) *identity {
	name = strings.TrimPrefix(name, "/")
	dir, last := path.Split(name)
	if created.IsZero() {
		created = longAgo
	}
	a := arn{partition, "iam", "", number, kind + "/" + name}
	if id == "" {
		prefix := "AROA"
		if kind == "user" {
			prefix = "AIDA"
		}
		id = uniqueID(prefix, a.String(), created)
	}
	return &identity{arn: a, path: "/" + dir, name: last, id: id, created: created.UTC()}
}

// admit returns the unique id behind a caller's ARN and makes the role or user
// if there is none: whoever calls, exists.
func (a *account) admit(caller arn) string {
	if id := a.behind(caller); id != "" {
		return id
	}
	switch caller.kind() {
	case "assumed-role", "role":
		i := newIdentity(caller.partition, caller.account, "role", caller.name(), "", time.Time{})
		a.roles[i.name] = i
		return i.id
	case "user":
		i := newIdentity(caller.partition, caller.account, "user", strings.TrimPrefix(caller.resource, "user/"), "", time.Time{})
		a.users[i.name] = i
		return i.id
	}
	return caller.account
}

// behind is the unique id of the principal that calls under an ARN, empty if
// there is none. A session's ARN has no path, so roles are found by name.
func (a *account) behind(caller arn) string {
	var i *identity
	switch caller.kind() {
	case "assumed-role", "role":
		i = a.roles[caller.name()]
	case "user":
		i = a.users[caller.name()]
	case "root":
		return caller.account
	}
	if i == nil {
		return ""
	}
	return i.id
}

// exact finds a principal by its full ARN, path included.
func (a *account) exact(p arn) *identity {
	for _, i := range []*identity{a.roles[p.name()], a.users[p.name()]} {
		if i != nil && i.arn.resource == p.resource {
			return i
		}
	}
	return nil
}
