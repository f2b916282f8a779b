package access

import (
	"fmt"
	"strings"
	"testing"
)

// states writes each mapping as "source line name state reason".
func states(s Snapshot) string {
	var out []string
	for _, m := range Resolve(s) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s %s %s", m.Source, m.Line(), m.Principal.Name, m.State, m.Reason)))
	}
	return strings.Join(out, "\n")
}

func authMap(roles, users string) AuthMap {
	return AuthMap{In: kubeR, Data: map[string]string{"mapRoles": roles, "mapUsers": users}}
}

func TestResolve(t *testing.T) {
	x := "arn:aws:iam::" + account + ":"
	bare := func(t *testing.T, mode Mode, os ...Object) Snapshot {
		s := Snapshot{Realms: []Realm{eksR, iamR, kubeR}, Objects: Objects{}.With(
			Cluster{In: eksR, Name: "c", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/c", Status: "ACTIVE"}, AuthMode{eksR, mode})}
		s.Objects = s.Objects.With(os...)
		return s
	}
	for name, tc := range map[string]struct {
		mode Mode
		os   []Object
		gaps []Gap
		want string
	}{
		"the last of equal role items wins, whatever their case": {BothMode, []Object{authMap("- rolearn: "+x+"role/Dev\n- rolearn: "+x+"role/dev\n", "")}, nil,
			"aws-auth 1 Dev shadowed later-item-wins\naws-auth 2 dev active"},
		"roles win over users": {BothMode, []Object{authMap("- rolearn: "+x+"user/u\n", "- userarn: "+x+"user/u\n")}, nil,
			"aws-auth 1 u active\naws-auth 1 u shadowed role-item-wins"},
		"user items that differ in case are random": {BothMode, []Object{authMap("", "- userarn: "+x+"user/U\n- userarn: "+x+"user/u\n")}, nil,
			"aws-auth 1 U unknown case-ambiguous\naws-auth 2 u unknown case-ambiguous"},
		"an entry replaces the item": {BothMode, []Object{authMap("- rolearn: "+x+"role/dev\n", ""), entry(x+"role/team/dev", "")}, nil,
			"access-entry 0 dev active\naws-auth 1 dev shadowed entry-wins"},
		"path, session, blank, garbage, partition never match": {BothMode, []Object{authMap("- rolearn: "+x+"role/a/b\n- rolearn: arn:aws:sts::"+account+":assumed-role/c/d\n- rolearn: \""+x+"role/e \"\n- rolearn: nonsense\n- rolearn: arn:aws-cn:iam::"+account+":role/f\n", "")}, nil,
			"aws-auth 1 b unmatchable path-in-role-arn\naws-auth 2 c unmatchable session-arn\naws-auth 3 e  unmatchable blank-in-arn\naws-auth 5 f unmatchable wrong-partition\naws-auth 4 nonsense unmatchable not-an-arn"},
		"mode API does not read aws-auth": {APIMode, []Object{authMap("- rolearn: "+x+"role/dev\n", "")}, nil, "aws-auth 1 dev dormant not-read-in-mode"},
		"mode CONFIG_MAP hides its creator": {ConfigMapMode, []Object{authMap("- rolearn: "+x+"role/dev\n", "")}, nil,
			"creator 0 cluster creator active\naws-auth 1 dev active"},
		"without the mode nothing is certain": {"", []Object{authMap("- rolearn: "+x+"role/dev\n", "")}, nil, "aws-auth 1 dev unknown mode-unread"},
		"unread entries could shadow an item": {BothMode, []Object{authMap("- rolearn: "+x+"role/dev\n", "")}, []Gap{{Realm: eksR, Kind: EntryKind, Why: Denied}},
			"aws-auth 1 dev unknown entries-unread"},
		"a role made again leaves its entry dead, and the item below undecided": {BothMode, []Object{authMap("- rolearn: "+x+"role/dev\n", ""), entry(x+"role/dev", ""),
			IAMPrincipal{In: iamR, ARN: x + "role/dev", ID: "role/" + account + "/dev", Created: began.AddDate(0, 1, 0)}}, nil,
			"access-entry 0 dev dead principal-remade\naws-auth 1 dev unknown dead-entry-above"},
		"a role that is gone": {BothMode, []Object{authMap("- rolearn: "+x+"role/dev\n", ""), IAMPrincipal{In: iamR, ARN: x + "role/dev", ID: "role/" + account + "/dev", Gone: true}}, nil,
			"aws-auth 1 dev dead principal-gone"},
		"a role that is gone as the item spells it": {BothMode, []Object{authMap("- rolearn: "+strings.ToUpper(x)+"ROLE/Dev\n", ""), IAMPrincipal{In: iamR, ARN: x + "role/Dev", ID: "role/" + account + "/dev", Gone: true, Unlisted: true}}, nil,
			"aws-auth 1 Dev unknown gone-as-spelled"},
		"a role in another letter case": {BothMode, []Object{authMap("- rolearn: "+strings.ToUpper(x)+"ROLE/DEV\n", ""), IAMPrincipal{In: iamR, ARN: x + "role/dev", ID: "role/" + account + "/dev"}}, nil,
			"aws-auth 1 DEV active"},
		"an entry that is gone as spelled": {BothMode, []Object{entry(x+"role/dev", ""), IAMPrincipal{In: iamR, ARN: x + "role/dev", ID: "role/" + account + "/dev", Gone: true, Unlisted: true}}, nil,
			"access-entry 0 dev dead principal-gone"},
		"an entry for the stripped ARN of a role with a path": {BothMode, []Object{entry(x+"role/dev", ""), IAMPrincipal{In: iamR, ARN: x + "role/team/dev", ID: "role/" + account + "/dev"}}, nil,
			"access-entry 0 dev dead principal-gone"},
	} {
		t.Run(name, func(t *testing.T) {
			s := bare(t, tc.mode, tc.os...)
			s.Gaps = tc.gaps
			if got := states(s); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestSameFillsInWhatServersDo(t *testing.T) {
	left, full := entry(role("dev"), ""), entry(role("dev"), "arn:aws:sts::"+account+":assumed-role/dev/{{SessionName}}")
	left.Type = ""
	if !Same(left, full) || Same(left, entry(role("dev"), "d")) {
		t.Error("a user name left to EKS is its default, and no other")
	}
	bare, stored := binding("carts", "b", "ClusterRole", "edit", "Group:devs"), binding("carts", "b", "ClusterRole", "edit", "Group:devs")
	bare.Role.APIGroup, bare.Subjects[0].APIGroup = "", ""
	if !Same(bare, stored) {
		t.Error("the API server completes API groups")
	}
}
