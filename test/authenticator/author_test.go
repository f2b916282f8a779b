package authenticator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// author writes aws-auth as people and tools write it, and now and then not as
// they should. It counts what it did by name.
type author struct {
	*rand.Rand
	did   map[string]int
	style string
	names int
	arns  []string // of this ConfigMap
}

func newAuthor(seed uint64) *author {
	return &author{Rand: rand.New(rand.NewPCG(seed, 3)), did: map[string]int{}}
}

func (a *author) one(in ...string) string { return in[a.IntN(len(in))] }
func (a *author) in(n int) bool           { return a.IntN(n) == 0 }

// field is one line of an item: a scalar as it will stand in the text, or a list of them.
type field struct {
	key, value string
	list       []string
}

// at is the field of that key, which is there.
func at(fs []field, key string) *field {
	return &fs[slices.IndexFunc(fs, func(f field) bool { return f.key == key })]
}

// styles are the hands that real ConfigMaps show.
var styles = []string{"eksctl", "hand", "terraform", "flow", "json", "pretty", "indented"}

// data is a whole ConfigMap.
func (a *author) data() map[string]string {
	out := map[string]string{}
	a.arns = nil
	out["mapRoles"] = a.list("rolearn")
	if !a.in(4) {
		out["mapUsers"] = a.list("userarn")
	}
	if a.in(3) {
		out["mapAccounts"] = a.accounts()
	}
	if a.in(40) {
		a.did["outer key in another case"]++
		out["MapRoles"] = out["mapRoles"]
		delete(out, a.one("mapRoles", "mapUsers"))
	}
	return out
}

