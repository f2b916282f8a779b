package rbacworld

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// TestDryRunOnAServer has a real kube-apiserver try plans: what it refuses (escalation,
// an admission webhook, an admission policy, a quota, an object it finds invalid) stops
// them before the first write, and what it accepts it has not stored.
func TestDryRunOnAServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kube-apiserver")
	}
	cp := rig.Start(t, rig.Options{})
	s := &server{T: t, client: must(kubernetes.NewForConfig(cp.Admin))(t)}
	s.write(&World{
		ClusterRoles:        []*rbacv1.ClusterRole{{ObjectMeta: metav1.ObjectMeta{Name: "binder"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get", "create", "update", "delete"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles", "rolebindings", "clusterrolebindings"}}}}},
		ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: metav1.ObjectMeta{Name: "eve"}, RoleRef: roleRef("ClusterRole", "binder"), Subjects: someone("eve")}},
	})
	for _, ns := range []string{"quota", "friday", "hook"} {
		s.must(second(s.client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns, Labels: map[string]string{"is": ns}}}, metav1.CreateOptions{})))
	}
	s.must(second(s.client.CoreV1().ConfigMaps("kube-system").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "aws-auth"}, Data: map[string]string{"mapRoles": "[]"}}, metav1.CreateOptions{})))
	asked := s.guarded()
	eve := rest.CopyConfig(cp.Admin)
	eve.Impersonate = rest.ImpersonationConfig{UserName: "eve", Groups: []string{"system:authenticated"}}
	world := func(c *rest.Config) *live.World {
		return &live.World{Sides: map[access.Realm]live.Side{KubeRealm: must(kube.New(c, KubeRealm))(t)}, Settle: live.Settle{Every: 50 * time.Millisecond, AtMost: 10 * time.Second}}
	}
	admin, limited := world(cp.Admin), world(eve)

	was, is := access.AuthMap{In: KubeRealm, Data: map[string]string{"mapRoles": "[]"}}, access.AuthMap{In: KubeRealm, Data: map[string]string{"mapRoles": "- rolearn: arn:aws:iam::111122223333:role/a\n"}}
	good := access.Plan{Steps: []access.Step{
		{After: access.Namespace{In: KubeRealm, Name: "new"}},
		{After: access.Role{In: KubeRealm, Namespace: "new", Name: "deployer", Rules: []access.Rule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}},
		{After: bound("new", "Role", "deployer", "dev")},
		{After: bound("default", "Role", "not-there", "dev")},
		{After: bound("", "ClusterRole", "cluster-admin", "bridge")},
		{Before: bound("", "ClusterRole", "cluster-admin", "bridge")},
		{Before: was, After: is},
	}}
	t.Run("what it accepts is not stored", func(t *testing.T) {
		got, err := admin.DryRun(t.Context(), good)
		if err != nil {
			t.Fatal(err)
		}
		// Who may bind any role is not asked whether it is there.
		for i, want := range []access.Code{"", access.NeedsSteps, access.NeedsSteps, "", "", access.NeedsSteps, ""} {
			if got[i].Untried != want || got[i].Err != nil {
				t.Errorf("step %d: %+v, want %q", i+1, got[i], want)
			}
		}
		for _, st := range good.Steps {
			have, err := admin.Sides[KubeRealm].Get(t.Context(), st.Key())
			if err != nil || have != nil && st.Key().Kind != access.AuthMapKind || have != nil && !access.Same(have, was) {
				t.Errorf("%v is stored: %v, %v", st.Key(), have, err)
			}
		}
		if _, err := admin.Apply(t.Context(), good, access.Accepted{Digest: good.Digest()}, nil); err != nil {
			t.Errorf("and then it is done: %v", err)
		}
	})
	for name, tc := range map[string]struct {
		world *live.World
		last  access.Object // after one that nobody objects to
		says  string
	}{
		"escalation":            {limited, bound("default", "ClusterRole", "cluster-admin", "dev"), "eve may not create rolebindings.rbac.authorization.k8s.io \"cluster-admins\" in namespace default: the API server lets nobody grant"},
		"no right to write":     {limited, is, "eve may not get configmaps"},
		"a role that is absent": {limited, bound("default", "Role", "gone", "dev"), `"gone" not found`},
		"an admission policy":   {admin, bound("friday", "ClusterRole", "view", "dev"), "ValidatingAdmissionPolicy 'friday' with binding 'friday' denied request: no grants on Friday"},
		"an admission webhook":  {admin, bound("hook", "ClusterRole", "view", "dev"), `admission webhook "hook.example.com" denied the request: four eyes, please`},
		"a quota":               {admin, bound("quota", "ClusterRole", "view", "dev"), "is refused: exceeded quota: few"},
		"an invalid object":     {admin, access.Namespace{In: KubeRealm, Name: "labelled", Meta: access.Meta{Labels: map[string]string{"a": "not a label!"}}}, "Invalid value"},
		"a namespace that goes": {admin, bound("no-such", "ClusterRole", "view", "dev"), `namespaces "no-such" not found`},
	} {
		t.Run(name, func(t *testing.T) {
			fine := bound("default", "ClusterRole", "binder", "somebody")
			p := access.Plan{Steps: []access.Step{{After: fine}, {After: tc.last}}}
			if am, ok := tc.last.(access.AuthMap); ok {
				p.Steps[1].Before = am
			}
			out, err := tc.world.Apply(t.Context(), p, access.Accepted{Digest: p.Digest()}, nil)
			if err == nil || !strings.Contains(err.Error(), tc.says) || out.Done > 0 || out.Stopped == nil || out.Stopped.Step != 1 {
				t.Errorf("outcome %+v\n%v\nwant %s", out, err, tc.says)
			}
			var no *live.Objection
			if name != "no right to write" && !errors.As(err, &no) {
				t.Errorf("it is no objection: %v", err)
			}
			if have, err := admin.Sides[KubeRealm].Get(t.Context(), fine.Key()); have != nil || err != nil {
				t.Errorf("the first step was done: %v, %v", have, err)
			}
		})
	}
	if asked.Load() == 0 {
		t.Error("the webhook was never asked")
	}
}

