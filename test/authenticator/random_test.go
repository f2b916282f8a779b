package authenticator

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

var (
	seed  = flag.Uint64("seed", 1, "seed of the random texts")
	texts = flag.Int("texts", 5000, "how many random texts")
)

// mutator makes texts that are near to the odd ones.
type mutator struct {
	*rand.Rand
	base []string
}

func newMutator(seed uint64) mutator {
	m := mutator{Rand: rand.New(rand.NewPCG(seed, 0))}
	for _, name := range slices.Sorted(maps.Keys(oddTexts)) {
		if len(oddTexts[name]) < 1000 {
			m.base = append(m.base, oddTexts[name])
		}
	}
	return m
}

var tokens = []string{"- ", "-", ": ", ":", "\n", "\r\n", " ", "  ", "\t", "#", " # c\n", "# c\n", "[", "]", "{", "}", ",", "'", "\"", "&a ", "*a", "<<: *a",
	"|\n", ">-\n", "|+\n", "---\n", "...\n", "~", "null", "yes", "5", "!!str ", "!!int ", "!x ", "? ", "rolearn: R9\n", "- rolearn: R8\n", "groups: [g, h]\n", "  groups:\n  - a\n", "username: x\n",
	"ä", "\u2028", "\u0085", "\ufeff", "\x00", "%", "@", "`", "\\", "{{SessionName}}", "``", "😀"}

func (m mutator) pick(list []string) string { return list[m.IntN(len(list))] }

func (m mutator) text() string {
	text := m.pick(m.base)
	for range m.IntN(4) {
		at := m.IntN(len(text) + 1)
		to := min(len(text), at+m.IntN(6))
		lines := strings.SplitAfter(text, "\n")
		i, j := m.IntN(len(lines)), m.IntN(len(lines))
		switch m.IntN(7) {
		case 0:
			text = text[:at] + text[to:]
		case 1, 2:
			text = text[:at] + m.pick(tokens) + text[at:]
		case 3:
			text = text[:at] + m.pick(tokens) + text[to:]
		case 4:
			lines[i], lines[j] = lines[j], lines[i]
			text = strings.Join(lines, "")
		case 5:
			text = strings.Join(slices.Insert(lines, i, lines[j]), "")
		case 6:
			other := m.pick(m.base)
			if m.IntN(2) == 0 {
				text += other
			} else {
				text = text[:at] + other[m.IntN(len(other)+1):]
			}
		}
	}
	return text
}

