package sim_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	authnv1 "k8s.io/api/authentication/v1"
	authzv1 "k8s.io/api/authorization/v1"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// post sends a review of the real API types and reads it back as one.
func post[T any](t testing.TB, b *sim.Bench, cluster, path string, in T) T {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "https://webhook.test"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	res, err := sim.Wire(b.Webhooks(cluster)).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out T
	d := json.NewDecoder(res.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func whoIs(t testing.TB, b *sim.Bench, cluster, token string) authnv1.TokenReviewStatus {
	t.Helper()
	in := authnv1.TokenReview{Spec: authnv1.TokenReviewSpec{Token: token}}
	in.APIVersion, in.Kind = "authentication.k8s.io/v1", "TokenReview"
	return post(t, b, cluster, "/authenticate", in).Status
}

func TestAuthenticate(t *testing.T) {
	sts := "arn:aws:sts::123456789012:assumed-role/"
	for name, tc := range map[string]struct {
		world, cluster, key, username string
		groups                        []string
	}{
		"an entry":                             {"s3", "eks-workshop", "AKIAPLATFORMADMIN001", sts + "platform-admin/alice", nil},
		"an entry with a path":                 {"s3", "eks-workshop", "AKIAORDERSONCALL0001", sts + "orders-oncall/frank", []string{"orders-oncall"}},
		"a template":                           {"s3", "eks-workshop", "AKIAGITHUBACTIONS001", "github-actions:run-4711", []string{"deployers"}},
		"a user":                               {"s3", "eks-workshop", "AKIAAUDITORDANA00001", "arn:aws:iam::123456789012:user/auditors/dana", nil},
		"aws-auth":                             {"s3", "eks-workshop", "AKIAWORKSHOPADMIN001", "cluster-admin", []string{"system:masters"}},
		"a node":                               {"s3", "eks-workshop", "AKIANODEINSTANCE0001", "system:node:ip-0a1b2c3d4e5f60718.us-west-2.compute.internal", []string{"system:bootstrappers", "system:nodes"}},
		"an at sign":                           {"s3", "eks-workshop", "AKIASSODEVELOPER0001", "arn:aws:sts::210987654321:assumed-role/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085/heidi-example.com", nil},
		"an entry of a former role":            {"s3", "eks-workshop", "AKIADATASCIENCE00001", "", nil},
		"in neither store":                     {"s3", "eks-workshop", "AKIANOBODYKNOWN00001", "", nil},
		"the hidden creator":                   {"s4", "cluster01", "AKIAROLEFORASSUME001", "kubernetes-admin", []string{"system:masters"}},
		"not the creator":                      {"s4", "cluster01", "AKIAROLEFORASSUME002", "", nil},
		"a permission set, path left out":      {"s5", "platform", "AKIASSOEKSADMIN00001", "eks-admin:eksadmin", []string{"system:masters"}},
		"a permission set with its path":       {"s5", "platform", "AKIASSOREADONLY00001", "", nil},
		"a permission set made anew":           {"s5", "platform", "AKIASSODEVELOPER0001", "", nil},
		"an entry whose path names the region": {"s5", "platform", "AKIASSOAUDITOR000001", "auditor:audit-example.com", nil},
		"an unmapped team":                     {"s1", "dev-cluster", "AKIATEAMADEVELOPER01", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := demo(t, tc.world, sim.Options{})
			got := whoIs(t, b, tc.cluster, b.Token(tc.key, tc.cluster))
			if got.Authenticated != (tc.username != "") || got.User.Username != tc.username {
				t.Fatalf("got %v %q (%s), want %q", got.Authenticated, got.User.Username, got.Error, tc.username)
			}
			if diff := cmp.Diff(tc.groups, got.User.Groups); diff != "" && len(tc.groups)+len(got.User.Groups) > 0 {
				t.Error(diff)
			}
			if got.Authenticated && (!strings.HasPrefix(got.User.UID, "aws-iam-authenticator:") || got.User.Extra["accessKeyId"][0] != tc.key) {
				t.Errorf("uid %s, extra %v", got.User.UID, got.User.Extra)
			}
		})
	}
}

func TestTokensOfOtherClusters(t *testing.T) {
	b := bench(t, small, sim.Options{})
	good := b.Token(defaultKey(b), demoName)
	for name, tc := range map[string]struct {
		token string
		want  bool
	}{
		"its own":                    {good, true},
		"another cluster's":          {b.Token(defaultKey(b), oldName), false},
		"an unknown key's":           {b.Token("AKIAUNKNOWN000000001", demoName), false},
		"an expired key's":           {b.Token("AKIAEXPIRED000000001", demoName), false},
		"without its prefix":         {strings.TrimPrefix(good, "k8s-aws-v1."), false},
		"garbage":                    {"k8s-aws-v1.????", false},
		"longer than 4096 bytes":     {good + strings.Repeat("A", 4096), false},
		"signed with another secret": {resigned(t, good), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := whoIs(t, b, demoName, tc.token); got.Authenticated != tc.want {
				t.Errorf("authenticated %v: %s", got.Authenticated, got.Error)
			}
		})
	}
}

// resigned is the token as another secret would have signed it.
func resigned(t *testing.T, token string) string {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "k8s-aws-v1."))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("X-Amz-Signature", strings.Repeat("0", 64))
	u.RawQuery = q.Encode()
	return "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte(u.String()))
}

