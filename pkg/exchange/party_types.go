package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// DelegationRecord is a Delegation as both Parties see it: who may decide for a Party, what, from when until when.
type DelegationRecord struct {
	Delegation
	Organisation article4.OrganisationID
	Holder       article4.PersonID // empty until that official first signed in
	Name         string
	EndedAt      *time.Time // ended before its term; what was decided under it before stands
	Entry        string     // of the filing; empty for those of the Arrangement file

	// Pending is set for what the own Party's second official has yet to confirm: a filing (ID is empty), or with Ends
	// the end of that Delegation. Only people of that Party see these.
	Pending *Pending
	Ends    article4.DelegationID
}

// PendingDesignation is a focal point whose designation the Party's second official has yet to confirm.
type PendingDesignation struct {
	Designation
	Pending
}

// OrganisationProposal is what one Party proposed and the other has yet to confirm.
type OrganisationProposal struct {
	Pending string // what waits, "pen_…"
	OrganisationProposed
	ProposedBy article4.OrganisationID
	By         article4.PersonID
	At         time.Time
	ExpiresAt  time.Time
	Record     article4.Digest // of the organisation once this is confirmed
}

// SpecificArrangement is a separate arrangement under Article 6(3). Its purposes stay open after the end of the
// Arrangement for as long as it is in force itself (Article 11(4)).
type SpecificArrangement struct {
	ID               string // "spa_…"
	Title            string
	SignedOn         time.Time
	EndsOn           *time.Time // the last day in force; nil: no term
	InstrumentSHA256 article4.Digest
	InForce          bool
	Purposes         []Purpose
}

// WindDownItem is a request or grant that notice of termination decisions to be brought to a close (Article 11(4)).
type WindDownItem struct {
	AccessRequest
	BeyondEnd bool // its term reaches beyond the last day: it ends with the Arrangement
	Survives  bool // its purpose is of a specific arrangement in force: termination does not touch it
}

// NoticeOfTermination is given under Article 11(4).
type NoticeOfTermination struct {
	GivenOn   time.Time // a day, never in the past
	Statement string
	Pending   *Pending
	EndsOn    *time.Time // the last day in effect
}

// Designation names a Party's focal point in writing.
type Designation struct {
	Subject          string // at the Party's own issuer
	Name             string
	InstrumentSHA256 article4.Digest
}

// DelegationFiled is a Delegation put in writing, or its end (Until in the past is refused; End ends one that stands).
type DelegationFiled struct {
	Subject          string
	Name             string
	Acts             []article4.Act
	From             time.Time
	Until            time.Time
	InstrumentSHA256 article4.Digest
	Ends             article4.DelegationID // set: ends that Delegation, nothing else is read but InstrumentSHA256
}

// OrganisationProposed is a third party, or a change of one, that one Party proposes and the other confirms.
type OrganisationProposed struct {
	Changes article4.OrganisationID // set: the third party whose record is to change; Short is not read then
	Short   string                  // 2 to 40 of a-z, 0-9 and hyphen; it is for ever
	Name    string
	Type    string
	Country string
	Issuer  string
}

// Organisation is a Party, a third party or the operator, as the Arrangement file or the Parties recorded it.
type Organisation struct {
	ID      article4.OrganisationID
	Short   string
	Name    string
	Kind    article4.OrganisationKind
	Type    string // of a third party: "member-state-authority", "passenger-information-unit", …
	Country string // ISO 3166-1 alpha-2
	Issuer  string
	State   string // "in-force", "proposed"
	Record  article4.Digest
	// Proposal is what waits for the other Party to confirm: the organisation itself when State is "proposed", else a
	// change of it. Only people of the Parties see it.
	Proposal *OrganisationProposal
	ETag     string // strong, without quotes
}

// Purpose is one area of cooperation that a use may serve.
type Purpose struct {
	Code      article4.PurposeCode
	Label     string
	LabelFR   string // in French, where the Arrangement file says it
	Paragraph string // "2(e)"
	Open      bool
}

// Arrangement is the instrument as it stands now.
type Arrangement struct {
	Title        string
	Phase        article4.Phase
	InEffectFrom time.Time
	NoticeGiven  *time.Time
	EndsAt       *time.Time
	Parties      []Organisation
	FocalPoints  []FocalPoint
	Custody      string

	SpecificArrangements []SpecificArrangement
	// PendingNotice is the own Party's notice of termination that its second official has yet to confirm.
	PendingNotice *NoticeOfTermination

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
}

// FocalPoint is the official whom a Party designated under Article 5(3).
type FocalPoint struct {
	Organisation article4.OrganisationID
	Person       article4.PersonID // empty until that official first signed in
	Name         string
	DesignatedOn time.Time
	DueBy        time.Time // 30 days after signature
	Overdue      bool
	Pending      *PendingDesignation // only to people of that Party
}

// Delegation is a Party's dated written instrument that lets one official decide.
type Delegation struct {
	ID         article4.DelegationID
	Acts       []article4.Act
	From       time.Time
	Until      time.Time
	Instrument article4.Digest
}

// Person is what somebody may know of another person.
type Person struct {
	ID           article4.PersonID
	Name         string
	Organisation article4.OrganisationID
	Machine      bool // a machine client; told by People alone
}

// Office is a desk of a Party that the other may address.
type Office struct {
	ID           string // "off_…"
	Organisation article4.OrganisationID
	Name         string
	Empty        bool                // nobody sits there: it cannot be addressed
	Members      []article4.PersonID // only to people of its own Party
	Entry        string              // likewise
}

// OfficeOpened is a desk as it is set up.
type OfficeOpened struct {
	Name    string
	Members []article4.PersonID
}

// OfficeChange is who is to sit at a desk, and who no longer.
type OfficeChange struct {
	Add, Remove []article4.PersonID
}

// Self is who the caller is to the gateway.
type Self struct {
	Person       Person
	Organisation Organisation
	Roles        []article4.Role
	Delegations  []Delegation
	Issuer       string
	Service      *article4.ServiceLimits     // of a machine client; nil: a person
	Permissions  map[article4.Act]Permission // of acts that are on nothing that is there yet: a deposit
	Standing     []StandingForSelf
}

// Agreement is the text of a Confidentiality Agreement put to one third party; texts are frozen.
type Agreement struct {
	ID           article4.AgreementID
	Organisation article4.OrganisationID
	ProposedBy   article4.OrganisationID
	Text         string
	SHA256       article4.Digest
	State        string // "unsigned", "signed", "superseded", "declined"
	Document     article4.DocumentID
	ProposedAt   time.Time
	Signature    *Signature
	Declined     *Declined
	Entry        string
	ETag         string

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
}

// Proposal puts the text of an agreement to a third party.
type Proposal struct {
	Organisation article4.OrganisationID
	Text         string // 1 to 65,536 characters
	Document     article4.DocumentID
}

// Signature is given once per (third party, text hash) by the organisation's representative.
type Signature struct {
	By        article4.PersonID
	At        time.Time
	SHA256    article4.Digest
	Name      string
	Function  string
	Authority string
	Evidence  article4.Evidence // empty: of before signatures brought any
	Entry     string
}

// Declined is that the third party does not sign a text, by whom of its people and why.
type Declined struct {
	By     article4.PersonID
	At     time.Time
	Reason string
	Entry  string
}

// Signing is what a representative hands in to sign.
type Signing struct {
	SHA256    article4.Digest
	Name      string
	Function  string
	Authority string
	Accepts   bool
	Evidence  EvidenceGiven // that it is the signer's own writing (reading 0010)
}
