package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Page is one page of a list in a stable order; Next is empty on the last one and opaque otherwise.
type Page[T any] struct {
	Items []T
	Next  string
}

// Paging asks for one page: 1 <= Limit <= 200 (0 means 50), After is the Next of the page before.
type Paging struct {
	Limit int
	After string
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
	// NoticeWaiting is the own Party's notice of termination that its second official has yet to confirm.
	NoticeWaiting *NoticeOfTermination
}

// FocalPoint is the official whom a Party designated under Article 5(3).
type FocalPoint struct {
	Organisation article4.OrganisationID
	Person       article4.PersonID // empty until that official first signed in
	Name         string
	DesignatedOn time.Time
	DueBy        time.Time // 30 days after signature
	Overdue      bool
	Waiting      *DesignationWaiting // only to people of that Party
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
}

// Self is who the caller is to the gateway.
type Self struct {
	Person       Person
	Organisation Organisation
	Roles        []article4.Role
	Delegations  []Delegation
	Issuer       string
}

// PersonalData is the declaration of Article 4(3).
type PersonalData struct {
	Declared    bool // yes or no was said
	Present     bool
	Regime      string
	LegalBasis  string
	RetainUntil time.Time // a day; zero when absent
}

// Metadata is what a depositor declares (domain.md, "A document"). Absent fields are zero; nothing has a default.
type Metadata struct {
	Title            string
	FileName         string // of the content part; may be empty
	Marking          article4.Marking
	PurposeStatement string
	Purposes         []article4.PurposeCode
	Recipient        article4.OrganisationID
	PersonalData     PersonalData
	EntitiesDeclared bool // a list or the explicit "none" was given
	Entities         []article4.OrganisationID
	Proprietary      bool
	Handling         string
	// MarkingConfirmation is the reason why the marking is right although the file's own headers show another.
	MarkingConfirmation string
	Alias               string
	AsOf                time.Time
	ReviewBy            time.Time
	ShowTitle           bool
	Countries           []string
	MediaType           string          // declared, of the content part; empty or application/octet-stream: none declared
	Size                int64           // declared; -1 when not
	SHA256              article4.Digest // declared; empty when not
}

// Document is a document as far as the caller may see it: whole, or the stub.
type Document struct {
	ID          article4.DocumentID
	Reference   string // random with a check character; counts nothing
	Discloser   article4.OrganisationID
	Recipient   article4.OrganisationID
	Marking     article4.Marking
	DepositedOn time.Time // the day, for a stub; the instant when Whole
	Title       string    // empty in a stub unless the Discloser shows it
	Whole       bool      // false: the fields below are not for this caller

	Depositor        article4.PersonID
	Version          article4.VersionID
	VersionNumber    int
	FileName         string
	MediaType        string
	Size             int64
	SHA256           article4.Digest
	PurposeStatement string
	Purposes         []article4.PurposeCode // shown in a stub too: a request must name one of them
	PersonalData     PersonalData
	Entities         []article4.OrganisationID // only to the Discloser's people
	EntitiesNone     bool
	Proprietary      bool
	Handling         string
	Alias            string
	AsOf             time.Time
	ReviewBy         time.Time
	ShowTitle        bool
	Countries        []string
	Unmarkable       string // why no marked copy can be made of the current version; empty: one can, or it was not tried
	Malware          string // "clean" or "not-inspected"
	Entry            string // "ent_…" of the deposit

	Permissions map[article4.Act]Permission // only from Describe
	ETag        string                      // strong, without quotes
}

// Permission says whether the caller could do an act now, and every reason why not.
type Permission struct {
	Allowed bool
	Reasons []article4.Reason
	Nearest article4.RequestID // the request that comes nearest to permitting a disclosure that is not
	Forms   *article4.Forms    // of a disclosure that is allowed: what would be handed out, and why
}

// DocumentQuery filters what the caller has standing for.
type DocumentQuery struct {
	Paging
	Words     string // every word must stand in the title; at most 200 characters
	Marking   article4.Marking
	Purpose   article4.PurposeCode
	Discloser article4.OrganisationID
	Sort      string // "-deposited" (default), "deposited"
}

// Ask is a request for access: for whom, for what, until when.
type Ask struct {
	For       article4.OrganisationID
	People    []article4.PersonID
	Purpose   article4.PurposeCode
	Statement string
	Until     time.Time
	Form      article4.Form // empty: stamped
}

