package exchange_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

func TestReading0007AnAnswerLetsSilenceCountAnew(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.moveClock(10 * 24 * time.Hour)
	question, err := g.Ask(t.Context(), focal, q.ID, "For which of the two trainings?")
	must(t, err)
	answer, err := g.Ask(t.Context(), reader, q.ID, "For the one in May.")
	must(t, err)
	if question.Kind != "question" || answer.Kind != "answer" {
		t.Errorf("a %s and a %s; want a question and an answer", question.Kind, answer.Kind)
	}
	h.moveClock(10 * 24 * time.Hour)
	q, err = g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	if q.State != article4.StateOpen {
		t.Errorf("20 days after the request, 10 after the answer, it is %s; want open", q.State)
	}
	said, err := g.Messages(t.Context(), reader, q.ID, exchange.Paging{})
	must(t, err)
	if len(said.Items) != 2 || said.Items[0].Text != question.Text {
		t.Errorf("messages %+v; want question and answer", said.Items)
	}
	if _, err := g.Ask(t.Context(), h.staff(g, "analyst.piu"), q.ID, "What is this?"); !isNotFound(err) {
		t.Errorf("somebody without standing: %v; want not found", err)
	}
}

func TestArticle4_4AnAuthorizationOnPaperIsFiledByOneSignatoryAndConfirmedByAnother(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	paper := exchange.FiledAuthorization{Entity: customs, GivenBy: "C. Rossi, Director", GivenOn: time.Now(),
		InstrumentSHA256: h.paper(g, focal, q.ID), Statement: "By letter"}
	_, waits, err := g.FileAuthorization(t.Context(), focal, q.ID, paper)
	must(t, err)
	if waits == nil {
		t.Fatal("one signatory was enough")
	}
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
	refusedFor(t, second(g.ConfirmFiled(t.Context(), focal, q.ID, waits.ID)), "art4.4/second-person-missing")
	q, err = g.ConfirmFiled(t.Context(), deputy, q.ID, waits.ID)
	must(t, err)
	if q.State != article4.StateInForce {
		t.Errorf("after the second signatory the request is %s, missing %v", q.State, q.Missing)
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
}

func TestArticle4_2ANonConfidentialDocumentReachesAThirdPartyByARelease(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	analyst, other, focal := h.staff(g, "analyst.piu"), h.signatory(g, "focal.unoct"), h.signatory(g, "focal.wco")
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	if _, err := g.Disclose(t.Context(), analyst, doc.ID, reading()); !isNotFound(err) {
		t.Errorf("without a Release: %v; want not found", err)
	}
	_, err = g.Release(t.Context(), other, doc.ID,
		exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"})
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	readAll(t, g, analyst, d)
	list, err := g.List(t.Context(), analyst, exchange.DocumentQuery{})
	must(t, err)
	if len(list.Items) != 1 || !list.Items[0].Whole {
		t.Errorf("the third party lists %d documents; want the released one, whole", len(list.Items))
	}

	_, _, err = g.Mark(t.Context(), focal, doc.ID,
		exchange.MarkingChange{Marking: article4.Restricted, Reason: "It names ports"})
	must(t, err)
	if _, err := g.Content(t.Context(), analyst, d.ID, nil); err == nil {
		t.Error("after raising the marking the third party still reads")
	}
	notices, err := g.Notices(t.Context(), analyst, exchange.NoticeQuery{})
	must(t, err)
	if len(notices.Items) != 1 || len(notices.Items[0].CopyNumbers) != 1 ||
		strings.Contains(english(notices.Items[0]), m.Title) {
		t.Fatalf("the holder is told %+v; want one notice with the copy number and without the title", notices.Items)
	}
	for name, other := range map[string]exchange.Actor{"the Discloser": focal,
		"the Recipient": h.staff(g, "staff.unoct")} {
		if _, err := g.Acknowledge(t.Context(), other, notices.Items[0].ID,
			exchange.Acknowledgement{Disposition: "destroyed"}); !isNotFound(err) {
			t.Errorf("%s answers the third party's notice: %v; want not found", name, err)
		}
	}
	n, err := g.Acknowledge(t.Context(), analyst, notices.Items[0].ID,
		exchange.Acknowledgement{Disposition: "destroyed"})
	must(t, err)
	if n.Acknowledged == nil {
		t.Error("the answer is not recorded")
	}
	n, err = g.Acknowledge(t.Context(), analyst, n.ID,
		exchange.Acknowledgement{Disposition: "kept", Statement: "Our archive rules"})
	must(t, err)
	if n.Acknowledged.Disposition != "kept" {
		t.Errorf("corrected to %+v", n.Acknowledged)
	}
}

func TestReading0002LoweringAMarkingTakesTwoPeopleOfTheDiscloser(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published in June"}
	_, waits, err := g.Mark(t.Context(), focal, doc.ID, lower)
	must(t, err)
	if waits == nil {
		t.Fatal("one person lowered a marking")
	}
	_, _, err = g.Mark(t.Context(), focal, doc.ID, lower)
	refusedFor(t, err, "art4.9/second-person-missing")
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing",
		"art4.5/not-granted")
	if _, _, err := g.Mark(t.Context(), deputy, doc.ID, lower); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("the second person without If-Match: %v; want ErrChanged", err)
	}
	seen, err := g.Describe(t.Context(), deputy, doc.ID)
	must(t, err)
	lower.IfMatch = seen.ETag
	done, waits, err := g.Mark(t.Context(), deputy, doc.ID, lower)
	must(t, err)
	if waits != nil || done.Marking != article4.NonConfidential {
		t.Errorf("after the second person: waits %v, marked %s", waits, done.Marking)
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	_, _, err = g.Mark(t.Context(), h.signatory(g, "focal.unoct"), doc.ID,
		exchange.MarkingChange{Marking: article4.Confidential, Reason: "We would rather"})
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("the Recipient marks the Discloser's document: %v; want a refusal", err)
	}
}

