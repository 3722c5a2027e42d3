package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// abandoned is how long a half of a file may lie, since its last byte came, before the next pull removes it. The permit
// under which the rest could be fetched ended long before.
const abandoned = time.Hour

// half is a file on its way here. What is kept of it lets the same command, in another process, go on with it under the
// same disclosure: one copy, one number, one entry.
type half struct {
	Key  string `json:"key"`  // Idempotency-Key of the disclosure
	Part string `json:"part"` // the hidden file, beside where the whole will stand
	gone

	record string // empty: nothing is kept, and a process that is killed begins anew
	unlock func()
}

// gone is how far a content has come.
type gone struct {
	Disclosure api.DisclosureID `json:"disclosure,omitempty"` // that the bytes are of
	ETag       string           `json:"etag,omitempty"`       // of the content that they begin
}

// halfOf is the half that an earlier process left of the same pull, or a new one. Another process that has it is waited
// for.
func (g *gateway) halfOf(ctx context.Context, env environment, document string, p pulling) (*half, error) {
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		return nil, err
	}
	out := &half{Part: filepath.Join(dir, ".chancery-"+rand.Text()+".part"), Key: rand.Text(), unlock: func() {}}
	h, err := newHome(env)
	if err != nil { // no place of the user's own
		return out, nil
	}
	me, err := g.Me(ctx)
	if err != nil {
		return nil, refused(err)
	}
	records := filepath.Join(h.dir, "pulled")
	if err := os.MkdirAll(records, 0o700); err != nil {
		return nil, err
	}
	if err := forgetHalves(records); err != nil {
		return nil, err
	}
	what, err := json.Marshal([]any{g.server, me.Person, document, p.reading, dir, p.name})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(what)
	record := filepath.Join(records, hex.EncodeToString(sum[:])+".json")
	if out.unlock, err = lockedfile.MutexAt(lockOf(record)).Lock(); err != nil {
		return nil, err
	}
	found, err := kept(record, out)
	out.record = record
	if err == nil && !found {
		err = keep(record, out)
	}
	if err != nil {
		out.unlock()
		return nil, err
	}
	reached("intended")
	return out, nil
}

func lockOf(record string) string { return strings.TrimSuffix(record, ".json") + ".lock" }

// forgetHalves removes what nobody went on with.
func forgetHalves(records string) error {
	found, err := filepath.Glob(filepath.Join(records, "*.json"))
	if err != nil {
		return err
	}
	for _, record := range found {
		h := half{record: record}
		if _, err := kept(record, &h); err != nil {
			return err
		}
		last := record
		if _, err := os.Lstat(h.Part); err == nil {
			last = h.Part
		}
		info, err := os.Lstat(last)
		if err != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if err := h.done(); err != nil {
			return err
		}
	}
	return nil
}

// begin forgets a disclosure whose permit is over: a file of two disclosures would be nobody's copy.
func (h *half) begin() error {
	h.Key, h.gone = rand.Text(), gone{}
	return h.keep()
}

func (h *half) keep() error {
	if h.record == "" {
		return nil
	}
	return keep(h.record, h)
}

// done removes the half and what was kept of it, where they are still there.
func (h *half) done() error {
	for _, path := range []string{h.Part, h.record, lockOf(h.record)} {
		if err := os.Remove(path); path != "" && err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// complete brings the content of a disclosure whole into the hidden file, and onto the disk.
func (g *gateway) complete(ctx context.Context, h *half, d api.Disclosure, moved func(int64)) error {
	f, err := h.open(h.Part, d.Id, 0o600)
	if err != nil {
		return err
	}
	err = g.Complete(ctx, string(d.Id), h.of(f, d, moved, h.keep))
	return settled(f, err)
}

// settled puts a hidden file onto the disk. Where the disk does not take it, it goes: it would keep the disk full.
func settled(f *os.File, err error) error {
	err = errors.Join(err, f.Sync(), f.Close())
	var full *fs.PathError
	if errors.As(err, &full) {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// of is what Complete takes: keep keeps what is gone of d.
func (h *gone) of(f *os.File, d api.Disclosure, moved func(int64), keep func() error) client.Part {
	return client.Part{
		File: f,
		ETag: h.ETag,
		Begun: func(etag string) error {
			*h = gone{d.Id, etag}
			return keep()
		},
		Size:   *orZero(d.Size),
		SHA256: *orZero(d.Sha256),
		Moved:  moved,
	}
}

// open opens what stands in the hidden file of a disclosure; that of another one is removed, and a new file is made. A
// link, or what somebody puts into its place, is not followed.
func (h *gone) open(part string, disclosure api.DisclosureID, mode os.FileMode) (*os.File, error) {
	if before, err := os.Lstat(part); err == nil && h.Disclosure == disclosure && before.Mode().IsRegular() {
		f, err := os.OpenFile(part, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		if now, err := f.Stat(); err != nil || !os.SameFile(before, now) {
			return nil, errors.Join(fmt.Errorf("%s is not the file that it was", printable(part)), err, f.Close())
		}
		return f, nil
	}
	*h = gone{}
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
}
