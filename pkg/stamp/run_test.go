package stamp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/stamp"
)

// child makes the stamper run another command than its own.
func child(argv ...string) func(*stamp.Config) {
	return func(c *stamp.Config) { c.Child = argv }
}

func TestWhateverTheChildDoesWrongGivesNoByte(t *testing.T) {
	in := pdfOf("", []page{{a4, ""}})
	for name, c := range map[string]struct {
		argv []string
		want stamp.ReasonCode
	}{
		"it fails":                 {[]string{"/bin/false"}, stamp.Crashed},
		"it says nothing":          {[]string{"/bin/true"}, stamp.Crashed},
		"it writes something else": {[]string{"/bin/echo", strings.Repeat("x", 100)}, stamp.Crashed},
		"it writes and fails":      {[]string{"/bin/sh", "-c", "cat; exit 3"}, stamp.Crashed},
		"it gives the input back":  {[]string{"/bin/cat"}, stamp.Crashed},
		"it is killed":             {[]string{"/bin/sh", "-c", "kill -9 $$"}, stamp.Crashed},
		"it complains of its memory": {[]string{"/bin/sh", "-c",
			"echo fatal error: out of memory >&2; exit 2"}, stamp.OutOfMemory},
		"it hangs":                 {[]string{"/bin/sleep", "100"}, stamp.TooLong},
		"it hangs with children":   {[]string{"/bin/sh", "-c", "sleep 100 & sleep 100"}, stamp.TooLong},
		"it is not there":          {[]string{"/nowhere/chanceryd"}, stamp.Unavailable},
		"it cannot be executed":    {[]string{"/etc/passwd"}, stamp.Unavailable},
		"it complains without end": {[]string{"/bin/sh", "-c", "yes >&2"}, stamp.TooLong},
		"it inherits nothing by its environment": {[]string{"/bin/sh", "-c",
			`[ -z "$HOME$STAMP_SECRET" ] || echo out of memory >&2; exit 1`}, stamp.Crashed},
		"it inherits no files": {[]string{"/bin/sh", "-c", `[ -e /proc/self/fd/3 ] && echo out of memory >&2; exit 1`},
			stamp.Crashed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STAMP_SECRET", "x")
			s := stamper(t, child(c.argv...), func(c *stamp.Config) { c.MaxTime = 300 * time.Millisecond })
			at := time.Now()
			if r := refusal(t, s, source(in, pdfType, "x.pdf")); r.Reason != c.want {
				t.Errorf("got %v, want %s", r, c.want)
			}
			if d := time.Since(at); d > 5*time.Second {
				t.Errorf("it took %s", d)
			}
			if inside, waiting := s.Load(); inside+waiting != 0 {
				t.Errorf("%d are inside and %d wait", inside, waiting)
			}
		})
	}
}

// A page whose content unfolds to a gigabyte, and a tower of streams that unfold each other.
func TestBombsAreRefusedWithinTheLimitOfMemory(t *testing.T) {
	s := stamper(t, func(c *stamp.Config) { c.MaxMemory, c.MaxTime = 256<<20, 20*time.Second })
	gigabyte := flate(make([]byte, 1<<30))
	stream := func(filter string, content []byte) string {
		return fmt.Sprintf("<</Filter %s/Length %d>>\nstream\n%s\nendstream", filter, len(content), content)
	}
	single := pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]/Contents 4 0 R>>", stream("/FlateDecode", gigabyte)})
	tower := pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]/Contents[" + strings.Repeat("4 0 R ", 3000) + "]>>",
		stream("[/FlateDecode/FlateDecode]", flate(gigabyte))})
	many := pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]/Contents[" + strings.Repeat("4 0 R ", 20_000) + "]>>",
		stream("/FlateDecode", flate(make([]byte, 1<<20)))})
	for name, in := range map[string][]byte{"single": single, "tower": tower, "many": many} {
		at := time.Now()
		c, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark)
		var refused *stamp.ErrRefused
		switch {
		case err == nil:
			c.Close() // marked without unfolding it: as good
			t.Logf("%s: marked in %s", name, time.Since(at))
		case !errors.As(err, &refused):
			t.Errorf("%s: %v", name, err)
		default:
			t.Logf("%s: %v in %s", name, refused, time.Since(at))
		}
	}
}

func TestTheLimitOfMemoryHolds(t *testing.T) {
	in := pdfOf("", []page{{a4, strings.Repeat("% much to read, and to keep\n", 6<<20)}})
	s := stamper(t, func(c *stamp.Config) { c.MaxMemory = 128 << 20 })
	// A process that gets no more memory may end in other ways than by saying so.
	if r := refusal(t, s, source(in, pdfType, "x.pdf")); r.Reason != stamp.OutOfMemory && r.Reason != stamp.TooLarge &&
		r.Reason != stamp.Crashed {
		t.Errorf("got %v", r)
	}
	if r := refusal(t, stamper(t, func(c *stamp.Config) { c.MaxInput = 1 << 20 }),
		source(in, pdfType, "x.pdf")); r.Reason != stamp.TooLarge {
		t.Errorf("got %v", r)
	}
	large := pdfOf("", []page{{a4, strings.Repeat("% much to write\n", 1<<18)}})
	if r := refusal(t, stamper(t, func(c *stamp.Config) { c.MaxOutput = 1 << 20 }),
		source(large, pdfType, "x.pdf")); r.Reason != stamp.TooLarge {
		t.Errorf("got %v", r)
	}
}

