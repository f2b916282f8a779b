package authenticator

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

var edits = flag.Int("edits", 4000, "how many random texts are edited; 100000 take a minute")

// pieced is a list whose pieces are known by who wrote it, and not by a parser: what
// stands before the first element, each element, and what stands behind each.
type pieced struct {
	head  string
	items []string
	gaps  []string // behind each item: comments, blank lines, a comma
	block bool     // one line or more each, so that an element can go without a trace
}

func (p pieced) text() string {
	var b strings.Builder
	b.WriteString(p.head)
	for i := range p.items {
		b.WriteString(p.items[i] + p.gaps[i])
	}
	return b.String()
}

// pieced writes a list of items in one style, some spoiled, some shared by an anchor.
func (a *author) pieced(arn string) pieced {
	a.style = a.one("eksctl", "hand", "terraform", "flow", "indented", "json")
	p := pieced{block: a.style != "json"}
	gap := func() string {
		if p.block && a.in(4) {
			// As deep as the dashes: what stands deeper is the element's own.
			return a.one("# keep me\n", "\n", "# keep me: - x\n\n", map[bool]string{true: "   "}[a.style == "indented"]+"# even here, 'so\n")
		}
		return ""
	}
	p.head = gap()
	n := 1 + a.IntN(5)
	for i := range n {
		fs := a.item(arn)
		if a.in(4) {
			a.spoilItem(arn, &fs)
		}
		if a.in(12) && p.block && a.style != "flow" {
			fs = append(fs, field{key: "note", value: fmt.Sprintf("&n%d%s shared", i, arn)})
		} else if i > 0 && a.in(12) && p.block && a.style != "flow" {
			fs = append(fs, field{key: "<<", value: "&m" + fmt.Sprint(i) + arn + " {username: merged}"})
		}
		text := a.write([][]field{fs})
		if above, rest, ok := strings.Cut(text, "# who is this?\n"); ok && above == "" {
			text = rest
			if i == 0 {
				p.head += "# who is this?\n"
			} else {
				p.gaps[i-1] += "# who is this?\n"
			}
		}
		for strings.HasSuffix(text, "\n\n") { // whose the blank line is, nobody can say
			text = text[:len(text)-1]
		}
		g := gap()
		if strings.Contains(text, "|+") { // keeps the blank lines behind it as its own
			g = strings.TrimPrefix(g, "\n")
		}
		if !p.block {
			text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
			g = a.one(",", ", ", ",\n")
		}
		p.items, p.gaps = append(p.items, text), append(p.gaps, g)
	}
	if !p.block {
		p.head, p.gaps[n-1] = "[", a.one("]", "]\n")
	}
	if a.in(5) {
		crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
		p.head = crlf(p.head)
		for i := range p.items {
			p.items[i], p.gaps[i] = crlf(p.items[i]), crlf(p.gaps[i])
		}
	}
	return p
}

// removed compares a text with that of the list without some of its elements.
func (p pieced) removed(gone []int, text string) error {
	want := pieced{head: p.head, block: p.block}
	behind := func(s string) {
		if len(want.items) == 0 {
			want.head += s
		} else {
			want.gaps[len(want.gaps)-1] += s
		}
	}
	for i := range p.items {
		if slices.Contains(gone, i) {
			behind(p.gaps[i])
			continue
		}
		want.items, want.gaps = append(want.items, p.items[i]), append(want.gaps, p.gaps[i])
	}
	if p.block && len(want.items) > 0 {
		if text != want.text() {
			return fmt.Errorf("want\n%q", want.text())
		}
		return nil
	}
	// Of brackets the commas go with their elements, an empty list becomes [].
	rest := text
	for _, it := range want.items {
		between, after, ok := strings.Cut(rest, it)
		if !ok || strings.Trim(between, " ,[\r\n\t") != "" {
			return fmt.Errorf("%q is not there as it was, but %q", it, between)
		}
		rest = after
	}
	for _, line := range strings.Split(want.text(), "\n") {
		if at := strings.Index(line, "# "); len(want.items) == 0 && at >= 0 && !strings.Contains(text, strings.TrimRight(line[at:], "\r")) {
			return fmt.Errorf("the comment %q is lost", line)
		}
	}
	if strings.Trim(rest, " ,[]\r\n\t") != "" && len(want.items) > 0 {
		return fmt.Errorf("%q behind the last", rest)
	}
	return nil
}

// replaced fails unless all that stands around an element is as it was.
func (p pieced) replaced(i int, text string) error {
	around := p
	around.items, around.gaps = p.items[:i], p.gaps[:i]
	before := around.text()
	after := strings.TrimPrefix(p.text(), before+p.items[i])
	if !strings.HasPrefix(text, before) || !strings.HasSuffix(text, after) || len(text) < len(before)+len(after) {
		return fmt.Errorf("around element %d something changed", i)
	}
	return nil
}

// inserted fails unless the new text is the old one with something put in at one place.
func inserted(old, text string) error {
	p, q := 0, 0
	for p < len(old) && p < len(text) && old[p] == text[p] {
		p++
	}
	for q < len(old) && q < len(text) && old[len(old)-1-q] == text[len(text)-1-q] {
		q++
	}
	if p+q < len(old) {
		return fmt.Errorf("%q is changed", old[p:len(old)-q])
	}
	return nil
}

// editor makes edits, judges them, and counts.
type editor struct {
	*author
	t                    *testing.T
	done, refused, whole map[string]int // by kind of edit; whole: held to the byte
	values               []string
	unproven             int
}

