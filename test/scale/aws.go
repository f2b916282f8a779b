package scale

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// The one cluster of a world.
const (
	ClusterName = "scale"
	Account     = "111122223333"
	Region      = "eu-west-1"
	version     = "1.33"
)

// iamARN is the ARN of a role or user of the account: "role/people/ada.0000".
func iamARN(resource string) string { return "arn:aws:iam::" + Account + ":" + resource }

// Item is one mapping of aws-auth.
type Item struct {
	ARN      string // of a user if it says so, else of a role
	Username string
	Groups   []string
}

// sessionName is the authenticator's template: a user name with it is another one
// for each session.
const sessionName = "{{SessionName}}"

// entries makes the access entries: the administrator who reads, here and there
// nodes, one in ten a team's role whose user name is left to EKS, the rest people
// with the groups of Members. One in four has access policies.
func (d draw) entries(w *World) {
	next := 0 // person
	for i := range d.Entries {
		e := sim.Entry{}
		switch {
		case i == 0:
			e.Principal = iamARN("role/platform-admin")
			e.Policies = []sim.Association{{Policy: "AmazonEKSClusterAdminPolicy"}}
		case i%1000 == 1:
			e.Principal, e.Type = iamARN(fmt.Sprintf("role/nodes/group-%04d", i)), "EC2_LINUX"
		case i%10 == 9:
			e.Principal, e.Groups = iamARN("role/teams/"+group(i/10%d.Groups)), d.groups()
		default:
			p := next % d.Users
			next++
			e.Principal, e.Username = iamARN("role/people/"+person(p)), user(p)
			e.Groups = w.Members[user(p)]
		}
		if i > 0 && e.Type == "" && d.IntN(4) == 0 {
			e.Policies = d.policies(w)
		}
		w.Entries = append(w.Entries, e)
	}
}

// groups draws one to three groups, each once.
func (d draw) groups() []string {
	var out []string
	for _, g := range d.Perm(d.Groups)[:1+d.IntN(3)] {
		out = append(out, group(g))
	}
	return out
}

// policies draws one policy, sometimes a second one: mostly in some namespaces,
// now and then one whose rules AWS does not publish.
func (d draw) policies(w *World) []sim.Association {
	first := d.policy(w)
	if d.IntN(5) > 0 {
		return []sim.Association{first}
	}
	if second := d.policy(w); second.Policy != first.Policy {
		return []sim.Association{first, second}
	}
	return []sim.Association{first}
}

func (d draw) policy(w *World) sim.Association {
	switch n := d.IntN(100); {
	case n < 35:
		return sim.Association{Policy: "AmazonEKSViewPolicy", Namespaces: d.scope(w)}
	case n < 60:
		return sim.Association{Policy: "AmazonEKSEditPolicy", Namespaces: d.scope(w)}
	case n < 72:
		return sim.Association{Policy: "AmazonEKSAdminPolicy", Namespaces: d.scope(w)}
	case n < 78:
		return sim.Association{Policy: "AmazonEKSSecretReaderPolicy", Namespaces: d.scope(w)}
	case n < 90:
		return sim.Association{Policy: "AmazonEKSViewPolicy"}
	case n < 96:
		return sim.Association{Policy: "AmazonEKSAdminViewPolicy"}
	case n < 99:
		return sim.Association{Policy: "AmazonEKSClusterAdminPolicy"}
	}
	return sim.Association{Policy: "AmazonEKSEventPolicy"}
}

// scope draws one to three namespaces or, one in three, patterns; a few match
// nothing that exists yet.
func (d draw) scope(w *World) []string {
	var out []string
	for range 1 + d.IntN(3) {
		switch n := d.IntN(60); {
		case n == 0:
			out = append(out, "not-yet-*")
		case n < 10:
			out = append(out, pick(d, apps)+"-*")
		case n < 20:
			out = append(out, pick(d, apps)+"-"+pick(d, stages)+"-*")
		default:
			out = append(out, pick(d, w.Namespaces).Name)
		}
	}
	return out
}

