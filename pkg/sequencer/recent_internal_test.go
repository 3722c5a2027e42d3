package sequencer

import (
	"fmt"
	"testing"
)

func TestRecentEntriesAreBoundedInNumberAndBytes(t *testing.T) {
	for _, size := range []int{10, 60_000} {
		var r recent
		for i := range 3 * recentEntries {
			r.add(placed{id: fmt.Sprintf("ent_%d", i), index: int64(i), body: make([]byte, size)})
			if len(r.byID) > recentEntries || len(r.order) != len(r.byID) || r.bytes != size*len(r.byID) ||
				r.bytes > recentBytes {
				t.Fatalf("after %d of %d bytes: %d entries, %d bytes", i+1, size, len(r.byID), r.bytes)
			}
		}
		if e, ok := r.find(fmt.Sprintf("ent_%d", 3*recentEntries-1)); !ok || e.index != 3*recentEntries-1 {
			t.Error("the newest is not there")
		}
		if _, ok := r.find("ent_0"); ok {
			t.Error("the oldest is still there")
		}
	}
}
