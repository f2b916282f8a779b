package kube_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/eks-access/kubectl-eks-access/access/kube"
)

const (
	arn   = "arn:aws:eks:eu-west-1:111122223333:cluster/demo"
	host  = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
	plain = "https://10.0.0.1"
	team  = "arn:aws:iam::111122223333:role/team"
)

// kubeconfig is one context with one user's helper.
func kubeconfig(names [3]string, server string, env map[string]string, command ...string) clientcmdapi.Config {
	c := *clientcmdapi.NewConfig()
	c.CurrentContext = names[2]
	c.Clusters[names[0]] = &clientcmdapi.Cluster{Server: server}
	user := &clientcmdapi.AuthInfo{}
	if len(command) > 0 {
		user.Exec = &clientcmdapi.ExecConfig{Command: command[0], Args: command[1:]}
		for k, v := range env {
			user.Exec.Env = append(user.Exec.Env, clientcmdapi.ExecEnvVar{Name: k, Value: v})
		}
	}
	c.AuthInfos[names[1]] = user
	c.Contexts[names[2]] = &clientcmdapi.Context{Cluster: names[0], AuthInfo: names[1]}
	return c
}

var free = [3]string{"c", "u", "x"}

func words(line string) []string { return strings.Fields(line) }

func TestLocate(t *testing.T) {
	type target = kube.Target
	for name, tc := range map[string]struct {
		config clientcmdapi.Config
		env    map[string]string
		want   target
	}{
		"as update-kubeconfig writes": {
			config: kubeconfig([3]string{arn, arn, arn}, host, map[string]string{"AWS_PROFILE": "work"}, words("aws --region eu-west-1 eks get-token --cluster-name demo --output json")...),
			want:   target{Cluster: "demo", Region: "eu-west-1", Account: "111122223333", Partition: "aws", Profile: "work", Env: map[string]string{"AWS_PROFILE": "work"}}},
		"with its role": {
			config: kubeconfig(free, host, nil, words("aws --region eu-west-1 eks get-token --cluster-name demo --output json --role "+team)...),
			want:   target{Cluster: "demo", Region: "eu-west-1", Partition: "aws", RoleARN: team}},
		"the other form of flags": {
			config: kubeconfig(free, plain, nil, words("/usr/local/bin/aws eks --profile=p get-token --region=us-east-2 --cluster-name=demo --role-arn="+team)...),
			want:   target{Cluster: "demo", Region: "us-east-2", Partition: "aws", Profile: "p", RoleARN: team}},
		"switches between flags": {
			config: kubeconfig(free, plain, nil, words("aws --no-verify-ssl --debug --region us-east-2 eks get-token --no-cli-pager --cluster-name demo")...),
			want:   target{Cluster: "demo", Region: "us-east-2", Partition: "aws"}},
		"the last flag counts": {
			config: kubeconfig(free, plain, nil, words("aws eks get-token --cluster-name a --region us-east-2 --cluster-name b")...),
			want:   target{Cluster: "b", Region: "us-east-2", Partition: "aws"}},
		"on an Outpost": {
			config: kubeconfig(free, plain, nil, words("aws eks get-token --cluster-id 0a1b --region us-east-2")...),
			want:   target{Cluster: "0a1b", Region: "us-east-2", Partition: "aws"}},
		"Windows": {
			config: kubeconfig(free, plain, nil, append([]string{`C:\Program Files\Amazon\AWS.EXE`}, words("eks get-token --cluster-name demo --region us-east-2")...)...),
			want:   target{Cluster: "demo", Region: "us-east-2", Partition: "aws"}},
		"the authenticator": {
			config: kubeconfig(free, plain, map[string]string{"AWS_DEFAULT_REGION": "eu-north-1"}, words("aws-iam-authenticator token -i demo -r "+team+" -e ext")...),
			want:   target{Cluster: "demo", Region: "eu-north-1", Partition: "aws", RoleARN: team, ExternalID: "ext", Env: map[string]string{"AWS_DEFAULT_REGION": "eu-north-1"}}},
		"its long flags": {
			config: kubeconfig(free, plain, nil, words("aws-iam-authenticator token --cluster-id=demo --role "+team+" --external-id=ext --forward-session-name --region eu-north-1")...),
			want:   target{Cluster: "demo", Region: "eu-north-1", Partition: "aws", RoleARN: team, ExternalID: "ext"}},
		"its attached flags": {
			config: kubeconfig(free, plain, nil, words("aws-iam-authenticator token -idemo --cache -s=me")...),
			want:   target{Cluster: "demo"}},
		"its variables": {
			config: kubeconfig(free, plain, map[string]string{"KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID": "demo"}, words("aws-iam-authenticator token")...),
			env:    map[string]string{"DEFAULT_ROLE": team, "AWS_REGION": "eu-north-1"},
			want:   target{Cluster: "demo", Region: "eu-north-1", Partition: "aws", RoleARN: team, Env: map[string]string{"KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID": "demo"}}},
		"eksctl with the authenticator": {
			config: kubeconfig([3]string{"demo.us-west-2.eksctl.io", "me@demo.us-west-2.eksctl.io", "me@demo.us-west-2.eksctl.io"}, "https://1.sk1.us-west-2.eks.amazonaws.com",
				map[string]string{"AWS_STS_REGIONAL_ENDPOINTS": "regional"}, words("aws-iam-authenticator token -i demo")...),
			want: target{Cluster: "demo", Region: "us-west-2", Partition: "aws", Env: map[string]string{"AWS_STS_REGIONAL_ENDPOINTS": "regional"}}},
		"eksctl's names alone": {
			config: kubeconfig([3]string{"demo.us-west-2.eksctl.io", "u", "x"}, plain, nil),
			want:   target{Cluster: "demo", Region: "us-west-2", Partition: "aws"}},
		"an ARN as the cluster's name": {config: kubeconfig([3]string{arn, "u", "x"}, plain, nil), want: target{Cluster: "demo", Region: "eu-west-1", Account: "111122223333", Partition: "aws"}},
		"an ARN as the user's name":    {config: kubeconfig([3]string{"c", arn, "x"}, plain, nil), want: target{Cluster: "demo", Region: "eu-west-1", Account: "111122223333", Partition: "aws"}},
		"an ARN as the context's name": {config: kubeconfig([3]string{"c", "u", arn}, plain, nil), want: target{Cluster: "demo", Region: "eu-west-1", Account: "111122223333", Partition: "aws"}},
		"a context renamed after another cluster": {
			config: kubeconfig([3]string{"c", "u", "arn:aws:eks:us-east-1:999999999999:cluster/other"}, host, nil, words("aws eks get-token --cluster-name demo")...),
			want:   target{Cluster: "demo", Region: "eu-west-1", Partition: "aws"}},
		"only the host is EKS": {config: kubeconfig(free, host, nil), want: target{Region: "eu-west-1", Partition: "aws"}},
		"China": {
			config: kubeconfig(free, "https://1.gr7.cn-north-1.eks.amazonaws.com.cn", nil, words("aws eks get-token --cluster-name demo")...),
			want:   target{Cluster: "demo", Region: "cn-north-1", Partition: "aws-cn"}},
		"IPv6":          {config: kubeconfig(free, "https://1.eks-cluster.us-gov-west-1.api.aws", nil), want: target{Region: "us-gov-west-1", Partition: "aws-us-gov"}},
		"IPv6 in China": {config: kubeconfig(free, "https://1.eks-cluster.cn-northwest-1.api.amazonwebservices.com.cn", nil), want: target{Region: "cn-northwest-1", Partition: "aws-cn"}},
		"the exec env before the process": {
			config: kubeconfig(free, plain, map[string]string{"AWS_REGION": "us-east-1"}, words("aws eks get-token --cluster-name demo")...),
			env:    map[string]string{"AWS_REGION": "us-west-2"},
			want:   target{Cluster: "demo", Region: "us-east-1", Partition: "aws", Env: map[string]string{"AWS_REGION": "us-east-1"}}},
		"the process environment": {
			config: kubeconfig(free, plain, nil, words("aws eks get-token --cluster-name demo")...), env: map[string]string{"AWS_DEFAULT_REGION": "us-west-2"},
			want: target{Cluster: "demo", Region: "us-west-2", Partition: "aws"}},
		"aws-vault": {
			config: kubeconfig(free, plain, nil, words("aws-vault exec --no-session work -- aws eks get-token --cluster-name demo --region us-east-1")...),
			want:   target{Cluster: "demo", Region: "us-east-1", Partition: "aws", Profile: "work"}},
		"a shell": {
			config: kubeconfig(free, plain, nil, "sh", "-c", `exec aws eks get-token --cluster-name "demo" --region us-east-1`),
			want:   target{Cluster: "demo", Region: "us-east-1", Partition: "aws"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := kube.Locate(tc.config, "", func(k string) string { return tc.env[k] })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(target{}, "Context", "Server", "Evidence"), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			for field, value := range map[string]string{"cluster": got.Cluster, "region": got.Region, "account": got.Account, "partition": got.Partition,
				"profile": got.Profile, "rolearn": got.RoleARN, "externalid": got.ExternalID} {
				if (value == "") != (got.Evidence[field] == "") {
					t.Errorf("%s is %q with evidence %q", field, value, got.Evidence[field])
				}
			}
		})
	}
}

