package access

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var namespaceName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`) // RFC 1123 label

// names checks what the API servers would refuse midway: namespaces, user names,
// groups and the rules of a new Role.
func (in GrantAccess) names() error {
	for _, ns := range in.Namespaces {
		if prefix, wild := strings.CutSuffix(ns, "*"); !namespaceName.MatchString(prefix) && (!wild || !namespaceName.MatchString(prefix+"x")) {
			return fmt.Errorf("%q is not the name of a namespace: lower-case letters, digits and -, at most 63", ns)
		}
	}
	for _, name := range append([]string{in.Username}, in.Groups...) {
		if strings.ContainsFunc(name, unicode.IsControl) {
			return fmt.Errorf("%q holds control characters: no user or group is called that", name)
		}
	}
	switch {
	case slices.Contains(in.Groups, ""):
		return errors.New("a group needs a name")
	case slices.Contains(in.Groups, Masters) && in.Level != Full:
		return fmt.Errorf("group %s may do everything, whatever else is granted: grant level full, or leave the group out", Masters)
	case in.RoleObject == nil:
		return nil
	}
	if name := in.Role + in.ClusterRole; strings.ContainsAny(name, "/%") || name == "." || name == ".." {
		return fmt.Errorf("%q is not the name of a role: it may not hold / or %% (kubernetes ValidatePathSegmentName)", name)
	}
	for i, r := range in.RoleObject.Rules {
		paths := in.ClusterRole != "" && len(r.NonResourceURLs) > 0 && len(r.Resources)+len(r.APIGroups)+len(r.ResourceNames) == 0
		if len(r.Verbs) == 0 || !paths && (len(r.NonResourceURLs) > 0 || len(r.Resources) == 0 || len(r.APIGroups) == 0) {
			return fmt.Errorf("rule %d of the role needs verbs, apiGroups and resources; nonResourceURLs stand in a ClusterRole only, in a rule of their own (kubernetes ValidatePolicyRule)", i+1)
		}
	}
	return nil
}

// entryNames checks what EKS would refuse midway (EKS user guide, "Create access entries").
func entryNames(in GrantAccess) error {
	i := strings.Index(in.Username, "{{SessionName")
	switch {
	case reserved(in.Username):
		return fmt.Errorf("user name %q: an access entry's name may not begin with %s", in.Username, strings.Join(reservedPrefixes, " "))
	case i >= 0 && !strings.Contains(in.Username[:i], ":"):
		return fmt.Errorf("user name %q needs a colon somewhere before %s", in.Username, in.Username[i:])
	}
	for _, g := range in.Groups {
		if strings.HasPrefix(g, "system:") {
			return fmt.Errorf("group %q: an access entry's groups may not begin with system: (for system:masters use --level full, which is %s)", g, ClusterAdminPolicy)
		}
	}
	return nil
}
