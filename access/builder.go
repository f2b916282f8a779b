package access

type builder struct {
	now  Snapshot
	was  *Index
	plan *Plan
}

func (b *builder) migrate(Migrate) error   { return nil }
func (b *builder) grant(GrantAccess) error { return nil }
func (b *builder) switchMode(Mode) error   { return nil }
func (b *builder) finish()                 {}

// Guard checks every prefix of the steps: see safe change.
func Guard(s Snapshot, p Plan, keep []Principal) []Finding { return nil }

// Inspect says what is worth knowing about the cluster as it stands, worst first.
func Inspect(ix *Index) []Finding { return nil }
