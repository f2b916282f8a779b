package access

import (
	"cmp"
	"iter"
	"slices"
)

// Objects holds objects by their key, in the order of their keys. It is a value:
// what adds or removes returns new Objects, which share every kind that did not
// change. One more object costs a copy of the references of its kind, so walking a
// long plan over a large cluster stays cheap.
type Objects struct{ shelves []shelf }

// shelf holds the objects of one realm and kind, by namespace and name.
type shelf struct {
	realm   Realm
	kind    Kind
	objects []Object
}

// place is a key within its shelf.
func place(a, b Object) int { return comparePlaces(a.Key(), b.Key()) }

func comparePlaces(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

func (s shelf) compare(o shelf) int {
	return cmp.Or(cmp.Compare(s.realm, o.realm), cmp.Compare(s.kind, o.kind))
}

// Len is the number of objects.
func (os Objects) Len() int {
	n := 0
	for _, s := range os.shelves {
		n += len(s.objects)
	}
	return n
}

// Count is the number of objects of a kind, in all realms.
func (os Objects) Count(k Kind) int {
	n := 0
	for _, s := range os.shelves {
		if s.kind == k {
			n += len(s.objects)
		}
	}
	return n
}

// shares reports whether both have the same shelves of these kinds, in memory. That
// they differ says nothing.
func (os Objects) shares(other Objects, kinds ...Kind) bool {
	of := func(os Objects) []shelf {
		return slices.DeleteFunc(slices.Clone(os.shelves), func(s shelf) bool { return !slices.Contains(kinds, s.kind) })
	}
	return slices.EqualFunc(of(os), of(other), func(a, b shelf) bool {
		return a.realm == b.realm && a.kind == b.kind && len(a.objects) == len(b.objects) && &a.objects[0] == &b.objects[0]
	})
}

// All are the objects in the order of their keys.
func (os Objects) All() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for _, s := range os.shelves {
			for _, o := range s.objects {
				if !yield(o) {
					return
				}
			}
		}
	}
}

// At returns the object under the key, nil when there is none.
func (os Objects) At(k Key) Object {
	i, ok := os.shelf(k)
	if !ok {
		return nil
	}
	objects := os.shelves[i].objects
	if j, ok := find(objects, k); ok {
		return objects[j]
	}
	return nil
}

func (os Objects) shelf(k Key) (int, bool) {
	return slices.BinarySearchFunc(os.shelves, shelf{realm: k.Realm, kind: k.Kind}, shelf.compare)
}

func find(objects []Object, k Key) (int, bool) {
	return slices.BinarySearchFunc(objects, k, func(o Object, k Key) int { return comparePlaces(o.Key(), k) })
}

// With returns the objects with these added, replacing those of the same key; of
// two that are added under one key the later counts.
func (os Objects) With(add ...Object) Objects {
	var over []shelf
	for _, o := range add {
		k := o.Key()
		i := slices.IndexFunc(over, func(s shelf) bool { return s.kind == k.Kind && s.realm == k.Realm })
		if i < 0 {
			i, over = len(over), append(over, shelf{realm: k.Realm, kind: k.Kind})
		}
		over[i].objects = append(over[i].objects, o)
	}
	for _, s := range over {
		s.objects = inOrder(s.objects)
		os = os.shelve(s)
	}
	return os
}

// Merge returns the objects with those of other added, replacing those of the same key.
func (os Objects) Merge(other Objects) Objects {
	for _, s := range other.shelves {
		os = os.shelve(s)
	}
	return os
}

// Without returns the objects but the one under the key.
func (os Objects) Without(k Key) Objects {
	i, ok := os.shelf(k)
	if !ok {
		return os
	}
	s := os.shelves[i]
	j, ok := find(s.objects, k)
	if !ok {
		return os
	}
	out := slices.Clone(os.shelves)
	out[i].objects = slices.Concat(s.objects[:j], s.objects[j+1:])
	if len(out[i].objects) == 0 {
		out = slices.Delete(out, i, i+1)
	}
	return Objects{out}
}

// shelve lays one shelf over those that are there.
func (os Objects) shelve(s shelf) Objects {
	i, ok := slices.BinarySearchFunc(os.shelves, s, shelf.compare)
	if !ok {
		return Objects{slices.Insert(slices.Clone(os.shelves), i, s)}
	}
	out := slices.Clone(os.shelves)
	out[i].objects = merge(out[i].objects, s.objects)
	return Objects{out}
}

// merge lays over upon under; both are in order, and neither is changed.
func merge(under, over []Object) []Object {
	if len(over) == 1 { // a step of a plan: two copies are quicker than a comparison each
		j, same := find(under, over[0].Key())
		return slices.Concat(under[:j], over, under[j+pick(same, 1, 0):])
	}
	out := make([]Object, 0, len(under)+len(over))
	for len(under) > 0 && len(over) > 0 {
		switch c := place(under[0], over[0]); {
		case c < 0:
			out, under = append(out, under[0]), under[1:]
		case c > 0:
			out, over = append(out, over[0]), over[1:]
		default:
			under = under[1:]
		}
	}
	return append(append(out, under...), over...)
}

// inOrder sorts the objects of one kind and keeps the last of each key. An API
// server's lists are sorted already.
func inOrder(objects []Object) []Object {
	ascending := true
	for i := 1; i < len(objects) && ascending; i++ {
		ascending = place(objects[i-1], objects[i]) < 0
	}
	if ascending {
		return objects
	}
	slices.SortStableFunc(objects, place)
	last := objects[:0]
	for i, o := range objects {
		if i+1 == len(objects) || place(o, objects[i+1]) != 0 {
			last = append(last, o)
		}
	}
	return last
}

// Of returns the objects of one type (in these realms, or in all), sorted by key.
func Of[T Object](os Objects, in ...Realm) []T {
	var out []T
	for _, s := range os.shelves {
		if _, ok := s.objects[0].(T); !ok || len(in) > 0 && !slices.Contains(in, s.realm) {
			continue
		}
		out = slices.Grow(out, len(s.objects))
		for _, o := range s.objects {
			if t, ok := o.(T); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

// Get returns the object of type T under the key, if there is one.
func Get[T Object](os Objects, k Key) (T, bool) {
	t, ok := os.At(k).(T)
	return t, ok
}
