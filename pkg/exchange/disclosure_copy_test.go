package exchange_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

func stamped() exchange.Reading {
	r := reading()
	r.Form = ""
	return r
}

// granted deposits content and gives the reader of UNOCT a grant for it.
func granted(t *testing.T, h *fixture, g *exchange.Gateway, reader exchange.Actor, data string) exchange.Document {
	t.Helper()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(data))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	return doc
}

func digest(s string) article4.Digest {
	sum := sha256.Sum256([]byte(s))
	return article4.Digest(hex.EncodeToString(sum[:]))
}

// What leaves carries its marking, its reader and its number; the digest of the copy stands in the log before its first
// byte.
func TestArticle4_9AProtectedDocumentGoesOutAsAMarkedCopy(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	copied := readAll(t, g, reader, d)
	if d.Form != article4.Stamped || d.SHA256 != digest(copied) || d.Size != int64(len(copied)) {
		t.Errorf("the disclosure says form %s, %d bytes, %s; the copy has %d, %s", d.Form, d.Size, d.SHA256,
			len(copied), digest(copied))
	}
	archive, err := zip.NewReader(strings.NewReader(copied), int64(len(copied)))
	must(t, err)
	if len(archive.File) != 3 {
		t.Errorf("the copy of a text holds %d files; want the original, a cover sheet and the label", len(archive.File))
	}
	half, err := g.Content(t.Context(), reader, d.ID, &exchange.ByteRange{First: 10, Last: 19})
	must(t, err)
	buf := make([]byte, 10)
	_, err = half.Read(buf)
	must(t, err)
	must(t, half.Finish(t.Context(), 10))
	if string(buf) != copied[10:20] {
		t.Error("a range of the copy is not that part of the copy")
	}
	again, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	if again.CopyNumber == d.CopyNumber || again.SHA256 == d.SHA256 {
		t.Error("two copies bear the same number or digest")
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'copy'`); n != 2 {
		t.Errorf("%d entries about copies; want 2", n)
	}
}

func TestAFileThatCannotBeMarkedDoesNotLeaveUnmarked(t *testing.T) {
	data, err := os.ReadFile("../../../shared/corpus/pdf/auth-event-ef-open.pdf")
	if err != nil {
		t.Skip("SKIPPED: ../shared/corpus is absent")
	}
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	for name, file := range map[string]string{"no PDF at all": "%PDF-1.7\nbroken", "whole": string(data)} {
		doc := granted(t, h, g, reader, file)
		d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
		if err != nil {
			refusal := refusedFor(t, err, "gateway/cannot-be-marked")
			if refusal.Entry == "" {
				t.Errorf("%s: the refusal has no entry", name)
			}
			continue
		}
		if got := readAll(t, g, reader, d); !bytes.HasPrefix([]byte(got), []byte("%PDF-")) || got == file {
			t.Errorf("%s: what left is no marked PDF", name)
		}
	}
	deadline := time.Now().Add(15 * time.Second)
	for h.count(`SELECT count(*) FROM upload WHERE state = 'abandoned' AND removed_at IS NULL`) > 0 {
		if time.Now().After(deadline) {
			t.Fatal("what a failed copy left in the store was not swept")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestACopyIsGoneWhenItsDisclosureIsOver(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	before := h.objects()
	h.moveClock(16 * time.Minute)
	deadline := time.Now().Add(15 * time.Second)
	for h.objects() >= before {
		if time.Now().After(deadline) {
			t.Fatalf("%d objects stand in the store, as before", h.objects())
		}
		time.Sleep(100 * time.Millisecond)
	}
	if _, err := g.Content(t.Context(), reader, d.ID, nil); err == nil {
		t.Error("the copy opens after its disclosure is over")
	}
}

// Whatever shows that a copy is in the making never takes the copy that is being stored for one that was given up,
// however often it looks.
func TestACopyThatIsStoredIsNotTakenForOneThatWasGivenUp(t *testing.T) {
	h := newFixture(t)
	g := h.assembled(false, func(s *exchange.Settings) { s.SilenceAfter = 4 * time.Millisecond }) // nobody sweeps
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	for range 25 {
		must(t, second(g.Disclose(t.Context(), reader, doc.ID, stamped())))
	}
}
