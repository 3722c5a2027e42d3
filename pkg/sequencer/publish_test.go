package sequencer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

func bucket(tb testing.TB) *objects.Log {
	tb.Helper()
	server, name := devtest.NewBucket(tb)
	s, err := objects.New(objects.Config{
		Endpoint:  server.Endpoint(),
		AccessKey: server.AccessKey,
		SecretKey: server.SecretKey,
		Bucket:    name,
		Region:    devstack.StoreRegion,
		Prefix:    "chancery/",
		Idle:      2 * time.Second,
	})
	must(tb, err)
	return s.Log()
}

// publishing makes a replica that publishes; it does not run yet.
func (h *fixture) publishing(tb testing.TB, p sequencer.Publisher) *sequencer.Sequencer {
	tb.Helper()
	s, err := sequencer.New(sequencer.Config{
		DB:        h.open(tb, h.seqURL, 8),
		Signer:    h.signer,
		Verifier:  h.verifier,
		Origin:    origin,
		Publisher: p,
		Now:       time.Now,
		Logger:    slog.New(slog.DiscardHandler),
	})
	must(tb, err)
	return s
}

func start(tb testing.TB, s *sequencer.Sequencer) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	tb.Cleanup(stop)
	return stop
}

// add appends n entries and waits until they are in a signed tree.
func (h *fixture) add(tb testing.TB, s *sequencer.Sequencer, n int) {
	tb.Helper()
	for i := range n {
		e := entry(wco, unoct)
		if i%3 == 0 {
			e = entry(wco)
		}
		_, err := h.append(tb.Context(), s, e)
		must(tb, err)
		if i == n-1 {
			_, err = s.Receipt(tb.Context(), e.Body.ID)
			must(tb, err)
		}
	}
}

// published waits until the store holds so many entries, and says how long that took.
func published(tb testing.TB, s *sequencer.Sequencer, size int64) time.Duration {
	tb.Helper()
	began := time.Now()
	for s.Health().Published < size {
		if time.Since(began) > 8*time.Second {
			tb.Fatalf("%d entries published, not %d: %v", s.Health().Published, size, s.Health().PublishErr)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}

func TestTheLogIsPublishedWithinASecondAndFits(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	one, two := h.publishing(t, store), h.publishing(t, store)
	must(t, one.CheckPublished(t.Context()))
	start(t, one)
	start(t, two)
	h.add(t, one, 300)
	if took := published(t, one, 300); took > time.Second {
		t.Logf("published after %s", took)
	}
	published(t, two, 300)
	h.add(t, two, 5)
	published(t, two, 305)
	signed, _, err := store.Read(t.Context(), "checkpoint")
	must(t, err)
	c, err := ledger.OpenCheckpoint(signed, h.verifier)
	must(t, err)
	if c.Size() != 305 {
		t.Errorf("a checkpoint of %d entries is published; want 305", c.Size())
	}
	for _, path := range []string{"tile/0/000", "tile/0/001.p/49", "tile/1/000.p/1", "tile/entries/000",
		"tile/entries/001.p/49"} {
		if data, _, err := store.Read(t.Context(), path); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", path, len(data), err)
		}
	}
	if behind := one.Behind(); behind > time.Second {
		t.Errorf("behind by %s", behind)
	}
	checked := h.check(t, one)
	if len(checked.Problems) > 0 || checked.Entries != 305 || checked.Published != 305 {
		t.Errorf("%+v", checked)
	}
	must(t, h.publishing(t, store).CheckPublished(t.Context()))
}

// check runs CheckStored as the sequencer's own login.
func (h *fixture) check(tb testing.TB, s *sequencer.Sequencer) sequencer.Checked {
	tb.Helper()
	var out sequencer.Checked
	db := h.open(tb, h.seqURL, 2)
	defer func() { must(tb, db.Close()) }() // at once: a thousand checks would use up the server's connections
	must(tb, db.InTx(tb.Context(), func(tx *postgres.Tx) error {
		var err error
		out, err = s.CheckStored(tb.Context(), tx)
		return err
	}))
	return out
}

func TestAnOlderDatabaseIsRefusedAtTheStart(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 20)
	published(t, s, 20)
	stop()
	older := newFixture(t) // a dump from before the first entry, with the same key
	older.signer, older.verifier = h.signer, h.verifier
	err := older.publishing(t, store).CheckPublished(t.Context())
	if !errors.Is(err, sequencer.ErrInconsistent) || !strings.Contains(err.Error(), "older backup of the database") {
		t.Errorf("an older database: %v", err)
	}
	// The same size, another history.
	forked := older.replica(t, time.Second)
	start(t, forked)
	older.add(t, forked, 20)
	if err := older.publishing(t, store).CheckPublished(t.Context()); !errors.Is(err, sequencer.ErrInconsistent) {
		t.Errorf("another history: %v", err)
	}
	foreign := newFixture(t)
	if err := foreign.publishing(t, store).CheckPublished(t.Context()); !errors.Is(err, sequencer.ErrInconsistent) {
		t.Errorf("another gateway's bucket: %v", err)
	}
}

