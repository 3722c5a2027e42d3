package article4

import "slices"

// situation is Facts flattened to the words of rules.cedarschema, with what is needed to name suppliers.
type situation struct {
	words *wordList
	grant *GrantFacts // what a disclosure would rest on

	discloser   OrganisationID
	reader      OrganisationID
	beneficiary OrganisationID
	decisions   []decisionStanding
	sources     []OrganisationID // the sources' Disclosers whose consent is not there
	focal       []OrganisationID // the Parties concerned that have designated no focal point
	proposers   []OrganisationID // the Parties whose text of an agreement the third party declined
}

// The sides, as the rules name them.
const (
	sideDiscloser  = "discloser"
	sideRecipient  = "recipient"
	sideThirdParty = "third-party"
	sideNobody     = "nobody"
	sideParty      = "party" // either Party, where no document says which
)

// flatten tells the rules what the case is; false when Facts miss a part that the act needs, or contradict
// themselves: then there is nothing to decide and everything is held in confidence.
func (f *Facts) flatten() (situation, bool) {
	if !f.sound() {
		return situation{}, false
	}
	s := situation{reader: f.Actor.Organisation}
	switch f.Act {
	case ActDeposit:
		return s, f.flattenDeposit(&s)
	case ActPropose, ActSign, ActDecline:
		return s, f.flattenAgreement(&s)
	case ActSuspend, ActLift, ActHold, ActEndHold, ActErase, ActAcknowledge, ActDesignate, ActDelegate, ActRecognise,
		ActMandate, ActGiveNotice, ActKeepOffice, ActEndSessions, ActKeepWebhook, ActDepositInstrument,
		ActEndRelease:
		return s, f.flattenOffice(&s)
	case ActOpenSeries, ActAuthorizeSeries, ActWithdrawSeries:
		return s, f.flattenSeries(&s)
	case ActReadLog, ActTrace:
		s.words = f.actor(f.office())
		s.words.flag("strong", f.strong())
		return s, true
	}
	if !f.documentSound() {
		return s, false
	}
	s.discloser = f.Document.Discloser
	return s, f.flattenOnDocument(&s)
}

// flattenOnDocument: the acts on a document, or on a request for one; sound() let no other through.
func (f *Facts) flattenOnDocument(s *situation) bool {
	switch f.Act {
	case ActDescribe, ActAccount, ActExplain, ActReportLeak:
		return f.flattenLook(s)
	case ActRequest:
		return f.flattenAsk(s)
	case ActDisclose:
		return f.flattenDisclose(s)
	case ActAdmit:
		return f.flattenAdmit(s)
	case ActWithdraw:
		return f.flattenWithdraw(s)
	case ActAsk, ActAnswer:
		return f.flattenMessage(s)
	case ActFile:
		return f.flattenFile(s)
	case ActRelease:
		return f.flattenRelease(s)
	case ActCorrect:
		return f.flattenCorrect(s)
	case ActAmend:
		return f.flattenAmend(s)
	case ActMark, ActAddEntity, ActRemoveEntity, ActNotConcerned, ActAuthorizeLowering, ActRefuseLowering,
		ActWithdrawLowering, ActRecall, ActDestroy:
		return f.flattenChange(s)
	}
	return f.flattenDecision(s) // authorize, consent, refuse
}

// flattenLook: who may know of the document, ask what the rules would say, and report a leak of it.
func (f *Facts) flattenLook(s *situation) bool {
	s.words = newWordList()
	s.words.flag("standing", StandingOf(*f))
	s.words.flag("suspended", f.Actor.Suspended)
	if f.Act != ActExplain && f.Act != ActReportLeak {
		return true
	}
	if f.Change == nil {
		return false
	}
	if f.Act == ActReportLeak {
		s.words.flag("statement", f.Change.ReasonPresent)
		return true
	}
	s.words.text("side", f.side())
	setOf(s.words, "roles", f.roles())
	s.words.flag("about_others", f.Change.AboutOthers)
	return true
}

// sound reports whether the parts that every act needs are there.
func (f *Facts) sound() bool {
	switch f.Arrangement.Phase {
	case NotInEffect, InEffect, Ended:
	case NoticeGiven:
		if f.Arrangement.EndsAt.IsZero() {
			return false
		}
	default:
		return false
	}
	switch f.Actor.Kind {
	case Party, ThirdParty, Operator:
	default:
		return false
	}
	return f.Act.Valid() && !f.Now.IsZero() && f.Actor.Person != "" && f.Actor.Organisation != ""
}

