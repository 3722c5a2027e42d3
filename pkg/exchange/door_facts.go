package exchange

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// commonFacts puts before the rules what every decision looks at: who asks, the document and the request.
func (v *visit) commonFacts(ctx context.Context, found register.Dossier) error {
	if err := v.actorFacts(ctx); err != nil {
		return err
	}
	v.document, v.request = found.Document, found.Request
	v.facts.Actor.Suspended = found.PersonStopped
	if v.document != nil {
		facts := documentFacts(v.document)
		facts.Suspended = found.DocumentStopped
		v.facts.Document = &facts
	}
	if v.request == nil {
		return nil
	}
	grants, err := v.grantFacts(ctx, []register.Request{*v.request})
	if err != nil {
		return err
	}
	if err := v.about(found.Version); err != nil {
		return err
	}
	v.facts.Request = &article4.RequestFacts{Grant: grants[0], AskedBy: v.request.AskedBy, AskedByOrg: v.request.AskedByOrg,
		LastAnswered: v.request.MadeAt, EvidenceAdmitted: v.Settings.AdmitNoEvidence,
		TransferBasis: true} // consents bring no words on it yet
	return nil
}

// suspensionFacts: an emergency stop holds at every access, for the person, the organisation and the document.
func (v *visit) suspensionFacts(ctx context.Context) error {
	person, stopped, err := v.Register.Suspended(ctx, v.tx, v.actor.person, v.actor.organisation.ID, v.document.ID)
	v.facts.Actor.Suspended, v.facts.Document.Suspended = person, stopped
	return err
}

// ofVersion makes a version the one that the act is about.
func (v *visit) ofVersion(ctx context.Context, id article4.VersionID) error {
	version, err := v.Register.Version(ctx, v.tx, id)
	if err != nil {
		return err
	}
	return v.about(&version)
}

// about is ofVersion for a version that was read already; one that is not of this document is absent.
func (v *visit) about(version *register.Version) error {
	if version == nil || version.Document != v.document.ID {
		return errAbsent
	}
	v.version = version
	v.facts.Document.Version = version.ID
	v.facts.Document.VersionDestroyed = !version.DestroyedAt.IsZero()
	v.facts.Document.VersionClosed = !version.ClosedAt.IsZero() || !version.DestroyedAt.IsZero()
	return nil
}

// arrangementFacts tells the act, the clock and the Arrangement's life.
func (v *visit) arrangementFacts() {
	v.facts.Act, v.facts.Now = v.act, v.at
	v.parties = v.parties[:0]
	v.dates = article4.LifeDates{NoticeGiven: v.arrangement.NoticeGivenOn}
	for _, p := range v.records.Parties {
		v.parties = append(v.parties, p.ID)
		v.dates.Signed = append(v.dates.Signed, p.SignedOn)
	}
	phase, ends := v.dates.In(v.at)
	open := openPurposes(v.records.Purposes, phase, ends, v.at)
	v.facts.Arrangement = article4.ArrangementFacts{Phase: phase, EndsAt: ends, OpenPurposes: open,
		Surviving: survivingPurposes(v.records.Purposes, open), KnownPurposes: codesOf(v.records.Purposes), FocalPoints: v.records.Designated}
}

// restsOnDelegation is what a Delegation has to name for an act that rests on one. Notice of termination, a recall and a lowering
// are named of their own; to take an entity off lowers what protects the document. Who files an authorization authorizes in the
// entity's place; who may take back may destroy a wrong file and erase.
var restsOnDelegation = map[article4.Act]article4.Act{
	article4.ActAuthorize: article4.ActAuthorize, article4.ActConsent: article4.ActConsent, article4.ActRefuse: article4.ActRefuse,
	article4.ActWithdraw: article4.ActWithdraw, article4.ActFile: article4.ActAuthorize, article4.ActRecall: article4.ActRecall,
	article4.ActMark: article4.ActMark, article4.ActRemoveEntity: article4.ActMark, article4.ActGiveNotice: article4.ActGiveNotice,
	article4.ActDestroy: article4.ActWithdraw, article4.ActErase: article4.ActWithdraw, article4.ActDelegate: article4.ActDelegate,
}