// list is the text of mapRoles or mapUsers.
func (a *author) list(arn string) string {
	if a.in(60) {
		return a.one("", " \n", "``", `""`, "''", "[]", "[]\n", "null", "# nobody\n")
	}
	a.style = a.one(styles...)
	var items [][]field
	for range 1 + a.IntN(4) {
		items = append(items, a.item(arn))
	}
	if a.in(3) { // an ARN again, perhaps in another case
		again := a.item(arn)
		from, to := at(items[a.IntN(len(items))], arn), at(again, arn)
		to.value = from.value
		if a.in(2) && !strings.Contains(to.value, `\`) {
			to.value = a.one(strings.ToUpper(to.value), strings.ToLower(to.value))
		}
		a.did["an ARN twice"]++
		items = append(items, again)
	}
	for i := range items {
		if a.in(3) {
			a.spoilItem(arn, &items[i])
		}
	}
	text := a.write(items)
	if a.in(3) {
		for range 1 + a.IntN(2) {
			text = a.spoilText(text)
		}
	}
	return text
}

func (a *author) item(arn string) []field {
	a.names++
	user := "u" + strconv.Itoa(a.names)
	kind := arn == "rolearn"
	if a.in(8) {
		a.did["a role among users, a user among roles"]++
		kind = !kind
	}
	fs := []field{{key: arn, value: a.text(a.arn(kind))}, {key: "username", value: a.text(a.username(user))}, {key: "groups"}}
	for range a.IntN(4) {
		fs[2].list = append(fs[2].list, a.text(a.group()))
	}
	if a.in(6) {
		fs = fs[:2]
	}
	a.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
	return fs
}

const (
	ourAccount   = "111122223333"
	otherAccount = "444455556666"
)

// arn is drawn from few names, so that items meet.
func (a *author) arn(role bool) string {
	if len(a.arns) > 0 && a.in(5) {
		return a.one(a.arns...)
	}
	arn := a.newARN(role)
	a.arns = append(a.arns, arn)
	return arn
}

func (a *author) newARN(role bool) string {
	account := a.one(ourAccount, ourAccount, ourAccount, otherAccount, "012345670123")
	partition := a.one("aws", "aws", "aws", "aws", "aws", "aws", "aws", "aws-cn", "aws-us-gov")
	switch {
	case a.in(40):
		a.did["no ARN of a principal"]++
		return a.one("dev", "*", "arn:aws:iam::"+account+":role/*", "arn:aws:iam::"+account+":role/", "arn:aws:iam:us-east-1:"+account+":role/dev",
			"arn:aws:iam::11112222333:role/dev", "arn:aws:iam::"+account+":group/devs", "arn:aws:iam::"+account+":instance-profile/dev", "arn:aws:s3:::bucket", account,
			"arn:aws:iam::"+account+":role/dev dev", "arn:aws:iam::"+account+":user//ann", "arn:aws:iam::"+account+":role/dev\u017f", "arn:aws:iam::"+account+":role/\u212aim")
	case a.in(20):
		a.did["ARN of a session"]++
		return "arn:" + partition + ":sts::" + account + ":" + a.one("assumed-role/dev/alice", "assumed-role/dev", "federated-user/fed", "federated-user/Fed")
	case a.in(20):
		return "arn:" + partition + ":iam::" + account + ":root"
	}
	kind, name := "user/", a.one("", "", "team/", "Team/", "a/b/")+a.one("ann", "Ann", "bob", "b.o+b=@x,y-z_")
	if role {
		kind, name = "role/", a.one("", "", "", "", "team/", "aws-reserved/sso.amazonaws.com/")+a.one("dev", "Dev", "ops", "devs", "kim", "AWSReservedSSO_Admin_0123456789abcdef")
	}
	out := "arn:" + partition + ":iam::" + account + ":" + kind + name
	switch a.IntN(20) {
	case 0:
		out = strings.ToUpper(out)
	case 1:
		out += a.one(" ", "\n", "\t", "\u00a0")
		a.did["blank behind an ARN"]++
	}
	return out
}

func (a *author) username(name string) string {
	return a.one(name, name, name, name, name+":{{SessionName}}", name+":{{SessionNameRaw}}", name+"-{{AccountID}}", "{{SessionName}}", name+"/{{AccessKeyID}}",
		"system:node:{{EC2PrivateDNSName}}", name+"{{Unknown}}", name+" {{ SessionName }}", name+"{{{{AccountID}}SessionName}}", name+"é😀", name+"\\", name+"'s", name+": #x", "system:"+name)
}

func (a *author) group() string {
	return a.one("g1", "g2", "devs", "system:masters", "system:nodes", "system:bootstrappers", "{{SessionName}}", "acct-{{AccountID}}", "g1", "g 1", " g1", "g1\n", "", "'", "ü", "true", "5", "null", "{{EC2PrivateDNSName}}")
}

// accounts is the text of mapAccounts.
func (a *author) accounts() string {
	var b strings.Builder
	for range 1 + a.IntN(3) {
		account := a.one(ourAccount, otherAccount, "012345670123", "777788889999", "1111-2222-3333", "11112222333", "1e11", "0x19DE50E0AB")
		fmt.Fprintf(&b, "- %s\n", a.one(account, account, `"`+account+`"`, "'"+account+"'", account+" ", account+" # ours", `"`+account+` "`, "!!str "+account, "["+account+"]", "{a: b}", "~", "arn:aws:iam::"+account+":root"))
	}
	text := b.String()
	if a.in(6) {
		text = a.spoilText(text)
	}
	if a.in(12) {
		text = "[" + strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(text, "- ", "")), "\n", ", ") + "]"
	}
	return text
}

// text writes a scalar as the style does, or in any other way that means the same.
func (a *author) text(s string) string {
	if a.style == "json" || a.style == "pretty" || a.style == "terraform" {
		if a.in(10) {
			return escaped(s)
		}
		return strconv.Quote(s)
	}
	plain := s != "" && strings.TrimSpace(s) == s && !strings.ContainsAny(s, "{}[]#'\"\\*\n,") && !strings.Contains(s, ": ") && strings.Trim(s, "0123456789") != "" && s != "true" && s != "null"
	switch {
	case plain && !a.in(4):
		return s
	case a.in(2) && !strings.ContainsAny(s, "\n\t"):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	case a.in(8):
		return escaped(s)
	}
	return strconv.Quote(s)
}

// escaped is a double-quoted text with the first letter as a number.
func escaped(s string) string {
	if s == "" || s[0] >= 0x80 || s[0] == '\\' || s[0] == '"' {
		return strconv.Quote(s)
	}
	return fmt.Sprintf(`"\u%04x%s`, s[0], strconv.Quote(s[1:])[1:])
}

// write puts items into the style's form.
func (a *author) write(items [][]field) string {
	a.did["style "+a.style]++
	var b strings.Builder
	switch a.style {
	case "json", "pretty", "flow":
		gap, lead, end := "", "", ""
		if a.style == "pretty" {
			gap, lead, end = "\n  ", "    ", "\n"
		}
		var all []string
		for _, fs := range items {
			var parts []string
			for _, f := range fs {
				key, colon := strconv.Quote(f.key), ":"
				if a.style == "flow" {
					key, colon = f.key, ": "
				}
				if f.key == "<<" {
					key = f.key
				}
				parts = append(parts, gap+strings.TrimPrefix(lead, "  ")+key+colon+f.flow())
			}
			all = append(all, gap+"{"+strings.Join(parts, ",")+gap+"}")
		}
		if a.style == "flow" {
			return "- " + strings.Join(all, "\n- ") + "\n"
		}
		return "[" + strings.Join(all, ",") + end + "]"
	}
	indent, listIndent := "", ""
	if a.style == "indented" {
		indent, listIndent = "   ", "  "
	}
	for _, fs := range items {
		if a.style == "hand" && a.in(2) {
			b.WriteString("# who is this?\n")
		}
		lead := indent + "- "
		for _, f := range fs {
			key := f.key
			if a.style == "terraform" && key != "<<" {
				key = strconv.Quote(key)
			}
			b.WriteString(lead + key + ":")
			lead = indent + "  "
			if f.value != "" || len(f.list) == 0 {
				b.WriteString(" " + f.flow())
			} else if a.style == "hand" && a.in(2) {
				b.WriteString(" " + f.flow() + " # inline")
			} else {
				for _, g := range f.list {
					b.WriteString("\n" + lead + listIndent + "- " + g)
				}
			}
			b.WriteString("\n")
		}
		if len(fs) == 0 {
			b.WriteString(lead + "\n")
		}
	}
	return b.String()
}

func (f field) flow() string {
	if f.value != "" {
		return f.value
	}
	return "[" + strings.Join(f.list, ", ") + "]"
}
