package article4

// flattenDeposit: the depositor's Party is the Discloser of what it provides.
func (f *Facts) flattenDeposit(s *situation) bool {
	d := f.Deposit
	if d == nil {
		return false
	}
	side := sideThirdParty
	if f.Actor.Kind == Party {
		side = sideDiscloser
	}
	s.discloser = f.Actor.Organisation
	words := f.common(side)
	words.without("operator")
	f.service(words, d.Marking, d.Purposes...)
	words.flag("strong", f.strong())
	words.flag("marked", d.Marking.Valid())
	words.flag("protected", d.Marking != NonConfidential)
	words.flag("title", d.TitlePresent)
	words.flag("statement", d.PurposeStatement)
	words.flag("purpose_named", len(d.Purposes) > 0)
	words.flag("purpose_open", containsAll(f.Arrangement.OpenPurposes, d.Purposes))
	words.flag("recipient_is_other", d.RecipientIsOther && d.Recipient != "" &&
		d.Recipient != f.Actor.Organisation)
	words.flag("entities_declared", d.EntitiesDeclared && (d.EntitiesKnown || len(d.EntitiesConcerned) == 0))
	words.flag("sources_declared", d.SourcesDeclared)
	words.flag("inherits", d.inherits(f.Actor.Organisation))
	words.flag("within_series", d.within(f.Actor.Organisation))
	flattenPersonalData(words, f)
	flattenFound(words, d)
	s.words = words
	return true
}

func flattenPersonalData(words *wordList, f *Facts) {
	p := f.Deposit.PersonalData
	words.flag("personal_declared", p.Declared)
	words.flag("personal_data", p.Present)
	words.flag("safeguards", p.Regime && p.LegalBasis && !p.RetainUntil.IsZero())
	words.flag("retention_over", p.Present && !p.RetainUntil.IsZero() && !f.Now.Before(p.RetainUntil))
}

// flattenFound: before a byte was read nothing speaks against the file.
func flattenFound(words *wordList, d *DepositFacts) {
	found := d.Found
	if found == nil {
		found = &FoundFacts{SizeMatches: true, DigestMatches: true, TypeMatches: true}
	}
	words.flag("passenger_data", found.PassengerData)
	words.flag("disclosed_to_own", found.DisclosedToOwn)
	words.flag("resembles", found.ResemblesReceived && !d.ResemblanceSettled)
	words.flag("empty", found.Empty)
	words.flag("too_large", found.TooLarge)
	words.flag("size_matches", found.SizeMatches)
	words.flag("digest_matches", found.DigestMatches)
	words.flag("type_matches", found.TypeMatches)
	words.flag("marking_conflict", found.MarkingContradicted && !d.MarkingConfirmed)
	words.flag("malware_found", found.MalwareFound)
	words.flag("not_inspected", found.NotInspected)
}

// flattenAgreement: the text put to a third party, its signature, or that it was declined.
func (f *Facts) flattenAgreement(s *situation) bool {
	a := f.Agreement
	if a == nil || a.Organisation == "" {
		return false
	}
	s.beneficiary, s.proposers = a.Organisation, []OrganisationID{a.ProposedBy}
	words := f.common(f.office())
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("purpose_open", len(f.Arrangement.OpenPurposes) > 0)
	words.flag("statement", a.TextPresent && (f.Act == ActPropose || a.StatementsPresent))
	words.flag("for_third_party", a.OrganisationKind == ThirdParty)
	words.flag("mandated", f.Actor.Mandated)
	words.flag("own_agreement", a.Organisation == f.Actor.Organisation)
	words.flag("current_text", a.CurrentText)
	words.flag("declined", a.Declined)
	words.flag("evidence", evident(a.Evidence, a.EvidenceValid, a.EvidenceAdmitted))
	s.words = words
	return true
}

// known takes a strength of sign-in that the rules do not know for the weakest.
func (s SignIn) known() SignIn {
	if s == SignInFresh || s == SignInStale {
		return s
	}
	return SignInWeak
}
