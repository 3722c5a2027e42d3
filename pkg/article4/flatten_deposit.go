package article4

import "github.com/cedar-policy/cedar-go/types"

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
	delete(words, "operator")
	f.service(words, d.Marking, d.Purposes...)
	words["marked"] = types.Boolean(d.Marking.Valid())
	words["protected"] = types.Boolean(d.Marking != NonConfidential)
	words["title"] = types.Boolean(d.TitlePresent)
	words["statement"] = types.Boolean(d.PurposeStatement)
	words["purpose_named"] = types.Boolean(len(d.Purposes) > 0)
	words["purpose_open"] = types.Boolean(containsAll(f.Arrangement.OpenPurposes, d.Purposes))
	words["recipient_is_other"] = types.Boolean(d.RecipientIsOther && d.Recipient != "" &&
		d.Recipient != f.Actor.Organisation)
	words["entities_declared"] = types.Boolean(d.EntitiesDeclared && (d.EntitiesKnown || len(d.EntitiesConcerned) == 0))
	words["sources_declared"] = types.Boolean(d.SourcesDeclared)
	words["inherits"] = types.Boolean(d.inherits(f.Actor.Organisation))
	flattenPersonalData(words, f)
	flattenFound(words, d)
	s.words = words
	return true
}

func flattenPersonalData(words types.RecordMap, f *Facts) {
	p := f.Deposit.PersonalData
	words["personal_declared"] = types.Boolean(p.Declared)
	words["personal_data"] = types.Boolean(p.Present)
	words["safeguards"] = types.Boolean(p.Regime && p.LegalBasis && !p.RetainUntil.IsZero())
	words["retention_over"] = types.Boolean(p.Present && !p.RetainUntil.IsZero() && !f.Now.Before(p.RetainUntil))
}

// flattenFound: before a byte was read nothing speaks against the file.
func flattenFound(words types.RecordMap, d *DepositFacts) {
	found := d.Found
	if found == nil {
		found = &FoundFacts{SizeMatches: true, DigestMatches: true, TypeMatches: true}
	}
	words["passenger_data"] = types.Boolean(found.PassengerData)
	words["disclosed_to_own"] = types.Boolean(found.DisclosedToOwn)
	words["resembles"] = types.Boolean(found.ResemblesReceived && !d.ResemblanceSettled)
	words["empty"] = types.Boolean(found.Empty)
	words["too_large"] = types.Boolean(found.TooLarge)
	words["size_matches"] = types.Boolean(found.SizeMatches)
	words["digest_matches"] = types.Boolean(found.DigestMatches)
	words["type_matches"] = types.Boolean(found.TypeMatches)
	words["marking_conflict"] = types.Boolean(found.MarkingContradicted && !d.MarkingConfirmed)
	words["malware_found"] = types.Boolean(found.MalwareFound)
	words["not_inspected"] = types.Boolean(found.NotInspected)
}

// flattenAgreement: the text put to a third party, or its signature.
func (f *Facts) flattenAgreement(s *situation) bool {
	a := f.Agreement
	if a == nil || a.Organisation == "" {
		return false
	}
	s.beneficiary = a.Organisation
	words := f.common(f.office())
	words["sign_in"] = types.String(f.Actor.SignIn.known())
	words["purpose_open"] = types.Boolean(len(f.Arrangement.OpenPurposes) > 0)
	words["statement"] = types.Boolean(a.TextPresent && (f.Act == ActPropose || a.StatementsPresent))
	words["for_third_party"] = types.Boolean(a.OrganisationKind == ThirdParty)
	words["mandated"] = types.Boolean(f.Actor.Mandated)
	words["own_agreement"] = types.Boolean(a.Organisation == f.Actor.Organisation)
	words["current_text"] = types.Boolean(a.CurrentText)
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
