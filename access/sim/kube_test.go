package sim_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authnv1 "k8s.io/api/authentication/v1"
	authzv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// kube is the real client-go as whoever holds the key.
func kube(t testing.TB, b *sim.Bench, cluster, key string, change ...func(*rest.Config)) *kubernetes.Clientset {
	t.Helper()
	config := &rest.Config{
		Host: "https://kube.test", BearerToken: b.Token(key, cluster), QPS: -1,
		ContentConfig: rest.ContentConfig{ContentType: "application/json"},
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return sim.Wire(b.Kubernetes(cluster)) },
	}
	for _, f := range change {
		f(config)
	}
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func workshop(t testing.TB, key string) (*sim.Bench, *kubernetes.Clientset) {
	b := demo(t, "s3", sim.Options{})
	if key == "" {
		key = defaultKey(b)
	}
	return b, kube(t, b, "eks-workshop", key)
}

func TestKubernetesIsDiscovered(t *testing.T) {
	_, api := workshop(t, "")
	v, err := api.Discovery().ServerVersion()
	if err != nil || v.GitVersion != "v1.33.5-eks-3025e55" {
		t.Errorf("version %v, %v", v, err)
	}
	_, lists, err := api.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range lists {
		for _, r := range l.APIResources {
			names = append(names, l.GroupVersion+" "+r.Name)
		}
	}
	for _, want := range []string{"v1 namespaces", "rbac.authorization.k8s.io/v1 rolebindings", "authorization.k8s.io/v1 selfsubjectaccessreviews"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
}

func TestDefaultRolesAreTheRealOnes(t *testing.T) {
	_, api := workshop(t, "")
	rules := map[string]int{}
	roles, err := api.RbacV1().ClusterRoles().List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles.Items {
		rules[r.Name] = len(r.Rules)
	}
	// 29, 27 and 12 are what the real aggregation made of them on a 1.36.3 server.
	for name, want := range map[string]int{"cluster-admin": 2, "admin": 29, "edit": 27, "view": 12, "system:basic-user": 2, "system:discovery": 1} {
		if rules[name] != want {
			t.Errorf("%s has %d rules, want %d", name, rules[name], want)
		}
	}
	if _, err := api.RbacV1().ClusterRoleBindings().Get(context.Background(), "cluster-admin", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

func TestKubernetesRefusesInItsOwnWords(t *testing.T) {
	ctx := context.Background()
	erin := `User "arn:aws:sts::123456789012:assumed-role/carts-developers/erin" cannot `
	for name, tc := range map[string]struct {
		key  string
		ask  func(*kubernetes.Clientset) error
		want string
	}{
		"unmapped": {"AKIANOBODYKNOWN00001", func(api *kubernetes.Clientset) error {
			return second(api.CoreV1().Namespaces().List(ctx, metav1.ListOptions{}))
		}, "Unauthorized: Unauthorized"},
		"a list of the cluster": {"AKIACARTSDEVELOPER01", func(api *kubernetes.Clientset) error {
			return second(api.CoreV1().Namespaces().List(ctx, metav1.ListOptions{}))
		}, `Forbidden: namespaces is forbidden: ` + erin + `list resource "namespaces" in API group "" at the cluster scope`},
		"an object": {"AKIACARTSDEVELOPER01", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().RoleBindings("orders").Get(ctx, "x", metav1.GetOptions{}))
		}, `Forbidden: rolebindings.rbac.authorization.k8s.io "x" is forbidden: ` + erin + `get resource "rolebindings" in API group "rbac.authorization.k8s.io" in the namespace "orders"`},
		"absent": {"", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().Roles("carts").Get(ctx, "x", metav1.GetOptions{}))
		}, `NotFound: roles.rbac.authorization.k8s.io "x" not found`},
		"no namespace": {"", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().Roles("nope").Create(ctx, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, metav1.CreateOptions{}))
		}, `NotFound: namespaces "nope" not found`},
		"there already": {"", func(api *kubernetes.Clientset) error {
			return second(api.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "carts"}}, metav1.CreateOptions{}))
		}, `AlreadyExists: namespaces "carts" already exists`},
		"another role": {"", func(api *kubernetes.Clientset) error {
			b, err := api.RbacV1().RoleBindings("carts").Get(ctx, "deployers", metav1.GetOptions{})
			if err != nil {
				return err
			}
			b.RoleRef.Name = "view"
			return second(api.RbacV1().RoleBindings("carts").Update(ctx, b, metav1.UpdateOptions{}))
		}, `Invalid: RoleBinding.rbac.authorization.k8s.io "deployers" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"view"}: cannot change roleRef`},
		"no watch": {"", func(api *kubernetes.Clientset) error {
			return second(api.CoreV1().Namespaces().Watch(ctx, metav1.ListOptions{}))
		}, `MethodNotAllowed: the server does not allow this method on the requested resource`},
		"a Role for the cluster": {"", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "x"},
				RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "y"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "u"}}}, metav1.CreateOptions{}))
		}, `Invalid: ClusterRoleBinding.rbac.authorization.k8s.io "x" is invalid: roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"`},
		"empty rules": {"", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().Roles("carts").Create(ctx, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}}}}, metav1.CreateOptions{}))
		}, `Invalid: Role.rbac.authorization.k8s.io "x" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].resources: Required value: resource rules must supply at least one resource]`},
		"protobuf": {"", func(api *kubernetes.Clientset) error {
			r := api.CoreV1().RESTClient().Post().Resource("namespaces").SetHeader("Content-Type", "application/vnd.kubernetes.protobuf").Body([]byte("k8s"))
			return r.Do(ctx).Error()
		}, `UnsupportedMediaType: the body of the request was in an unknown format`},
		"more than one has": {"AKIAORDERSONCALL0001", func(api *kubernetes.Clientset) error {
			return second(api.RbacV1().RoleBindings("orders").Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "x"},
				RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}}, metav1.CreateOptions{}))
		}, `Forbidden: rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "arn:aws:sts::123456789012:assumed-role/orders-oncall/frank" (groups=["orders-oncall" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:`},
	} {
		t.Run(name, func(t *testing.T) {
			_, api := workshop(t, tc.key)
			err := tc.ask(api)
			got := fmt.Sprintf("%s: %v", apierrors.ReasonForError(err), err)
			if !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestWritesAreConditional(t *testing.T) {
	ctx := context.Background()
	_, api := workshop(t, "")
	maps := api.CoreV1().ConfigMaps("kube-system")
	first, err := maps.Get(ctx, "aws-auth", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rehearsed := first.DeepCopy()
	rehearsed.Data["mapUsers"] = "rehearsed"
	if _, err := maps.Update(ctx, rehearsed, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Fatal(err)
	}
	next := first.DeepCopy()
	next.Data["mapUsers"] = ""
	next, err = maps.Update(ctx, next, metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if next.ResourceVersion == first.ResourceVersion || next.UID != first.UID || next.Data["mapUsers"] != "" {
		t.Errorf("updated: %v", next)
	}
	_, err = maps.Update(ctx, first, metav1.UpdateOptions{})
	if want := `Operation cannot be fulfilled on configmaps "aws-auth": the object has been modified; please apply your changes to the latest version and try again`; !apierrors.IsConflict(err) || err.Error() != want {
		t.Errorf("a stale update: %v", err)
	}
	err = maps.Delete(ctx, "aws-auth", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &first.ResourceVersion}})
	if !apierrors.IsConflict(err) {
		t.Errorf("a stale delete: %v", err)
	}
	other := types.UID("other")
	if err := maps.Delete(ctx, "aws-auth", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}}); !apierrors.IsConflict(err) {
		t.Errorf("the delete of another: %v", err)
	}
	if err := maps.Delete(ctx, "aws-auth", metav1.DeleteOptions{DryRun: []string{"All"}}); err != nil {
		t.Error(err)
	}
	if err := maps.Delete(ctx, "aws-auth", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &next.ResourceVersion}}); err != nil {
		t.Error(err)
	}
	if _, err := maps.Get(ctx, "aws-auth", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("after the delete: %v", err)
	}
}

