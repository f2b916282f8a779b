package awsauth

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var seed = flag.Uint64("seed", 1, "seed of the random ConfigMaps")

// author writes ConfigMaps the way people do: block or JSON style, comments,
// any order of keys, unknown keys, anchors, CRLF, with or without a last line
// break.
type author struct {
	*rand.Rand
	n int
}

func (a *author) some(of ...string) string { return of[a.IntN(len(of))] }

// hostile texts are what a ConfigMap must give back unharmed.
var hostile = []string{"dev", "system:node:{{EC2PrivateDNSName}}", "{{SessionName}}", "a: b", "- x", "# y", "it's", `say "x" \ `, "two\nlines\n", "\ttab", "nul\x00", "ü😀\u2028\u0085\ufeff\ufffd\ufffe", "yes", "No", "y", "5", "1e3", "0x1F", "null", "~", " ", "trailing ", "[a]", "{a: b}", "*a", "&a", "!x", "%x", "@x", "`x`", "|", ">", "---", "...", "<<", "=", "? x", "2024-01-01", "\r\n", strings.Repeat("long ", 600), strings.Repeat("x", 3000), "x:", ":x", "a,b", "\x7f\u009f", "${HOME}"}

func (a *author) item(s Section) Item {
	a.n++
	item := Item{Section: s, ARN: fmt.Sprintf("arn:aws:iam::111122223333:role/r%d", a.n)}
	if s == MapAccounts {
		item.ARN = fmt.Sprintf("%012d", a.n)
		return item
	}
	item.Username = a.some(hostile...)
	for range a.IntN(3) {
		item.Groups = append(item.Groups, a.some(hostile...))
	}
	return item
}

// block writes a list with dashes. Comments are numbered, so that each can be
// looked for.
func (a *author) block(s Section) string {
	var b strings.Builder
	pad := a.some("", "", "  ")
	key := "rolearn"
	if s == MapUsers {
		key = "userarn"
	}
	comment := func(pad string) {
		if a.IntN(3) == 0 {
			a.n++
			fmt.Fprintf(&b, "%s# comment %d - x: '\n", pad, a.n)
		}
	}
	for range 1 + a.IntN(5) {
		comment(pad)
		if a.IntN(6) == 0 {
			b.WriteString("\n")
		}
		a.n++
		if s == MapAccounts {
			quote := a.some("'", `"`, "")
			fmt.Fprintf(&b, "%s- %s%012d%s\n", pad, quote, a.n, quote)
			continue
		}
		lines := []string{
			fmt.Sprintf("%s: %s", key, quoted(fmt.Sprintf("arn:aws:iam::111122223333:role/r%d", a.n), "'\"\x00"[a.IntN(3)])),
			"username: " + a.some("dev", "'it''s'", "\"a # b\"", "system:node:{{EC2PrivateDNSName}}", "|\n"+pad+"    block\n"+pad+"    # no comment", "folded\n"+pad+"    plain", "yes"),
			"groups:" + a.some(" [a, 'b, c']", " []", "\n"+pad+"  - a\n"+pad+"  - \"b\" # in groups", "\n"+pad+"    - a", " system:masters", " &g [a]", "\n"+pad+"  # above\n"+pad+"  - a"),
			"userid: AROA",
		}
		a.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		for i, line := range lines[:2+a.IntN(3)] {
			lead := pad + "  "
			if i == 0 {
				lead = pad + "- "
			}
			if !strings.Contains(line, "\n") && a.IntN(6) == 0 {
				line += " # at the end"
			}
			b.WriteString(lead + line + "\n")
		}
	}
	comment(pad)
	return b.String()
}

