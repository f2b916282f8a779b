package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"
)

// authMap is aws-auth as the authenticator reads it (aws-iam-authenticator,
// pkg/mapper/configmap): each key by itself, what cannot be read left out.
type authMap struct {
	roles    map[string]authItem // by lower-cased ARN; of duplicates, the last
	users    map[string]authItem // by ARN as written
	accounts []string
}

// authItem is one item of mapRoles or mapUsers. Decoding with encoding/json is
// part of the behaviour: keys in any case, wrong kinds become empty.
type authItem struct {
	RoleARN  string          `json:"rolearn"`
	UserARN  string          `json:"userarn"`
	Username string          `json:"username"`
	Groups   []string        `json:"groups"`
	SSO      json.RawMessage `json:"sso"`
}

func readAuthMap(data map[string]string) authMap {
	m := authMap{roles: map[string]authItem{}, users: map[string]authItem{}}
	for _, item := range readItems(data["mapRoles"]) {
		if item.RoleARN != "" && item.SSO == nil { // an sso item needs a feature gate that is off
			m.roles[strings.ToLower(item.RoleARN)] = item
		}
	}
	for _, item := range readItems(data["mapUsers"]) {
		if item.UserARN != "" {
			m.users[item.UserARN] = item
		}
	}
	if text := data["mapAccounts"]; !skippable(text) {
		if yaml.Unmarshal([]byte(text), &m.accounts) != nil {
			m.accounts = nil
		}
	}
	return m
}

func skippable(text string) bool {
	return slices.Contains([]string{"", "``", `""`, "''"}, strings.TrimSpace(text))
}

// readItems reads one outer key. A syntax error loses all of it; an item of the
// wrong kind loses no other.
func readItems(text string) []authItem {
	if skippable(text) {
		return nil
	}
	converted, err := sigsyaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil
	}
	var items []authItem
	// The error of a wrong kind comes after everything else was decoded.
	_ = json.Unmarshal(converted, &items)
	return items
}

// find looks up a canonical ARN: roles, then users, whatever kind the ARN is.
func (m authMap) find(canonical string) (authItem, bool) {
	if item, ok := m.roles[strings.ToLower(canonical)]; ok {
		return item, true
	}
	for _, written := range slices.Sorted(maps.Keys(m.users)) {
		if strings.EqualFold(written, canonical) {
			return m.users[written], true
		}
	}
	return authItem{}, false
}
