package article4

import "slices"

// Marking is the written marking of Article 4(9). Confidential and restricted are not ranked.
type Marking string

// The three markings that Article 4(9) names; there is no default.
const (
	Confidential    Marking = "confidential"
	Restricted      Marking = "restricted"
	NonConfidential Marking = "non-confidential"
)

// Valid reports whether m is one of the three written markings.
func (m Marking) Valid() bool { return m == Confidential || m == Restricted || m == NonConfidential }

// Protected reports whether Article 4(4)-(8) apply to a document so marked.
func (m Marking) Protected() bool { return m == Confidential || m == Restricted }

// PurposeCode names an area of cooperation: "art2.a" … "art2.k", "art3.a" … "art3.c", and those of a specific
// arrangement.
type PurposeCode string

// Form says how content leaves: shown page by page and handed out to nobody, marked for its reader, or the exact bytes.
type Form string

// The forms, the narrowest first.
const (
	View     Form = "view"
	Stamped  Form = "stamped"
	Original Form = "original"
)

// Valid reports whether f is one of the forms.
func (f Form) Valid() bool { return f.width() > 0 }

// Within reports whether whoever may have a form may have f as well: both are forms, and f is no wider.
func (f Form) Within(granted Form) bool { return f.Valid() && f.width() <= granted.width() }

// width is the form's place among them, from 1; 0 is no form.
func (f Form) width() int { return slices.Index([]Form{View, Stamped, Original}, f) + 1 }

// Phase is where the Arrangement stands in its life (Article 11); computed from recorded dates and the clock, never
// set.
type Phase string

// The phases in their order.
const (
	NotInEffect Phase = "not-in-effect"
	InEffect    Phase = "in-effect"
	NoticeGiven Phase = "notice-given"
	Ended       Phase = "ended"
)

// OrganisationKind tells the two Parties from everybody else (reading 0005).
type OrganisationKind string

// The kinds of organisation.
const (
	Party      OrganisationKind = "party"
	ThirdParty OrganisationKind = "third-party"
	Operator   OrganisationKind = "operator"
)

// Role is what a configured claim of an identity provider gives a person; a role alone never decides.
type Role string

// The roles.
const (
	RoleStaff      Role = "staff"
	RoleFocalPoint Role = "focal-point"
	RoleSignatory  Role = "signatory"
	RoleAuditor    Role = "auditor"
	RoleOperator   Role = "operator"
	RoleService    Role = "service"
)

// Act is what somebody asks the gateway to do; every act passes the one door.
type Act string

// The acts that the rules know.
const (
	ActDeposit   Act = "deposit"
	ActDescribe  Act = "describe" // see the stub or the record of a document, or a request on it
	ActRequest   Act = "request"
	ActAuthorize Act = "authorize"
	ActConsent   Act = "consent"
	ActRefuse    Act = "refuse"
	ActAdmit     Act = "admit"
	ActWithdraw  Act = "withdraw"
	ActPropose   Act = "propose-agreement"
	ActSign      Act = "sign"
	ActDecline   Act = "decline-agreement"
	ActDisclose  Act = "disclose" // permit the bytes, at POST disclosures and again at every GET of content
)

// Valid reports whether a is an act that the rules know.
func (a Act) Valid() bool { return slices.Contains(allActs(), a) }

// RequestState is computed, first that fits (reading 0007); only lapse and expiry write an entry of the gateway.
type RequestState string

// The states, in the order in which they are tried.
const (
	StateWithdrawn RequestState = "withdrawn"
	StateRefused   RequestState = "refused"
	StateLapsed    RequestState = "lapsed"
	StateExpired   RequestState = "expired"
	StateInForce   RequestState = "in-force"
	StateOpen      RequestState = "open"
)

// Evidence says what shows that a consent was given in writing by the person named (reading 0010).
type Evidence string

// The kinds of evidence.
const (
	// a fresh ID token of the Discloser's own issuer whose nonce is the hash of the canonical text
	EvidenceOIDC   Evidence = "oidc"
	EvidenceLetter Evidence = "letter" // the hash of a signed paper
	EvidenceNone   Evidence = "none"   // only where a setting admits it
)

// Valid reports whether e is one of the kinds of evidence.
func (e Evidence) Valid() bool { return e == EvidenceOIDC || e == EvidenceLetter || e == EvidenceNone }
