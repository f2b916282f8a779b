package export

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// bashFile writes a script, and sees that bash can read it.
func bashFile(t *testing.T, dir, script string) string {
	t.Helper()
	file := filepath.Join(dir, "script.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("bash", "-n", file).CombinedOutput(); err != nil {
		t.Fatalf("%v %s\n%s", err, out, script)
	}
	return file
}

// stub is an aws and a kubectl that note their arguments and standard input, and answer
// as a cluster does in which every step of the script is still to do: absent before a
// write, as wanted after it.
const stub = `#!/bin/bash
log() { printf '%s\0' "$@" >>"$HOME/log"; printf '\1\0' >>"$HOME/log"; }
case "${0##*/} $1 $2" in
'aws eks describe-cluster')
  case "$*" in *cluster.arn*) echo "$ARN" ;; *) echo https://example.invalid ;; esac ;;
'kubectl config view') printf https://example.invalid ;;
'aws eks '[dl]e*-access-entry | 'aws eks list-'*)
  if [[ $2 != delete* ]]; then
    if [[ -e $HOME/written ]]; then rm "$HOME/written"; echo true; else echo null; fi
  fi ;;
'aws eks '*) log "$@"; touch "$HOME/written" ;;
'kubectl patch '*)
  case "$*" in
  *--dry-run=server*)
    if [[ -e $HOME/written ]]; then rm "$HOME/written"; exit 0; fi
    if [[ $* != *configmaps/aws-auth* ]]; then echo 'Error from server (NotFound)' >&2; exit 1; fi
    if [[ ! -e $HOME/seen ]]; then touch "$HOME/seen"; echo 'The request is invalid' >&2; exit 1; fi ;;
  *) log "$@"; touch "$HOME/written" ;;
  esac ;;
'kubectl create '*) log "$@" "$(cat)"; touch "$HOME/written" ;;
*) log unexpected "$@" ;;
esac
`

// calls runs a script against the stubs and returns the words of each call that writes.
func calls(t *testing.T, script, arn string) [][]string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"aws", "kubectl"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(stub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", bashFile(t, dir, script))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "ARN=" + arn, "SETTLE_SECONDS=0", "PAUSE_SECONDS=0"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-4000):])
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("a name ran as a command")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for call := range bytes.SplitSeq(bytes.TrimSuffix(raw, []byte("\x01\x00")), []byte("\x01\x00")) {
		out = append(out, strings.Split(strings.TrimSuffix(string(call), "\x00"), "\x00"))
	}
	return out
}

// TestScriptSurvivesNames runs one script with every hostile name in it, and compares
// what reaches aws and kubectl.
func TestScriptSurvivesNames(t *testing.T) {
	t.Parallel()
	_, was, all := hostileWorld(t, "")
	all.Steps = nil
	var want []any
	for _, text := range hostile {
		_, _, p := hostileWorld(t, text)
		all.Steps = append(all.Steps, p.Steps[:4]...)
		arn := "arn:aws:iam::111122223333:role/" + text
		entry := m{"clusterName": "prod", "principalArn": arn, "type": "STANDARD", "username": "u:" + text, "kubernetesGroups": set([]string{"g:" + text, "plain"}), "tags": m{"k" + text: "v" + text}}
		policy := m{"clusterName": "prod", "principalArn": arn, "policyArn": "arn:aws:eks::aws:cluster-access-policy/P" + text,
			"accessScope": m{"type": "namespace", "namespaces": set([]string{"ns" + text, "other"})}}
		objects := hostileManifests(text)
		want = append(want, []any{"create-access-entry", entry}, []any{"associate-access-policy", policy}, []any{"create", objects[0]}, []any{"create", objects[1]})
	}
	script := exported(t, AWSCLI, was, all)
	var got []any
	for _, c := range calls(t, script, all.Cluster.ARN) {
		switch {
		case slices.Equal(c[:1], []string{"eks"}):
			var input any
			if err := json.Unmarshal([]byte(c[3]), &input); err != nil {
				t.Fatal(err, c)
			}
			got = append(got, []any{c[1], input})
		case c[0] == "create":
			got = append(got, []any{"create", documents(t, c[2])[0]})
		default:
			t.Errorf("call %q", c)
		}
	}
	if len(got) != 4*len(hostile) {
		t.Errorf("%d calls, want %d", len(got), 4*len(hostile))
	}
	same(t, "all", want, got)
}

