package exchange

import (
	"context"
	"encoding/hex"
	"encoding/json"
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
// itself is held to.
type StagedFile struct {
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
	return c.Err()
}

func (f StagedFile) metadata() Metadata {
	return Metadata{Marking: f.Marking, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256}
}

// Staged is a file that waits, sealed, for the rest of its deposit: in the sight of whoever sent it, and nobody else.
type Staged struct {
	ID            string // "stg_…"
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
// document it will be, holds the row to what the gateway wrote.
type stagedFindings struct {
	Person     article4.PersonID     `json:"person"`
	Document   article4.DocumentID   `json:"document"` // that it will be: its key is bound to it
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
// deposit that could be made of it at best, before a byte is read and on what was found (docs/decisions/0250). It is
// sealed, seen by nobody else, is no document, and is gone after a day. There is no entry but of a refusal.
func (g *Gateway) Stage(ctx context.Context, a Actor, f StagedFile, content ContentSource) (Staged, error) {
	if err := f.check(); err != nil {
		return Staged{}, err
	}
	in := newIntake(f.metadata(), article4.DocumentID(register.NewID("doc_")))
	in.act, in.lock, in.declare, in.room = article4.ActDeposit, register.ForShare, in.declareStaged, stagingRoom
	in.preview = g.drawPreview
	return takeIn(ctx, g, a, in, content, act[Staged]{
		do:     func(ctx context.Context, v *visit) (Staged, error) { return v.stage(ctx, in) },
		made:   func(s Staged) string { return s.ID },
		replay: func(ctx context.Context, made string) (Staged, error) { return g.Staged(ctx, a, made) },
	}, func(s Staged) bool { return s.version == in.version })
}

// declareStaged puts before the rules the deposit that could be made of the file at best: what is refused of that, no
// other metadata would cure. What the depositor has yet to say something about is told and not refused.
func (in *intake) declareStaged(_ context.Context, v *visit) error {
	if in.textKey == nil {
		var err error
		if in.textKey, err = v.textKey(); err != nil {
			return err
		}
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
	return Staged{
		ID:            s.ID,
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
		out, err = pageOf(found, limit, func(s register.Staged) cursor { return cursor{s.StagedAt, s.ID} }, stagedView)
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

// fromStaged goes on where the staging of a file ended.
func (in *intake) fromStaged(ctx context.Context, v *visit) error {
	if err := v.register.HoldStaged(ctx, v.tx, v.actor.person); err != nil {
		return err
	}
	s, err := v.register.Staged(ctx, v.tx, v.actor.person, in.meta.Staged, v.at)
	if missingRecord(err) {
		return errAbsent
	}
	if err != nil {
		return err
	}
	f, err := findingsOf(s)
	if err != nil {
		return err
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
