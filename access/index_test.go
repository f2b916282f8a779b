package access

import "testing"

func TestCell(t *testing.T) {
	dev := role("dev")
	for name, tc := range map[string]struct {
		os    []Object
		gaps  []Gap
		ns    string
		level Level
		gap   Code
	}{
		"nothing but discovery":                   {[]Object{entry(dev, "")}, nil, "", None, ""},
		"a RoleBinding counts in its namespace":   {[]Object{entry(dev, "", "devs"), binding("carts", "b", "ClusterRole", "edit", "Group:devs")}, nil, "carts", Edit, ""},
		"and not in another":                      {[]Object{entry(dev, "", "devs"), binding("carts", "b", "ClusterRole", "edit", "Group:devs")}, nil, "catalog", None, ""},
		"a Role of the same name elsewhere":       {[]Object{entry(dev, "", "devs"), binding("carts", "b", "Role", "r", "Group:devs"), Role{In: kubeR, Namespace: "catalog", Name: "r", Rules: superRules}}, nil, "carts", None, ""},
		"a User of the group's name":              {[]Object{entry(dev, "", "devs"), binding("carts", "b", "ClusterRole", "edit", "User:devs")}, nil, "carts", None, ""},
		"system:authenticated is everyone":        {[]Object{entry(dev, ""), binding("", "b", "ClusterRole", "view", "Group:system:authenticated")}, nil, "carts", View, ""},
		"AWS's view policy is view":               {[]Object{entry(dev, ""), policy(dev, ViewPolicy, "carts")}, nil, "carts", View, ""},
		"within its scope only":                   {[]Object{entry(dev, ""), policy(dev, ViewPolicy, "carts")}, nil, "", None, ""},
		"a trailing star":                         {[]Object{entry(dev, ""), policy(dev, EditPolicy, "ca*")}, nil, "catalog", Edit, ""},
		"cluster admin in a namespace":            {[]Object{entry(dev, ""), policy(dev, ClusterAdminPolicy, "carts")}, nil, "carts", Full, ""},
		"two bindings add up":                     {[]Object{entry(dev, "d", "a"), binding("", "x", "ClusterRole", "view", "Group:a"), binding("carts", "b", "ClusterRole", "edit", "User:d")}, nil, "carts", Edit, ""},
		"a policy nobody documents is not no":     {[]Object{entry(dev, ""), policy(dev, "AmazonEKSEventPolicy")}, nil, "", None, Undocumented},
		"bindings that could not be read":         {[]Object{entry(dev, "", "devs")}, []Gap{{Realm: kubeR, Kind: RoleBindingKind, Why: Denied}}, "carts", None, Denied},
		"associations that could not be read":     {[]Object{entry(dev, "", "devs")}, []Gap{{Realm: eksR, Kind: AssociationKind, Name: dev, Why: Throttled}}, "carts", None, Throttled},
		"a missing role grants nothing":           {[]Object{entry(dev, "", "devs"), binding("carts", "b", "Role", "nope", "Group:devs")}, nil, "carts", None, ""},
		"secrets beside self subject reviews are": {[]Object{entry(dev, "", "devs"), clusterRole("self", rule("get", ",authentication.k8s.io", "selfsubjectreviews,secrets")), binding("", "b", "ClusterRole", "self", "Group:devs")}, nil, "", Some, ""},
		"all URLs are something":                  {[]Object{entry(dev, "", "devs"), Role{In: kubeR, Name: "urls", Rules: []Rule{{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}}, binding("", "b", "ClusterRole", "urls", "Group:devs")}, nil, "", Some, ""},
		"but not in a namespace":                  {[]Object{entry(dev, "", "devs"), Role{In: kubeR, Name: "urls", Rules: []Rule{{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}}, binding("", "b", "ClusterRole", "urls", "Group:devs")}, nil, "carts", None, ""},
		"self subject reviews are not something":  {[]Object{entry(dev, "", "devs"), clusterRole("self", rule("create", "authentication.k8s.io", "selfsubjectreviews")), binding("", "b", "ClusterRole", "self", "Group:devs")}, nil, "", None, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := s3(t, tc.os...)
			s.Gaps = tc.gaps
			ix := NewIndex(s)
			r, ok := ix.Row(principal(t, dev))
			if !ok {
				t.Fatal("no row")
			}
			c := ix.Cell(r, tc.ns)
			if c.Level != tc.level {
				t.Errorf("level %s, want %s", c.Level, tc.level)
			}
			if got := len(c.Unknown) > 0 && c.Unknown[0].Why == tc.gap; got != (tc.gap != "") {
				t.Errorf("unknown %v, want %q", c.Unknown, tc.gap)
			}
		})
	}
}

func TestEmptyUserFacingRolesCoverNobody(t *testing.T) {
	// Without the aggregation controller admin, edit and view have no rules.
	s := s3(t, clusterRole("admin"), clusterRole("edit"), clusterRole("view"), entry(role("dev"), ""))
	ix := NewIndex(s)
	r, _ := ix.Row(principal(t, role("dev")))
	if c := ix.Cell(r, ""); c.Level != None {
		t.Errorf("level %s for no rights at all", c.Level)
	}
}

func TestMastersNeedNoRule(t *testing.T) {
	ix := NewIndex(s3(t))
	r, _ := ix.Row(principal(t, role("eks-workshop-admins")))
	if c := ix.Cell(r, "carts"); c.Level != Full || len(c.Unknown) > 0 {
		t.Errorf("got %+v", c)
	}
	m, _ := r.Active()
	if yes, _, _ := ix.Can(m, Request{Verb: "get", URL: "/metrics"}); !yes {
		t.Error("masters may do everything")
	}
}

func TestAllows(t *testing.T) {
	q := Request{Verb: "get", Resource: "pods", Subresource: "log", Name: "p"}
	for name, tc := range map[string]struct {
		r    Rule
		q    Request
		want bool
	}{
		"pods is not pods/log":       {rule("get", "", "pods"), q, false},
		"exact subresource":          {rule("get", "", "pods/log"), q, true},
		"any resource's subresource": {rule("get", "", "*/log"), q, true},
		"star is everything":         {rule("*", "*", "*"), q, true},
		"*/log is not pods":          {rule("get", "", "*/log"), Request{Verb: "get", Resource: "pods"}, false},
		"resource name":              {Rule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods/log"}, ResourceNames: []string{"p"}}, q, true},
		"other name":                 {Rule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods/log"}, ResourceNames: []string{"x"}}, q, false},
		"list has no name":           {Rule{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"x"}}, Request{Verb: "list", Resource: "pods"}, false},
		"url prefix":                 {Rule{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz/*"}}, Request{Verb: "get", URL: "/healthz/ping"}, true},
		"url is not a resource":      {rule("*", "*", "*"), Request{Verb: "get", URL: "/metrics"}, false},
		"resources are not urls":     {Rule{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}, q, false},
		"verbs of another group":     {rule("get", "apps", "pods/log"), q, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Allows(tc.r, tc.q); got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
