package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/export"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// exports is what the screens export with, by the rules of the commands.
func (w *world) exports() tui.Exports {
	return tui.Exports{Formats: formatNames(), Text: w.exportText, Name: freeName, Save: saveNew}
}

func (w *world) exportText(format string, s access.Snapshot, p *access.Plan, who []access.Principal) (string, error) {
	f, err := export.ParseFormat(format)
	if err != nil {
		return "", err
	}
	if p != nil {
		return export.Plan(f, s, *p, export.Options{Cut: w.past})
	}
	if err := exportable(s); err != nil {
		return "", err
	}
	return export.Now(f, access.NewIndex(s), export.Options{Principals: who, Cut: w.past}), nil
}

// fileEnds are the ends of file names: three of the formats are YAML, and are told
// apart by name.
var fileEnds = map[export.Format]string{export.Terraform: ".tf", export.AWSCLI: ".sh", export.CloudFormation: "-cloudformation.yaml",
	export.Eksctl: "-eksctl.yaml", export.Kubectl: "-kubectl.yaml", export.ACK: "-ack.yaml"}

// freeName proposes a name in the working folder that no file has.
func freeName(format, cluster string, plan bool) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return -1
	}, cluster)
	name, end := strings.TrimLeft(plain+"-access", "-"), fileEnds[export.Format(format)]
	if plan {
		name = strings.TrimLeft(plain+"-change", "-")
	}
	return untaken(name, end)
}

// untaken is a name in the working folder that no file has.
func untaken(name, end string) string {
	for n := 1; n < 100; n++ {
		path := name + end
		if n > 1 {
			path = name + "-" + strconv.Itoa(n) + end
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
	return name + end
}

// saveNew writes a file for its owner alone, and never over another. A name that
// begins with ~/ is in the home folder, as people write it.
func saveNew(path, text string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, rest)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path)) // half of it would pass for the whole
	}
	return path, nil
}
