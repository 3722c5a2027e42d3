package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
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
	later := time.Now().AddDate(5, 0, 0).Format(time.RFC3339)
	for _, tt := range []struct{ name, alter, restore string }{
		{"the marking", `UPDATE document SET marking = 'non-confidential'`, `UPDATE document SET marking = 'confidential'`},
		{"proprietary", `UPDATE document SET proprietary = true`, `UPDATE document SET proprietary = false`},
		{"the purposes", `INSERT INTO document_purpose SELECT id, 'art3.a' FROM document`, `DELETE FROM document_purpose WHERE code = 'art3.a'`},
		{"the entities concerned", `INSERT INTO document_entity SELECT id, 'org_customs-exampleland' FROM document`, `DELETE FROM document_entity`},
		{"the term of the request", `UPDATE access_request SET until = '` + later + `'`, ``},
		{"the people named", `INSERT INTO request_person SELECT id, '` + string(other.Person()) + `' FROM access_request`, `DELETE FROM request_person`},
		{"the term of the decision", `UPDATE decision SET until = '` + later + `'`, ``},
		{"the recipient of the decision", `UPDATE decision SET recipient = 'org_wco'`, `UPDATE decision SET recipient = 'org_unoct'`},
		{"a refusal made a decision", `UPDATE decision SET given = NOT given`, `UPDATE decision SET given = NOT given`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.superuser(`CREATE TABLE kept AS SELECT id, until FROM access_request UNION ALL SELECT id, until FROM decision`)
			h.superuser(tt.alter)
			refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/storage-unavailable")
			_, err := g.Content(t.Context(), reader, d.ID, nil)
			refusedFor(t, err, "gateway/storage-unavailable")
			if tt.restore != "" {
				h.superuser(tt.restore)
			}
			for _, table := range []string{"access_request", "decision"} {
				h.superuser(fmt.Sprintf(`UPDATE %s SET until = kept.until FROM kept WHERE kept.id = %s.id`, table, table))
			}
			h.superuser(`DROP TABLE kept`)
			_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
			must(t, err)
		})
	}
}
