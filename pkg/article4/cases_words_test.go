package article4_test

import (
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// world is a situation under construction: it starts in good order, and each line of a case changes one thing.
type world struct {
	f        article4.Facts
	grant    article4.GrantFacts
	hasGrant bool
	request  article4.RequestFacts
	ask      article4.AskFacts
	access   article4.AccessFacts
	deposit  article4.DepositFacts
	found    *article4.FoundFacts
	document article4.DocumentFacts
	agree    article4.AgreementFacts
	change   article4.ChangeFacts
	release  article4.ReleaseAsked
	drop     string
	stopped  string // what a suspension is about
	lowering string // what Customs said of a lowering
	series   article4.SeriesFacts
}

func newWorld() *world {
	w := &world{hasGrant: true}
	w.f = article4.Facts{Act: article4.ActDisclose, Now: now, Arrangement: arrangement()}
	w.f.Actor = article4.ActorFacts{SignIn: article4.SignInFresh}
	w.document = *restricted()
	w.document.Purposes = []article4.PurposeCode{"art2.a", "art2.b"}
	w.grantFor("piu")
	w.request = article4.RequestFacts{
		AskedBy:          "per_asker",
		AskedByOrg:       unoct,
		StatementPresent: true,
		Evidence:         article4.EvidenceOIDC,
		EvidenceValid:    true,
		TransferBasis:    true,
		AdmitOwnPeople:   true,
	}
	w.ask = article4.AskFacts{
		For:              piu,
		ForKind:          article4.ThirdParty,
		ForInForce:       true,
		PeopleBelong:     true,
		Purpose:          "art2.a",
		StatementPresent: true,
		Until:            now.AddDate(0, 0, 30),
		Form:             article4.Original,
	}
	w.access = article4.AccessFacts{Purpose: "art2.a", StatementPresent: true, Form: article4.Original,
		StampAvailable: true}
	w.deposit = article4.DepositFacts{
		Marking:           article4.Restricted,
		TitlePresent:      true,
		PurposeStatement:  true,
		Purposes:          []article4.PurposeCode{"art2.a"},
		Recipient:         unoct,
		RecipientIsOther:  true,
		PersonalData:      article4.PersonalDataFacts{Declared: true},
		EntitiesDeclared:  true,
		EntitiesConcerned: []article4.OrganisationID{customs},
		EntitiesKnown:     true,
		SourcesDeclared:   true,
	}
	w.found = &article4.FoundFacts{SizeMatches: true, DigestMatches: true, TypeMatches: true}
	w.agree = article4.AgreementFacts{Organisation: piu, OrganisationKind: article4.ThirdParty, ProposedBy: wco,
		TextPresent: true,
		CurrentText: true, StatementsPresent: true, Evidence: article4.EvidenceOIDC,
		EvidenceValid: true}
	w.change, w.release, w.series = changeInOrder(), releaseInOrder(), seriesInOrder()
	return w
}

// grantFor makes the request one for another organisation, with every leave that this takes.
func (w *world) grantFor(name string) {
	w.grant = grantFor(organisation(name), kind(name), "per_reader")
	w.grant.AskedBy = "per_asker"
}

// facts hands in what the act needs, as exchange does.
func (w *world) facts() article4.Facts {
	f := w.f
	if f.Act == article4.ActDeposit {
		w.deposit.Found = w.found
		f.Deposit = &w.deposit
		return f
	}
	if f.Act == article4.ActPropose || f.Act == article4.ActSign || f.Act == article4.ActDecline {
		f.Agreement = &w.agree
		return f
	}
	if f.Act == article4.ActOpenSeries || f.Act == article4.ActAuthorizeSeries || f.Act == article4.ActWithdrawSeries {
		f.Series = &w.series
		return f
	}
	f.Document = &w.document
	if w.hasGrant {
		w.access.Grants = []article4.GrantFacts{w.grant}
	}
	switch f.Act {
	case article4.ActRequest:
		f.Ask = &w.ask
	case article4.ActDisclose, article4.ActDescribe:
		f.Access = &w.access
	case article4.ActAuthorize, article4.ActConsent, article4.ActRefuse, article4.ActAdmit, article4.ActWithdraw:
		w.request.Grant = w.grant
		f.Request = &w.request
	default:
		w.lifeFacts(&f)
	}
	if w.drop == "document" {
		f.Document = nil
	}
	return f
}

// vocabulary is what a case may say.
var vocabulary = map[string]func(*world, string) error{
	"act":   func(w *world, v string) error { w.f.Act = article4.Act(v); return nil },
	"who":   (*world).who,
	"drop":  func(w *world, v string) error { w.drop = v; return nil },
	"phase": (*world).phase,
	"open purposes": func(w *world, v string) error {
		w.f.Arrangement.OpenPurposes = list[article4.PurposeCode](v)
		return nil
	},
	"focal points": func(w *world, v string) error { w.f.Arrangement.FocalPoints = organisations(v); return nil },
	"sign-in":      func(w *world, v string) error { w.f.Actor.SignIn = article4.SignIn(v); return nil },
	"listed purposes": func(w *world, v string) error {
		w.f.Actor.Service.Purposes = list[article4.PurposeCode](v)
		return nil
	},
	"listed markings": func(w *world, v string) error {
		w.f.Actor.Service.Markings = list[article4.Marking](v)
		return nil
	},

	"marking": func(w *world, v string) error {
		w.document.Marking = article4.Marking(v)
		w.deposit.Marking = w.document.Marking
		return nil
	},
	"proprietary":        yes(func(w *world, b bool) { w.document.Proprietary, w.deposit.Proprietary = b, b }),
	"entities confirmed": yes(func(w *world, b bool) { w.document.EntitiesConfirmed = b }),
	"entities": func(w *world, v string) error {
		w.document.EntitiesConcerned = organisations(v)
		w.deposit.EntitiesConcerned = organisations(v)
		return nil
	},
	"personal data kept until": func(w *world, v string) (err error) {
		w.document.PersonalData = true
		w.document.RetainUntil, err = when(v)
		return err
	},

	"grant for": func(w *world, v string) error {
		if w.hasGrant = v != "nobody"; w.hasGrant {
			w.grantFor(v)
		}
		return nil
	},
	"grant until":     func(w *world, v string) (err error) { w.grant.Until, err = when(v); return err },
	"grant made":      func(w *world, v string) (err error) { w.grant.MadeAt, err = when(v); return err },
	"grant version":   func(w *world, v string) error { w.grant.Version = article4.VersionID(v); return nil },
	"grant purpose":   func(w *world, v string) error { w.grant.Purpose = article4.PurposeCode(v); return nil },
	"grant form":      func(w *world, v string) error { w.grant.Form = article4.Form(v); return nil },
	"grant withdrawn": yes(func(w *world, b bool) { w.grant.Withdrawn = b }),
	"lapse recorded":  yes(func(w *world, b bool) { w.grant.Lapsed = b }),
	"people named":    func(w *world, v string) error { w.grant.People = list[article4.PersonID](v); return nil },
	"people admitted": func(w *world, v string) error { w.grant.Admitted = list[article4.PersonID](v); return nil },
	"agreement": func(w *world, v string) error {
		w.grant.Agreements = agreement(article4.AgreementStanding(v))
		return nil
	},
	"agreement of unoct": func(w *world, v string) error {
		w.grant.Agreements.OfRecipient = article4.AgreementStanding(v)
		return nil
	},
	"agreement that the consent names": func(w *world, v string) error {
		w.grant.Agreements.Named = article4.AgreementStanding(v)
		return nil
	},
	"consent names a transfer basis": yes(func(w *world, b bool) {
		w.request.TransferBasis = b
		for i := range w.grant.Decisions {
			w.grant.Decisions[i].TransferBasis = b
		}
	}),
	"sources declared": yes(func(w *world, b bool) { w.deposit.SourcesDeclared = b }),
	"derives from a document of": func(w *world, v string) error {
		w.deposit.Sources = []article4.SourceFacts{{Discloser: organisation(v), Marking: article4.Restricted}}
		w.document.SourceDisclosers = []article4.OrganisationID{organisation(v)}
		return nil
	},
	"consent of unoct":    func(w *world, v string) error { return w.decision(article4.Consent, "unoct", v) },
	"resemblance settled": yes(func(w *world, b bool) { w.deposit.ResemblanceSettled = b }),
	"second signatory":    yes(func(w *world, b bool) { w.request.SecondSignatory = b }),
	"conditions":          func(w *world, v string) error { w.grant.ConditionsOf = article4.Digest(v); return nil },
	"consent of wco":      func(w *world, v string) error { return w.decision(article4.Consent, "wco", v) },
	"authorization of wco": func(w *world, v string) error {
		return w.decision(article4.Authorization, "wco", v)
	},
	"authorization of customs": func(w *world, v string) error {
		return w.decision(article4.Authorization, "customs", v)
	},

	"asked by": func(w *world, v string) error {
		w.request.AskedBy = article4.PersonID(v)
		w.grant.AskedBy = article4.PersonID(v)
		return nil
	},
	"asked by organisation": func(w *world, v string) error { w.request.AskedByOrg = organisation(v); return nil },
	"decision until": func(w *world, v string) (err error) {
		w.request.Until, err = when(v)
		w.series.Until = w.request.Until
		return err
	},
	"decision form": func(w *world, v string) error { w.request.Form = article4.Form(v); return nil },
	"none repeated": yes(func(w *world, b bool) { w.request.EntitiesRepeated, w.series.EntitiesRepeated = b, b }),
	"evidence": func(w *world, v string) error {
		w.request.Evidence, w.agree.Evidence = article4.Evidence(v), article4.Evidence(v)
		w.series.Evidence = article4.Evidence(v)
		return nil
	},
	"evidence valid": yes(func(w *world, b bool) {
		w.request.EvidenceValid, w.agree.EvidenceValid, w.series.EvidenceValid = b, b, b
	}),
	"evidence none admitted": yes(func(w *world, b bool) {
		w.request.EvidenceAdmitted, w.agree.EvidenceAdmitted, w.series.EvidenceAdmitted = b, b, b
	}),
	"admits own people": yes(func(w *world, b bool) { w.request.AdmitOwnPeople = b }),

	"asks for": func(w *world, v string) error {
		w.ask.For, w.ask.ForKind = organisation(v), kind(v)
		return nil
	},
	"delivery":              yes(func(w *world, b bool) { w.ask.Delivery, w.request.Delivery = b, b }),
	"organisation in force": yes(func(w *world, b bool) { w.ask.ForInForce = b }),
	"people belong":         yes(func(w *world, b bool) { w.ask.PeopleBelong, w.series.PeopleBelong = b, b }),
	"asks until":            func(w *world, v string) (err error) { w.ask.Until, err = when(v); return err },

	"purpose": func(w *world, v string) error {
		w.access.Purpose, w.ask.Purpose, w.deposit.Purposes = article4.PurposeCode(v), article4.PurposeCode(v),
			list[article4.PurposeCode](v)
		if v == "none" {
			w.access.Purpose, w.ask.Purpose = "", ""
		}
		w.release.Purpose, w.series.Purpose = w.access.Purpose, w.access.Purpose
		return nil
	},
	"statement": yes(func(w *world, b bool) {
		w.access.StatementPresent, w.ask.StatementPresent, w.request.StatementPresent = b, b, b
		w.deposit.PurposeStatement, w.agree.StatementsPresent = b, b
		w.change.ReasonPresent, w.release.StatementPresent, w.series.StatementPresent = b, b, b
	}),
	"form": func(w *world, v string) error {
		w.access.Form, w.ask.Form = article4.Form(v), article4.Form(v)
		return nil
	},
	"can be shown":        yes(func(w *world, b bool) { w.document.Showable = b }),
	"a file is asked for": yes(func(w *world, b bool) { w.access.File = b }),
	"stamp available":     yes(func(w *world, b bool) { w.access.StampAvailable = b }),
	"conditions accepted": func(w *world, v string) error { w.access.Conditions = article4.Digest(v); return nil },
	"released to": func(w *world, v string) error {
		w.access.Releases = []article4.ReleaseFacts{{To: organisation(v), Purpose: "art2.a"}}
		return nil
	},
	"release basis":        yes(func(w *world, b bool) { w.access.Releases[0].TransferBasis = b }),
	"release by discloser": yes(func(w *world, b bool) { w.access.Releases[0].ByDiscloser = b }),

	"title": yes(func(w *world, b bool) { w.deposit.TitlePresent = b }),
	"recipient": func(w *world, v string) error {
		w.deposit.Recipient = organisation(v)
		w.deposit.RecipientIsOther = v == "unoct"
		return nil
	},
	"entities declared": yes(func(w *world, b bool) { w.deposit.EntitiesDeclared, w.series.EntitiesDeclared = b, b }),
	"entities known":    yes(func(w *world, b bool) { w.deposit.EntitiesKnown, w.change.EntitiesKnown = b, b }),
	"personal data":     (*world).personal,
	"file":              (*world).file,

	"agreement with": func(w *world, v string) error {
		w.agree.Organisation, w.agree.OrganisationKind = organisation(v), kind(v)
		return nil
	},
	"agreement text": yes(func(w *world, b bool) { w.agree.TextPresent = b }),
	"text declined":  yes(func(w *world, b bool) { w.agree.Declined = b }),
	"newest text":    yes(func(w *world, b bool) { w.agree.CurrentText = b }),
}

// who reads "a staff, focal-point of wco with a delegation, per_x".
func (w *world) who(v string) error {
	v, person, named := strings.Cut(v, " named ")
	w.f.Actor.Person = "per_reader"
	if named {
		w.f.Actor.Person = article4.PersonID(person)
	}
	v, w.f.Actor.Delegated = strings.CutSuffix(v, " with a Delegation")
	v, without := strings.CutSuffix(v, " without a Mandate")
	w.f.Actor.Mandated = !without
	roles, of, ok := strings.Cut(v, " of ")
	if !ok {
		return fmt.Errorf("%q names no organisation", v)
	}
	w.f.Actor.Organisation, w.f.Actor.Kind = organisation(of), kind(of)
	w.f.Actor.Roles = list[article4.Role](roles)
	if strings.Contains(roles, "service") {
		w.f.Actor.Service = &article4.ServiceLimits{}
	}
	return nil
}

func (w *world) phase(v string) error {
	a := &w.f.Arrangement
	phase, rest, _ := strings.Cut(v, ", last day ")
	a.Phase = article4.Phase(phase)
	if rest == "" {
		return nil
	}
	var err error
	a.EndsAt, err = when(rest)
	return err
}

func (w *world) decision(kind article4.DecisionKind, by, v string) error {
	standing, known := map[string]string{
		"given": "matching", "missing": "none", "refused": "refused", "withdrawn": "withdrawn", "expired": "expired",
		"for another version": "other-version", "for another recipient": "other-recipient",
		"for another purpose": "other-purpose",
		"without authority":   "without-authority", "without valid evidence": "evidence-invalid",
		"outside the series": "outside-series",
	}[v]
	if !known {
		return fmt.Errorf("%q is no standing of a decision", v)
	}
	kept := w.grant.Decisions[:0]
	for _, l := range w.grant.Decisions {
		if l.By != organisation(by) {
			kept = append(kept, l)
		}
	}
	w.grant.Decisions = append(kept, decisionFacts(standing, kind, organisation(by), w.grant.For)...)
	return nil
}

func (w *world) personal(v string) error {
	p := &w.deposit.PersonalData
	switch v {
	case "not said":
		*p = article4.PersonalDataFacts{}
	case "no":
		*p = article4.PersonalDataFacts{Declared: true}
	case "yes, with safeguards":
		*p = article4.PersonalDataFacts{Declared: true, Present: true, Regime: true, LegalBasis: true,
			RetainUntil: later}
	case "yes, retention over":
		*p = article4.PersonalDataFacts{Declared: true, Present: true, Regime: true, LegalBasis: true, RetainUntil: now}
	case "yes, without legal basis":
		*p = article4.PersonalDataFacts{Declared: true, Present: true, Regime: true, RetainUntil: later}
	default:
		return fmt.Errorf("%q is not known", v)
	}
	return nil
}

func (w *world) file(v string) error {
	switch v {
	case "not read yet":
		w.found = nil
	case "empty":
		w.found.Empty = true
	case "too large":
		w.found.TooLarge = true
	case "other size":
		w.found.SizeMatches = false
	case "other digest":
		w.found.DigestMatches = false
	case "other type":
		w.found.TypeMatches = false
	case "passenger data":
		w.found.PassengerData = true
	case "received from the other Party":
		w.found.DisclosedToOwn = true
	case "like what was received":
		w.found.ResemblesReceived = true
	case "another marking in its headers":
		w.found.MarkingContradicted = true
	case "malware":
		w.found.MalwareFound = true
	case "not inspected":
		w.found.NotInspected = true
	default:
		return fmt.Errorf("%q is not known", v)
	}
	return nil
}

func organisation(name string) article4.OrganisationID { return article4.OrganisationID("org_" + name) }

func kind(name string) article4.OrganisationKind {
	switch name {
	case "wco", "unoct":
		return article4.Party
	case "operator":
		return article4.Operator
	}
	return article4.ThirdParty
}

func organisations(v string) []article4.OrganisationID {
	var all []article4.OrganisationID
	for _, name := range list[string](v) {
		all = append(all, organisation(name))
	}
	return all
}

func list[T ~string](v string) []T {
	if v == "none" {
		return nil
	}
	var all []T
	for one := range strings.SplitSeq(v, ", ") {
		all = append(all, T(one))
	}
	return all
}

func yes(set func(*world, bool)) func(*world, string) error {
	return func(w *world, v string) error {
		if v != "yes" && v != "no" {
			return fmt.Errorf("%q is neither yes nor no", v)
		}
		set(w, v == "yes")
		return nil
	}
}

// when reads "in 30 days", "30 days ago", "now", "not given".
func when(v string) (time.Time, error) {
	var days int
	switch {
	case v == "now":
		return now, nil
	case v == "not given":
		return time.Time{}, nil
	case strings.HasPrefix(v, "in "):
		_, err := fmt.Sscanf(v, "in %d days", &days)
		return now.AddDate(0, 0, days), err
	}
	_, err := fmt.Sscanf(v, "%d days ago", &days)
	return now.AddDate(0, 0, -days), err
}