func TestKubernetesPages(t *testing.T) {
	_, api := workshop(t, "")
	whole, err := api.RbacV1().RoleBindings("").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, b := range whole.Items {
		want = append(want, b.Namespace+"/"+b.Name)
	}
	options := metav1.ListOptions{Limit: 4}
	for {
		page, err := api.RbacV1().RoleBindings("").List(context.Background(), options)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Items {
			got = append(got, b.Namespace+"/"+b.Name)
		}
		if options.Continue = page.Continue; options.Continue == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("%d bindings: %s", len(want), diff)
	}
}

func TestReviews(t *testing.T) {
	ctx := context.Background()
	b, api := workshop(t, "AKIAORDERSONCALL0001")
	self, err := api.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authnv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if u := self.Status.UserInfo; u.Extra["canonicalArn"][0] != "arn:aws:iam::123456789012:role/orders-oncall" || !slices.Contains(u.Groups, "system:authenticated") {
		t.Errorf("who am I: %v", u)
	}
	ask := func(api *kubernetes.Clientset, verb, resource, namespace string) authzv1.SubjectAccessReviewStatus {
		t.Helper()
		out, err := api.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authzv1.SelfSubjectAccessReview{Spec: authzv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authzv1.ResourceAttributes{Verb: verb, Resource: resource, Namespace: namespace}}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return out.Status
	}
	if got := ask(api, "delete", "pods", "orders"); !got.Allowed || got.Reason != `RBAC: allowed by RoleBinding "orders-oncall/orders" of ClusterRole "admin" to Group "orders-oncall"` {
		t.Errorf("by RBAC: %+v", got)
	}
	if got := ask(api, "delete", "pods", "carts"); got.Allowed {
		t.Errorf("elsewhere: %+v", got)
	}
	erin := kube(t, b, "eks-workshop", "AKIACARTSDEVELOPER01")
	if got := ask(erin, "delete", "pods", "carts"); !got.Allowed || !strings.HasPrefix(got.Reason, "EKS Access Policy: ") {
		t.Errorf("by policy: %+v", got)
	}
	// Rules are listed from RBAC alone: policies do not show.
	rules, err := erin.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authzv1.SelfSubjectRulesReview{Spec: authzv1.SelfSubjectRulesReviewSpec{Namespace: "carts"}}, metav1.CreateOptions{})
	if err != nil || !rules.Status.Incomplete || slices.ContainsFunc(rules.Status.ResourceRules, func(r authzv1.ResourceRule) bool { return slices.Contains(r.Resources, "pods") }) {
		t.Errorf("rules: %v, %v", rules, err)
	}
	// About another by name: RBAC answers, policies have no opinion.
	admin := kube(t, b, "eks-workshop", defaultKey(b))
	other, err := admin.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authzv1.SubjectAccessReview{Spec: authzv1.SubjectAccessReviewSpec{
		User: "arn:aws:sts::123456789012:assumed-role/carts-developers/erin", ResourceAttributes: &authzv1.ResourceAttributes{Verb: "list", Resource: "pods", Namespace: "carts"}}}, metav1.CreateOptions{})
	if err != nil || other.Status.Allowed {
		t.Errorf("about another: %v, %v", other, err)
	}
	// Nobody may ask about others without the right to.
	if _, err := erin.AuthorizationV1().SubjectAccessReviews().Create(ctx, other, metav1.CreateOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("asking about others: %v", err)
	}
}

