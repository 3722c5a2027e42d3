package exchange_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

// arriving is what is declared of a file that comes in parts.
func arriving(content string) exchange.StagedFile {
	return exchange.StagedFile{Marking: article4.Confidential, Size: int64(len(content)), MediaType: "text/plain"}
}

// part is the content from one byte to another.
func part(content string, from, to int) exchange.Part {
	return exchange.Part{Offset: int64(from), Size: int64(to - from), Content: strings.NewReader(content[from:to])}
}

// begun is an arrival of which nothing has come.
func (h *fixture) begun(g *exchange.Gateway, a exchange.Actor, content string) string {
	h.t.Helper()
	t, err := g.BeginArrival(h.t.Context(), a, arriving(content), exchange.ContentPart{FileName: "indicators.txt"})
	must(h.t, err)
	return t.ID
}

// long is a text of several pieces.
func long() string { return strings.Repeat(prose+"\n", 9<<20/len(prose)) }

func sha256Of(content string) article4.Digest {
	sum := sha256.Sum256([]byte(content))
	return article4.Digest(hex.EncodeToString(sum[:]))
}

// What comes in parts, on one replica and another, is in the end the staged file that it would have been in one piece;
// so is what breaks off, for all that had come.
func TestAFileThatComesInPartsIsStagedAsIfItCameInOne(t *testing.T) {
	h := newFixture(t)
	one, two := h.gateway(), h.gateway()
	staff := h.staff(one, "staff.wco")
	text := long()
	id := h.begun(one, staff, text)
	half := len(text) / 2
	for i, step := range []struct {
		on       *exchange.Gateway
		part     exchange.Part
		want     int
		breaking bool
	}{
		{one, part(text, 0, 0), 0, false},
		{one, part(text, 0, 5000), 5000, false},
		{two, exchange.Part{Offset: 5000, Size: int64(len(text) - 5000), Content: io.MultiReader(
			strings.NewReader(text[5000:half]), iotest.ErrReader(io.ErrUnexpectedEOF))}, half, true},
		{one, exchange.Part{Offset: int64(half), Size: -1, Content: strings.NewReader(text[half : half+1])}, half + 1,
			false},
		{two, part(text, half+1, len(text)), len(text), false},
	} {
		_, err := step.on.Arrive(t.Context(), staff, id, step.part)
		if errors.Is(err, exchange.ErrContent) != step.breaking || err != nil && !step.breaking {
			t.Fatalf("part %d: %v", i, err)
		}
		now, err := one.Arrival(t.Context(), staff, id)
		must(t, err)
		if now.Arrived != int64(step.want) || (now.SHA256 != "") != (step.want == len(text)) {
			t.Fatalf("behind part %d stand %d bytes, digest %q; want %d", i, now.Arrived, now.SHA256, step.want)
		}
	}
	parts, err := one.Staged(t.Context(), staff, id)
	must(t, err)
	whole, err := one.Stage(t.Context(), staff, exchange.StagedFile{Marking: article4.Confidential, Size: -1,
		MediaType: "text/plain"}, content(text))
	must(t, err)
	if parts.SHA256 != sha256Of(text) || parts.SHA256 != whole.SHA256 || parts.FileName != whole.FileName ||
		parts.MediaType != whole.MediaType || parts.Size != whole.Size || parts.Unmarkable != whole.Unmarkable {
		t.Errorf("in parts %+v\nin one   %+v", parts, whole)
	}
	must(t, second(one.Deposit(t.Context(), staff, ofStaged(id), nil)))
	// Whoever has the gateway's login cannot lose an object that is there.
	if err := h.asApp(`DELETE FROM upload`); err == nil || !strings.Contains(err.Error(), "may have an object") {
		t.Errorf("rows of uploads with objects are deleted: %v", err)
	}
	must(t, one.Sweep(t.Context()))
	// What a round of the gateways sweeps at this very moment, this sweep leaves to it.
	h.eventually(`SELECT (SELECT count(*) FROM arrival) + (SELECT count(*) FROM arrival_piece)
		+ (SELECT count(*) FROM upload WHERE state NOT IN ('stored', 'staged'))`, 0)
}

