package authenticator

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

var (
	anyARN   = regexp.MustCompile(`(?i)arn:[a-z-]+:(?:iam|sts):[^:\s]*:\d{12}:[^\s'",\]}]+`)
	arnParts = regexp.MustCompile(`(?i)^arn:([a-z-]+):(?:iam|sts):[^:]*:(\d{12}):([a-z-]+)/?(.*)$`)
	iamName  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	iamPath  = regexp.MustCompile(`^/([\x21-\x7e]+/)?$`)
)

// strangers are in nobody's text.
var strangers = []login{
	{"arn:aws:sts::111122223333:assumed-role/stranger/s1", "111122223333", "s1"},
	{"arn:aws:sts::444455556666:assumed-role/stranger/s1", "444455556666", "s1"},
	{"arn:aws:iam::012345670123:user/stranger", "012345670123", ""},
	{"arn:aws:iam::777788889999:root", "777788889999", ""},
}

// callersOf are the logins that a text could be about, in the cluster's partition:
// for each ARN in it, as the text or the authenticator has it, its principal in
// several spellings, with and without its path, under a session; and strangers.
// A login's ARN is one that STS could say.
func callersOf(data map[string]string, partition, session string) []login {
	seen := map[string]bool{}
	users, roles, _, _ := configmap.ParseMap(data)
	for _, r := range roles {
		seen[r.RoleARN] = true
	}
	for _, u := range users {
		seen[u.UserARN] = true
	}
	for _, text := range data {
		for _, arn := range anyARN.FindAllString(text, -1) {
			seen[arn] = true
		}
	}
	out := map[string]login{}
	add := func(service, account, kind, path, name, session string) {
		if !iamName.MatchString(name) || !iamPath.MatchString(path) {
			return
		}
		l := login{"arn:" + partition + ":" + service + "::" + account + ":" + kind + path + name, account, session}
		if session != "" {
			l.ARN += "/" + session
		}
		out[l.ARN] = l
	}
	for text := range seen {
		m := arnParts.FindStringSubmatch(strings.TrimSpace(text))
		if m == nil {
			continue
		}
		account, kind := m[2], strings.ToLower(m[3])
		i := strings.LastIndexByte(m[4], '/') + 1
		path, name := "/"+m[4][:i], fold(m[4][i:])
		switch kind {
		case "assumed-role":
			name, _, _ = strings.Cut(fold(m[4]), "/")
			fallthrough
		case "role":
			for _, n := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
				add("sts", account, "assumed-role", "/", n, session)
			}
		case "user":
			add("iam", account, kind, strings.ToLower(path), strings.ToLower(name), "")
			for _, p := range []string{path, "/", "/else/"} {
				add("iam", account, kind, p, name, "")
			}
		case "federated-user":
			add("sts", account, kind, "/", name, "")
			add("sts", account, kind, "/", strings.ToUpper(name), "")
		case "root":
			out["root"+account] = login{"arn:" + partition + ":iam::" + account + ":root", account, ""}
		}
	}
	for _, l := range strangers {
		l.ARN = strings.Replace(l.ARN, "arn:aws:", "arn:"+partition+":", 1)
		out[l.ARN] = l
	}
	var all []login
	for _, key := range slices.Sorted(maps.Keys(out)) {
		all = append(all, out[key])
	}
	return all
}

// fold turns the two letters that are equal to ASCII ones in any-case comparison
// (strings.EqualFold) into them: names in IAM are ASCII.
func fold(name string) string { return strings.NewReplacer("\u017f", "s", "\u212a", "k").Replace(name) }

// facts draw one real principal for each name, as names are unique in an account
// whatever their path and case, and say what IAM would; the logins that are left
// are those of real principals.
func (a *author) facts(callers []login) (real []login, iam []access.Object) {
	byID := map[string][]login{}
	for _, l := range callers {
		p, err := access.ParsePrincipal(l.ARN)
		must(err)
		byID[p.ID()] = append(byID[p.ID()], l)
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		l := byID[id][a.IntN(len(byID[id]))]
		real = append(real, l)
		p, err := access.ParsePrincipal(l.ARN)
		must(err)
		arn := p.Canonical()
		switch p.Kind {
		case access.RolePrincipal:
			arn = strings.Replace(arn, ":role/", ":role/"+a.one("", "team/", "aws-reserved/sso.amazonaws.com/"), 1)
		case access.UserPrincipal:
		default:
			continue // IAM knows roles and users
		}
		iam = append(iam, access.IAMPrincipal{In: access.IAMRealm(p.Account), ARN: arn, ID: p.ID()})
	}
	return real, iam
}
