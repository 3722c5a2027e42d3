package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What ends for one document of a series ends for that document alone: what stands for the series goes on serving the
// others, and no auditor finds anything wrong. Nobody revives it by deleting rows.
func TestReading0111WhatEndsForOneDocumentOfASeriesStandsForTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(t *testing.T, g *exchange.Gateway, by exchange.Actor, doc exchange.Document)
		code []article4.Code
	}{
		"its purpose is taken off": {func(t *testing.T, g *exchange.Gateway, by exchange.Actor, doc exchange.Document) {
			seen, err := g.Describe(t.Context(), by, doc.ID)
			must(t, err)
			left := []article4.PurposeCode{"art2.e"}
			must(t, second(g.Amend(t.Context(), by, doc.ID,
				exchange.Amendment{Purposes: &left, Reason: "Not for this", IfMatch: seen.ETag})))
		}, []article4.Code{"art4.4/authorization-withdrawn", "art4.7/purpose-not-permitted"}},
		"it is recalled": {func(t *testing.T, g *exchange.Gateway, by exchange.Actor, doc exchange.Document) {
			must(t, second(g.Recall(t.Context(), by, doc.ID, "The wrong week")))
		}, []article4.Code{"art4.4/authorization-withdrawn"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			g := h.gateway()
			focal, staff := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco")
			reader := h.staff(g, "staff.unoct")
			s, err := g.OpenSeries(t.Context(), focal, exchange.SeriesOpened{
				Name:             "Weekly arrivals",
				Markings:         []article4.Marking{article4.Restricted},
				Purposes:         []article4.PurposeCode{"art2.e", "art2.f"},
				EntitiesDeclared: true,
			})
			must(t, err)
			m := metadata()
			m.Marking, m.Purposes, m.Series = article4.Restricted, []article4.PurposeCode{"art2.e", "art2.f"}, s.ID
			must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
			ended, err := g.Deposit(t.Context(), staff, m, content("week one"))
			must(t, err)
			before, err := g.Deposit(t.Context(), staff, m, content("week two"))
			must(t, err)
			must(t, second(fetchFor(t, g, reader, ended.ID)))

			c.end(t, g, focal, ended)
			_, err = fetchFor(t, g, reader, ended.ID)
			refusedFor(t, err, c.code...)
			after, err := g.Deposit(t.Context(), staff, m, content("week three"))
			must(t, err)
			for _, doc := range []exchange.Document{before, after} {
				if _, err := fetchFor(t, g, reader, doc.ID); err != nil {
					t.Errorf("another document of the series: %v", err)
				}
			}
			h.inOrder(g)

			h.superuser(`DELETE FROM withdrawal`)
			h.superuser(`INSERT INTO document_purpose SELECT id, 'art2.f' FROM document ON CONFLICT DO NOTHING`)
			_, err = fetchFor(t, g, reader, ended.ID)
			refusedFor(t, err, "gateway/altered")
			must(t, second(fetchFor(t, g, reader, after.ID)))
		})
	}
}
