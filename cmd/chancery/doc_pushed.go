package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// forgotten is how old a record of a row is when it goes: a gateway keeps keys for 48 hours.
const forgotten = 48 * time.Hour

// pushing is the deposit of a folder. What is known of each row is kept with the sign-ins of the user, whom alone it
// serves: the folder may be read-only, or others may write into it.
type pushing struct {
	g    *gateway
	env  environment
	dir  string // of the records
	whom string // records are of one gateway, and one person there
}

// pushed is the record of one row: of the same bytes at the same place of a manifest.
type pushed struct {
	Staged   string `json:"staged,omitempty"`   // whole at the gateway, and perhaps deposited
	Document string `json:"document,omitempty"` // that was made of it
	Declared string `json:"declared,omitempty"` // SHA-256 of what was declared of that document
}

func newPushing(ctx context.Context, env environment, g *gateway) (*pushing, error) {
	h, err := newHome(env)
	if err != nil {
		return nil, err
	}
	me, err := g.Me(ctx)
	if err != nil {
		return nil, refused(err)
	}
	p := &pushing{g: g, env: env, dir: filepath.Join(h.dir, "pushed"), whom: g.server + "\x00" + string(me.Person)}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	return p, p.forget()
}

// forget removes what no gateway knows any more.
func (p *pushing) forget() error {
	records, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, one := range records {
		if info, err := one.Info(); err == nil && time.Since(info.ModTime()) > forgotten {
			if err := os.Remove(filepath.Join(p.dir, one.Name())); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return nil
}

// key is the Idempotency-Key of a row: the same row of the same bytes has the same, so that a run after a break makes
// nothing twice.
func (r row) key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "manifest\x00%s\x00%s\x00%d", r.file, r.digest, r.number))
	return hex.EncodeToString(sum[:])
}

func (r row) declared() (string, error) {
	text, err := json.Marshal(r.metadata)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

func (p *pushing) record(r row) string {
	sum := sha256.Sum256([]byte(p.whom + "\x00" + r.key()))
	return filepath.Join(p.dir, hex.EncodeToString(sum[:])+".json")
}

// known is what earlier runs did of a row. A document of the same row that was declared otherwise is a fault: what is
// declared of a document is amended, and it is not deposited a second time.
func (p *pushing) known(r row) (pushed, error) {
	var found pushed
	if _, err := kept(p.record(r), &found); err != nil {
		return found, err
	}
	declared, err := r.declared()
	if err == nil && found.Document != "" && found.Declared != declared {
		err = &failure{exitRefused, r.fault("it was deposited as %s, with something else declared of it: amend that",
			found.Document)}
	}
	return found, err
}

// push deposits the file of a row, if no run before did, and names the document.
func (p *pushing) push(ctx context.Context, r row) (document string, err error) {
	known, err := p.known(r)
	if err != nil || known.Document != "" {
		return known.Document, err
	}
	d, err := p.deposit(ctx, r, &known)
	if err != nil {
		return "", r.failed(refused(err))
	}
	known.Document = string(d.Id)
	if known.Declared, err = r.declared(); err != nil {
		return "", err
	}
	tellDeposited(p.env, r.file, d)
	return known.Document, keep(p.record(r), known)
}

func (p *pushing) deposit(ctx context.Context, r row, known *pushed) (api.Document, error) {
	f, size, err := openRegular(r.path)
	if err != nil {
		return api.Document{}, err
	}
	defer f.Close()
	bar := newProgress(p.env, r.file, size)
	defer bar.end()
	if size <= inParts {
		d, err := p.g.Deposit(ctx, r.metadata, client.File{Name: filepath.Base(r.path), Size: size,
			Body: bar.reading(f), Key: r.key()})
		if err == nil {
			reached("deposited")
		}
		return d, err
	}
	l := inPartsOf(f, size, r.digest, r.metadata)
	l.key, l.staged, l.Sent = r.key(), known.Staged, bar.at
	l.Key = "manifest-" + l.key
	l.whole = func(staged string) error {
		known.Staged = staged
		return keep(p.record(r), known)
	}
	return p.g.depositInParts(ctx, l)
}
