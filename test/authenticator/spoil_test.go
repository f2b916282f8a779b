package authenticator

import (
	"maps"
	"slices"
	"strings"
)

// spoilItem does one of the things to an item that people do without meaning to.
func (a *author) spoilItem(arn string, fs *[]field) {
	name := a.one(itemSpoils...)
	a.did[name]++
	set := func(key, value string) {
		if i := slices.IndexFunc(*fs, func(f field) bool { return f.key == key }); i >= 0 {
			(*fs)[i] = field{key: key, value: value}
			return
		}
		*fs = append(*fs, field{key: key, value: value})
	}
	// wrong values have a type that the field has not, or look as if they had
	wrong := a.one("123", "yes", "~", "null", "2024-01-01", "1.5", "0x1F", "1_000", "99999999999999999999999999", ".inf", ".nan", "[a, b]", "{a: b}", "!!str 5", "!!binary YWJj", "true", `""`, "!x y", "1:30")
	switch name {
	case "wrong type of ARN":
		set(arn, wrong)
	case "wrong type of user name":
		set("username", wrong)
	case "wrong type of groups":
		set("groups", a.one(wrong, "system:masters", `"g1,g2"`))
	case "wrong type in groups":
		set("groups", "[g1, "+wrong+", g2]")
	case "key in another case":
		i := a.IntN(len(*fs))
		(*fs)[i].key = a.one(strings.ToUpper((*fs)[i].key), title((*fs)[i].key), "roleARN", "userARN", "userName", "rolearn ", "u\u017fername", "group\u017f")
	case "key twice":
		f := (*fs)[a.IntN(len(*fs))]
		f.value = a.text(a.one("again", a.arn(true), a.arn(false)))
		*fs = append(*fs, f)
	case "key twice in other cases":
		f := (*fs)[a.IntN(len(*fs))]
		f.key, f.value = a.one(strings.ToUpper(f.key), title(f.key)), a.text(a.one("again", a.arn(true), a.arn(false)))
		*fs = slices.Insert(*fs, a.IntN(len(*fs)+1), f)
	case "field missing":
		*fs = slices.Delete(*fs, 0, 1)
	case "key of the other list":
		at(*fs, arn).key = a.one("userarn", "rolearn", "arn")
	case "unknown key":
		*fs = append(*fs, field{key: a.one("userid", "note", "5", "rolearns", "group"), value: a.one("x", "5", "[a]", "{a: {b: c}}", "~")})
	case "sso":
		good := "{permissionSetName: Admin, accountID: '111122223333'}"
		set("sso", a.one(good, good, good, good, "{permissionSetName: Admin, accountID: 111122223333}", "{permissionSetName: Admin, accountID: '111122223333', partition: aws}", "{permissionSetName: 'A B', accountID: '111122223333'}", "{permissionSetName: A, accountID: '111122223333', partition: x}", "~", "{}", "x", "[]"))
		if !a.in(3) {
			*fs = slices.DeleteFunc(*fs, func(f field) bool { return f.key == arn })
		}
	case "empty item":
		*fs = nil
	case "block scalar":
		if a.style == "eksctl" || a.style == "hand" {
			set(a.one(arn, "username"), a.one("|", "|-", ">-", "|+", ">")+"\n    arn:aws:iam::111122223333:role/dev\n"+a.one("", "\n", "    # no comment\n"))
		}
	case "quotes over lines":
		if a.style == "eksctl" || a.style == "hand" {
			set("username", a.one("\"a\n    b\"", "'it''s\n\n    b'", "a\n    b"))
		}
	}
}

func title(key string) string { return strings.ToUpper(key[:1]) + key[1:] }

var itemSpoils = []string{"wrong type of ARN", "wrong type of user name", "wrong type of user name", "wrong type of user name", "wrong type of groups", "wrong type in groups", "key in another case", "key twice", "key twice in other cases",
	"field missing", "key of the other list", "unknown key", "sso", "sso", "empty item", "block scalar", "quotes over lines"}

// spoilText does to a text what editors, shells and merges do.
func (a *author) spoilText(text string) string {
	name := a.one(textSpoilNames...)
	a.did[name]++
	return textSpoils[name](a, text)
}

var textSpoilNames = slices.Sorted(maps.Keys(textSpoils))

// somewhere splits a text at the start of one of its lines.
func (a *author) somewhere(text string) (before, after string) {
	lines := strings.SplitAfter(text, "\n")
	i := a.IntN(len(lines) + 1)
	return strings.Join(lines[:i], ""), strings.Join(lines[i:], "")
}

