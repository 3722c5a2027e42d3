package exchange

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

// ErrContent says that the content broke off on its way in; nothing was kept.
var ErrContent = errors.New("content broke off")

// intake is one deposit, or one new version, between its first and its second decision.
type intake struct {
	act      article4.Act
	document article4.DocumentID // of a new version, to be locked and loaded; empty for a deposit
	subject  article4.DocumentID // the document that the content becomes part of: its key is bound to it
	lock     register.Lock
	declare  func(ctx context.Context, v *visit) error // puts before the rules what was declared
	room     func(ctx context.Context, v *visit) error // whether there is room for one more; nil: there is
	// preview draws the first page as it would be marked, for a file that is staged; nil: none is wanted.
	preview  func(ctx context.Context, a Actor, in *intake, file io.Reader, size int64) pictured
	pictured pictured
	staged   *register.Staged  // that the content comes from; nil: it comes with the act
	arrival  *register.Arrival // that the content came by; its upload is open already. nil: it comes in one piece
	pieces   []vault.Piece     // of the arrival

	meta    Metadata
	derived derivation
	// resembles are the documents received that the content resembles and that are not named as its sources.
	resembles []article4.DocumentID
	confirms  *register.Pending // what another person said, and this one says too
	textKey   []byte
	part      ContentPart
	version   article4.VersionID
	upload    register.UploadID
	object    string
	found     inspect.Findings
	sealed    vault.Sealed
	tried     outcome
	facts     *article4.FoundFacts
	refusal   error
}

// newIntake is of a new version of a document, or of a document that does not exist yet.
func newIntake(m Metadata, subject article4.DocumentID) *intake {
	in := &intake{meta: m, subject: subject, version: article4.VersionID(register.NewID("ver_")),
		upload: register.UploadID(register.NewID("upl_"))}
	in.object = documentObjects + string(in.version) + "/" + register.NewID("")
	return in
}

// takeIn is the way in: decide on what was declared, open the upload; one streaming pass; decide on what was found,
// store. kept tells whether the result was made of this content; false: another call under the same Idempotency-Key
// came first, and this upload is given up.
func takeIn[T any](ctx context.Context, g *Gateway, a Actor, in *intake, content ContentSource, last act[T],
	kept func(T) bool) (T, error) {
	var none T
	again, err := perform(ctx, g, a,
		act[*replayed]{operation: in.operation(in.declare), do: func(ctx context.Context, v *visit) (*replayed, error) {
			if found, err := v.uploadedBefore(ctx); err != nil || found != nil {
				return found, err
			}
			if err := in.deliverable(ctx, v); err != nil {
				return nil, err
			}
			if in.room != nil {
				if err := in.room(ctx, v); err != nil {
					return nil, err
				}
			}
			if in.arrival != nil {
				return nil, nil
			}
			return nil, v.openUpload(ctx, in)
		}})
	if err != nil {
		return none, err
	}
	if again != nil {
		if err := g.sameContent(a, again, content); err != nil {
			return none, err
		}
		a.attempt.again()
		return last.replay(ctx, again.result)
	}
	if err := g.take(ctx, a, in, content); err != nil {
		g.abandon(in.upload)
		return none, err
	}
	a = a.withContent(in.digest())
	last.operation = in.operation(in.declareFound)
	out, err := perform(ctx, g, a, last)
	if err != nil || !kept(out) { // refused, or another under the same key was first
		g.abandon(in.upload)
	}
	return out, err
}

// openUpload records that an upload begins, unless this person has as many under way as one may have.
func (v *visit) openUpload(ctx context.Context, in *intake) error {
	// A running upload gives a sign of life four times in SilenceAfter.
	running, err := v.register.UploadsOf(ctx, v.tx, v.actor.person, v.at.Add(-v.settings.SilenceAfter/2))
	if err != nil {
		return err
	}
	if running >= v.settings.Uploads {
		return &TooManyUploads{Most: v.settings.Uploads}
	}
	return v.register.OpenUpload(ctx, v.tx, register.Upload{ID: in.upload, Organisation: v.actor.organisation.ID,
		Person: v.actor.person, Object: in.object, OpenedAt: v.at})
}

func (in *intake) operation(facts func(context.Context, *visit) error) operation {
	return operation{
		act:      in.act,
		document: in.document,
		what:     "document",
		lock:     in.lock,
		facts:    facts,
		refused:  in.refusedAsResembling,
	}
}

