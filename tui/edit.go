package tui

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Change is a wish as a file of changes has it.
type Change struct {
	Intent access.Intent
	Rules  string // path of the file with the role's rules
}

// Editing is the basket as a file in the person's own editor: what has no form can be
// wished there.
type Editing struct {
	// Text is the file; without changes, an example.
	Text func(c access.Cluster, cs []Change) string
	// Read takes it back, and counts the lines that may have been meant as changes and do
	// not count as such. Neither changes nor an error: there are none in it.
	Read func(ix *access.Index, text string) (cs []Change, ignored int, err error)
	// Open shows a text in the editor, and returns it as it was saved when that is left.
	// Nil: there is no editor.
	Open func(text string, in io.Reader, out io.Writer) (string, error)
}

// Messages to app itself.
type (
	edited struct { // the editor was left
		was, text string
		err       error
	}
	parsed struct { // what was saved there, as wishes
		text    string
		wishes  []wish
		ignored int // lines that are only remarks
		err     error
	}
)

// session is the editor, which has the terminal until it is left.
type session struct {
	open      func(string, io.Reader, io.Writer) (string, error)
	was, text string
	in        io.Reader
	out       io.Writer
}

func (s *session) SetStdin(r io.Reader)  { s.in = r }
func (s *session) SetStdout(w io.Writer) { s.out = w }
func (s *session) SetStderr(io.Writer)   {}

func (s *session) Run() (err error) {
	s.text, err = s.open(s.was, s.in, s.out)
	return err
}

// edit opens the basket in the editor, or the text that could not be taken into it.
func (a *app) edit() tea.Cmd {
	e := a.o.Editing
	switch {
	case e.Open == nil:
		a.notice = "e: there is no editor here"
		return nil
	case a.busy:
		a.notice = "e: still reading the cluster"
		return nil
	}
	s := &session{open: e.Open, was: a.draft}
	if s.was == "" {
		s.was = e.Text(a.world.cluster, changes(a.basket))
	}
	return a.exec(s, func(err error) tea.Msg { return edited{s.was, s.text, err} })
}

// edited takes what was saved. What is empty or as it was changes nothing.
func (a *app) edited(msg edited) tea.Cmd {
	text := unremarked(msg.text)
	switch {
	case msg.err != nil:
		if strings.TrimSpace(text) != "" && msg.text != msg.was {
			a.draft = msg.text
		}
		return a.unread("The editor did not end well", report.Error(msg.err))
	case strings.TrimSpace(text) == "":
		a.draft, a.notice = "", "the file was empty: the basket stays as it was"
		return nil
	case msg.text == msg.was:
		a.notice = "nothing was changed in the file: the basket stays as it was"
		return nil
	}
	read, own := a.o.Editing.Read, a.world.ix.Clone()
	return func() tea.Msg {
		cs, ignored, err := read(own, text)
		return parsed{text, wishesOf(cs), ignored, err}
	}
}

// parsed makes the wishes the basket. A text with a mistake is kept, with the mistake on
// top of it.
func (a *app) parsed(msg parsed) tea.Cmd {
	switch {
	case msg.err != nil:
		lines := shifted(report.Error(msg.err))
		a.draft = remarked(msg.text, lines)
		return a.unread("The file has a mistake", lines)
	case len(msg.wishes) == 0:
		a.draft, a.notice = "", "there are no changes in the file"+msg.remarks()+": the basket stays as it was; E empties it"
		return nil
	}
	a.draft, a.notice = "", report.Count(len(msg.wishes), "change", "changes")+" in the basket"+msg.remarks()+": p previews, u brings back what was there before"
	return a.fill(msg.wishes)
}

// remarks say how many lines begin with # and look like a change: editors that go on with
// a comment in the next line put it there.
func (p parsed) remarks() string {
	if p.ignored == 0 {
		return ""
	}
	return ", " + report.Count(p.ignored, "line", "lines") + " behind # ignored"
}

// unread asks whether to go on editing. The dialog opens by itself.
func (a *app) unread(title string, lines []report.Line) tea.Cmd {
	after := "the basket is as it was"
	if a.draft != "" {
		after += ", and your text is kept: e in the basket opens it again; saved empty, it is dropped"
	}
	lines = append(slices.Clone(lines), report.Line{}, report.Line{Kind: report.Note, Text: after})
	return tea.Batch(a.push(ask{title: title, lines: lines, key: "e", yes: "edit again", no: "back", then: edit{}}), a.hush())
}

// remark begins the lines that say at the top of a text what is wrong with it.
const remark = "#! "

// remarks are those lines around the mistakes.
var remarkHead, remarkFoot = remark + "nothing of this was taken into the basket:", remark + "mend it and save it, or save it empty to drop it; these lines go by themselves"

func remarked(text string, lines []report.Line) string {
	out := remarkHead + "\n"
	for _, l := range lines {
		out += remark + "  " + l.Text + "\n"
	}
	return out + remarkFoot + "\n" + text
}

func unremarked(text string) string {
	for strings.HasPrefix(text, strings.TrimSpace(remark)) {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

var lineNumber = regexp.MustCompile(`^(\S+: line )(\d+)(:.*)$`)

// shifted counts the lines of the file as they are with the remarks on top.
func shifted(lines []report.Line) []report.Line {
	out := slices.Clone(lines)
	for i, l := range out {
		if m := lineNumber.FindStringSubmatch(l.Text); m != nil {
			if n, err := strconv.Atoi(m[2]); err == nil {
				out[i].Text = m[1] + strconv.Itoa(n+len(lines)+2) + m[3]
			}
		}
	}
	return out
}

// changes are wishes for a file, and wishesOf what such a file holds. A migration of
// several is one wish for each, as in the matrix.
func changes(ws []wish) []Change {
	out := make([]Change, len(ws))
	for i, w := range ws {
		out[i] = Change{w.intent, w.rules}
	}
	return out
}

func wishesOf(cs []Change) []wish {
	var out []wish
	for _, c := range cs {
		m, ok := c.Intent.(access.Migrate)
		if !ok {
			out = append(out, wish{c.Intent, c.Rules})
			continue
		}
		m.To = pick(m.To == "", access.BothMode, m.To)
		if len(m.Principals) < 2 {
			out = append(out, wish{intent: m})
			continue
		}
		for _, p := range m.Principals {
			one := m
			one.Principals = []access.Principal{p}
			out = append(out, wish{intent: one})
		}
	}
	return out
}
