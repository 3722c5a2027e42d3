package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

const codeStamp article4.Code = "house/stamp-failed"

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
	from, err := v.organisation(ctx, v.document.Discloser)
	if err != nil {
		return nil, err
	}
	c := &copying{actor: v.actor, disclosure: d, version: *v.version, parties: v.concerned(), mark: stamp.Mark{
		Marking: string(d.Marking), Discloser: from.Name, Recipient: v.actor.organisation.Name, Person: string(d.Person),
		CopyNumber: d.CopyNumber, Purpose: orNone(string(d.Purpose)), Date: v.at, Reference: v.document.Reference,
	}}
	c.mark.Label, err = label.Sign(v.LabelKey, label.Label{
		CopyNumber: d.CopyNumber, Marking: string(d.Marking), Alias: v.document.Alias, Discloser: from.Name, Recipient: v.actor.organisation.Name,
		Person: string(d.Person), Purpose: string(d.Purpose), Reference: v.document.Reference, Disclosure: string(d.ID), Date: v.at,
		Notice: stamp.DefaultNotice, Original: string(v.version.SHA256), OriginalSize: v.version.Size,
	})
	if err != nil {
		return nil, err
	}
	c.upload = register.Upload{ID: register.UploadID(register.NewID("upl_")), Organisation: v.document.Discloser, Person: v.actor.person,
		Object: "copies/" + string(d.ID) + "/" + register.NewID(""), OpenedAt: v.at}
	return c, v.Register.OpenUpload(ctx, v.tx, c.upload)
}

// makeCopy makes the marked copy, seals it in the store and writes its entry; the answer waits for that entry's checkpoint
// too. A copy that cannot be made gives house/stamp-failed, and never the original.
func (g *Gateway) makeCopy(ctx context.Context, c *copying, receipt ledger.Receipt) (register.Copy, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go g.keepUpload(ctx, c.upload.ID, stop)
	made, err := g.sealCopy(ctx, c, receipt)
	if err == nil {
		err = g.recordCopy(ctx, c, &made)
	}
	if err != nil {
		g.abandon(&intake{upload: c.upload.ID})
		return register.Copy{}, g.copyFailed(ctx, c, err)
	}
	if _, err := g.Sequencer.Receipt(ctx, made.Entry); err != nil {
		return register.Copy{}, g.fault(article4.ActDisclose, err)
	}
	return made, nil
}

// sealCopy streams original, stamp and seal into each other: no plaintext stands anywhere.
func (g *Gateway) sealCopy(ctx context.Context, c *copying, receipt ledger.Receipt) (register.Copy, error) {
	v := c.version
	original, err := g.Vault.Open(ctx, receipt, vault.Reading{Organisation: string(v.Discloser), Version: string(v.ID), Object: v.Object,
		WrappedKey: v.WrappedKey, Size: v.Size, Actor: string(c.disclosure.Person), Form: string(c.disclosure.Form), Length: v.Size})
	if err != nil {
		return register.Copy{}, err
	}
	defer original.Close()
	marked, err := g.Stamper.Stamp(ctx, stamp.Source{Reader: original, Size: v.Size, MediaType: v.MediaType, FileName: v.FileName}, c.mark)
	if err != nil {
		return register.Copy{}, err
	}
	defer marked.Close()
	digest := sha256.New()
	sealed, err := g.Vault.Put(ctx, vault.Intake{Organisation: string(v.Discloser), Version: string(v.ID), Object: c.upload.Object,
		Size: marked.Size, MaxSize: 2*g.Settings.MaxUpload + 1<<20, Content: marked, Watch: digest})
	return register.Copy{Disclosure: c.disclosure.ID, Discloser: v.Discloser, Upload: c.upload.ID, Object: sealed.Object, WrappedKey: sealed.WrappedKey,
		Size: sealed.Size, SHA256: sum(digest), MediaType: marked.MediaType, FileName: marked.FileName}, err
}