// Article 4(9): of an unmarked file no byte is kept, and none of what the rules refuse once it is whole.
func TestArticle4_9NothingArrivesUnmarkedAndNothingIsLeftOfWhatIsRefused(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, auditor := h.staff(g, "staff.wco"), h.person(g, "auditor.wco", article4.RoleAuditor)
	begin := func(a exchange.Actor, f exchange.StagedFile) error {
		return second(g.BeginArrival(t.Context(), a, f, exchange.ContentPart{}))
	}
	refusedFor(t, begin(staff, exchange.StagedFile{Size: 10}), "art4.9/unmarked")
	refusedFor(t, begin(staff, exchange.StagedFile{Marking: "secret", Size: 10}), "art4.9/unmarked")
	refusedFor(t, begin(auditor, arriving(prose)), "art4.9/not-discloser")
	refusedFor(t, begin(staff, arriving("")), "gateway/empty")
	refusedFor(t, begin(staff, exchange.StagedFile{Marking: article4.Restricted, Size: 65 << 20}), "gateway/too-large")
	kept := func() int {
		return h.count(`SELECT (SELECT count(*) FROM arrival) + (SELECT count(*) FROM arrival_piece)
			+ (SELECT count(*) FROM staged) + (SELECT count(*) FROM upload)`)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d things are kept of what did not begin", n)
	}
	open := arriving(passengerList)
	open.Marking = article4.NonConfidential
	wrong := arriving(prose)
	wrong.SHA256 = sha256Of("another")
	for code, c := range map[article4.Code]struct {
		file    exchange.StagedFile
		content string
	}{
		"gateway/passenger-data-protected": {open, passengerList},
		"gateway/digest-mismatch":          {wrong, prose},
	} {
		made, err := g.BeginArrival(t.Context(), staff, c.file, exchange.ContentPart{})
		must(t, err)
		must(t, second(g.Arrive(t.Context(), staff, made.ID, part(c.content, 0, 10))))
		refusedFor(t, second(g.Arrive(t.Context(), staff, made.ID, part(c.content, 10, len(c.content)))), code)
		if _, err := g.Arrival(t.Context(), staff, made.ID); !isNotFound(err) {
			t.Errorf("%s: it is there still: %v", code, err)
		}
		must(t, g.Sweep(t.Context()))
		if n := kept(); n != 0 {
			t.Errorf("%s: %d things are kept", code, n)
		}
	}
}

// What does not stand where it should, does not fit, or is not what it was said to be, changes nothing.
func TestBytesThatAreNotWantedAreNotTaken(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	text := long()
	id := h.begun(g, staff, text)
	must(t, second(g.Arrive(t.Context(), staff, id, part(text, 0, 100))))
	stated := func(from, to int, sum string) exchange.Part {
		p, want := part(text, from, to), sha256.Sum256([]byte(sum))
		p.Sum, p.Want = sha256.New(), want[:]
		return p
	}
	tooLong := exchange.Part{Offset: 100, Size: -1, Content: strings.NewReader(text[100:] + "x")}
	short := part(text, 100, len(text))
	short.Content = strings.NewReader("x")
	cut := stated(100, len(text), text[100:])
	cut.Content = io.MultiReader(strings.NewReader(text[100:6<<20]), iotest.ErrReader(io.ErrUnexpectedEOF))
	for name, c := range map[string]struct {
		part exchange.Part
		want error
		then int64
	}{
		"before":                     {part(text, 99, 200), exchange.ErrOffset, 100},
		"behind":                     {part(text, 101, 200), exchange.ErrOffset, 100},
		"below zero":                 {exchange.Part{Offset: -1, Content: &bytes.Buffer{}}, exchange.ErrOffset, 100},
		"more than the file has":     {exchange.Part{Offset: 100, Size: 1 << 40}, exchange.ErrMoreThanDeclared, 100},
		"checksum of another":        {stated(100, 200, "another"), exchange.ErrChecksum, 100},
		"of another, several pieces": {stated(100, 6<<20, "another"), exchange.ErrChecksum, 100},
		"of another, to the end":     {stated(100, len(text), "another"), exchange.ErrChecksum, 100},
		"cut, to be checked":         {cut, exchange.ErrContent, 100},
	} {
		if _, err := g.Arrive(t.Context(), staff, id, c.part); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if now, err := g.Arrival(t.Context(), staff, id); err != nil || now.Arrived != c.then {
			t.Errorf("%s: %d bytes stand, %v; want %d", name, now.Arrived, err, c.then)
		}
		if n := h.count(`SELECT count(*) FROM arrival_piece`); n != 1 {
			t.Errorf("%s: %d pieces are kept, want 1", name, n)
		}
	}
	if _, err := g.Arrive(t.Context(), staff, id, short); !errors.Is(err, exchange.ErrContent) {
		t.Errorf("shorter than it says: %v", err)
	}
	if _, err := g.Arrive(t.Context(), staff, id, exchange.Part{Offset: 101, Size: -1,
		Content: tooLong.Content}); !errors.Is(err, exchange.ErrMoreThanDeclared) {
		t.Errorf("longer than the file: %v", err)
	}
	now, err := g.Arrival(t.Context(), staff, id)
	must(t, err)
	at := int(now.Arrived)
	right := stated(at, at+1000, text[at:at+1000])
	if got, err := g.Arrive(t.Context(), staff, id, right); err != nil || got.Arrived != int64(at+1000) {
		t.Errorf("with its checksum: %d, %v", got.Arrived, err)
	}
}

