package authenticator

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1beta1 "k8s.io/api/authentication/v1beta1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper"
	"sigs.k8s.io/aws-iam-authenticator/pkg/server"
)

// login is one call as STS and the token show it to the authenticator.
type login struct {
	ARN     string // as GetCallerIdentity says it
	Account string
	Session string // of a role; the others have none
}

// userID is STS's: UNIQUE-ID:SESSION for roles, ACCOUNT:NAME for federated users.
func (l login) userID() string {
	switch {
	case strings.Contains(l.ARN, ":assumed-role/"):
		return "AROAEXAMPLE:" + l.Session
	case strings.Contains(l.ARN, ":federated-user/"):
		return l.Account + ":" + l.ARN[strings.LastIndexByte(l.ARN, '/')+1:]
	}
	return "AIDAEXAMPLE"
}

// answer is who the API server is told has logged in.
type answer struct {
	let    bool
	user   string
	groups []string
}

func (a answer) String() string {
	if !a.let {
		return "refused"
	}
	return fmt.Sprintf("%q %q", a.user, a.groups)
}

const (
	accessKey = "AKIAIOSFODNN7EXAMPLE"
	stsHost   = "sts.us-east-1.amazonaws.com"
	instance  = "i-0123456789abcdef0"
	dnsName   = "ip-10-0-0-1.ec2.internal"
)

// judge is the whole authenticator as it runs beside an API server, webhook and
// all. Around it stand an API server that sends aws-auth as events of a watch, an
// STS that says of a token what is in its signature, and an EC2 with one instance.
type judge struct {
	url    string
	client *http.Client
	events chan map[string]string
	loads  int
}

// theJudge starts once per process: its server has no way to stop without noise.
var theJudge = sync.OnceValue(startJudge)

func startJudge() *judge {
	j := &judge{events: make(chan map[string]string), client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	kube := httptest.NewServer(http.HandlerFunc(j.watch))
	ec2 := httptest.NewServer(http.HandlerFunc(describeInstances))
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_EC2": ec2.URL, "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		must(os.Setenv(name, value))
	}
	http.DefaultTransport = sts{http.DefaultTransport}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	port := free.Addr().(*net.TCPAddr).Port
	must(free.Close())
	cfg := config.Config{ClusterID: "c", PartitionID: "aws", Hostname: "127.0.0.1", Address: "127.0.0.1", HostPort: port,
		HealthPort: port, // taken by then, so that no second port is opened
		StateDir:   stateDir, KubeconfigPregenerated: true, Master: kube.URL, BackendMode: []string{mapper.ModeEKSConfigMap}}
	j.url = cfg.ServerURL()
	go server.New(context.Background(), cfg).Run(nil)
	for range 5000 {
		if c, err := net.Dial("tcp", cfg.ListenAddr()); err == nil {
			must(c.Close())
			return j
		}
		time.Sleep(time.Millisecond)
	}
	panic("the authenticator does not listen")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// watch is the API server's: each event replaces the ConfigMap.
func (j *judge) watch(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case data := <-j.events:
			cm := corev1.ConfigMap{Data: data}
			cm.APIVersion, cm.Kind, cm.Name, cm.Namespace = "v1", "ConfigMap", "aws-auth", "kube-system"
			must(json.NewEncoder(w).Encode(map[string]any{"type": "MODIFIED", "object": cm}))
			w.(http.Flusher).Flush()
		}
	}
}

// load puts a ConfigMap in force. A marker goes first, an account that no text
// names: once it is let in and then is not, the ConfigMap has replaced it.
func (j *judge) load(t testing.TB, data map[string]string) {
	t.Helper()
	j.loads++
	marker := login{ARN: "arn:aws:iam::000000000000:user/marker", Account: fmt.Sprintf("marker-%d", j.loads)}
	wait := func(want bool) {
		for range 20000 {
			if j.ask(t, marker).let == want {
				return
			}
			time.Sleep(50 * time.Microsecond)
		}
		t.Fatalf("the authenticator did not load %q", data)
	}
	j.events <- map[string]string{"mapAccounts": "[" + marker.Account + "]"}
	wait(true)
	j.events <- data
	wait(false)
}

