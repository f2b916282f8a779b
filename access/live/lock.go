package live

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Busy says that another run changes the same cluster, from this machine and for
// this user. As with terraform, the second stops and says who is at it.
type Busy struct {
	Cluster string
	By      Runner // zero when it can't be read who
}

func (b *Busy) Error() string {
	who := "another process of this machine"
	if b.By.PID != 0 {
		who = fmt.Sprintf("%s (process %d, since %s)", b.By, b.By.PID, b.By.At.UTC().Format("15:04:05 MST"))
	}
	return fmt.Sprintf("another change of %s is under way, by %s; nothing was changed here\nwait until it ends, then run the command again: it plans from what is there then", b.Cluster, who)
}

// lock keeps two runs on one cluster apart. The operating system holds it, and gives
// it up when the process ends in whatever way: a crash leaves no stale lock. The file
// stays; it says who holds it.
type lock struct {
	path string
	file *os.File // nil where there is nothing to lock with
	by   Runner
}

// errHeld says that another process holds a lock.
var errHeld = errors.New("the lock is held")

// place names the cluster of a plan. Where DescribeCluster is denied the realms
// carry its name.
func place(p access.Plan) string {
	if p.Cluster.ARN == "" && len(p.Steps) > 0 {
		return p.Steps[0].Key().Realm.Name()
	}
	return p.Cluster.ARN
}

func lockPath(dir, cluster string) string {
	sum := sha256.Sum256([]byte(cluster))
	return filepath.Join(dir, hex.EncodeToString(sum[:])[:12]+".lock")
}

// take takes the lock of a cluster, or says who has it: a *Busy.
func take(dir, cluster string, by Runner) (*lock, error) {
	if err := private(dir); err != nil {
		return nil, err
	}
	path := lockPath(dir, cluster)
	file, err := tryLock(path)
	// Whoever only looks whether somebody is at it holds the lock for a moment.
	for tries := 0; errors.Is(err, errHeld) && tries < 10; tries++ {
		time.Sleep(10 * time.Millisecond)
		file, err = tryLock(path)
	}
	switch {
	case errors.Is(err, errHeld):
		return nil, &Busy{Cluster: cluster[strings.LastIndexByte(cluster, '/')+1:], By: holder(path)}
	case err != nil:
		return nil, err
	}
	l := &lock{path: path, file: file, by: by}
	l.under("")
	return l, nil
}

// tryLock opens a lock and holds it. The file is nil in a folder where nothing can be
// locked, as on some network file systems: each step still compares what is there with
// what it expects.
func tryLock(path string) (*os.File, error) {
	file, err := openLock(path)
	if err != nil {
		return nil, err
	}
	if err := hold(file); err != nil {
		_ = file.Close()
		if errors.Is(err, errHeld) {
			return nil, err
		}
		return nil, nil
	}
	return file, nil
}

// private makes the folder of journals, for this user alone.
func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o077 != 0 {
		_ = os.Chmod(dir, 0o700) // the journals in it are private in any case
	}
	return nil
}

// under notes in the lock which journal is written. That it can't be noted is no
// reason to stop: the lock holds without it.
func (l *lock) under(journal string) {
	if l.file == nil {
		return
	}
	l.by.Journal = journal
	text, err := json.Marshal(l.by)
	if err == nil && l.file.Truncate(0) == nil {
		_, _ = l.file.WriteAt(append(text, '\n'), 0)
	}
}

func (l *lock) release() {
	if l == nil || l.file == nil {
		return
	}
	_ = l.file.Truncate(0)
	_ = l.file.Close() // and with it the lock
}

// holder is who wrote a lock; zero when it can't be told.
func holder(path string) Runner {
	var r Runner
	// The holder may be about to write it.
	for range 5 {
		if text, err := os.ReadFile(path); err == nil && json.Unmarshal(text, &r) == nil {
			return r
		}
		time.Sleep(2 * time.Millisecond)
	}
	return Runner{}
}

// Running is who changes a cluster now, from this machine and for this user.
func Running(dir string, cluster access.Cluster) (Runner, bool) {
	return held(dir, cmp.Or(cluster.ARN, cluster.Name))
}

func held(dir, cluster string) (Runner, bool) {
	path := lockPath(dir, cluster)
	if _, err := os.Stat(path); dir == "" || err != nil {
		return Runner{}, false
	}
	file, err := tryLock(path)
	if file != nil {
		_ = file.Close()
	}
	if !errors.Is(err, errHeld) {
		return Runner{}, false
	}
	return holder(path), true
}
