package report_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestSafe(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"plain":                  {"arn:aws:iam::111122223333:role/dev", "arn:aws:iam::111122223333:role/dev"},
		"other writing":          {"größe 東京 é", "größe 東京 é"},
		"escape":                 {"a\x1b[31mb", "a␛[31mb"},
		"title":                  {"\x1b]0;hi\a", "␛]0;hi␇"},
		"line breaks":            {"a\r\nb\vc\fd", "a␍␊b␋c␌d"},
		"tab":                    {"a\tb", "a␉b"},
		"nul and delete":         {"\x00\x7f", "␀␡"},
		"C1, as a character":     {"a\u009b31mb", `a\u009b31mb`},
		"C1, as a byte":          {"a\x9b31mb", `a\x9b31mb`},
		"next line":              {"a\u0085b", `a\u0085b`},
		"bidi override":          {"a\u202eb", `a\u202eb`},
		"bidi isolate":           {"a\u2066b\u2069", `a\u2066b\u2069`},
		"bidi marks":             {"\u200e\u200f\u061c", `\u200e\u200f\u061c`},
		"zero width":             {"a\u200bb\u200cc\u200dd\ufeffe\u2060", `a\u200bb\u200cc\u200dd\ufeffe\u2060`},
		"soft hyphen":            {"a\u00adb", `a\u00adb`},
		"line separators":        {"a\u2028b\u2029c", `a\u2028b\u2029c`},
		"blanks that look alike": {"a\u00a0b\u3000c\u2003", `a\u00a0b\u3000c\u2003`},
		"invisible letters":      {"\u115f\u3164\u034f", `\u115f\u3164\u034f`},
		"tags":                   {"a\U000e0041", `a\U000e0041`},
		"variation":              {"a\ufe0f", `a\ufe0f`},
		"private use":            {"\ue000", `\ue000`},
		"half a character":       {"a\xc3", `a\xc3`},
		"a surrogate":            {"\xed\xa0\x80", `\xed\xa0\x80`},
		"empty":                  {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := report.Safe(tc.in); got != tc.want {
				t.Errorf("Safe(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

// acts reports what a terminal could act on, by a list of our own: the check must
// not share Safe's mistakes.
func acts(s string) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	for _, r := range s {
		switch {
		case r < 0x20, r >= 0x7f && r <= 0x9f:
			return "a control character"
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return "a bidi character"
		case r >= 0x200b && r <= 0x200d, r == 0x2060, r == 0xfeff, r == 0x00ad:
			return "an invisible character"
		case r == 0x2028, r == 0x2029:
			return "a line separator"
		}
	}
	return ""
}

// nasty are the pieces of hostile names.
var nasty = []string{"\x1b[2J", "\x1b]52;c;aGk=\a", "\u009b1A", "\x9b", "\x00", "\x7f", "\b\b", "\r", "\n", "\t", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u0085",
	"\xff\xfe", "\xc3", "a", "role/", "é", "東", "{p0}", "{0}", "%s", "\"", "'", "`", "$(x)", ", ", "[", "]", ":", "{{SessionName}}", "  ", "\U000e0041"}

func hostile(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(6) {
		b.WriteString(nasty[r.IntN(len(nasty))])
	}
	return b.String()
}

func TestSafeIsSafeAndStays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		s := hostile(r)
		safe := report.Safe(s)
		if what := acts(safe); what != "" {
			t.Fatalf("Safe(%q) = %q holds %s", s, safe, what)
		}
		if again := report.Safe(safe); again != safe {
			t.Fatalf("Safe(%q) is not safe text to itself: %q", safe, again)
		}
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range nasty {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if what := acts(report.Safe(s)); what != "" {
			t.Errorf("Safe(%q) holds %s", s, what)
		}
		if w := report.Width(report.Cut(report.Safe(s), 7)); w > 7 {
			t.Errorf("cut to 7 columns, has %d", w)
		}
	})
}

func TestEscapeKeepsWhatJSONSays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		want := map[string]string{"a": strings.ToValidUTF8(hostile(r), "")}
		text, err := json.MarshalIndent(want, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		escaped := report.Escape(text)
		if what := acts(strings.NewReplacer("\n", "", "\t", "").Replace(string(escaped))); what != "" {
			t.Fatalf("%q holds %s", escaped, what)
		}
		var got map[string]string
		if err := json.Unmarshal(escaped, &got); err != nil || got["a"] != want["a"] {
			t.Fatalf("%q reads back as %q (%v), want %q", escaped, got["a"], err, want["a"])
		}
	}
}

func TestCutLongNames(t *testing.T) {
	long := strings.Repeat("group-", 500)
	for _, s := range []string{long, strings.Repeat("東", 3000), strings.Repeat("é", 3000)} {
		for _, width := range []int{0, 1, 2, 40, 2999} {
			got := report.Cut(s, width)
			if w := report.Width(got); w > width {
				t.Errorf("cut to %d columns, has %d", width, w)
			}
			if width > 0 && !strings.HasSuffix(got, "…") {
				t.Errorf("a cut at %d is not marked: %q", width, got)
			}
		}
	}
	if got := report.Cut("short", 40); got != "short" {
		t.Errorf("%q was cut", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 steps", 1: "1 step", 9: "9 steps"} {
		if got := report.Count(n, "step", "steps"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
