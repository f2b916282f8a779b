package access

import "testing"

// All variables of a name are filled in from one login.
func TestRenders(t *testing.T) {
	for _, tc := range []struct {
		name, as string
		want     Condition
	}{
		{"dev:{{SessionName}}", "dev:alice", Condition{"SessionName", "alice"}},
		{"dev:{{SessionName}}", "dev:alice@corp", Condition{}}, // @ arrives as -
		{"dev:{{SessionNameRaw}}", "dev:alice@corp", Condition{"SessionNameRaw", "alice@corp"}},
		{"{{SessionName}}-{{SessionName}}", "bob-bob", Condition{"SessionName", "bob"}},
		{"{{SessionName}}-{{SessionName}}", "bob-eve", Condition{}},
		{"{{SessionName}}:{{SessionNameRaw}}", "a-b:a@b", Condition{"SessionNameRaw", "a@b"}},
		{"{{SessionName}}:{{SessionNameRaw}}", "a-b:a-c", Condition{}},
		{"{{SessionName}}:{{AccessKeyID}}", "bob:AKIAIOSFODNN7EXAMPLE", Condition{"SessionName", "bob"}},
		{"{{SessionName}}:{{AccessKeyID}}", "bob:short", Condition{}},
		{"{{SessionName}}", "x", Condition{}}, // STS wants two letters
		{"plain", "plain", Condition{}},
	} {
		got, ok := renders(tc.name, tc.as)
		if got != tc.want || ok != (tc.want != Condition{}) {
			t.Errorf("%s as %s: %+v %v, want %+v", tc.name, tc.as, got, ok, tc.want)
		}
	}
}
