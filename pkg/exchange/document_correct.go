package exchange

import (
	"context"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Correct deposits a new version of a document (Article 4(9)): it corrects, updates or replaces the one before. It
// carries nothing over: authorizations, consents and grants name a version. Holders of earlier versions are told.
// Unless it is kept, the version before is closed: nothing new is disclosed of it. With c.Staged no byte is read again,
// and a refusal leaves the file staged.
func (g *Gateway) Correct(ctx context.Context, a Actor, id article4.DocumentID, c Correction,
	content ContentSource) (Document, error) {
	if err := c.check(); err != nil {
		return Document{}, err
	}
	in := newIntake(Metadata{
		Size:            c.Size,
		SHA256:          c.SHA256,
		MediaType:       c.MediaType,
		SourcesDeclared: c.SourcesDeclared,
		DerivedFrom:     c.DerivedFrom,
		NotDerived:      c.NotDerived,
		Staged:          c.Staged,
	}, id)
	in.act, in.document, in.lock = article4.ActCorrect, id, register.ForUpdate
	in.declare = func(ctx context.Context, v *visit) error { return v.declareVersion(ctx, in, c) }
	made := act[Document]{
		do: func(ctx context.Context, v *visit) (Document, error) {
			if err := v.correct(ctx, in, c); err != nil {
				return Document{}, err
			}
			out, err := v.redescribe(ctx)
			out.NotLookedInto = in.found.NotLookedInto
			return out, err
		},
		made:   func(Document) string { return string(id) },
		replay: g.described(a, id),
	}
	if c.Staged == "" {
		return takeIn(ctx, g, a, in, content, made, in.isOf)
	}
	made.operation = in.operation(func(ctx context.Context, v *visit) error { return in.fromStaged(ctx, v) })
	return perform(ctx, g, a, made)
}

func (c Correction) check() error {
	var found checks
	if !c.Kind.Valid() {
		found.Add(invalid.NotACorrection, "kind", "4(9)")
	}
	found.required("statement", "4(9)", c.Explanation, maxStatement)
	found.text("marking_confirmation", "4(9)", c.MarkingConfirmation, maxStatement)
	found.atMost("derived_from", "4(8)", len(c.DerivedFrom), maxList)
	found.text("not_derived", "4(9)", c.NotDerived, maxStatement)
	found.digest("sha256", c.SHA256)
	if c.Size < -1 {
		found.Add(invalid.SizeOutOfRange, "size", "", c.Size)
	}
	return found.Err()
}

// declareVersion puts a new version before the rules with what the document declared when it was deposited.
func (v *visit) declareVersion(ctx context.Context, in *intake, c Correction) error {
	v.facts.Change = &article4.ChangeFacts{Kind: c.Kind, ReasonPresent: strings.TrimSpace(c.Explanation) != ""}
	v.facts.Deposit = v.declared()
	v.facts.Deposit.Found, v.facts.Deposit.MarkingConfirmed = in.facts, strings.TrimSpace(c.MarkingConfirmation) != ""
	return in.declareSources(ctx, v)
}

// declared is what the document declared when it was deposited.
func (v *visit) declared() *article4.DepositFacts {
	d := v.document
	out := &article4.DepositFacts{
		Marking:          d.Marking,
		TitlePresent:     true,
		PurposeStatement: true,
		Purposes:         d.Purposes,
		Recipient:        d.Recipient,
		RecipientIsOther: true,
		SourcesDeclared:  true, // declareSources asks; who asks what is permitted is taken to have answered
		PersonalData: article4.PersonalDataFacts{Declared: true, Present: d.PersonalData, Regime: d.Regime != "",
			LegalBasis: d.LegalBasis != ""},
		EntitiesDeclared:  true,
		EntitiesConcerned: d.Entities,
		EntitiesKnown:     true,
		Proprietary:       d.Proprietary,
	}
	if d.PersonalData {
		out.PersonalData.RetainUntil = endOf(d.RetainUntil)
	}
	return out
}

func (v *visit) correct(ctx context.Context, in *intake, c Correction) error {
	if err := v.stored(ctx, in); err != nil {
		return err
	}
	before, err := v.register.Version(ctx, v.tx, v.document.Version)
	if err != nil {
		return err
	}
	next, err := in.asVersion(v, *v.document)
	if err != nil {
		return err
	}
	next.Number, next.Kind, next.Explanation = before.Number+1, c.Kind, c.Explanation
	body := v.body(ledger.KindCorrection, ledger.Permitted)
	t := v.changeTerms()
	t.DocumentVersion, t.VersionCommitment, t.Size, t.MediaType = string(next.ID), next.Commitment, next.Size,
		next.MediaType
	t.Subject, t.Sources, body.Terms = string(before.ID), in.derived.named(), t
	relies, err := in.confirmed(ctx, v)
	if err != nil {
		return err
	}
	t.Relies = append(t.Relies, relies...)
	if !c.KeepPrevious {
		t.Closes = string(before.ID)
	}
	entry, err := v.record(ctx, body, v.concerned(),
		[]private{{"explanation", c.Explanation}, {"file-name", next.FileName},
			{"marking-confirmation", c.MarkingConfirmation}, v.entitiesField(), in.notDerivedField()})
	if err != nil {
		return err
	}
	next.Entry = entry.id
	if err := v.register.AddVersion(ctx, v.tx, next); err != nil {
		return err
	}
	if err := v.register.AddText(ctx, v.tx, next.ID, textOf(in.found.Fingerprint)); err != nil {
		return err
	}
	if err := v.register.Supersede(ctx, v.tx, v.document, next.ID); err != nil {
		return err
	}
	if err := v.register.Derive(ctx, v.tx, v.document, in.derived.sources, in.derived.entities,
		in.derived.inherited); err != nil {
		return err
	}
	return v.supersede(ctx, before, next, c, entry)
}

// supersede closes the version before unless it is kept, and tells the holders of whatever version came earlier: who
// was told of the second is told of the third too.
func (v *visit) supersede(ctx context.Context, before, next register.Version, c Correction, entry written) error {
	if !c.KeepPrevious {
		if err := v.register.CloseVersion(ctx, v.tx, before, v.at); err != nil {
			return err
		}
	}
	said := facts{"how": string(c.Kind), "before": strconv.Itoa(before.Number), "version": strconv.Itoa(next.Number),
		"statement": c.Explanation}
	if err := v.tellHolders(ctx, noticeCorrection, "", entry.id, said); err != nil {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}

// Versions lists the versions of a document that the caller sees whole, the newest first.
func (g *Gateway) Versions(ctx context.Context, a Actor, id article4.DocumentID) ([]VersionRecord, error) {
	return perform(ctx, g, a, act[[]VersionRecord]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", facts: loadAccess},
		do: func(ctx context.Context, v *visit) ([]VersionRecord, error) {
			var out []VersionRecord
			found, err := g.register.Versions(ctx, v.tx, id)
			for _, version := range found {
				if article4.SeesVersion(v.facts, version.ID) {
					out = append(out, versionView(version, v.document.Entry))
				}
			}
			return out, err
		}})
}

func versionView(v register.Version, deposit string) VersionRecord {
	out := VersionRecord{
		ID:           v.ID,
		Number:       v.Number,
		Kind:         v.Kind,
		Explanation:  v.Explanation,
		FileName:     v.FileName,
		MediaType:    v.MediaType,
		Size:         v.Size,
		SHA256:       v.SHA256,
		CreatedAt:    v.CreatedAt,
		Closed:       !v.ClosedAt.IsZero(),
		Destroyed:    !v.DestroyedAt.IsZero(),
		DepositEntry: v.Entry,
	}
	if out.DepositEntry == "" {
		out.DepositEntry = deposit
	}
	return out
}
