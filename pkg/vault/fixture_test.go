package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const (
	wco    = "org_wco"
	unoct  = "org_unoct"
	reader = "per_reader"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fixture is a vault on a real store, with what a test needs to see behind it.
type fixture struct {
	*vault.Vault
	t       testing.TB
	now     time.Time
	keysets *vault.Keysets
	blobs   *counted
	bucket  string
	raw     *minio.Client
	rawDir  string
	serial  int
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	server, bucket := devtest.NewBucket(t)
	raw, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	store, err := objects.New(objects.Config{
		Endpoint: server.Endpoint(), AccessKey: server.AccessKey, SecretKey: server.SecretKey, Bucket: bucket,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &fixture{t: t, now: noon, blobs: &counted{Blobs: store}, bucket: bucket, raw: raw, rawDir: server.RawDir()}
	h.keysets = newKeysets(t, wco, unoct)
	h.Vault, err = vault.New(vault.Config{Blobs: h.blobs, Keysets: h.keysets, Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newKeysets(t testing.TB, organisations ...string) *vault.Keysets {
	t.Helper()
	dir := t.TempDir()
	if err := vault.CreateKeysets(dir, organisations); err != nil {
		t.Fatal(err)
	}
	k, err := vault.OpenKeysets(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// counted is a store that counts what is asked of it.
type counted struct {
	vault.Blobs
	puts, gets atomic.Int64
}

func (c *counted) Put(ctx context.Context, key string, size int64, r io.Reader) error {
	c.puts.Add(1)
	return c.Blobs.Put(ctx, key, size, r)
}

func (c *counted) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.gets.Add(1)
	return c.Blobs.Get(ctx, key, offset, length)
}

// intake is a deposit of content by the WCO under fresh names.
func (h *fixture) intake(content []byte) vault.Intake {
	h.serial++
	name := string(rune('a'+h.serial/26)) + string(rune('a'+h.serial%26))
	return vault.Intake{
		Organisation: wco,
		Version:      "ver_" + name,
		Subject:      "doc_" + name,
		Object:       "documents/" + name,
		Size:         int64(len(content)),
		MaxSize:      1 << 31,
		Content:      bytes.NewReader(content),
	}
}

// deposit seals content and says how all of it is read again.
func (h *fixture) deposit(content []byte) vault.Reading {
	h.t.Helper()
	in := h.intake(content)
	sealed, err := h.Put(h.t.Context(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return readingOf(in, sealed)
}

func readingOf(in vault.Intake, sealed vault.Sealed) vault.Reading {
	return vault.Reading{
		Organisation: in.Organisation,
		Version:      in.Version,
		Subject:      in.Subject,
		Object:       sealed.Object,
		WrappedKey:   sealed.WrappedKey,
		Size:         sealed.Size,
		Actor:        reader,
		Form:         "original",
		Offset:       0,
		Length:       sealed.Size,
	}
}

// read opens with a good receipt and reads everything there is.
func (h *fixture) read(want vault.Reading) ([]byte, error) {
	h.t.Helper()
	r, err := h.Open(h.t.Context(), receipt(h.t, permit(want), h.now), want)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// exists asks the store itself.
func (h *fixture) exists(object string) bool {
	h.t.Helper()
	_, err := h.raw.StatObject(h.t.Context(), h.bucket, object, minio.StatObjectOptions{})
	if err == nil {
		return true
	}
	if minio.ToErrorResponse(err).StatusCode != http.StatusNotFound {
		h.t.Fatal(err)
	}
	return false
}

func (h *fixture) sealed(object string) []byte {
	h.t.Helper()
	o, err := h.raw.GetObject(h.t.Context(), h.bucket, object, minio.GetObjectOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

func (h *fixture) overwrite(object string, content []byte) {
	h.t.Helper()
	_, err := h.raw.PutObject(h.t.Context(), h.bucket, object, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
}

// permit is the entry that permits the reading, for an hour from noon.
func permit(want vault.Reading) ledger.Body {
	return ledger.Body{
		Version: ledger.BodyVersion,
		Kind:    ledger.KindDisclosure,
		ID:      "ent_1",
		At:      noon,
		Actor:   want.Actor,
		Outcome: ledger.Permitted,
		Rules:   "sha256:0",
		Build:   "test",
		Disclosure: &ledger.Disclosure{
			ID:      "dis_1",
			Version: want.Version,
			From:    wco,
			To:      unoct,
			Form:    want.Form,
			Expires: noon.Add(time.Hour),
		},
	}
}

// receipt puts the entry into a log of its own and proves it there.
func receipt(t testing.TB, body ledger.Body, minted time.Time) ledger.Receipt {
	t.Helper()
	r, err := proven(body, minted)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func proven(body ledger.Body, minted time.Time) (r ledger.Receipt, err error) {
	must := func(e error) { err = errors.Join(err, e) }
	encoded, e := ledger.Encode(body)
	must(e)
	nonce, e := ledger.NewNonce()
	must(e)
	closed, e := ledger.Close(nonce, encoded)
	must(e)
	leaf, e := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: wco, N: 1}}, Closed: closed})
	must(e)
	private, public, e := ledger.GenerateKey("chancery.example/test")
	must(e)
	signer, e := note.NewSigner(private)
	must(e)
	verifier, e := note.NewVerifier(public)
	must(e)
	signed, e := ledger.Sign(1, ledger.LeafHash(leaf), signer)
	must(e)
	checkpoint, e := ledger.OpenCheckpoint(signed, verifier)
	must(e)
	r, e = checkpoint.Receipt(leaf, encoded, nonce, 0, tlog.RecordProof{}, minted)
	must(e)
	return r, err
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}
