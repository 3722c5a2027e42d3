package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

// Disclose permits one person to have one version, for a stated purpose. The answer comes when the entry stands in a
// signed checkpoint, at most 5 seconds later; else the disclosure is refused gateway/log-unavailable, nothing is sent,
// and the entry stays as authorised, not delivered. A marked copy that takes longer than a moment is told to be in the
// making, and goes on being made: see Disclosed. GETs of its content begin within 15 minutes.
func (g *Gateway) Disclose(ctx context.Context, a Actor, id article4.DocumentID, r Reading) (Disclosure, error) {
	if err := r.check(); err != nil {
		return Disclosure{}, err
	}
	if r.Form == "" {
		r.Form = article4.Stamped
	}
	r.File = false // it is asked for later, if at all
	begun, err := perform(ctx, g, a, act[handover]{
		operation: operation{
			act:      article4.ActDisclose,
			document: id,
			what:     "document",
			lock:     register.ForShare,
			together: true, // readers change nothing that another reader looks at: they share a transaction
			reading:  &r,
		},
		do: func(ctx context.Context, v *visit) (handover, error) {
			d, err := v.disclose(ctx, r)
			if err != nil {
				return handover{}, err
			}
			return v.hand(ctx, d)
		},
		made: func(h handover) string { return string(h.shown.ID) },
		replay: func(ctx context.Context, made string) (handover, error) {
			return g.resume(ctx, a, article4.DisclosureID(made))
		},
	})
	if err != nil {
		return Disclosure{}, err
	}
	return g.handOver(ctx, begun.shown, begun.copying)
}

// handover is a disclosure that was permitted, and the marked copy that is to be made for it; nil: none is.
type handover struct {
	shown   Disclosure
	copying *copying
}

// hand settles what a disclosure hands out.
func (v *visit) hand(ctx context.Context, d register.Disclosure) (handover, error) {
	out := handover{shown: disclosureView(d, *v.version)}
	out.shown.FormGround = v.formGround()
	if d.Form == article4.Original {
		return out, nil
	}
	var err error
	out.copying, err = v.beginCopy(ctx, d)
	return out, err
}