func TestAnOlderBucketIsRefusedAndCanBePublishedAgain(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 270)
	published(t, s, 270)
	stop()
	lost := bucket(t)
	again := h.publishing(t, lost)
	err := again.CheckPublished(t.Context())
	if !errors.Is(err, sequencer.ErrInconsistent) || !strings.Contains(err.Error(), "older bucket") {
		t.Fatalf("an empty bucket: %v", err)
	}
	must(t, again.Republish(t.Context()))
	must(t, again.CheckPublished(t.Context()))
	if checked := h.check(t, again); len(checked.Problems) > 0 || checked.Published != 270 {
		t.Errorf("%+v", checked)
	}
}

// meanwhile is a store in which more is published each time that somebody looks how far the log is.
type meanwhile struct {
	sequencer.Publisher
	happens func()
}

func (m meanwhile) Read(ctx context.Context, path string) ([]byte, string, error) {
	if path == "checkpoint" {
		m.happens()
	}
	return m.Publisher.Read(ctx, path)
}

// log check runs beside gateways: what they append and publish while it looks contradicts nothing.
func TestACheckBesideAGatewayThatPublishesRaisesNoAlarm(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	start(t, s)
	h.add(t, s, 3)
	published(t, s, 3)
	size := int64(3)
	beside := h.publishing(t, meanwhile{store, func() {
		h.add(t, s, 2)
		size += 2
		published(t, s, size)
	}})
	runs := 20 // LOG_CHECKS asks for more
	if asked := os.Getenv("LOG_CHECKS"); asked != "" {
		var err error
		runs, err = strconv.Atoi(asked)
		must(t, err)
	}
	for range runs {
		checked := h.check(t, beside)
		if len(checked.Problems) > 0 {
			t.Fatalf("%+v", checked)
		}
		must(t, beside.CheckPublished(t.Context()))
	}
}

// A gateway does not go on from a store in which the newest of what was published is missing.
func TestMissingTilesEndTheStart(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 5)
	published(t, s, 5)
	stop()
	must(t, h.publishing(t, store).CheckPublished(t.Context()))
	for _, dir := range []string{"tile/entries/000.p", "tile/0/000.p"} {
		must(t, store.Prune(t.Context(), dir))
		err := h.publishing(t, store).CheckPublished(t.Context())
		if !errors.Is(err, sequencer.ErrInconsistent) ||
			!strings.Contains(err.Error(), dir+"/5 was published and is missing") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	must(t, h.publishing(t, store).Republish(t.Context()))
	must(t, h.publishing(t, store).CheckPublished(t.Context()))
}

