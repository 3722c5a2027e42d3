package article4_test

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// The people and organisations of the tests. WCO discloses to UNOCT; the PIU is the third party, Customs an entity
// concerned.
const (
	wco     article4.OrganisationID = "org_wco"
	unoct   article4.OrganisationID = "org_unoct"
	piu     article4.OrganisationID = "org_piu"
	customs article4.OrganisationID = "org_customs"

	version article4.VersionID   = "ver_1"
	purpose article4.PurposeCode = "art2.a"
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later = now.AddDate(0, 1, 0)
)

func arrangement() article4.ArrangementFacts {
	return article4.ArrangementFacts{
		Phase:         article4.InEffect,
		OpenPurposes:  []article4.PurposeCode{purpose, "art2.b"},
		KnownPurposes: []article4.PurposeCode{"art2.a", "art2.b", "art2.c", "art2.k"},
		FocalPoints:   []article4.OrganisationID{wco, unoct},
	}
}

func restricted() *article4.DocumentFacts {
	return &article4.DocumentFacts{
		ID:                "doc_1",
		Version:           version,
		Discloser:         wco,
		Recipient:         unoct,
		Depositor:         "per_staff_wco",
		Marking:           article4.Restricted,
		Purposes:          []article4.PurposeCode{purpose},
		EntitiesConcerned: []article4.OrganisationID{customs},
		EntitiesConfirmed: true,
	}
}

func decision(kind article4.DecisionKind, by, recipient article4.OrganisationID) article4.DecisionFacts {
	return article4.DecisionFacts{
		ID:            article4.DecisionID("leave_" + by),
		Kind:          kind,
		By:            by,
		State:         article4.DecisionGiven,
		Version:       version,
		Recipient:     recipient,
		SameRecipient: true,
		Purpose:       purpose,
		Until:         later,
		Authority:     true,
		TransferBasis: true,
		EvidenceValid: true,
	}
}

// agreement is that of the Discloser alone, which its consent does not name.
func agreement(standing article4.AgreementStanding) article4.AgreementsFacts {
	return article4.AgreementsFacts{Named: article4.AgreementNotRequired, OfDiscloser: standing,
		OfRecipient: article4.AgreementNotRequired}
}

func grantFor(organisation article4.OrganisationID, kind article4.OrganisationKind,
	person article4.PersonID) article4.GrantFacts {
	decisionKind := article4.Consent
	if kind == article4.Party {
		decisionKind = article4.Authorization
	}
	return article4.GrantFacts{
		Request:    "req_1",
		Version:    version,
		For:        organisation,
		ForKind:    kind,
		AskedBy:    "per_staff_unoct",
		People:     []article4.PersonID{person},
		Purpose:    purpose,
		Until:      later,
		Form:       article4.Original,
		MadeAt:     now.AddDate(0, 0, -2),
		LapseAfter: 14 * 24 * time.Hour,
		Agreements: agreement(article4.AgreementSigned),
		Decisions: []article4.DecisionFacts{
			decision(decisionKind, wco, organisation),
			decision(article4.Authorization, customs, organisation),
		},
	}
}

// disclosure is a third party's analyst asking for a restricted document for which everything is in order.
func disclosure() article4.Facts {
	return article4.Facts{
		Act:         article4.ActDisclose,
		Now:         now,
		Arrangement: arrangement(),
		Document:    restricted(),
		Actor: article4.ActorFacts{
			Person: "per_analyst_piu", Organisation: piu, Kind: article4.ThirdParty,
			Roles: []article4.Role{article4.RoleStaff}, SignIn: article4.SignInFresh,
		},
		Access: &article4.AccessFacts{
			Purpose: purpose, StatementPresent: true, Form: article4.Original, StampAvailable: true,
			Grants: []article4.GrantFacts{grantFor(piu, article4.ThirdParty, "per_analyst_piu")},
		},
	}
}
