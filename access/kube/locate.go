package kube

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Target is the EKS cluster that a context means, and as whom its helper signs.
// What the kubeconfig does not tell is empty. Evidence says for each field where
// it was found.
type Target struct {
	Context, Server, Cluster, Region, Account, Partition, Profile, RoleARN, ExternalID string

	Env      map[string]string // of the exec section: it wins over the process environment, for the helper only
	Evidence map[string]string // field in lower case -> place
}

// The forms that carry a cluster's name or place.
var (
	clusterARN = regexp.MustCompile(`^arn:([a-z0-9-]+):eks:([a-z0-9-]+):(\d{12}):cluster/([0-9A-Za-z][0-9A-Za-z_-]*)$`)
	// eksctl writes NAME.REGION.eksctl.io, and USER@ that for context and user.
	eksctlName = regexp.MustCompile(`^(?:.*@)?([0-9A-Za-z][0-9A-Za-z_-]*)\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.eksctl\.io$`)
	// https://ID.SUFFIX.REGION.eks.amazonaws.com, in China .com.cn; clusters with
	// IPv6 have REGION.api.aws, in China .api.amazonwebservices.com.cn.
	eksHost = regexp.MustCompile(`\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.(?:eks\.[a-z0-9.-]+|api\.aws|api\.amazonwebservices\.com\.cn)$`)
)

// Locate reads from a context which EKS cluster it means. It asks nobody; env is
// the process environment. An empty context is the current one.
//
// The cluster's name may stay empty when only the host shows that it is EKS: then
// FindCluster can ask. With an error the target holds what was found so far, so
// that flags can fill the rest.
//
// The order of evidence: exec arguments; ARNs as names; eksctl's names; the host;
// the exec env; the process environment.
func Locate(config clientcmdapi.Config, context string, env func(string) string) (Target, error) {
	t := Target{Context: cmp.Or(context, config.CurrentContext), Env: map[string]string{}, Evidence: map[string]string{}}
	at, ok := config.Contexts[t.Context]
	switch {
	case len(config.Contexts) == 0:
		return t, fmt.Errorf("no kubeconfig with a context was found: run aws eks update-kubeconfig --name CLUSTER --region REGION, or set KUBECONFIG")
	case t.Context == "":
		return t, fmt.Errorf("the kubeconfig has no current context: choose one by --context (%s)", names(config.Contexts))
	case !ok:
		return t, fmt.Errorf("the kubeconfig has no context %q: choose one by --context (%s)", t.Context, names(config.Contexts))
	}
	cluster, ok := config.Clusters[at.Cluster]
	if !ok {
		return t, fmt.Errorf("context %s names cluster %q, which the kubeconfig does not have: run aws eks update-kubeconfig again", t.Context, at.Cluster)
	}
	t.Server = cluster.Server
	var h helper
	if user := config.AuthInfos[at.AuthInfo]; user != nil && user.Exec != nil {
		h = readHelper(user.Exec)
		t.Env = h.env
	}
	named := []place{
		{"the name of the cluster entry", at.Cluster}, {"the name of the user entry", at.AuthInfo}, {"the name of the context", t.Context},
	}
	t.fromHelper(h, env)
	t.fromNames(named)
	t.fromHost()
	t.fromEnv(h, env)
	t.derive()
	if err := t.contradiction(h, named[:1]); err != nil {
		return t, err
	}
	if t.Cluster == "" && t.Evidence["region"] != "host" && !h.aws {
		return t, fmt.Errorf("context %s (%s) does not look like an EKS cluster: if it is one, name it by --cluster-name and --region", t.Context, t.Server)
	}
	return t, nil
}

type place struct{ what, text string }

// set keeps the first evidence for a field.
func (t *Target) set(field *string, name, value, from string) {
	if *field == "" && value != "" {
		*field, t.Evidence[name] = value, from
	}
}

