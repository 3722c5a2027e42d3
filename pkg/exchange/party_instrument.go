package exchange

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

const (
	maxInstrument   = 4 << 20        // the largest paper of an instrument, in bytes
	instrumentWaits = 24 * time.Hour // how long one waits for something to name it
)

// InstrumentDeposit is what is declared of a paper.
type InstrumentDeposit struct {
	Request article4.RequestID // of a letter: on which request a decision is to rest on it; empty for an instrument
	SHA256  article4.Digest    // declared; empty when not
}

// Instrument is the signed paper of an instrument, or of a letter, that lies here sealed. Delegations, designations,
// Mandates, filed authorizations and decisions name it by its digest, which was made here.
type Instrument struct {
	ID           string // "ins_…"
	Organisation article4.OrganisationID
	Request      article4.RequestID // of a letter
	Person       article4.PersonID  // who deposited it; empty to the other Party
	SHA256       article4.Digest
	MediaType    string // application/pdf, image/png or image/jpeg
	Size         int64  // in bytes
	FileName     string // to its own organisation alone
	DepositedAt  time.Time
	ExpiresAt    time.Time // zero once something names it
	Entry        string
}

// instrumentTypes are the forms in which a signed paper is taken.
func instrumentTypes() []string { return []string{"application/pdf", "image/png", "image/jpeg"} }

// DepositInstrument takes the signed paper of an instrument in, before the act that names it by its digest: at most
// 4 MiB of PDF, PNG or JPEG. With Request it is a letter: the Discloser's decision on that request may rest on it as
// evidence (reading 0010), taken by another signatory than the one who deposits it. What nothing names within a day is
// removed. Both Parties may open the paper of a Delegation, a designation or a Mandate; one for a request is its own
// organisation's alone.
func (g *Gateway) DepositInstrument(ctx context.Context, a Actor, in InstrumentDeposit,
	content ContentSource) (Instrument, error) {
	var c checks
	c.digest("sha256", in.SHA256)
	if err := c.Err(); err != nil {
		return Instrument{}, err
	}
	var p paper
	o := operation{act: article4.ActDepositInstrument, request: in.Request, what: "request", lock: register.ForShare,
		facts: func(_ context.Context, v *visit) error {
			v.paperFacts(p)
			return nil
		}}
	if _, err := perform(ctx, g, a, act[bool]{operation: o, do: permitted}); err != nil {
		return Instrument{}, err
	}
	var err error
	if p, err = g.readPaper(ctx, in, content); err != nil {
		return Instrument{}, err
	}
	return perform(ctx, g, a.withContent(p.digest), act[Instrument]{
		operation: o,
		do:        func(ctx context.Context, v *visit) (Instrument, error) { return v.keepPaper(ctx, in, p) },
		made:      func(i Instrument) string { return i.ID },
		replay:    func(ctx context.Context, made string) (Instrument, error) { return g.Instrument(ctx, a, made) },
		conflicts: map[string]string{"one_instrument_of_a_digest": "this paper was deposited already"},
	})
}

// paper is what came, and what was found in it.
type paper struct {
	content   []byte
	part      ContentPart
	digest    article4.Digest
	mediaType string
	malware   inspect.Verdict
}

// readPaper reads what was permitted to come, and looks for malware.
func (g *Gateway) readPaper(ctx context.Context, in InstrumentDeposit, content ContentSource) (paper, error) {
	file, part, err := content()
	if err != nil {
		return paper{}, err
	}
	p := paper{part: part}
	if p.content, err = io.ReadAll(io.LimitReader(file, maxInstrument+1)); err != nil {
		return paper{}, err
	}
	watch := inspect.New(inspect.Config{MaxSize: maxInstrument})
	defer watch.Close()
	if _, err := watch.Write(p.content); errors.Is(err, inspect.ErrTooLarge) {
		return paper{}, invalid.One(invalid.PaperTooLarge, "content", "4(8)")
	} else if err != nil {
		return paper{}, err
	}
	found := watch.Findings()
	p.digest, p.mediaType = article4.Digest(hex.EncodeToString(found.SHA256[:])), found.MediaType
	switch {
	case len(p.content) == 0:
		return paper{}, invalid.One(invalid.Empty, "content", "4(8)")
	case !slices.Contains(instrumentTypes(), p.mediaType):
		return paper{}, invalid.One(invalid.NotAPaper, "content", "4(8)")
	case in.SHA256 != "" && in.SHA256 != p.digest:
		return paper{}, invalid.One(invalid.OtherDigest, "sha256", "4(8)", string(p.digest))
	}
	p.malware = g.lookForMalware(ctx, p.content)
	return p, nil
}

