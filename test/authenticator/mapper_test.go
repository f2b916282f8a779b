package authenticator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/arn"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/errutil"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
	"sigs.k8s.io/aws-iam-authenticator/pkg/metrics"
	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard)
	metrics.InitMetrics(prometheus.NewRegistry()) // else a nil pointer on a watch error
	os.Exit(run(m))
}

// stateDir is where the authenticator keeps its certificate.
var stateDir string

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "authenticator")
	must(err)
	defer os.RemoveAll(dir)
	stateDir = dir
	return m.Run()
}

// mapIdentity asks the authenticator's own mapper who a caller becomes, with
// templates not yet rendered (that is private to pkg/server). It is false when
// the caller is not mapped, or has an ARN that is refused.
func mapIdentity(t testing.TB, data map[string]string, stsARN string) (username string, groups []string, mapped bool) {
	t.Helper()
	return newMapper(t, data).identity(t, stsARN)
}

// caller asks one loaded ConfigMap about many callers.
type caller struct{ mapper *configmap.ConfigMapMapper }

func (c caller) identity(t testing.TB, stsARN string) (username string, groups []string, mapped bool) {
	t.Helper()
	_, canonical, err := arn.Canonicalize(stsARN)
	if err != nil {
		return "", nil, false
	}
	id := &token.Identity{ARN: stsARN, CanonicalARN: canonical, AccountID: strings.Split(stsARN, ":")[4]}
	got, err := c.mapper.Map(id)
	switch {
	case err == nil:
		return got.Username, got.Groups, true
	case !errors.Is(err, errutil.ErrNotMapped):
		t.Fatalf("map %s: %v", stsARN, err)
	case c.mapper.IsAccountAllowed(id.AccountID): // as the server's doMapping does
		return canonical, nil, true
	}
	return "", nil, false
}

// newMapper starts the mapper on a loopback server that sends the ConfigMap as
// an event of a watch, as the function that stores one is private. Each event
// replaces everything, so a marker goes first: once it was seen and is gone,
// the ConfigMap is in force.
func newMapper(t testing.TB, data map[string]string) caller {
	t.Helper()
	const marker = "marker"
	seen, done := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		send := func(data map[string]string) {
			cm := corev1.ConfigMap{Data: data}
			cm.APIVersion, cm.Kind, cm.Name, cm.Namespace = "v1", "ConfigMap", "aws-auth", "kube-system"
			if err := json.NewEncoder(w).Encode(map[string]any{"type": "MODIFIED", "object": cm}); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
		send(map[string]string{"mapAccounts": "[" + marker + "]"})
		select {
		case <-seen:
		case <-done:
			return
		}
		send(data)
		<-done
	}))
	m, err := configmap.NewConfigMapMapper(config.Config{Master: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	t.Cleanup(func() {
		close(stop)
		close(done)
		srv.CloseClientConnections()
		srv.Close()
	})
	if err := m.Start(stop); err != nil {
		t.Fatal(err)
	}
	wait := func(want bool) {
		for range 5000 {
			if m.IsAccountAllowed(marker) == want {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatal("the mapper did not load the ConfigMap")
	}
	wait(true)
	close(seen)
	wait(false)
	return caller{m}
}

func TestJudgeMapIdentity(t *testing.T) {
	const role, user = "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:user/"
	const dev = "arn:aws:sts::111122223333:assumed-role/Dev/alice"
	for name, tc := range map[string]struct {
		data     map[string]string
		caller   string
		username string
		groups   string
		mapped   bool
	}{
		"assumed role":                {map[string]string{"mapRoles": "- {rolearn: '" + role + "Dev', username: 'dev:{{SessionName}}', groups: [devs, ops]}"}, dev, "dev:{{SessionName}}", "devs ops", true},
		"any letter case":             {map[string]string{"mapRoles": "- {rolearn: '" + role + "DEV', username: x}"}, dev, "x", "", true},
		"role with a path":            {map[string]string{"mapRoles": "- {rolearn: '" + role + "team/Dev', username: x}"}, dev, "", "", false},
		"the last of two":             {map[string]string{"mapRoles": "- {rolearn: '" + role + "Dev', username: x}\n- {rolearn: '" + role + "dev', username: z}"}, dev, "z", "", true},
		"roles before users":          {map[string]string{"mapRoles": "- {rolearn: '" + role + "Dev', username: x}", "mapUsers": "- {userarn: '" + role + "Dev', username: z}"}, dev, "x", "", true},
		"a role among the users":      {map[string]string{"mapUsers": "- {userarn: '" + role + "Dev', username: z}"}, dev, "z", "", true},
		"a user with a path":          {map[string]string{"mapUsers": "- {userarn: '" + user + "team/ann', username: ann}"}, user + "team/ann", "ann", "", true},
		"the account":                 {map[string]string{"mapAccounts": "- 111122223333"}, dev, role + "Dev", "", true},
		"another account":             {map[string]string{"mapAccounts": "- 444455556666"}, dev, "", "", false},
		"assumed-role ARN as an item": {map[string]string{"mapRoles": "- {rolearn: '" + dev + "', username: x}"}, dev, "", "", false},
		"no ARN at all":               {map[string]string{"mapRoles": "- {rolearn: x, username: x}"}, "x", "", "", false},
		"lost key":                    {map[string]string{"mapRoles": "- rolearn: " + role + "Dev\n  username: {{SessionName}}"}, dev, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			username, groups, mapped := mapIdentity(t, tc.data, tc.caller)
			if username != tc.username || strings.Join(groups, " ") != tc.groups || mapped != tc.mapped {
				t.Errorf("%q %q %v, want %q %q %v", username, groups, mapped, tc.username, tc.groups, tc.mapped)
			}
		})
	}
}
