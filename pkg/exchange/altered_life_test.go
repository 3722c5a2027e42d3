package exchange_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

// What stands over documents and people stands as the log has it, whatever was written into the rows: these tests write
// with the gateway's own login where that login may, and else as a superuser.

// toldOfAlterations waits until the auditors of both Parties are told that something was altered.
func (h *fixture) toldOfAlterations(n int) {
	h.t.Helper()
	h.eventually(`SELECT count(*) FROM notice WHERE kind = 'alteration'`, n)
}

// A Hold stands until the log says that two people ended it: its row ended by hand, or deleted, frees nothing.
func TestAHoldStandsUntilTheLogSaysThatItEnded(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	doc := granted(t, h, g, h.staff(g, "staff.unoct"), secret)
	erasure := exchange.Erasure{Entry: deposited(t, h, g).ID, Field: "title", LegalBasis: "Regulation 12"}
	must(t, second(g.Erase(t.Context(), focal, erasure)))
	hold, err := g.PlaceHold(t.Context(), focal, doc.ID, "A dispute about the figures")
	must(t, err)
	kept := func() {
		t.Helper()
		refusedFor(t, second(g.Erase(t.Context(), deputy, erasure)), "gateway/under-hold")
		refusedFor(t, second(g.Destroy(t.Context(), focal, doc.ID, doc.Version, "A wrong file")), "gateway/under-hold")
		refusedFor(t, second(g.Erase(t.Context(), focal, exchange.Erasure{Person: h.staff(g, "staff.wco").Person(),
			LegalBasis: "Left"})), "gateway/under-hold")
	}
	must(t, h.asApp(`UPDATE hold SET ended_at = now(), ended_entry = 'ent_none'`))
	kept()
	holds, err := g.Holds(t.Context(), focal, exchange.Paging{})
	must(t, err)
	if len(holds.Items) != 1 || holds.Items[0].EndedAt != nil {
		t.Errorf("it is shown as %+v; want it as it stands in the log", holds.Items)
	}
	for _, who := range []exchange.Actor{focal, deputy} {
		_, _, err = g.EndHold(t.Context(), who, hold.ID, "Settled")
		must(t, err)
	}
	must(t, second(g.Erase(t.Context(), deputy, erasure)))

	must(t, second(g.PlaceHold(t.Context(), focal, doc.ID, "Another dispute")))
	h.superuser(`DELETE FROM hold`)
	refusedFor(t, second(g.Destroy(t.Context(), focal, doc.ID, doc.Version, "A wrong file")), "gateway/under-hold")
	h.inOrder(g)
}

// The database holds by itself what the log says is held, and an entry that never had a place in the log ends nothing.
func TestTheDatabaseErasesNothingWhileTheLogSaysThatAHoldStands(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	erasure := exchange.Erasure{Entry: deposited(t, h, g).ID, Field: "title", LegalBasis: "Regulation 12"}
	for _, who := range []exchange.Actor{focal, deputy} {
		must(t, second(g.Erase(t.Context(), who, erasure)))
	}
	hold, err := g.PlaceHold(t.Context(), focal, doc.ID, "A dispute")
	must(t, err)
	h.superuser(`INSERT INTO log_detail (entry, field, sealed) VALUES ('` + erasure.Entry + `', 'title', 'x')`)
	erase := `SELECT log_erase(id) FROM log_entry WHERE kind = 'erasure' AND convert_from(body, 'UTF8') LIKE '%second%'`
	must(t, h.asApp(`UPDATE hold SET ended_at = now(), ended_entry = 'ent_none'`))
	if h.asApp(erase) == nil {
		t.Error("the end of a Hold that nobody ended was enough")
	}
	body := `convert_to(json_build_object('kind', 'hold-ended', 'outcome', 'permit', 'document', '` + string(doc.ID) +
		`', 'organisation', 'org_wco', 'terms', json_build_object('subject', '` + hold.ID +
		`', 'step', 'second'))::text, 'UTF8')`
	must(t, h.asApp(`INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce, organisation, document,
		outcome)
		SELECT 'ent_forged', now(), 'hold-ended', '{org_wco}', b, sha256(b), sha256(b), 'org_wco', '`+string(doc.ID)+
		`', 'permit' FROM `+body+` AS b`))
	if h.asApp(erase) == nil {
		t.Error("an entry that stands nowhere in the log was enough")
	}
	refusedFor(t, second(g.Destroy(t.Context(), focal, doc.ID, doc.Version, "A wrong file")), "gateway/under-hold")
}