// declareFound puts the same before the rules a second time, with what was found.
func (in *intake) declareFound(ctx context.Context, v *visit) error {
	own, err := v.register.DisclosedTo(ctx, v.tx, in.digest(), v.actor.organisation.ID)
	if err != nil {
		return err
	}
	if found, err := label.Open(in.tried.label, v.labelVerifier); err == nil && !own {
		if own, err = v.register.HeldBy(ctx, v.tx, found.CopyNumber, v.actor.organisation.ID); err != nil {
			return err
		}
	}
	in.facts.DisclosedToOwn, in.facts.ResemblesReceived = own, false
	if err := in.declare(ctx, v); err != nil {
		return err
	}
	if !own { // the very bytes are refused for that
		if err := in.resemblance(ctx, v); err != nil {
			return err
		}
	}
	in.facts.MarkingContradicted = contradicts(v.facts.Deposit.Marking, in.tried.words)
	return nil
}

func (in *intake) digest() article4.Digest {
	return article4.Digest(hex.EncodeToString(in.found.SHA256[:]))
}

// take reads the content once: counted, hashed, inspected, sealed and stored. The last sealed package is held back
// until size, digest and inspection pass, so that a refused object never completes.
func (g *Gateway) take(ctx context.Context, a Actor, in *intake, content ContentSource) error {
	r, part, err := content()
	if err != nil {
		return err
	}
	in.part = part
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go g.keepUpload(ctx, in.upload, g.settings.SilenceAfter/4, stop)
	watch := inspect.New(inspect.Config{MaxSize: g.settings.MaxUpload, TokenKey: in.textKey})
	defer watch.Close()
	precheck := g.beginPrecheck(ctx, watch, in.meta.Size)
	defer precheck.end()
	whole := vault.Intake{
		Organisation: string(a.organisation.ID),
		Version:      string(in.version),
		Subject:      string(in.subject),
		Object:       in.object,
		Size:         in.meta.Size,
		MaxSize:      g.settings.MaxUpload,
		Content:      r,
		Watch:        io.MultiWriter(watch, precheck),
		Accept: func(size int64) error {
			in.found = watch.Findings()
			in.tried = g.try(ctx, precheck, in.found.MediaType)
			if in.found.LeadsOut {
				in.tried.warnings = append(in.tried.warnings, stamp.Paths)
			}
			in.looked(in.tried.text)
			in.judge(size)
			in.facts.NotInspected = in.tried.malware == inspect.NotInspected && !g.settings.AdmitNotInspected
			err := g.accept(ctx, a, in)
			if err == nil && in.preview != nil && precheck.size > 0 {
				in.pictured = in.preview(ctx, a, in, precheck.reader(), precheck.size)
			}
			return err
		},
	}
	if in.arrival != nil {
		whole.Arrival, whole.Pieces = in.arrival.ID, in.pieces
	}
	in.sealed, err = g.vault.Put(ctx, whole)
	return g.taken(ctx, a, in, err)
}

// accept lets the rules look before the last package is let go, at the deposit and then at what it addresses; the
// refusal's entry is written here.
func (g *Gateway) accept(ctx context.Context, a Actor, in *intake) error {
	_, in.refusal = perform(ctx, g, a, act[bool]{operation: in.operation(in.declareFound),
		do: func(ctx context.Context, v *visit) (bool, error) { return true, in.deliverable(ctx, v) }})
	return in.refusal
}

// taken tells apart why a deposit did not complete.
func (g *Gateway) taken(ctx context.Context, a Actor, in *intake, err error) error {
	switch {
	case err == nil:
		return nil
	case in.refusal != nil:
		return in.refusal
	case errors.Is(err, vault.ErrTooLarge):
		in.facts = &article4.FoundFacts{TooLarge: true, SizeMatches: true, DigestMatches: true, TypeMatches: true}
		return g.accept(ctx, a, in)
	case errors.Is(err, vault.ErrSizeMismatch):
		in.facts = &article4.FoundFacts{DigestMatches: true, TypeMatches: true}
		return g.accept(ctx, a, in)
	case errors.Is(err, vault.ErrEmpty):
		in.facts = &article4.FoundFacts{Empty: true, SizeMatches: true, DigestMatches: true, TypeMatches: true}
		return g.accept(ctx, a, in)
	case errors.Is(err, vault.ErrContent):
		return fmt.Errorf("%w: %w", ErrContent, err)
	case context.Cause(ctx) != nil && !errors.Is(context.Cause(ctx), context.Canceled):
		err = context.Cause(ctx)
	}
	return g.outage(ctx, a, operation{act: in.act, document: in.document}, []article4.OrganisationID{a.organisation.ID},
		err)
}

