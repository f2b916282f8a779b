package kube

import (
	"encoding/binary"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// share lets the objects of one list hold the same text and the same labels once:
// tens of thousands of bindings name a few hundred roles, groups and namespaces.
// What is shared is never written to, as nothing in a snapshot is.
type share struct {
	text                map[string]string
	labels, annotations map[string]map[string]string // apart: annotations are anybody's text
}

func newShare() *share {
	return &share{text: map[string]string{}, labels: map[string]map[string]string{}, annotations: map[string]map[string]string{}}
}

func (s *share) word(w *string) {
	if *w == "" {
		return
	}
	if have, ok := s.text[*w]; ok {
		*w = have
		return
	}
	s.text[*w] = *w
}

func (s *share) words(ws []string) {
	for i := range ws {
		s.word(&ws[i])
	}
}

// manyWords is when a map is worth more than the key to find another like it:
// long annotations are of one object only.
const manyWords = 256

// once replaces a map by the one of the same content that was seen first.
func once(seen map[string]map[string]string, m *map[string]string) {
	if len(*m) == 0 {
		return
	}
	size := 0
	for k, v := range *m {
		size += len(k) + len(v)
	}
	if size > manyWords {
		return
	}
	key := identity(*m)
	if have, ok := seen[key]; ok {
		*m = have
		return
	}
	seen[key] = *m
}

// identity is a text that no other map has. Lengths stand before the words: whatever
// would part them may stand in an annotation's value, which holds any text.
func identity(m map[string]string) string {
	var key []byte
	for _, k := range slices.Sorted(maps.Keys(m)) {
		for _, w := range []string{k, m[k]} {
			key = append(binary.AppendUvarint(key, uint64(len(w))), w...)
		}
	}
	return string(key)
}

func (s *share) meta(m *metav1.ObjectMeta) {
	s.word(&m.Namespace)
	once(s.labels, &m.Labels)
	once(s.annotations, &m.Annotations)
}

func (s *share) rules(rs []rbacv1.PolicyRule) {
	for _, r := range rs {
		for _, ws := range [][]string{r.Verbs, r.APIGroups, r.Resources, r.ResourceNames, r.NonResourceURLs} {
			s.words(ws)
		}
	}
}

func (s *share) binding(m *metav1.ObjectMeta, ref *rbacv1.RoleRef, subjects []rbacv1.Subject) {
	s.meta(m)
	s.word(&ref.APIGroup)
	s.word(&ref.Kind)
	s.word(&ref.Name)
	for i := range subjects {
		for _, w := range []*string{&subjects[i].Kind, &subjects[i].APIGroup, &subjects[i].Name, &subjects[i].Namespace} {
			s.word(w)
		}
	}
}
