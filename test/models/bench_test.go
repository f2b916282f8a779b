package models

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const world = `
accounts:
  "111122223333":
    roles: [{name: admin}, {name: team/dev}, {name: node}]
    users: [{name: alice}]
callers:
- {key: AKIAADMIN00000000001, arn: "arn:aws:sts::111122223333:assumed-role/admin/me"}
clusters:
- name: demo
  account: "111122223333"
  region: us-west-2
  mode: API_AND_CONFIG_MAP
  entries: [{principal: "arn:aws:iam::111122223333:role/admin", groups: [g], policies: [{policy: AmazonEKSViewPolicy}]}]
  podIdentities: [{id: a-0123456789abcdefg, namespace: n, serviceAccount: s, role: "arn:aws:iam::111122223333:role/team/dev"}]
`

const policies = `[{"name":"AmazonEKSViewPolicy","assignable":"customer","rules":[]},{"name":"AmazonEKSEditPolicy","assignable":"customer","rules":[]}]`

// valid are inputs that succeed on the world, by operation and member.
var valid = map[string]map[string]any{
	"ListClusters":                 {"maxResults": 5},
	"DescribeCluster":              {"name": "demo"},
	"UpdateClusterConfig":          {"name": "demo", "accessConfig": map[string]any{"authenticationMode": "API"}, "clientRequestToken": "t"},
	"ListUpdates":                  {"name": "demo", "maxResults": 5},
	"ListAccessEntries":            {"name": "demo", "maxResults": 5},
	"ListAccessPolicies":           {"maxResults": 5},
	"ListAssociatedAccessPolicies": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin", "maxResults": 5},
	"DescribeAccessEntry":          {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin"},
	"CreateAccessEntry": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/team/dev", "kubernetesGroups": []any{"g"},
		"username": "dev", "type": "STANDARD", "tags": map[string]any{"k": "v"}, "clientRequestToken": "t"},
	"UpdateAccessEntry": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin", "kubernetesGroups": []any{}, "username": "x"},
	"DeleteAccessEntry": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin"},
	"AssociateAccessPolicy": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin", "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
		"accessScope": map[string]any{"type": "namespace", "namespaces": []any{"a"}}},
	"DisassociateAccessPolicy": {"name": "demo", "principalArn": "arn:aws:iam::111122223333:role/admin",
		"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"},
	"ListPodIdentityAssociations":    {"name": "demo", "namespace": "n", "serviceAccount": "s", "maxResults": 5},
	"DescribePodIdentityAssociation": {"name": "demo", "associationId": "a-0123456789abcdefg"},

	"GetRole":           {"RoleName": "dev"},
	"GetUser":           {"UserName": "alice"},
	"ListRoles":         {"PathPrefix": "/", "MaxItems": 5},
	"GetCallerIdentity": {},
	"AssumeRole":        {"RoleArn": "arn:aws:iam::111122223333:role/team/dev", "RoleSessionName": "me", "DurationSeconds": 900, "ExternalId": "some"},
}

// reply is what came back, its answer as a tree whatever it was written in.
type reply struct {
	status int
	code   string
	tree   any
}

// ask sends an input to a fresh bench. The members are named as on the wire.
func ask(t *testing.T, m *model, service, name string, in map[string]any) reply {
	t.Helper()
	w, err := sim.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	b := sim.New(w, sim.Options{Policies: []byte(policies)})
	r := request(t, m, service, name, in)
	key, _ := b.Caller()
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/us-west-2/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	res, err := sim.Wire(b).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{status: res.StatusCode, code: res.Header.Get("X-Amzn-ErrorType")}
	if calls := b.Calls(); calls[len(calls)-1].Operation != name {
		t.Errorf("%s was taken for %q", name, calls[len(calls)-1].Operation)
	}
	switch {
	case len(text) == 0:
	case service == "eks":
		if err := json.Unmarshal(text, &out.tree); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	default:
		out.tree = element(t, text)
		if out.status != http.StatusOK {
			out.code, _ = out.tree.(map[string]any)["Error"].(map[string]any)["Code"].(string)
		}
	}
	return out
}

// request writes an input as its protocol wants it: by location for EKS, as a form for the others.
func request(t *testing.T, m *model, service, name string, in map[string]any) *http.Request {
	t.Helper()
	op := m.Operations[name]
	path, query, body := op.HTTP.RequestURI, url.Values{}, maps.Clone(in)
	if service != "eks" {
		query = url.Values{"Action": {name}, "Version": {"2010-05-08"}}
		for k, v := range in {
			query.Set(k, scalar(t, v))
		}
		return post(t, "https://aws.test/", "application/x-www-form-urlencoded", []byte(query.Encode()))
	}
	for member, ref := range m.of(op.Input).Members {
		n := wire(member, ref)
		v, given := in[n]
		if !given {
			continue
		}
		switch ref.Location {
		case "uri":
			path = strings.ReplaceAll(path, "{"+n+"}", url.PathEscape(strings.ReplaceAll(scalar(t, v), "/", "\x00")))
			path = strings.ReplaceAll(path, "%00", "%2F")
			delete(body, n)
		case "querystring":
			query.Set(n, scalar(t, v))
			delete(body, n)
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := post(t, "https://aws.test"+path+"?"+query.Encode(), "application/json", text)
	if r.Method = op.HTTP.Method; r.Method == "" {
		r.Method = http.MethodPost
	}
	return r
}

func post(t *testing.T, target, kind string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return r
}

func scalar(t *testing.T, v any) string {
	t.Helper()
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// element reads XML as a tree of texts and objects; "member" children are a list.
func element(t *testing.T, text []byte) any {
	t.Helper()
	var node struct {
		Children []struct {
			XMLName xml.Name
			Inner   []byte `xml:",innerxml"`
		} `xml:",any"`
		Text string `xml:",chardata"`
	}
	if err := xml.Unmarshal(text, &node); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if len(node.Children) == 0 {
		return node.Text
	}
	object, list := map[string]any{}, []any{}
	for _, c := range node.Children {
		v := element(t, []byte("<x>"+string(c.Inner)+"</x>"))
		if c.XMLName.Local == "member" {
			list = append(list, v)
		} else {
			object[c.XMLName.Local] = v
		}
	}
	if len(list) > 0 {
		return list
	}
	return object
}
