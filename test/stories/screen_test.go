package stories

import "testing"

// S3 by keys alone, at the sizes people have.
func TestS3ByKeys(t *testing.T) {
	for _, size := range []struct {
		name       string
		cols, rows int
	}{{"80x24", 80, 24}, {"200x50", 200, 50}} {
		t.Run(size.name, func(t *testing.T) {
			c := start(t, "s3")
			before := c.must("list", "-o", "json")
			x := open(t, size.cols, size.rows, c.command())
			x.await("platform-admin")
			x.press("/")
			x.press("w", "o", "r", "k", "s", "h", "o", "p", "-", "a", "d", "m", "i", "n", "s", "enter")
			x.await("1 of 1[0-9]|1/1[0-9]")
			x.press("m")
			x.await("basket 1")
			x.press("p")
			x.await("6 steps")
			x.await("nobody loses anything")
			x.rest()
			p := watch(c, workshop...)
			x.press("enter") // alone it never applies
			x.press("a")
			x.await("6 steps done")
			p.ends(t)
			c.migrated()
			x.rest()
			x.press("u")
			x.await("Undo")
			x.rest()
			p = watch(c, workshop...)
			x.press("a")
			x.await("6 steps done")
			p.ends(t)
			x.rest()
			x.press("enter")
			x.await("eks-workshop-admins")
			x.press("q")
			if code := x.ends(); code != 0 {
				t.Errorf("exit %d", code)
			}
			if got := c.must("list", "-o", "json"); got != before {
				t.Error("undo does not put back what was there")
			}
		})
	}
}
