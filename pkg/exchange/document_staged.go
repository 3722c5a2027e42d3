package exchange

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

func findingsOf(s register.Staged) (stagedFindings, error) {
	var f stagedFindings
	if err := json.Unmarshal([]byte(s.Found), &f); err != nil {
		return f, fmt.Errorf("staged %s: %w", s.ID, err)
	}
	if f.Person != s.Person {
		return f, fmt.Errorf("staged %s: %w", s.ID, register.ErrAltered)
	}
	return f, nil
}

func stagedView(s register.Staged) (Staged, error) {
	f, err := findingsOf(s)
	var document article4.DocumentID
	if f.Corrects {
		document = f.Document
	}
	return Staged{
		ID:            s.ID,
		Document:      document,
		Marking:       f.Marking,
		FileName:      fileName(f.FileName, ""),
		Size:          f.Size,
		SHA256:        article4.Digest(hex.EncodeToString(f.Found.SHA256[:])),
		MediaType:     f.Found.MediaType,
		Pages:         f.Pages,
		Preview:       s.Preview != "",
		Unmarkable:    f.Unmarkable,
		Headers:       f.Words,
		PassengerData: f.Found.PassengerData,
		Resembles:     f.Resembles,
		NotLookedInto: f.Found.NotLookedInto,
		StagedAt:      s.StagedAt,
		ExpiresAt:     s.ExpiresAt,
		version:       f.Version,
	}, err
}

// StagedFiles lists what the caller has staged.
func (g *Gateway) StagedFiles(ctx context.Context, a Actor, p Paging) (Page[Staged], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Staged]{}, err
	}
	var out Page[Staged]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return nil
		}
		found, err := g.register.StagedBy(ctx, v.tx, a.person, v.at, after.id, limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, stagedView)
		return err
	})
	return out, err
}

// Staged shows one of the caller's own; anybody else's is absent.
func (g *Gateway) Staged(ctx context.Context, a Actor, id string) (Staged, error) {
	s, err := g.ownStaged(ctx, a, id)
	if err != nil {
		return Staged{}, err
	}
	return stagedView(s)
}

// StagedPreview is the first page of one of the caller's own as it would be marked, as a PNG picture.
func (g *Gateway) StagedPreview(ctx context.Context, a Actor, id string) ([]byte, error) {
	s, err := g.ownStaged(ctx, a, id)
	if err == nil && s.Preview == "" {
		err = fmt.Errorf("staged %s: %w", id, ErrNoPage)
	}
	return []byte(s.Preview), err
}

func (g *Gateway) ownStaged(ctx context.Context, a Actor, id string) (register.Staged, error) {
	return shown(ctx, g, a, operation{act: article4.ActDescribe, what: "staged file", target: id},
		func(ctx context.Context, v *visit) (register.Staged, error) {
			return g.register.Staged(ctx, v.tx, a.person, id, v.at)
		})
}

// Unstage gives one of the caller's own up at once. It is no act under the Arrangement and has no entry: what is given
// up was never a document.
func (g *Gateway) Unstage(ctx context.Context, a Actor, id string) (Staged, error) {
	s, err := g.Staged(ctx, a, id)
	if err != nil {
		return Staged{}, err
	}
	return s, g.fault(article4.ActDescribe, g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		return g.register.DropStaged(ctx, v.tx, id, v.at)
	}))
}

// depositStaged makes a document of a staged file: what was found in it is put before the rules with the metadata, and
// no byte is read again. A refusal leaves the file staged, so that it need not be chosen a second time.
func (g *Gateway) depositStaged(ctx context.Context, a Actor, m Metadata) (Document, error) {
	in := &intake{meta: m, act: article4.ActDeposit, lock: register.ForShare}
	in.declare = in.declareDeposit
	o := in.operation(func(ctx context.Context, v *visit) error { return in.fromStaged(ctx, v) })
	o.what, o.target = "staged file", m.Staged
	out, err := perform(ctx, g, a, act[Document]{
		operation: o,
		do:        func(ctx context.Context, v *visit) (Document, error) { return v.store(ctx, in) },
		made:      func(d Document) string { return string(d.ID) },
		replay: func(ctx context.Context, made string) (Document, error) {
			return g.Describe(ctx, a, article4.DocumentID(made))
		},
	})
	return out, g.refusedUngiven(ctx, a, err)
}

// fromStaged goes on where the staging of a file ended. What was staged for something else is answered as what is not
// there.
func (in *intake) fromStaged(ctx context.Context, v *visit) error {
	if err := v.register.HoldStaged(ctx, v.tx, v.actor.person); err != nil {
		return err
	}
	s, err := v.register.Staged(ctx, v.tx, v.actor.person, in.meta.Staged, v.at)
	if missingRecord(err) {
		return in.notStaged()
	}
	if err != nil {
		return err
	}
	f, err := findingsOf(s)
	if err != nil {
		return err
	}
	if f.Corrects != (in.document != "") || f.Corrects && f.Document != in.document {
		return in.notStaged()
	}
	in.staged, in.subject, in.version, in.upload, in.object = &s, f.Document, f.Version, s.Upload, s.Object
	in.part, in.found = ContentPart{FileName: f.FileName, MediaType: f.Declared}, f.Found
	in.sealed = vault.Sealed{Object: s.Object, WrappedKey: s.WrappedKey, Size: f.Size}
	in.tried = outcome{unmarkable: f.Unmarkable, words: f.Words, label: f.Label, malware: f.Malware,
		warnings: f.Warnings}
	in.judge(f.Size)
	in.facts.NotInspected = f.Malware == inspect.NotInspected && !v.settings.AdmitNotInspected
	return in.declareFound(ctx, v)
}

// notStaged tells what is not there: of a new version the file, since its document is.
func (in *intake) notStaged() error {
	if in.document != "" {
		return invalid.One(invalid.NotStaged, "staged", "4(9)")
	}
	return errAbsent
}