// guarded puts up what refuses: a quota, an admission policy and an admission webhook,
// which counts how often it is asked and wants to be asked by dry runs only.
func (s *server) guarded() *atomic.Int64 {
	ctx := s.Context()
	q := must(s.client.CoreV1().ResourceQuotas("quota").Create(ctx, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "few"}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/rolebindings.rbac.authorization.k8s.io": resource.MustParse("0")}}}, metav1.CreateOptions{}))(s.T)
	q.Status.Hard, q.Status.Used = q.Spec.Hard, corev1.ResourceList{"count/rolebindings.rbac.authorization.k8s.io": resource.MustParse("0")}
	s.must(second(s.client.CoreV1().ResourceQuotas("quota").UpdateStatus(ctx, q, metav1.UpdateOptions{}))) // no controller does it here

	in := func(ns string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"is": ns}}
	}
	rule := admissionregistrationv1.RuleWithOperations{Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
		Rule: admissionregistrationv1.Rule{APIGroups: []string{rbacv1.GroupName}, APIVersions: []string{"v1"}, Resources: []string{"rolebindings"}}}
	api := s.client.AdmissionregistrationV1()
	s.must(second(api.ValidatingAdmissionPolicies().Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "friday"}, Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: &admissionregistrationv1.MatchResources{NamespaceSelector: in("friday"), ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: rule}}},
		Validations:      []admissionregistrationv1.Validation{{Expression: "false", Message: "no grants on Friday"}},
	}}, metav1.CreateOptions{})))
	s.must(second(api.ValidatingAdmissionPolicyBindings().Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "friday"}, Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: "friday", ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}}}, metav1.CreateOptions{})))

	asked := &atomic.Int64{}
	hook := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			s.Error(err)
			return
		}
		asked.Add(1)
		if review.Request.DryRun == nil || !*review.Request.DryRun {
			s.Errorf("asked about a real write: %s", review.Request.Name)
		}
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Result: &metav1.Status{Code: http.StatusForbidden, Message: "four eyes, please"}}
		_ = json.NewEncoder(w).Encode(review)
	}))
	s.Cleanup(hook.Close)
	none := admissionregistrationv1.SideEffectClassNone
	s.must(second(api.ValidatingWebhookConfigurations().Create(ctx, &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "hook"}, Webhooks: []admissionregistrationv1.ValidatingWebhook{{
		Name: "hook.example.com", SideEffects: &none, AdmissionReviewVersions: []string{"v1"}, NamespaceSelector: in("hook"), Rules: []admissionregistrationv1.RuleWithOperations{rule},
		ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: &hook.URL, CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hook.Certificate().Raw})},
	}}}, metav1.CreateOptions{})))

	// The API server takes them up when its caches have seen them.
	for _, ns := range []string{"quota", "friday", "hook"} {
		s.until(ns+" refuses", func() bool {
			_, err := s.rbac().RoleBindings(ns).Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{GenerateName: "try-"}, RoleRef: roleRef("ClusterRole", "view")}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err != nil
		})
	}
	return asked
}

func bound(ns, kind, role, user string) access.Binding {
	return access.Binding{In: KubeRealm, Namespace: ns, Name: role + "s", Role: roleRef(kind, role), Subjects: someone(user)}
}

func roleRef(kind, name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func someone(name string) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}}
}

// must takes a value that a test can't go on without.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func second[T any](_ T, err error) error { return err }