// items makes the items of aws-auth: nodes and a break-glass role first, then
// roles of teams, people whom the entries have left out, CI, IAM users. A fiftieth
// more stand under an access entry, with groups of their own.
func (d draw) items(w *World) {
	left := 0
	for _, e := range w.Entries {
		if strings.HasSuffix(e.Username, "@corp.example") {
			left++
		}
	}
	for i := range d.Items {
		p := (left + i/5*2) % d.Users
		var it Item
		switch {
		case i == 0:
			it = Item{iamARN("role/node-role"), "system:node:{{EC2PrivateDNSName}}", []string{"system:bootstrappers", "system:nodes"}}
		case i == 1:
			it = Item{iamARN("role/break-glass"), "break-glass", []string{"system:masters"}}
		case i%5 == 3:
			p = (p + 1) % d.Users
			it = Item{iamARN("user/" + person(p)), user(p), w.Members[user(p)]}
		case i%5 == 4:
			it = Item{iamARN(fmt.Sprintf("role/ci-%04d", i)), fmt.Sprintf("ci:%s-%04d", pick(d, apps), i), d.groups()}
		case i%5 == 2:
			it = Item{iamARN("role/former-" + person(p)), user(p), w.Members[user(p)]}
		default:
			it = Item{iamARN(fmt.Sprintf("role/legacy-%s-%04d", pick(d, teams), i)), fmt.Sprintf("legacy-%04d:%s", i, sessionName), d.groups()}
		}
		w.Items = append(w.Items, it)
	}
	for range d.Items / 50 {
		e := w.Entries[2+d.IntN(len(w.Entries)-2)]
		// The authenticator compares a role without its path.
		w.Items = append(w.Items, Item{iamARN("role/" + e.Principal[strings.LastIndexByte(e.Principal, '/')+1:]), "before:" + sessionName, d.groups()})
	}
}

// AuthMap is the data of the aws-auth ConfigMap.
func (w World) AuthMap() map[string]string {
	var roles, users strings.Builder
	for _, it := range w.Items {
		out, arn := &roles, "rolearn"
		if strings.Contains(it.ARN, ":user/") {
			out, arn = &users, "userarn"
		}
		fmt.Fprintf(out, "- %s: %s\n  username: %s\n  groups:\n", arn, it.ARN, strconv.Quote(it.Username))
		for _, g := range it.Groups {
			fmt.Fprintf(out, "  - %s\n", g)
		}
	}
	return map[string]string{"mapRoles": roles.String(), "mapUsers": users.String()}
}

// Scene is the AWS half for the bench: the account's IAM, the cluster with its
// entries, and aws-auth. Its first caller is the administrator of the first entry.
// The Kubernetes half is not in it: fill a real API server with that.
func (w World) Scene() sim.World {
	var a sim.Account
	had := map[string]bool{}
	know := func(arn string) {
		_, resource, _ := strings.Cut(arn, "::"+Account+":")
		kind, name, _ := strings.Cut(resource, "/")
		last := kind + name[strings.LastIndexByte(name, '/')+1:]
		switch {
		case had[last]: // an item of aws-auth leaves the path out
		case kind == "role":
			a.Roles = append(a.Roles, sim.Role{Name: name})
		default:
			a.Users = append(a.Users, sim.User{Name: name})
		}
		had[last] = true
	}
	for _, e := range w.Entries {
		know(e.Principal)
	}
	for _, it := range w.Items {
		know(it.ARN)
	}
	return sim.World{
		About:    "a made-up cluster of some size",
		Accounts: map[string]sim.Account{Account: a},
		Callers:  []sim.Caller{{Key: "AKIASCALE000000001", ARN: "arn:aws:sts::" + Account + ":assumed-role/platform-admin/ada"}},
		Clusters: []sim.Cluster{{Name: ClusterName, Account: Account, Region: Region, Version: version, Mode: "API_AND_CONFIG_MAP",
			Entries: w.Entries, AWSAuth: w.AuthMap()}},
	}
}