// try makes one edit of data, whose section was written in these pieces if any.
func (e *editor) try(data map[string]string, s awsauth.Section, p *pieced) {
	was, copied := awsauth.Parse(data), maps.Clone(data)
	var mine []int
	for i, it := range was.Items {
		if it.Section == s {
			mine = append(mine, i)
		}
	}
	kind := e.one("add", "remove", "replace", "remove")
	if len(mine) == 0 {
		kind = "add"
	}
	var out map[string]string
	var err error
	var want []awsauth.Item
	var touched []int
	switch kind {
	case "add":
		fresh := []awsauth.Item{e.fresh(s), e.fresh(s)}[:1+e.IntN(2)]
		out, err = awsauth.Add(data, fresh...)
		at := 0
		for i, it := range was.Items {
			if slices.Index(awsauth.Sections, it.Section) <= slices.Index(awsauth.Sections, s) {
				at = i + 1
			}
		}
		want = slices.Insert(slices.Clone(was.Items), at, fresh...)
	case "remove":
		var gone []awsauth.Item
		for _, i := range mine {
			if len(gone) == 0 && i == mine[len(mine)-1] || e.in(2) {
				gone, touched = append(gone, was.Items[i]), append(touched, was.Items[i].Index)
			}
		}
		out, err = awsauth.Remove(data, gone...)
		want = slices.DeleteFunc(slices.Clone(was.Items), func(it awsauth.Item) bool {
			return it.Section == s && slices.Contains(touched, it.Index)
		})
	case "replace":
		i := mine[e.IntN(len(mine))]
		changed := was.Items[i]
		now := e.fresh(s)
		if e.in(2) || was.Items[i].ARN == "" {
			changed.ARN, changed.Dropped = now.ARN, ""
		}
		if s != awsauth.MapAccounts && e.in(2) {
			changed.Username = now.Username
		}
		if s != awsauth.MapAccounts && e.in(2) {
			changed.Groups = now.Groups
		}
		out, err = awsauth.Replace(data, was.Items[i], changed)
		want = slices.Clone(was.Items)
		want[i], touched = changed, []int{was.Items[i].Index}
	}
	fail := func(format string, args ...any) {
		e.t.Errorf("%s %v in %s: %s\nfrom %q\nto   %q", kind, touched, s, fmt.Sprintf(format, args...), copied[string(s)], out[string(s)])
	}
	if !maps.Equal(data, copied) {
		fail("the edit changed its argument")
	}
	lost := slices.ContainsFunc(was.Problems, func(p awsauth.Problem) bool { return p.Lost && p.Section == s })
	switch {
	case err != nil:
		e.refused[kind]++
		if strings.Contains(err.Error(), "would not say") {
			e.unproven++
		}
		return
	case lost:
		fail("a text that can't be read was edited")
	}
	e.done[kind]++
	if got, want := authenticated(out), kept(want); !slices.Equal(got, want) {
		fail("the authenticator reads\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	for _, k := range slices.Sorted(maps.Keys(data)) {
		if k != string(s) && out[k] != data[k] {
			fail("the key %s changed", k)
		}
	}
	if p == nil || len(mine) != len(p.items) {
		return // its writer's pieces are not what a parser sees
	}
	e.whole[kind]++
	switch kind {
	case "add":
		err = inserted(p.text(), out[string(s)])
	case "remove":
		err = p.removed(touched, out[string(s)])
	case "replace":
		err = p.replaced(touched[0], out[string(s)])
	}
	if err != nil {
		fail("%v", err)
	}
}

// fresh is an item that nobody has, with values that want to be something else.
func (e *editor) fresh(s awsauth.Section) awsauth.Item {
	e.names++
	it := awsauth.Item{Section: s, ARN: fmt.Sprintf("arn:aws:iam::111122223333:role/fresh%d%s", e.names, e.one("", "", e.one(e.values...)))}
	if s != awsauth.MapAccounts {
		it.Username = e.one(e.values...)
		for range e.IntN(3) {
			it.Groups = append(it.Groups, e.one(e.values...))
		}
	}
	return it
}

// Edits of texts as people write them and spoil them: outside the edit no byte
// changes, and the authenticator reads every other item as before.
func TestJudgeEditsOfSpoiledTexts(t *testing.T) {
	e := &editor{author: newAuthor(*seed), t: t, done: map[string]int{}, refused: map[string]int{}, whole: map[string]int{}}
	e.values = append([]string{"dev", "a: b", "- x", "# y", "{{SessionName}}", "it's", `say "x" \ `, "two\nlines\n", "\ttab", "ü😀\u2028\ufeff", "yes", "5", "null", "", " ", "*a", "&a", "<<"}, tokens...)
	m := newMutator(*seed)
	for n := range *edits {
		s := awsauth.Sections[e.IntN(2)]
		key := "rolearn"
		if s == awsauth.MapUsers {
			key = "userarn"
		}
		switch n % 4 {
		case 0, 1:
			p := e.pieced(key)
			data := e.data()
			data[string(s)] = p.text()
			e.try(data, s, &p)
		case 2:
			e.try(e.data(), awsauth.Sections[e.IntN(3)], nil)
		case 3:
			e.try(forms(m.text()), awsauth.Sections[e.IntN(3)], nil)
		}
		if t.Failed() {
			t.Fatalf("seed %d, text %d", *seed, n)
		}
	}
	t.Logf("seed %d: %d texts, done %v, refused %v (%d by the last check), compared byte for byte %v", *seed, *edits, e.done, e.refused, e.unproven, e.whole)
	for _, kind := range []string{"add", "remove", "replace"} {
		if e.whole[kind]*10 < *edits/2 {
			t.Errorf("only %d edits of kind %s were compared byte for byte", e.whole[kind], kind)
		}
	}
	if e.unproven*100 > *edits {
		t.Errorf("%d edits came out wrong and were only caught by the last check", e.unproven)
	}
}