// TestScriptPatches: aws-auth is changed by one conditional patch, whatever is in it.
func TestScriptPatches(t *testing.T) {
	for _, text := range []string{"a\nEOF\n'; touch pwned; '", "`touch pwned`", "$(touch pwned) é \u202e\x1b \U000e0041"} {
		_, was, p := hostileWorld(t, text)
		p.Steps = p.Steps[4:]
		got := calls(t, exported(t, AWSCLI, was, p), p.Cluster.ARN)
		if len(got) != 1 || !slices.Equal(got[0][:4], []string{"patch", "--namespace=kube-system", "configmaps/aws-auth", "--type=json"}) {
			t.Fatalf("%q", got)
		}
		var patch []m
		if err := json.Unmarshal([]byte(strings.TrimPrefix(got[0][4], "--patch=")), &patch); err != nil {
			t.Fatal(err)
		}
		same(t, text, []m{{"op": "test", "path": "/data", "value": asMap(p.Steps[0].Before)}, {"op": "test", "path": "/metadata/name", "value": "aws-auth"},
			{"op": "add", "path": "/data", "value": asMap(p.Steps[0].After)}}, patch)
	}
}

// TestQuote has bash itself read every quoted text back.
func TestQuote(t *testing.T) {
	for _, text := range hostile {
		want := strings.ReplaceAll(text, "\x00", "\ufffd")
		out, err := exec.Command("bash", "-c", "printf '%s' "+quote(text)).Output()
		if err != nil || string(out) != want {
			t.Errorf("%q is read as %q, %v", text, out, err)
		}
		out, err = exec.Command("bash", "-c", "cat "+heredoc(want)).Output()
		if err != nil || strings.TrimSuffix(string(out), "\n") != strings.TrimSuffix(want, "\n") {
			t.Errorf("%q in a heredoc is read as %q, %v", text, out, err)
		}
	}
}

// TestScriptOrder: the steps of the script are the plan's, and it waits where the plan does.
func TestScriptOrder(t *testing.T) {
	s, p := s3(t)
	script := exported(t, AWSCLI, s, p)
	at, settles := 0, 0
	for i, st := range p.Steps {
		next := strings.Index(script[at:], "\nsay '"+string(rune('1'+i))+"/6 "+string(st.Sign()))
		if next < 0 {
			t.Fatalf("step %d is not in its place", i+1)
		}
		at += next
		if st.Settle {
			settles++
		}
	}
	if got := strings.Count(script, "\n  settle\n"); got != settles || settles == 0 {
		t.Errorf("%d waits, want %d", got, settles)
	}
	if _, err := Plan(AWSCLI, s, access.Plan{Findings: []access.Finding{{Code: access.NoAdminLeft, Severity: access.Refuse}}}, Options{}); err == nil {
		t.Error("a refused plan is exported")
	}
}

// A dead entry and the one that takes its place read alike but for a tag: run again, the
// script must not take the living one away.
func TestScriptTellsTheNewEntryFromTheDead(t *testing.T) {
	t.Parallel()
	_, was, p := hostileWorld(t, "")
	old, _ := p.Steps[0].After.(access.AccessEntry)
	policy, _ := p.Steps[1].After.(access.PolicyAssociation)
	fresh := old
	fresh.Tags = map[string]string{access.MadeFor: "AROANEW"}
	p.Steps = []access.Step{{Before: policy, Why: access.WhyDead}, {Before: old, Why: access.WhyDead}, {After: fresh, Why: access.WhyEntry}, {After: policy, Why: access.WhyPolicy}}
	var done []string
	for line := range strings.Lines(exported(t, AWSCLI, was, p)) {
		if strings.HasPrefix(line, "if holds ") {
			done = append(done, line)
		}
	}
	if len(done) != 4 {
		t.Fatalf("%d steps:\n%s", len(done), strings.Join(done, ""))
	}
	for i, want := range []bool{true, true, false, false} { // the last two ask for their own end only
		if got := strings.Contains(done[i], "||") && strings.Contains(done[i], `accessEntry.tags."eks-access/made-for" == `); got != want {
			t.Errorf("step %d is done when: %s", i+1, done[i])
		}
	}
}
