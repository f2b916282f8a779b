package probe

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// Drawn is the name of a cluster that was drawn.
const Drawn = "drawn"

const (
	home    = "111122223333"
	foreign = "999988887777"
	ours    = "arn:aws:iam::" + home + ":"
)

// Draw is a random cluster of EKS with everybody who can log in as a caller, the
// administrator first. It has mappings of all kinds: in aws-auth and as entries, twice,
// shadowed, dead, unmatchable, foreign, masters, nodes, templates, paths, and the entries
// that EKS makes itself. The same numbers draw the same cluster.
func Draw(r *rand.Rand) sim.World {
	d := &drawing{r: r, made: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	d.cluster = sim.Cluster{Name: Drawn, Account: home, Region: "us-west-2", Version: "1.33", Mode: d.one("CONFIG_MAP", "API_AND_CONFIG_MAP", "API_AND_CONFIG_MAP"),
		Creator: ours + "role/builder", Namespaces: []string{"default", "kube-system", "carts", "catalog"}, Created: d.made, AWSAuth: map[string]string{}}
	d.role("boss", "me")
	d.role("builder", "pipeline")
	d.machines()
	d.item("rolearn", ours+"role/boss", "boss", "system:masters")
	for i := range 5 {
		d.person(fmt.Sprintf("r%d", i))
	}
	d.strangers()
	for i := range 4 + r.IntN(8) {
		d.binding(fmt.Sprintf("b%d", i))
	}
	return sim.World{Accounts: map[string]sim.Account{home: d.account}, Callers: d.callers, Clusters: []sim.Cluster{d.cluster}}
}

// drawing is a cluster that is being drawn.
type drawing struct {
	r       *rand.Rand
	made    time.Time
	account sim.Account
	callers []sim.Caller
	cluster sim.Cluster
}

func (d *drawing) one(in ...string) string { return in[d.r.IntN(len(in))] }

// role is an IAM role, with its path, and a session of it.
func (d *drawing) role(name, session string) {
	d.account.Roles = append(d.account.Roles, sim.Role{Name: name, Created: d.made})
	d.caller("arn:aws:sts::" + home + ":assumed-role/" + name[strings.LastIndex(name, "/")+1:] + "/" + session)
}

func (d *drawing) caller(arn string) {
	d.callers = append(d.callers, sim.Caller{Key: fmt.Sprintf("AKIA%016d", len(d.callers)), ARN: arn})
}

// item is one more of mapRoles or mapUsers.
func (d *drawing) item(kind, arn, user string, groups ...string) {
	out := "- " + kind + ": " + arn + d.one("", " # ours") + "\n"
	if user != "" {
		out += "  username: '" + user + "'\n"
	}
	section := map[string]string{"rolearn": "mapRoles", "userarn": "mapUsers"}[kind]
	d.cluster.AWSAuth[section] += out + "  groups: ['" + strings.Join(groups, "', '") + "']\n"
}

// entries reports whether the cluster has any.
func (d *drawing) entries() bool { return d.cluster.Mode != "CONFIG_MAP" }

func (d *drawing) entry(e sim.Entry) {
	if e.Created.IsZero() {
		e.Created = d.made
	}
	d.cluster.Entries = append(d.cluster.Entries, e)
}

// machines are nodes in aws-auth, and what EKS makes for them and for itself (EKS user
// guide, "Create access entries").
func (d *drawing) machines() {
	d.role("nodes", "i-0f1e2d3c4b5a69788")
	d.role("fargate", "node-1")
	d.item("rolearn", ours+"role/nodes", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes")
	d.item("rolearn", ours+"role/fargate", "system:node:{{SessionName}}", "system:bootstrappers", "system:nodes", "system:node-proxier")
	d.cluster.AWSAuth["mapRoles"] += "# people\n"
	if !d.entries() {
		return
	}
	if d.r.IntN(3) == 0 {
		d.entry(sim.Entry{Principal: ours + "role/nodes", Type: "EC2_LINUX"})
	}
	if d.r.IntN(3) == 0 {
		d.entry(sim.Entry{Principal: ours + "role/fargate", Type: "FARGATE_LINUX"})
	}
	linked := "aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"
	d.account.Roles = append(d.account.Roles, sim.Role{Name: linked, Created: d.made})
	d.entry(sim.Entry{Principal: ours + "role/" + linked, Policies: []sim.Association{{Policy: "AmazonEKSEventPolicy"}}})
}

// identity is whom a mapping of a person makes of them. Most names stand in a binding.
func (d *drawing) identity() (user string, groups []string) {
	names := []string{"", "alice", "system:bob", "aws:carl", "dave{{SessionName}}", "ed:{{SessionName}}", "raw:{{SessionNameRaw}}", "acct-{{AccountID}}"}
	some := []string{"devs", "ops", "system:masters", "system:developers", "viewers", "unbound", "team-{{SessionName}}"}
	return d.one(names...), []string{d.one(some...), d.one(some...)}
}

// person is a role of people: in aws-auth once or twice, and now and then with an entry
// above that, which may be dead: made for a former role of the same name.
func (d *drawing) person(name string) {
	path := d.one("", "", "team/", "aws-reserved/sso.amazonaws.com/us-west-2/")
	d.role(path+name, d.one("xy", "y@z")) // STS takes two letters at least
	for range 1 + d.r.IntN(2) {
		arn := ours + "role/" + name
		if d.r.IntN(8) == 0 {
			arn = ours + "role/team/" + name // never matches: STS leaves the path out
		}
		if d.r.IntN(8) == 0 {
			arn = strings.ToUpper(arn)
		}
		user, groups := d.identity()
		d.item("rolearn", arn, user, groups...)
	}
	if !d.entries() || d.r.IntN(4) > 0 {
		return
	}
	e := sim.Entry{Principal: ours + "role/" + path + name, Groups: []string{"devs"}}
	if d.r.IntN(2) == 0 {
		e.Policies = []sim.Association{{Policy: "AmazonEKSEditPolicy", Namespaces: []string{"carts"}}}
	}
	if d.r.IntN(3) == 0 {
		e.ID, e.Created = "AROAFORMER"+strings.ToUpper(name), d.made.AddDate(-1, 0, 0)
	}
	d.entry(e)
}

// strangers are a role of another account, one that is gone, and a user.
func (d *drawing) strangers() {
	user, groups := d.identity()
	d.item("rolearn", "arn:aws:iam::"+foreign+":role/r0", user, groups...)
	d.caller("arn:aws:sts::" + foreign + ":assumed-role/r0/xy")
	d.item("rolearn", ours+"role/gone", "gone", "devs")
	d.account.Users = []sim.User{{Name: "team/ann", Created: d.made}}
	d.caller(ours + "user/team/ann")
	user, groups = d.identity()
	d.item("userarn", ours+"user/team/ann", user, groups...)
	if d.r.IntN(3) == 0 {
		d.cluster.AWSAuth["mapAccounts"] = "- '" + foreign + "'\n"
	}
}

// binding names one of those that mappings lead to.
func (d *drawing) binding(name string) {
	meta, kind := map[string]any{"name": name}, "ClusterRoleBinding"
	if ns := d.one("", "carts", "catalog"); ns != "" {
		meta["namespace"], kind = ns, "RoleBinding"
	}
	sort, subject, _ := strings.Cut(d.one("Group/devs", "Group/ops", "Group/viewers", "Group/system:developers", "Group/team-xy", "User/alice", "User/system:bob",
		"User/aws:carl", "User/davexy", "User/davey-z", "User/ed:xy", "User/raw:y@z", "User/acct-"+home), "/")
	d.cluster.Objects = append(d.cluster.Objects, map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta,
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": d.one("view", "edit", "admin", "cluster-admin")},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": sort, "name": subject}}})
}
