package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eks"
)

// Dump fills a folder with what people have of a cluster: what the real kubectl prints,
// and the answers of the EKS API, which the AWS CLI prints as they come.
func (c *Cluster) Dump(ctx context.Context, dir string) error {
	return errors.Join(c.dumpKubernetes(ctx, dir), c.dumpEKS(ctx, dir))
}

func (c *Cluster) dumpKubernetes(ctx context.Context, dir string) error {
	bin, err := Bin()
	if err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"namespaced.yaml": {"get", "roles,rolebindings", "-A", "-o", "yaml"},
		"cluster-roles":   {"get", "clusterroles", "-o", "json"},
		"bindings.yml":    {"get", "clusterrolebindings", "-o", "yaml"},
		"namespaces.json": {"get", "namespaces", "-o", "json"},
		"aws-auth.yaml":   {"get", "configmap", "aws-auth", "-n", "kube-system", "-o", "yaml"},
		"me.yaml":         {"auth", "whoami", "-o", "yaml"},
	} {
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "kubectl"), append(args, "--kubeconfig", c.Kubeconfig)...)
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("kubectl %v: %w", args, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), out, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) dumpEKS(ctx context.Context, dir string) error {
	key, _ := c.Bench.Caller()
	answers := &recorder{dir: dir}
	client := eks.New(eks.Options{Region: c.Region, BaseEndpoint: &c.AWS, HTTPClient: &http.Client{Transport: answers},
		Credentials: credentials.NewStaticCredentialsProvider(key, "sandbox", "")})
	_, cluster := client.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &c.Name})
	_, policies := client.ListAccessPolicies(ctx, &eks.ListAccessPoliciesInput{})
	entries, err := client.ListAccessEntries(ctx, &eks.ListAccessEntriesInput{ClusterName: &c.Name})
	if err := errors.Join(cluster, policies, err); err != nil {
		return err
	}
	for _, arn := range entries.AccessEntries {
		_, entry := client.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: &c.Name, PrincipalArn: aws.String(arn)})
		_, policies := client.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: &c.Name, PrincipalArn: aws.String(arn)})
		if err := errors.Join(entry, policies); err != nil {
			return err
		}
	}
	return nil
}

// recorder writes each answer to a file of its own.
type recorder struct {
	dir string
	n   int
}

// RoundTrip sends a request on.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "    "); err != nil {
		return nil, err
	}
	r.n++
	return res, os.WriteFile(filepath.Join(r.dir, fmt.Sprintf("aws-%02d.json", r.n)), text.Bytes(), 0o600)
}
