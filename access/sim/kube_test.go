package sim_test

import (
	"context"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// kube is the real client-go as whoever holds the key.
func kube(t testing.TB, b *sim.Bench, cluster, key string) *kubernetes.Clientset {
	t.Helper()
	c, err := kubernetes.NewForConfig(&rest.Config{
		Host: "https://kube.test", BearerToken: b.Token(key, cluster), QPS: -1,
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return sim.Wire(b.Kubernetes(cluster)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKubernetesLists(t *testing.T) {
	b := demo(t, "s3", sim.Options{})
	ctx := context.Background()
	api := kube(t, b, "eks-workshop", defaultKey(b))
	roles, err := api.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles.Items {
		if (r.Name == "admin" || r.Name == "edit" || r.Name == "view") && len(r.Rules) < 10 {
			t.Errorf("%s has %d rules: not aggregated", r.Name, len(r.Rules))
		}
	}
	if len(roles.Items) < 30 {
		t.Errorf("%d cluster roles", len(roles.Items))
	}
	if _, err := api.CoreV1().ConfigMaps("kube-system").Get(ctx, "aws-auth", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	_, err = kube(t, b, "eks-workshop", "AKIANOBODYKNOWN00001").CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if !apierrors.IsUnauthorized(err) {
		t.Errorf("unmapped caller: %v", err)
	}
	_, err = kube(t, b, "eks-workshop", "AKIACARTSDEVELOPER01").CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	want := `namespaces is forbidden: User "arn:aws:sts::123456789012:assumed-role/carts-developers/erin" cannot list resource "namespaces" in API group "" at the cluster scope`
	if !apierrors.IsForbidden(err) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, _ = corev1.Pod{}, rbacv1.Role{}
}
