package box

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// box is one control plane as on EKS, in which worlds are played one after another.
type box struct {
	*rig.ControlPlane
	admin *kubernetes.Clientset
	judge *authenticator
	aws   string // the address of the bench that is played
	bench atomic.Pointer[sim.Bench]
	name  atomic.Pointer[string] // of the cluster that is played
}

// theBox starts once per process: the authenticator does.
var theBox = sync.OnceValues(openBox)

func TestMain(m *testing.M) {
	code := m.Run()
	if started {
		if b, err := theBox(); err == nil {
			b.Close()
		}
	}
	os.Exit(code)
}

// started is whether there is anything to end.
var started bool

func open(t *testing.T) *box {
	t.Helper()
	started = true
	b, err := theBox()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openBox() (*box, error) {
	b := &box{}
	none := ""
	b.name.Store(&none)
	b.bench.Store(sim.New(sim.World{}, sim.Options{}))
	hooks := http.NewServeMux()
	hooks.HandleFunc("POST /authenticate", b.authenticate)
	hooks.HandleFunc("POST /authorize", func(w http.ResponseWriter, r *http.Request) { b.hooks().ServeHTTP(w, r) })
	at, err := listen(hooks)
	if err != nil {
		return nil, err
	}
	if b.aws, err = listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.bench.Load().ServeHTTP(w, r) })); err != nil {
		return nil, err
	}
	ec2, err := listen(http.HandlerFunc(describeInstances))
	if err != nil {
		return nil, err
	}
	http.DefaultTransport = sts{b.bench.Load, http.DefaultTransport} // the authenticator's way to STS
	// The authorizers of EKS in its order (EKS best practices, identity and access management).
	b.ControlPlane, err = rig.Open(rig.Options{Authenticate: at + "/authenticate", Authorize: at + "/authorize", Keep: true,
		Flags: []string{"--authorization-mode=Node,RBAC,Webhook"}})
	if err != nil {
		return nil, err
	}
	if b.admin, err = kubernetes.NewForConfig(b.Admin); err == nil {
		b.judge, err = startAuthenticator(b.AdminKubeconfig, b.Dir, ec2)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// listen serves on a free port of loopback until the process ends.
func listen(h http.Handler) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = http.Serve(l, h) }()
	return "http://" + l.Addr().String(), nil
}

func (b *box) hooks() http.Handler { return b.bench.Load().Webhooks(*b.name.Load()) }

// authenticate is EKS's webhook: an access entry wins, and so does the hidden creator
// where there are none; whom the bench does not know is asked of the authenticator, as
// long as the mode reads aws-auth.
func (b *box) authenticate(w http.ResponseWriter, r *http.Request) {
	var in authenticationv1.TokenReview
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out, err := b.review(in)
	if err != nil {
		// As without an answer: it is neither a yes nor a no, and the API server says so in its log.
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	in.Status = out
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(in)
}

func (b *box) review(in authenticationv1.TokenReview) (authenticationv1.TokenReviewStatus, error) {
	var out authenticationv1.TokenReview
	if err := post(b.hooks(), "/authenticate", in, &out); err != nil {
		return out.Status, err
	}
	if out.Status.Authenticated || out.Status.Error != "identity is not mapped" {
		return out.Status, nil
	}
	mode, err := b.mode()
	if err != nil || mode == "API" {
		return out.Status, err
	}
	return b.judge.review(in.Spec.Token)
}

// mode is the cluster's authentication mode.
func (b *box) mode() (string, error) {
	bench := b.bench.Load()
	key, _ := bench.Caller()
	r := httptest.NewRequest(http.MethodGet, "/clusters/"+*b.name.Load(), nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/"+region+"/eks/aws4_request")
	w := httptest.NewRecorder()
	bench.ServeHTTP(w, r)
	var said struct {
		Cluster struct {
			AccessConfig struct{ AuthenticationMode string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code != http.StatusOK {
		return "", fmt.Errorf("describe the cluster: %d %s", w.Code, w.Body)
	}
	return said.Cluster.AccessConfig.AuthenticationMode, nil
}

// post asks a webhook without a network.
func post(h http.Handler, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body)))
	if w.Code != http.StatusOK {
		return errors.New(w.Body.String())
	}
	return json.Unmarshal(w.Body.Bytes(), out)
}
