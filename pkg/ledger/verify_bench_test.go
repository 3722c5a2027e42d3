package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// large is a bundle of about n entries: every document with its request and authorization, then disclosures with their
// closings; every third closed to the Party.
func large(t testing.TB, n int) (*story, []byte) {
	s := newStory(t)
	c := s.between()
	for len(s.entries) < n-1 {
		parties := both
		if len(s.entries)%3 == 0 {
			parties = []string{unoct}
			s.tell(parties, nil, ledger.Body{Kind: ledger.KindReading, Organisation: unoct, Actor: "per_auditor", Terms: &ledger.Terms{Subject: "entries"}})
			continue
		}
		s.at = s.at.Add(-2*time.Minute + time.Microsecond) // all of them within the term
		s.read(&c)
		d := s.entries[len(s.entries)-1].body.Disclosure
		s.tell(both, nil, ledger.Body{Kind: ledger.KindClosing, Organisation: unoct, Document: "doc_1",
			Closing: &ledger.Closing{Disclosure: d.ID, Closes: c.disclosure, End: ledger.EndComplete, Length: 10, Bytes: 10}})
	}
	return s, s.bundle(wco)
}

// BenchmarkVerify verifies a bundle; CHANCERY_ENTRIES says of how many entries, a million for the figure in
// docs/performance.md. The time of hashing the same bytes alone is reported beside it.
func BenchmarkVerify(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("CHANCERY_ENTRIES"))
	if err != nil {
		n = 20_000
	}
	s, data := large(b, n)
	runtime.GC()
	b.SetBytes(int64(len(data)))
	options := ledger.Options{Keys: []note.Verifier{s.key}}
	var verifying, hashing time.Duration
	for b.Loop() {
		began := time.Now()
		r, err := ledger.Verify(ledger.Bundle{R: bytes.NewReader(data), Size: int64(len(data))}, options)
		must(b, err)
		if !r.Good {
			b.Fatal(r.Findings)
		}
		verifying += time.Since(began)
		began = time.Now()
		sha256.Sum256(data)
		hashing += time.Since(began)
	}
	b.ReportMetric(hashing.Seconds()/verifying.Seconds(), "hashing/verifying")
	b.ReportMetric(float64(n)*float64(b.N)/verifying.Seconds(), "entries/s")
}
