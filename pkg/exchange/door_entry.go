package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
)

// kinds are what the entry of each act is called in the log.
var kinds = map[article4.Act]ledger.Kind{
	article4.ActDeposit:   ledger.KindDeposit,
	article4.ActDescribe:  ledger.KindDescribe,
	article4.ActRequest:   ledger.KindRequest,
	article4.ActAuthorize: ledger.KindAuthorization,
	article4.ActConsent:   ledger.KindConsent,
	article4.ActRefuse:    ledger.KindRefusal,
	article4.ActAdmit:     ledger.KindAdmission,
	article4.ActWithdraw:  ledger.KindWithdrawal,
	article4.ActPropose:   ledger.KindAgreement,
	article4.ActSign:      ledger.KindSignature,
	article4.ActDecline:   ledger.KindAgreementDeclined,
	article4.ActDisclose:  ledger.KindDisclosure,

	article4.ActAsk:          ledger.KindMessage,
	article4.ActAnswer:       ledger.KindMessage,
	article4.ActFile:         ledger.KindFiling,
	article4.ActRelease:      ledger.KindRelease,
	article4.ActEndRelease:   ledger.KindReleaseEnded,
	article4.ActMark:         ledger.KindMarking,
	article4.ActAmend:        ledger.KindAmendment,
	article4.ActAddEntity:    ledger.KindEntities,
	article4.ActRemoveEntity: ledger.KindEntities,
	article4.ActNotConcerned: ledger.KindNotConcerned,

	article4.ActAuthorizeLowering: ledger.KindLoweringAuthorization,
	article4.ActRefuseLowering:    ledger.KindLoweringRefusal,
	article4.ActWithdrawLowering:  ledger.KindLoweringWithdrawal,

	article4.ActCorrect:     ledger.KindCorrection,
	article4.ActAcknowledge: ledger.KindAcknowledgement,
	article4.ActRecall:      ledger.KindRecall,
	article4.ActDestroy:     ledger.KindDestruction,
	article4.ActSuspend:     ledger.KindSuspension,
	article4.ActLift:        ledger.KindLifting,
	article4.ActHold:        ledger.KindHold,
	article4.ActKeepOffice:  ledger.KindOffice,
	article4.ActEndSessions: ledger.KindSessionsEnded,
	article4.ActKeepWebhook: ledger.KindWebhook,
	article4.ActEndHold:     ledger.KindHoldEnded,

	article4.ActDepositInstrument: ledger.KindInstrument,

	article4.ActOpenSeries:      ledger.KindSeries,
	article4.ActAuthorizeSeries: ledger.KindStanding,
	article4.ActWithdrawSeries:  ledger.KindStandingWithdrawal,

	article4.ActErase:      ledger.KindErasure,
	article4.ActDesignate:  ledger.KindDesignation,
	article4.ActDelegate:   ledger.KindDelegation,
	article4.ActRecognise:  ledger.KindRecognition,
	article4.ActMandate:    ledger.KindMandate,
	article4.ActGiveNotice: ledger.KindNotice,
	article4.ActExplain:    ledger.KindExplanation,
	article4.ActAccount:    ledger.KindAccounting,
	article4.ActTrace:      ledger.KindTracing,
	article4.ActReportLeak: ledger.KindLeak,
	article4.ActReadLog:    ledger.KindReading,
}

func kindOf(act article4.Act) ledger.Kind { return kinds[act] }

// written is where an entry went: its identifier and the hash of its body, by which later entries name it.
type written struct {
	id   string
	hash string
}

// body starts an entry with what every entry says.
func (v *visit) body(kind ledger.Kind, outcome ledger.Outcome) ledger.Body {
	c := v.actor.claims
	b := ledger.Body{
		Version:       1,
		Kind:          kind,
		ID:            register.NewID("ent_"),
		At:            v.at,
		Actor:         string(v.actor.person),
		Organisation:  string(v.actor.organisation.ID),
		Issuer:        c.Issuer,
		Client:        c.Client,
		ACR:           c.ACR,
		AuthTime:      c.AuthTime.UTC().Truncate(time.Microsecond),
		Outcome:       outcome,
		Rules:         v.RulesDigest(),
		Build:         v.build,
		Configuration: v.arrangement.Configuration,
	}
	if v.document != nil {
		b.Document = string(v.document.ID)
	}
	if v.request != nil {
		b.Request = string(v.request.ID)
	}
	return b
}

// private is one field that an entry only commits to; the value is sealed beside it for the entitled.
type private struct {
	field, value string
}

