package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// exactly reads what a release of ours wrote, and refuses a field that this one does not
// know: a newer one means something by it, and a plan that is understood by half is
// another plan.
func exactly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("the field %s is not known here; a newer release may know it: kubectl krew upgrade eks-access", name)
	}
	return err
}

// objectExactly is DecodeObject that refuses unknown fields, too.
func objectExactly(text []byte) (Object, error) {
	o, err := DecodeObject(text)
	if err != nil || o == nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	delete(fields, "kind") // it says which type the rest is of
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return o, exactly(body, reflect.New(reflect.TypeOf(o)).Interface())
}