func TestNothingOfTheDocumentIsLeftInAnyTemporaryPlace(t *testing.T) {
	places := []string{t.TempDir(), t.TempDir()}
	compiled, err := os.UserCacheDir() // outside HOME: what is kept there is pdfium's code, and is looked at below
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", compiled)
	t.Setenv("TMPDIR", places[0])
	t.Setenv("HOME", places[1])
	before := openFiles(t)
	shm, tmp := ofTheHouse("/dev/shm"), ofTheHouse("/tmp")
	canary := "canary " + time.Now().String()
	in := pdfOf("", []page{{a4, line(72, 700, canary)}})
	s := stamper(t)
	stamped(t, s, source(in, pdfType, "x.pdf"), mark)
	refusal(t, s, source([]byte("%PDF-1.7 broken "+canary), pdfType, "x.pdf"))
	large := pdfOf("", []page{{a4, line(72, 700, canary) + strings.Repeat("% much to read, and to keep\n", 3<<20)}})
	for _, ending := range []struct {
		name string
		in   []byte
		argv []string
	}{
		{"killed midway", in, []string{"/bin/sh", "-c", "head -c 100; kill -9 $$"}},
		{"too long", in, []string{"/bin/sh", "-c", "cat; sleep 100"}},
		{"killed by its memory", large, nil},
	} {
		crashing := stamper(t, func(c *stamp.Config) {
			c.MaxTime, c.MaxMemory = 5*time.Second, 16<<20 // less than the large file takes
			if ending.argv != nil {
				c.Child = ending.argv
			}
		})
		t.Logf("%s: %v", ending.name, refusal(t, crashing, source(ending.in, pdfType, "x.pdf")))
	}
	for _, p := range append([]string{".", "/tmp", "/var/tmp", "/dev/shm",
		filepath.Join(compiled, "chancery", "pdfium")}, places...) {
		if found := holding(p, canary); found != "" {
			t.Errorf("%s holds the document", found)
		}
	}
	for _, p := range places {
		if left, err := os.ReadDir(p); err != nil || len(left) > 0 {
			t.Errorf("%v, %v", left, err)
		}
	}
	if now := ofTheHouse("/dev/shm"); len(now) > len(shm) {
		t.Errorf("/dev/shm: %v", now)
	}
	if now := ofTheHouse("/tmp"); len(now) > len(tmp) {
		t.Errorf("/tmp: %v", now)
	}
	if now := openFiles(t); now > before {
		t.Errorf("%d files are open, %d were", now, before)
	}
}

// ofTheHouse are the names in a place that the gateway would use; other tests of this machine make and remove theirs
// meanwhile.
func ofTheHouse(place string) []string {
	all, _ := filepath.Glob(filepath.Join(place, "chancery*"))
	return slices.DeleteFunc(all, func(name string) bool {
		return strings.HasPrefix(filepath.Base(name),
			"chancery-test-")
	})
}

// holding is a file younger than a minute, directly in a place or one below it, that holds the words.
func holding(place, words string) string {
	for _, pattern := range []string{"*", "*/*"} {
		all, _ := filepath.Glob(filepath.Join(place, pattern))
		for _, name := range all {
			info, err := os.Lstat(name)
			if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 ||
				time.Since(info.ModTime()) > time.Minute {
				continue
			}
			if content, err := os.ReadFile(name); err == nil && bytes.Contains(content, []byte(words)) {
				return name
			}
		}
	}
	return ""
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	n := 0
	for _, f := range all {
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.Contains(to, "memfd:") {
			n++
		}
	}
	return n
}

// endless gives a PDF file's beginning and then zeros.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	e.left -= n
	return int(n), nil
}

// Sixteen copies of 24 MiB, two at a time: the gateway itself holds none of them.
func TestTheGatewaysOwnMemoryStaysFlatWhileCopiesAreMade(t *testing.T) {
	const copies, size = 16, 24 << 20
	s := stamper(t, func(c *stamp.Config) { c.Concurrency = 2 })
	base := pdfOf("", []page{{a4, "%" + strings.Repeat("x", size) + "\n"}})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	for i := range copies {
		group.Go(func() {
			m := mark
			m.Person = fmt.Sprintf("per_%d", i)
			c, err := s.Stamp(context.Background(), source(base, pdfType, "x.pdf"), m)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if n, err := io.Copy(io.Discard, c); err != nil || n != c.Size {
				t.Errorf("%d of %d bytes, %v", n, c.Size, err)
			}
		})
	}
	group.Wait()
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("the gateway itself allocated %d MiB for %d copies", grown>>20, copies)
	}
}