// blocked is a content that stands still when all of it was read but its end.
type blocked struct {
	io.Reader
	reached, leave chan struct{}
	once           sync.Once
}

func newBlocked(content string) *blocked {
	return &blocked{Reader: strings.NewReader(content), reached: make(chan struct{}), leave: make(chan struct{})}
}

func (b *blocked) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n == 0 && err == io.EOF {
		b.once.Do(func() { close(b.reached) })
		<-b.leave
	}
	return n, err
}

// A hidden second writer, on another replica, is locked out while the first gives signs of life; of two that begin at
// once, one is. Whoever was taken for dead and lives changes nothing any more.
func TestOneCallAtATimeSendsToAnArrival(t *testing.T) {
	h := newFixture(t)
	patient := func(s *exchange.Settings) { s.SilenceAfter = time.Hour } // however slow the machine is
	one, two := h.gateway(patient), h.gateway(patient)
	staff := h.staff(one, "staff.wco")
	id := h.begun(one, staff, prose)
	first := newBlocked(prose[:20])
	done := make(chan error, 1)
	go func() {
		_, err := one.Arrive(t.Context(), staff, id, exchange.Part{Size: -1, Content: first})
		done <- err
	}()
	<-first.reached
	for range 2 {
		if _, err := two.Arrive(t.Context(), staff, id, part(prose, 0, 10)); !errors.Is(err, exchange.ErrTurn) {
			t.Errorf("a second writer: %v", err)
		}
	}
	h.superuser(`UPDATE upload SET heartbeat_at = heartbeat_at - interval '30 minutes' WHERE state = 'open'`)
	if got, err := two.Arrive(t.Context(), staff, id, part(prose, 0, 10)); err != nil || got.Arrived != 10 {
		t.Errorf("once the first is silent: %d, %v", got.Arrived, err)
	}
	close(first.leave)
	if err := <-done; !errors.Is(err, exchange.ErrTurn) {
		t.Errorf("the first, taken for dead: %v", err)
	}
	if now, err := one.Arrival(t.Context(), staff, id); err != nil || now.Arrived != 10 {
		t.Errorf("%d bytes stand, %v", now.Arrived, err)
	}

	var wait sync.WaitGroup
	results := make([]error, 6)
	for i := range results {
		wait.Go(func() {
			g := []*exchange.Gateway{one, two}[i%2]
			_, results[i] = g.Arrive(t.Context(), staff, id, part(prose, 10, len(prose)))
		})
	}
	wait.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, exchange.ErrTurn) && !errors.Is(err, exchange.ErrOffset) && !isNotFound(err):
			t.Error(err)
		}
	}
	if s, err := one.Staged(t.Context(), staff, id); err != nil || s.SHA256 != sha256Of(prose) || won != 1 {
		t.Errorf("%d of six sent the rest; %v", won, err)
	}
}

// A colleague, the other Party and a thief of the database: an arrival is its sender's own, and of what was given up,
// forgotten or taken nothing opens.
func TestAnArrivalIsItsSendersOwnAndGoneAfterADay(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, other := h.staff(g, "staff.wco"), h.staff(g, "other.wco")
	given, forgotten, whole := h.begun(g, staff, prose), h.begun(g, staff, prose), h.begun(g, staff, prose)
	for _, id := range []string{given, forgotten} {
		must(t, second(g.Arrive(t.Context(), staff, id, part(prose, 0, 30))))
	}
	must(t, second(g.Arrive(t.Context(), staff, whole, part(prose, 0, len(prose)))))
	for _, who := range []exchange.Actor{other, h.staff(g, "staff.unoct"), h.staff(g, "staff.piu")} {
		for name, err := range map[string]error{
			"shown": second(g.Arrival(t.Context(), who, given)),
			"sent":  second(g.Arrive(t.Context(), who, given, part(prose, 30, 40))),
			"ended": g.EndArrival(t.Context(), who, given),
			"whole": second(g.Arrival(t.Context(), who, whole)),
			"drop":  g.EndArrival(t.Context(), who, whole),
		} {
			if !isNotFound(err) {
				t.Errorf("%s by somebody else: %v", name, err)
			}
		}
	}
	if err := second(g.Staged(t.Context(), staff, given)); !isNotFound(err) {
		t.Errorf("a file that is not whole is staged: %v", err)
	}
	if err := second(g.Deposit(t.Context(), staff, ofStaged(given), nil)); !isNotFound(err) {
		t.Errorf("a file that is not whole is deposited: %v", err)
	}
	must(t, g.EndArrival(t.Context(), staff, given))
	must(t, g.EndArrival(t.Context(), staff, whole))
	h.moveClock(24*time.Hour - time.Minute)
	must(t, g.Sweep(t.Context()))
	must(t, second(g.Arrival(t.Context(), staff, forgotten)))
	h.moveClock(2 * time.Minute)
	if err := second(g.Arrive(t.Context(), staff, forgotten, part(prose, 30, 40))); !isNotFound(err) {
		t.Errorf("after a day it goes on: %v", err)
	}
	must(t, g.Sweep(t.Context()))
	if n := h.count(`SELECT (SELECT count(*) FROM arrival) + (SELECT count(*) FROM arrival_piece)
		+ (SELECT count(*) FROM upload)`); n != 0 {
		t.Errorf("%d things are left", n)
	}
}

