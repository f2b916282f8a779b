package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// paper is a folder in memory, and what is written in it.
type paper struct {
	files map[string]string
	full  error // nothing can be written
	asked []string
}

func (p *paper) exports() Exports {
	return Exports{Formats: []string{"terraform", "cloudformation", "eksctl", "aws-cli", "kubectl", "ack"},
		Text: func(format string, s access.Snapshot, plan *access.Plan, who []access.Principal) (string, error) {
			p.asked = append(p.asked, fmt.Sprintf("%s plan=%v who=%d objects=%v", format, plan != nil, len(who), s.Objects.Len() > 0))
			if format == "ack" {
				return "", errors.New("nothing is exported, since it would be less than there is")
			}
			text := "# Access of EKS cluster eks-workshop, written for the tests of a screen that shows what it is given.\n# - WARNING: role/\x1b[31mred has no rights for some seconds, and this sentence goes on and on.\n\nresource \"" + format + "\" {\n\tname = \"" + strings.Repeat("0123456789", 30) + "END\" # 管理者\u202e\n}\n"
			return text + strings.Repeat("# more\n", 100), nil
		},
		Name: func(format, cluster string, plan bool) string { return cluster + "-" + format + ".txt" },
		Save: func(path, text string) (string, error) {
			if _, there := p.files[path]; there {
				return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrExist}
			}
			if p.full != nil {
				return "", p.full
			}
			p.files[path] = text
			return "/home/alice/" + path, nil
		}}
}

func exporting(t *testing.T, w, h int) (*driver, *paper) {
	p := &paper{files: map[string]string{}}
	d := drive(t, &fake{snap: workshop()}, w, h)
	d.app.o.Exports = p.exports()
	return d, p
}

func TestExportsOfWhatExistsAndOfAPlan(t *testing.T) {
	d, p := exporting(t, 120, 40)
	d.keys("e").sees("Export what exists", "▸terraform", `resource "terraform"`).keys("tab").sees("▸cloudformation", `resource "cloudformation"`)
	d.keys("shift+tab").sees("▸terraform")
	d.keys("shift+tab").sees("▸ack", "less than there is").keys("w").sees("w: there is no text yet").keys("esc")
	d.keys("space", "space", "e").sees("of 2 principals").keys("esc", "esc")
	d.keys("home", "down", "m", "p", "e").sees("Export this plan", "▸terraform").keys("esc").sees("Preview  1 principal")
	want := "terraform plan=false who=0 objects=true; cloudformation plan=false who=0 objects=true; ack plan=false who=0 objects=true; " +
		"terraform plan=false who=2 objects=true; terraform plan=true who=0 objects=true"
	if got := strings.Join(p.asked, "; "); got != want { // each is made once
		t.Errorf("asked\n%s, want\n%s", got, want)
	}
}

// The file holds the text byte for byte; the screen shows what a terminal may show.
func TestExportIsWrittenAsItIs(t *testing.T) {
	d, p := exporting(t, 100, 30)
	d.keys("e").fits()
	d.sees("␛[31mred", "…", "106 lines").keys("w").sees("Write to a new file", "eks-workshop-terraform.txt").keys("enter").sees("written to /home/alice/eks-workshop-terraform.txt")
	if text := p.files["eks-workshop-terraform.txt"]; !strings.Contains(text, "\x1b[31mred") || !strings.HasSuffix(text, "# more\n") {
		t.Errorf("%q", text)
	}
	d.lacks("Write to a new file").keys("end").sees("# more").lacks(`resource "terraform"`).keys("home").sees(`resource "terraform"`)
	for range 30 {
		d.keys("right")
	}
	d.sees(`…`, `END"`, `管理者\u202e`).keys("left").fits()
}

func TestExportNeverWritesOverAFile(t *testing.T) {
	d, p := exporting(t, 80, 24)
	p.files["eks-workshop-terraform.txt"] = "mine"
	d.keys("e", "w", "enter").sees("there is a file of this name, and it is not written over")
	d.golden("saveas-80x24")
	if p.files["eks-workshop-terraform.txt"] != "mine" {
		t.Fatal("it was written over")
	}
	p.full = &fs.PathError{Op: "open", Path: "other.tf", Err: fs.ErrPermission}
	d.keys("ctrl+u").text("other.tf").lacks("not written over").keys("enter").sees("open other.tf: permission denied", "> other.tf")
	p.full = nil
	d.keys("enter").sees("written to /home/alice/other.tf")
	d.keys("w", "ctrl+u", "enter").sees("type a name").keys("esc").lacks("Write to").keys("esc").sees("IAM PRINCIPAL 9")
	if len(p.files) != 2 {
		t.Errorf("%v", p.files)
	}
}

// The plan goes to a file whose name is asked, as an export does.
func TestPlanIsWrittenWhereThePersonSays(t *testing.T) {
	d, p := exporting(t, 80, 24)
	d.keys("down", "m", "p", "w").sees("w: plans can't be written here")
	d.app.o.PlanFile = func(p access.Plan) (string, string, error) {
		return "plan-1.json", fmt.Sprintf("%d steps", len(p.Steps)), nil
	}
	p.files["plan-1.json"] = "mine"
	d.keys("w").sees("Write to a new file", "> plan-1.json").lacks("refused")
	if len(p.files) != 1 {
		t.Fatal("written unasked")
	}
	d.keys("enter").sees("not written over").keys("esc").sees("Preview  1 principal").keys("w", "ctrl+u").text("friday.json").keys("enter").sees("written to /home/alice/friday.json", "Preview  1 principal")
	if p.files["friday.json"] != "6 steps" || p.files["plan-1.json"] != "mine" || len(p.files) != 2 {
		t.Errorf("%v", p.files)
	}
	d.app.o.PlanFile = func(access.Plan) (string, string, error) { return "", "", errors.New("no JSON") }
	d.keys("w").sees("the plan can't be written: no JSON").lacks("Write to")
}

// Of a plan that is refused it is said.
func TestRefusedPlanIsWrittenWithAWord(t *testing.T) {
	d, p := exporting(t, 80, 24)
	d.app.o.PlanFile = func(access.Plan) (string, string, error) { return "plan-1.json", "{}", nil }
	d.app.push(newPreview(nil, "c").take(planned{plan: access.Plan{Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}},
		Findings: []access.Finding{{Code: access.NoAdminLeft, Severity: access.Refuse, Args: []string{"1"}}}}}))
	d.keys("w").sees("▲ this plan is refused: apply -f refuses it, too", "> plan-1.json").fits()
	if d.keys("enter").sees("written to"); p.files["plan-1.json"] != "{}" {
		t.Errorf("%v", p.files)
	}
}

// What was asked for a screen that is left is not shown in the next one.
func TestStaleTextsAreDropped(t *testing.T) {
	d, _ := exporting(t, 80, 24)
	d.keys("e")
	d.send(exported{task: 1, format: "terraform", text: "stale", lines: []string{"stale"}})
	d.lacks("stale")
}

func TestNothingIsExportedWhileTheClusterIsRead(t *testing.T) {
	d := start(t, &fake{snap: workshop()}, 80, 24)
	d.send(press("e"))
	d.sees("e: still reading the cluster")
}

func TestExportsAtFourSizes(t *testing.T) {
	for _, s := range sizes {
		d, _ := exporting(t, s.w, s.h)
		d.keys("down", "m", "p", "e").golden(fmt.Sprintf("export-%dx%d", s.w, s.h))
		for _, k := range []string{"right", "pgdown", "tab", "end", "right", "w", "?", "esc", "shift+tab", "shift+tab"} {
			d.keys(k).fits()
		}
	}
}