// A store that is altered under a gateway that runs stops it: nothing is signed beside what contradicts it.
func TestAStoreThatContradictsWhatIsSignedStopsTheSigning(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	h.add(t, s, 3)
	published(t, s, 3)
	if _, err := store.Create(t.Context(), sequencer.TilePath(0, 0, 4), []byte("of another log")); err != nil {
		t.Fatal(err)
	}
	h.add(t, s, 1)
	select {
	case err := <-done:
		if !errors.Is(err, sequencer.ErrInconsistent) {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
	stopped := s.Health()
	_, err := h.append(t.Context(), s, entry(wco))
	must(t, err)
	if now := s.Health(); now.Ready(time.Minute) || now.Contradictions != 1 || now.Published != 3 ||
		now.CheckpointSize != stopped.CheckpointSize || !errors.Is(now.Err, sequencer.ErrInconsistent) {
		t.Errorf("%+v", now)
	}
}

// What the gateway did not come to publish before it was killed, it publishes at the next start.
func TestWhatWasNotPublishedYetIsPublishedAtTheNextStart(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	unpublished := h.replica(t, time.Second)
	stop := start(t, unpublished)
	h.add(t, unpublished, 10)
	stop()
	s := h.publishing(t, store)
	must(t, s.CheckPublished(t.Context()))
	start(t, s)
	published(t, s, 10)
}

// flaky is a store that can be taken away.
type flaky struct {
	sequencer.Publisher
	away atomic.Bool
}

var errAway = errors.New("away")

func (f *flaky) Create(ctx context.Context, path string, data []byte) (bool, error) {
	if f.away.Load() {
		return false, errAway
	}
	return f.Publisher.Create(ctx, path, data)
}

// slow is a store that takes its time.
type slow struct{ sequencer.Publisher }

func (p slow) Create(ctx context.Context, path string, data []byte) (bool, error) {
	time.Sleep(10 * time.Millisecond)
	return p.Publisher.Create(ctx, path, data)
}

func TestALogThatGrowsWithoutAPauseIsNotTakenForUnpublished(t *testing.T) {
	h := newFixture(t)
	s := h.publishing(t, slow{bucket(t)})
	start(t, s)
	h.add(t, s, 1)
	published(t, s, 1)
	until := time.Now().Add(5 * time.Second)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for time.Now().Before(until) {
				if _, err := h.append(t.Context(), s, entry(wco)); err != nil {
					t.Error(err)
				}
				s.Wake()
			}
		})
	}
	for time.Now().Before(until) {
		if behind := s.Behind(); behind > 3*time.Second {
			t.Errorf("behind by %s with %d of %d entries published", behind, s.Health().Published,
				s.Health().CheckpointSize)
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	callers.Wait()
}

func TestContentStopsWhileTheLogIsUnpublishedForTooLong(t *testing.T) {
	h := newFixture(t)
	store := &flaky{Publisher: bucket(t)}
	s := h.publishing(t, store)
	start(t, s)
	h.add(t, s, 1)
	published(t, s, 1)
	store.away.Store(true)
	waiting := entry(wco)
	_, err := h.append(t.Context(), s, waiting)
	must(t, err)
	devtest.Eventually(t, "the log is known to be unpublished", func() bool { return s.Behind() > 0 })
	s.BehindFor(5 * time.Second) // the publisher goes on trying, and keeps since when it does
	if _, err = s.Receipt(t.Context(), waiting.Body.ID); err != nil {
		t.Errorf("after 5 s: %v", err)
	}
	s.BehindFor(11 * time.Second)
	if _, err = s.Receipt(t.Context(), waiting.Body.ID); !errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("after 11 s: %v; want unavailable after 10 s", err)
	}
	if s.Health().Ready(10 * time.Second) {
		t.Error("ready, though unpublished for more than 10 s")
	}
	store.away.Store(false)
	published(t, s, s.Health().CheckpointSize)
	e := entry(wco)
	_, err = h.append(t.Context(), s, e)
	must(t, err)
	if _, err := s.Receipt(t.Context(), e.Body.ID); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}

func TestTheOldKeyVouchesForTheNew(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	private, oldKey, err := ledger.GenerateKey(origin)
	must(t, err)
	h.signer, err = note.NewSigner(private)
	must(t, err)
	h.verifier, err = note.NewVerifier(oldKey)
	must(t, err)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 3)
	published(t, s, 3)
	stop()
	before := h.verifier

	private, newKey, err := ledger.GenerateKey(origin)
	must(t, err)
	rotation, err := ledger.SignRotation(h.signer, oldKey, newKey)
	must(t, err)
	h.signer, err = note.NewSigner(private)
	must(t, err)
	h.verifier, err = note.NewVerifier(newKey)
	must(t, err)
	if err := h.publishing(t, store).CheckPublished(t.Context()); !errors.Is(err, sequencer.ErrInconsistent) {
		t.Errorf("a key that nobody vouches for: %v", err)
	}
	must(t, sequencer.Rotate(t.Context(), h.open(t, h.seqURL, 1), rotation))
	s = h.publishing(t, store)
	must(t, s.CheckPublished(t.Context()))
	start(t, s)
	h.add(t, s, 3)
	published(t, s, 6)
	signed, _, err := store.Read(t.Context(), "checkpoint")
	must(t, err)
	keys, err := ledger.Keys([]note.Verifier{before}, [][]byte{rotation})
	must(t, err)
	if _, err := ledger.OpenCheckpoint(signed, keys[1]); err != nil {
		t.Errorf("whoever trusts the old key does not open the new checkpoint: %v", err)
	}
	if checked := h.check(t, s); len(checked.Problems) > 0 {
		t.Errorf("%+v", checked)
	}
}

