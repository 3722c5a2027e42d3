package exchange

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// ContentPart is what the content part of a deposit says of itself.
type ContentPart struct {
	FileName  string
	MediaType string
}

// ContentSource opens the content of a deposit. It is called only after the metadata was permitted: of a document
// without a marking no byte is read (Article 4(9)).
type ContentSource func() (io.Reader, ContentPart, error)

// Deposit takes a document in (Article 4(2), 4(4), 4(9)). It is decided twice: on the metadata before a byte is read,
// and on what was found in the file. What is refused, cut off or fails midway leaves nothing that can be opened.
func (g *Gateway) Deposit(ctx context.Context, a Actor, m Metadata, content ContentSource) (Document, error) {
	if err := m.check(); err != nil {
		return Document{}, err
	}
	if m.Staged != "" {
		return g.depositStaged(ctx, a, m)
	}
	in := newIntake(m, article4.DocumentID(register.NewID("doc_")))
	in.act, in.lock, in.declare = article4.ActDeposit, register.ForShare, in.declareDeposit
	out, err := takeIn(ctx, g, a, in, content, act[Document]{
		do:   func(ctx context.Context, v *visit) (Document, error) { return v.store(ctx, in) },
		made: func(d Document) string { return string(d.ID) },
		replay: func(ctx context.Context, made string) (Document, error) {
			return g.Describe(ctx, a, article4.DocumentID(made))
		},
	}, in.isOf)
	return out, g.refusedUngiven(ctx, a, err)
}

// isOf reports whether a document has this content as its version.
func (in *intake) isOf(d Document) bool { return d.Version == in.version }

func (m Metadata) check() error {
	var c checks
	c.line("title", "4(9)", m.Title, maxTitle)
	c.text("purpose_statement", "4(9)", m.PurposeStatement, maxStatement)
	c.line("alias", "", m.Alias, maxName)
	c.text("handling", "4(6)", m.Handling, maxStatement)
	c.text("marking_confirmation", "4(9)", m.MarkingConfirmation, maxStatement)
	c.line("personal_data.regime", "4(3)", m.PersonalData.Regime, maxName)
	c.line("personal_data.legal_basis", "4(3)", m.PersonalData.LegalBasis, maxName)
	c.date("personal_data.retain_until", "4(3)", m.PersonalData.RetainUntil)
	c.date("as_of", "4(9)", m.AsOf)
	c.date("review_by", "4(9)", m.ReviewBy)
	c.digest("sha256", m.SHA256)
	c.identifier("series", string(m.Series), "ser_")
	c.atMost("purposes", "4(9)", len(m.Purposes), maxList)
	c.atMost("entities_concerned", "4(4)", len(m.Entities), maxList)
	c.atMost("derived_from", "4(8)", len(m.DerivedFrom), maxList)
	c.text("not_derived", "4(9)", m.NotDerived, maxStatement)
	c.countries(m.Countries)
	if m.Size < -1 {
		c.Add(invalid.SizeOutOfRange, "size", "", m.Size)
	}
	if m.Addressed != nil {
		if err := m.Addressed.check(m.Addressed.ask()); err != nil {
			return err
		}
	}
	return c.Err()
}

// capitals are the letters of a country's code (ISO 3166-1).
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// declareDeposit puts the metadata before the rules.
func (in *intake) declareDeposit(ctx context.Context, v *visit) error {
	m := in.meta
	d := &article4.DepositFacts{
		Marking:           m.Marking,
		TitlePresent:      shows(m.Title),
		PurposeStatement:  strings.TrimSpace(m.PurposeStatement) != "",
		Purposes:          m.Purposes,
		Recipient:         m.Recipient,
		EntitiesDeclared:  m.EntitiesDeclared,
		EntitiesConcerned: m.Entities,
		Proprietary:       m.Proprietary,
		EntitiesKnown:     true,
		Found:             in.facts,
		MarkingConfirmed:  strings.TrimSpace(m.MarkingConfirmation) != "",
		PersonalData: article4.PersonalDataFacts{Declared: m.PersonalData.Declared, Present: m.PersonalData.Present,
			Regime:     strings.TrimSpace(m.PersonalData.Regime) != "",
			LegalBasis: strings.TrimSpace(m.PersonalData.LegalBasis) != ""},
	}
	if !m.PersonalData.RetainUntil.IsZero() {
		d.PersonalData.RetainUntil = endOf(dayOf(m.PersonalData.RetainUntil))
	}
	d.RecipientIsOther = m.Recipient != v.actor.organisation.ID && slices.Contains(v.parties, m.Recipient)
	for _, entity := range m.Entities {
		o, err := v.organisation(entity)
		switch {
		case errors.Is(err, register.ErrNotFound):
			d.EntitiesKnown = false
		case err != nil:
			return err
		case o.Kind == article4.Operator:
			d.EntitiesKnown = false
		}
	}
	v.facts.Deposit = d
	if err := in.declareSeries(ctx, v); err != nil {
		return err
	}
	return in.declareSources(ctx, v)
}

