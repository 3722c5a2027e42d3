package article4

import (
	"slices"
	"time"
)

// Met is one thing that a request has of what it needs: the counterpart of Missing.
type Met struct {
	What Code           // the reason that its absence would give
	From OrganisationID // who supplied it
}

// MetOf names what a request has already, in the order in which StateOf would find it missing. It looks at the same
// flattened decisions, so that nothing is both; and like StateOf at no emergency stop.
func MetOf(doc DocumentFacts, grant GrantFacts, at time.Time) []Met {
	view := viewOf(doc, &grant, at)
	var met []Met
	for _, decision := range slices.Concat(view.decisions, view.sources) {
		if decision.Standing != StandingMatching {
			continue
		}
		met = append(met, Met{What: requiredAs(decision, doc.Discloser), From: decision.From})
		if decision.From == doc.Discloser && doc.EntitiesConfirmed && len(doc.EntitiesConcerned) == 0 {
			met = append(met, Met{What: "art4.4/entities-unconfirmed", From: doc.Discloser})
		}
	}
	if view.agreement == AgreementSigned {
		met = append(met, Met{What: "art4.8/agreement-unsigned", From: grant.For})
	}
	return met
}

// requiredAs is the reason that the absence of a decision gives.
func requiredAs(decision decisionStanding, discloser OrganisationID) Code {
	switch {
	case decision.Kind == Authorization:
		return "art4.4/authorization-missing"
	case decision.From != discloser:
		return "art4.8/source-not-consented"
	}
	return "art4.8/no-written-consent"
}

// Words say what is met in a line; empty for what cannot be.
func (m Met) Words() (english, french string) {
	said := metWords[m.What]
	return said.english, said.french
}

var metWords = map[Code]struct{ english, french string }{
	"art4.4/authorization-missing": {"The authorization is given", "L’autorisation est donnée"},
	"art4.4/entities-unconfirmed": {"It is confirmed that no entity is concerned",
		"Il est confirmé qu’aucune entité n’est concernée"},
	"art4.8/no-written-consent": {"The Discloser has consented in writing",
		"La Partie divulgatrice a consenti par écrit"},
	"art4.8/source-not-consented": {"The Discloser of a source has consented in writing",
		"La Partie divulgatrice d’une source a consenti par écrit"},
	"art4.8/agreement-unsigned": {"The Confidentiality Agreement is signed",
		"L’accord de confidentialité est signé"},
}