func TestATilePathHasOneSpelling(t *testing.T) {
	for path, want := range map[string][3]int64{
		"tile/0/000": {0, 0, 256}, "tile/3/x001/x234/067.p/9": {3, 1234067, 9},
		"tile/entries/x001/000.p/255": {-1, 1000, 255},
	} {
		level, index, width, err := sequencer.ParseTilePath(path)
		if err != nil || [3]int64{int64(level), index, int64(width)} != want ||
			sequencer.TilePath(level, index, width) != path {
			t.Errorf("%s: %d %d %d, %v", path, level, index, width, err)
		}
	}
	for _, path := range []string{"", "tile/0", "tile/0/0", "tile/0/x000/001", "tile/00/000", "tile/8/000",
		"tile/0/000.p/256", "tile/0/000.p/0", "tile/0/000.p/08",
		"tile/entries/-01", "tile/-1/000", "tile/0/../000", "tile/data/000", "checkpoint", "tile/0/x1/000"} {
		if _, _, _, err := sequencer.ParseTilePath(path); err == nil {
			t.Errorf("%q was taken for a tile", path)
		}
	}
}

// FuzzParseTilePath: whatever is taken for the path of a tile is spelt so.
func FuzzParseTilePath(f *testing.F) {
	f.Add("tile/0/000")
	f.Add("tile/entries/x001/x234/067.p/9")
	f.Fuzz(func(t *testing.T, path string) {
		if level, index, width, err := sequencer.ParseTilePath(path); err == nil &&
			sequencer.TilePath(level, index, width) != path {
			t.Errorf("%q is taken for %q", path, sequencer.TilePath(level, index, width))
		}
	})
}

