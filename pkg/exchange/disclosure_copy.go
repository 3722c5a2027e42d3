package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

const (
	codeStamp    article4.Code = "gateway/stamp-failed"
	codeUnmarked article4.Code = "gateway/cannot-be-marked"
)

// codeWithoutCopy tells a file that can never be marked, as the precheck at deposit showed, from what may pass.
func codeWithoutCopy(v register.Version) article4.Code {
	reason, _, _ := strings.Cut(v.Unmarkable, ":")
	switch stamp.ReasonCode(reason) {
	case stamp.Password, stamp.Damaged, stamp.Unsupported, stamp.Lossy, stamp.TooLarge:
		return codeUnmarked
	}
	return codeStamp
}

// copying is a marked copy in the making: the disclosure's entry is written, and the copy's is not yet.
type copying struct {
	actor      Actor
	disclosure register.Disclosure
	version    register.Version
	mark       stamp.Mark
	upload     register.Upload
	parties    []article4.OrganisationID
}

// beginCopy settles what the copy will say, in the transaction of the disclosure.
func (v *visit) beginCopy(ctx context.Context, d register.Disclosure) (*copying, error) {
	from, err := v.organisation(v.document.Discloser)
	if err != nil {
		return nil, err
	}
	l := v.labelOf(d, from)
	c := &copying{actor: v.actor, disclosure: d, version: *v.version, parties: v.concerned(), mark: markOf(l)}
	if c.mark.Label, err = label.Sign(v.labelKey, l); err != nil {
		return nil, err
	}
	c.upload = register.Upload{ID: register.UploadID(register.NewID("upl_")), Organisation: v.document.Discloser,
		Person: v.actor.person,
		Object: copyObjects + string(d.ID) + "/" + register.NewID(""), OpenedAt: v.at}
	return c, v.register.BeginCopyJob(ctx, v.tx, d.ID, c.upload)
}

// makeCopy makes the marked copy, seals it in the store and writes its entry; it is there when that entry stands in a
// signed checkpoint too. A copy that cannot be made gives gateway/stamp-failed, of a file that
// can never be marked gateway/cannot-be-marked, and never the original.
func (g *Gateway) makeCopy(ctx context.Context, c *copying, p *stamp.Progress) (register.Copy, error) {
	made, err := g.sealKept(ctx, c, p)
	if err == nil {
		err = g.recordCopy(ctx, c, &made)
	}
	if err != nil {
		defer g.abandon(c.upload.ID) // behind the entry that says why: until then it is in the making
	}
	switch {
	case postgres.Constraint(err) == "copy_pkey": // another replica was first
		return g.madeElsewhere(ctx, c)
	case err != nil:
		return register.Copy{}, g.copyFailed(ctx, c, err)
	}
	if _, err := g.sequencer.Receipt(ctx, made.Entry); err != nil {
		return register.Copy{}, g.fault(article4.ActDisclose, err)
	}
	return made, nil
}

func (g *Gateway) madeElsewhere(ctx context.Context, c *copying) (register.Copy, error) {
	var made register.Copy
	err := g.lookUp(ctx, func(tx *postgres.Tx) error {
		var err error
		made, err = g.register.CopyOf(ctx, tx, c.disclosure.ID)
		return err
	})
	return made, g.fault(article4.ActDisclose, err)
}

// sealKept is sealCopy, and shows meanwhile that the copy is in the making; where it was given up, sealing ends. When
// it returns nobody looks after the upload any more: that it is stored with its entry is no sign that it was given up.
func (g *Gateway) sealKept(ctx context.Context, c *copying, p *stamp.Progress) (register.Copy, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go g.keepUpload(ctx, c.upload.ID, g.settings.SilenceAfter/4, stop)
	made, err := g.sealCopy(ctx, c, p)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: the making of a copy was stopped: %v", vault.ErrUnavailable, err)
	}
	return made, err
}

// sealCopy streams original, stamp and seal into each other: no plaintext stands anywhere.
func (g *Gateway) sealCopy(ctx context.Context, c *copying, p *stamp.Progress) (register.Copy, error) {
	v := c.version
	original := &unopened{open: func() (io.ReadCloser, error) { return g.openOriginal(ctx, c) }}
	defer original.Close()
	marked, err := g.stamper.Stamp(ctx,
		stamp.Source{Reader: original, Size: v.Size, MediaType: v.MediaType, FileName: v.FileName, Progress: p}, c.mark)
	if err != nil {
		return register.Copy{}, err
	}
	defer marked.Close()
	digest := sha256.New()
	sealed, err := g.vault.Put(ctx, vault.Intake{
		Organisation: string(v.Discloser),
		Version:      string(v.ID),
		Subject:      string(c.disclosure.ID),
		Object:       c.upload.Object,
		Size:         marked.Size,
		MaxSize:      2*g.settings.MaxUpload + 1<<20,
		Content:      marked,
		Watch:        digest,
	})
	return register.Copy{
		Disclosure: c.disclosure.ID,
		Discloser:  v.Discloser,
		Upload:     c.upload.ID,
		Object:     sealed.Object,
		WrappedKey: sealed.WrappedKey,
		Size:       sealed.Size,
		SHA256:     sum(digest),
		MediaType:  marked.MediaType,
		FileName:   marked.FileName,
	}, err
}