func TestAPIModeForgetsAWSAuth(t *testing.T) {
	b := demo(t, "s3", sim.Options{})
	token := b.Token("AKIAWORKSHOPADMIN001", "eks-workshop")
	if !whoIs(t, b, "eks-workshop", token).Authenticated {
		t.Fatal("not even before")
	}
	if _, err := switchTo(eksClient(b), "eks-workshop", "API"); err != nil {
		t.Fatal(err)
	}
	if got := whoIs(t, b, "eks-workshop", token); got.Authenticated {
		t.Errorf("still %s", got.User.Username)
	}
}

func TestAuthorize(t *testing.T) {
	b := demo(t, "s3", sim.Options{})
	ask := func(key, verb, resource, namespace string) bool {
		t.Helper()
		u := whoIs(t, b, "eks-workshop", b.Token(key, "eks-workshop")).User
		in := authzv1.SubjectAccessReview{Spec: authzv1.SubjectAccessReviewSpec{User: u.Username, Groups: u.Groups, UID: u.UID, Extra: map[string]authzv1.ExtraValue{},
			ResourceAttributes: &authzv1.ResourceAttributes{Verb: verb, Resource: resource, Namespace: namespace}}}
		in.APIVersion, in.Kind = "authorization.k8s.io/v1", "SubjectAccessReview"
		for k, v := range u.Extra {
			in.Spec.Extra[k] = authzv1.ExtraValue(v)
		}
		out := post(t, b, "eks-workshop", "/authorize", in)
		if out.Status.Denied {
			t.Error("the webhook denied")
		}
		return out.Status.Allowed
	}
	for name, tc := range map[string]struct {
		key, verb, resource, namespace string
		want                           bool
	}{
		"a policy of the cluster":              {"AKIAPLATFORMADMIN001", "delete", "nodes", "", true},
		"within its namespace":                 {"AKIACARTSDEVELOPER01", "create", "pods", "carts", true},
		"the lesser policy elsewhere":          {"AKIACARTSDEVELOPER01", "list", "pods", "orders", true},
		"not more than that":                   {"AKIACARTSDEVELOPER01", "create", "pods", "orders", false},
		"out of every scope":                   {"AKIACARTSDEVELOPER01", "list", "pods", "rabbitmq", false},
		"all namespaces at once":               {"AKIACARTSDEVELOPER01", "list", "pods", "", false},
		"a wildcard":                           {"AKIASSODEVELOPER0001", "list", "pods", "preview-9", true},
		"not what it only begins like":         {"AKIASSODEVELOPER0001", "list", "pods", "preview", false},
		"RBAC is not its business":             {"AKIAORDERSONCALL0001", "list", "pods", "orders", false},
		"no opinion of who came from aws-auth": {"AKIAWORKSHOPADMIN001", "list", "pods", "carts", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(tc.key, tc.verb, tc.resource, tc.namespace); got != tc.want {
				t.Errorf("allowed %v", got)
			}
		})
	}
	in := authzv1.SubjectAccessReview{Spec: authzv1.SubjectAccessReviewSpec{User: "arn:aws:sts::123456789012:assumed-role/platform-admin/alice",
		ResourceAttributes: &authzv1.ResourceAttributes{Verb: "list", Resource: "pods"}}}
	if post(t, b, "eks-workshop", "/authorize", in).Status.Allowed {
		t.Error("allowed by the user name alone")
	}
}

func TestTheAuthMapCanLiveElsewhere(t *testing.T) {
	data := map[string]string{}
	b := bench(t, strings.Replace(small, "mode: API\n", "mode: API_AND_CONFIG_MAP\n", 1), sim.Options{AuthMap: func() (map[string]string, error) { return data, nil }})
	key := "AKIADENIED0000000001" // role dev, which has no entry
	if whoIs(t, b, demoName, b.Token(key, demoName)).Authenticated {
		t.Error("mapped by nothing")
	}
	data["mapRoles"] = `[{"rolearn":"arn:aws:iam::111122223333:role/DEV","username":"d","groups":["{{AccountID}}"]}]`
	got := whoIs(t, b, demoName, b.Token(key, demoName)).User
	if got.Username != "d" || len(got.Groups) != 1 || got.Groups[0] != "111122223333" {
		t.Errorf("got %v", got)
	}
	// An entry, even an empty one, replaces the mapping as a whole.
	if _, err := eksClient(b).CreateAccessEntry(t.Context(), &eks.CreateAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev)}); err != nil {
		t.Fatal(err)
	}
	got = whoIs(t, b, demoName, b.Token(key, demoName)).User
	if got.Username != "arn:aws:sts::111122223333:assumed-role/dev/me" || len(got.Groups) != 0 {
		t.Errorf("with an entry: %v", got)
	}
}

// TestTheSDKSignsLikeTheBench makes tokens as the authenticator does, with the
// SDK's own presigner: the bench's reckoning of signatures must agree with it.
func TestTheSDKSignsLikeTheBench(t *testing.T) {
	b := bench(t, small, sim.Options{})
	sign := func(cluster string) string {
		c := config(b, defaultKey(b), "us-west-2")
		c.BaseEndpoint = nil
		r, err := sts.NewPresignClient(sts.NewFromConfig(c)).PresignGetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, func(o *sts.PresignOptions) {
			o.ClientOptions = append(o.ClientOptions, func(o *sts.Options) {
				o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("x-k8s-aws-id", cluster), smithyhttp.SetHeaderValue("X-Amz-Expires", "60"))
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte(r.URL))
	}
	if got := whoIs(t, b, demoName, sign(demoName)); !got.Authenticated {
		t.Errorf("its own: %s", got.Error)
	}
	if got := whoIs(t, b, demoName, sign(oldName)); got.Error != `token is for cluster "old"` {
		t.Errorf("another cluster's: %q", got.Error)
	}
}
