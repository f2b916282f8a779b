package awsauth

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var texts = flag.Int("texts", 2000, "how many random texts with anchors are edited")

// sharing is a list whose elements use parts of others: whole, by a merge key, or a field
// of theirs. Its pieces are known by who wrote them, and not by a parser.
type sharing struct {
	pieces []string
	used   []map[string][]int // of each element: which elements use it ("item") or a field of it
	merged []bool             // fields of it come through a merge key
	alias  []bool             // it is another one, whole
}

func (s sharing) text() string { return strings.Join(s.pieces, "") }

// sharing writes two to six elements.
func (a *author) sharing() sharing {
	n := 2 + a.IntN(5)
	s := sharing{used: make([]map[string][]int, n), merged: make([]bool, n), alias: make([]bool, n)}
	var items, names, groups []int // who has an anchor on what
	use := func(of []int, part string, by int) int {
		k := of[a.IntN(len(of))]
		s.used[k][part] = append(s.used[k][part], by)
		return k
	}
	for i := range n {
		s.used[i] = map[string][]int{}
		if len(items) > 0 && a.IntN(6) == 0 {
			s.alias[i] = true
			s.pieces = append(s.pieces, fmt.Sprintf("- *i%d%s\n", use(items, "item", i), a.some("", " # the same")))
			continue
		}
		var fields []string
		if len(items) > 0 && a.IntN(3) == 0 {
			s.merged[i] = true
			k := use(items, "item", i)
			fields = append(fields, fmt.Sprintf("<<: %s", a.some(fmt.Sprintf("*i%d", k), fmt.Sprintf("[*i%d]", k), fmt.Sprintf("[*i%d, {userid: x}]", k))))
		}
		fields = append(fields, fmt.Sprintf("rolearn: arn:aws:iam::111122223333:role/r%d", i))
		anchors := []string{}
		switch a.IntN(5) {
		case 0:
			fields = append(fields, fmt.Sprintf("username: &u%d dev%d", i, i))
			anchors = append(anchors, "u")
		case 1:
			if len(names) > 0 {
				fields = append(fields, fmt.Sprintf("username: *u%d", use(names, "username", i)))
			}
		case 2, 3:
			fields = append(fields, fmt.Sprintf("username: dev%d", i))
		}
		switch a.IntN(5) {
		case 0:
			fields = append(fields, fmt.Sprintf("groups: &g%d [a%d, b]", i, i))
			anchors = append(anchors, "g")
		case 1:
			fields = append(fields, fmt.Sprintf("groups: &g%d # shared\n  - a%d\n  - b", i, i))
			anchors = append(anchors, "g")
		case 2:
			if len(groups) > 0 {
				fields = append(fields, fmt.Sprintf("groups: *g%d", use(groups, "groups", i)))
			}
		case 3:
			fields = append(fields, fmt.Sprintf("groups: [c%d]", i))
		}
		lead := "- "
		if a.IntN(2) == 0 {
			lead = fmt.Sprintf("- &i%d\n  ", i)
			items = append(items, i)
		}
		if slices.Contains(anchors, "u") {
			names = append(names, i)
		}
		if slices.Contains(anchors, "g") {
			groups = append(groups, i)
		}
		s.pieces = append(s.pieces, lead+strings.Join(fields, "\n  ")+"\n")
	}
	return s
}

// users are the elements beside some that use a part of one of these.
func (s sharing) users(of []int, parts ...string) (out []int) {
	for _, i := range of {
		for part, by := range s.used[i] {
			for _, j := range by {
				if (len(parts) == 0 || slices.Contains(parts, part)) && !slices.Contains(of, j) {
					out = append(out, j)
				}
			}
		}
	}
	return out
}

// An item that others use is changed only where that touches nobody else, and refused with
// the reason otherwise; an item that uses others is changed in itself. Around it no byte
// changes.
func TestLawSharedParts(t *testing.T) {
	a := &author{Rand: rand.New(rand.NewPCG(*seed, 5))}
	count := map[string]int{}
	for range *texts {
		s := a.sharing()
		data := map[string]string{"mapRoles": s.text()}
		have := Parse(data)
		if !have.Readable() || len(have.Items) != len(s.pieces) {
			t.Fatalf("%d items of %d: %v\n%s", len(have.Items), len(s.pieces), have.Problems, s.text())
		}
		i := a.IntN(len(s.pieces))
		if a.IntN(2) == 0 {
			gone := []int{i}
			if j := a.IntN(len(s.pieces)); j != i && a.IntN(2) == 0 {
				gone = append(gone, j)
			}
			var items []Item
			rest := ""
			for j, piece := range s.pieces {
				if slices.Contains(gone, j) {
					items = append(items, have.Items[j])
				} else {
					rest += piece
				}
			}
			out, err := Remove(data, items...)
			switch shared := len(s.users(gone)) > 0; {
			case shared && (err == nil || !strings.Contains(err.Error(), "give that line its own text first")):
				t.Fatalf("removing %v of\n%s\nsays %v, and others use it", gone, s.text(), err)
			case shared:
				count["removal refused"]++
			case err != nil:
				t.Fatalf("removing %v of\n%s\nis refused: %v", gone, s.text(), err)
			default:
				count["removed"]++
				if rest == "" {
					rest = "[]\n"
				}
				if out["mapRoles"] != rest {
					t.Fatalf("removing %v of\n%s\nleaves\n%s", gone, s.text(), out["mapRoles"])
				}
			}
			continue
		}
		fresh := have.Items[i]
		part := a.some("username", "groups", "rolearn")
		switch part {
		case "username":
			fresh.Username = "new"
		case "groups":
			fresh.Groups = append(slices.Clone(fresh.Groups), "new")
		default:
			fresh.ARN = "arn:aws:iam::111122223333:role/new"
		}
		out, err := Replace(data, have.Items[i], fresh)
		switch shared := len(s.users([]int{i}, "item", part)) > 0; {
		case shared && (err == nil || !strings.Contains(err.Error(), "give that line its own text first")):
			t.Fatalf("changing the %s of %d of\n%s\nsays %v, and others use it", part, i, s.text(), err)
		case shared:
			count["change refused"]++
			continue
		case err != nil:
			t.Fatalf("changing the %s of %d of\n%s\nis refused: %v", part, i, s.text(), err)
		}
		count["changed"]++
		if s.merged[i] || s.alias[i] {
			count["changed in itself"]++
		}
		before, behind := strings.Join(s.pieces[:i], ""), strings.Join(s.pieces[i+1:], "")
		if text := out["mapRoles"]; !strings.HasPrefix(text, before) || !strings.HasSuffix(text, behind) || len(text) < len(before)+len(behind) {
			t.Fatalf("changing the %s of %d of\n%s\nchanges more:\n%s", part, i, s.text(), text)
		}
	}
	t.Logf("seed %d: %v", *seed, count)
	for _, kind := range []string{"removed", "removal refused", "changed", "change refused", "changed in itself"} {
		if count[kind] == 0 {
			t.Errorf("never %s", kind)
		}
	}
}
