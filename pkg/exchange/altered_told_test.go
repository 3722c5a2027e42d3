package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// What is told once is told, though somebody who can write rows put another notice under its name before its time.
func TestATakenNameSilencesNoNotice(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	staff, auditor := h.staff(g, "staff.wco"), h.auditor(g, "auditor.wco")
	m := metadata()
	m.ReviewBy = h.today().AddDate(0, 0, 1)
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	take := func(name, kind, sealed string) {
		t.Helper()
		must(t, h.asApp(`INSERT INTO notice (id, kind, document, owner, to_org, copy_numbers, facts_sealed, audience,
			at, entry, subject, once) SELECT 'not_' || md5('`+name+`'), '`+kind+`', id, discloser, discloser, '',
			`+sealed+`, 'person', now(), entry, '', '`+name+`' FROM document`))
	}
	date := func(days int) string { return h.today().AddDate(0, 0, days).Format(time.DateOnly) }
	take("review|"+string(doc.ID)+"|"+date(1), "review", "title_sealed")
	for _, days := range []int{0, 1, 2} {
		take("alteration|org_wco|"+string(doc.ID)+"|"+date(days), "alteration", "title_sealed")
	}
	h.moveClock(24 * time.Hour)
	for range 2 {
		must(t, g.Remind(t.Context()))
	}
	must(t, h.asApp(`UPDATE document SET marking = 'non-confidential'`))
	for range 2 {
		refusedFor(t, second(g.Disclose(t.Context(), staff, doc.ID, reading())), article4.Code("gateway/altered"))
	}
	h.superuser(`UPDATE document SET marking = 'confidential'`)
	h.superuser(`DELETE FROM notice WHERE once LIKE '%|%'`) // so that the lists can be read
	if told := ofKind(t, g, staff, "review"); len(told) != 1 {
		t.Errorf("reminded of a review %d times: %+v; want once", len(told), told)
	}
	if told := ofKind(t, g, auditor, "alteration"); len(told) != 1 {
		t.Errorf("an auditor is told of the alteration %d times: %+v; want once", len(told), told)
	}
}

// What was told before names were kept as tokens is not told again.
func TestANoticeOfBeforeWithItsNameInClearIsNotToldAgain(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	staff := h.staff(g, "staff.wco")
	m := metadata()
	m.ReviewBy = h.today().AddDate(0, 0, 1)
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	h.moveClock(24 * time.Hour)
	must(t, g.Remind(t.Context()))
	h.superuser(`SET session_replication_role = replica; UPDATE notice SET once = 'review|` + string(doc.ID) + `|` +
		m.ReviewBy.Format(time.DateOnly) + `' WHERE kind = 'review'`)
	must(t, g.Remind(t.Context()))
	if told := ofKind(t, g, staff, "review"); len(told) != 1 {
		t.Errorf("reminded %d times: %+v; want once", len(told), told)
	}
}