// judge compares what was found with what was declared.
func (in *intake) judge(size int64) {
	in.facts = &article4.FoundFacts{
		Empty:         size == 0,
		SizeMatches:   in.meta.Size < 0 || in.meta.Size == size,
		DigestMatches: in.meta.SHA256 == "" || in.meta.SHA256 == in.digest(),
		TypeMatches:   typeMatches(in.declaredType(), in.found.MediaType),
		PassengerData: in.found.PassengerData,
		MalwareFound:  in.tried.malware == inspect.Found,
	}
}

func (in *intake) declaredType() string {
	if in.meta.MediaType != "" {
		return in.meta.MediaType
	}
	return in.part.MediaType
}

// typeMatches refuses only what a reader could be deceived by: a type that is recognised by its content declared as
// another, or another declared as one of these.
func typeMatches(declared, found string) bool {
	d, _, err := mime.ParseMediaType(declared)
	if declared == "" || err != nil {
		return true
	}
	f, _, _ := mime.ParseMediaType(found)
	if d == f || d == "application/octet-stream" {
		return true
	}
	return !slices.Contains(told, d) && !slices.Contains(told, f)
}

// told are media types that content tells with certainty.
var told = []string{"application/pdf", "image/png", "image/jpeg"}

// stored moves the upload from open to stored; the sweeper may have been first.
func (v *visit) stored(ctx context.Context, in *intake) error {
	var err error
	if in.staged != nil {
		err = v.register.TakeStaged(ctx, v.tx, *in.staged, v.at)
	} else {
		err = v.register.StoreUpload(ctx, v.tx, in.upload, v.at)
	}
	if missingRecord(err) {
		return fmt.Errorf("%w: the upload was given up meanwhile", vault.ErrUnavailable)
	}
	return err
}

func (in *intake) asVersion(v *visit, d register.Document) (register.Version, error) {
	commitment, salt, err := ledger.Commit(string(in.digest()))
	return register.Version{
		ID:            in.version,
		Document:      d.ID,
		Discloser:     d.Discloser,
		Number:        1,
		Upload:        in.upload,
		Object:        in.sealed.Object,
		WrappedKey:    in.sealed.WrappedKey,
		Size:          in.sealed.Size,
		SHA256:        in.digest(),
		DigestSalt:    salt,
		Commitment:    commitment,
		MediaType:     in.found.MediaType,
		FileName:      fileName(in.part.FileName, d.Reference),
		PassengerData: in.found.PassengerData,
		CreatedAt:     v.at,
		Unmarkable:    in.tried.unmarkable,
		Malware:       string(in.tried.malware),
		Warnings:      strings.Join(texts(in.tried.warnings), ","),
	}, err
}

// fileName keeps the last element of the name that came, without what could deceive; a document without one is named
// after its reference.
func fileName(name, reference string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if deceives(r) || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	for len(name) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" || name == "/" {
		return reference
	}
	return name
}

// keepUpload shows signs of life, so that the sweeper leaves a slow upload alone; one that was given up is stopped.
func (g *Gateway) keepUpload(ctx context.Context, id register.UploadID, every time.Duration,
	stop context.CancelCauseFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := g.caught(ctx, "keep an upload", func() error {
			return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
				return g.register.KeepUpload(ctx, v.tx, id, v.at)
			})
		})
		if errors.Is(err, register.ErrNotFound) {
			stop(fmt.Errorf("%w: the upload was given up meanwhile", vault.ErrUnavailable))
			return
		}
	}
}

// abandon gives an upload up at once; when even that fails, the sweeper does it later.
func (g *Gateway) abandon(upload register.UploadID) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		return g.register.AbandonUpload(ctx, v.tx, upload, v.at)
	})
	if err != nil {
		g.logger.Warn("upload left to the sweeper", "upload", upload, "error", err)
	}
}