func TestArticle4_4AnEntityNamedLaterSuspendsUntilItAuthorizes(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	_, _, err := g.ChangeEntities(t.Context(), focal, doc.ID,
		exchange.EntitiesChange{Add: []article4.OrganisationID{customs}})
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
	remove := exchange.EntitiesChange{Remove: customs, Reason: "It was another administration"}
	// the request was put to it
	refusedFor(t, third(g.ChangeEntities(t.Context(), focal, doc.ID, remove)), "art4.4/entity-was-asked")
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
}

// Reading 0001: before anything was put to an entity, two people of the Discloser take it off.
func TestReading0001AnEntityToWhichNothingWasPutIsTakenOffByTwo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	remove := exchange.EntitiesChange{Remove: customs, Reason: "It was another administration"}
	_, waits, err := g.ChangeEntities(t.Context(), focal, doc.ID, remove)
	must(t, err)
	if waits == nil {
		t.Fatal("one person removed an entity concerned")
	}
	_, waits, err = g.ChangeEntities(t.Context(), deputy, doc.ID, remove)
	must(t, err)
	if waits != nil {
		t.Error("two people were not enough")
	}
}

// Reading 0001 with 0002: what an entity is concerned by is not lowered before it authorized the lowering.
func TestReading0001ALoweringWaitsForTheEntitiesConcerned(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published in June"}
	must(t, third(g.Mark(t.Context(), h.signatory(g, "focal.wco"), doc.ID, lower)))
	refusedFor(t, third(g.Mark(t.Context(), h.signatory(g, "deputy.wco"), doc.ID, lower)),
		"art4.4/authorization-missing")
}

func TestArticle4_9ANewVersionCarriesNothingOverAndItsHoldersAreTold(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	next, err := g.Correct(t.Context(), staff, doc.ID,
		exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects,
			Explanation: "The date on page 2 was wrong.", KeepPrevious: true,
			Size: -1}, content(secret+" Corrected."))
	must(t, err)
	if next.VersionNumber != 2 || next.Version == doc.Version {
		t.Errorf("the new version is number %d, %s", next.VersionNumber, next.Version)
	}
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/other-version",
		"art4.5/not-granted")
	earlier := reading()
	earlier.Version = doc.Version
	_, err = g.Disclose(t.Context(), reader, doc.ID, earlier)
	must(t, err)
	notices, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{})
	must(t, err)
	if notices.Items = noticesOf(notices.Items, "correction"); len(notices.Items) != 1 {
		t.Errorf("the holder is told %+v; want the correction", notices.Items)
	}
	_, err = g.Correct(t.Context(), staff, doc.ID,
		exchange.Correction{SourcesDeclared: true, Kind: article4.Replaces,
			Explanation: "Nothing of it was right.", Size: -1},
		content(secret+" Replaced."))
	must(t, err)
	versions, err := g.Versions(t.Context(), staff, doc.ID)
	must(t, err)
	if len(versions) != 3 || versions[0].Number != 3 || versions[0].Closed || !versions[1].Closed ||
		versions[2].Closed {
		t.Errorf("versions %+v; want three, the second closed", versions)
	}
	refusedFor(t, second(g.Correct(t.Context(), reader, doc.ID,
		exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects,
			Explanation: "We know better.", Size: -1}, content("x"))),
		"art4.9/no-authority")
}

func TestReading0006ARecallEndsEveryGrantAndAsksTheHolders(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	_, err = g.Recall(t.Context(), focal, doc.ID, "It was sent too early.")
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-withdrawn")
	notices, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{})
	must(t, err)
	notices.Items = noticesOf(notices.Items, "recall")
	if len(notices.Items) != 1 || notices.Items[0].CopyNumbers[0] != d.CopyNumber {
		t.Errorf("the holder is told %+v; want the recall with copy %s", notices.Items, d.CopyNumber)
	}
}

