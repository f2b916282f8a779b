package tui

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	a := large(t, 200, 50)
	for _, word := range []string{"team-1", "level>=edit", "via:entry", "account:1", "dead", "ns:payments", "ns:pay level>=edit", "ns:prod level<=some", "zzz", "ns:zzz"} {
		a.key(press("/"))
		for i := range word {
			t0 := time.Now()
			cmd := a.key(press(word[i : i+1]))
			t1 := time.Now()
			_ = a.draw()
			t2 := time.Now()
			if cmd != nil && a.measuring {
				for _, msg := range []any{cmd()} {
					if m, ok := msg.(measured); ok {
						t3 := time.Now()
						fmt.Println("measure", t3.Sub(t2))
						a.result(m)
						fmt.Println("measured", time.Since(t3))
					}
				}
			}
			fmt.Printf("%s|%s %v %v\n", word[:i+1], a.stack[0].(matrix).count(), t1.Sub(t0), t2.Sub(t1))
		}
		a.key(press("esc"))
	}
	var ds []time.Duration
	keys := []string{"down", "pgdown", "right", "left", "up", "right", "right", "pgup", "end", "home", "$", "0", "pgdown", "space"}
	for i := range 500 {
		t0 := time.Now()
		a.key(press(keys[i*7%len(keys)]))
		_ = a.draw()
		ds = append(ds, time.Since(t0))
	}
	slices.Sort(ds)
	fmt.Println("keys", ds[250], ds[495], ds[499])
	for _, k := range []string{"n", "f", "=", "g", "enter", "M", "a", "m"} {
		t0 := time.Now()
		a.key(press(k))
		_ = a.draw()
		fmt.Println(k, time.Since(t0))
		a.cut(1)
	}
}
