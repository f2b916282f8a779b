package eks_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// home sets up files and an environment of their own.
func home(t *testing.T, env map[string]string) string {
	dir := t.TempDir()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("config", "[profile work]\nregion = eu-west-3\n[profile other]\nregion = ap-south-1\n")
	write("credentials", "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s\n")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	for k, v := range env {
		t.Setenv(k, v)
	}
	return dir
}

// Who acts and where, for the flags, the exec env and the process environment.
func TestConfigActsAsTheHelperDoes(t *testing.T) {
	for name, tc := range map[string]struct {
		env         map[string]string
		o           eks.Options
		region, key string
	}{
		"a profile":                          {nil, eks.Options{Profile: "work"}, "eu-west-3", "AKIAWORK"},
		"a region beside it":                 {nil, eks.Options{Profile: "work", Region: "us-east-2"}, "us-east-2", "AKIAWORK"},
		"a profile in the exec env":          {nil, eks.Options{Env: map[string]string{"AWS_PROFILE": "other"}}, "ap-south-1", "AKIAOTHER"},
		"the exec env wins over the process": {map[string]string{"AWS_PROFILE": "work"}, eks.Options{Env: map[string]string{"AWS_PROFILE": "other"}}, "ap-south-1", "AKIAOTHER"},
		"a flag wins over the exec env":      {nil, eks.Options{Profile: "work", Env: map[string]string{"AWS_PROFILE": "other"}}, "eu-west-3", "AKIAWORK"},
		"keys in the environment win over an env profile": {map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-west-1"},
			eks.Options{Profile: "other", Env: map[string]string{"AWS_PROFILE": "other"}}, "us-west-1", "AKIAENV"},
		"a flag wins over keys in the environment": {map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"},
			eks.Options{Profile: "work"}, "eu-west-3", "AKIAWORK"},
		"keys in the exec env":     {nil, eks.Options{Env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIAEXEC", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "sa-east-1"}}, "sa-east-1", "AKIAEXEC"},
		"the process environment":  {map[string]string{"AWS_PROFILE": "work"}, eks.Options{}, "eu-west-3", "AKIAWORK"},
		"a region in the exec env": {map[string]string{"AWS_REGION": "us-west-1", "AWS_PROFILE": "work"}, eks.Options{Env: map[string]string{"AWS_REGION": "us-east-1"}}, "us-east-1", "AKIAWORK"},
	} {
		t.Run(name, func(t *testing.T) {
			home(t, tc.env)
			cfg, err := eks.Config(context.Background(), tc.o)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := cfg.Credentials.Retrieve(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.region, tc.key}, []string{cfg.Region, keys.AccessKeyID}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConfigAsksNobody(t *testing.T) {
	home(t, map[string]string{"AWS_EC2_METADATA_DISABLED": ""})
	cut := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("asked %s", r.URL)
		return nil, errors.New("no network")
	})}
	for _, o := range []eks.Options{{}, {Profile: "work", RoleARN: "arn:aws:iam::111122223333:role/x"},
		{Env: map[string]string{"AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere"}}} {
		o.HTTPClient, o.Region = cut, "eu-west-1"
		if _, err := eks.Config(context.Background(), o); err != nil {
			t.Error(err)
		}
	}
	if _, err := eks.Config(context.Background(), eks.Options{Profile: "absent"}); err == nil || !strings.Contains(err.Error(), "--profile") {
		t.Errorf("an absent profile: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestConfigAssumesTheHelpersRole(t *testing.T) {
	home(t, nil)
	b := bench(world(t, small), sim.Options{})
	key, _ := b.Caller()
	cfg, err := eks.Config(context.Background(), eks.Options{Region: "eu-west-1", HTTPClient: wire(b), RoleARN: dev, ExternalID: "x-1",
		Env: map[string]string{"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "s"}})
	if err != nil {
		t.Fatal(err)
	}
	s := read(t, eks.New(cfg, "demo", realm))
	if got := s.Caller.AWS.ARN; got != "arn:aws:sts::111122223333:assumed-role/dev/EKSGetTokenAuth" {
		t.Errorf("caller %s: kubectl appears as EKSGetTokenAuth, so must we", got)
	}
	if body := string(asked(b, "AssumeRole")[0].Body); !strings.Contains(body, "ExternalId=x-1") {
		t.Errorf("asked with %s", body)
	}
}

func TestFindCluster(t *testing.T) {
	three := func(w *sim.World) {
		for _, name := range []string{"other", "third"} {
			c := w.Clusters[0]
			c.Name = name
			w.Clusters = append(w.Clusters, c)
		}
	}
	for name, tc := range map[string]struct {
		endpoint, want, err string
		deny                []string
	}{
		"the very address":      {"https://C2.gr7.eu-west-1.eks.amazonaws.com", "other", "", nil},
		"case and port differ":  {"https://c2.GR7.eu-west-1.eks.amazonaws.com:443/", "other", "", nil},
		"nobody answers there":  {"https://proxy.internal", "", "a proxy hides the real address", nil},
		"several do":            {"https://same.test", "", "several clusters (demo, third)", nil},
		"may not list":          {"https://C2.gr7.eu-west-1.eks.amazonaws.com", "", "may not eks:ListClusters", []string{"eks:ListClusters"}},
		"may not describe":      {"https://C2.gr7.eu-west-1.eks.amazonaws.com", "", "may not eks:DescribeCluster", []string{"eks:DescribeCluster"}},
		"an address of nothing": {"", "", "--cluster-name", nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(world(t, small, three, func(w *sim.World) { w.Callers[0].Deny = tc.deny }), sim.Options{PageSize: 2})
			b.SetEndpoint("demo", "https://same.test", nil)
			b.SetEndpoint("third", "https://same.test", nil)
			b.SetEndpoint("other", "https://C2.gr7.eu-west-1.eks.amazonaws.com", nil)
			got, err := eks.FindCluster(context.Background(), configure(t, b), tc.endpoint)
			if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("FindCluster = %q, %v, want %q, %q", got, err, tc.want, tc.err)
			}
		})
	}
}
