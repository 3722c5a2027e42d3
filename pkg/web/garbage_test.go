package web

import (
	"net/http/httptest"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
)

func percent(t *testing.T) uint64 {
	t.Helper()
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestGarbageIsCollectedSeldomUnlessAFileMoves(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(123))
	var g collecting
	is := func(want uint64, when string) {
		t.Helper()
		if got := percent(t); got != want {
			t.Errorf("%s: %d percent, want %d", when, got, want)
		}
	}
	end := g.begin()
	is(123, "a file moves, and nobody asked")
	end()
	g.tend("50")
	is(123, "GOGC is set")
	g.tend("")
	is(seldom, "nothing moves")
	one, other := g.begin(), g.begin()
	is(often, "two files move")
	one()
	is(often, "one file moves still")
	other()
	is(seldom, "none moves any more")
}

func TestAFileIsABodyThatIsLongOrOfUnknownLength(t *testing.T) {
	for _, c := range []struct {
		kind   string
		length int64
		file   bool
	}{{"multipart/form-data; boundary=x", -1, true}, {"multipart/form-data; boundary=x", largeBody, true},
		{"multipart/form-data; boundary=x", largeBody - 1, false}, {Octets, 5 << 20, true},
		{"application/json", 5 << 20, false}, {"application/json", -1, false}} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(""))
		r.Header.Set("Content-Type", c.kind)
		r.ContentLength = c.length
		if got := bringsFile(r); got != c.file {
			t.Errorf("%s of %d bytes: %t", c.kind, c.length, got)
		}
	}
}
