package stories

import (
	"context"
	"slices"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

// watched is a probe of the real server: a denial of something that is kept fails the test.
type watched struct{ *probe.Probe }

// watch starts the probe. Callers who can't log in at the start are left out.
func watch(c *cluster, namespaces ...string) watched {
	c.t.Helper()
	return watchBut(c, "", namespaces...)
}

// watchBut leaves out the holder of an access key, who is meant to lose something.
func watchBut(c *cluster, key string, namespaces ...string) watched {
	c.t.Helper()
	wire, err := rest.TransportFor(&rest.Config{Host: c.Admin.Host, TLSClientConfig: rest.TLSClientConfig{CAData: c.Admin.CAData}})
	if err != nil {
		c.t.Fatal(err)
	}
	server := probe.Server{URL: c.Admin.Host, Transport: wire, Token: func(key string) string { return c.Bench.Token(key, c.Name) }}
	callers := slices.DeleteFunc(slices.Clone(c.World.Callers), func(c sim.Caller) bool { return c.Key == key })
	may, err := server.May(c.t.Context(), callers, probe.Questions(namespaces...))
	if err != nil {
		c.t.Fatal(err)
	}
	return watched{probe.Watch(context.Background(), server, callers, may, probe.Often)}
}

// ends stops the probe and fails the test for every denial.
func (w watched) ends(t *testing.T) {
	t.Helper()
	seen := w.Stop()
	if seen.Denied+seen.Unanswered > 0 {
		t.Errorf("probe: %s: %q", seen, seen.Words)
	}
	t.Logf("probe: %s", seen)
	if seen.Asked == 0 {
		t.Error("the probe asked nothing")
	}
}