func (a *author) text(s Section) string {
	var text string
	switch a.IntN(6) {
	case 0:
		return a.some("", "[]", "[]\n", "null\n", "# nothing yet\n", "''")
	case 1:
		key := map[Section]string{MapRoles: "rolearn", MapUsers: "userarn"}[s]
		var parts []string
		for range 1 + a.IntN(3) {
			a.n++
			if s == MapAccounts {
				parts = append(parts, fmt.Sprintf(`"%012d"`, a.n))
			} else {
				parts = append(parts, fmt.Sprintf(`{"%s":"r%d","username":"u,]","groups":["a", "b"]}`, key, a.n))
			}
		}
		sep := a.some(",", ", ", ",\n  ")
		text = a.some("[", "[\n  ") + strings.Join(parts, sep) + a.some("]", "\n]\n")
	default:
		text = a.block(s)
	}
	if a.IntN(5) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	if a.IntN(5) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (a *author) data() map[string]string {
	data := map[string]string{"other": "key: [untouched"}
	for _, s := range Sections {
		if a.IntN(5) > 0 {
			data[string(s)] = a.text(s)
		}
	}
	return data
}

// lacking returns the lines of the one text that the other lacks.
func lacking(from, in string) (lines []string) {
	rest := map[string]int{}
	for line := range strings.Lines(in) {
		rest[strings.TrimRight(line, "\r\n")]++
	}
	for line := range strings.Lines(from) {
		line = strings.TrimRight(line, "\r\n")
		if rest[line]--; rest[line] < 0 && line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func others(data map[string]string, s Section) map[string]string {
	out := maps.Clone(data)
	delete(out, string(s))
	return out
}

// An added item can be taken out again, and the text is as it was, byte for
// byte, but for a list that was empty in another form than `[]`.
func TestLawAddThenRemove(t *testing.T) {
	a := &author{Rand: rand.New(rand.NewPCG(*seed, 0))}
	exact := 0
	const rounds = 1000
	for range rounds {
		data := a.data()
		was := maps.Clone(data)
		s := Sections[a.IntN(3)]
		before := Parse(data)
		fresh := []Item{a.item(s), a.item(s)}[:1+a.IntN(2)]
		added, err := Add(data, fresh...)
		if err != nil && strings.Contains(data[string(s)], "|") && !endsLine(data[string(s)]) {
			continue // a block text without a last line break would get one
		}
		if err != nil {
			t.Fatalf("add: %v\nto %q", err, data[string(s)])
		}
		if gone := lacking(data[string(s)], added[string(s)]); len(gone) > 0 && readable(data[string(s)]) && !flowText(data[string(s)]) {
			t.Fatalf("add lost the lines %q\nfrom\n%s\nto\n%s", gone, data[string(s)], added[string(s)])
		}
		var mine []Item
		for _, item := range Parse(added).Items {
			if slices.ContainsFunc(fresh, func(f Item) bool { return f.Section == item.Section && f.ARN == item.ARN }) {
				mine = append(mine, item)
			}
		}
		if len(mine) != len(fresh) {
			t.Fatalf("%d of %d items came back\n%s", len(mine), len(fresh), added[string(s)])
		}
		for i := range mine {
			if !same(mine[i], fresh[i]) {
				t.Fatalf("%+v came back as %+v", fresh[i], mine[i])
			}
		}
		back, err := Remove(added, mine...)
		if err != nil {
			t.Fatalf("remove: %v\nfrom %q", err, added[string(s)])
		}
		if !maps.Equal(data, was) {
			t.Fatal("an edit changed its argument")
		}
		if !maps.Equal(others(data, s), others(back, s)) {
			t.Fatal("an edit changed another key")
		}
		after := Parse(back)
		if !slices.EqualFunc(before.Items, after.Items, same) {
			t.Fatalf("other items than before\nfrom %q\nto %q", data[string(s)], back[string(s)])
		}
		if back[string(s)] == data[string(s)] {
			exact++
		} else if readable(data[string(s)]) {
			t.Fatalf("not the same bytes\nfrom %q\nover %q\nto   %q", data[string(s)], added[string(s)], back[string(s)])
		}
	}
	t.Logf("seed %d: %d of %d back to the byte, the others were empty lists", *seed, exact, rounds)
}

// readable says whether the text holds a list with items, so that bytes must
// come back.
func readable(text string) bool { return strings.Contains(text, "r") || strings.Contains(text, "0") }

func flowText(text string) bool { return strings.HasPrefix(text, "[") }

// Removing an item takes away no line that is not its own: comments above it
// and all lines of the others stay.
func TestLawRemoveKeepsTheRest(t *testing.T) {
	a := &author{Rand: rand.New(rand.NewPCG(*seed, 1))}
	done := 0
	for range 1000 {
		data := a.data()
		m := Parse(data)
		if len(m.Items) == 0 {
			continue
		}
		item := m.Items[a.IntN(len(m.Items))]
		text := data[string(item.Section)]
		out, err := Remove(data, item)
		if err != nil {
			t.Fatalf("remove: %v\nfrom %q", err, text)
		}
		done++
		want := slices.DeleteFunc(slices.Clone(m.Items), func(i Item) bool { return i.Section == item.Section && i.Index == item.Index })
		if !slices.EqualFunc(Parse(out).Items, want, same) {
			t.Fatalf("other items than wanted\nfrom %q\nto %q", text, out[string(item.Section)])
		}
		if flowText(text) {
			continue
		}
		// Every line that is lost stands between the item's first line and the
		// next item's or comment's of its own.
		lines := strings.SplitAfter(text, "\n")
		end := item.Line
		for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), "# comment") && !strings.HasPrefix(strings.TrimLeft(lines[end], " "), "- rolearn") {
			end++
			if end < len(lines) && slices.ContainsFunc(m.Items, func(i Item) bool { return i.Section == item.Section && i.Line == end+1 }) {
				break
			}
		}
		mine := strings.Join(lines[item.Line-1:end], "")
		if gone := lacking(strings.Join(lacking(text, out[string(item.Section)]), "\n"), mine); len(gone) > 0 {
			t.Fatalf("lost %q\nfrom\n%s\nto\n%s", gone, text, out[string(item.Section)])
		}
	}
	t.Logf("seed %d: %d items removed", *seed, done)
}

// Replacing an item changes nothing but the fields that differ, and back again
// gives the same items.
func TestLawReplace(t *testing.T) {
	a := &author{Rand: rand.New(rand.NewPCG(*seed, 2))}
	done, refused := 0, 0
	for range 1000 {
		data := a.data()
		m := Parse(data)
		if len(m.Items) == 0 {
			continue
		}
		i := a.IntN(len(m.Items))
		old := m.Items[i]
		fresh := a.item(old.Section)
		if a.IntN(2) == 0 && old.ARN != "" {
			fresh.ARN = old.ARN
		}
		if a.IntN(2) == 0 {
			fresh.Groups = append(slices.Clone(old.Groups), fresh.Groups...)
		}
		out, err := Replace(data, old, fresh)
		if err != nil {
			refused++
			if strings.Contains(err.Error(), "would not say") {
				t.Fatalf("%v\nfor %+v\nin %q", err, fresh, data[string(old.Section)])
			}
			continue
		}
		done++
		want := slices.Clone(m.Items)
		want[i] = fresh
		if got := Parse(out).Items; !slices.EqualFunc(got, want, func(a, b Item) bool {
			a.Groups, b.Groups = append([]string{}, a.Groups...), append([]string{}, b.Groups...)
			return same(a, b)
		}) {
			t.Fatalf("other items than wanted\nfrom %q\nto %q", data[string(old.Section)], out[string(old.Section)])
		}
		before, after := data[string(old.Section)], out[string(old.Section)]
		if strings.Count(before, "# comment") != strings.Count(after, "# comment") || strings.Count(before, "# at the end") != strings.Count(after, "# at the end") {
			t.Fatalf("a comment is lost\nfrom\n%s\nto\n%s", before, after)
		}
		if strings.Count(before, "AROA") != strings.Count(after, "AROA") {
			t.Fatalf("an unknown key is lost\nfrom\n%s\nto\n%s", before, after)
		}
		restored, err := Replace(out, fresh, old)
		if old.Dropped != "" {
			continue
		}
		if err != nil {
			t.Fatalf("back: %v\nin %q", err, after)
		}
		if got := Parse(restored).Items; !slices.EqualFunc(got, m.Items, func(a, b Item) bool {
			return a.ARN == b.ARN && a.Username == b.Username && slices.Equal(a.Groups, b.Groups)
		}) {
			t.Fatalf("not as before\nfrom %q\nover %q\nto %q", before, after, restored[string(old.Section)])
		}
	}
	t.Logf("seed %d: %d items replaced, %d refused", *seed, done, refused)
}
