package exchange_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Whoever writes into the database without the keys changes nothing that the rules look at unnoticed.
func TestARecordAlteredBehindTheGatewaysBackLetsNothingLeave(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	other := h.staff(g, "other.unoct")
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	h.superuser(`CREATE TABLE was AS SELECT sha256, media_type, number, terms_sealed FROM version`)
	later := time.Now().AddDate(5, 0, 0).Format(time.RFC3339)
	for _, tt := range []struct{ name, alter, restore string }{
		{"the marking", `UPDATE document SET marking = 'non-confidential'`,
			`UPDATE document SET marking = 'confidential'`},
		{"proprietary", `UPDATE document SET proprietary = true`, `UPDATE document SET proprietary = false`},
		{"the purposes", `INSERT INTO document_purpose SELECT id, 'art3.a' FROM document`,
			`DELETE FROM document_purpose WHERE code = 'art3.a'`},
		{"the entities concerned", `INSERT INTO document_entity SELECT id, 'org_customs-exampleland' FROM document`,
			`DELETE FROM document_entity`},
		{"the term of the request", `UPDATE access_request SET until = '` + later + `'`, ``},
		{"the people named", `INSERT INTO request_person SELECT id, '` + string(other.Person()) +
			`' FROM access_request`, `DELETE FROM request_person`},
		{"the term of the decision", `UPDATE decision SET until = '` + later + `'`, ``},
		{"the recipient of the decision", `UPDATE decision SET recipient = 'org_wco'`,
			`UPDATE decision SET recipient = 'org_unoct'`},
		{"the version's digest", `UPDATE version SET sha256 = repeat('0', 64)`,
			`UPDATE version SET sha256 = was.sha256 FROM was`},
		{"the version's media type", `UPDATE version SET media_type = 'text/html'`,
			`UPDATE version SET media_type = was.media_type FROM was`},
		{"the version's number", `UPDATE version SET number = 7`, `UPDATE version SET number = was.number FROM was`},
		{"that the version holds passenger data", `UPDATE version SET passenger_data = true`,
			`UPDATE version SET passenger_data = false`},
		{"the version's seal taken away", `UPDATE version SET terms_sealed = NULL`,
			`UPDATE version SET terms_sealed = was.terms_sealed FROM was`},
		{"a refusal made a decision", `UPDATE decision SET given = NOT given`, `UPDATE decision SET given = NOT given`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.superuser(`CREATE TABLE kept AS SELECT id, until FROM access_request UNION ALL SELECT id, until FROM ` +
				`decision`)
			h.superuser(tt.alter)
			refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/altered")
			_, err := g.Content(t.Context(), reader, d.ID, nil)
			refusedFor(t, err, "gateway/altered")
			if tt.restore != "" {
				h.superuser(tt.restore)
			}
			for _, table := range []string{"access_request", "decision"} {
				h.superuser(fmt.Sprintf(`UPDATE %s SET until = kept.until FROM kept WHERE kept.id = %s.id`, table,
					table))
			}
			h.superuser(`DROP TABLE kept`)
			_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
			must(t, err)
		})
	}
}

// Whoever can write rows moves a protected version under a readable document, and gets nothing under that document's
// marking.
func TestAVersionMovedToAnotherDocumentIsNotHandedOutAsThatDocuments(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	kept, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	open := metadata()
	open.Marking = article4.NonConfidential
	shown, err := g.Deposit(t.Context(), staff, open, content("for everybody"))
	must(t, err)
	h.superuser(`UPDATE version SET document = '` + string(shown.ID) + `', number = 2 WHERE document = '` +
		string(kept.ID) + `'`)
	in := reading()
	in.Version, in.Form = kept.Version, article4.Original
	refusedFor(t, second(g.Disclose(t.Context(), reader, shown.ID, in)), "gateway/altered")
}

