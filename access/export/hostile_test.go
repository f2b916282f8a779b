package export

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// hostile are texts that would be code, comments, other values or the end of a value in
// one of the formats, were they not encoded.
var hostile = []string{
	`"`, `'`, "`id`", "$(touch pwned)", "${path.module}", "%{ if true }", "$${x}", `\`, `\"`, `a\`,
	"line\nEOF\ntouch pwned", "EOF", "\"\n}\nresource \"null_resource\" \"x\" {\n", "# comment", "a # b", "a: b", "- a", "[a]", "{a: b}", "&a", "*a", "!!binary aGk=", "|", ">", "%YAML",
	"yes", "no", "On", "null", "~", "true", "1e3", "0123", "12:30:45", "2024-01-01", ".inf", "=", "<<", "--- a", "...", " lead", "trail ", "",
	"tab\t7here", "cr\r\nlf", "nul\x00byte", "esc\x1b[31m", "\u202egnp.exe", "zero\u200bwidth", "\u2028", "\u0085", "\ufeffbom", "emoji \U0001f600", "\U000e0041tag", "日本",
	"file:///etc/passwd", "http://169.254.169.254/", "--all", "-f", "'; touch pwned; '", "a' || touch pwned || '", "`\"$(touch pwned)\"`", "{{SessionName}}", "!Ref x", "Fn::Sub", "*/", "<<EOF", "$'\\n'",
}

const (
	hostileEKS  = access.Realm("eks:prod")
	hostileKube = access.Realm("kube:prod")
)

// hostileObjects puts a text wherever somebody else may choose one.
func hostileObjects(text string) []access.Object {
	arn := "arn:aws:iam::111122223333:role/" + text
	return []access.Object{
		access.AccessEntry{In: hostileEKS, Principal: arn, Type: access.StandardType, Username: "u:" + text, Groups: []string{"g:" + text, "plain"}, Tags: map[string]string{"k" + text: "v" + text}},
		access.PolicyAssociation{In: hostileEKS, Principal: arn, Policy: "arn:aws:eks::aws:cluster-access-policy/P" + text, Scope: access.PolicyScope{Namespaces: []string{"ns" + text, "other"}}},
		access.Role{In: hostileKube, Namespace: "ns" + text, Name: "role" + text, Meta: access.Meta{Labels: map[string]string{"l" + text: text}, Annotations: map[string]string{"a" + text: text}},
			Rules: []access.Rule{{Verbs: []string{"get"}, APIGroups: []string{"", text}, Resources: []string{"pods" + text}, ResourceNames: []string{"n" + text}}}},
		access.Binding{In: hostileKube, Namespace: "ns" + text, Name: "binding" + text, Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "role" + text},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "u:" + text}, {Kind: "ServiceAccount", Namespace: "ns" + text, Name: "sa" + text}}},
	}
}

// hostileWorld is a cluster with such objects, and a plan that makes them.
func hostileWorld(t *testing.T, text string) (now access.Snapshot, was access.Snapshot, p access.Plan) {
	t.Helper()
	cluster := access.Cluster{In: hostileEKS, Name: "prod", ARN: "arn:aws:eks:eu-west-1:111122223333:cluster/prod", Region: "eu-west-1", Account: "111122223333", Status: "ACTIVE"}
	was = access.Snapshot{Realms: []access.Realm{hostileEKS, hostileKube},
		Objects: access.Objects{}.With(cluster, access.AuthMode{In: hostileEKS, Mode: access.BothMode}, access.AuthMap{In: hostileKube, Data: map[string]string{"mapRoles": "[]\n"}})}
	now = was
	p = access.Plan{Cluster: cluster, Intents: []string{"grant " + text}}
	for _, o := range hostileObjects(text) {
		p.Steps = append(p.Steps, access.Step{After: o})
	}
	p.Steps = append(p.Steps, access.Step{Before: access.AuthMap{In: hostileKube, Data: map[string]string{"mapRoles": "[]\n"}},
		After: access.AuthMap{In: hostileKube, Data: map[string]string{"mapRoles": "# " + text + "\n", "k" + text: text}}})
	now = access.Project(was, p.Steps...)
	return now, was, p
}

// every calls a function with each hostile export: of the plan, and of what exists.
func every(t *testing.T, f Format, check func(t *testing.T, hostile, export string, planned bool)) {
	t.Helper()
	for _, text := range hostile {
		now, was, p := hostileWorld(t, text)
		got, err := Plan(f, was, p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		check(t, text, got, true)
		check(t, text, Now(f, access.NewIndex(now), Options{}), false)
		if again, _ := Plan(f, was, p, Options{}); again != got {
			t.Errorf("%q: the same plan, another text", text)
		}
	}
}

// TestNothingHidden: whatever is in a name, an export holds no character that acts on a
// terminal or hides from a reviewer.
func TestNothingHidden(t *testing.T) {
	for _, f := range Formats() {
		every(t, f, func(t *testing.T, text, export string, _ bool) {
			for _, r := range export {
				if r != '\n' && hidden(r) {
					t.Errorf("%s of %q holds %U", f, text, r)
					return
				}
			}
		})
	}
}

func asMap(o access.Object) map[string]string { return o.(access.AuthMap).Data }