// What was stopped is stopped until the log says that two people lifted it: the row lifted by hand lets nothing leave.
func TestWhatWasStoppedIsStoppedUntilTheLogSaysThatItWasLifted(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy, other := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.signatory(g, "focal.unoct")
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	for _, c := range []struct {
		name  string
		codes []article4.Code
		stop  func() (exchange.Suspension, error)
		lifts []exchange.Actor
	}{
		{"the document", []article4.Code{"art4.6/suspended"}, func() (exchange.Suspension, error) {
			return g.Suspend(t.Context(), focal, exchange.Suspension{Document: doc.ID, Reason: "A doubt"})
		}, []exchange.Actor{focal, deputy}},
		{"the reader", []article4.Code{"art4.6/suspended"}, func() (exchange.Suspension, error) {
			return g.Suspend(t.Context(), other, exchange.Suspension{Person: reader.Person(), Reason: "A doubt"})
		}, []exchange.Actor{other, h.signatory(g, "deputy.unoct")}},
		{"a leak", []article4.Code{"art4.6/suspended"}, func() (exchange.Suspension, error) {
			leak, err := g.ReportLeak(t.Context(), reader, doc.ID, "It was in a newspaper")
			must(t, err)
			return *leak.Stop, nil
		}, []exchange.Actor{focal, deputy}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.stop()
			must(t, err)
			stopped := func() {
				t.Helper()
				refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), c.codes...)
				if _, err := g.Content(t.Context(), reader, d.ID, nil); err == nil {
					t.Error("the bytes leave by a permit of before")
				}
			}
			stopped()
			must(t, h.asApp(`UPDATE suspension SET lifted_at = now() WHERE lifted_at IS NULL`))
			stopped()
			for _, who := range c.lifts {
				_, _, err = g.Lift(t.Context(), who, s.ID, "It was none")
				must(t, err)
			}
			must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
			must(t, h.asApp(`UPDATE suspension SET lifted_at = NULL WHERE id = '`+s.ID+`'`))
			must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
		})
	}
	h.gateway()            // one that starts holds the records against the log
	h.toldOfAlterations(2) // the last of them: its row says that it stands
	h.inOrder(g)
}

// A suspension that no entry bears out stops nobody, and is told; one whose row was deleted stops all the same.
func TestASuspensionIsWhatTheLogHas(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	must(t, h.asApp(`INSERT INTO suspension (id, document, reason_sealed, by_person, by_org, at, entry, entry_hash)
		SELECT 'sus_forged', id, title_sealed, depositor, discloser, now(), entry, entry_hash FROM document`))
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
	h.gateway() // one that starts holds the records against the log
	h.toldOfAlterations(2)
	h.superuser(`DELETE FROM suspension`)
	must(t, second(g.Suspend(t.Context(), h.signatory(g, "focal.wco"),
		exchange.Suspension{Document: doc.ID, Reason: "A doubt"})))
	h.superuser(`DELETE FROM suspension`)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.6/suspended")
}

// Whoever is to read by the word of the own organisation was admitted in the log: a row that names one more person
// admits nobody, with whichever entry it says.
func TestAnAdmissionThatTheLogDoesNotHaveAdmitsNobody(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, admitted, other := h.staff(g, "staff.unoct"), h.staff(g, "second.unoct"), h.staff(g, "other.unoct")
	doc := granted(t, h, g, reader, secret)
	mine, err := g.Requests(t.Context(), reader, exchange.RequestQuery{Box: string(register.BoxMine), Document: doc.ID})
	must(t, err)
	q := mine.Items[0].ID
	must(t, second(g.Admit(t.Context(), h.signatory(g, "focal.unoct"), q,
		exchange.Admission{People: []article4.PersonID{admitted.Person()}})))
	must(t, second(g.Disclose(t.Context(), admitted, doc.ID, reading())))
	for _, entry := range []string{`(SELECT entry FROM admission LIMIT 1)`, `'ent_none'`} {
		must(t, h.asApp(`INSERT INTO admission (request, person, by_person, at, entry) SELECT id, '`+
			string(other.Person())+`', asked_by, now(), `+entry+` FROM access_request`))
		refusedFor(t, second(g.Disclose(t.Context(), other, doc.ID, reading())), "art4.6/not-admitted")
		must(t, second(g.Disclose(t.Context(), admitted, doc.ID, reading())))
		h.gateway() // one that starts holds the records against the log
		h.toldOfAlterations(2)
		h.superuser(`DELETE FROM admission WHERE person = '` + string(other.Person()) + `'`)
	}
}

