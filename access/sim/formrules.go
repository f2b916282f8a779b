package sim

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// formRule is what the IAM and STS API references ask of a parameter: the
// length of a text, or the bounds of a number.
type formRule struct {
	min, max int
	number   bool
	pattern  *regexp.Regexp // of the whole text; nil: any
}

var word = regexp.MustCompile(`^[\w+=,.@-]*$`)

var formRules = map[string]formRule{
	"RoleName":        {min: 1, max: 64, pattern: word},
	"UserName":        {min: 1, max: 128, pattern: word},
	"PathPrefix":      {min: 1, max: 512, pattern: regexp.MustCompile(`^/[\x21-\x7f]*$`)},
	"Marker":          {min: 1, max: 320},
	"MaxItems":        {min: 1, max: 1000, number: true},
	"RoleArn":         {min: 20, max: 2048},
	"RoleSessionName": {min: 2, max: 64, pattern: word},
	"DurationSeconds": {min: 900, max: 43200, number: true},
	"ExternalId":      {min: 2, max: 1224, pattern: regexp.MustCompile(`^[\w+=,.@:/-]*$`)},
	"SourceIdentity":  {min: 2, max: 64, pattern: word},
}

// required are the parameters that an action cannot do without.
var required = map[string][]string{
	"GetRole":    {"RoleName"},
	"AssumeRole": {"RoleArn", "RoleSessionName"},
}

// checkForm holds the parameters of a call against the references.
func checkForm(action string, form url.Values) *refusal {
	for _, name := range required[action] {
		if !form.Has(name) {
			return notValid("", name, "Member must not be null")
		}
	}
	for _, name := range sortedKeys(formRules) {
		if !form.Has(name) {
			continue
		}
		value, rule := form.Get(name), formRules[name]
		size := len(value)
		if rule.number {
			n, err := strconv.Atoi(value)
			if err != nil {
				return notValid(value, name, "Member must be a number")
			}
			size = n
		}
		switch {
		case size < rule.min:
			return notValid(value, name, "Member must have a value or length of at least "+strconv.Itoa(rule.min))
		case size > rule.max:
			return notValid(value, name, "Member must have a value or length of at most "+strconv.Itoa(rule.max))
		case rule.pattern != nil && !rule.pattern.MatchString(value):
			return notValid(value, name, "Member must satisfy regular expression pattern: "+rule.pattern.String())
		}
	}
	return nil
}

// notValid words a violation as the query services do.
func notValid(value, name, why string) *refusal {
	return validation("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s",
		value, strings.ToLower(name[:1])+name[1:], why)
}
