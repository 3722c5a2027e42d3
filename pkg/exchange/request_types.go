package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Message is a question or an answer on a request.
type Message struct {
	ID           string // "msg_…"
	Kind         string // "question", "answer", "remark"
	By           article4.PersonID
	Organisation article4.OrganisationID // an entity concerned is shown as the Discloser to others
	At           time.Time
	Text         string
	Entry        string
}

// FiledAuthorization is the authorization of an entity without an account, filed by a signatory of the Discloser with
// the instrument, and confirmed by a second.
type FiledAuthorization struct {
	Entity           article4.OrganisationID
	GivenBy          string
	GivenOn          time.Time // a day
	InstrumentSHA256 article4.Digest
	Statement        string
	Until            time.Time // zero: the request's own
}

// Ask is a request for access: for whom, for what, until when.
type Ask struct {
	For       article4.OrganisationID
	People    []article4.PersonID
	Purpose   article4.PurposeCode
	Statement string
	Until     time.Time
	Form      article4.Form // empty: stamped

	carries *register.Request // the request of which this one is made; nil: none
	// standing authorizations that it rests on: those of a document that is deposited into their series
	standing []register.StandingAuthorization
}

// Addressed is a Delivery as it is begun: what the Discloser gives, without being asked, to people of the Recipient
// and to whoever sits at one of its offices now.
type Addressed struct {
	People    []article4.PersonID
	Offices   []string // "off_…"
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
	Carries       article4.RequestID // of which this one was made, for a version before; empty: none
	Delivery      bool               // nobody asks: the Discloser gives
	LapsesAt      time.Time          // only while open
	State         article4.RequestState
	Missing       []article4.Missing
	Met           []Requirement
	Decisions     []Decision
	Conditions    string
	ConditionsSHA article4.Digest
	Agreement     article4.AgreementID // empty when none is required
	Entry         string
	ETag          string

	// Where it is looked at, alone or in a list:
	Title        string   // of the document, where it is shown to the caller
	PersonalData *bool    // likewise; nil where the caller sees the stub only
	Proprietary  *bool    // likewise
	Names        []Person // of the people named above, as far as the caller may be told

	// Where it is looked at alone:
	Permissions map[article4.Act]Permission
	CanDecide   []Decider
	Messages    int
}

// Requirement is one thing of those that a request needs, and has.
type Requirement struct {
	What     article4.Code           // the reason that its absence would give
	From     article4.OrganisationID // who supplied it
	Decision article4.DecisionID     // by which; empty for an agreement
	By       article4.PersonID
	At       time.Time
	Entry    string
}

// Words say it in a line.
func (r Requirement) Words() (english, french string) {
	return article4.Met{What: r.What, From: r.From}.Words()
}

// Decider is an official who could give now what a request is missing.
type Decider struct {
	Person
	Act article4.Act // ActAuthorize, ActConsent
}

// Decision is one authorization, consent or refusal given on a request. Those of entities concerned are shown to the
// Discloser and to the entity itself alone: how many there are, and when each decided, is nobody else's to know.
type Decision struct {
	ID             article4.DecisionID
	Act            article4.Act // authorize, consent, refuse
	By             article4.PersonID
	Organisation   article4.OrganisationID
	At             time.Time
	Until          time.Time
	Statement      string
	TransferBasis  string // of a consent, where the document relates to people
	Evidence       article4.Evidence
	TextSHA256     article4.Digest
	Withdrawn      bool
	WithdrawnAt    time.Time
	WithdrawalText string
	Entry          string

	Series   article4.SeriesID   // of a standing authorization: what it stands for
	Standing article4.DecisionID // and which it is, in the list of its series; ID names it as it serves this request
}

// RequestQuery lists requests: Box "mine" (asked by the caller), "inbox" (waiting for the caller's organisation),
// "for-us" (the caller's organisation is the beneficiary), "ours" (asked by anybody of it), "asked-of-us" (put to it,
// as Discloser or entity concerned, whatever became of them), "decided-by-us".
type RequestQuery struct {
	Paging
	Box        string
	Document   article4.DocumentID
	State      article4.RequestState   // empty: any
	For        article4.OrganisationID // the beneficiary; empty: any
	EndsBefore time.Time               // its term is over before; zero: any
	EndsAfter  time.Time               // its term is not over at; zero: any
	Unanswered bool                    // it goes on, and a question waits for whoever asked
	Sort       string                  // "-made_at" (or empty), "lapses_at", "until", "-decided_at"
}

// Verdict is what a signatory or an entity concerned decides on a request.
type Verdict struct {
	Act               article4.Act // ActAuthorize, ActConsent, ActRefuse
	Statement         string
	Until             time.Time     // zero: the request's own
	Form              article4.Form // empty: the request's own
	Conditions        string
	AgreementRequired *bool  // nil: as the newest agreement text put to the third party says
	EarlierServes     bool   // a signature of an earlier agreement text serves
	TransferBasis     string // consent: the legal basis of this transfer of personal data (Article 4(3))
	EntitiesNone      bool   // repeats "entities concerned: none" (Article 4(4))
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
	State  string // of the request that it is of, for Verdict.IfMatch
}

// Admission admits people of the beneficiary organisation to a grant (Article 4(6): inside it, never wider).
type Admission struct {
	People []article4.PersonID
}

// Withdrawal takes back what the caller's organisation gave, or asked for.
type Withdrawal struct {
	Statement string
}
