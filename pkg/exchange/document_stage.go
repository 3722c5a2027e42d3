package exchange

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

const (
	stagedFor  = 24 * time.Hour // how long a staged file waits for the rest of its deposit
	maxStaged  = 20             // how many files one person may have staged at a time
	maxPreview = 4 << 20        // the largest picture of a first page that is kept, in bytes
)

// StagedFile is what is declared of a file that comes before the rest of its deposit: its marking, and what the upload
// itself is held to. A new version has its document's marking, and states none.
type StagedFile struct {
	Document  article4.DocumentID // whose new version the file is to be; empty: it is to be a document of its own
	Marking   article4.Marking
	MediaType string          // declared, of the content part; may be empty
	Size      int64           // declared; -1 when not
	SHA256    article4.Digest // declared; empty when not
}

func (f StagedFile) check() error {
	var c checks
	c.digest("sha256", f.SHA256)
	if f.Size < -1 {
		c.Add(invalid.SizeOutOfRange, "size", "", f.Size)
	}
	if f.Document != "" && f.Marking != "" {
		c.Add(invalid.NotWithDocument, "marking", "4(9)")
	}
	return c.Err()
}

func (f StagedFile) metadata() Metadata {
	return Metadata{Marking: f.Marking, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256}
}

// Staged is a file that waits, sealed, for the rest of its deposit: in the sight of whoever sent it, and nobody else.
type Staged struct {
	ID            string              // "stg_…"
	Document      article4.DocumentID // whose new version it is to be; empty: it is to be a document of its own
	Marking       article4.Marking
	FileName      string
	Size          int64
	SHA256        article4.Digest
	MediaType     string
	Pages         int      // 0 where they were not counted
	Preview       bool     // there is a picture of the first page as it would be marked
	Unmarkable    string   // why no marked copy can be made; empty: one can, or it was not tried
	Headers       []string // marking words that the file's own headers show
	PassengerData bool     // was found
	// Resembles is what was received from the other Party: a deposit names it as a source, or says why it is none.
	Resembles     []article4.DocumentID
	NotLookedInto []Gap
	StagedAt      time.Time
	ExpiresAt     time.Time

	version article4.VersionID
}

// stagedFindings is what is kept of a staged file beside its bytes, sealed. What it says of whose it is, and of which
// document it will be, or of which it will be a version, holds the row to what the gateway wrote.
type stagedFindings struct {
	Person     article4.PersonID     `json:"person"`
	Document   article4.DocumentID   `json:"document"`           // its key is bound to it
	Corrects   bool                  `json:"corrects,omitempty"` // the document is there already
	Version    article4.VersionID    `json:"version"`
	Marking    article4.Marking      `json:"marking"`
	Size       int64                 `json:"size"` // of what is sealed
	FileName   string                `json:"file_name"`
	Declared   string                `json:"declared"` // media type
	Found      inspect.Findings      `json:"found"`
	Unmarkable string                `json:"unmarkable"`
	Words      []string              `json:"words"`
	Label      []byte                `json:"label"`
	Malware    inspect.Verdict       `json:"malware"`
	Warnings   []stamp.Warning       `json:"warnings"`
	Resembles  []article4.DocumentID `json:"resembles"`
	Pages      int                   `json:"pages"`
}

// Stage takes a file in before the rest of its deposit, never before its marking (Article 4(9)): it is decided as the
// deposit, or the new version, that could be made of it at best, before a byte is read and on what was found
// (docs/decisions/0250, 0471). It is sealed, seen by nobody else, is no document, and is gone after a day. There is no
// entry but of a refusal.
func (g *Gateway) Stage(ctx context.Context, a Actor, f StagedFile, content ContentSource) (Staged, error) {
	if err := f.check(); err != nil {
		return Staged{}, err
	}
	in := toStage(f)
	in.room, in.preview = stagingRoom, g.drawPreview
	return takeIn(ctx, g, a, in, content, act[Staged]{
		do:     func(ctx context.Context, v *visit) (Staged, error) { return v.stage(ctx, in) },
		made:   func(s Staged) string { return s.ID },
		replay: func(ctx context.Context, made string) (Staged, error) { return g.Staged(ctx, a, made) },
	}, func(s Staged) bool { return s.version == in.version })
}

// toStage is the intake of a file that is staged.
func toStage(f StagedFile) *intake {
	subject := f.Document
	if subject == "" {
		subject = article4.DocumentID(register.NewID("doc_"))
	}
	in := newIntake(f.metadata(), subject)
	in.act, in.lock, in.declare = article4.ActDeposit, register.ForShare, in.declareStaged
	if f.Document != "" {
		in.act, in.document, in.declare = article4.ActCorrect, f.Document, in.declareStagedVersion
	}
	return in
}

// declareStagedVersion puts before the rules the new version that could be made of the file at best, of the document as
// it stands: its marking may be another by the time at which the version is made, and counts then.
func (in *intake) declareStagedVersion(_ context.Context, v *visit) error {
	if err := in.readTextKey(v); err != nil {
		return err
	}
	in.meta.Marking = v.document.Marking
	v.facts.Change = &article4.ChangeFacts{Kind: article4.Corrects, ReasonPresent: true}
	d := v.declared()
	d.Found, d.MarkingConfirmed, d.ResemblanceSettled = in.facts, true, true
	v.facts.Deposit = d
	return nil
}