func TestLocateSaysWhatIsWrong(t *testing.T) {
	dangling := kubeconfig(free, host, nil)
	delete(dangling.Clusters, "c")
	homeless := kubeconfig(free, host, nil)
	homeless.CurrentContext = ""
	for name, tc := range map[string]struct {
		config  clientcmdapi.Config
		context string
		err     string
	}{
		"no kubeconfig":       {*clientcmdapi.NewConfig(), "", "aws eks update-kubeconfig"},
		"no current context":  {homeless, "", "choose one by --context (x)"},
		"no such context":     {kubeconfig(free, host, nil), "y", `no context "y": choose one by --context (x)`},
		"a dangling cluster":  {dangling, "", "does not have"},
		"not EKS":             {kubeconfig(free, "https://kind.local:6443", nil), "", "does not look like an EKS cluster"},
		"another cloud":       {kubeconfig(free, "https://34.1.2.3", nil, "gke-gcloud-auth-plugin"), "", "does not look like an EKS cluster"},
		"two clusters":        {kubeconfig([3]string{arn, arn, arn}, host, nil, words("aws eks get-token --cluster-name other --region eu-west-1")...), "", `signs for "other", and the name of the cluster entry says "demo"`},
		"two regions":         {kubeconfig([3]string{arn, arn, arn}, plain, nil, words("aws eks get-token --cluster-name demo --region us-east-1")...), "", "means two regions"},
		"a server elsewhere":  {kubeconfig(free, host, nil, words("aws eks get-token --cluster-name demo --region us-east-1")...), "", "the server is in eu-west-1, and exec argument says us-east-1"},
		"eksctl, another one": {kubeconfig([3]string{"demo.us-west-2.eksctl.io", "u", "x"}, plain, nil, words("aws-iam-authenticator token -i other")...), "", `signs for "other"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kube.Locate(tc.config, tc.context, func(string) string { return "" })
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("err = %v, want %q", err, tc.err)
			}
		})
	}
}