func (v *visit) actorFacts(ctx context.Context) error {
	a := v.actor
	v.facts.Actor = article4.ActorFacts{Person: a.person, Organisation: a.organisation.ID, Kind: a.organisation.Kind,
		Roles: a.claims.Roles, SignIn: a.claims.SignIn, Service: a.claims.Service,
		Mandated: a.organisation.Kind != article4.Party} // no Mandates are recorded yet: the role alone speaks for a third party
	act, rests := restsOnDelegation[v.act]
	if !rests {
		return nil
	}
	held, err := v.Register.DelegationsOf(ctx, v.tx, a.person)
	if err != nil {
		return err
	}
	for _, d := range held {
		if d.Covers(act, v.at) {
			v.delegation, v.facts.Actor.Delegated = &d, true
			return nil
		}
	}
	return nil
}

func documentFacts(d *register.Document) article4.DocumentFacts {
	f := article4.DocumentFacts{
		ID: d.ID, Version: d.Version, Discloser: d.Discloser, Recipient: d.Recipient, Depositor: d.Depositor, Marking: d.Marking,
		Proprietary: d.Proprietary, Purposes: d.Purposes, PersonalData: d.PersonalData, EntitiesConcerned: d.Entities,
		EntitiesConfirmed: d.EntitiesConfirmed,
	}
	if d.PersonalData {
		f.RetainUntil = endOf(d.RetainUntil)
	}
	return f
}

// dayOf is the day that an instant lies in, 00:00 UTC; zero stays zero.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// endOf is 24:00 UTC of a day: a day that is named is still included.
func endOf(day time.Time) time.Time { return day.AddDate(0, 0, 1) }

// grantFacts reads what each request may be relied on for: its decisions with their authority and evidence, its agreement.
func (v *visit) grantFacts(ctx context.Context, requests []register.Request) ([]article4.GrantFacts, error) {
	out := make([]article4.GrantFacts, len(requests))
	for i, q := range requests {
		beneficiary, err := v.organisation(q.Beneficiary)
		if err != nil {
			return nil, err
		}
		g := article4.GrantFacts{
			Request: q.ID, Version: q.Version, For: q.Beneficiary, ForKind: beneficiary.Kind, AskedBy: q.AskedBy,
			People: q.People, Admitted: q.Admitted, Purpose: q.Purpose, Until: q.Until, Form: q.Form,
			MadeAt: q.MadeAt, LapseAfter: q.LapsesAt.Sub(q.MadeAt), Withdrawn: !q.WithdrawnAt.IsZero(),
			Lapsed: q.Closed == article4.StateLapsed,
		}
		for _, l := range q.Decisions {
			facts, err := v.decisionFacts(ctx, l, beneficiary)
			if err != nil {
				return nil, err
			}
			g.Decisions = append(g.Decisions, facts)
			narrow(&g, l)
		}
		if g.Agreements, err = v.agreementsFacts(ctx, q, beneficiary); err != nil {
			return nil, err
		}
		out[i] = g
	}
	return out, nil
}

// narrow lets a decision shorten the term, ask for the marked form and set conditions; never the other way.
func narrow(g *article4.GrantFacts, l register.Decision) {
	if !l.Given {
		return
	}
	if l.Until.Before(g.Until) {
		g.Until = l.Until
	}
	if l.Form == article4.Stamped {
		g.Form = article4.Stamped
	}
	if l.ConditionsSHA != "" {
		g.ConditionsOf = conditionsOf(g.ConditionsOf, l.ConditionsSHA)
	}
}

// conditionsOf joins the conditions of several decisions: the reader accepts all of them by one hash.
func conditionsOf(before, next article4.Digest) article4.Digest {
	if before == "" {
		return next
	}
	return digestOf(string(before) + "\n" + string(next))
}

func (v *visit) decisionFacts(ctx context.Context, l register.Decision, beneficiary register.Organisation) (article4.DecisionFacts, error) {
	by, err := v.organisation(l.Organisation)
	if err != nil {
		return article4.DecisionFacts{}, err
	}
	f := article4.DecisionFacts{
		ID: l.ID, Kind: l.Kind, By: l.Organisation, State: decisionState(l), Version: l.Version, Recipient: l.Recipient,
		SameRecipient: l.Recipient == beneficiary.ID && l.RecipientRecord == recordOf(beneficiary),
		Purpose:       l.Purpose, Until: l.Until, Authority: by.Kind == article4.ThirdParty,
	}
	if by.Kind == article4.Party {
		d, ok := v.records.Delegation(l.Delegation)
		f.Authority = ok && d.Organisation == l.Organisation && d.Covers(actOf(l), l.At)
	}
	if l.Kind != article4.Consent { // authorizations bring no evidence yet
		f.EvidenceValid = true
		return f, nil
	}
	f.TransferBasis = true // consents bring no words on it yet
	f.EvidenceValid, err = v.evidenceStands(ctx, l, by)
	return f, err
}

