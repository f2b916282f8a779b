package access

import (
	"fmt"
	"slices"
	"strings"
)

// owner says who manages an access entry beside us, by its tags; "" when none says so.
// CloudFormation (and with it eksctl) and ACK tag what they make by themselves; for
// Terraform it is a common habit only.
func owner(e AccessEntry) string {
	if stack := e.Tags["aws:cloudformation:stack-name"]; stack != "" {
		return "CloudFormation stack " + stack
	}
	var keys []string
	for k, v := range e.Tags {
		switch {
		case strings.HasPrefix(k, "services.k8s.aws/"):
			keys = append(keys, "ACK")
		case strings.Contains(strings.ToLower(k+"="+v), "terraform"):
			keys = append(keys, "Terraform")
		}
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), ", ")
}

// owners asks for a yes where a step changes what somebody else's tool made: the tool
// will see a difference, and may put it back.
func (b *builder) owners() {
	for _, st := range b.plan.Steps {
		k := st.Key()
		switch k.Kind {
		case AssociationKind:
			k = Key{Realm: k.Realm, Kind: EntryKind, Name: k.Namespace}
		case EntryKind:
		default:
			continue
		}
		if e, ok := Get[AccessEntry](b.was.snap.Objects, k); ok && owner(e) != "" {
			b.say(Confirm, OwnedElsewhere, []Key{k}, e.Principal, owner(e))
		}
	}
}

// awsOwn says why the access of a principal is AWS's own and not changed by people; ""
// when it is theirs. Service-linked roles, entries of other types than STANDARD, and
// entries with policies that AWS alone associates: EKS Auto Mode, capabilities, AWS
// Batch (EKS user guide, "Create access entries", "Review access policy permissions").
func (ix *Index) awsOwn(r Row) string {
	if r.Principal.ServiceLinked() {
		return fmt.Sprintf("%s is a service-linked role: its access is its service's own", r.Principal)
	}
	for _, m := range r.Mappings {
		if m.Source != FromEntry {
			continue
		}
		if m.Type != StandardType && m.Type != "" {
			return fmt.Sprintf("%s has an entry of type %s, which EKS or its nodes need: it is not changed here", r.Principal, m.Type)
		}
		for _, a := range ix.Policies(m) {
			if p, ok := PolicyNamed(a.Policy); ok && p.ByAWS() {
				return fmt.Sprintf("%s has %s, which AWS alone gives: its entry is AWS's own", r.Principal, p.Name)
			}
		}
	}
	return ""
}