// store makes the document: from here on, and not before, its content can be opened.
func (v *visit) store(ctx context.Context, in *intake) (Document, error) {
	if err := v.stored(ctx, in); err != nil {
		return Document{}, err
	}
	m := in.meta
	d := register.Document{
		ID:           in.subject,
		Reference:    register.NewReference(),
		Discloser:    v.actor.organisation.ID,
		Recipient:    m.Recipient,
		Depositor:    v.actor.person,
		Marking:      m.Marking,
		Proprietary:  m.Proprietary,
		PersonalData: m.PersonalData.Present,
		Entities:     slices.Concat(m.Entities, in.derived.entities),
		Sources:      in.derived.sources,
		Purposes:     slices.Compact(slices.Sorted(slices.Values(m.Purposes))),
		Title:        strings.TrimSpace(m.Title),
		Purpose:      m.PurposeStatement,
		Handling:     m.Handling,
		Alias:        m.Alias,
		ShowTitle:    m.ShowTitle,
		Countries:    m.Countries,
		AsOf:         dayOf(m.AsOf),
		ReviewBy:     dayOf(m.ReviewBy),
		DepositedAt:  v.at,
		Version:      in.version,
		Series:       m.Series,
	}
	if d.PersonalData {
		d.Regime, d.LegalBasis, d.RetainUntil = m.PersonalData.Regime, m.PersonalData.LegalBasis,
			dayOf(m.PersonalData.RetainUntil)
	}
	slices.Sort(d.Entities)
	d.Entities = slices.Compact(d.Entities)
	// Entities that are named need no repetition; that there are none counts when the first decision repeats it.
	d.EntitiesNone, d.EntitiesConfirmed = len(d.Entities) == 0, len(d.Entities) > 0
	d.Inherited, d.Hidden = in.derived.inherited, in.derived.beside(m.Entities)
	ver, err := in.asVersion(v, d)
	if err != nil {
		return Document{}, err
	}
	v.document = &d
	entry, err := v.recordDeposit(ctx, in, d, ver)
	if err != nil {
		return Document{}, err
	}
	d.Entry, d.EntryHash = entry.id, entry.hash
	if err := v.register.AddDocument(ctx, v.tx, d); err != nil {
		return Document{}, err
	}
	if err := v.register.AddVersion(ctx, v.tx, ver); err != nil {
		return Document{}, err
	}
	if err := v.register.AddText(ctx, v.tx, ver.ID, textOf(in.found.Fingerprint)); err != nil {
		return Document{}, err
	}
	out := wholeDocument(d, ver, true)
	out.NotLookedInto = in.found.NotLookedInto
	if err := v.give(ctx, d, ver, m.Addressed, &out); err != nil {
		return Document{}, err
	}
	return out, v.giveStanding(ctx, &d, ver, &out)
}

func (v *visit) recordDeposit(ctx context.Context, in *intake, d register.Document, ver register.Version) (written,
	error) {
	relies, err := in.confirmed(ctx, v)
	if err != nil {
		return written{}, err
	}
	body := v.body(ledger.KindDeposit, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Discloser:         string(d.Discloser),
		Recipient:         string(d.Recipient),
		Marking:           string(d.Marking),
		Proprietary:       d.Proprietary,
		PersonalData:      d.PersonalData,
		RetainUntil:       d.RetainUntil,
		Purposes:          texts(d.Purposes),
		DocumentVersion:   string(ver.ID),
		VersionCommitment: ver.Commitment,
		Size:              ver.Size,
		MediaType:         ver.MediaType,
		Sources:           in.derived.named(),
		Series:            string(d.Series),
		Relies:            relies,
	}
	return v.record(ctx, body, v.concerned(), []private{
		{"title", d.Title}, {"file-name", ver.FileName}, {"purpose-statement", d.Purpose}, {"handling", d.Handling},
		{"marking-confirmation", in.meta.MarkingConfirmation},
		{"entities", entitiesText(d)}, in.notDerivedField(),
	})
}
