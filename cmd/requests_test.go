package cmd

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/export"
)

// request parses arguments as the program does, with commands that only note what
// they were asked for.
func request(args ...string) (got any, err error) {
	e := &env{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	root := newRoot(e, runs{
		bare:    note[bareRequest](&got),
		list:    note[listRequest](&got),
		migrate: note[migrateRequest](&got),
		grant:   note[grantRequest](&got),
		apply:   note[applyRequest](&got),
		undo:    note[undoRequest](&got),

		revoke:   note[revokeRequest](&got),
		identity: note[identityRequest](&got),
		plan:     note[planRequest](&got),
		resume:   note[resumeRequest](&got),
		history:  note[historyRequest](&got),
		export:   note[exportRequest](&got),
		explain:  note[explainRequest](&got),
		version:  note[versionRequest](&got),
	})
	root.SetArgs(args)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err = root.Execute()
	return got, err
}

func note[R any](into *any) func(context.Context, *env, R) error {
	return func(_ context.Context, _ *env, r R) error { *into = r; return nil }
}

var plainServer = kubeFlags{Timeout: "0"}

func TestArgumentsBecomeRequests(t *testing.T) {
	here := target{Server: plainServer}
	for args, want := range map[string]any{
		"":                          bareRequest{Target: here},
		"--demo --plain":            bareRequest{Target: target{Demo: "s3", Server: plainServer}, Plain: true},
		"--demo=s4":                 bareRequest{Target: target{Demo: "s4", Server: plainServer}},
		"list":                      listRequest{Target: here, Output: "table"},
		"list --demo=s1 -o json":    listRequest{Target: target{Demo: "s1", Server: plainServer}, Output: "json"},
		"list a role/b -n x,y -n z": listRequest{Target: here, Principals: []string{"a", "role/b"}, Namespaces: []string{"x", "y", "z"}, Output: "table"},
		"list --namespace=x,x, -o jsonpath={.items} --no-headers": listRequest{Target: here, Namespaces: []string{"x"}, Output: "jsonpath={.items}", NoHeaders: true},
		"list --findings --severity warn --code becomes-admin,group-unbound --code mapping-dead role/a -o sarif": listRequest{Target: here, Principals: []string{"role/a"}, Output: "sarif",
			Findings: true, AtLeast: access.Warn, Codes: []access.Code{"becomes-admin", "group-unbound", "mapping-dead"}},
		"list --findings --severity=info": listRequest{Target: here, Output: "table", Findings: true},
		"list --kubeconfig k --context c --cluster-name n --region r --profile p --role-arn a": listRequest{
			Target: target{Kubeconfig: "k", Context: "c", Cluster: "n", Region: "r", Profile: "p", RoleARN: "a", Server: plainServer}, Output: "table"},
		"list --as u --as-group g --as-group h --as-uid 7 --user k --request-timeout 5s": listRequest{
			Target: target{Server: kubeFlags{User: "k", As: "u", AsUID: "7", AsGroups: "g,h", Timeout: "5s"}}, Output: "table"},
		"migrate":                                                   migrateRequest{Target: here, To: access.BothMode},
		"migrate a --to API --yes":                                  migrateRequest{Target: here, Principals: []string{"a"}, To: access.APIMode, Mode: mode{Yes: true}},
		"migrate --dry-run -o json":                                 migrateRequest{Target: here, To: access.BothMode, Mode: mode{DryRun: true, JSON: true}},
		"migrate --dry-run=server":                                  migrateRequest{Target: here, To: access.BothMode, Mode: mode{DryRun: true, Server: true}},
		"migrate --dry-run=none --dry-run=client":                   migrateRequest{Target: here, To: access.BothMode, Mode: mode{DryRun: true}},
		"migrate --dry-run=false":                                   migrateRequest{Target: here, To: access.BothMode},
		"plan -f c.yaml --dry-run=server":                           planRequest{Target: here, File: "c.yaml", Mode: mode{DryRun: true, Server: true}},
		"resume --replan -y --accept made-anew":                     resumeRequest{Target: here, Mode: mode{Yes: true, Replan: true, Accept: []access.Code{access.MadeAnew}}},
		"apply -f p --replan":                                       applyRequest{Target: here, File: "p", Mode: mode{Replan: true}},
		"explain":                                                   explainRequest{Codes: []string{}},
		"explain a b":                                               explainRequest{Codes: []string{"a", "b"}},
		"migrate --dry-run --exit-code --diff":                      migrateRequest{Target: here, To: access.BothMode, Mode: mode{DryRun: true, ExitCode: true, Diff: true}},
		"migrate -y --accept a --accept b,c":                        migrateRequest{Target: here, To: access.BothMode, Mode: mode{Yes: true, Accept: []access.Code{"a", "b", "c"}}},
		"grant p q --level edit -n a,b":                             grantRequest{Target: here, Principals: []string{"p", "q"}, Level: access.Edit, Namespaces: []string{"a", "b"}, Via: access.ViaAuto},
		"grant p --policy AmazonEKSViewPolicy --via access-entry":   grantRequest{Target: here, Principals: []string{"p"}, Policy: "AmazonEKSViewPolicy", Via: access.ViaEntry},
		"grant p --cluster-role view --group g --group h --group i": grantRequest{Target: here, Principals: []string{"p"}, Cluster: "view", Groups: []string{"g", "h", "i"}, Via: access.ViaAuto},
		"grant p --role r --role-file f --namespace test --username u --create-namespace": grantRequest{
			Target: here, Principals: []string{"p"}, Role: "r", RoleFile: "f", Namespaces: []string{"test"}, Username: "u", Create: true, Via: access.ViaAuto},
		"apply -f plan.json --yes": applyRequest{Target: here, File: "plan.json", Mode: mode{Yes: true}},
		"apply --filename -":       applyRequest{Target: here, File: "-"},
		"undo":                     undoRequest{Target: here},
		"resume":                   resumeRequest{Target: here},
		"resume 1a2b3c -y":         resumeRequest{Target: here, Journal: "1a2b3c", Mode: mode{Yes: true}},
		"revoke a b --dry-run":     revokeRequest{Target: here, Principals: []string{"a", "b"}, Mode: mode{DryRun: true}},
		"revoke a --policy P -n x": revokeRequest{Target: here, Principals: []string{"a"}, Policy: "P", Namespaces: []string{"x"}},
		"revoke a --cluster-role r --yes --accept others-lose": revokeRequest{Target: here, Principals: []string{"a"}, Cluster: "r",
			Mode: mode{Yes: true, Accept: []access.Code{"others-lose"}}},
		"revoke a --role r -n x,y": revokeRequest{Target: here, Principals: []string{"a"}, Role: "r", Namespaces: []string{"x", "y"}},
		"revoke a --subjects":      revokeRequest{Target: here, Principals: []string{"a"}, Subjects: true},
		"change a --username u --add-group g --add-group h --drop-group i --diff": identityRequest{Target: here, Principal: "a",
			Alter: alteration{Username: "u", Add: []string{"g", "h"}, Drop: []string{"i"}}, Mode: mode{Diff: true}},
		"change a --policy P -n x,y":           identityRequest{Target: here, Principal: "a", Alter: alteration{Policy: "P", Namespaces: []string{"x", "y"}}},
		"change a --policy P --everywhere":     identityRequest{Target: here, Principal: "a", Alter: alteration{Policy: "P", Everywhere: true}},
		"change a --type EC2_WINDOWS":          identityRequest{Target: here, Principal: "a", Alter: alteration{Type: "EC2_WINDOWS"}},
		"change a --remake":                    identityRequest{Target: here, Principal: "a", Alter: alteration{Remake: true}},
		"migrate n --node-type EC2_LINUX":      migrateRequest{Target: here, Principals: []string{"n"}, To: access.BothMode, NodeType: "EC2_LINUX"},
		"migrate --subjects":                   migrateRequest{Target: here, To: access.BothMode, Subjects: true},
		"plan -f c.yaml":                       planRequest{Target: here, File: "c.yaml", Mode: mode{DryRun: true}},
		"plan -f - -o json --exit-code":        planRequest{Target: here, File: "-", Mode: mode{DryRun: true, JSON: true, ExitCode: true}},
		"history":                              historyRequest{Target: here, Limit: shown, Output: "table"},
		"history --all --limit 5 --no-headers": historyRequest{Target: here, All: true, Limit: 5, Output: "table", NoHeaders: true},
		"history -o json":                      historyRequest{Target: here, Output: "json"},
		"history -o yaml --limit 2":            historyRequest{Target: here, Output: "yaml", Limit: 2},
		"history show 1a2b3c":                  historyRequest{Target: here, Journal: "1a2b3c", Output: "text"},
		"history show 1a2b3c -o yaml":          historyRequest{Target: here, Journal: "1a2b3c", Output: "yaml"},
		"undo j.jsonl --dry-run":               undoRequest{Target: here, Journal: "j.jsonl", Mode: mode{DryRun: true}},
		"version":                              versionRequest{},
		"version -o json":                      versionRequest{JSON: true},
		"export terraform":                     exportRequest{Target: here, Format: export.Terraform},
		"export ack a role/b -n x":             exportRequest{Target: here, Format: export.ACK, Principals: []string{"a", "role/b"}, Namespaces: []string{"x"}},
		"migrate --export kubectl":             migrateRequest{Target: here, To: access.BothMode, Mode: mode{Export: export.Kubectl}},
	} {
		t.Run(args, func(t *testing.T) {
			got, err := request(strings.Fields(args)...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for args, words := range map[string]string{
		"lst":                                       "list",
		"migrat":                                    "migrate",
		"list --namespac x":                         "did you mean --namespace?",
		"list --contex x":                           "did you mean --context?",
		"list -z":                                   "list --help",
		"list -o xml":                               "-o xml: want table, wide, json, yaml, name, jsonpath=... or go-template=...",
		"list -o jsonpath={.items[":                 "unterminated array",
		"list -o go-template={{.items":              "template",
		"list -o sarif":                             "-o sarif: want table",
		"list --findings -o name":                   "-o name: want table, wide, json, yaml, sarif",
		"list --findings --severity high":           "--severity high: want info or warn",
		"list --findings --code nope":               "--code nope: no finding has it; there are",
		"list --findings -n carts":                  "--namespace narrows the list",
		"list --severity warn":                      "give --findings too",
		"list --code group-unbound":                 "give --findings too",
		"list --output=":                            "-o needs a format",
		"migrate --to CONFIG_MAP":                   "--to CONFIG_MAP: want API_AND_CONFIG_MAP or API",
		"migrate --yes --dry-run":                   "contradict",
		"migrate --exit-code":                       "--exit-code needs --dry-run",
		"migrate --dry-run=maybe":                   "want none, client or server",
		"migrate --export kubectl --dry-run=server": "asks the API server nothing",
		"migrate --snapshot f --dry-run=server":     "a snapshot has none",
		"migrate -o yaml":                           "-o yaml: a change prints text, or json",
		"grant":                                     "needs a PRINCIPAL",
		"grant p":                                   "0 of --level, --policy, --cluster-role and --role",
		"grant p --level view --policy x":           "2 of --level, --policy, --cluster-role and --role",
		"grant p --level root":                      `--level "root": want view, edit, admin or full`,
		"grant p --level some":                      "want view, edit, admin or full",
		"grant p --policy=":                         "empty",
		"grant p --level=":                          "empty",
		"grant p --role r":                          "say which with --namespace",
		"grant p --level view --role-file f":        "give one of them too",
		"migrate --node-type EC2_LINUX":             "name them",
		"migrate a --node-type FARGATE_LINUX":       "--node-type FARGATE_LINUX: want one of EC2_LINUX, EC2_WINDOWS, HYBRID_LINUX",
		"change a --policy P":                       "say where --policy counts from now on",
		"change a --policy P -n x --everywhere":     "say where --policy counts from now on",
		"change a -n x":                             "give --policy too",
		"change a --policy P --namespace=":          "holds an empty name",
		"change a --type STANDARD":                  "--type STANDARD: want one of",
		"change a --type EC2_LINUX --remake":        "one change at a time",
		"change a --username u --policy P -n x":     "one change at a time",
		"grant p --level view --create-namespace":   "--create-namespace needs --namespace",
		"grant p --level admin --namespace=":        "holds an empty name",
		"grant p --level admin -n a,,b":             "holds an empty name",
		"grant p --level view --via iam":            "--via iam: want auto, access-entry or aws-auth",
		"apply":                                     "-f FILE",
		"apply plan.json":                           "-f",
		"undo a b":                                  "one journal at a time",
		"resume a b":                                "one journal at a time",
		"revoke":                                    "needs a PRINCIPAL",
		"revoke a --policy p --role r":              "2 of --policy, --cluster-role and --role",
		"revoke a --cluster-role=":                  "--cluster-role is empty",
		"revoke a -n x":                             "a namespace alone",
		"revoke a --policy p --namespace=":          "holds an empty name",
		"revoke a --policy p --subjects":            "--subjects goes with taking all access",
		"change":                                    "needs one PRINCIPAL",
		"change a b --username u":                   "needs one PRINCIPAL, and 2 are named",
		"change a":                                  "say what to change",
		"change a --username= --add-group g":        "--username is empty",
		"plan":                                      "-f FILE",
		"plan c.yaml":                               "-f",
		"plan -f c.yaml --yes":                      "unknown flag",
		"history x":                                 "history show ID",
		"history show":                              "needs one ID",
		"history --limit -1":                        "--limit -1: want",
		"history -o text":                           "-o text: want table, wide, json, yaml, name",
		"history show x -o wide":                    "-o wide: want text, json, yaml",
		"history --demo":                            "a demo keeps no journals",
		"history --snapshot f":                      "a snapshot has no history",
		"version x":                                 "takes no argument",
		"export":                                    "needs a FORMAT",
		"export pulumi":                             `format "pulumi": want terraform, cloudformation, eksctl, aws-cli, kubectl or ack`,
		"migrate --export x":                        "--export: format",
		"migrate --export ack --yes":                "leave --yes, -o and --exit-code out",
		"migrate --export ack -o json":              "leave --yes, -o and --exit-code out",
		"version -o yaml":                           "-o yaml",
		"list --request-timeout soon":               "--request-timeout soon: want",
		"list --request-timeout":                    "needs an argument",
	} {
		t.Run(args, func(t *testing.T) {
			got, err := request(strings.Fields(args)...)
			if err == nil {
				t.Fatalf("understood as %+v", got)
			}
			if !strings.Contains(err.Error(), words) {
				t.Errorf("says %q, without %q", err, words)
			}
		})
	}
}
