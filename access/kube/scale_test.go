package kube_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// stored answers the LISTs of a made-up world in protobuf, and with 404 all else.
func stored(t testing.TB, w scale.World) http.Handler {
	t.Helper()
	rbac := rbacv1.SchemeGroupVersion
	m := http.NewServeMux()
	for path, of := range map[string]struct {
		list runtime.Object
		kind schema.GroupVersionKind
	}{
		"/api/v1/namespaces":                                     {&corev1.NamespaceList{Items: w.Namespaces}, corev1.SchemeGroupVersion.WithKind("NamespaceList")},
		"/apis/rbac.authorization.k8s.io/v1/roles":               {&rbacv1.RoleList{Items: w.Roles}, rbac.WithKind("RoleList")},
		"/apis/rbac.authorization.k8s.io/v1/clusterroles":        {&rbacv1.ClusterRoleList{Items: w.ClusterRoles}, rbac.WithKind("ClusterRoleList")},
		"/apis/rbac.authorization.k8s.io/v1/rolebindings":        {&rbacv1.RoleBindingList{Items: w.RoleBindings}, rbac.WithKind("RoleBindingList")},
		"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings": {&rbacv1.ClusterRoleBindingList{Items: w.ClusterRoleBindings}, rbac.WithKind("ClusterRoleBindingList")},
	} {
		of.list.GetObjectKind().SetGroupVersionKind(of.kind)
		var text bytes.Buffer
		if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(of.list, &text); err != nil {
			t.Fatal(err)
		}
		m.HandleFunc(path, func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
			_, _ = out.Write(text.Bytes())
		})
	}
	m.HandleFunc("GET /api/v1/namespaces/kube-system/configmaps/aws-auth", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(out, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`)
	})
	return m
}

// BenchmarkReadL reads world L in protobuf off a server that has it ready: what
// decoding and gathering cost us.
func BenchmarkReadL(b *testing.B) {
	w := scale.Of("L", 1)
	server := httptest.NewServer(stored(b, w))
	defer server.Close()
	side, err := kube.New(&rest.Config{Host: server.URL}, scale.Kube)
	if err != nil {
		b.Fatal(err)
	}
	world := live.World{Sides: map[access.Realm]live.Side{scale.Kube: side}}
	b.ReportAllocs()
	for b.Loop() {
		s, err := world.Load(context.Background(), nil)
		if err != nil || len(s.Gaps) > 0 || len(access.Of[access.Binding](s.Objects)) != len(w.RoleBindings)+len(w.ClusterRoleBindings) {
			b.Fatalf("%d objects, gaps %+v, %v", s.Objects.Len(), s.Gaps, err)
		}
	}
}
