package probe

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func draw(seed uint64) sim.World { return Draw(rand.New(rand.NewPCG(seed, 4))) }

// What a probe is meant to watch over is drawn, and not seldom.
func TestEveryKindIsDrawn(t *testing.T) {
	found := map[string]int{}
	for seed := range uint64(100) {
		w := draw(seed)
		c := w.Clusters[0]
		roles := c.AWSAuth["mapRoles"]
		found[c.Mode]++
		for name, is := range map[string]bool{
			"masters": strings.Contains(roles, "system:masters"), "node": strings.Contains(roles, "EC2PrivateDNSName"), "fargate": strings.Contains(roles, "node-proxier"),
			"another case": strings.Contains(roles, "ARN:AWS"), "never matches": strings.Contains(roles, "role/team/r"), "no name": strings.Contains(roles, "role/r1\n  groups"),
			"template": strings.Contains(roles, "dave{{SessionName}}"), "group template": strings.Contains(roles, "team-{{SessionName}}"), "reserved": strings.Contains(roles, "aws:carl"),
			"twice": strings.Count(roles, "role/r2") > 1, "foreign": strings.Contains(roles, foreign), "gone": strings.Contains(roles, "role/gone"),
			"user": c.AWSAuth["mapUsers"] != "", "account": c.AWSAuth["mapAccounts"] != "",
		} {
			if is {
				found[name]++
			}
		}
		for _, e := range c.Entries {
			switch {
			case e.ID != "":
				found["dead entry"]++
			case e.Type != "":
				found[e.Type]++
			case strings.Contains(e.Principal, "aws-service-role"):
				found["entry of EKS"]++
			case len(e.Policies) > 0:
				found["entry with a policy"]++
			default:
				found["entry with groups"]++
			}
		}
	}
	for _, kind := range []string{"CONFIG_MAP", "API_AND_CONFIG_MAP", "masters", "node", "fargate", "another case", "never matches", "no name", "template", "group template", "reserved",
		"twice", "foreign", "gone", "user", "account", "dead entry", "EC2_LINUX", "FARGATE_LINUX", "entry of EKS", "entry with a policy", "entry with groups"} {
		if found[kind] < 3 {
			t.Errorf("%s: %d times in 100 worlds", kind, found[kind])
		}
	}
}

func TestASeedIsOneWorld(t *testing.T) {
	if !reflect.DeepEqual(draw(7), draw(7)) {
		t.Error("the same numbers draw two worlds")
	}
	if reflect.DeepEqual(draw(7), draw(8)) {
		t.Error("all numbers draw the same world")
	}
}