// Whatever a superuser does to one row is found, unless it leaves what the bytes say alone.
func TestEveryAlterationOfARowIsFound(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 261)
	published(t, s, 261)
	for len(h.stored(t, h.open(t, h.seqURL, 1))) == 0 { // once a second
		time.Sleep(50 * time.Millisecond)
	}
	h.add(t, s, 2)
	asked := refusal("art4.4/authorization-missing", wco)
	_, err := h.append(t.Context(), s, asked)
	must(t, err)
	asked = tracing(t, wco)
	_, err = h.append(t.Context(), s, asked)
	must(t, err)
	published(t, s, 265)
	for len(h.stored(t, h.open(t, h.seqURL, 1))) < 2 { // one is put in the place of another
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	super := h.open(t, h.superuser(h.name), 2)
	for _, attack := range attacks {
		t.Run(attack, func(t *testing.T) {
			undo := errors.New("undo")
			err := super.InTx(t.Context(), func(tx *postgres.Tx) error {
				for _, statement := range append([]string{"SET LOCAL session_replication_role = replica",
					"ALTER TABLE log_entry DISABLE TRIGGER ALL",
					"ALTER TABLE log_seq DISABLE TRIGGER ALL", "ALTER TABLE log_checkpoint DISABLE TRIGGER ALL",
					"ALTER TABLE log_place DISABLE TRIGGER ALL",
					"ALTER TABLE log_entry DROP CONSTRAINT log_entry_hash_is_of_the_body",
					dropWhatReadsBodies},
					strings.Split(attack, ";")...) {
					if err := postgres.Gorm(tx).Exec(statement).Error; err != nil {
						return err
					}
				}
				checked, err := s.CheckStored(t.Context(), tx)
				if errors.Is(err, sequencer.ErrInconsistent) {
					t.Log(err)
					return undo
				}
				if err != nil {
					return err
				}
				if len(checked.Problems) == 0 {
					t.Error("not found")
				} else {
					t.Log(checked.Problems[0])
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Error(err)
			}
		})
	}
	if checked := h.check(t, s); len(checked.Problems) > 0 {
		t.Errorf("false alarm: %v", checked.Problems)
	}
	everyColumnIsAttacked(t, super)
}

// unattacked are the operations that alter nothing of what the log says, each with the reason.
var unattacked = map[string]string{
	"UPDATE log_pending.seq":   "the order in which entries wait; their order in the log is given by the round",
	"UPDATE log_pending.since": "how long an entry has waited: a metric",
	"INSERT log_pending":       "an entry that is queued again is numbered once",
	"UPDATE log_published.at":  "when it was published: a metric",
	"UPDATE log_published.one": "the one row",
	"DELETE log_published":     "the store itself says how much was published",
	"INSERT log_published":     "the one row",
	"UPDATE log_head.one":      "the one row",
	"INSERT log_head":          "the one row",
	"UPDATE log_checkpoint.at": "when it was signed, which the note does not say",
	"DELETE log_checkpoint":    "those that remain, kept ones and the published one still bind",
	"UPDATE log_rotation.id":   "the order of rotations; one that no trusted key signed is passed over",
	"UPDATE log_rotation.note": "an altered rotation vouches for nothing, and then checkpoints by the new key do not " +
		"open",
	"DELETE log_rotation":      "likewise",
	"INSERT log_rotation":      "one that no trusted key signed is passed over",
	"UPDATE log_detail.salt":   "checked when it is opened: the seal, or the commitment, does not fit (pkg/exchange)",
	"UPDATE log_detail.sealed": "likewise",
	"INSERT log_tile":          "a tile of a place that no tree of this size has is never read",
	"UPDATE log_home.one":      "the one row",
	"UPDATE log_home.cluster":  "it says where the log was served, and not what: CheckHome looks, at each start",
	"UPDATE log_home.at":       "since when it is served there",
	"DELETE log_home":          "whoever may do this puts no backup back by mistake; kept checkpoints still bind",
	"INSERT log_home":          "the one row",
}

// dropWhatReadsBodies drops the indexes that take no entry which is not JSON.
const dropWhatReadsBodies = `DO $$ DECLARE one text; BEGIN
	FOR one IN SELECT indexname FROM pg_indexes WHERE tablename = 'log_entry' AND indexdef ~ 'log_(said|found)' LOOP
		EXECUTE 'DROP INDEX ' || one;
	END LOOP;
END $$`

// everyColumnIsAttacked wants each operation on each column of the log's tables among the attacks, or a reason.
func everyColumnIsAttacked(t *testing.T, super *postgres.DB) {
	t.Helper()
	tried := map[string]bool{}
	one := regexp.MustCompile(`(UPDATE|INSERT INTO|DELETE FROM) (log_[a-z]+)(?: SET (.*?)(?: WHERE|$))?`)
	set := regexp.MustCompile(`(?:^|, )([a-z_]+) = `)
	for _, attack := range attacks {
		for statement := range strings.SplitSeq(attack, ";") {
			m := one.FindStringSubmatch(strings.TrimSpace(statement))
			if m == nil {
				t.Fatalf("no attack: %s", statement)
			}
			verb, _, _ := strings.Cut(m[1], " ")
			tried[verb+" "+m[2]] = true
			for _, column := range set.FindAllStringSubmatch(m[3], -1) {
				tried["UPDATE "+m[2]+"."+column[1]] = true
			}
		}
	}
	must(t, super.InTx(t.Context(), func(tx *postgres.Tx) error {
		var columns []struct{ Table, Column string }
		err := postgres.Gorm(tx).Raw(`SELECT c.table_name AS "table", c.column_name AS "column" FROM
			information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
			WHERE c.table_schema = current_schema() AND c.table_name LIKE 'log\_%'
			AND t.table_type = 'BASE TABLE'`).Scan(&columns).Error // views say what tables hold
		if len(columns) < 30 {
			t.Errorf("%d columns", len(columns))
		}
		for _, c := range columns {
			for _, operation := range []string{"UPDATE " + c.Table + "." + c.Column, "DELETE " + c.Table,
				"INSERT " + c.Table} {
				if !tried[operation] && unattacked[operation] == "" {
					t.Errorf("%s is not tried", operation)
				}
			}
		}
		return err
	}))
}

var attacks = []string{
	"UPDATE log_entry SET body = overlay(body PLACING '\\x00' FROM 5), body_hash = sha256(overlay(body PLACING " +
		"'\\x00' FROM 5)) WHERE id = (SELECT entry FROM log_seq WHERE index = 7)",
	"UPDATE log_entry SET body = convert_to(replace(convert_from(body, 'UTF8'), 'permit', 'refuse'), 'UTF8') WHERE " +
		"id = (SELECT entry FROM log_seq WHERE index = 7)",
	"UPDATE log_entry SET nonce = overlay(nonce PLACING '\\xff00' FROM 1) WHERE id = (SELECT entry FROM log_seq " +
		"WHERE index = 8)",
	"UPDATE log_entry SET body_hash = sha256('x') WHERE id = (SELECT entry FROM log_seq WHERE index = 8)",
	"UPDATE log_entry SET parties = '{org_wco,org_other}' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET at = at + interval '1 microsecond' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET kind = 'consent' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET outcome = 'refuse' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET paragraphs = '{4(8)}' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET organisation = 'org_x' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_entry SET document = 'doc_x' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"DELETE FROM log_entry WHERE id = (SELECT entry FROM log_seq WHERE index = 100)",
	"DELETE FROM log_seq WHERE index = 100",
	"DELETE FROM log_seq WHERE index = 264",
	"DELETE FROM log_seq WHERE index = 264; UPDATE log_head SET size = 264",
	"UPDATE log_seq SET index = index + 1000 WHERE index = 50; UPDATE log_seq SET index = 50 WHERE index = 51; " +
		"UPDATE log_seq SET index = 51 WHERE index = 1050",
	"UPDATE log_seq SET leaf = overlay(leaf PLACING '\\x39' FROM 40) WHERE index = 12",
	"INSERT INTO log_seq (index, entry, leaf) SELECT 265, 'ent_forged', leaf FROM log_seq WHERE index = 0; UPDATE " +
		"log_head SET size = 266",
	"DELETE FROM log_place",
	"UPDATE log_place SET word = 'reason:art4.4/consent-missing'",
	"UPDATE log_place SET index = 9",
	"UPDATE log_place SET index = 3000",
	"UPDATE log_place SET at = at - interval '1 day'",
	"INSERT INTO log_place (word, index, at) SELECT 'reason:art4.4/consent-missing', index, at FROM log_place",
	"INSERT INTO log_place (word, index, at) SELECT word, 9, at FROM log_place",
	"INSERT INTO log_place (word, index, at) SELECT 'to:org_unoct', 9, at FROM log_place",
	"UPDATE log_head SET root = sha256('x')",
	"UPDATE log_head SET size = 261",
	"UPDATE log_head SET size = 300",
	"UPDATE log_tile SET data = overlay(data PLACING '\\x0000' FROM 33) WHERE level = 0 AND index = 0",
	"UPDATE log_tile SET data = overlay(data PLACING '\\x0000' FROM 33) WHERE level = 0 AND index = 1",
	"UPDATE log_tile SET data = overlay(data PLACING '\\x0000' FROM 1) WHERE level = 1 AND index = 0",
	"DELETE FROM log_tile WHERE level = 1",
	"DELETE FROM log_tile WHERE level = 0 AND index = 0",
	"UPDATE log_checkpoint SET note = overlay(note PLACING '\\x41' FROM 60)",
	"UPDATE log_checkpoint SET note = (SELECT note FROM log_checkpoint ORDER BY size LIMIT 1) WHERE size = (SELECT " +
		"max(size) FROM log_checkpoint)",
	"INSERT INTO log_checkpoint (size, note, at) VALUES (500, 'x', now())",
	"UPDATE log_party SET n = n - 1 WHERE party = 'org_wco'",
	"UPDATE log_entry SET id = id || 'x' WHERE id = (SELECT entry FROM log_seq WHERE index = 9)",
	"UPDATE log_seq SET entry = 'ent_other' WHERE index = 9",
	"DELETE FROM log_head",
	"UPDATE log_tile SET level = 1, index = 9 WHERE level = 0 AND index = 0",
	"UPDATE log_tile SET width = width - 1, data = substr(data, 1, 32 * (width - 1)) WHERE level = 0 AND index = 1",
	"UPDATE log_checkpoint SET size = size + 7 WHERE size = (SELECT max(size) FROM log_checkpoint)",
	"UPDATE log_party SET party = 'org_other' WHERE party = 'org_wco'",
	"DELETE FROM log_party WHERE party = 'org_wco'",
	"INSERT INTO log_party (party, n) SELECT 'org_x', 1; UPDATE log_party SET n = 1 WHERE party = 'org_wco'",
	"UPDATE log_published SET size = 10000",
	"DELETE FROM log_detail",
	"UPDATE log_detail SET field = 'statement'",
	"UPDATE log_detail SET entry = (SELECT entry FROM log_seq WHERE index = 9)",
	"INSERT INTO log_detail (entry, field, sealed) SELECT entry, 'clue', 'x' FROM log_seq WHERE index = 9",
	"INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce) SELECT 'ent_waits', at, kind, parties, " +
		"body || '\\x20', sha256(body || '\\x20'), nonce FROM log_entry LIMIT 1; INSERT INTO log_pending (entry) " +
		"VALUES ('ent_waits'); DELETE FROM log_pending WHERE entry = 'ent_waits'",
	"INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce) SELECT 'ent_waits', at, kind, parties, " +
		"body || '\\x20', sha256(body || '\\x20'), nonce FROM log_entry LIMIT 1; INSERT INTO log_pending (entry) " +
		"VALUES ('ent_waits'); UPDATE log_pending SET entry = (SELECT entry FROM log_seq WHERE index = 9) WHERE " +
		"entry = 'ent_waits'",
	"INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce) SELECT 'ent_loose', at, kind, parties, " +
		"body || '\\x20', sha256(body || '\\x20'), nonce FROM log_entry LIMIT 1",
}

// C2SP tlog-tiles: partial tiles may go once the full one stands. What the check reads, and what stays, still fits.
func TestPartialTilesGoWhenTheirTileIsFull(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	start(t, s)
	partial := []string{"tile/0/000.p/5", "tile/entries/000.p/5"}
	stands := func(path string) bool {
		data, _, err := store.Read(t.Context(), path)
		must(t, err)
		return data != nil
	}
	h.add(t, s, 5)
	published(t, s, 5)
	for _, path := range partial {
		if !stands(path) {
			t.Fatalf("%s was not published", path)
		}
	}
	h.add(t, s, 255) // 260 in all
	published(t, s, 260)
	eventually(t, "the partial tiles are gone", func() bool { return !stands(partial[0]) && !stands(partial[1]) })
	for _, path := range []string{"tile/0/000", "tile/entries/000", "tile/0/001.p/4", "tile/entries/001.p/4",
		"tile/1/000.p/1"} {
		if !stands(path) {
			t.Errorf("%s is gone", path)
		}
	}
	if checked := h.check(t, s); len(checked.Problems) > 0 {
		t.Error(checked.Problems)
	}
}

func TestAnAlteredObjectInTheStoreIsFound(t *testing.T) {
	h, store := newFixture(t), bucket(t)
	s := h.publishing(t, store)
	stop := start(t, s)
	h.add(t, s, 3)
	published(t, s, 3)
	stop()
	for _, path := range []string{"tile/0/000.p/3", "tile/entries/000.p/3", "checkpoint"} {
		data, tag, err := store.Read(t.Context(), path)
		must(t, err)
		altered := bytes.Clone(data)
		altered[len(altered)/2] ^= 1
		if done, err := store.Replace(t.Context(), path, altered, tag); err != nil || !done {
			t.Fatal(done, err)
		}
		if checked := h.check(t, s); len(checked.Problems) == 0 {
			t.Errorf("%s: not found", path)
		}
		_, tag, err = store.Read(t.Context(), path)
		must(t, err)
		if done, err := store.Replace(t.Context(), path, data, tag); err != nil || !done {
			t.Fatal(done, err)
		}
	}
	if created, err := store.Create(t.Context(), "tile/0/000.p/3", []byte("x")); err != nil || created {
		t.Errorf("an object was created over another: %t, %v", created, err)
	}
	if done, err := store.Replace(t.Context(), "checkpoint", []byte("x"), "stale"); err != nil || done {
		t.Errorf("a checkpoint was replaced by whoever had not seen it: %t, %v", done, err)
	}
}
