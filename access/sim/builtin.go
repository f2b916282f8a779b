package sim

import (
	_ "embed"
	"maps"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed builtin.yaml
var builtinText []byte

// builtin are the roles and bindings that every API server makes itself.
var builtin = sync.OnceValue(func() []manifest {
	var list struct{ Items []manifest }
	if err := yaml.Unmarshal(builtinText, &list); err != nil {
		return nil // a test reads the file, so it is never broken
	}
	return list.Items
})

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