// handOver waits until the disclosure's entry stands in a signed checkpoint, and for a moment for its copy.
func (g *Gateway) handOver(ctx context.Context, out Disclosure, c *copying) (Disclosure, error) {
	receipt, err := g.sequencer.Receipt(ctx, out.Entry)
	if err != nil && c != nil {
		g.abandon(c.upload.ID)
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

// resume answers a disclosure that was authorised before under the same key: decided again, and waited for again. A
// marked copy that was not made then is made now.
func (g *Gateway) resume(ctx context.Context, a Actor, id article4.DisclosureID) (handover, error) {
	return permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (handover, error) {
			version, err := v.handedOut(ctx, found)
			var missing *copyMissing
			out := handover{shown: disclosureView(found, version)}
			switch {
			case errors.Is(err, ErrCopyInProgress):
				out.shown, err = inProgress(disclosureView(found, *v.version), nil), nil
			case errors.As(err, &missing):
				return v.hand(ctx, found)
			}
			out.shown.FormGround = v.formGround()
			return out, err
		})
}

func (r Reading) check() error {
	var c checks
	c.text("statement", "4(7)", r.Statement, maxStatement)
	c.digest("conditions_sha256", r.ConditionsSHA256)
	if r.Form != "" && !r.Form.Valid() {
		c.Add(invalid.NotAForm, "form", "")
	}
	return c.Err()
}

func (v *visit) disclose(ctx context.Context, r Reading) (register.Disclosure, error) {
	version := *v.version
	d := register.Disclosure{
		ID:           article4.DisclosureID(register.NewID("dis_")),
		Document:     v.document.ID,
		Discloser:    v.document.Discloser,
		Version:      version.ID,
		Person:       v.actor.person,
		Organisation: v.actor.organisation.ID,
		Purpose:      r.Purpose,
		Statement:    r.Statement,
		Form:         r.Form,
		CopyNumber:   register.NewCopyNumber(),
		Marking:      v.document.Marking,
		At:           v.at,
		ExpiresAt:    v.at.Add(v.settings.permitFor(r.Form)),
	}
	relied := v.relied()
	if relied != nil {
		d.Request = relied.ID
		if v.ruling.Relies.ConditionsOf != "" { // what somebody accepts unasked is nothing that was agreed
			d.Conditions = r.ConditionsSHA256
		}
	}
	// The entry comes first: the row bears its hash, by which the completion entry will name what it closes.
	body := v.body(ledger.KindDisclosure, ledger.Permitted)
	body.Request = string(d.Request)
	body.Disclosure = v.disclosureBody(d, version, relied)
	entry, err := v.record(ctx, body, v.concerned(),
		[]private{{"statement", r.Statement}, {"required", requiredText(v.document, relied)}})
	if err != nil {
		return register.Disclosure{}, err
	}
	d.Entry, d.EntryHash = entry.id, entry.hash
	return d, v.register.AddDisclosure(v.tx, d)
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
func (v *visit) disclosureBody(d register.Disclosure, version register.Version,
	q *register.Request) *ledger.Disclosure {
	b := &ledger.Disclosure{
		ID:           string(d.ID),
		Version:      string(d.Version),
		Commitment:   version.Commitment,
		From:         string(v.document.Discloser),
		To:           string(d.Organisation),
		Marking:      string(d.Marking),
		Proprietary:  v.document.Proprietary,
		PersonalData: v.document.PersonalData,
		Phase:        string(v.facts.Arrangement.Phase),
		Purpose:      string(d.Purpose),
		Form:         string(d.Form),
		CopyNumber:   d.CopyNumber,
		Expires:      d.ExpiresAt,
	}
	if q == nil {
		return b
	}
	b.Grant, b.Conditions = q.EntryHash, string(d.Conditions)
	for _, l := range q.Decisions {
		switch {
		case !l.Given || l.Withdrawal != nil:
		case l.Kind == article4.Consent && l.Organisation != d.Discloser:
			b.SourceConsents = append(b.SourceConsents, l.EntryHash)
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
		return b
	}
	for _, text := range q.Agreements {
		if text.Signature != "" && !text.Declined {
			b.Agreement = text.Signature
			break
		}
	}
	return b
}

// requiredText names, for the Discloser's auditors, the entities whose authorization this disclosure needed (Article
// 4(4)), each with the body hash of its decision. Empty where none is concerned, and where no grant was needed. Those
// of a source of the other Party are that Party's to tell.
func requiredText(d *register.Document, q *register.Request) string {
	if q == nil || len(d.Entities) == 0 {
		return ""
	}
	var lines []string
	for _, entity := range d.Entities {
		if slices.Contains(d.Hidden, entity) && entity != d.Recipient {
			continue
		}
		line := string(entity)
		for _, l := range q.Decisions {
			if l.Organisation == entity && l.Kind == article4.Authorization && l.Given && l.Withdrawal == nil {
				line += " " + l.EntryHash
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func disclosureView(d register.Disclosure, version register.Version) Disclosure {
	out := Disclosure{
		State:      CopyReady,
		ID:         d.ID,
		Document:   d.Document,
		Version:    d.Version,
		Form:       d.Form,
		CopyNumber: d.CopyNumber,
		Marking:    d.Marking,
		Entry:      d.Entry,
		ExpiresAt:  d.ExpiresAt,
		Size:       version.Size,
		SHA256:     version.SHA256,
		MediaType:  version.MediaType,
		FileName:   version.FileName,
	}
	out.Warnings = warningsOf(version)
	if d.Form == article4.Original { // which keeps everything
		out.Warnings = slices.DeleteFunc(out.Warnings, func(w stamp.Warning) bool { return !w.Acts() })
	} else {
		out.CanBeRead = showable(&version)
	}
	return out
}