// openOriginal makes the receipt when it is needed: it is good for a minute, and a copy may have to wait for longer.
func (g *Gateway) openOriginal(ctx context.Context, c *copying) (io.ReadCloser, error) {
	receipt, err := g.sequencer.Receipt(ctx, c.disclosure.Entry)
	if err != nil {
		return nil, err
	}
	v := c.version
	return g.vault.Open(ctx, receipt, vault.Reading{
		Organisation: string(v.Discloser),
		Version:      string(v.ID),
		Subject:      string(v.Document),
		Object:       v.Object,
		WrappedKey:   v.WrappedKey,
		Size:         v.Size,
		Actor:        string(c.disclosure.Person),
		Form:         string(c.disclosure.Form),
		Length:       v.Size,
	})
}

// unopened is opened with its first read, so that nothing of the store is held while a copy waits for its turn.
type unopened struct {
	open    func() (io.ReadCloser, error)
	content io.ReadCloser
	failed  error
}

func (u *unopened) Read(p []byte) (int, error) {
	if u.content == nil && u.failed == nil {
		u.content, u.failed = u.open()
	}
	if u.failed != nil {
		return 0, u.failed
	}
	return u.content.Read(p)
}

func (u *unopened) Close() error {
	if u.content == nil {
		return nil
	}
	return u.content.Close()
}

// recordCopy is entry 2: the digest of what will be handed out.
func (g *Gateway) recordCopy(ctx context.Context, c *copying, made *register.Copy) error {
	err := g.within(ctx, followUp, c.actor, operation{act: article4.ActDisclose},
		func(ctx context.Context, v *visit) error {
			if err := g.register.StoreUpload(ctx, v.tx, c.upload.ID, v.at); err != nil {
				return fmt.Errorf("%w: %w", vault.ErrUnavailable, err)
			}
			body := v.body(ledger.KindCopy, ledger.Permitted)
			body.Document = string(c.disclosure.Document)
			body.Terms = &ledger.Terms{
				Subject:         string(c.disclosure.ID),
				DocumentVersion: string(c.version.ID),
				Size:            made.Size,
				MediaType:       made.MediaType,
				Digest:          string(made.SHA256),
				Relies:          []string{c.disclosure.EntryHash},
			}
			entry, err := v.record(ctx, body, c.parties, nil)
			if err != nil {
				return err
			}
			made.Entry, made.EntryHash, made.MadeAt = entry.id, entry.hash, v.at
			return g.register.AddCopy(ctx, v.tx, *made)
		})
	g.sequencer.Wake()
	return err
}

// copyFailed tells an outage from a file that cannot be marked; the latter is a refusal with its own entry.
func (g *Gateway) copyFailed(ctx context.Context, c *copying, cause error) error {
	outage := operation{act: article4.ActDisclose, document: c.disclosure.Document}
	switch {
	case ctx.Err() != nil:
		return g.outage(ctx, c.actor, outage, c.parties,
			fmt.Errorf("%w: the making of a copy was stopped: %v", vault.ErrUnavailable, cause))
	case faultCode(cause) != "" && !isRefusedStamp(cause):
		return g.outage(ctx, c.actor, outage, c.parties, cause)
	}
	g.logger.Warn("copy cannot be made", "disclosure", c.disclosure.ID, "error", cause)
	return g.failCopyJob(ctx, c, errors.Is(cause, stamp.ErrBusy))
}

func isRefusedStamp(err error) bool {
	var refused *stamp.ErrRefused
	return errors.As(err, &refused) || errors.Is(err, stamp.ErrBusy)
}

// handedOut is what a disclosure's bytes are: the version, or its marked copy. Of one that is not there the error is
// ErrCopyInProgress, or *copyMissing.
func (v *visit) handedOut(ctx context.Context, d register.Disclosure) (register.Version, error) {
	version := *v.version
	if d.Form == article4.Original {
		return version, nil
	}
	made, err := v.copyOf(ctx, d.ID)
	if err != nil {
		return version, err
	}
	v.made = made.Entry
	version.Object, version.WrappedKey, version.Size = made.Object, made.WrappedKey, made.Size
	version.SHA256, version.MediaType, version.FileName = made.SHA256, made.MediaType, made.FileName
	return version, nil
}

// overlay shows the copy where the original would be shown.
func overlay(d Disclosure, c register.Copy) Disclosure {
	if c.Entry == "" {
		return Disclosure{}
	}
	d.State = CopyReady
	d.Size, d.SHA256, d.MediaType, d.FileName = c.Size, c.SHA256, c.MediaType, c.FileName
	return d
}
