package exchange_test

import (
	"errors"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

func stagedAs(m article4.Marking) exchange.StagedFile {
	return exchange.StagedFile{Marking: m, Size: -1}
}

// A thief of the database, a colleague, and a day: nothing readable is left of what was given up or forgotten.
func TestWhatIsStagedIsSealedAndGoneAfterADay(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, other := h.staff(g, "staff.wco"), h.staff(g, "other.wco")
	forgotten, err := g.Stage(t.Context(), staff, stagedAs(article4.Confidential), content(prose))
	must(t, err)
	given, err := g.Stage(t.Context(), staff, stagedAs(article4.Restricted), content("given up"))
	must(t, err)
	if n := h.count(`SELECT count(*) FROM staged s WHERE s::text ~ '` + string(forgotten.SHA256) +
		`|restricted|confidential'`); n != 0 {
		t.Error("the database shows what was staged")
	}
	for name, try := range map[string]func() error{
		"shown":     func() error { return second(g.Staged(t.Context(), other, given.ID)) },
		"given up":  func() error { return second(g.Unstage(t.Context(), other, given.ID)) },
		"deposited": func() error { return second(g.Deposit(t.Context(), other, ofStaged(given.ID), nil)) },
	} {
		if err := try(); !isNotFound(err) {
			t.Errorf("to a colleague it is %s: %v", name, err)
		}
	}
	_, err = g.Unstage(t.Context(), staff, given.ID)
	must(t, err)
	must(t, g.Sweep(t.Context()))
	if n := h.count(`SELECT count(*) FROM upload WHERE removed_at IS NULL`); n != 1 {
		t.Errorf("%d objects are left, want that of the other file", n)
	}
	h.moveClock(24*time.Hour - time.Minute)
	must(t, g.Sweep(t.Context()))
	_, err = g.Staged(t.Context(), staff, forgotten.ID)
	must(t, err)
	h.moveClock(2 * time.Minute)
	if err := second(g.Deposit(t.Context(), staff, ofStaged(forgotten.ID), nil)); !isNotFound(err) {
		t.Errorf("after a day it is deposited: %v", err)
	}
	must(t, g.Sweep(t.Context()))
	if n := h.count(`SELECT (SELECT count(*) FROM staged)
		+ (SELECT count(*) FROM upload WHERE removed_at IS NULL)`); n != 0 {
		t.Errorf("%d things are left of what was forgotten", n)
	}
}

func ofStaged(id string) exchange.Metadata {
	m := metadata()
	m.Staged = id
	return m
}

// A row that somebody made another's in the database opens nothing, and is told as altered.
func TestAStagedFileThatWasMadeAnothersIsAltered(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	other := h.staff(g, "other.wco")
	file, err := g.Stage(t.Context(), h.staff(g, "staff.wco"), stagedAs(article4.Confidential), content(prose))
	must(t, err)
	h.superuser(`UPDATE staged SET person = '` + string(other.Person()) + `'`)
	if err := second(g.Staged(t.Context(), other, file.ID)); !errors.Is(err, register.ErrAltered) {
		t.Errorf("shown: %v", err)
	}
	if err := second(g.Deposit(t.Context(), other, ofStaged(file.ID), nil)); err == nil {
		t.Error("deposited")
	}
	if n := h.count(`SELECT count(*) FROM document`); n != 0 {
		t.Errorf("%d documents of it", n)
	}
}

// What is staged may be deposited under another marking: that of the deposit counts, and is held against the file.
func TestTheMarkingOfTheDepositCounts(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	file, err := g.Stage(t.Context(), staff, stagedAs(article4.Confidential), content(passengerList))
	must(t, err)
	m := ofStaged(file.ID)
	m.Marking = article4.NonConfidential
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, nil)), "art4.3/passenger-data-undeclared",
		"gateway/passenger-data-protected")
	m.Marking, m.SHA256 = article4.Restricted, article4.Digest("00"+string(file.SHA256[2:]))
	m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "a", LegalBasis: "b",
		RetainUntil: time.Now().AddDate(1, 0, 0)}
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, nil)), "gateway/digest-mismatch")
	m.SHA256 = file.SHA256
	doc, err := g.Deposit(t.Context(), staff, m, nil)
	must(t, err)
	if doc.Marking != article4.Restricted {
		t.Errorf("it is %s", doc.Marking)
	}
}

// A deposit is refused for what it lacks itself, all of it at once, before it is looked at what it addresses: Article
// 4(9) comes first, of a staged file too.
func TestArticle4_9ADepositIsRefusedForItselfBeforeForWhatItAddresses(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, stranger := h.staff(g, "staff.wco"), h.staff(g, "analyst.piu")
	to := exchange.Addressed{People: []article4.PersonID{stranger.Person()}, Purpose: "art2.e", Statement: "For them",
		Until: time.Now().AddDate(0, 1, 0), Form: article4.View}
	file, err := g.Stage(t.Context(), staff, stagedAs(article4.Confidential), content(passengerList))
	must(t, err)
	m := ofStaged(file.ID)
	m.Addressed, m.Marking, m.Title = &to, "", ""
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, nil)), "art4.3/passenger-data-undeclared", "art4.9/unmarked",
		"gateway/untitled")
	m = metadata()
	to.People = []article4.PersonID{h.staff(g, "staff.unoct").Person()}
	must(t, second(g.OpenOffice(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.OfficeOpened{Name: "The desk", Members: to.People})))
	m.Addressed = &to
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, content(passengerList))), "art4.3/passenger-data-undeclared")
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, content(secret))), "gateway/form-unavailable")
	m.Staged = file.ID
	m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "a", LegalBasis: "b",
		RetainUntil: time.Now().AddDate(1, 0, 0)}
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, nil)), "gateway/form-unavailable")
}
