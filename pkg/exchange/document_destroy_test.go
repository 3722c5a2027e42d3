package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// Destroying a wrong file erases its key and those of the copies made of it, and removes the objects: nothing is left
// that a stolen key or a stolen bucket could give alone.
func TestDestroyingAVersionErasesTheKeysOfItsCopiesAndRemovesTheObjects(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(prose))
	must(t, err)
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	in := reading()
	in.Form = article4.Stamped
	d, err := g.Disclose(t.Context(), reader, doc.ID, in)
	must(t, err)
	readAll(t, g, reader, d)
	if n := h.count(`SELECT count(*) FROM copy WHERE wrapped_key IS NOT NULL`); n != 1 {
		t.Fatalf("%d copies; want one, or the test shows nothing", n)
	}
	waits, err := g.Destroy(t.Context(), focal, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if waits == nil {
		t.Fatal("one person destroyed it")
	}
	if n := h.count(`SELECT count(*) FROM version WHERE wrapped_key IS NULL`); n != 0 {
		t.Error("the first of two people destroyed it")
	}
	_, err = g.Destroy(t.Context(), deputy, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if n := h.count(`SELECT (SELECT count(*) FROM copy WHERE wrapped_key IS NOT NULL)
		+ (SELECT count(*) FROM version WHERE wrapped_key IS NOT NULL)`); n != 0 {
		t.Errorf("%d keys are left", n)
	}
	must(t, g.Sweep(t.Context()))
	if n := h.count(`SELECT count(*) FROM upload WHERE removed_at IS NULL`); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	refusedFor(t, second(g.Content(t.Context(), reader, d.ID, nil)), "art4.9/version-destroyed")
}

// Having read a notice is no answer to what became of the copies.
func TestReadingANoticeIsNoAnswerToWhatBecameOfTheCopies(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, _ := wasReceived(t, h, g, prose)
	_, err := g.Recall(t.Context(), h.signatory(g, "focal.wco"), doc.ID, "A wrong annex")
	must(t, err)
	reader := h.staff(g, "staff.unoct")
	told, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{Kind: "recall"})
	must(t, err)
	if len(told.Items) != 1 || len(told.Items[0].CopyNumbers) != 1 {
		t.Fatalf("told %+v; want the recall of one copy", told.Items)
	}
	id := told.Items[0].ID
	var fault *invalid.Error
	_, err = g.Acknowledge(t.Context(), reader, id, exchange.Acknowledgement{Disposition: "read"})
	if !errors.As(err, &fault) {
		t.Errorf("having read the recall was taken for an answer: %v", err)
	}
	_, err = g.Acknowledge(t.Context(), reader, id, exchange.Acknowledgement{Disposition: "destroyed"})
	must(t, err)
}

// A holder answers for each copy by its number, may say of some of them what became of them and of the others later,
// and may correct it: the newest counts, and the log keeps what was said before. What is kept is kept on some ground.
func TestAHolderAnswersForEachCopyAndMayCorrectThat(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	doc, d := wasReceived(t, h, g, prose)
	reader := h.staff(g, "staff.unoct")
	again, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, again)
	_, err = g.Recall(t.Context(), h.signatory(g, "focal.wco"), doc.ID, "A wrong annex")
	must(t, err)
	told, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{Kind: "recall"})
	must(t, err)
	n := told.Items[0]
	if len(n.CopyNumbers) != 2 || d.CopyNumber == again.CopyNumber {
		t.Fatalf("told of %v; want two copies", n.CopyNumbers)
	}
	one, two := n.CopyNumbers[0], n.CopyNumbers[1]
	say := func(copies ...exchange.CopyAnswer) (exchange.Notice, error) {
		return g.Acknowledge(t.Context(), reader, n.ID, exchange.Acknowledgement{Copies: copies})
	}
	for name, wrong := range map[string][]exchange.CopyAnswer{
		"a copy of somebody else": {{Number: "C-00000", Disposition: "destroyed"}},
		"a copy twice":            {{Number: one, Disposition: "destroyed"}, {Number: one, Disposition: "returned"}},
		"kept, on no ground":      {{Number: one, Disposition: "kept"}},
		"read":                    {{Number: one, Disposition: "read"}},
		"nothing":                 {{Number: one}},
	} {
		if _, err := say(wrong...); err == nil {
			t.Errorf("answered with %s", name)
		}
	}
	part, err := say(exchange.CopyAnswer{Number: one, Disposition: "destroyed"})
	must(t, err)
	if part.Acknowledged != nil || len(part.Answers) != 1 {
		t.Errorf("one of two answered: %+v", part)
	}
	open, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{Unanswered: true})
	must(t, err)
	if len(open.Items) != 1 {
		t.Errorf("%d notices wait for an answer; want the one of which a copy is open", len(open.Items))
	}
	whole, err := say(exchange.CopyAnswer{Number: two, Disposition: "kept", Statement: "Our archive rules"})
	must(t, err)
	if whole.Acknowledged == nil || whole.Acknowledged.Disposition != "kept" {
		t.Errorf("both answered: %+v", whole.Acknowledged)
	}
	must(t, second(say(exchange.CopyAnswer{Number: two, Disposition: "returned"})))
	now, err := g.Notices(t.Context(), h.signatory(g, "focal.wco"), exchange.NoticeQuery{Kind: "recall"})
	must(t, err)
	got := now.Items[0]
	at := slices.IndexFunc(got.Answers, func(a exchange.CopyAnswer) bool { return a.Number == two })
	if got.Acknowledged.Disposition != "returned" || len(got.Answers) != 2 || at < 0 ||
		got.Answers[at].Disposition != "returned" {
		t.Errorf("the Discloser reads %+v, %+v", got.Acknowledged, got.Answers)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'acknowledgement' AND outcome = 'permit'`); n != 3 {
		t.Errorf("%d entries; want one for each answer", n)
	}
}

// The entry of a destruction says what backups hold still, and until when.
func TestTheEntryOfADestructionSaysWhatBackupsHold(t *testing.T) {
	for kept, says := range map[time.Duration]string{0: "has not said until when", 35 * 24 * time.Hour: "until 20"} {
		h := newFixture(t)
		g := h.gateway(func(s *exchange.Settings) { s.BackupsKept = kept })
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(prose))
		must(t, err)
		for _, person := range []string{"focal.wco", "deputy.wco"} {
			_, err := g.Destroy(t.Context(), h.signatory(g, person), doc.ID, doc.Version, "The wrong file")
			must(t, err)
		}
		auditor := h.person(g, "auditor.wco", article4.RoleAuditor)
		h.eventually(`SELECT count(*) FROM log_pending`, 0)
		page, err := g.LogEntries(t.Context(), auditor, exchange.LogQuery{Kind: "destruction"})
		must(t, err)
		for _, e := range page.Items {
			one, err := g.LogEntry(t.Context(), auditor, e.ID)
			must(t, err)
			at := slices.IndexFunc(one.Details, func(d exchange.LogDetail) bool { return d.Field == "backups" })
			if at < 0 || !strings.Contains(one.Details[at].Value, says) {
				t.Errorf("kept for %v, the entry says %+v", kept, one.Details)
			}
		}
		if len(page.Items) != 2 {
			t.Errorf("%d entries; want one for each of the two", len(page.Items))
		}
	}
}
