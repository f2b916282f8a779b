// Command floor is what reading a cluster's RBAC costs at least: five LISTs at once
// by a bare client-go program in protobuf, indexed by subject, and one question
// over all namespaces. It knows nothing of the plugin.
//
// What it finds is printed as one line, so that nothing can be left out unseen.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"golang.org/x/sync/errgroup"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// lists is what the five LISTs answer.
type lists struct {
	namespaces          *corev1.NamespaceList
	roles               *rbacv1.RoleList
	clusterRoles        *rbacv1.ClusterRoleList
	roleBindings        *rbacv1.RoleBindingList
	clusterRoleBindings *rbacv1.ClusterRoleBindingList
}

func read(ctx context.Context) (l lists, err error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return l, err
	}
	config.QPS, config.ContentType = -1, "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return l, err
	}
	// Whatever the watch cache has is the cheapest answer there is.
	cached, rbac := metav1.ListOptions{ResourceVersion: "0"}, client.RbacV1()
	var g errgroup.Group
	g.Go(func() (err error) { l.namespaces, err = client.CoreV1().Namespaces().List(ctx, cached); return err })
	g.Go(func() (err error) { l.roles, err = rbac.Roles("").List(ctx, cached); return err })
	g.Go(func() (err error) { l.clusterRoles, err = rbac.ClusterRoles().List(ctx, cached); return err })
	g.Go(func() (err error) { l.roleBindings, err = rbac.RoleBindings("").List(ctx, cached); return err })
	g.Go(func() (err error) {
		l.clusterRoleBindings, err = rbac.ClusterRoleBindings().List(ctx, cached)
		return err
	})
	return l, g.Wait()
}

type role struct{ namespace, name string }

type subject struct{ kind, name string }

type grant struct {
	in string // namespace, "" everywhere
	role
}

func run(ctx context.Context) error {
	l, err := read(ctx)
	if err != nil {
		return err
	}
	rules := make(map[role][]rbacv1.PolicyRule, len(l.roles.Items)+len(l.clusterRoles.Items))
	for _, r := range l.roles.Items {
		rules[role{r.Namespace, r.Name}] = r.Rules
	}
	for _, r := range l.clusterRoles.Items {
		rules[role{"", r.Name}] = r.Rules
	}
	grants := map[subject][]grant{}
	bind := func(in string, ref rbacv1.RoleRef, subjects []rbacv1.Subject) {
		g := grant{in, role{"", ref.Name}}
		if ref.Kind == "Role" {
			g.namespace = in
		}
		for _, s := range subjects {
			grants[subject{s.Kind, s.Name}] = append(grants[subject{s.Kind, s.Name}], g)
		}
	}
	for _, b := range l.roleBindings.Items {
		bind(b.Namespace, b.RoleRef, b.Subjects)
	}
	for _, b := range l.clusterRoleBindings.Items {
		bind("", b.RoleRef, b.Subjects)
	}
	may := make(map[role]bool, len(rules))
	for r, list := range rules {
		may[r] = slices.ContainsFunc(list, deletesPods)
	}
	answers := 0
	for _, list := range grants {
		for _, g := range list {
			if may[g.role] {
				answers++
			}
		}
	}
	fmt.Printf("%d namespaces, %d bindings, %d subjects, %d grants of delete pods\n",
		len(l.namespaces.Items), len(l.roleBindings.Items)+len(l.clusterRoleBindings.Items), len(grants), answers)
	return nil
}

func deletesPods(p rbacv1.PolicyRule) bool {
	return len(p.ResourceNames) == 0 && has(p.Verbs, "delete") && has(p.APIGroups, "") && has(p.Resources, "pods")
}

func has(list []string, s string) bool { return slices.Contains(list, s) || slices.Contains(list, "*") }
