package sim

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// user is whom Kubernetes sees.
type user struct {
	Name   string              `json:"username"`
	UID    string              `json:"uid,omitempty"`
	Groups []string            `json:"groups"`
	Extra  map[string][]string `json:"extra,omitempty"`
}

// errNotMapped is the authenticator's word for a principal in neither store.
var errNotMapped = errors.New("identity is not mapped")

// authenticate does what EKS's webhook does with a bearer token. The data of
// aws-auth is read before the lock is taken, since it may come from elsewhere.
func (b *Bench) authenticate(name, token string) (*user, error) {
	data, err := b.readAWSAuth(name)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.options.Now()
	b.settle(now)
	c := b.clusterNamed(name)
	if c == nil {
		return nil, errors.New("no such cluster")
	}
	key, err := b.readToken(token, c)
	if err != nil {
		return nil, err
	}
	who := b.callers[key]
	if who == nil || who.expired {
		return nil, errors.New("the security token included in the request is invalid")
	}
	mapping, err := b.mapCaller(c, who, data, b.seen())
	if err != nil {
		return nil, err
	}
	u, err := mapping.render(who, c.region)
	if err != nil {
		return nil, err
	}
	// UID and extra as in aws-iam-authenticator, pkg/server.
	u.UID = "aws-iam-authenticator:" + who.arn.account + ":" + who.id
	u.Extra = map[string][]string{
		"arn": {who.arn.String()}, "canonicalArn": {who.arn.canonical()}, "sessionName": {who.arn.session()},
		"accessKeyId": {who.key}, "principalId": {who.id}, "sigs.k8s.io/aws-iam-authenticator/principalId": {who.id},
	}
	return u, nil
}

// readAWSAuth reads the data of aws-auth, nil if there is none.
func (b *Bench) readAWSAuth(name string) (map[string]string, error) {
	if b.options.AuthMap != nil {
		return b.options.AuthMap()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.clusterNamed(name)
	if c == nil {
		return nil, nil
	}
	return c.store.authMap.asOf(b.seen()), nil
}

// mapping is a Kubernetes identity whose templates are not yet filled in.
type mapping struct {
	username string
	groups   []string
}

// mapCaller finds the mapping. An entry wins as a whole over aws-auth; one that
// belongs to a former principal of the same ARN does not count, and the search
// goes on, as in the open-source chain of mappers (aws-iam-authenticator,
// pkg/server; on EKS itself not confirmed).
func (b *Bench) mapCaller(c *cluster, who *caller, data map[string]string, seen time.Time) (mapping, error) {
	if c.readsEntries() {
		if e := c.entryOf(who.arn, who.id, seen); e != nil {
			return mapping{e.username, e.groups}, nil
		}
	}
	if !c.readsEntries() && c.creator != "" && sameName(c.creator, who.arn) {
		return mapping{"kubernetes-admin", []string{"system:masters"}}, nil
	}
	if c.readsAuthMap() {
		m := readAuthMap(data)
		if item, ok := m.find(who.arn.canonical()); ok {
			return mapping{item.Username, item.Groups}, nil
		}
		if slices.Contains(m.accounts, who.arn.account) {
			return mapping{who.arn.canonical(), nil}, nil
		}
	}
	return mapping{}, errNotMapped
}

// entryOf finds the living entry of who calls: by account, kind and name of the
// principal, and by the unique id that EKS stored.
func (c *cluster) entryOf(caller arn, id string, seen time.Time) *entry {
	for _, e := range c.living(seen) {
		if sameName(e.principal, caller) && (e.id == "" || id == "" || e.id == id) {
			return e
		}
	}
	return nil
}

// sameName tells whether a principal's ARN, with its path, is that of a caller,
// whose session has none: names are unique within an account.
func sameName(principal string, caller arn) bool {
	p, err := parseARN(principal)
	return err == nil && p.account == caller.account && p.name() == caller.name() &&
		p.kind() == strings.TrimPrefix(caller.kind(), "assumed-")
}

// instance is what the session of a node looks like.
var instance = regexp.MustCompile(`^i-(\w{8}|\w{17})$`)

// render fills in the templates, literally: blanks inside the braces leave them
// as they are. The name of a node comes from EC2; here it is made of its id.
func (m mapping) render(who *caller, region string) (*user, error) {
	session := who.arn.session()
	fill := strings.NewReplacer(
		"{{AccountID}}", who.arn.account,
		"{{SessionName}}", strings.ReplaceAll(session, "@", "-"),
		"{{SessionNameRaw}}", session,
		"{{AccessKeyID}}", who.key,
		"{{EC2PrivateDNSName}}", "ip-"+strings.TrimPrefix(session, "i-")+"."+region+".compute.internal",
	)
	u := &user{Groups: []string{}}
	for _, text := range append([]string{m.username}, m.groups...) {
		if strings.Contains(text, "{{EC2PrivateDNSName}}") && !instance.MatchString(session) {
			return nil, errors.New("SessionName did not contain an instance id")
		}
	}
	u.Name = fill.Replace(m.username)
	for _, g := range m.groups {
		u.Groups = append(u.Groups, fill.Replace(g))
	}
	return u, nil
}