var textSpoils = map[string]func(*author, string) string{
	"bracket left open": func(a *author, s string) string { return s + a.one("- {", "- [a", "- rolearn: {\n", "- \"") },
	"stray colon":       func(a *author, s string) string { b, c := a.somewhere(s); return b + "  note: a: b\n" + c },
	"template unquoted": func(a *author, s string) string {
		b, c := a.somewhere(s)
		return b + "  username: {{SessionName}}\n" + c
	},
	"tab before a key": func(a *author, s string) string { return strings.Replace(s, "  ", "\t", 1+a.IntN(3)) },
	"tabs for blanks":  func(a *author, s string) string { return strings.ReplaceAll(s, ": ", ":\t") },
	"CRLF":             func(_ *author, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"lone CR":          func(_ *author, s string) string { return strings.ReplaceAll(s, "\n", "\r") },
	"BOM":              func(_ *author, s string) string { return "\ufeff" + s },
	"comments": func(a *author, s string) string {
		b, c := a.somewhere(s)
		return "# all\n" + b + "# here\n" + c + "# end"
	},
	"comment behind": func(_ *author, s string) string { return strings.ReplaceAll(s, "\n", " # c\n") },
	"document start": func(a *author, s string) string {
		return a.one("---\n", "--- # x\n", "%YAML 1.1\n---\n", "---\n---\n", "...\n---\n") + s
	},
	"a second document": func(a *author, s string) string {
		b, c := a.somewhere(s)
		return b + a.one("---\n", "...\n", "...\n---\n") + c
	},
	"a second text":       func(a *author, s string) string { return s + "---\n- rolearn: arn:aws:iam::111122223333:role/dev\n" },
	"blanks at line ends": func(_ *author, s string) string { return strings.ReplaceAll(s, "\n", "  \n") },
	"no line end":         func(_ *author, s string) string { return strings.TrimRight(s, "\n") },
	"one blank more":      func(a *author, s string) string { b, c := a.somewhere(s); return b + " " + c },
	"one sign less": func(a *author, s string) string {
		i := a.IntN(len(s) + 1)
		return s[:i] + s[min(len(s), i+1+a.IntN(3)):]
	},
	"a token":           func(a *author, s string) string { i := a.IntN(len(s) + 1); return s[:i] + a.one(tokens...) + s[i:] },
	"a token at a line": func(a *author, s string) string { b, c := a.somewhere(s); return b + a.one(tokens...) + c },
	"a line twice": func(a *author, s string) string {
		b, c := a.somewhere(s)
		l, _, _ := strings.Cut(c, "\n")
		return b + l + "\n" + c
	},
	"half":      func(a *author, s string) string { return s[:a.IntN(len(s)+1)] },
	"a mapping": func(_ *author, s string) string { return "mapRoles:\n" + s },
	"a text":    func(_ *author, s string) string { return "|\n  " + strings.ReplaceAll(s, "\n", "\n  ") },
	"not a list": func(a *author, _ string) string {
		return a.one("{}", "x", "5", "a: b", "{", `{"a": `, "*x", "&a", "!!seq")
	},
	"groups shared": func(a *author, s string) string {
		return strings.Replace(strings.Replace(s, "groups: [", "groups: &g [", 1), "groups: []", "groups: *g", 2)
	},
	"items shared": func(_ *author, s string) string {
		return strings.Replace(s, "- ", "- &i\n  ", 1) + "- *i\n- <<: *i\n  username: other\n"
	},
	"merged": func(a *author, s string) string {
		return "- &m {groups: [m1, m2], username: merged}\n" + strings.Replace(s, "\n  ", "\n  <<: *m\n  ", 1+a.IntN(2))
	},
	"merged by brackets": func(_ *author, s string) string {
		return "- &m {rolearn: x, groups: [m1]}\n- &n {username: n}\n- <<: [*m, *n]\n  groups: [mine]\n" + s
	},
	"an anchor in itself": func(_ *author, s string) string { return s + "- &a\n  rolearn: x\n  groups: [*a]\n" },
	"an unknown anchor":   func(_ *author, s string) string { return s + "- *nobody\n" },
	"a small bomb": func(_ *author, s string) string {
		return s + "- &a [x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b]\n- groups: [*c,*c,*c]\n"
	},
	"an odd item": func(a *author, s string) string {
		return s + a.one("-\n", "- null\n", "- x\n", "- []\n", "- [a]\n", "- 5\n", "- {}\n", "- ? rolearn\n  : x\n", "- ~: x\n")
	},
	"an odd text behind": func(a *author, s string) string { return s + a.one(shortOddTexts...) },
	"two halves swapped": func(a *author, s string) string { b, c := a.somewhere(s); return c + b },
	"NEL, LS, NBSP": func(a *author, s string) string {
		i := a.IntN(len(s) + 1)
		return s[:i] + a.one("\u0085", "\u2028", "\u00a0", "\u200b", "\x00", "\x01", "\x7f") + s[i:]
	},
	"deep": func(_ *author, s string) string {
		return s + "- " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n"
	},
}

var shortOddTexts = func() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(oddTexts)) {
		if len(oddTexts[name]) < 1000 {
			out = append(out, oddTexts[name])
		}
	}
	return out
}()