// Who sits at an office was seated in the log, and is given nothing by a row that says so.
func TestASeatThatTheLogDoesNotHaveSeatsNobody(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, seated, left := h.signatory(g, "focal.unoct"), h.staff(g, "staff.unoct"), h.staff(g, "left.unoct")
	other := h.staff(g, "other.unoct")
	office, err := g.OpenOffice(t.Context(), focal, exchange.OfficeOpened{Name: "The desk",
		Members: []article4.PersonID{seated.Person(), left.Person()}})
	must(t, err)
	_, err = g.ChangeOffice(t.Context(), focal, office.ID,
		exchange.OfficeChange{Remove: []article4.PersonID{left.Person()}})
	must(t, err)
	must(t, h.asApp(`UPDATE office_member SET ended_at = NULL, ended_entry = ''`))
	must(t, h.asApp(`INSERT INTO office_member (office, person, at, entry) SELECT office, '`+string(other.Person())+
		`', at, entry FROM office_member LIMIT 1`))
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Deliver(t.Context(), h.signatory(g, "focal.wco"), doc.ID, exchange.Addressed{
		Offices: []string{office.ID}, Purpose: "art2.e", Statement: "For the desk", Until: ask(g, unoct).Until,
		Form: article4.Original})
	must(t, err)
	if !slices.Equal(q.People, []article4.PersonID{seated.Person()}) {
		t.Errorf("delivered to %v; want the one who sits there, %s", q.People, seated.Person())
	}
	people, err := g.People(t.Context(), h.staff(g, "staff.wco"), unoct, exchange.Paging{})
	must(t, err)
	for _, p := range people.Items {
		if p.ID == other.Person() || p.ID == left.Person() {
			t.Errorf("%s may be addressed", p.ID)
		}
	}
	back := exchange.OfficeChange{Add: []article4.PersonID{left.Person()}}
	changed, err := g.ChangeOffice(t.Context(), focal, office.ID, back)
	must(t, err)
	if len(changed.Members) != 2 {
		t.Errorf("who sits there: %v; want the one who came back too", changed.Members)
	}
}

// A Release is what its entry in the log says: nothing leaves by one whose row names another recipient, another purpose
// or another entry, nor by one that was ended and whose row hides that behind another entry.
func TestAReleaseIsWhatItsEntrySays(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, analyst, officer := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu"), h.staff(g, "officer.customs")
	doc, rel := released(t, h, g, focal)
	must(t, second(g.Disclose(t.Context(), analyst, doc, reading())))
	h.superuser(`CREATE TABLE was AS SELECT * FROM release`)
	for name, alter := range map[string]string{
		"the recipient":       `recipient = 'org_customs-exampleland'`,
		"the purpose":         `purpose = 'art3.a'`,
		"who released it":     `by_discloser = NOT by_discloser`,
		"its entry":           `entry = (SELECT id FROM log_entry WHERE kind = 'deposit')`,
		"its entry's hash":    `entry_hash = repeat('0', 64)`,
		"whose Release it is": `by_org = 'org_unoct'`,
	} {
		t.Run(name, func(t *testing.T) {
			must(t, h.asApp(`UPDATE release SET `+alter))
			in := reading()
			if name == "the purpose" {
				in.Purpose = "art3.a"
			}
			for _, a := range []exchange.Actor{analyst, officer} {
				if second(g.Disclose(t.Context(), a, doc, in)) == nil {
					t.Errorf("disclosed to somebody of %s", a.Organisation().ID)
				}
			}
			h.superuser(`UPDATE release SET recipient = was.recipient, purpose = was.purpose, entry = was.entry,
				by_discloser = was.by_discloser, entry_hash = was.entry_hash, by_org = was.by_org FROM was`)
		})
	}
	must(t, second(g.Disclose(t.Context(), analyst, doc, reading())))
	must(t, second(g.EndRelease(t.Context(), focal, doc, rel.ID, "The training is over")))
	must(t, h.asApp(`UPDATE release SET ended_at = NULL, ended_by = NULL, ended_by_org = NULL, end_entry = NULL,
		end_statement_sealed = NULL, entry_hash = repeat('0', 64),
		entry = (SELECT id FROM log_entry WHERE kind = 'deposit')`))
	if second(g.Disclose(t.Context(), analyst, doc, reading())) == nil {
		t.Error("disclosed on a Release that was ended")
	}
}
