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
	partial

	record string // empty: nothing is kept, and a process that ends before the whole is here begins anew
	unlock func()
}

// partial says of what the bytes in a hidden file are.
type partial struct {
	Disclosure api.DisclosureID `json:"disclosure,omitempty"` // that the bytes are of
	ETag       string           `json:"etag,omitempty"`       // of the content that they begin
}

// halfOf is the half that an earlier process left of the same pull, or a new one. Another process that has it is waited
// for. Where nothing can be kept, that is said, and the pull goes on without.
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
	what, err := json.Marshal([]any{g.server, me.Person, document, p.reading, dir, p.name})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(what)
	err = out.keptAt(ctx, env, filepath.Join(h.dir, "pulled"), hex.EncodeToString(sum[:]))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "Nothing is kept of this pull: if it breaks off, it begins anew (%s).\n",
			printable(err.Error()))
		return out, nil
	}
	reached("intended")
	return out, nil
}

// keptAt takes up what stands in a record of the folder, or begins it.
func (h *half) keptAt(ctx context.Context, env environment, records, name string) error {
	if err := os.MkdirAll(records, 0o700); err != nil {
		return err
	}
	forgetHalves(env, records)
	record := filepath.Join(records, name+".json")
	unlock, err := lock(ctx, env, lockOf(record))
	if err != nil {
		return err
	}
	found := *h
	if there, damaged := kept(record, &found); !there || damaged != nil {
		found = *h
		err = keep(record, &found)
	}
	if err != nil {
		unlock()
		return err
	}
	*h = found
	h.record, h.unlock = record, unlock
	return nil
}

func lockOf(record string) string { return strings.TrimSuffix(record, ".json") + ".lock" }

// lock waits for the file of a lock, and says so where another process has it. Whoever ends removes the file; so the
// lock counts only while its file is the one that stands there.
func lock(ctx context.Context, env environment, path string) (unlock func(), err error) {
	type locked struct {
		file *lockedfile.File
		err  error
	}
	for {
		got := make(chan locked)
		go func() {
			f, err := lockedfile.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
			select {
			case got <- locked{f, err}:
			case <-ctx.Done(): // nobody waits for it any more
				if err == nil {
					_ = f.Close()
				}
			}
		}()
		waits := time.AfterFunc(time.Second, func() {
			fmt.Fprintln(env.stderr, "Another chancery pulls the same file: waiting for it.")
		})
		var l locked
		select {
		case l = <-got:
			waits.Stop()
		case <-ctx.Done():
			waits.Stop()
			return nil, ctx.Err()
		}
		if l.err != nil {
			return nil, l.err
		}
		mine, err := l.file.Stat()
		if err != nil {
			return nil, errors.Join(err, l.file.Close())
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(mine, now) {
			return func() { _ = l.file.Close() }, nil
		}
		_ = l.file.Close()
	}
}

// forgetHalves removes what nobody went on with. What cannot be removed is said, and holds nobody up.
func forgetHalves(env environment, records string) {
	found, _ := filepath.Glob(filepath.Join(records, "*.json")) // the pattern is a good one
	for _, record := range found {
		if err := forgetHalf(record); err != nil {
			couldNotBeRemoved(env, err)
		}
	}
}

func couldNotBeRemoved(env environment, err error) {
	fmt.Fprintf(env.stderr, "What was kept of a pull could not be removed: %s\n", printable(err.Error()))
}

func forgetHalf(record string) error {
	h := half{record: record}
	if _, err := kept(record, &h); err != nil { // damaged: of which file it was nobody can tell
		if info, at := os.Lstat(record); at == nil && time.Since(info.ModTime()) > abandoned {
			return h.remove(record)
		}
		return err
	}
	last := record
	if _, err := os.Lstat(h.Part); err == nil {
		last = h.Part
	}
	info, err := os.Lstat(last)
	if err != nil || time.Since(info.ModTime()) < abandoned {
		return nil
	}
	return h.remove(h.Part, record) // its lock may be another process's
}

// begin forgets a disclosure whose permit is over: a file of two disclosures would be nobody's copy.
func (h *half) begin() error {
	h.Key, h.partial = rand.Text(), partial{}
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
	if h.record == "" {
		return h.remove(h.Part)
	}
	return h.remove(h.Part, h.record, lockOf(h.record))
}

func (h *half) remove(paths ...string) (faults error) {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			faults = errors.Join(faults, err)
		}
	}
	return faults
}

// arriving is a content on its way into a hidden file.
type arriving struct {
	path       string
	mode       os.FileMode
	disclosure api.Disclosure
	moved      func(int64)
	keep       func() error // keeps what the bytes are of, before the first one comes
}

// complete brings the content of a disclosure whole into its hidden file, and onto the disk. What an earlier attempt
// brought of the same disclosure is gone on with.
func (p *partial) complete(ctx context.Context, g *gateway, a arriving) error {
	d := a.disclosure
	f, err := p.open(a.path, d.Id, a.mode)
	if err != nil {
		return err
	}
	return settled(f, g.Complete(ctx, string(d.Id), client.Part{
		File: f,
		ETag: p.ETag,
		Begun: func(etag string) error {
			*p = partial{d.Id, etag}
			return a.keep()
		},
		Size:   *orZero(d.Size),
		SHA256: *orZero(d.Sha256),
		Moved:  a.moved,
	}))
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

// open opens what stands in the hidden file of a disclosure; that of another one is removed, and a new file is made. A
// link, or what somebody else puts into its place, is not written into.
func (p *partial) open(path string, disclosure api.DisclosureID, mode os.FileMode) (*os.File, error) {
	before, err := os.Lstat(path)
	if err == nil && p.Disclosure == disclosure && before.Mode().IsRegular() && ours(before, mode) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		if now, err := f.Stat(); err != nil || !os.SameFile(before, now) {
			return nil, errors.Join(fmt.Errorf("%s is not the file that it was", printable(path)), err, f.Close())
		}
		return f, nil
	}
	*p = partial{}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
}
