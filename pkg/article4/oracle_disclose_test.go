package article4_test

import (
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// reading is one case of somebody asking for the bytes, in words. The oracle decides on the words; situation()
// turns the same words into Facts. Neither looks at the code under test.
type reading struct {
	side string // discloser, recipient, third-party, operator
	// staff, focal-point, auditor, staff+auditor, none, service-within, service-outside, service-unlimited
	role      string
	marking   string // confidential, restricted, non-confidential, unknown
	phase     string // not-in-effect, in-effect, purpose-closed, notice-given, ended, ended-specific
	purpose   string // stated, no-code, no-sentence, other
	decision  string // the Discloser's consent or authorization
	entity    string // the authorization of the entity concerned
	agreement string // not-required, signed, unsigned, superseded, unproven, declined
	conditons string // none, accepted, not-accepted
	grant     string // none, matching, expired, withdrawn, lapsed, overdue, other-version, other-purpose
	admitted  bool
	form      string // stamped, stamped-unavailable, original, original-not-granted, unknown, view, …: formsAsked
	personal  string // no, kept, over
	focal     bool
	confirmed bool
	depositor bool
	release   string // none, plain, basis, decision, both
	propriety bool
	suspended bool // the reader, or the third party they are of
	stopped   bool // the document
	closed    bool // the version
	destroyed bool // its key
}

// orderly is a case with nothing in the way for the side.
func orderly(side string) reading {
	return reading{
		side:      side,
		role:      "staff",
		marking:   "restricted",
		phase:     "in-effect",
		purpose:   "stated",
		decision:  "matching",
		entity:    "matching",
		agreement: "signed",
		conditons: "accepted",
		grant:     "matching",
		admitted:  true,
		form:      "original",
		personal:  "no",
		focal:     true,
		confirmed: true,
		release:   "both",
	}
}

// refusals is the oracle: the paragraphs, one after the other, in plain words. Each refusal is "code from".
func (r reading) refusals() []string {
	var no []string
	own := r.side == "discloser"
	third := r.side == "third-party" || r.side == "operator"
	protected := r.marking != "non-confidential"
	noWords := r.purpose == "no-code" || r.purpose == "no-sentence"
	over := r.phase == "ended" || r.phase == "ended-specific"
	reader := map[string]string{"discloser": "org_wco", "recipient": "org_unoct", "third-party": "org_piu",
		"operator": "org_operator"}[r.side]

	if !own && !protected { // 4(2)
		if noWords {
			no = append(no, "art4.2/no-purpose "+reader)
		}
		if r.purpose == "other" {
			no = append(no, "art4.2/purpose-not-permitted org_wco")
		}
		if r.phase == "purpose-closed" && r.purpose != "no-code" {
			no = append(no, "art4.2/purpose-closed org_wco")
		}
		if third && (r.release == "none" || r.purpose == "other") {
			no = append(no, "art4.2/not-released org_wco")
		}
	}
	if !own { // 4(3)
		if r.personal == "over" {
			no = append(no, "art4.3/retention-over org_wco")
		}
		hasBasis := (r.release == "basis" || r.release == "both") && r.purpose != "other"
		if third && !protected && r.personal != "no" && !hasBasis {
			no = append(no, "art4.3/no-transfer-basis org_wco")
		}
	}
	if !own && protected { // 4(4) and 4(8): the decisions
		entity, decision := r.decisions()
		if decision == "matching" && !r.confirmed {
			no = append(no, "art4.4/entities-unconfirmed org_wco")
		}
		no = append(no, refusedAuthorization(entity, "org_customs")...)
		if third {
			no = append(no, r.refusedConsent(decision)...)
		} else {
			no = append(no, refusedAuthorization(decision, "org_wco")...)
		}
	}
	if !own && protected { // 4(5)
		switch r.grantStands() {
		case "matching":
		case "expired":
			no = append(no, "art4.5/grant-expired org_wco")
		default:
			no = append(no, "art4.5/not-granted org_wco")
		}
	}
	hasDecision := (r.release == "decision" || r.release == "both") && r.purpose != "other"
	if third && !protected && r.propriety && !hasDecision {
		no = append(no, "art4.5/proprietary org_wco")
	}
	// 4(6)
	if r.suspended {
		no = append(no, "art4.6/suspended ")
	}
	if r.stopped && !(own && r.role == "focal-point") {
		no = append(no, "art4.6/suspended org_wco")
	}
	if r.role == "auditor" || r.role == "staff+auditor" || r.role == "none" || r.side == "operator" {
		no = append(no, "art4.6/not-admitted ")
	}
	if own && protected && !r.depositor && r.role != "focal-point" && !r.ownAdmission() {
		no = append(no, "art4.6/not-admitted org_wco")
	}
	if !own && protected && r.grant != "none" && !r.admitted {
		no = append(no, "art4.6/not-admitted "+reader)
	}
	if !own && protected { // 4(7)
		if noWords {
			no = append(no, "art4.7/no-purpose "+reader)
		}
		if r.purpose == "other" {
			no = append(no, "art4.7/purpose-not-permitted org_wco")
		}
		if r.phase == "purpose-closed" && r.purpose != "no-code" {
			no = append(no, "art4.7/purpose-closed org_wco")
		}
	}
	if protected && third && r.grant != "none" { // 4(8): the agreement
		switch r.agreement {
		case "unsigned":
			no = append(no, "art4.8/agreement-unsigned "+reader)
		case "declined":
			no = append(no, "art4.8/agreement-declined org_wco")
		case "superseded":
			no = append(no, "art4.8/agreement-superseded "+reader)
		case "unproven": // reading 0010: a signature is in writing by its evidence
			no = append(no, "art4.8/signature-unproven "+reader)
		}
	}
	if protected && !own && r.grant != "none" && r.conditons == "not-accepted" {
		no = append(no, "art4.8/conditions-not-accepted "+reader)
	}
	if r.closed && !own { // 4(9)
		no = append(no, "art4.9/superseded-closed org_wco")
	}
	if r.destroyed {
		no = append(no, "art4.9/version-destroyed org_wco")
	}
	if protected && r.side == "recipient" && !r.focal { // 5(3)
		no = append(no, "art5.3/no-focal-point "+reader)
	}
	if !own { // 11
		if r.phase == "not-in-effect" {
			no = append(no, "art11.1/not-in-effect ")
		}
		if r.phase == "ended" || (over && r.purpose == "no-code") {
			no = append(no, "art11.4/ended ")
		}
	}
	// the gateway
	if r.form == "stamped-unavailable" {
		no = append(no, "gateway/stamp-failed ")
	}
	if r.form == "unknown" {
		no = append(no, "gateway/form-not-granted "+reader)
	}
	if r.form == "view-unavailable" {
		no = append(no, "gateway/form-unavailable "+reader)
	}
	if r.form == "view-file" {
		no = append(no, "gateway/form-not-granted "+reader)
	}
	wider := r.form == "original-not-granted" || r.form == "stamped-not-granted"
	if wider && protected && !own && r.grant != "none" {
		no = append(no, "gateway/form-not-granted org_wco")
	}
	if r.role == "service-outside" || r.role == "service-unlimited" ||
		(r.role == "service-within" && r.purpose == "no-code") {
		no = append(no, "gateway/service-limited "+reader)
	}
	slices.Sort(no)
	return slices.Compact(no)
}

// decisions says how the entity's authorization and the Discloser's decision stand for this reader: a stated purpose
// that is not theirs makes the good ones decisions for another purpose, and without a grant there are none.
func (r reading) decisions() (entity, decision string) {
	if r.grant == "none" {
		return "none", "none"
	}
	entity, decision = r.entity, r.decision
	if r.purpose == "other" || (r.purpose == "no-code" && r.grant == "other-purpose") {
		entity, decision = forAnother(entity), forAnother(decision)
	}
	return entity, decision
}

func forAnother(standing string) string {
	if slices.Contains([]string{"matching", "expired", "without-authority", "evidence-invalid"}, standing) {
		return "other-purpose"
	}
	return standing
}

func refusedAuthorization(standing, from string) []string {
	switch standing {
	case "matching":
		return nil
	case "none":
		return []string{"art4.4/authorization-missing " + from}
	case "refused", "withdrawn", "expired", "outside-series":
		return []string{"art4.4/authorization-" + standing + " " + from}
	case "without-authority":
		return []string{"art4.4/no-authority " + from}
	case "evidence-invalid":
		return []string{"art4.4/evidence-invalid " + from}
	}
	return []string{"art4.4/" + standing + " " + from}
}

func (r reading) refusedConsent(standing string) []string {
	switch standing {
	case "matching":
		return nil
	case "none":
		if r.grantStands() == "lapsed" {
			return []string{"art4.8/consent-lapsed org_wco"}
		}
		return []string{"art4.8/no-written-consent org_wco"}
	case "refused", "withdrawn", "expired":
		return []string{"art4.8/consent-" + standing + " org_wco"}
	case "without-authority":
		return []string{"art4.8/no-authority org_wco"}
	}
	return []string{"art4.8/" + standing + " org_wco"}
}

// grantStands: a grant for another purpose is one only for a reader who stated a purpose; silence past its term
// is a lapse only where something was never supplied.
func (r reading) grantStands() string {
	if r.grant == "none" || r.grant == "withdrawn" || r.grant == "other-version" {
		return r.grant
	}
	if r.purpose == "other" || (r.grant == "other-purpose" && r.purpose != "no-code") {
		return "other-purpose"
	}
	if r.grant == "overdue" {
		entity, decision := r.decisions()
		unsigned := (r.agreement == "unsigned" || r.agreement == "declined") && r.side != "recipient"
		if entity == "none" || decision == "none" || unsigned {
			return "lapsed"
		}
		return "matching"
	}
	if r.grant == "other-purpose" {
		return "matching"
	}
	return r.grant
}

// ownAdmission: the Discloser's focal point admitted a colleague, to this version, nobody said no, and that still
// holds.
func (r reading) ownAdmission() bool {
	for _, said := range []string{r.decision, r.entity} {
		if said == "refused" || said == "withdrawn" {
			return false
		}
	}
	return r.admitted && (r.grant == "matching" || r.grant == "overdue" || r.grant == "other-purpose")
}

// facts turns the words into what the gateway would hand in.
func (r reading) facts() article4.Facts {
	f := article4.Facts{Act: article4.ActDisclose, Now: now, Arrangement: r.arrangement(), Document: r.document(),
		Actor: r.actor()}
	f.Access = &article4.AccessFacts{
		Purpose: "art2.a", StatementPresent: r.purpose != "no-sentence", Form: article4.Original, StampAvailable: true,
	}
	switch r.purpose {
	case "no-code":
		f.Access.Purpose = ""
	case "other":
		f.Access.Purpose = "art2.b"
	}
	switch r.form {
	case "stamped":
		f.Access.Form = article4.Stamped
	case "stamped-unavailable":
		f.Access.Form, f.Access.StampAvailable = article4.Stamped, false
	case "unknown":
		f.Access.Form = "printed"
	case "stamped-not-granted":
		f.Access.Form = article4.Stamped
	case "view", "view-unavailable":
		f.Access.Form = article4.View
	case "view-file":
		f.Access.Form, f.Access.File = article4.View, true
	}
	f.Document.Showable = r.form != "view-unavailable"
	if r.conditons == "accepted" {
		f.Access.Conditions = "c0ffee"
	}
	if r.grant != "none" {
		f.Access.Grants = []article4.GrantFacts{r.grantFacts(f.Actor)}
	}
	if r.release != "none" {
		f.Access.Releases = []article4.ReleaseFacts{{
			To: f.Actor.Organisation, Purpose: "art2.a",
			TransferBasis: r.release == "basis" || r.release == "both",
			ByDiscloser:   r.release == "decision" || r.release == "both",
		}}
	}
	return f
}

func (r reading) arrangement() article4.ArrangementFacts {
	a := article4.ArrangementFacts{
		Phase: article4.InEffect, OpenPurposes: []article4.PurposeCode{"art2.a", "art2.b", "art2.c"},
		KnownPurposes: []article4.PurposeCode{"art2.a", "art2.b", "art2.c"},
		FocalPoints:   []article4.OrganisationID{"org_wco", "org_unoct"},
	}
	switch r.phase {
	case "not-in-effect":
		a.Phase = article4.NotInEffect
	case "purpose-closed":
		a.OpenPurposes = nil
	case "notice-given":
		a.Phase, a.EndsAt = article4.NoticeGiven, now.AddDate(0, 2, 0)
	case "ended":
		a.Phase, a.EndsAt, a.OpenPurposes = article4.Ended, now.AddDate(0, -1, 0), nil
	case "ended-specific":
		a.Phase, a.EndsAt = article4.Ended, now.AddDate(0, -1, 0)
	}
	if !r.focal {
		a.FocalPoints = nil
	}
	return a
}

func (r reading) document() *article4.DocumentFacts {
	d := &article4.DocumentFacts{
		ID:                "doc_1",
		Version:           "ver_1",
		Discloser:         "org_wco",
		Recipient:         "org_unoct",
		Depositor:         "per_other",
		Marking:           article4.Marking(r.marking),
		Proprietary:       r.propriety,
		Purposes:          []article4.PurposeCode{"art2.a", "art2.c"},
		PersonalData:      r.personal != "no",
		EntitiesConcerned: []article4.OrganisationID{"org_customs"},
		EntitiesConfirmed: r.confirmed,
		Series:            "ser_1",
		Suspended:         r.stopped,
		VersionClosed:     r.closed,
		VersionDestroyed:  r.destroyed,
	}
	if r.depositor {
		d.Depositor = "per_reader"
	}
	switch r.personal {
	case "kept":
		d.RetainUntil = now.Add(time.Microsecond)
	case "over":
		d.RetainUntil = now
	}
	return d
}

func (r reading) actor() article4.ActorFacts {
	a := article4.ActorFacts{Person: "per_reader", Kind: article4.Party, Suspended: r.suspended,
		SignIn: article4.SignInStale}
	switch r.side {
	case "discloser":
		a.Organisation = "org_wco"
	case "recipient":
		a.Organisation = "org_unoct"
	case "third-party":
		a.Organisation, a.Kind = "org_piu", article4.ThirdParty
	case "operator":
		a.Organisation, a.Kind = "org_operator", article4.Operator
	}
	marking := []article4.Marking{article4.Marking(r.marking)}
	switch r.role {
	case "staff":
		a.Roles = []article4.Role{article4.RoleStaff}
	case "focal-point":
		a.Roles = []article4.Role{article4.RoleFocalPoint}
	case "auditor":
		a.Roles = []article4.Role{article4.RoleAuditor}
	case "staff+auditor":
		a.Roles = []article4.Role{article4.RoleStaff, article4.RoleAuditor}
	case "service-within":
		a.Roles = []article4.Role{article4.RoleService}
		a.Service = &article4.ServiceLimits{Purposes: []article4.PurposeCode{"art2.a", "art2.b"}, Markings: marking}
	case "service-outside":
		a.Roles = []article4.Role{article4.RoleService}
		a.Service = &article4.ServiceLimits{Purposes: []article4.PurposeCode{"art2.k"}, Markings: marking}
	case "service-unlimited":
		a.Roles = []article4.Role{article4.RoleService}
	}
	return a
}

func (r reading) grantFacts(actor article4.ActorFacts) article4.GrantFacts {
	g := article4.GrantFacts{
		Request:    "req_1",
		Version:    "ver_1",
		For:        actor.Organisation,
		ForKind:    actor.Kind,
		AskedBy:    "per_asker",
		Purpose:    "art2.a",
		Until:      now.Add(time.Hour),
		Form:       article4.Original,
		MadeAt:     now.Add(-time.Hour),
		LapseAfter: 2 * time.Hour,
		Agreements: agreement(article4.AgreementStanding(r.agreement)),
	}
	switch r.form {
	case "original-not-granted":
		g.Form = article4.Stamped
	case "stamped-not-granted", "view":
		g.Form = article4.View
	}
	if r.admitted {
		g.Admitted = []article4.PersonID{"per_reader"}
	}
	if r.conditons != "none" {
		g.ConditionsOf = "c0ffee"
	}
	switch r.grant {
	case "expired":
		g.Until = now
	case "withdrawn":
		g.Withdrawn = true
	case "lapsed":
		g.Lapsed = true
	case "overdue":
		g.LapseAfter = time.Hour
	case "other-version":
		g.Version = "ver_0"
	case "other-purpose":
		g.Purpose = "art2.c"
	}
	kind := article4.Consent
	if actor.Kind == article4.Party {
		kind = article4.Authorization
	}
	g.Decisions = append(decisionFacts(r.decision, kind, "org_wco", actor.Organisation),
		decisionFacts(r.entity, article4.Authorization, "org_customs", actor.Organisation)...)
	return g
}

func decisionFacts(standing string, kind article4.DecisionKind, by,
	recipient article4.OrganisationID) []article4.DecisionFacts {
	l := article4.DecisionFacts{
		Kind:          kind,
		By:            by,
		State:         article4.DecisionGiven,
		Version:       "ver_1",
		Recipient:     recipient,
		SameRecipient: true,
		Purpose:       "art2.a",
		Until:         now.Add(time.Minute),
		Authority:     true,
		TransferBasis: true,
		EvidenceValid: true,
	}
	switch standing {
	case "none":
		return nil
	case "other-version":
		l.Version = "ver_0"
	case "outside-series":
		l.Version, l.Series = "", "ser_1"
	case "other-recipient":
		l.SameRecipient = false
	case "other-purpose":
		l.Purpose = "art2.k"
	case "expired":
		l.Until = now
	case "withdrawn":
		l.State = article4.DecisionWithdrawn
	case "refused":
		l.State = article4.DecisionRefused
	case "without-authority":
		l.Authority = false
	case "evidence-invalid":
		l.EvidenceValid = false
	}
	return []article4.DecisionFacts{l}
}
