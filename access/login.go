package access

import (
	"slices"
	"strings"
)

// login is what conditions tell of one session: a value for each variable, "" where
// any will do.
type login [len(telling)]string

// telling are the variables, those first that tell most of a session.
var telling = [...]string{"SessionNameRaw", "SessionName", "EC2PrivateDNSName", "AccessKeyID"}

// with is the login of which a condition holds beside what is known of it; false when
// no session is both. Each variable has one value for one login, SessionName is
// SessionNameRaw with - for @, and the others are independent of each other
// (aws-iam-authenticator pkg/server renderTemplate).
func (l login) with(c Condition) (login, bool) {
	l2 := l
	take := func(i int, value string) bool {
		free := l2[i] == ""
		l2[i] = value
		return free || l[i] == value
	}
	i := slices.Index(telling[:], c.Variable)
	if i < 0 || !take(i, c.Value) {
		return l, false
	}
	if raw := l2[0]; raw != "" && !take(1, strings.ReplaceAll(raw, "@", "-")) {
		return l, false
	}
	return l2, true
}

// conditions are all that is known of a login, what tells most first.
func (l login) conditions() []Condition {
	var out []Condition
	for i, v := range l {
		if v != "" {
			out = append(out, Condition{telling[i], v})
		}
	}
	return out
}

// agreeing are the logins that are one of these, and one of the conditions beside.
func agreeing(ls []login, cs []Condition) []login {
	var out []login
	for _, l := range ls {
		for _, c := range cs {
			if both, ok := l.with(c); ok {
				out = append(out, both)
			}
		}
	}
	slices.SortFunc(out, login.compare)
	return slices.Compact(out)
}

func (l login) compare(o login) int { return slices.Compare(l[:], o[:]) }

// logins are all that some of the conditions make, none of them included: whatever
// can come together in one session is in one of them.
func logins(cs []Condition) []login {
	out := []login{{}}
	for _, v := range telling {
		of := slices.DeleteFunc(slices.Clone(cs), func(c Condition) bool { return c.Variable != v })
		out = append(out, agreeing(out, of)...)
	}
	slices.SortFunc(out, login.compare)
	return slices.Compact(out)
}
