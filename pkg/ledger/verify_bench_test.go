package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// large is a bundle of about n entries: every document with its request and authorization, then disclosures with their
// completions; every third closed to the Party.
func large(t testing.TB, n int) (*story, []byte) {
	s := newStory(t)
	c := s.between()
	began, facts := s.at, ofReading().String()
	for len(s.entries) < n-1 {
		s.at = began.Add(time.Duration(len(s.entries)) * time.Second) // all of them within the term
		if len(s.entries)%3 == 0 {
			s.tell([]string{unoct}, map[string]string{"facts": reading}, ledger.Body{Kind: ledger.KindReading,
				Organisation: unoct, Actor: "per_auditor", Terms: &ledger.Terms{Subject: "entries"}})
			continue
		}
		b := s.permit(unoct, "per_reader", c.request)
		b.Disclosure.Authorizations = []string{c.authorization}
		c.disclosure = s.tell(both, map[string]string{"facts": facts}, b)
		d := s.entries[len(s.entries)-1].body.Disclosure
		s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion, Organisation: unoct, Document: "doc_1",
			Completion: &ledger.Completion{Disclosure: d.ID, Closes: c.disclosure, End: ledger.EndComplete, Length: 10,
				Bytes: 10}})
	}
	s.tell([]string{wco}, map[string]string{"facts": reading}, ledger.Body{Kind: ledger.KindReading, Organisation: wco,
		Terms: &ledger.Terms{Subject: "export"}})
	return s, s.export(wco)
}

// reading is what the rules are asked of an auditor.
const reading = "read-log\nyes\nno suspended\nroles auditor\nside =party\n"

// BenchmarkVerify verifies a bundle; CHANCERY_ENTRIES says of how many entries, a million for the figure in
// docs/performance.md. Its processor time
// is held against that of hashing the same bytes once: on a machine that others use as well, the wall says little.
func BenchmarkVerify(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("CHANCERY_ENTRIES"))
	if err != nil {
		n = 20_000
	}
	s, data := large(b, n)
	if path := os.Getenv("CHANCERY_BUNDLE"); path != "" { // for the program, to see what it needs of memory
		must(b, os.WriteFile(path, data, 0o600))
		must(b, os.WriteFile(path+".key", []byte(s.public), 0o600))
	}
	s.entries = nil
	runtime.GC()
	b.SetBytes(int64(len(data)))
	options := ledger.Options{Keys: []note.Verifier{s.key}}
	var verifying, used, hashing time.Duration
	for b.Loop() {
		began, before := time.Now(), processor()
		r, err := ledger.Verify(ledger.Bundle{R: bytes.NewReader(data), Size: int64(len(data))}, options)
		must(b, err)
		if !r.Good {
			b.Fatal(r.First)
		}
		verifying += time.Since(began)
		used += processor() - before
		before = processor()
		sha256.Sum256(data)
		hashing += processor() - before
	}
	b.ReportMetric(hashing.Seconds()/used.Seconds(), "hashing/verifying-cpu")
	b.ReportMetric(float64(used.Microseconds())/float64(n)/float64(b.N), "cpu-µs/entry")
	b.ReportMetric(float64(n)*float64(b.N)/verifying.Seconds(), "entries/s")
}

// processor is the time that this process had of the processors.
func processor() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