// Whoever writes to the database gives an arrival to another, moves pieces about, or puts less in its row: nothing
// becomes a file of it.
func TestAnAlteredArrivalBecomesNoFile(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, other := h.staff(g, "staff.wco"), h.staff(g, "other.wco")
	text := long()
	begun := func() string {
		id := h.begun(g, staff, text)
		must(t, second(g.Arrive(t.Context(), staff, id, part(text, 0, 9000))))
		must(t, second(g.Arrive(t.Context(), staff, id, part(text, 9000, 18000))))
		return id
	}
	taken := begun()
	h.superuser(`UPDATE arrival SET person = '` + string(other.Person()) + `' WHERE id = '` + taken + `'`)
	if err := second(g.Arrival(t.Context(), other, taken)); !errors.Is(err, register.ErrAltered) {
		refusedFor(t, err, "gateway/altered")
	}
	for name, statement := range map[string]string{
		"pieces exchanged": `UPDATE arrival_piece p SET wrapped_key = q.wrapped_key, upload = q.upload FROM arrival_piece q
			WHERE p.arrival = '%[1]s' AND q.arrival = '` + taken + `' AND p.at = 0 AND q.at = 0`,
		"a piece taken away": `DELETE FROM arrival_piece WHERE arrival = '%[1]s' AND at = 0`,
	} {
		h.superuser(`ALTER TABLE arrival_piece DROP CONSTRAINT IF EXISTS piece_of_one_upload`)
		id := begun()
		h.superuser(fmt.Sprintf(statement, id))
		refusedFor(t, second(g.Arrive(t.Context(), staff, id, part(text, 18000, len(text)))), "gateway/altered")
		if err := second(g.Staged(t.Context(), staff, id)); !isNotFound(err) {
			t.Errorf("%s: it is a file: %v", name, err)
		}
	}
}

// One person has twenty on their way or staged at most.
func TestArrivalsCountAsStagedFiles(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	must(t, second(g.Stage(t.Context(), staff, stagedAs(article4.Confidential), content(prose))))
	var wait sync.WaitGroup
	errs := make([]error, 24)
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = g.BeginArrival(t.Context(), staff, arriving(prose), exchange.ContentPart{})
		})
	}
	wait.Wait()
	full := 0
	for _, err := range errs {
		if errors.Is(err, exchange.ErrConflict) {
			full++
		} else {
			must(t, err)
		}
	}
	if n := h.count(`SELECT count(*) FROM arrival`); n != 19 || full != 5 {
		t.Errorf("%d are on their way beside one that is staged, %d were refused", n, full)
	}
	if err := second(g.Stage(t.Context(), staff, stagedAs(article4.Confidential), content(prose))); !errors.Is(err,
		exchange.ErrConflict) {
		t.Errorf("one more in one piece: %v", err)
	}
}

// A thief of the bucket or of the database reads nothing of what has arrived, not even its name.
func TestNothingOfAnArrivalLiesInClear(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	const canary = "CANARY-3f1c9a52-name-and-content"
	text := strings.Repeat(canary+"\n", 5<<20/len(canary))
	made, err := g.BeginArrival(t.Context(), staff, arriving(text), exchange.ContentPart{FileName: canary + ".txt"})
	must(t, err)
	must(t, second(g.Arrive(t.Context(), staff, made.ID, part(text, 0, len(text)-5))))
	if n := h.count(`SELECT count(*) FROM arrival a JOIN arrival_piece p ON p.arrival = a.id
		WHERE a::text || p::text ~ '` + canary + `|confidential|` + hex.EncodeToString([]byte(canary)) + `'`); n != 0 {
		t.Error("the database shows what has arrived")
	}
	looked := 0
	bucket := filepath.Join(h.store.RawDir(), h.bucket)
	must(t, filepath.WalkDir(bucket, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		looked++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(canary[:20])) {
			t.Errorf("%s holds it in clear", path)
		}
		return err
	}))
	if looked < 2 {
		t.Errorf("only %d objects were looked at", looked)
	}
}
