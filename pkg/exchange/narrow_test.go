package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// patient is a gateway that decides running downloads again only when it is told to: what a narrowing act cuts here, it
// cut by its own word, and not because the clock came round.
func patient(s *exchange.Settings) { s.SilenceAfter = time.Hour }

// narrowing is a fixture with a download that runs on one replica while something narrows on the other.
type narrowing struct {
	*fixture
	t        *testing.T
	one, two *exchange.Gateway
}

// readBy is a download of a document that is for another Party's people under a grant, or, non-confidential, under
// none.
func (n *narrowing) readBy(reader exchange.Actor, m article4.Marking) (exchange.Document, exchange.AccessRequest,
	*exchange.Transfer) {
	n.t.Helper()
	meta := metadata()
	meta.Marking = m
	doc, err := n.one.Deposit(n.t.Context(), n.staff(n.one, "staff.wco"), meta, content(secret))
	must(n.t, err)
	var q exchange.AccessRequest
	if m.Protected() {
		q = n.decision(doc.ID, reader)
	}
	d, err := n.two.Disclose(n.t.Context(), reader, doc.ID, reading())
	must(n.t, err)
	transfer, err := n.two.Content(n.t.Context(), reader, d.ID, nil)
	must(n.t, err)
	return doc, q, transfer
}

// decision is a request in force: by an authorization for people of the Recipient, by a consent for those of a third
// party.
func (n *narrowing) decision(id article4.DocumentID, reader exchange.Actor) exchange.AccessRequest {
	n.t.Helper()
	of := reader.Organisation()
	request, act := ask(n.one, of.ID), article4.ActAuthorize
	request.People = []article4.PersonID{reader.Person()}
	if of.Kind == article4.ThirdParty {
		act = article4.ActConsent
	}
	q, err := n.one.Request(n.t.Context(), n.signatory(n.one, "focal.unoct"), id, request)
	must(n.t, err)
	q, err = n.one.Decide(n.t.Context(), n.signatory(n.one, "focal.wco"), q.ID, verdict(act, q))
	must(n.t, err)
	return q
}

// Every act that narrows cuts what runs, on every replica, from the next byte, by the word that goes out with its
// commit. The fixture looks by itself as well, but twelve times a minute only.
func TestEveryNarrowingActCutsARunningDownloadByItsOwnWord(t *testing.T) {
	h := newFixture(t)
	n := &narrowing{fixture: h, t: t, one: h.gateway(patient), two: h.gateway(patient)}
	g, ctx := n.one, t.Context()
	focal, deputy, staff := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.wco")
	other, reader := h.signatory(g, "focal.unoct"), h.staff(g, "staff.unoct")
	analyst, officer, stopped := h.staff(g, "analyst.piu"), h.staff(g, "officer.customs"), h.staff(g, "stopped.unoct")
	for _, c := range []struct {
		act     string
		reader  exchange.Actor
		marking article4.Marking
		narrow  func(d exchange.Document, q exchange.AccessRequest) error
	}{
		{"a withdrawal", reader, article4.Confidential, func(_ exchange.Document, q exchange.AccessRequest) error {
			return second(g.Withdraw(ctx, focal, q.ID, exchange.Withdrawal{Statement: "No longer"}))
		}},
		{"a recall", reader, article4.Confidential, func(d exchange.Document, _ exchange.AccessRequest) error {
			return second(g.Recall(ctx, focal, d.ID, "It is wrong"))
		}},
		{"a leak report", reader, article4.Confidential, func(d exchange.Document, _ exchange.AccessRequest) error {
			return second(g.ReportLeak(ctx, reader, d.ID, "It was in a newspaper"))
		}},
		{"a suspension of the document", reader, article4.Confidential,
			func(d exchange.Document, _ exchange.AccessRequest) error {
				return second(g.Suspend(ctx, focal, exchange.Suspension{Document: d.ID, Reason: "A doubt"}))
			}},
		{"a suspension of the reader", stopped, article4.Confidential,
			func(exchange.Document, exchange.AccessRequest) error {
				return second(g.Suspend(ctx, other, exchange.Suspension{Person: stopped.Person(), Reason: "A doubt"}))
			}},
		{"a suspension of the third party", officer, article4.Confidential,
			func(exchange.Document, exchange.AccessRequest) error {
				return second(g.Suspend(ctx, focal, exchange.Suspension{Organisation: customs, Reason: "A doubt"}))
			}},
		{"a marking that is raised", reader, article4.NonConfidential,
			func(d exchange.Document, _ exchange.AccessRequest) error {
				return third(g.Mark(ctx, focal, d.ID,
					exchange.MarkingChange{Marking: article4.Restricted, Reason: "It names a port"}))
			}},
		{"an entity that is named", reader, article4.Confidential,
			func(d exchange.Document, _ exchange.AccessRequest) error {
				return third(g.ChangeEntities(ctx, focal, d.ID,
					exchange.EntitiesChange{Add: []article4.OrganisationID{customs}}))
			}},
		{"a new version that closes the one before", reader, article4.Confidential,
			func(d exchange.Document, _ exchange.AccessRequest) error {
				return second(g.Correct(ctx, staff, d.ID,
					exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects,
						Explanation: "The date was wrong.", Size: -1},
					content("Corrected.")))
			}},
		{"a destruction", reader, article4.Confidential, func(d exchange.Document, _ exchange.AccessRequest) error {
			must(t, second(g.Destroy(ctx, focal, d.ID, d.Version, "The wrong file")))
			return second(g.Destroy(ctx, deputy, d.ID, d.Version, "The wrong file"))
		}},
		{"another record of the third party", analyst, article4.Confidential,
			func(exchange.Document, exchange.AccessRequest) error {
				before, err := g.Organisation(ctx, focal, piu)
				must(t, err)
				proposed, _, err := g.ProposeOrganisation(ctx, other,
					exchange.OrganisationProposed{Changes: piu, Name: "Ministry of the Interior",
						Type: before.Type, Country: before.Country, Issuer: before.Issuer})
				must(t, err)
				return second(g.ConfirmOrganisation(ctx, focal, piu, proposed.ETag))
			}},
		{"an agreement that is put to the third party", analyst, article4.Confidential,
			func(exchange.Document, exchange.AccessRequest) error {
				return second(g.Propose(ctx, other,
					exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."}))
			}},
	} {
		d, q, running := n.readBy(c.reader, c.marking)
		must(t, c.narrow(d, q))
		select {
		case <-running.Cut():
		case <-time.After(2 * time.Second):
			t.Errorf("%s: the running download was not cut within 2 s", c.act)
		}
		must(t, running.Finish(ctx, 0))
	}
	h.inOrder(g)
}
