package sim

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// queryActions are the operations of the services that speak the query protocol.
func (b *Bench) queryActions(service string) map[string]func(*exchange) (any, *refusal) {
	if service == "iam" {
		return map[string]func(*exchange) (any, *refusal){
			"GetRole": b.getRole, "GetUser": b.getUser, "ListRoles": b.listRoles, "ListUsers": b.listUsers,
		}
	}
	return map[string]func(*exchange) (any, *refusal){
		"GetCallerIdentity": b.getCallerIdentity, "AssumeRole": b.assumeRole,
	}
}

type roleXML struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	ARN                      string `xml:"Arn"`
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
}

type userXML struct {
	Path       string
	UserName   string
	UserID     string `xml:"UserId"`
	ARN        string `xml:"Arn"`
	CreateDate string
}

const iamTime = "2006-01-02T15:04:05Z"

func (i *identity) roleXML() roleXML {
	principals := i.trust
	if len(principals) == 0 {
		principals = []string{arn{i.arn.partition, "iam", "", i.arn.account, "root"}.String()}
	}
	quoted := make([]string, len(principals))
	for n, p := range principals {
		quoted[n] = strconv.Quote(p)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[` +
		strings.Join(quoted, ",") + `]},"Action":"sts:AssumeRole"}]}`
	// IAM answers policy documents percent-encoded (IAM API reference, Role).
	return roleXML{i.path, i.name, i.id, i.arn.String(), i.created.Format(iamTime),
		strings.ReplaceAll(url.QueryEscape(policy), "+", "%20"), i.description, 3600}
}

func noSuchEntity(what, name string) *refusal {
	return refuse(http.StatusNotFound, "NoSuchEntity", "The %s with name %s cannot be found.", what, name)
}

func validation(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "ValidationError", format, args...)
}

func (i *identity) userXML() userXML {
	return userXML{i.path, i.name, i.id, i.arn.String(), i.created.Format(iamTime)}
}

func (b *Bench) getRole(x *exchange) (any, *refusal) {
	name := x.form.Get("RoleName")
	if no := x.caller.may("iam:GetRole", "role "+name); no != nil {
		return nil, no
	}
	r := b.account(x.caller.arn.account).roles[name]
	if r == nil {
		return nil, noSuchEntity("role", name)
	}
	return struct{ Role roleXML }{r.roleXML()}, nil
}

func (b *Bench) getUser(x *exchange) (any, *refusal) {
	name := x.form.Get("UserName")
	if name == "" && x.caller.arn.kind() == "user" {
		name = x.caller.arn.name()
	}
	if no := x.caller.may("iam:GetUser", "user "+name); no != nil {
		return nil, no
	}
	if name == "" {
		return nil, validation("Must specify userName when calling with non-User credentials")
	}
	u := b.account(x.caller.arn.account).users[name]
	if u == nil {
		return nil, noSuchEntity("user", name)
	}
	return struct{ User userXML }{u.userXML()}, nil
}

func (b *Bench) listRoles(x *exchange) (any, *refusal) {
	roles := b.account(x.caller.arn.account).roles
	names, marker, no := b.listed(x, "Role", roles)
	if no != nil {
		return nil, no
	}
	type list struct {
		Roles       []roleXML `xml:"Roles>member"`
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}
	out := list{IsTruncated: marker != "", Marker: marker}
	for _, name := range names {
		out.Roles = append(out.Roles, roles[name].roleXML())
	}
	return out, nil
}

func (b *Bench) listUsers(x *exchange) (any, *refusal) {
	users := b.account(x.caller.arn.account).users
	names, marker, no := b.listed(x, "User", users)
	if no != nil {
		return nil, no
	}
	type list struct {
		Users       []userXML `xml:"Users>member"`
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}
	out := list{IsTruncated: marker != "", Marker: marker}
	for _, name := range names {
		out.Users = append(out.Users, users[name].userXML())
	}
	return out, nil
}

// listed is one page of the names under a path prefix, and where the next begins.
func (b *Bench) listed(x *exchange, kind string, all map[string]*identity) (names []string, marker string, no *refusal) {
	prefix := x.form.Get("PathPrefix")
	on := arn{x.caller.arn.partition, "iam", "", x.caller.arn.account, strings.ToLower(kind) + prefix}
	if no := x.caller.may("iam:List"+kind+"s", on.String()); no != nil {
		return nil, "", no
	}
	size, no := b.pageSize(x.form.Get("MaxItems"), 1000)
	if no != nil {
		return nil, "", no
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(all[name].path, prefix) {
			names = append(names, name)
		}
	}
	names, marker, no = pageOf(names, "List"+kind+"s "+x.caller.arn.account+" "+prefix, x.form.Get("Marker"), size)
	if no != nil {
		return nil, "", validation("Invalid Marker.")
	}
	return names, marker, nil
}

var xmlNamespace = map[string]string{
	"iam": "https://iam.amazonaws.com/doc/2010-05-08/",
	"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}

// writeXML wraps a result as the query protocol does: OperationResponse around
// OperationResult.
func writeXML(w http.ResponseWriter, service, operation string, result any) {
	id := uuid(service, operation)
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", id)
	inner, err := xml.Marshal(struct {
		XMLName xml.Name
		Content any
	}{xml.Name{Local: operation + "Result"}, result})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	// The result's own type name is no element of the protocol.
	text := strings.NewReplacer("<Content>", "", "</Content>", "").Replace(string(inner))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`<` + operation + `Response xmlns="` + xmlNamespace[service] + `">` + text +
		`<ResponseMetadata><RequestId>` + id + `</RequestId></ResponseMetadata></` + operation + `Response>`))
}
