package archive

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// bootstrapping marks the roles and bindings that the API server makes by itself
// (Kubernetes RBAC, "Default roles and role bindings").
const bootstrapping = "kubernetes.io/bootstrapping"

// Cut returns the snapshot without what no answer needs: annotations (kubectl's
// last-applied-configuration among them), labels that no aggregated ClusterRole
// selects by, tags that tell no owner, other keys of aws-auth, and whatever has the
// shape of a credential in free text.
func Cut(s access.Snapshot) access.Snapshot {
	keep := selecting(s)
	var out []access.Object
	for o := range s.Objects.All() {
		switch t := o.(type) {
		case access.AccessEntry:
			t.Tags = ownerTags(t.Tags)
			o = t
		case access.AuthMap:
			t.Data = read(t.Data)
			o = t
		case access.Namespace:
			t.Meta = access.Meta{}
			o = t
		case access.Role:
			t.Meta = access.Meta{Labels: only(t.Meta.Labels, keep)}
			o = t
		case access.Binding:
			t.Meta = access.Meta{Labels: only(t.Meta.Labels, keep)}
			o = t
		}
		out = append(out, o)
	}
	s.Objects = access.Objects{}.With(out...)
	s.Server = scrub(s.Server)
	s.Gaps = slices.Clone(s.Gaps)
	for i := range s.Gaps {
		s.Gaps[i].Detail = scrub(s.Gaps[i].Detail)
	}
	return s
}

// selecting are the labels that decide something: those that aggregated ClusterRoles
// select by, and the API server's own mark.
func selecting(s access.Snapshot) map[string]bool {
	out := map[string]bool{bootstrapping: true}
	for _, r := range access.Of[access.Role](s.Objects) {
		for _, sel := range r.Aggregate {
			for k := range sel.MatchLabels {
				out[k] = true
			}
			for _, x := range sel.MatchExpressions {
				out[x.Key] = true
			}
		}
	}
	return out
}

func only(labels map[string]string, keep map[string]bool) map[string]string {
	out := maps.Clone(labels)
	maps.DeleteFunc(out, func(k, _ string) bool { return !keep[k] })
	if len(out) == 0 {
		return nil
	}
	return out
}

// ownerTags keeps of tags what tells who manages an entry beside us (access/owner.go),
// and no more: a value stays only where it is shown.
func ownerTags(tags map[string]string) map[string]string {
	var out map[string]string
	for k, v := range tags {
		switch {
		case k == "aws:cloudformation:stack-name":
		case strings.HasPrefix(k, "services.k8s.aws/"), strings.Contains(strings.ToLower(k), "terraform"):
			v = ""
		case strings.Contains(strings.ToLower(v), "terraform"):
			v = "terraform"
		default:
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[k] = v
	}
	return out
}

// read keeps the keys of aws-auth that the authenticator reads, and those whose letter
// case is wrong, which is worth a finding. Comments are kept, and what the authenticator
// passes over, but for credentials.
func read(data map[string]string) map[string]string {
	var out map[string]string
	for k, text := range data {
		if !slices.ContainsFunc(awsauth.Sections, func(s awsauth.Section) bool { return strings.EqualFold(string(s), k) }) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[k] = passedOver(k, text)
	}
	return out
}

// passedOver takes credentials out of what decides nothing: comments, fields and
// documents that the authenticator does not read. Who it lets in, and as whom, stays
// word for word: what the text says decides, before and after.
func passedOver(key, text string) string {
	was := awsauth.Parse(map[string]string{key: text})
	says := func(lines []string) bool {
		return reflect.DeepEqual(awsauth.Parse(map[string]string{key: strings.Join(lines, "\n")}), was)
	}
	var names strings.Builder
	for _, i := range was.Items {
		names.WriteString(strings.Join(append([]string{i.ARN, i.Username}, i.Groups...), "\n") + "\n")
	}
	lines := strings.Split(text, "\n")
	clean := slices.Clone(lines)
	for i, l := range lines {
		// A long name looks like a key: no need to try what it says without.
		if clean[i] = scrub(l); strings.Contains(names.String(), taken(l, clean[i])) {
			clean[i] = uncommented(l)
		}
	}
	if slices.Equal(lines, clean) || says(clean) {
		return strings.Join(clean, "\n")
	}
	for i, l := range lines {
		for _, form := range []string{clean[i], uncommented(l)} {
			if lines[i] = form; form == l || says(lines) {
				break
			}
			lines[i] = l
		}
	}
	return strings.Join(lines, "\n")
}

// taken is the part of a line that is no more in the other one.
func taken(line, clean string) string {
	for line != "" && clean != "" && line[0] == clean[0] {
		line, clean = line[1:], clean[1:]
	}
	for line != "" && clean != "" && line[len(line)-1] == clean[len(clean)-1] {
		line, clean = line[:len(line)-1], clean[:len(clean)-1]
	}
	return line
}

// uncommented is a line without the credentials in its comment.
func uncommented(line string) string {
	if at := comment.FindStringIndex(line); at != nil {
		return line[:at[0]] + scrub(line[at[0]:])
	}
	return line
}

// comment is where a comment may begin.
var comment = regexp.MustCompile(`(^|[ \t])#`)