func sum(h hash.Hash) article4.Digest { return article4.Digest(hex.EncodeToString(h.Sum(nil))) }

// recordCopy is entry 2: the digest of what will be handed out.
func (g *Gateway) recordCopy(ctx context.Context, c *copying, made *register.Copy) error {
	err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
		v, err := g.afterwards(ctx, tx, c.actor)
		if err != nil {
			return err
		}
		if err := g.Register.StoreUpload(ctx, tx, c.upload.ID, v.at); err != nil {
			return fmt.Errorf("%w: %w", vault.ErrUnavailable, err)
		}
		body := v.body(ledger.KindCopy, ledger.Permitted)
		body.Document = string(c.disclosure.Document)
		body.Terms = &ledger.Terms{Subject: string(c.disclosure.ID), DocumentVersion: string(c.version.ID), Size: made.Size, MediaType: made.MediaType,
			Digest: string(made.SHA256), Relies: []string{c.disclosure.EntryHash}}
		entry, err := v.record(ctx, body, c.parties, nil)
		if err != nil {
			return err
		}
		made.Entry, made.EntryHash, made.MadeAt = entry.id, entry.hash, v.at
		return g.Register.AddCopy(ctx, tx, *made)
	})
	g.Sequencer.Kick()
	return err
}

// afterwards is a visit for an entry that follows a decision taken before.
func (g *Gateway) afterwards(ctx context.Context, tx *postgres.Tx, a Actor) (*visit, error) {
	v := &visit{Gateway: g, tx: tx, actor: a, act: article4.ActDisclose}
	var err error
	if v.arrangement, err = g.Register.Arrangement(ctx, tx, register.Unlocked); err != nil {
		return nil, err
	}
	v.at, err = g.now(ctx, tx)
	return v, err
}

// copyFailed tells an outage from a file that cannot be marked; the latter is a refusal with its own entry.
func (g *Gateway) copyFailed(ctx context.Context, c *copying, cause error) error {
	if faultCode(cause) != "" && !isRefusedStamp(cause) || ctx.Err() != nil {
		return g.outage(ctx, c.actor, errand{act: article4.ActDisclose, document: c.disclosure.Document}, c.parties, cause)
	}
	g.Logger.Warn("copy cannot be made", "disclosure", c.disclosure.ID, "error", cause)
	refusal := &Refusal{Act: article4.ActDisclose, Reasons: []article4.Reason{{Code: codeStamp}}, Rules: g.RulesDigest(), Document: c.disclosure.Document}
	err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
		v, err := g.afterwards(ctx, tx, c.actor)
		if err != nil {
			return err
		}
		body := v.body(ledger.KindCopy, ledger.Refused)
		body.Document, body.Reasons = string(c.disclosure.Document), []string{string(codeStamp)}
		body.Terms = &ledger.Terms{Subject: string(c.disclosure.ID), Relies: []string{c.disclosure.EntryHash}}
		entry, err := v.record(ctx, body, c.parties, nil)
		refusal.Entry = entry.id
		return err
	})
	g.Sequencer.Kick()
	if err != nil {
		return g.fault(article4.ActDisclose, err)
	}
	return refusal
}

func isRefusedStamp(err error) bool {
	var refused *stamp.ErrRefused
	return errors.As(err, &refused) || errors.Is(err, stamp.ErrBusy)
}

// handedOut is what a disclosure's bytes are: the version, or its marked copy while that is kept.
func (v *visit) handedOut(ctx context.Context, d register.Disclosure) (register.Version, error) {
	version := *v.version
	if d.Form != article4.Stamped {
		return version, nil
	}
	made, err := v.Register.CopyOf(ctx, v.tx, d.ID)
	if missingRecord(err) {
		return version, fmt.Errorf("disclosure %s: no marked copy: %w", d.ID, ErrOver)
	}
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
	d.Size, d.SHA256, d.MediaType, d.FileName = c.Size, c.SHA256, c.MediaType, c.FileName
	return d
}