func TestJudgeRandomTexts(t *testing.T) {
	m := newMutator(*seed)
	items, lost := 0, 0
	for range *texts {
		data := forms(m.text())
		judged(t, data)
		parsed := awsauth.Parse(data)
		items += len(parsed.Items)
		if !parsed.Readable() {
			lost++
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("seed %d: %d texts under three keys each, %d items, %d ConfigMaps with a lost key", *seed, *texts, items, lost)
}

// FuzzJudgeParse lets the fuzzer look for texts that we read in another way
// than the authenticator; what it found once is in testdata.
func FuzzJudgeParse(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(oddTexts)) {
		f.Add(oddTexts[name])
	}
	f.Fuzz(func(t *testing.T, text string) { judged(t, forms(text)) })
}

// FuzzJudgeEdit edits whatever the fuzzer makes up, and asks the authenticator
// what the result means.
func FuzzJudgeEdit(f *testing.F) {
	for i, name := range slices.Sorted(maps.Keys(oddTexts)) {
		f.Add(oddTexts[name], uint8(i), "a: 'b'\n# {{SessionName}}")
	}
	f.Fuzz(func(t *testing.T, text string, which uint8, value string) { edited(t, forms(text), int(which), value) })
}

// edited removes an item, adds one and changes one, and compares what the
// authenticator reads then. It returns how many edits were done, how many
// refused, and how many of these only because the proof of the result failed.
func edited(t testing.TB, data map[string]string, which int, value string) (done, refused, unproven int) {
	t.Helper()
	was := awsauth.Parse(data)
	check := func(what string, out map[string]string, err error, want []awsauth.Item) {
		t.Helper()
		if err != nil {
			refused++
			if strings.Contains(err.Error(), "would not say") {
				unproven++
			}
			return
		}
		done++
		judged(t, out)
		if got, want := authenticated(out), kept(want); !slices.Equal(got, want) {
			t.Errorf("%s: the authenticator reads\n  %s\nwant\n  %s\nfrom %q\nto %q", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "), data, out)
		}
	}
	for _, s := range awsauth.Sections {
		fresh := awsauth.Item{Section: s, ARN: "arn:" + value}
		if s != awsauth.MapAccounts {
			fresh.Username, fresh.Groups = value, []string{"g", value}
		}
		out, err := awsauth.Add(data, fresh)
		last := 0
		for i, item := range was.Items {
			if slices.Index(awsauth.Sections, item.Section) <= slices.Index(awsauth.Sections, s) {
				last = i + 1
			}
		}
		check("add to "+string(s), out, err, slices.Insert(slices.Clone(was.Items), last, fresh))
	}
	if len(was.Items) == 0 {
		return done, refused, unproven
	}
	i := which % len(was.Items)
	item := was.Items[i]
	out, err := awsauth.Remove(data, item)
	check(fmt.Sprintf("remove %d", i), out, err, slices.Delete(slices.Clone(was.Items), i, i+1))
	changed := item
	changed.ARN, changed.Dropped = "arn:"+value, ""
	if item.Section != awsauth.MapAccounts {
		changed.Username, changed.Groups = value, append([]string{value}, item.Groups[min(1, len(item.Groups)):]...)
	}
	out, err = awsauth.Replace(data, item, changed)
	want := slices.Clone(was.Items)
	want[i] = changed
	check(fmt.Sprintf("replace %d", i), out, err, want)
	return done, refused, unproven
}

func kept(items []awsauth.Item) (lines []string) {
	for _, item := range items {
		if item.Dropped == "" {
			lines = append(lines, fmt.Sprintf("%s %q %q %q", item.Section, item.ARN, item.Username, item.Groups))
		}
	}
	return lines
}

func authenticated(data map[string]string) (lines []string) {
	users, roles, accounts, _ := configmap.ParseMap(data)
	for _, r := range roles {
		lines = append(lines, fmt.Sprintf("mapRoles %q %q %q", r.RoleARN, r.Username, r.Groups))
	}
	for _, u := range users {
		lines = append(lines, fmt.Sprintf("mapUsers %q %q %q", u.UserARN, u.Username, u.Groups))
	}
	for _, a := range accounts {
		lines = append(lines, fmt.Sprintf("mapAccounts %q \"\" []", a))
	}
	return lines
}

func TestJudgeRandomEdits(t *testing.T) {
	m := newMutator(*seed)
	done, refused, unproven := 0, 0, 0
	values := append([]string{"dev", "a: b", "- x", "# y", "{{SessionName}}", "it's", `say "x" \ `, "two\nlines\n", "\ttab", "nul\x00", "ü😀\u2028\ufeff\ufffd", "yes", "5", "null", "", " ", strings.Repeat("long ", 600)}, tokens...)
	for range *texts {
		d, r, u := edited(t, forms(m.text()), m.IntN(8), m.pick(values))
		done, refused, unproven = done+d, refused+r, unproven+u
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("seed %d: %d edits done, %d refused, %d of them by the last check", *seed, done, refused, unproven)
	if unproven*100 > done {
		t.Errorf("%d edits came out wrong and were only caught by the last check", unproven)
	}
}

func TestJudgeOddEdits(t *testing.T) {
	for name, text := range oddTexts {
		t.Run(name, func(t *testing.T) {
			for i := range 3 {
				edited(t, forms(text), i*7, "new: '#'")
			}
		})
	}
}
