package cmd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// atMost is how many candidates an error names.
const atMost = 12

// choose finds the listed principals that the words name: a full ARN, role/NAME,
// user/NAME, or a name that only one of them has. An ARN is kept as it was written:
// it may tell a path that no mapping does.
func choose(ix *access.Index, words []string) ([]access.Principal, error) {
	var out []access.Principal
	for _, w := range words {
		p, found, err := find(ix, w)
		switch {
		case err != nil:
			return nil, err
		case !found:
			return nil, unlisted(ix, w)
		}
		if !slices.ContainsFunc(out, func(o access.Principal) bool { return o.ID() == p.ID() }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// find looks one word up among the rows. The error is for a word that names
// several, or that looks like an ARN and is none.
func find(ix *access.Index, word string) (p access.Principal, found bool, err error) {
	if written(word) {
		p, err := access.ParsePrincipal(word)
		if err != nil {
			// An item of aws-auth can hold such text; it is listed under it.
			p.Kind = access.UnknownPrincipal
		}
		if row, ok := ix.Row(p); ok {
			if p.FromSession() || p.Kind == access.UnknownPrincipal {
				p = row.Principal
			}
			return p, true, nil
		}
		return p, false, err
	}
	var hits []access.Principal
	for _, r := range ix.Rows() {
		if named(r.Principal, word) {
			hits = append(hits, r.Principal)
		}
	}
	switch len(hits) {
	case 0:
		return access.Principal{}, false, nil
	case 1:
		return hits[0], true, nil
	}
	return access.Principal{}, false, usage("%q names %d principals; say which by its ARN:\n%s", word, len(hits), candidates(hits))
}

var twelve = regexp.MustCompile(`^\d{12}$`)

// written reports whether a word is a principal written out: an ARN, or an account.
func written(word string) bool { return strings.HasPrefix(word, "arn:") || twelve.MatchString(word) }

// named reports whether a word is a principal's name: with its kind and any path,
// alone, or, for a reserved role, as its permission set.
func named(p access.Principal, word string) bool {
	if kind, rest, ok := strings.Cut(word, "/"); ok && isKind(kind) {
		path, name := split(rest)
		return string(p.Kind) == kind && strings.EqualFold(p.Name, name) && (path == "/" || p.Path == "/" || strings.EqualFold(p.Path, path))
	}
	return strings.EqualFold(p.Name, word) || p.PermissionSet() != "" && strings.EqualFold(p.PermissionSet(), word)
}

func isKind(kind string) bool {
	return kind == string(access.RolePrincipal) || kind == string(access.UserPrincipal)
}

// split takes a name with a path apart: "team/a/dev" is "/team/a/" and "dev".
func split(name string) (path, last string) {
	i := strings.LastIndexByte(name, '/')
	return "/" + name[:i+1], name[i+1:]
}

// grantee is a principal that may not be listed yet: then it must be written as an
// ARN, or as role/NAME or user/NAME of the cluster's own account.
func grantee(ix *access.Index, word string) (access.Principal, error) {
	p, found, err := find(ix, word)
	if err != nil || found {
		return p, err
	}
	if written(word) {
		return p, nil
	}
	kind, name, ok := strings.Cut(word, "/")
	if !ok || !isKind(kind) || name == "" {
		return access.Principal{}, fmt.Errorf("%w\nto give access to somebody new, write the ARN, role/NAME or user/NAME", unlisted(ix, word))
	}
	c, ok := ix.Snapshot().Cluster()
	if !ok || c.Account == "" {
		return access.Principal{}, usage("%s: the cluster's account is not known, since the cluster could not be read\nwrite the whole ARN", word)
	}
	return access.ParsePrincipal("arn:" + partition(c.ARN) + ":iam::" + c.Account + ":" + kind + "/" + name)
}

// partition is the second part of an ARN.
func partition(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 || parts[1] == "" {
		return "aws"
	}
	return parts[1]
}

// unlisted says that nobody is called so, and who is.
func unlisted(ix *access.Index, word string) error {
	var all []access.Principal
	var names []string
	for _, r := range ix.Rows() {
		all = append(all, r.Principal)
		names = append(names, r.Principal.Name)
	}
	if len(all) == 0 {
		return usage("no principal %q: none is mapped in this cluster", word)
	}
	bare := word[strings.LastIndexByte(word, '/')+1:]
	if near := nearest(bare, names); near != "" && !strings.EqualFold(near, bare) {
		return usage("no principal %q in this cluster; did you mean %q? Mapped are:\n%s", word, near, candidates(all))
	}
	return usage("no principal %q in this cluster; mapped are:\n%s", word, candidates(all))
}

func candidates(ps []access.Principal) string {
	var lines []string
	for _, p := range ps[:min(len(ps), atMost)] {
		lines = append(lines, "  "+report.Safe(p.String()))
	}
	if n := len(ps) - atMost; n > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more: kubectl eks-access list -o name", n))
	}
	return strings.Join(lines, "\n")
}
