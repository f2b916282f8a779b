package box

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const account = "arn:aws:iam::111122223333:role/"

// doors is a world with a way in by each door, for one caller each.
func doors(mode string) sim.World {
	w := sim.World{Clusters: []sim.Cluster{{Name: "doors", Account: "111122223333", Region: region, Version: "1.33", Mode: mode, Creator: account + "creator",
		Namespaces: []string{"default", "kube-system"}}}}
	for i, session := range []string{"creator/me", "both/x", "mapped/a@b", "node/i-0f1e2d3c4b5a69788", "dead/x", "nobody/x"} {
		w.Callers = append(w.Callers, sim.Caller{Key: keyOf(i), ARN: "arn:aws:sts::111122223333:assumed-role/" + session})
	}
	c := &w.Clusters[0]
	c.AWSAuth = map[string]string{"mapRoles": `
- {rolearn: ` + account + `both, username: by-aws-auth, groups: [devs]}
- {rolearn: ` + account + `MAPPED, username: first}
- {rolearn: ` + account + `mapped, username: "{{SessionName}}:{{AccountID}}", groups: [devs]}
- {rolearn: ` + account + `node, username: "system:node:{{EC2PrivateDNSName}}", groups: [system:nodes]}
- {rolearn: ` + account + `dead, username: by-aws-auth}
`}
	if mode != "CONFIG_MAP" {
		c.Entries = []sim.Entry{{Principal: account + "both", Username: "by-entry"}, {Principal: account + "dead", ID: "AROAFORMER", Username: "by-entry"}}
	}
	return w
}

func keyOf(i int) string { return "AKIADOOR000000000" + string(rune('0'+i)) }

// who is the user that a caller becomes, "" for those who are not let in.
func (s *scene) who(key string) authenticationv1.UserInfo {
	s.t.Helper()
	body := `{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.server.URL+"/apis/authentication.k8s.io/v1/selfsubjectreviews", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token(key))
	res, err := s.server.Transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusUnauthorized {
		return authenticationv1.UserInfo{}
	}
	var out authenticationv1.SelfSubjectReview
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	return out.Status.UserInfo
}

// The box lets everybody in as EKS does: an entry before aws-auth, the hidden creator
// where there are no entries, and all that aws-auth says by the authenticator's word.
func TestEachComesInByTheirDoor(t *testing.T) {
	for mode, want := range map[string][]string{
		"CONFIG_MAP":         {"kubernetes-admin", "by-aws-auth", "a-b:111122223333", "system:node:ip-0f1e2d3c4b5a69788.us-west-2.compute.internal", "by-aws-auth", ""},
		"API_AND_CONFIG_MAP": {"", "by-entry", "a-b:111122223333", "system:node:ip-0f1e2d3c4b5a69788.us-west-2.compute.internal", "by-aws-auth", ""},
		"API":                {"", "by-entry", "", "", "", ""},
	} {
		t.Run(mode, func(t *testing.T) {
			s := open(t).play(t, doors(mode))
			before := s.box.judge.let.Load()
			asked := 0
			for i, name := range want {
				u := s.who(keyOf(i))
				if u.Username != name {
					t.Errorf("%s is %q, want %q", s.World.Callers[i].ARN, u.Username, name)
				}
				if name != "" && name != "by-entry" && name != "kubernetes-admin" {
					asked++
				}
				if i == 2 && name != "" && !slices.Contains(u.Groups, "devs") {
					t.Errorf("groups %v", u.Groups)
				}
			}
			if let := s.box.judge.let.Load() - before; let != int64(asked) {
				t.Errorf("the authenticator let %d in, want %d", let, asked)
			}
		})
	}
}

// What is taken out of aws-auth counts for the next token.
func TestAWSAuthIsReadLive(t *testing.T) {
	s := open(t).play(t, doors("CONFIG_MAP"))
	maps := s.box.admin.CoreV1().ConfigMaps("kube-system")
	if err := maps.Delete(t.Context(), "aws-auth", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	err := await(t.Context(), "aws-auth is gone", func() (bool, error) { return s.who(keyOf(1)).Username == "", nil })
	if err != nil {
		t.Error(err)
	}
	if u := s.who(keyOf(0)).Username; u != "kubernetes-admin" {
		t.Errorf("the creator is %q", u)
	}
}