// A closed version that is opened again in the database is not disclosed: the app's own login may write that column.
func TestAClosedVersionOpenedAgainBehindTheGatewaysBackIsNotDisclosed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	_, err = g.Correct(t.Context(), staff, doc.ID,
		exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects, Explanation: "a typo", Size: -1},
		content("mended"))
	must(t, err)
	h.superuser(`UPDATE version SET closed_at = NULL WHERE id = '` + string(doc.Version) + `'`)
	in := reading()
	in.Version, in.Form = doc.Version, article4.Original
	refusedFor(t, second(g.Disclose(t.Context(), staff, doc.ID, in)), "gateway/altered")
}

// A marked copy whose row names the original in its place is not handed out: its key is bound to the disclosure, and
// its digest stands in the log.
func TestTheOriginalPutInThePlaceOfAMarkedCopyDoesNotLeave(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	open := metadata()
	open.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), staff, open, content("for everybody"))
	must(t, err)
	in := reading()
	in.Form = article4.Stamped
	d, err := g.Disclose(t.Context(), reader, doc.ID, in)
	must(t, err)
	_, err = received(t, g, reader, d.ID)
	must(t, err)
	for name, alter := range map[string]string{
		"whole": `object = v.object, wrapped_key = v.wrapped_key, size = v.size, sha256 = v.sha256, ` +
			`media_type = v.media_type`,
		"its key only": `object = v.object, wrapped_key = v.wrapped_key, size = v.size`,
		"its type":     `media_type = 'text/html'`,
	} {
		h.superuser(`CREATE TABLE kept AS SELECT * FROM copy`)
		h.superuser(`UPDATE copy SET ` + alter + ` FROM version v`)
		if _, err := received(t, g, reader, d.ID); err == nil {
			t.Errorf("%s: the content left", name)
		} else {
			refusedFor(t, err, "gateway/altered")
		}
		h.superuser(`UPDATE copy SET object = k.object, wrapped_key = k.wrapped_key, size = k.size, sha256 = ` +
			`k.sha256, media_type = k.media_type FROM kept k`)
		h.superuser(`DROP TABLE kept`)
	}
	_, err = received(t, g, reader, d.ID)
	must(t, err)
}

// One person does not become another by the token by which people are found again.
func TestWhoSignsInIsNotTakenForTheOneWhoseTokenWasMoved(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, other := h.staff(g, "staff.unoct"), h.staff(g, "other.unoct")
	h.superuser(`CREATE TABLE of_staff AS SELECT subject_token FROM person WHERE id = '` + string(staff.Person()) + `'`)
	h.superuser(`UPDATE person SET subject_token = decode(repeat('00', 16), 'hex') WHERE id = '` +
		string(staff.Person()) + `'`)
	h.superuser(`UPDATE person p SET subject_token = o.subject_token FROM of_staff o WHERE p.id = '` +
		string(other.Person()) + `'`)
	for what, gateway := range map[string]*exchange.Gateway{"remembered": g, "a replica that starts": h.gateway()} {
		a, err := gateway.Recognise(t.Context(), exchange.Claims{
			Issuer:   h.issuers.URL("unoct"),
			Subject:  "staff.unoct",
			Client:   "portal",
			Roles:    []article4.Role{article4.RoleStaff},
			ACR:      "mfa",
			AuthTime: time.Now(),
			SignIn:   article4.SignInFresh,
		})
		if err == nil {
			t.Errorf("%s: staff.unoct is taken for %s, who is other.unoct", what, a.Person())
		}
	}
}

// A withdrawal whose row was deleted is noticed at the next decision: the log says that it happened.
func TestAWithdrawalThatWasDeletedIsNoticedBeforeAnythingRestsOnTheDecisionAgain(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	for name, end := range map[string]func(exchange.Document, exchange.AccessRequest) error{
		"a withdrawal": func(_ exchange.Document, q exchange.AccessRequest) error {
			return second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"}))
		},
		"a recall": func(doc exchange.Document, _ exchange.AccessRequest) error {
			return second(g.Recall(t.Context(), focal, doc.ID, "The wrong file"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
			must(t, err)
			q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
			must(t, err)
			must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
			must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
			must(t, end(doc, q))
			refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())),
				"art4.4/authorization-withdrawn")
			h.superuser(`DELETE FROM withdrawal`)
			refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/altered")
			refusedFor(t, second(g.Describe(t.Context(), reader, doc.ID)), "gateway/altered")
		})
	}
}

