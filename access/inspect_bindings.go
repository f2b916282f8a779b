package access

import (
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// lookAtBindings goes through all bindings once: what they lack, whom they reach, and
// what they bring to whom. Each name that bindings have is looked up once, however
// many of them have it.
func (i *inspector) lookAtBindings() {
	r, snap := i.ix.rbac, i.ix.Snapshot()
	touched := make([]bool, len(r.bindings))
	for s, list := range r.named {
		if foreign(s) || i.come.reach(s) {
			for _, n := range list {
				touched[n] = true
			}
		}
	}
	unreached, everybody := map[string][]Key{}, map[string][]lane{}
	for n := range r.bindings {
		b := &r.bindings[n]
		bridge := isBridge(b.Name)
		if b.Namespace == "" && bridge {
			i.say(Warn, BridgeLeft, nil, []Key{b.Key()}, b.Name)
		}
		if len(b.Subjects) == 0 {
			continue
		}
		note := &i.roles[r.refs[n]]
		if r.roles[r.refs[n]].Name == "" {
			k := roleKey(b.In, b.Role, b.Namespace)
			if _, gap := snap.Gap(k.Realm, k.Kind, k.Name); !gap {
				i.say(Info, RoleMissing, nil, []Key{b.Key(), k}, strings.TrimPrefix(b.Namespace+"/"+b.Name, "/"), b.Role.Name)
			}
		}
		if !touched[n] && !bridge && !i.come.unsure {
			text := subjectsText(b.Subjects)
			unreached[text] = append(unreached[text], b.Key())
		}
		leads := note.charge != 0 && (b.Namespace == "" || b.Namespace == systemNamespace)
		if !leads && len(note.traps) == 0 {
			continue
		}
		for at, rs := range b.Subjects {
			if slices.Contains(b.Subjects[:at], rs) {
				continue // named twice counts once
			}
			s := subjectOf(rs, b.Namespace)
			if len(note.traps) > 0 {
				note.rows = append(note.rows, i.come.sure[s]...)
			}
			switch {
			case !leads:
			case s.kind == rbacv1.GroupKind && (s.name == "system:authenticated" || s.name == "system:unauthenticated"):
				everybody[s.name] = append(everybody[s.name], laneOf(b, s, note.charge))
			default:
				i.bring(laneOf(b, s, note.charge), s)
			}
		}
	}
	for text, keys := range unreached {
		i.say(Info, BindingUnreached, nil, keys, text, strconv.Itoa(len(keys)))
	}
	for group, lanes := range everybody {
		if roads := drive(lanes); len(roads) > 0 {
			i.found = append(i.found, Finding{Code: EverybodyAdmin, Severity: Warn, About: keysOf(roads), Roads: roads, Args: []string{group}})
		}
	}
}

func laneOf(b *Binding, s subject, adds charge) lane {
	return lane{Road{Namespace: b.Namespace, Subject: s.kind + " " + s.name, Via: []Key{b.Key(), roleKey(b.In, b.Role, b.Namespace)}}, adds}
}

// bring puts a lane before all rows that arrive as a subject, always or in some session.
func (i *inspector) bring(l lane, s subject) {
	for _, row := range i.come.sure[s] {
		i.lanes[row] = append(i.lanes[row], l)
	}
	for _, o := range i.come.sessions(s) {
		some := l
		some.road.When = &o.when
		for _, row := range i.come.sure[o.as] {
			i.lanes[row] = append(i.lanes[row], some)
		}
	}
}

// unread reports whether some of these kinds of the cluster's API could not be read.
func (i *inspector) unread(kinds ...Kind) bool {
	s := i.ix.Snapshot()
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		_, gap := s.Gap(s.Realm("kube"), k, "")
		return gap
	})
}

// subjectsText names subjects in order. Bindings of one set of subjects are told
// together: a team that left is one thing to know, however many namespaces it had.
func subjectsText(in []rbacv1.Subject) string {
	names := make([]string, len(in))
	for n, s := range in {
		names[n] = strings.ToLower(s.Kind) + " " + s.Name
	}
	return strings.Join(set(names), ", ")
}

// unbound says which groups of mappings in force no binding names. One group is one
// finding, whoever is in it.
func (i *inspector) unbound() {
	if i.unread(RoleBindingKind, ClusterRoleBindingKind) {
		return
	}
	rows := i.ix.Rows()
	for s, in := range i.come.sure {
		_, _, rendered := template(s.name)
		if s.kind != rbacv1.GroupKind || strings.HasPrefix(s.name, "system:") || s.name == windowsNodes || isBridge(s.name) || rendered || len(i.ix.rbac.named[s]) > 0 {
			continue
		}
		var who []Principal
		var about []Key
		for _, n := range in {
			m, _ := rows[n].Active()
			who, about = append(who, rows[n].Principal), append(about, m.From)
		}
		i.say(Info, GroupUnbound, who, sortedKeys(about), s.name, who[0].String())
	}
}

func sortedKeys(in []Key) []Key {
	slices.SortFunc(in, Key.compare)
	return slices.Compact(in)
}

// keysOf are the objects along roads, each once.
func keysOf(roads []Road) []Key {
	var out []Key
	for _, r := range roads {
		out = append(out, r.Via...)
	}
	return sortedKeys(out)
}