func actOf(l register.Decision) article4.Act {
	switch {
	case !l.Given:
		return article4.ActRefuse
	case l.Kind == article4.Consent:
		return article4.ActConsent
	}
	return article4.ActAuthorize
}

func decisionState(l register.Decision) article4.DecisionState {
	switch {
	case l.Withdrawal != nil:
		return article4.DecisionWithdrawn
	case !l.Given:
		return article4.DecisionRefused
	}
	return article4.DecisionGiven
}

// evidenceStands checks a consent's evidence at every use, not only when it was given (domain.md).
func (v *visit) evidenceStands(ctx context.Context, l register.Decision, by register.Organisation) (bool, error) {
	if !l.Given || digestOf(l.Text) != l.TextSHA {
		return false, nil
	}
	switch l.Evidence {
	case article4.EvidenceNone:
		return v.Settings.AdmitNoEvidence, nil
	case article4.EvidenceLetter:
		return l.EvidenceSHA != "", nil
	case article4.EvidenceOIDC:
	default:
		return false, nil
	}
	signer, err := v.Register.People(ctx, v.tx, []article4.PersonID{l.By})
	if err != nil || len(signer) != 1 {
		return false, err
	}
	err = v.Evidence.Check(l.EvidenceText, l.EvidenceKey, by.Issuer, signer[0].Subject, nonceOf(l.TextSHA))
	return err == nil && digestOf(l.EvidenceText) == l.EvidenceSHA, nil
}

// nonceOf is what the ID token behind a consent carries: the text's digest in base64url, without padding.
func nonceOf(d article4.Digest) string {
	raw, err := hex.DecodeString(string(d))
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// agreementsFacts: the text that the consent names, and the newest that each Party put to the third party, bind each by itself
// (reading 0003).
func (v *visit) agreementsFacts(ctx context.Context, q register.Request, beneficiary register.Organisation) (article4.AgreementsFacts, error) {
	none := article4.AgreementNotRequired
	out := article4.AgreementsFacts{Named: none, OfDiscloser: none, OfRecipient: none}
	if beneficiary.Kind != article4.ThirdParty {
		return out, nil
	}
	texts, err := v.Register.AgreementsWith(ctx, v.tx, beneficiary.ID)
	if err != nil {
		return article4.AgreementsFacts{}, err
	}
	discloser := q.Discloser
	of := map[article4.OrganisationID][]register.Agreement{}
	for _, text := range texts {
		of[text.ProposedByOrg] = append(of[text.ProposedByOrg], text)
	}
	for party, put := range of {
		if party == discloser {
			out.OfDiscloser = standingOf(put, q.Decisions)
		} else {
			out.OfRecipient = standingOf(put, nil)
		}
	}
	for _, l := range q.Decisions {
		if l.Given && l.Kind == article4.Consent && l.Agreement != "" {
			out.Named = namedStanding(of, l)
		}
	}
	return out, nil
}

// namedStanding: the text that a consent names is signed, or an earlier one of the same Party is that the consent lets serve.
func namedStanding(of map[article4.OrganisationID][]register.Agreement, l register.Decision) article4.AgreementStanding {
	for _, put := range of {
		at := slices.IndexFunc(put, func(text register.Agreement) bool { return text.ID == l.Agreement })
		if at >= 0 {
			return standingOf(put[at:], []register.Decision{l})
		}
	}
	return article4.AgreementUnsigned
}

// standingOf is what became of the texts of one Party, the newest first.
func standingOf(texts []register.Agreement, decisions []register.Decision) article4.AgreementStanding {
	if len(texts) == 0 {
		return article4.AgreementNotRequired
	}
	newest := texts[0]
	if newest.Signature != nil {
		return article4.AgreementSigned
	}
	for _, earlier := range texts[1:] {
		if earlier.Signature == nil {
			continue
		}
		for _, l := range decisions {
			if l.Given && l.Kind == article4.Consent && l.EarlierServes && l.At.After(newest.ProposedAt) {
				return article4.AgreementSigned
			}
		}
		return article4.AgreementSuperseded
	}
	return article4.AgreementUnsigned
}

// organisation is one as it stood when this visit began.
func (v *visit) organisation(id article4.OrganisationID) (register.Organisation, error) {
	return v.records.Organisation(id)
}