func TestACallerWhoGoesAwayEndsTheChild(t *testing.T) {
	s := stamper(t, child("/bin/sleep", "100"))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	at := time.Now()
	_, err := s.Stamp(ctx, source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"), mark)
	if !errors.Is(err, context.Canceled) || time.Since(at) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(at))
	}
	if inside, _ := s.Load(); inside != 0 {
		t.Errorf("%d are inside", inside)
	}
}

func TestASourceThatFailsIsTold(t *testing.T) {
	broken := errors.New("the store went away")
	in := stamp.Source{Reader: io.MultiReader(strings.NewReader("%PDF-1.7"), &failing{broken}), Size: 100,
		MediaType: pdfType, FileName: "x.pdf"}
	if _, err := stamper(t).Stamp(context.Background(), in, mark); !errors.Is(err, broken) {
		t.Errorf("stamp: %v", err)
	}
	in.Reader = io.MultiReader(strings.NewReader("%PDF-1.7"), &failing{broken})
	if _, err := stamper(t).Probe(context.Background(), in); !errors.Is(err, broken) {
		t.Errorf("probe: %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// A probe watches an upload through a pipe, so it must not stop reading midway.
func TestAProbeReadsItsSourceToTheEnd(t *testing.T) {
	s := stamper(t, func(c *stamp.Config) { c.MaxInput = 1 << 20 })
	for _, mediaType := range []string{pdfType, csvType} {
		in := &endless{left: 8 << 20}
		o, err := s.Probe(context.Background(), stamp.Source{Reader: in, Size: -1, MediaType: mediaType, FileName: "x"})
		if err != nil || in.left != 0 {
			t.Errorf("%s: %d bytes unread, %v", mediaType, in.left, err)
		}
		if want := stamp.TooLarge; mediaType == pdfType && o.Reason != want {
			t.Errorf("outcome: %+v", o)
		}
	}
}

func TestACopyHoldsItsPlaceUntilItIsClosed(t *testing.T) {
	s := stamper(t, func(c *stamp.Config) { c.Concurrency, c.MaxWaiting = 1, 1 })
	in := pdfOf("", []page{{a4, ""}})
	first, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error)
	go func() {
		c, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark)
		if err == nil {
			err = c.Close()
		}
		second <- err
	}()
	for _, waiting := s.Load(); waiting == 0; _, waiting = s.Load() {
		time.Sleep(time.Millisecond)
	}
	if _, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark); !errors.Is(err, stamp.ErrBusy) {
		t.Errorf("a third: %v, want ErrBusy", err)
	}
	first.Close()
	first.Close()
	if err := <-second; err != nil {
		t.Error(err)
	}
	if inside, waiting := s.Load(); inside+waiting != 0 {
		t.Errorf("%d are inside, %d wait", inside, waiting)
	}
}

// Six copies for one person wait; the one copy for another is the second to be made.
func TestWhoeverAsksForManyCopiesDelaysNobodyElse(t *testing.T) {
	s := stamper(t, func(c *stamp.Config) { c.Concurrency, c.MaxWaiting = 1, 20 })
	in := pdfOf("", []page{{a4, ""}})
	first, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order bytes.Buffer
	var group sync.WaitGroup
	enter := func(person string) {
		_, before := s.Load()
		group.Go(func() {
			m := mark
			m.Person = person
			c, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), m)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order.WriteString(person)
			mu.Unlock()
			c.Close()
		})
		for _, now := s.Load(); now == before; _, now = s.Load() {
			time.Sleep(time.Millisecond)
		}
	}
	for range 6 {
		enter("a")
	}
	enter("b")
	first.Close()
	group.Wait()
	if got := order.String(); got != "abaaaaa" {
		t.Errorf("the order was %s", got)
	}
}

func TestHowFarACopyIsIsTold(t *testing.T) {
	const pages = 4000
	s := stamper(t, func(c *stamp.Config) { c.Concurrency, c.MaxTime = 1, 10*time.Minute })
	var first, second stamp.Progress
	long := source(pagesOfText(pages), pdfType, "long.pdf")
	long.Progress = &first
	group, seen := sync.WaitGroup{}, 0
	group.Go(func() { stamped(t, s, long, mark) })
	for deadline := time.Now().Add(30 * time.Second); seen == 0 &&
		time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		_, done, all := first.Now()
		if done > all || all != 0 && all != pages {
			t.Fatalf("%d pages of %d are done; the file has %d", done, all, pages)
		}
		seen = done
	}
	if seen == 0 {
		t.Fatal("nothing was told of a copy in the making")
	}
	in := source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf")
	in.Progress = &second
	for range 3 {
		_, before := s.Load()
		group.Go(func() { stamped(t, s, source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"), mark) })
		for _, now := s.Load(); now == before; _, now = s.Load() {
			time.Sleep(time.Millisecond)
		}
	}
	other := mark
	other.Person = "per_other"
	group.Go(func() { stamped(t, s, in, other) })
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if queued, _, _ := second.Now(); queued == 1 { // one of the three that came before; persons go in turn
			group.Wait()
			return
		}
	}
	t.Error("the one copy of another person does not say that one is made before it")
}
