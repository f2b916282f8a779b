package report

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

// examples are arguments by the word that the code's comment has for them.
var examples = map[string]string{
	"principal": "arn:aws:iam::123456789012:role/dev", "principals": "arn:aws:iam::123456789012:role/dev", "ARN": "arn:aws:iam::123456789012:role/team/dev",
	"AWS ARN": "arn:aws:sts::123456789012:assumed-role/dev/eve", "Kubernetes ARN": "arn:aws:sts::123456789012:assumed-role/ops/eve", "account": "210987654321",
	"reason": "path-in-role-arn", "why": "AccessDenied", "line": "7", "step": "3", "scope": "carts", "rules": "get pods", "number of principals": "3",
	"mode": "CONFIG_MAP", "from": "CONFIG_MAP", "to": "API_AND_CONFIG_MAP", "namespace": "test", "binding": "dev-binding", "role": "dev-role", "verb": "describe",
	"group": "extensions", "new group": "networking.k8s.io", "resource": "ingresses", "policy": "AmazonEKSViewPolicy", "policy name": "AmazonEKSNewPolicy",
	"user name": "dev", "old name": "system:dev", "new name": "kube:system:dev", "bindings": "2", "old": "system:dev", "new": "kube:system:dev", "status": "UPDATING",
	"section": "mapRoles", "detail": "did not find expected '-' indicator", "note code": "username-missing", "text": "no username: it is empty, not the ARN",
	"pattern": "preview-*", "added namespaces": "carts, ui", "subject": "User dev", "groups": "deployers", "level": "admin", "owner": "CloudFormation stack eks",
	"object": "aws-auth", "value": "{{SessionName}}", "lines or principals": "arn:aws:iam::123456789012:role/dev", "why of the step that is undone": "entry",
	"subjects": "group gone", "new steps": "2", "steps": "5", "kind": "User", "tried": "4", "principals who gain": "arn:aws:iam::123456789012:role/dev", "numbers of steps": "2, 5", "answer": "admission webhook denied the request", "rule": "2", "likely name": "ingresses", "table date": "2026-11-21",
	"binding or principal": "eks-access-bridge-7f3a", "server of the kubeconfig": "https://proxy", "endpoint of the cluster": "https://EX.gr7.us-west-2.eks.amazonaws.com",
}

// Every sentence with an example of each argument, to be read by people in review.
func TestSentences(t *testing.T) {
	var b strings.Builder
	for _, c := range codes(t, "../finding.go") {
		comment, _, _ := strings.Cut(c.comment, ":")
		comment, _, _ = strings.Cut(comment, ".")
		var args []string
		for _, name := range strings.Split(comment, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			example, ok := examples[name]
			if !ok {
				example = name
			}
			args = append(args, example)
		}
		if strings.HasPrefix(c.name, "Why") {
			fmt.Fprintf(&b, "%s\n    %s\n", c.value, StepWhy(access.Step{Why: access.Code(c.value), Args: args}))
			continue
		}
		text, fix := Finding(access.Finding{Code: access.Code(c.value), Args: args, About: []access.Key{{Realm: "kube:prod", Kind: access.AuthMapKind, Namespace: "kube-system", Name: "aws-auth"}},
			Who:   []access.Principal{{Kind: access.RolePrincipal, Name: "dev"}, {Kind: access.RolePrincipal, Name: "ops"}},
			Roads: []access.Road{{Powers: []access.Code{access.PowerSecrets}, Namespace: "kube-system", Subject: "Group devs", Via: []access.Key{{Kind: access.RoleBindingKind, Namespace: "kube-system", Name: "devs"}, {Kind: access.ClusterRoleKind, Name: "edit"}}}}})
		fmt.Fprintf(&b, "%s\n    %s\n    fix: %s\n", c.value, text, fix)
		if strings.Contains(text+fix, "?") {
			t.Errorf("%s: a question mark: an argument is missing", c.value)
		}
	}
	const file = "testdata/sentences.golden"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

// A plan file of another version may bring fewer arguments, or a code we don't know.
func TestSentencesWithoutArguments(t *testing.T) {
	for want, f := range map[string]access.Finding{
		"? has list without watch, so kubectl get --watch fails": {Code: access.WatchMissing},
		"aws-auth mapRoles: ?":        {Code: access.MapComplaint, Args: []string{"mapRoles"}},
		"made-tomorrow: dev, \"a b\"": {Code: "made-tomorrow", Args: []string{"dev", "a b"}},
		"made-tomorrow":               {Code: "made-tomorrow"},
		"you (dev) would lose access at step 3 in the whole cluster and might not be able to undo it: ?": {Code: access.CallerLoses, Args: []string{"dev", "3"}},
	} {
		if got, _ := Finding(f); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if got := StepWhy(access.Step{Why: "made-tomorrow"}); got != "made-tomorrow" {
		t.Errorf("an unknown reason reads %q", got)
	}
}

// Only a principal that exists can have its dead entry made again.
func TestADeadEntryIsMadeAgainForWhoExists(t *testing.T) {
	const dev = "arn:aws:iam::123456789012:role/dev"
	for want, why := range map[string]access.Code{
		"remove it: kubectl eks-access revoke " + dev: access.PrincipalGone,
		"remove it: kubectl eks-access revoke " + dev + "; or make the entry again, for who has the name now: kubectl eks-access change " + dev + " --remake": access.PrincipalRemade,
	} {
		if _, got := Finding(access.Finding{Code: access.MappingDead, Args: []string{dev, string(why)}}); got != want {
			t.Errorf("%s: %q\nwant %q", why, got, want)
		}
	}
}

func TestConfirmsNameTheirCode(t *testing.T) {
	for want, f := range map[string]access.Finding{
		"do it while no node joins; all should be Ready before and after: kubectl get nodes; or accept it with --accept node-window": {Code: access.NodeWindow, Severity: access.Confirm},
		"accept it with --accept masters-to-policy": {Code: access.MastersToPolicy, Severity: access.Confirm},
	} {
		if _, got := Finding(f); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// What we print can be pasted into a shell and does what it says.
func TestCommandsArePasteable(t *testing.T) {
	for in, want := range map[string]string{
		"arn:aws:iam::123456789012:role/team/dev@x": "arn:aws:iam::123456789012:role/team/dev@x",
		"a; rm -rf /": "'a; rm -rf /'",
		"it's":        `'it'\''s'`,
		"$(id)`id`":   "'$(id)`id`'",
		"--yes":       "'--yes'",
		"":            "''",
		"größe":       "'größe'",
		"a\nb\x1b[2J": "'a␊b␛[2J'",
		"~root":       "'~root'",
		"=ls":         "'=ls'",
	} {
		if got := shell(in); got != want {
			t.Errorf("shell(%q) = %s, want %s", in, got, want)
		}
	}
}