// documentSound reports whether there is a document with its two Parties, and whether the actor's kind agrees
// with them: a third party that bears a Party's name, or a Party that is neither, is nobody that the rules know.
func (f *Facts) documentSound() bool {
	doc := f.Document
	if doc == nil || doc.Version == "" || doc.Discloser == "" || doc.Recipient == "" || doc.Discloser == doc.Recipient {
		return false
	}
	isParty := f.Actor.Organisation == doc.Discloser || f.Actor.Organisation == doc.Recipient
	return isParty == (f.Actor.Kind == Party)
}

// side says where the actor stands towards the document. Reading 0005: everybody but the two Parties' own
// officials is a third party, the operator's people too.
func (f *Facts) side() string {
	switch f.Actor.Organisation {
	case f.Document.Discloser:
		return sideDiscloser
	case f.Document.Recipient:
		return sideRecipient
	}
	return sideThirdParty
}

// protected holds a document whose marking is not plainly non-confidential.
func (f *Facts) protected() bool { return f.Document.Marking != NonConfidential }

// retentionOver is true from the instant retain-until on; personal data without one is over.
func (f *Facts) retentionOver() bool {
	return f.Document.PersonalData && !f.Now.Before(f.Document.RetainUntil)
}

func (f *Facts) purposeOpen(code PurposeCode) bool {
	return slices.Contains(f.Arrangement.OpenPurposes, code)
}

// common are the words that nearly every act needs.
func (f *Facts) common(side string) *wordList {
	words := newWordList()
	words.text("phase", string(f.Arrangement.Phase))
	words.text("side", side)
	words.flag("own", false)
	words.flag("operator", f.Actor.Kind == Operator)
	setOf(words, "roles", f.roles())
	words.flag("suspended", f.Actor.Suspended)
	return words
}

// actor are the words on who acts, for acts that ask for nothing else of them.
func (f *Facts) actor(side string) *wordList {
	words := newWordList()
	words.text("side", side)
	setOf(words, "roles", f.roles())
	words.flag("suspended", f.Actor.Suspended)
	return words
}

// office is the side of an act that no document says the sides of.
func (f *Facts) office() string {
	if f.Actor.Kind == Party {
		return sideParty
	}
	return sideThirdParty
}

// stops are the words on what stands over the document and its version.
func (f *Facts) stops(words *wordList) {
	words.flag("stopped", f.Document.Suspended)
	words.flag("version_closed", f.Document.VersionClosed)
	words.flag("version_destroyed", f.Document.VersionDestroyed)
}

// isService: whoever bears the role, or brings limits, is a machine client.
func (a *ActorFacts) isService() bool {
	return a.Service != nil || slices.Contains(a.Roles, RoleService)
}

// roles are those that count. A machine client is nothing else besides: it decides nothing, whatever its claims
// say; but what bars a person from content bars it too.
func (f *Facts) roles() []Role {
	if !f.Actor.isService() {
		return f.Actor.Roles
	}
	roles := []Role{RoleService}
	for _, role := range f.Actor.Roles {
		if role == RoleAuditor || role == RoleOperator {
			roles = append(roles, role)
		}
	}
	return roles
}

// strong reports whether somebody signed in as strongly as their issuer's binding asks for, at any time; of a machine
// client nobody signs in.
func (f *Facts) strong() bool { return f.Actor.isService() || f.Actor.SignIn.known() != SignInWeak }

// service are the words that confine a machine client; one without limits is confined to nothing.
func (f *Facts) service(words *wordList, marking Marking, purposes ...PurposeCode) {
	limits := f.Actor.Service
	words.flag("service", f.Actor.isService())
	words.flag("service_marking", limits != nil && slices.Contains(limits.Markings, marking))
	words.flag("service_purpose", limits != nil && containsAll(limits.Purposes, purposes))
}

// containsAll reports whether there are wanted things and all of them are had.
func containsAll(have, want []PurposeCode) bool {
	for _, one := range want {
		if !slices.Contains(have, one) {
			return false
		}
	}
	return len(want) > 0
}

// focalPoints says whether every Party named has one, and remembers those without.
func (f *Facts) focalPoints(s *situation, parties ...OrganisationID) bool {
	for _, party := range parties {
		if !slices.Contains(f.Arrangement.FocalPoints, party) {
			s.focal = append(s.focal, party)
		}
	}
	return len(s.focal) == 0
}
