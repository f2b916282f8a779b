package report

import (
	"regexp"
	"slices"
	"strings"
)

// narrow is the indentation of what is too wide for its own.
const narrow = 4

// narrowest is the least width in which a broken text can still be read.
const narrowest = 20

// Wrap breaks a line of prose at blanks, so that a terminal of this width does not break
// it within a word. What follows hangs under the line's own text, behind its signs and
// its label. A name, an ARN and a command stay whole, even where they are wider than the
// terminal: what is copied must be one. Width 0 breaks nothing.
func Wrap(l Line, width int) []Line {
	if l.Whole || width < narrowest || Width(l.Text) <= width {
		return []Line{l}
	}
	at, hang := lead(l.Text, width)
	w := wrapping{width: width, hang: hang, now: l.Text[:at], begun: strings.TrimSpace(l.Text[:at]) != ""}
	for _, a := range atoms(l.Text[at:]) {
		w.add(a)
	}
	w.flush()
	out := make([]Line, len(w.done))
	for i, text := range w.done {
		out[i] = Line{Kind: l.Kind, Text: text}
	}
	return out
}

// signs begin a line, and one label may follow, whose text stands in a column of its own.
var (
	signs = regexp.MustCompile(`^ *(?:\d+(?:/\d+)? +)?(?:(?:first|fix:) )?(?:[-+~✓✗?!▲·=…→i] +){0,2}`)
	label = regexp.MustCompile(`^\S+(?: ⟨[^⟩]*⟩)?(?: \S+){0,2} {2,}`)
)

// lead is where a line's own text begins, and the column under which its rest goes: that
// of the text, unless a long label would leave no room.
func lead(text string, width int) (at, hang int) {
	at = len(signs.FindString(text))
	hang = Width(text[:at])
	n := len(label.FindString(text[at:]))
	if n == 0 {
		return at, hang
	}
	if column := Width(text[:at+n]); column <= width/2 {
		return at + n, column
	}
	return at, hang + 2
}

// atom is what is never broken: a word, a quoted name, a command.
type atom struct {
	gap     int // blanks before it
	text    string
	command bool
	end     string // what separates a command from the rest of its sentence
}

func atoms(text string) []atom {
	var out []atom
	for {
		rest := strings.TrimLeft(text, " ")
		if rest == "" {
			return out
		}
		a := atom{gap: len(text) - len(rest)}
		n := wordEnd(rest)
		switch {
		case begins(out) || ours.MatchString(rest):
			if m := commandEnd(rest); m > 0 {
				n, a.command = m, true
			}
		case ours.MatchString(strings.TrimPrefix(rest, "(")):
			n = max(n, strings.IndexByte(rest, ')')+1)
		}
		a.text, text = rest[:n], rest[n:]
		if a.command && text != "" && strings.ContainsRune(",;:.", rune(text[0])) {
			a.end, text = text[:1], text[1:]
		}
		out = append(out, a)
	}
}

// ours begin commands wherever they stand: no sentence goes on with such words.
var ours = regexp.MustCompile(`^(?:kubectl eks-access|aws eks|aws iam) [a-z-]`)

// begins reports whether a command may begin behind these words: most sentences have it
// behind a colon, and several are separated by semicolons.
func begins(before []atom) bool {
	if len(before) == 0 {
		return true
	}
	last := before[len(before)-1]
	return strings.ContainsAny(last.text[len(last.text)-1:]+last.end, ":;") || slices.Contains([]string{"see", "run", "with"}, last.text)
}

// wordEnd is the length of the first word: up to a blank that stands in no quotes. The
// name of a permission set has its mark beside it, a code the flag that accepts it.
func wordEnd(text string) int {
	n := 0
	for n < len(text) && text[n] != ' ' {
		if m := max(quoted(text[n:], '"'), quoted(text[n:], '`')); m > 0 {
			n += m
			continue
		}
		n++
	}
	rest := text[n:]
	if text[:n] == "--accept" && len(rest) > 1 {
		return n + 1 + wordEnd(rest[1:])
	}
	if strings.HasPrefix(rest, " ⟨") {
		if m := strings.Index(rest, "⟩"); m > 0 {
			m += n + len("⟩")
			return m + wordEnd(text[m:])
		}
	}
	return n
}

// quoted is the length of a text in quotes; 0 where none begins, or none ends.
func quoted(text string, quote byte) int {
	if text == "" || text[0] != quote {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return 0
}

// commandEnd is the length of the command with which a text begins: up to what separates
// it from the rest of its sentence, outside of quotes. 0 where no command begins.
func commandEnd(text string) int {
	if !strings.HasPrefix(text, "kubectl ") && !strings.HasPrefix(text, "aws ") {
		return 0
	}
	n := 0
	for n < len(text) {
		if m := max(quoted(text[n:], '\''), quoted(text[n:], '"')); m > 0 {
			n += m
			continue
		}
		rest := text[n:]
		if strings.HasPrefix(rest, " (") || strings.HasPrefix(rest, "  ") || strings.HasPrefix(rest, " or ") {
			break
		}
		if strings.ContainsRune(",;:.", rune(rest[0])) && (len(rest) == 1 || rest[1] == ' ') {
			break
		}
		n++
	}
	return n
}

// wrapping fills lines.
type wrapping struct {
	width, hang int
	done        []string
	now         string
	begun       bool // now holds more than its indentation
	any         bool // an atom was added
	alone       bool // now is a command that was given a line of its own
}

func (w *wrapping) add(a atom) {
	if w.alone {
		w.flush()
	}
	text := a.text + a.end
	next := w.now + strings.Repeat(" ", a.gap) + text
	// What is wider than any line stays behind the line's label.
	if w.begun && (Width(next) <= w.width || !w.any && narrow+Width(text) > w.width) {
		w.now, w.any = next, true
		return
	}
	if w.begun {
		w.flush()
	}
	w.alone = a.command && len(w.done) > 0
	if w.alone && a.end != ":" {
		text = a.text // what ends it in the sentence would be copied with the line
	}
	if w.hang+Width(text) > w.width {
		w.now = strings.Repeat(" ", min(w.hang, narrow))
	}
	w.now += text
	w.begun, w.any = true, true
}

func (w *wrapping) flush() {
	if w.begun {
		w.done = append(w.done, strings.TrimRight(w.now, " "))
	}
	w.now, w.begun, w.alone = strings.Repeat(" ", w.hang), false, false
}