// AccessRequest is a request and all that was decided on it.
type AccessRequest struct {
	ID            article4.RequestID
	Document      article4.DocumentID
	Version       article4.VersionID
	Reference     string // of the document
	Marking       article4.Marking
	AskedBy       article4.PersonID
	AskedByOrg    article4.OrganisationID
	For           article4.OrganisationID
	People        []article4.PersonID
	Admitted      []article4.PersonID
	Purpose       article4.PurposeCode
	Statement     string
	Until         time.Time // the shortest of the request's and of every decision given
	Form          article4.Form
	MadeAt        time.Time
	LapsesAt      time.Time // only while open
	State         article4.RequestState
	Missing       []article4.Missing
	Decisions     []Decision
	Conditions    string
	ConditionsSHA article4.Digest
	Agreement     article4.AgreementID // empty when none is required
	Entry         string
	ETag          string
}

// Decision is one authorization, consent or refusal given on a request.
type Decision struct {
	ID             article4.DecisionID
	Act            article4.Act // authorize, consent, refuse
	By             article4.PersonID
	Organisation   article4.OrganisationID // to others than the Discloser an entity concerned is shown as the Discloser
	At             time.Time
	Until          time.Time
	Statement      string
	Evidence       article4.Evidence
	TextSHA256     article4.Digest
	Withdrawn      bool
	WithdrawnAt    time.Time
	WithdrawalText string
	Entry          string
}

// RequestQuery lists requests: Box "mine" (asked by the caller), "inbox" (waiting for the caller's organisation),
// "for-us" (the caller's organisation is the beneficiary).
type RequestQuery struct {
	Paging
	Box      string
	Document article4.DocumentID
	State    article4.RequestState // empty: any
}

// Verdict is what a signatory or an entity concerned decides on a request.
type Verdict struct {
	Act               article4.Act // ActAuthorize, ActConsent, ActRefuse
	Statement         string
	Until             time.Time     // zero: the request's own
	Form              article4.Form // empty: the request's own
	Conditions        string
	AgreementRequired *bool // nil: as the newest agreement text put to the third party says
	EarlierServes     bool  // a signature of an earlier agreement text serves
	EntitiesNone      bool  // repeats "entities concerned: none" (Article 4(4))
	Evidence          EvidenceGiven
	IfMatch           string // ETag of the request
}

// EvidenceGiven shows that the consent is the signatory's own writing (reading 0010).
type EvidenceGiven struct {
	Kind         article4.Evidence
	IDToken      string          // oidc: nonce = base64url(text_sha256), no padding
	LetterSHA256 article4.Digest // letter: of the signed paper
}

// CanonicalText is what a consent says, shown whole before it is given.
type CanonicalText struct {
	Text   string
	SHA256 article4.Digest
	Nonce  string // base64url of the digest, without padding
}

// Admission admits people of the beneficiary organisation to a grant (Article 4(6): inside it, never wider).
type Admission struct {
	People []article4.PersonID
}

// Withdrawal takes back what the caller's organisation gave, or asked for.
type Withdrawal struct {
	Statement string
}

// Agreement is the text of a Confidentiality Agreement put to one third party; texts are frozen.
type Agreement struct {
	ID           article4.AgreementID
	Organisation article4.OrganisationID
	ProposedBy   article4.OrganisationID
	Text         string
	SHA256       article4.Digest
	State        string // "unsigned", "signed", "superseded"
	Document     article4.DocumentID
	ProposedAt   time.Time
	Signature    *Signature
	Entry        string
	ETag         string
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
	Entry     string
}

// Signing is what a representative hands in to sign.
type Signing struct {
	SHA256    article4.Digest
	Name      string
	Function  string
	Authority string
	Accepts   bool
}

// Reading is what a reader hands in to get the bytes.
type Reading struct {
	Purpose          article4.PurposeCode
	Statement        string
	Form             article4.Form // empty: stamped
	Version          article4.VersionID
	ConditionsSHA256 article4.Digest
}

// Disclosure is one authorised disclosure: its entry stands in a signed checkpoint before anybody sees this value.
type Disclosure struct {
	ID         article4.DisclosureID
	Document   article4.DocumentID
	Version    article4.VersionID
	Form       article4.Form
	CopyNumber string
	Marking    article4.Marking
	Entry      string
	LogIndex   int64 // position of the entry in the log
	ExpiresAt  time.Time
	Size       int64
	SHA256     article4.Digest
	MediaType  string
	FileName   string
	FormGround article4.FormGround // why this form; not of a Delivery

	// Of a marked copy in the making, size, digest, type and name are not known yet.
	State    CopyState
	Progress Progress
	Reason   article4.Code // why no copy could be made
	Failure  string        // the entry that says so
}

// ByteRange is a single range of RFC 9110 14.1.2. First < 0: the last Last bytes. Last < 0: to the end.
type ByteRange struct {
	First, Last int64
}
