package rig

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// written is a world with one way in by each door: admin by an access entry,
// dev by aws-auth and RBAC, nobody by none.
const written = `
accounts: {"111122223333": {roles: [{name: admin}, {name: dev}, {name: nobody}]}}
callers:
- {key: AKIAADMIN0000000, arn: "arn:aws:sts::111122223333:assumed-role/admin/root"}
- {key: AKIADEV000000000, arn: "arn:aws:sts::111122223333:assumed-role/dev/alice"}
- {key: AKIANOBODY000000, arn: "arn:aws:sts::111122223333:assumed-role/nobody/eve"}
clusters:
- name: demo
  account: "111122223333"
  region: us-west-2
  version: "1.33"
  mode: API_AND_CONFIG_MAP
  entries:
  - principal: arn:aws:iam::111122223333:role/admin
    policies: [{policy: AmazonEKSClusterAdminPolicy}]
  aws-auth:
    mapRoles: |
      - rolearn: arn:aws:iam::111122223333:role/dev
        username: dev:{{SessionName}}
        groups: [devs]
  namespaces: [dev-1]
  objects:
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: devs, namespace: dev-1}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: devs}]
`

func TestEKSLetsEachInByTheirDoor(t *testing.T) {
	w, err := sim.Parse([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	c := EKSOf(t, w, sim.Options{})
	for _, test := range []struct{ key, user, namespace, verb, resource string }{
		{"AKIAADMIN0000000", "arn:aws:sts::111122223333:assumed-role/admin/root", "kube-system", "delete", "secrets"},
		{"AKIADEV000000000", "dev:alice", "dev-1", "create", "pods"},
	} {
		k, err := kubernetes.NewForConfig(c.As(test.key))
		if err != nil {
			t.Fatal(err)
		}
		if user, err := whoami(t.Context(), k); err != nil || user != test.user {
			t.Errorf("%s is %q, error %v, want %q", test.key, user, err, test.user)
		}
		if !can(t, k, test.namespace, test.verb, test.resource) {
			t.Errorf("%s may not %s %s in %s", test.key, test.verb, test.resource, test.namespace)
		}
	}

	dev, err := kubernetes.NewForConfig(c.As("AKIADEV000000000"))
	if err != nil {
		t.Fatal(err)
	}
	if can(t, dev, "kube-system", "create", "pods") {
		t.Error("dev may create pods in kube-system")
	}
	nobody, err := kubernetes.NewForConfig(c.As("AKIANOBODY000000"))
	if err != nil {
		t.Fatal(err)
	}
	if user, err := whoami(t.Context(), nobody); err == nil {
		t.Errorf("nobody maps that role, and it is %q", user)
	}

	// Nothing is remembered: a mapping taken away counts in the next request.
	admin, err := kubernetes.NewForConfig(c.Admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.CoreV1().ConfigMaps("kube-system").Delete(t.Context(), "aws-auth", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if user, err := whoami(t.Context(), dev); err == nil {
		t.Errorf("aws-auth is gone, and dev still is %q", user)
	}
}

// A real API server takes every object of every world, and lets its default
// caller in by the kubeconfig that make sandbox hands out.
func TestEveryWorldComesToLife(t *testing.T) {
	for _, world := range sim.Demos() {
		t.Run(world, func(t *testing.T) {
			c := EKS(t, world)
			file, err := clientcmd.LoadFromFile(c.Kubeconfig)
			if err != nil || file.CurrentContext != c.ARN {
				t.Errorf("the context is %q, want %q, error %v", file.CurrentContext, c.ARN, err)
			}
			config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
			if err != nil {
				t.Fatal(err)
			}
			k, err := kubernetes.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			if user, err := whoami(t.Context(), k); err != nil || user == "" {
				key, arn := c.Bench.Caller()
				t.Errorf("%s (%s) is %q, error %v", key, arn, user, err)
			}
		})
	}
}

func whoami(ctx context.Context, k *kubernetes.Clientset) (string, error) {
	got, err := k.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return got.Status.UserInfo.Username, nil
}

func can(t *testing.T, k *kubernetes.Clientset, namespace, verb, resource string) bool {
	t.Helper()
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Resource: resource}}}
	got, err := k.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Status.Allowed
}