func TestImpersonationHasNoPolicies(t *testing.T) {
	b, _ := workshop(t, "")
	as := func(user string, groups ...string) error {
		api := kube(t, b, "eks-workshop", defaultKey(b), func(c *rest.Config) { c.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups} })
		return second(api.CoreV1().Pods("orders").List(context.Background(), metav1.ListOptions{}))
	}
	if err := as("frank", "orders-oncall"); err != nil {
		t.Errorf("as a group with a binding: %v", err)
	}
	if err := as("arn:aws:sts::123456789012:assumed-role/platform-admin/alice"); !apierrors.IsForbidden(err) {
		t.Errorf("as somebody with policies only: %v", err)
	}
}

func TestAdminPolicyCannotBind(t *testing.T) {
	world := strings.Replace(small, "policies: [{policy: AmazonEKSClusterAdminPolicy}]", "policies: [{policy: AmazonEKSAdminPolicy}]", 1)
	b := bench(t, world, sim.Options{})
	view := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "x"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}}
	_, err := kube(t, b, demoName, defaultKey(b)).RbacV1().RoleBindings("default").Create(context.Background(), view, metav1.CreateOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "attempting to grant RBAC permissions not currently held") {
		t.Errorf("with AmazonEKSAdminPolicy: %v", err)
	}
	b = bench(t, small, sim.Options{})
	if _, err := kube(t, b, demoName, defaultKey(b)).RbacV1().RoleBindings("default").Create(context.Background(), view, metav1.CreateOptions{}); err != nil {
		t.Errorf("with AmazonEKSClusterAdminPolicy: %v", err)
	}
}

func TestBindingsAreCompleted(t *testing.T) {
	_, api := workshop(t, "")
	got, err := api.RbacV1().RoleBindings("carts").Create(context.Background(), &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "x"},
		RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "view"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "u"}, {Kind: "ServiceAccount", Name: "s"}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.RoleRef.APIGroup != rbacv1.GroupName || got.Subjects[0].APIGroup != rbacv1.GroupName || got.Subjects[1].APIGroup != "" {
		t.Errorf("%+v %+v", got.RoleRef, got.Subjects)
	}
}

func TestADeletedNamespaceTakesItsContent(t *testing.T) {
	ctx := context.Background()
	b, api := workshop(t, "")
	if err := api.CoreV1().Namespaces().Delete(ctx, "carts", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.RbacV1().RoleBindings("carts").Get(ctx, "deployers", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the binding: %v", err)
	}
	b.Break(func(c sim.Call) *sim.Fault {
		if c.Service == "kubernetes" && c.Operation == "list namespaces" {
			return &sim.Fault{Status: 403, Code: "Forbidden", Message: "broken"}
		}
		return nil
	})
	if _, err := api.CoreV1().Namespaces().List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a fault: %v", err)
	}
}
