package article4

import (
	"slices"
	"time"
)

// Standing says how one required decision stands towards what is needed. A decision has one standing: the first
// fault in the order below, and of several decisions by the same organisation the nearest to matching counts;
// but a withdrawal or a refusal outweighs everything that the same organisation gave on the same request.
type Standing string

// The standings, nearest to matching first.
const (
	StandingMatching         Standing = "matching"
	StandingWithoutAuthority Standing = "without-authority"
	StandingEvidenceInvalid  Standing = "evidence-invalid" // reading 0010
	StandingExpired          Standing = "expired"
	StandingOtherPurpose     Standing = "other-purpose"
	StandingOtherRecipient   Standing = "other-recipient"
	StandingOtherVersion     Standing = "other-version"
	StandingOutsideSeries    Standing = "outside-series" // a standing authorization that does not reach (reading 0111)
	StandingNone             Standing = "none"
	StandingLapsed           Standing = "lapsed" // a consent that nobody gave in time (reading 0007)
	StandingRefused          Standing = "refused"
	StandingWithdrawn        Standing = "withdrawn"
)

// Requirement is one leave that a grant cannot do without.
type Requirement struct {
	Kind DecisionKind
	From OrganisationID
}

// Required lists the leaves that a request on doc needs when its beneficiary is of forKind, the Discloser's
// first, the entities concerned in their order. Between the Parties it is the authorization of the Discloser
// and of each entity (Article 4(4)); for everybody else the Discloser's consent (Article 4(8)), which counts
// as its own authorization, and the authorization of each entity (reading 0001). A document that is not
// protected needs none. A request by which the Discloser admits its own people needs none either: StateOf knows.
func Required(doc DocumentFacts, forKind OrganisationKind) []Requirement {
	if doc.Marking == NonConfidential {
		return nil
	}
	kind := Consent
	if forKind == Party {
		kind = Authorization
	}
	required := make([]Requirement, 1, 1+len(doc.EntitiesConcerned))
	required[0] = Requirement{Kind: kind, From: doc.Discloser}
	for _, entity := range doc.EntitiesConcerned {
		one := Requirement{Kind: Authorization, From: entity}
		if entity != doc.Discloser && !slices.Contains(required, one) {
			required = append(required, one)
		}
	}
	return required
}

// decisionStanding is one required decision and how it stands.
type decisionStanding struct {
	Requirement
	Standing Standing
}

// need is what a decision is held against.
type need struct {
	version   VersionID
	series    SeriesID // of the document; empty where no standing authorization serves
	marking   Marking  // of the document
	depositor PersonID // of the document
	recipient OrganisationID
	purpose   PurposeCode
	now       time.Time
}

// standingOf flattens the decisions of one organisation to one standing.
func standingOf(decisions []DecisionFacts, required Requirement, n need) Standing {
	best := StandingNone
	for i := range decisions {
		if decisions[i].By != required.From {
			continue
		}
		best = nearer(best, standingOfDecision(&decisions[i], required.Kind, n))
	}
	return best
}

// nearer keeps a withdrawal before a refusal before the decision that is nearest to matching.
func nearer(a, b Standing) Standing {
	if weight(b) < weight(a) {
		return b
	}
	return a
}

func weight(s Standing) int {
	switch s {
	case StandingWithdrawn:
		return -2
	case StandingRefused:
		return -1
	case StandingMatching:
		return 0
	case StandingWithoutAuthority:
		return 1
	case StandingEvidenceInvalid:
		return 2
	case StandingExpired:
		return 3
	case StandingOtherPurpose:
		return 4
	case StandingOtherRecipient:
		return 5
	case StandingOutsideSeries:
		return 6
	case StandingOtherVersion:
		return 7
	}
	return 8
}

// isFor reports whether a decision is for the version that is needed, or stands for the series that it is in. A
// standing authorization names no version; it serves between the Parties only, where need names a series (reading
// 0111).
func (l *DecisionFacts) isFor(n need) bool {
	if l.Series != "" {
		return l.Kind == Authorization && l.Series == n.series
	}
	return l.Version == n.version
}

// standingOfDecision holds one decision against the need. A refusal or a withdrawal counts whatever its kind:
// whoever said no to a request did not say yes to a part of it. A state that is not known is no decision.
func standingOfDecision(decision *DecisionFacts, kind DecisionKind, n need) Standing {
	switch decision.State {
	case DecisionWithdrawn:
		return StandingWithdrawn
	case DecisionRefused:
		return StandingRefused
	case DecisionGiven:
	default:
		return StandingNone
	}
	switch {
	case decision.Kind != kind:
		return StandingNone
	case !decision.isFor(n):
		return StandingOtherVersion
	case decision.outside(n):
		return StandingOutsideSeries
	case decision.Recipient != n.recipient || !decision.SameRecipient:
		return StandingOtherRecipient
	case decision.Purpose != n.purpose:
		return StandingOtherPurpose
	case !n.now.Before(decision.Until):
		return StandingExpired
	case !decision.EvidenceValid:
		return StandingEvidenceInvalid
	case !decision.Authority:
		return StandingWithoutAuthority
	}
	return StandingMatching
}