// record appends the entry, in this transaction: it stands or falls with the change.
func (v *visit) record(ctx context.Context, b ledger.Body, parties []article4.OrganisationID,
	fields []private) (written, error) {
	if v.scope == readOnly || v.scope == finding {
		return written{}, fmt.Errorf("entry %s of kind %s: this transaction only reads", b.ID, b.Kind)
	}
	if v.decidedNow(b.Kind) {
		fields = append(slices.Clip(fields), private{factsField, v.asked.String()})
	}
	e := sequencer.Entry{Body: b}
	for _, p := range parties {
		e.Parties = append(e.Parties, string(p))
	}
	for _, f := range fields {
		if f.value == "" {
			continue
		}
		commitment, salt, err := ledger.Commit(f.value)
		if err != nil {
			return written{}, fmt.Errorf("commitment to %s: %w", f.field, err)
		}
		// Under the first Party's keyset, the Discloser's where there is one: most fields are for its auditors alone
		// (forBoth).
		sealed, err := v.keysets.Seal(string(parties[0]), append(salt, f.value...), saltedDetail+f.field+"|"+b.ID)
		if err != nil {
			return written{}, fmt.Errorf("seal %s: %w: %w", f.field, register.ErrKeys, err)
		}
		if e.Body.Private == nil {
			e.Body.Private = map[string]string{}
		}
		e.Body.Private[f.field] = commitment
		e.Details = append(e.Details, sequencer.Detail{Field: f.field, Sealed: sealed})
	}
	v.recorded = true
	hash, err := v.sequencer.Append(v.tx, e)
	if err != nil {
		return written{}, fmt.Errorf("entry %s: %w", b.ID, err)
	}
	return written{id: b.ID, hash: hash.String()}, nil
}

// factsField is the private field of what the rules were asked: the decision can be taken again from it (decision
// 0231).
const factsField = "facts"

// decidedNow reports whether an entry of this kind is the one of the decision that this visit took.
func (v *visit) decidedNow(kind ledger.Kind) bool {
	ends := v.act == article4.ActMandate && kind == ledger.KindMandateEnded ||
		v.act == article4.ActKeepWebhook && kind == ledger.KindWebhookEnded
	return !v.asked.IsZero() && (kind == kindOf(v.act) || ends)
}

// concerned are the Parties entitled to open an entry about this document, the Discloser first.
func (v *visit) concerned() []article4.OrganisationID {
	if v.document == nil {
		return v.ownParties()
	}
	if v.hidesFromRecipient() {
		return []article4.OrganisationID{v.toldAlone()}
	}
	return []article4.OrganisationID{v.document.Discloser, v.document.Recipient}
}

// toldAlone is who is entitled to what is hidden from the other Party. What an entity concerned does that was taken
// over from a source is for the Party whose source it is.
func (v *visit) toldAlone() article4.OrganisationID {
	if slices.Contains(v.document.Hidden, v.actor.organisation.ID) {
		return v.document.Recipient
	}
	return v.document.Discloser
}

// hidesFromRecipient: who the entities concerned are is the Discloser's to tell, and what the Discloser's own people
// read of their own documents is its own affair.
func (v *visit) hidesFromRecipient() bool {
	own := v.actor.organisation.ID
	if own == v.document.Recipient || v.actor.organisation.Kind == article4.Operator {
		return false
	}
	if own == v.document.Discloser {
		return v.act == article4.ActDisclose || v.act == article4.ActDescribe
	}
	return v.isEntityFor(own)
}

func (v *visit) isEntityFor(o article4.OrganisationID) bool {
	if v.request != nil && v.request.Beneficiary == o {
		return false
	}
	switch v.act {
	case article4.ActDisclose, article4.ActSign, article4.ActDecline:
		return false
	case article4.ActNotConcerned, article4.ActAuthorizeLowering, article4.ActRefuseLowering,
		article4.ActWithdrawLowering:
		return true // nobody else does these
	}
	// who decided once as an entity concerned may be taken off since: that it was one is still the Discloser's to tell
	decided := func(l register.Decision) bool { return l.Organisation == o }
	return v.isConcerned(o) || v.request != nil && slices.ContainsFunc(v.request.Decisions, decided)
}

// ownParties are entitled when no document says who is: the caller's own Party, else both.
func (v *visit) ownParties() []article4.OrganisationID {
	if v.actor.organisation.Kind == article4.Party {
		return []article4.OrganisationID{v.actor.organisation.ID}
	}
	return v.parties
}

// changeTerms are those of every change of a document: its Parties and how it is marked then.
func (v *visit) changeTerms() *ledger.Terms {
	d := v.document
	return &ledger.Terms{
		Discloser:    string(d.Discloser),
		Recipient:    string(d.Recipient),
		Marking:      string(d.Marking),
		Proprietary:  d.Proprietary,
		PersonalData: d.PersonalData,
		Relies:       []string{d.EntryHash},
	}
}

// entitiesField are the entities concerned at the time of a change.
func (v *visit) entitiesField() private { return private{"entities", entitiesText(*v.document)} }

// entitiesText is what an entry commits to: who is concerned is the Discloser's to tell.
func entitiesText(d register.Document) string {
	if d.EntitiesNone {
		return "none"
	}
	return strings.Join(texts(entitiesTold(d)), ",")
}
