package store

import "testing"

// A place that has come to another message gives no text of the first.
func TestFreshTexts(t *testing.T) {
	t.Parallel()
	var f fresh
	f.keep([]indexing{{1, "a", "one"}, {2, "b", "two"}})
	f.keep([]indexing{{1, "c", "three"}})
	if _, ok := f.text(1, "a"); ok {
		t.Error("the text of a message that is not there")
	}
	if text, ok := f.text(1, "c"); !ok || text != "three" {
		t.Errorf("%q, %v", text, ok)
	}
	f.keep([]indexing{{3, "d", string(make([]byte, freshBytes))}})
	if _, ok := f.text(3, "d"); ok {
		t.Error("more was kept than there is room for")
	}
	f.forget([]queued{{place: 1}, {place: 2}, {place: 4}})
	if f.bytes != 0 || f.texts != nil {
		t.Errorf("%d bytes of %d texts are left", f.bytes, len(f.texts))
	}
}