// declareStaged puts before the rules the deposit that could be made of the file at best: what is refused of that, no
// other metadata would cure. What the depositor has yet to say something about is told and not refused.
func (in *intake) declareStaged(_ context.Context, v *visit) error {
	if err := in.readTextKey(v); err != nil {
		return err
	}
	d := v.leastDeposit(in.meta.Marking)
	d.Found, d.MarkingConfirmed, d.ResemblanceSettled = in.facts, true, true
	if in.facts != nil && in.facts.PassengerData {
		d.PersonalData = article4.PersonalDataFacts{Declared: true, Present: true, Regime: true, LegalBasis: true,
			RetainUntil: v.at.Add(stagedFor)}
	}
	v.facts.Deposit = d
	return nil
}

// stagingRoom refuses one file more than a person may have staged, before a byte of it is read too.
func stagingRoom(ctx context.Context, v *visit) error {
	if err := v.register.HoldStaged(ctx, v.tx, v.actor.person); err != nil {
		return err
	}
	have, err := v.register.StagedBy(ctx, v.tx, v.actor.person, v.at, "", maxStaged)
	if err != nil {
		return err
	}
	coming, err := v.register.ArrivalsOf(ctx, v.tx, v.actor.person, v.at)
	if err == nil && len(have)+coming >= maxStaged {
		err = fmt.Errorf("%w: as many files are staged as one person may have waiting", ErrConflict)
	}
	return err
}

func (v *visit) stage(ctx context.Context, in *intake) (Staged, error) {
	id := register.NewID("stg_")
	if in.arrival != nil {
		if err := v.stageArrival(ctx, in); err != nil {
			return Staged{}, err
		}
		id = in.arrival.ID
	}
	if err := stagingRoom(ctx, v); err != nil {
		return Staged{}, err
	}
	_, found, err := payloadOf(in.kept(v.actor.person))
	if err != nil {
		return Staged{}, err
	}
	s := register.Staged{
		ID:           id,
		Upload:       in.upload,
		Object:       in.sealed.Object,
		Organisation: v.actor.organisation.ID,
		Person:       v.actor.person,
		WrappedKey:   in.sealed.WrappedKey,
		Found:        found,
		Preview:      string(in.pictured.png),
		StagedAt:     v.at,
		ExpiresAt:    v.at.Add(stagedFor),
	}
	err = v.register.AddStaged(ctx, v.tx, s)
	if missingRecord(err) {
		err = fmt.Errorf("%w: the upload was given up meanwhile", vault.ErrUnavailable)
	}
	if err != nil {
		return Staged{}, err
	}
	return stagedView(s)
}

func (in *intake) kept(by article4.PersonID) stagedFindings {
	return stagedFindings{
		Person:     by,
		Document:   in.subject,
		Corrects:   in.document != "",
		Version:    in.version,
		Marking:    in.meta.Marking,
		Size:       in.sealed.Size,
		FileName:   in.part.FileName,
		Declared:   in.declaredType(),
		Found:      in.found,
		Unmarkable: in.tried.unmarkable,
		Words:      in.tried.words,
		Label:      in.tried.label,
		Malware:    in.tried.malware,
		Warnings:   in.tried.warnings,
		Resembles:  in.resembles,
		Pages:      in.pictured.pages,
	}
}

// pictured is the first page of a staged file as it would be marked.
type pictured struct {
	png   []byte
	pages int
}

// drawPreview draws the first page of a file on its way in, marked; never an unmarked one. Where that cannot be done
// there is no picture, and no more is lost.
func (g *Gateway) drawPreview(ctx context.Context, a Actor, in *intake, file io.Reader, size int64) pictured {
	if in.tried.unmarkable != "" || !stamp.CanShow(in.found.MediaType) {
		return pictured{}
	}
	marked, err := g.stamper.Stamp(ctx, stamp.Source{Reader: file, Size: size, MediaType: in.found.MediaType},
		stamp.Mark{
			Marking:    string(in.meta.Marking),
			Discloser:  a.organisation.Name,
			Recipient:  a.organisation.Name,
			Person:     string(a.person),
			CopyNumber: "PREVIEW",
			Date:       time.Now(),
		})
	if err != nil {
		g.logger.Warn("staged file not shown", "error", err)
		return pictured{}
	}
	defer marked.Close()
	view, err := g.stamper.Show(ctx, stamp.Source{Reader: marked, Size: marked.Size, MediaType: marked.MediaType})
	if err != nil {
		g.logger.Warn("staged file not shown", "error", err)
		return pictured{}
	}
	defer view.Close()
	png, err := view.Page(ctx, 1)
	if err != nil || len(png) > maxPreview {
		g.logger.Warn("staged file not shown", "error", err, "size", len(png))
		png = nil
	}
	return pictured{png, view.Pages()}
}

// leastDeposit is the least of what could be deposited by the caller under a marking, with all the words that it wants.
// A machine client is held to the purposes that are listed for it.
func (v *visit) leastDeposit(marking article4.Marking) *article4.DepositFacts {
	purposes := v.facts.Arrangement.OpenPurposes
	if listed := v.actor.claims.Service; listed != nil {
		purposes = slices.DeleteFunc(slices.Clone(purposes),
			func(p article4.PurposeCode) bool { return !slices.Contains(listed.Purposes, p) })
	}
	var recipient article4.OrganisationID
	for _, party := range v.parties {
		if party != v.actor.organisation.ID {
			recipient = party
		}
	}
	return &article4.DepositFacts{
		Marking:          marking,
		TitlePresent:     true,
		PurposeStatement: true,
		Purposes:         purposes[:min(1, len(purposes))],
		Recipient:        recipient,
		RecipientIsOther: recipient != "",
		PersonalData:     article4.PersonalDataFacts{Declared: true},
		EntitiesDeclared: true,
		EntitiesKnown:    true,
		SourcesDeclared:  true,
	}
}