// received reads the whole content of a disclosure, or says why not.
func received(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DisclosureID) ([]byte, error) {
	t.Helper()
	transfer, err := g.Content(t.Context(), a, id, nil)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(transfer)
	return data, errors.Join(err, transfer.Finish(t.Context(), int64(len(data))))
}

// An alteration that was noticed is told to both Parties' auditors, not to the operator's log alone, and whoever read
// is not sent away to try again later.
func TestAnAlterationIsToldToTheAuditorsOfBothParties(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, d := wasReceived(t, h, g, secret)
	reader := h.staff(g, "staff.unoct")
	auditors := []exchange.Actor{h.auditor(g, "auditor.wco"), h.auditor(g, "auditor.unoct")}
	told := func(want int) {
		t.Helper()
		for _, a := range auditors {
			notices, err := g.Notices(t.Context(), a, exchange.NoticeQuery{})
			must(t, err)
			if len(notices.Items) != want {
				t.Errorf("an auditor is told %d things, %+v; want %d", len(notices.Items), notices.Items, want)
				continue
			}
			for _, n := range notices.Items {
				english, _ := n.Words()
				if n.Kind != "alteration" || n.Document != doc.ID || strings.Contains(english, doc.Title) {
					t.Errorf("told %+v", n)
				}
			}
		}
	}
	told(0)
	h.superuser(`UPDATE document SET marking = 'non-confidential'`)
	refusal := refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/altered")
	refusedFor(t, second(g.Content(t.Context(), reader, d.ID, nil)), "gateway/altered")
	page, err := g.List(t.Context(), reader, exchange.DocumentQuery{})
	if shown, left := listedOf(t, page, err); shown != 0 || left != 1 {
		t.Errorf("a list shows %d and leaves out %d", shown, left)
	}
	for _, a := range auditors { // the entry opens to both
		entry, err := g.LogEntry(t.Context(), a, refusal.Entry)
		must(t, err)
		if !slices.Contains(entry.Reasons, "gateway/altered") {
			t.Errorf("the entry is %+v", entry)
		}
	}
	h.superuser(`UPDATE document SET marking = 'confidential'`)
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'alteration' AND document IS NOT NULL`); n != 2 {
		t.Errorf("%d notices of one document; want one for each Party", n)
	}
	for _, person := range []exchange.Actor{reader, h.staff(g, "analyst.piu")} {
		notices, err := g.Notices(t.Context(), person, exchange.NoticeQuery{Kind: "alteration"})
		must(t, err)
		if len(notices.Items) != 0 {
			t.Errorf("somebody who audits nothing is told %+v", notices.Items)
		}
	}
	h.inOrder(g)
}

// What a keyset that is there does not open was altered, and the auditors are told of it as of any alteration: it is no
// outage of the keys.
func TestGarbageInThePlaceOfASealedColumnIsToldAsAnAlteration(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	doc, _ := wasReceived(t, h, g, secret)
	reader := h.staff(g, "staff.unoct")
	h.superuser(`UPDATE document SET title_sealed = '\x00'`)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/altered")
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'alteration' AND document = '` + string(doc.ID) +
		`'`); n != 2 {
		t.Errorf("%d notices; want one for each Party", n)
	}
}

// What the gateway meets by itself and cannot open is told, as what does not fit its seal is.
func TestGarbageThatTheGatewayMeetsByItselfIsTold(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	must(t, second(g.Request(t.Context(), reader, doc.ID, ask(g, unoct))))
	h.superuser(`UPDATE access_request SET statement_sealed = '\x00'`)
	h.moveClock(15 * 24 * time.Hour)
	if err := g.CloseDue(t.Context()); err == nil {
		t.Error("what does not open is passed over")
	}
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'alteration'`); n != 2 {
		t.Errorf("%d notices; want one for each Party", n)
	}
}
