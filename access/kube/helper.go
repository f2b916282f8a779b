package kube

import (
	"cmp"
	"path"
	"slices"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// helper is what the exec section of a user says.
type helper struct {
	aws           bool // the aws command or the aws-iam-authenticator, perhaps wrapped
	authenticator bool
	command       string
	wrapped       string // profile that a wrapper such as aws-vault opens
	env           map[string]string

	cluster, region, profile, role, externalID string
}

// readHelper reads `aws eks get-token` and `aws-iam-authenticator token` with
// their flags in either form, also behind a wrapper or a shell.
func readHelper(exec *clientcmdapi.ExecConfig) helper {
	h := helper{command: program(exec.Command), env: map[string]string{}}
	for _, e := range exec.Env {
		h.env[e.Name] = e.Value
	}
	words := append([]string{exec.Command}, exec.Args...)
	for i, w := range words {
		// sh -c "aws eks get-token --cluster-name demo"
		if i > 0 && strings.ContainsAny(w, " \t\n") && (strings.Contains(w, "get-token") || strings.Contains(w, "authenticator")) {
			var shell []string
			for _, s := range strings.Fields(w) {
				shell = append(shell, strings.Trim(s, `"'`))
			}
			words = slices.Concat(words[:i], shell)
			break
		}
	}
	at := slices.IndexFunc(words, func(w string) bool {
		p := program(w)
		return p == "aws" || p == "aws-iam-authenticator" || p == "heptio-authenticator-aws"
	})
	if at < 0 {
		return h
	}
	h.aws, h.authenticator = true, program(words[at]) != "aws"
	flags := awsFlags
	if h.authenticator {
		flags = authenticatorFlags
	}
	found := flags.read(words[at+1:])
	h.cluster = cmp.Or(found["cluster-name"], found["cluster-id"])
	h.region, h.profile = found["region"], found["profile"]
	h.role = cmp.Or(found["role-arn"], found["role"])
	h.externalID = found["external-id"]
	h.wrapped = wrapperProfile(words[:at])
	return h
}

// wrapperProfile reads `aws-vault exec PROFILE --`.
func wrapperProfile(words []string) string {
	i := slices.Index(words, "exec")
	if i < 1 {
		return ""
	}
	for _, w := range words[i+1:] {
		if !strings.HasPrefix(w, "-") {
			return w
		}
	}
	return ""
}

// program is a command's name without its folder and ".exe".
func program(command string) string {
	name := path.Base(strings.ReplaceAll(command, `\`, "/"))
	return strings.TrimSuffix(strings.ToLower(name), ".exe")
}

// flagSet is the flags of a command: those with a value, the short forms, and
// whether a unique beginning of a name is enough (argparse, in the aws command:
// update-kubeconfig itself writes --role for --role-arn).
type flagSet struct {
	values, switches []string
	short            map[byte]string
	abbreviated      bool
}

var awsFlags = flagSet{
	values: []string{"cluster-name", "cluster-id", "role-arn", "region", "profile", "output", "endpoint-url", "query", "color",
		"ca-bundle", "cli-read-timeout", "cli-connect-timeout", "cli-binary-format"},
	switches:    []string{"debug", "no-verify-ssl", "no-paginate", "no-sign-request", "no-cli-pager", "version"},
	abbreviated: true,
}

var authenticatorFlags = flagSet{
	values:   []string{"cluster-id", "role", "region", "session-name", "external-id", "config", "log-format", "feature-gates"},
	switches: []string{"forward-session-name", "cache", "token-only"},
	short:    map[byte]string{'i': "cluster-id", 'r': "role", 's': "session-name", 'e': "external-id", 'c': "config", 'l': "log-format"},
}

// read returns the values of the flags; the last of a name counts.
func (f flagSet) read(words []string) map[string]string {
	found := map[string]string{}
	for i := 0; i < len(words); i++ {
		name, value, attached := f.split(words[i])
		if name == "" || slices.Contains(f.switches, name) {
			continue
		}
		if !attached {
			if i++; i == len(words) {
				break
			}
			value = words[i]
		}
		found[name] = value
	}
	return found
}

// split reads one word: --flag, --flag=value, -f, -fvalue, -f=value. A word that is
// no flag with a value of this command has no name.
func (f flagSet) split(word string) (name, value string, attached bool) {
	if long, ok := strings.CutPrefix(word, "--"); ok {
		long, value, attached = strings.Cut(long, "=")
		return f.full(long), value, attached
	}
	if len(word) < 2 || word[0] != '-' {
		return "", "", false
	}
	name = f.short[word[1]]
	value = strings.TrimPrefix(word[2:], "=")
	return name, value, len(word) > 2
}

func (f flagSet) full(name string) string {
	all := slices.Concat(f.values, f.switches)
	if slices.Contains(all, name) {
		return name
	}
	var fits []string
	for _, one := range all {
		if f.abbreviated && name != "" && strings.HasPrefix(one, name) {
			fits = append(fits, one)
		}
	}
	if len(fits) == 1 {
		return fits[0]
	}
	return ""
}