func TestAWrongFileIsDestroyedByTwoPeopleAndOpenedByNobody(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, deputy, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"),
		h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	waits, err := g.Destroy(t.Context(), focal, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if waits == nil {
		t.Fatal("one person destroyed a version")
	}
	waits, err = g.Destroy(t.Context(), deputy, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if waits != nil {
		t.Error("two people were not enough")
	}
	for _, a := range []exchange.Actor{staff, focal, reader} {
		if _, err := g.Disclose(t.Context(), a, doc.ID, reading()); err == nil {
			t.Error("a destroyed version was disclosed")
		}
	}
	// nor is it asked for
	refusedFor(t, second(g.Request(t.Context(), reader, doc.ID, ask(g, unoct))), "art4.9/version-destroyed")
	if n := h.count(`SELECT count(*) FROM version WHERE wrapped_key IS NOT NULL`); n != 0 {
		t.Error("the key of a destroyed version is still there")
	}
}

func TestArticle4_6AnEmergencyStopHoldsFromTheNextByteAndTwoLiftIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, strings.Repeat(secret, 100_000))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	transfer, err := g.Content(t.Context(), reader, d.ID, nil)
	must(t, err)
	stop, err := g.Suspend(t.Context(), focal, exchange.Suspension{Document: doc.ID, Reason: "A leak is suspected"})
	must(t, err)
	select {
	case <-transfer.Cut():
	case <-time.After(3 * time.Second):
		t.Error("the running download was not cut")
	}
	must(t, transfer.Finish(t.Context(), 0))
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.6/suspended")
	_, waits, err := g.Lift(t.Context(), focal, stop.ID, "It was nothing")
	must(t, err)
	if waits == nil {
		t.Fatal("one person lifted a suspension")
	}
	_, waits, err = g.Lift(t.Context(), deputy, stop.ID, "It was nothing")
	must(t, err)
	if waits != nil {
		t.Error("two people were not enough")
	}
	_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	if _, err := g.Suspend(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.Suspension{Document: doc.ID, Reason: "We do not like it"}); err == nil {
		t.Error("the Recipient suspended the Discloser's document")
	}
}

func TestTheAccountingReachesAsFarAsTheCallersStanding(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	for _, a := range []exchange.Actor{staff, reader} {
		d, err := g.Disclose(t.Context(), a, doc.ID, reading())
		must(t, err)
		readAll(t, g, a, d)
	}
	for _, tt := range []struct {
		who  exchange.Actor
		want int
	}{{focal, 2}, {reader, 1}} {
		seen, err := g.History(t.Context(), tt.who, doc.ID, exchange.Paging{})
		must(t, err)
		if len(seen.Items) != tt.want {
			t.Errorf("%s sees %d disclosures; want %d", tt.who.Organisation().Short, len(seen.Items), tt.want)
		}
		for _, item := range seen.Items {
			if item.Bytes != int64(len(secret)) {
				t.Errorf("%d bytes left; want %d", item.Bytes, len(secret))
			}
		}
	}
	if _, err := g.History(t.Context(), h.staff(g, "analyst.piu"), doc.ID, exchange.Paging{}); !isNotFound(err) {
		t.Errorf("without standing: %v; want not found", err)
	}
}

func TestADryRunAboutOthersIsForTheDisclosersSignatoriesAndAuditors(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader, analyst := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct"), h.staff(g, "analyst.piu")
	doc := granted(t, h, g, reader, secret)
	e, err := g.Explain(t.Context(), focal,
		exchange.Question{Document: doc.ID, Person: reader.Person(), Action: article4.ActDisclose, Purpose: "art2.e"})
	must(t, err)
	if !e.Allowed || e.Relies == "" || e.Entry == "" {
		t.Errorf("about the reader with a grant: %+v; want allowed, resting on the request", e)
	}
	e, err = g.Explain(t.Context(), focal,
		exchange.Question{Document: doc.ID, Person: analyst.Person(), Action: article4.ActDisclose, Purpose: "art2.e"})
	must(t, err)
	if e.Allowed || len(e.Reasons) == 0 {
		t.Errorf("about the third party: %+v; want the reasons why not", e)
	}
	if _, err := g.Explain(t.Context(), reader,
		exchange.Question{Document: doc.ID, Person: analyst.Person(), Action: article4.ActDisclose}); err == nil {
		t.Error("the Recipient's staff asked about others")
	}
	e, err = g.Explain(t.Context(), reader, exchange.Question{Document: doc.ID, Action: article4.ActDisclose})
	must(t, err)
	if !e.Allowed {
		t.Errorf("about oneself: %+v; want allowed", e)
	}
}

func TestSomebodySuspendedListsNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	_, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	_, err = g.Suspend(t.Context(), focal, exchange.Suspension{Person: staff.Person(), Reason: "Left the organisation"})
	must(t, err)
	list, err := g.List(t.Context(), staff, exchange.DocumentQuery{})
	must(t, err)
	if len(list.Items) != 0 {
		t.Errorf("somebody suspended lists %d documents; want none", len(list.Items))
	}
	refusedFor(t, second(g.Deposit(t.Context(), staff, metadata(), content(secret))), "art4.6/suspended")
}
