// Package interop_test is a second opinion: the log as this gateway publishes it, held against other people's code.
// It is a module of its own, so that nothing of theirs is linked into the gateway.
package interop_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const origin = "chancery.example/interop"

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// published is a log of some entries as it stands in a store, with a receipt for each entry.
type published struct {
	store    *objects.Log
	verifier note.Verifier
	receipts []ledger.Receipt
}

func publish(t *testing.T, entries int) published {
	t.Helper()
	d := devtest.NewMigratedDatabase(t)
	urls := map[postgres.Group]string{}
	for _, group := range []postgres.Group{postgres.App, postgres.Sequencer} {
		role, password := d.Name+"_"+string(group), rand.Text()
		must(t, postgres.Grant(t.Context(), d.SuperuserURL(), role, password, group))
		urls[group] = d.URLFor(role, password, d.Name)
	}
	must(t, postgres.Migrate(t.Context(), d.OwnerURL))
	open := func(group postgres.Group) *postgres.DB {
		db, err := postgres.Open(t.Context(),
			postgres.Config{URL: urls[group], MaxConns: 4, Logger: slog.New(slog.DiscardHandler)})
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	server, bucket := devtest.NewBucket(t)
	store, err := objects.New(objects.Config{Endpoint: server.Endpoint(), AccessKey: server.AccessKey,
		SecretKey: server.SecretKey, Bucket: bucket, Region: devstack.StoreRegion})
	must(t, err)
	private, public, err := ledger.GenerateKey(origin)
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)
	p := published{store: store.Log()}
	p.verifier, err = note.NewVerifier(public)
	must(t, err)
	s, err := sequencer.New(sequencer.Config{
		DB:        open(postgres.Sequencer),
		Signer:    signer,
		Verifier:  p.verifier,
		Origin:    origin,
		Publisher: p.store,
		Now:       time.Now,
		Logger:    slog.New(slog.DiscardHandler),
	})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
	})
	app := open(postgres.App)
	var ids []string
	for range entries {
		e := sequencer.Entry{Parties: []string{"org_unoct", "org_wco"}, Body: ledger.Body{
			Version:      1,
			Kind:         ledger.KindReading,
			ID:           "ent_" + rand.Text(),
			At:           time.Now(),
			Organisation: "org_wco",
			Outcome:      ledger.Permitted,
			Rules:        "sha256:x",
			Build:        "interop",
			Terms:        &ledger.Terms{Subject: "entries"},
		}}
		must(t, app.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := s.Append(tx, e)
			return err
		}))
		s.Wake()
		ids = append(ids, e.Body.ID)
	}
	for _, id := range ids {
		r, err := s.Receipt(t.Context(), id)
		must(t, err)
		p.receipts = append(p.receipts, r)
	}
	for end := time.Now().Add(10 * time.Second); s.Health().Published < int64(entries); time.Sleep(
		20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not published: %+v", s.Health())
		}
	}
	return p
}

// read is how tessera's client fetches: by the paths of C2SP tlog-tiles.
func (p published) read(ctx context.Context, path string) ([]byte, error) {
	data, _, err := p.store.Read(ctx, path)
	if err == nil && data == nil {
		return nil, fs.ErrNotExist
	}
	return data, err
}

func (p published) ReadCheckpoint(ctx context.Context) ([]byte, error) {
	return p.read(ctx, "checkpoint")
}

func (p published) ReadTile(ctx context.Context, level, index uint64, width uint8) ([]byte, error) {
	return p.read(ctx, sequencer.TilePath(int(level), int64(index), full(width)))
}

func (p published) ReadEntryBundle(ctx context.Context, index uint64, width uint8) ([]byte, error) {
	return p.read(ctx, sequencer.TilePath(sequencer.EntriesLevel, int64(index), full(width)))
}

// full: tessera says 0 of a tile that is complete.
func full(width uint8) int {
	if width == 0 {
		return 256
	}
	return int(width)
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var out [][]byte
	for len(bundle) > 0 {
		n := binary.BigEndian.Uint16(bundle)
		out = append(out, rfc6962.DefaultHasher.HashLeaf(bundle[2:2+n]))
		bundle = bundle[2+n:]
	}
	return out, nil
}

func TestTesseraFindsTheLogInOrder(t *testing.T) {
	p := publish(t, 600)
	check := fsck.New(origin, p.verifier, p, leafHashes, fsck.Opts{N: 2})
	if err := check.Check(t.Context()); err != nil {
		t.Error(err)
	}
	_, raw, _, err := client.FetchCheckpoint(t.Context(), p.ReadCheckpoint, p.verifier, origin)
	must(t, err)
	c, err := ledger.OpenCheckpoint(raw, p.verifier)
	must(t, err)
	builder, err := client.NewProofBuilder(t.Context(), uint64(c.Size()), p.ReadTile)
	must(t, err)
	root := c.Root()
	for _, r := range p.receipts {
		theirs, err := builder.InclusionProof(t.Context(), uint64(r.Index()))
		must(t, err)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(r.Index()), uint64(c.Size()),
			rfc6962.DefaultHasher.HashLeaf(r.LeafBytes()), theirs, root[:]); err != nil {
			t.Errorf("index %d: tessera's proof: %v", r.Index(), err)
		}
		var ours [][]byte
		for _, h := range r.Proof().Hashes {
			ours = append(ours, h[:])
		}
		then := r.Checkpoint().Root()
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(r.Index()), uint64(r.Size()),
			rfc6962.DefaultHasher.HashLeaf(r.LeafBytes()), ours, then[:]); err != nil {
			t.Errorf("index %d: our proof: %v", r.Index(), err)
		}
		consistency, err := builder.ConsistencyProof(t.Context(), uint64(r.Size()), uint64(c.Size()))
		must(t, err)
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(r.Size()), uint64(c.Size()), consistency,
			then[:], root[:]); err != nil {
			t.Errorf("from %d to %d: %v", r.Size(), c.Size(), err)
		}
	}
}

func TestTesseraFindsAnAlteredTile(t *testing.T) {
	p := publish(t, 300)
	data, tag, err := p.store.Read(t.Context(), "tile/entries/000")
	must(t, err)
	altered := strings.Replace(string(data), `"n":7}`, `"n":8}`, 1)
	if done, err := p.store.Replace(t.Context(), "tile/entries/000", []byte(altered), tag); err != nil || !done {
		t.Fatal(done, err)
	}
	if err := fsck.New(origin, p.verifier, p, leafHashes, fsck.Opts{N: 2}).Check(t.Context()); err == nil {
		t.Error("not found")
	}
}