// lookForMalware lets the scanner see the whole content.
func (g *Gateway) lookForMalware(ctx context.Context, content []byte) inspect.Verdict {
	scan := g.malware.Begin(ctx)
	defer scan.Close()
	_, _ = scan.Write(content)
	return g.verdict(scan)
}

// paperFacts: a letter is for a decision of the Discloser's.
func (v *visit) paperFacts(p paper) {
	v.facts.Change = &article4.ChangeFacts{
		OwnSubject:   v.document == nil || v.document.Discloser == v.actor.organisation.ID,
		Letter:       v.request != nil,
		MalwareFound: p.malware == inspect.Found,
		NotInspected: p.malware == inspect.NotInspected && len(p.content) > 0 && !v.settings.AdmitNotInspected,
	}
}

// keepPaper seals the paper, and writes down who deposited it.
func (v *visit) keepPaper(ctx context.Context, in InstrumentDeposit, p paper) (Instrument, error) {
	if err := v.register.ExpireInstruments(ctx, v.tx, v.at); err != nil {
		return Instrument{}, err
	}
	own, err := v.register.Organisation(ctx, v.tx, v.actor.organisation.ID)
	if err != nil {
		return Instrument{}, err
	}
	here, err := v.register.InstrumentNamed(ctx, v.tx, []article4.OrganisationID{own.ID}, p.digest, in.Request, v.at)
	if !missingRecord(err) {
		return v.instrumentView(here), err
	}
	i := register.Instrument{
		ID:           register.NewID("ins_"),
		Organisation: own.ID,
		Keyset:       cmp.Or(own.Keyset, own.ProposedBy, own.ID),
		Request:      in.Request,
		Person:       v.actor.person,
		SHA256:       p.digest,
		MediaType:    p.mediaType,
		Size:         int64(len(p.content)),
		Content:      p.content,
		DepositedAt:  v.at,
		ExpiresAt:    v.at.Add(instrumentWaits),
	}
	i.FileName = fileName(p.part.FileName, i.ID)
	body := v.officialBody(i.ID, i.SHA256)
	body.Terms.MediaType, body.Terms.Size = i.MediaType, i.Size
	if v.request != nil {
		body.Terms.Relies = []string{v.request.EntryHash}
	}
	entry, err := v.record(ctx, body, v.twoParties(), nil)
	if err != nil {
		return Instrument{}, err
	}
	i.Entry = entry.id
	return v.instrumentView(i), v.register.AddInstrument(ctx, v.tx, i)
}

func (v *visit) instrumentView(i register.Instrument) Instrument {
	out := Instrument{
		ID:           i.ID,
		Organisation: i.Organisation,
		SHA256:       i.SHA256,
		MediaType:    i.MediaType,
		Size:         i.Size,
		DepositedAt:  i.DepositedAt,
		Entry:        i.Entry,
	}
	if i.Organisation == v.actor.organisation.ID {
		out.Request, out.Person, out.FileName, out.ExpiresAt = i.Request, i.Person, i.FileName, i.ExpiresAt
	}
	return out
}