// ask logs in: what the API server would be told of this caller's token.
func (j *judge) ask(t testing.TB, l login) answer {
	t.Helper()
	said, err := json.Marshal(l)
	must(err)
	q := url.Values{"Action": {"GetCallerIdentity"}, "X-Amz-Credential": {accessKey + "/x"}, "X-Amz-Expires": {"60"}, "X-Amz-SignedHeaders": {"x-k8s-aws-id"},
		"X-Amz-Date": {time.Now().UTC().Format("20060102T150405Z")}, "X-Amz-Signature": {base64.RawURLEncoding.EncodeToString(said)}}
	var review authenticationv1beta1.TokenReview
	review.Spec.Token = "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte("https://"+stsHost+"/?"+q.Encode()))
	body, err := json.Marshal(review)
	must(err)
	resp, err := j.client.Post(j.url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&review); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusForbidden {
		t.Fatalf("%s for %+v", resp.Status, l)
	}
	u := review.Status.User
	return answer{review.Status.Authenticated, u.Username, u.Groups}
}

// sts answers GetCallerIdentity with what the token's signature holds; whatever
// goes to another host takes the usual way.
type sts struct{ http.RoundTripper }

func (s sts) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != stsHost {
		return s.RoundTripper.RoundTrip(r)
	}
	var l login
	said, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("X-Amz-Signature"))
	must(err)
	must(json.Unmarshal(said, &l))
	result := map[string]any{"Arn": l.ARN, "Account": l.Account, "UserId": l.userID()}
	body, err := json.Marshal(map[string]any{"GetCallerIdentityResponse": map[string]any{"GetCallerIdentityResult": result}})
	must(err)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// describeInstances is EC2 with one instance.
func describeInstances(w http.ResponseWriter, r *http.Request) {
	if id := r.FormValue("InstanceId.1"); id != instance {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>%s</Message></Error></Errors></Response>`, id)
		return
	}
	fmt.Fprintf(w, `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item>`+
		`<instanceId>%s</instanceId><privateDnsName>%s</privateDnsName></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`, instance, dnsName)
}

// TestJudgeLogin: the authenticator around the mapper renders templates, lets
// accounts in, and refuses.
func TestJudgeLogin(t *testing.T) {
	j := theJudge()
	role := func(session string) login {
		return login{"arn:aws:sts::111122223333:assumed-role/Dev/" + session, "111122223333", session}
	}
	user := login{ARN: "arn:aws:iam::111122223333:user/team/ann", Account: "111122223333"}
	const text = "- rolearn: arn:aws:iam::111122223333:role/Dev\n  groups: [g, '{{AccountID}}', '{{SessionName}}']\n  username: "
	for name, tc := range map[string]struct {
		data map[string]string
		l    login
		want answer
	}{
		"session":        {map[string]string{"mapRoles": text + "'{{SessionName}} {{SessionNameRaw}}'"}, role("a@b"), answer{true, "a-b a@b", []string{"g", "111122223333", "a-b"}}},
		"access key":     {map[string]string{"mapRoles": text + "'{{AccessKeyID}}'"}, role("s"), answer{true, accessKey, []string{"g", "111122223333", "s"}}},
		"instance":       {map[string]string{"mapRoles": text + "'system:node:{{EC2PrivateDNSName}}'"}, role(instance), answer{true, "system:node:" + dnsName, []string{"g", "111122223333", instance}}},
		"no instance":    {map[string]string{"mapRoles": text + "'{{EC2PrivateDNSName}}'", "mapAccounts": "['111122223333']"}, role("s"), answer{}},
		"a user":         {map[string]string{"mapUsers": "- {userarn: 'arn:aws:iam::111122223333:user/team/ann', username: 'x{{SessionName}}'}"}, user, answer{true, "x", nil}},
		"unknown, blank": {map[string]string{"mapRoles": text + "'{{X}} {{ SessionName }}'"}, role("s"), answer{true, "{{X}} {{ SessionName }}", []string{"g", "111122223333", "s"}}},
		"the account":    {map[string]string{"mapAccounts": "['111122223333']"}, role("s"), answer{true, "arn:aws:iam::111122223333:role/Dev", nil}},
		"nobody":         {nil, user, answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			j.load(t, tc.data)
			if got := j.ask(t, tc.l); got.String() != tc.want.String() {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}
