package exchange

import (
	"context"
	"errors"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Disclose permits one person to have one version, for a stated purpose. The answer comes when the entry stands in a
// signed checkpoint, at most 5 seconds later; else the disclosure is refused gateway/log-unavailable, nothing is sent, and
// the entry stays as authorised, not delivered. A marked copy that takes longer than a moment is told to be in the making,
// and goes on being made: see Disclosed. GETs of its content begin within 15 minutes.
func (g *Gateway) Disclose(ctx context.Context, a Actor, id article4.DocumentID, r Reading) (Disclosure, error) {
	if err := r.check(); err != nil {
		return Disclosure{}, err
	}
	if r.Form == "" {
		r.Form = article4.Stamped
	}
	var out Disclosure
	var copying *copying
	err := g.enter(ctx, a, errand{act: article4.ActDisclose, document: id, what: "document", lock: register.ForShare, once: true, together: true, reading: &r,
		then: func(ctx context.Context, v *visit) error {
			d, err := v.disclose(ctx, r)
			if err != nil {
				return err
			}
			out = disclosureView(d, *v.version)
			out.FormGround = v.formGround()
			v.result = string(d.ID)
			if d.Form == article4.Stamped {
				copying, err = v.beginCopy(ctx, d)
			}
			return err
		}})
	if made, again := doneBefore(err); again {
		return g.resume(ctx, a, article4.DisclosureID(made))
	}
	if err != nil {
		return Disclosure{}, err
	}
	return g.handOver(ctx, out, copying)
}

// handOver waits until the disclosure's entry stands in a signed checkpoint, and for a moment for its copy.
func (g *Gateway) handOver(ctx context.Context, out Disclosure, c *copying) (Disclosure, error) {
	receipt, err := g.Sequencer.Receipt(ctx, out.Entry)
	if err != nil && c != nil {
		g.abandon(&intake{upload: c.upload.ID})
	}
	if err != nil {
		return Disclosure{}, g.fault(article4.ActDisclose, err)
	}
	out.LogIndex = receipt.Index()
	switch m := g.copyJobs.of(out.ID); {
	case c != nil:
		return g.awaitCopy(ctx, out, g.startCopy(c))
	case out.State == CopyInProgress && m != nil:
		return g.awaitCopy(ctx, out, m)
	}
	return out, nil
}

// resume answers a disclosure that was authorised before under the same key: decided again, and waited for again. A marked
// copy that was not made then is made now.
func (g *Gateway) resume(ctx context.Context, a Actor, id article4.DisclosureID) (Disclosure, error) {
	var out Disclosure
	var copying *copying
	err := g.permitDisclosure(ctx, a, id, func(ctx context.Context, v *visit, found register.Disclosure) error {
		version, err := v.handedOut(ctx, found)
		var missing *copyMissing
		switch {
		case errors.Is(err, ErrCopyInProgress):
			out, err = inProgress(disclosureView(found, *v.version), nil), nil
		case errors.As(err, &missing):
			out = disclosureView(found, *v.version)
			copying, err = v.beginCopy(ctx, found)
		case err == nil:
			out = disclosureView(found, version)
		}
		out.FormGround = v.formGround()
		return err
	})
	if err != nil {
		return Disclosure{}, err
	}
	return g.handOver(ctx, out, copying)
}

func (r Reading) check() error {
	var c checks
	c.text("statement", "4(7)", r.Statement, maxStatement)
	c.digest("conditions_sha256", r.ConditionsSHA256)
	if r.Form != "" && !r.Form.Valid() {
		c.add("unknown-value", "form", "", "is not stamped or original")
	}
	return c.err()
}

// readingFacts puts before the rules what a reader may rely on. A version that is not of this document is absent.
func (v *visit) readingFacts(ctx context.Context, r Reading, found register.Dossier) error {
	if err := v.about(found.Version); err != nil {
		return err
	}
	return v.accessBy(ctx, r, found.Requests, found.Releases)
}

func (v *visit) disclose(ctx context.Context, r Reading) (register.Disclosure, error) {
	version := *v.version
	d := register.Disclosure{
		ID: article4.DisclosureID(register.NewID("dis_")), Document: v.document.ID, Discloser: v.document.Discloser, Version: version.ID,
		Person: v.actor.person, Organisation: v.actor.organisation.ID, Purpose: r.Purpose, Statement: r.Statement, Form: r.Form,
		Conditions: r.ConditionsSHA256, CopyNumber: register.NewCopyNumber(), Marking: v.document.Marking, At: v.at,
		ExpiresAt: v.at.Add(v.Settings.PermitFor),
	}
	relied := v.relied()
	if relied != nil {
		d.Request = relied.ID
	}
	body := v.body(ledger.KindDisclosure, ledger.Permitted)
	body.Request = string(d.Request)
	var err error
	if body.Disclosure, err = v.disclosureBody(ctx, d, version, relied); err != nil {
		return register.Disclosure{}, err
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", r.Statement}, {"required", requiredText(v.document, relied)}})
	if err != nil {
		return register.Disclosure{}, err
	}
	d.Entry, d.EntryHash = entry.id, entry.hash
	return d, v.Register.AddDisclosure(v.tx, d)
}

// relied is the request that the decision rests on.
func (v *visit) relied() *register.Request {
	if v.ruling.Relies == nil {
		return nil
	}
	for i := range v.grants {
		if v.grants[i].ID == v.ruling.Relies.Request {
			return &v.grants[i]
		}
	}
	return nil
}

// disclosureBody names the authority by body hashes, so that an auditor finds each decision earlier in the log.
// Who the entities concerned are stays with the Discloser: their decisions are named by hash alone.
func (v *visit) disclosureBody(ctx context.Context, d register.Disclosure, version register.Version, q *register.Request) (*ledger.Disclosure, error) {
	b := &ledger.Disclosure{
		ID: string(d.ID), Version: string(d.Version), Commitment: version.Commitment, From: string(v.document.Discloser),
		To: string(d.Organisation), Marking: string(d.Marking), Proprietary: v.document.Proprietary, PersonalData: v.document.PersonalData,
		Phase: string(v.facts.Arrangement.Phase), Purpose: string(d.Purpose), Form: string(d.Form), CopyNumber: d.CopyNumber,
		Conditions: string(d.Conditions), Expires: d.ExpiresAt,
	}
	if q == nil {
		return b, nil
	}
	b.Grant = q.EntryHash
	for _, l := range q.Decisions {
		switch {
		case !l.Given || l.Withdrawal != nil:
		case l.Kind == article4.Consent:
			b.Consent, b.Delegation = l.EntryHash, string(l.Delegation)
		default:
			b.Authorizations = append(b.Authorizations, l.EntryHash)
			if l.Organisation == d.Discloser && b.Consent == "" {
				b.Delegation = string(l.Delegation)
			}
		}
	}
	if v.actor.organisation.Kind != article4.ThirdParty {
		return b, nil
	}
	texts, err := v.Register.AgreementsWith(ctx, v.tx, d.Organisation)
	for _, text := range texts {
		if text.Signature != nil {
			b.Agreement = text.Signature.EntryHash
			break
		}
	}
	return b, err
}

// requiredText names, for the Discloser's auditors, the entities whose authorization this disclosure needed (Article 4(4)),
// each with the body hash of its decision. Empty where none is concerned, and where no grant was needed.
func requiredText(d *register.Document, q *register.Request) string {
	if q == nil || len(d.Entities) == 0 {
		return ""
	}
	lines := make([]string, len(d.Entities))
	for i, entity := range d.Entities {
		lines[i] = string(entity)
		for _, l := range q.Decisions {
			if l.Organisation == entity && l.Kind == article4.Authorization && l.Given && l.Withdrawal == nil {
				lines[i] += " " + l.EntryHash
			}
		}
	}
	return strings.Join(lines, "\n")
}

func disclosureView(d register.Disclosure, version register.Version) Disclosure {
	return Disclosure{State: CopyReady, ID: d.ID, Document: d.Document, Version: d.Version, Form: d.Form, CopyNumber: d.CopyNumber, Marking: d.Marking,
		Entry: d.Entry, ExpiresAt: d.ExpiresAt, Size: version.Size, SHA256: version.SHA256, MediaType: version.MediaType, FileName: version.FileName}
}