// mayOpen: an instrument is for those who act for an organisation or audit it: its own, and where something named it
// that both Parties are shown, both. A letter, and the paper of a filed authorization, stay with the Discloser.
func (v *visit) mayOpen(i register.Instrument) bool {
	return v.sees() && answers(v.actor) &&
		(i.Organisation == v.actor.organisation.ID || i.Shown && i.Request == "" && v.ofParty())
}

// InstrumentQuery asks for papers: all, or that of one digest.
type InstrumentQuery struct {
	SHA256 article4.Digest
	Paging
}

// Instruments lists the papers that the caller may open, the newest first.
func (g *Gateway) Instruments(ctx context.Context, a Actor, q InstrumentQuery) (Page[Instrument], error) {
	limit, after, err := q.bounds()
	if err != nil {
		return Page[Instrument]{}, err
	}
	var out Page[Instrument]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !answers(a) {
			return nil
		}
		found, err := g.register.InstrumentsOf(ctx, v.tx, a.organisation.ID, v.ofParty(), q.SHA256, v.at,
			after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, as(v.instrumentView))
		return err
	})
	return out, err
}

// Instrument shows one; what the caller may not open is absent.
func (g *Gateway) Instrument(ctx context.Context, a Actor, id string) (Instrument, error) {
	return shown(ctx, g, a, operation{act: article4.ActDepositInstrument, what: "instrument", target: id},
		func(ctx context.Context, v *visit) (Instrument, error) {
			i, err := v.openable(ctx, id)
			return v.instrumentView(i), err
		})
}

// InstrumentContent opens the paper itself, held against its digest.
func (g *Gateway) InstrumentContent(ctx context.Context, a Actor, id string) (Instrument, []byte, error) {
	var paper []byte
	i, err := shown(ctx, g, a, operation{act: article4.ActDepositInstrument, what: "instrument", target: id},
		func(ctx context.Context, v *visit) (Instrument, error) {
			i, err := v.openable(ctx, id)
			if err == nil {
				paper, err = g.register.InstrumentContent(ctx, v.tx, i)
			}
			return v.instrumentView(i), err
		})
	return i, paper, err
}

func (v *visit) openable(ctx context.Context, id string) (register.Instrument, error) {
	i, err := v.register.Instrument(ctx, v.tx, id, v.at)
	if err == nil && !v.mayOpen(i) {
		err = errAbsent
	}
	return i, err
}

// named is an instrument that an act names by its digest; the zero value: none.
type named struct {
	digest  article4.Digest
	request article4.RequestID        // where the paper is for one request
	by      []article4.OrganisationID // who may have deposited it besides the own organisation
	// waiting, done: both Parties may open it while the act waits for a second person, and once it is done.
	waiting, done bool
}

// rest wants the paper to lie here that an act rests on, and lets it stay.
func (v *visit) rest(ctx context.Context, n named, second bool) error {
	if n.digest == "" {
		return nil // the rules refuse what has to have one
	}
	of := append([]article4.OrganisationID{v.actor.organisation.ID}, n.by...)
	i, err := v.register.InstrumentNamed(ctx, v.tx, of, n.digest, n.request, v.at)
	if missingRecord(err) {
		return invalid.One(invalid.NoSuchInstrument, "instrument_sha256", "4(8)")
	}
	if err != nil {
		return err
	}
	return v.register.KeepInstrument(ctx, v.tx, i.ID, n.waiting || second && n.done)
}

// letter is the paper on which a decision is to rest as evidence: deposited for this request by another signatory of
// the own organisation, so that two people vouch for it. nil: there is none.
func (v *visit) letter(ctx context.Context, in Verdict) (*register.Instrument, error) {
	if in.Evidence.Kind != article4.EvidenceLetter || in.Evidence.LetterSHA256 == "" || v.request == nil {
		return nil, nil
	}
	i, err := v.register.InstrumentNamed(ctx, v.tx, []article4.OrganisationID{v.actor.organisation.ID},
		in.Evidence.LetterSHA256, v.request.ID, v.at)
	if missingRecord(err) || err == nil && i.Person == v.actor.person {
		return nil, nil
	}
	return &i, err
}