func (t *Target) fromHelper(h helper, env func(string) string) {
	t.set(&t.Cluster, "cluster", h.cluster, "exec argument")
	t.set(&t.Region, "region", h.region, "exec argument")
	t.set(&t.Profile, "profile", h.profile, "exec argument")
	t.set(&t.RoleARN, "rolearn", h.role, "exec argument")
	t.set(&t.ExternalID, "externalid", h.externalID, "exec argument")
	t.set(&t.Profile, "profile", h.env["AWS_PROFILE"], "exec env AWS_PROFILE")
	t.set(&t.Profile, "profile", h.wrapped, "exec wrapper "+h.command)
	if h.authenticator {
		for _, from := range []struct {
			name string
			read func(string) string
		}{{"exec env ", func(k string) string { return h.env[k] }}, {"environment ", env}} {
			t.set(&t.Cluster, "cluster", from.read(clusterIDVariable), from.name+clusterIDVariable)
			t.set(&t.RoleARN, "rolearn", from.read(roleVariable), from.name+roleVariable)
		}
	}
}

// Variables that the aws-iam-authenticator reads (cmd/aws-iam-authenticator).
const (
	clusterIDVariable = "KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID"
	roleVariable      = "DEFAULT_ROLE"
)

func (t *Target) fromNames(named []place) {
	for _, p := range named {
		m := clusterARN.FindStringSubmatch(p.text)
		if m == nil || t.Cluster != "" && t.Cluster != m[4] {
			continue // another cluster's ARN tells nothing about this one
		}
		t.set(&t.Cluster, "cluster", m[4], p.what)
		t.set(&t.Region, "region", m[2], p.what)
		t.set(&t.Account, "account", m[3], p.what)
		t.set(&t.Partition, "partition", m[1], p.what)
	}
	for _, p := range named {
		m := eksctlName.FindStringSubmatch(p.text)
		if m == nil || t.Cluster != "" && t.Cluster != m[1] {
			continue
		}
		t.set(&t.Cluster, "cluster", m[1], p.what)
		t.set(&t.Region, "region", m[2], p.what)
	}
}

func (t *Target) fromHost() {
	t.set(&t.Region, "region", hostRegion(t.Server), "host")
}

func hostRegion(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	if m := eksHost.FindStringSubmatch(strings.ToLower(u.Hostname())); m != nil {
		return m[1]
	}
	return ""
}

func (t *Target) fromEnv(h helper, env func(string) string) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.set(&t.Region, "region", h.env[name], "exec env "+name)
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.set(&t.Region, "region", env(name), "environment "+name)
	}
}

// derive: the partition follows from the region.
func (t *Target) derive() {
	if t.Region == "" {
		return
	}
	partition := "aws"
	for _, p := range []struct{ prefix, partition string }{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
		{"us-iso-", "aws-iso"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(t.Region, p.prefix) {
			partition = p.partition
		}
	}
	t.set(&t.Partition, "partition", partition, "region")
}

// contradiction finds a kubeconfig that means two clusters: the helper signs for
// one, and the server is another's. kubectl gets 401 there, and we would change
// the wrong one.
func (t *Target) contradiction(h helper, named []place) error {
	for _, p := range named {
		name, region := "", ""
		if m := clusterARN.FindStringSubmatch(p.text); m != nil {
			name, region = m[4], m[2]
		} else if m := eksctlName.FindStringSubmatch(p.text); m != nil {
			name, region = m[1], m[2]
		}
		if name != "" && h.cluster != "" && name != h.cluster {
			return fmt.Errorf("context %s means two clusters: its helper signs for %q, and %s says %q: run aws eks update-kubeconfig again, or choose by --cluster-name", t.Context, h.cluster, p.what, name)
		}
		if region != "" && h.region != "" && region != h.region {
			return fmt.Errorf("context %s means two regions: its helper says %s, and %s says %s: run aws eks update-kubeconfig again, or choose by --cluster-name and --region", t.Context, h.region, p.what, region)
		}
	}
	if host := hostRegion(t.Server); host != "" && t.Region != "" && host != t.Region {
		return fmt.Errorf("context %s means two regions: the server is in %s, and %s says %s: run aws eks update-kubeconfig again, or choose by --cluster-name and --region", t.Context, host, t.Evidence["region"], t.Region)
	}
	return nil
}

// names lists the first contexts: enough to see a typing error.
func names(contexts map[string]*clientcmdapi.Context) string {
	all := slices.Sorted(maps.Keys(contexts))
	if len(all) > 8 {
		return strings.Join(all[:8], ", ") + fmt.Sprintf(", and %d more", len(all)-8)
	}
	return strings.Join(all, ", ")
}
