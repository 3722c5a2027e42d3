package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/register"
)

// The object of a version that stands is not removed because a row says so: the gateway's own login cannot say it, and
// where somebody else did, it stays, and the auditors are told.
func TestWhatIsStoredIsNotRemovedBecauseARowSaysSo(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	doc, d := wasReceived(t, h, g, secret)
	reader := h.staff(g, "staff.unoct")
	for _, set := range []string{`state = 'abandoned'`, `state = 'open', heartbeat_at = '2020-01-01'`,
		`state = 'staged'`, `object = 'documents/other'`, `id = 'upl_other'`} {
		if err := h.asApp(`UPDATE upload SET ` + set); err == nil {
			t.Errorf("%s: the gateway's login may say so", set)
		}
	}
	stood := h.objects()
	h.superuser(`INSERT INTO upload SELECT 'upl_other', organisation, person, 'documents/other', 'stored', opened_at,
		heartbeat_at FROM upload LIMIT 1`)
	h.superuser(`CREATE TABLE kept AS SELECT * FROM version`)
	for _, alter := range []string{`UPDATE upload SET state = 'abandoned'`,
		`UPDATE version SET closed_at = now(), destroyed_at = now(), wrapped_key = NULL`,
		`UPDATE version v SET closed_at = NULL, destroyed_at = NULL, wrapped_key = k.wrapped_key,
			upload = 'upl_other' FROM kept k`} {
		h.superuser(`ALTER TABLE upload DISABLE TRIGGER ALL; ALTER TABLE version DISABLE TRIGGER ALL; ` + alter)
		if err := g.Sweep(t.Context()); !errors.Is(err, register.ErrAltered) {
			t.Errorf("%s: the operations log is told %v", alter, err)
		}
		if n := h.objects(); n != stood {
			t.Errorf("%s: %d objects stand; want %d", alter, n, stood)
		}
	}
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'alteration' AND document = '` + string(doc.ID) +
		`'`); n != 2 {
		t.Errorf("%d notices; want one for each Party", n)
	}
	h.superuser(`UPDATE version SET upload = kept.upload FROM kept`)
	must(t, second(received(t, g, reader, d.ID)))
}

// Nothing but what the gateway seals content in is removed by its name.
func TestNothingBesideContentIsRemovedBecauseARowNamesIt(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	h.staff(g, "staff.wco")
	client, err := h.store.Client()
	must(t, err)
	for _, object := range []string{"log/checkpoint", "other"} {
		must(t, second(client.PutObject(t.Context(), h.bucket, object, strings.NewReader("x"), 1,
			minio.PutObjectOptions{})))
	}
	must(t, h.asApp(`INSERT INTO upload (id, organisation, person, object, state, opened_at, heartbeat_at)
		SELECT 'upl_' || name, 'org_wco', (SELECT min(id) FROM person), name, 'abandoned', now(), now()
		FROM unnest(ARRAY['log/checkpoint', 'other']) AS one (name)`))
	if err := g.Sweep(t.Context()); !errors.Is(err, register.ErrAltered) {
		t.Errorf("the operations log is told %v", err)
	}
	if n := h.objects(); n != 2 {
		t.Errorf("%d objects stand; want 2", n)
	}
}
