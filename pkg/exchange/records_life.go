package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Outcome of an act that takes two people: done, or waiting for the second.
type Pending struct {
	ID        string // "pen_…"; empty when done
	Act       article4.Act
	By        article4.PersonID
	At        time.Time
	ExpiresAt time.Time // the second person acts before, else it is to be begun again
}

// Message is a question or an answer on a request.
type Message struct {
	ID           string // "msg_…"
	Kind         string // "question", "answer"
	By           article4.PersonID
	Organisation article4.OrganisationID // an entity concerned is shown as the Discloser to others
	At           time.Time
	Text         string
	Entry        string
}

// FiledAuthorization is the authorization of an entity without an account, filed by a signatory of the Discloser with the
// instrument, and confirmed by a second.
type FiledAuthorization struct {
	Entity           article4.OrganisationID
	GivenBy          string
	GivenOn          time.Time // a day
	InstrumentSHA256 article4.Digest
	Statement        string
	Until            time.Time // zero: the request's own
}

// Release puts a non-confidential document at the disposal of a third party (Article 4(2)).
type Release struct {
	ID            string // "rel_…"
	Document      article4.DocumentID
	To            article4.OrganisationID
	Purpose       article4.PurposeCode
	Statement     string
	TransferBasis string // the legal basis of this transfer of personal data (Article 4(3))
	ByDiscloser   bool   // given by the Discloser: its written decision for proprietary material (reading 0004)
	By            article4.PersonID
	ByOrg         article4.OrganisationID
	At            time.Time
	Entry         string
}

// Marking change: lowering waits for a second person.
type MarkingChange struct {
	Marking     article4.Marking
	Proprietary *bool // nil: as it is
	Reason      string
	IfMatch     string // required to confirm a lowering: the document's ETag
}

// EntitiesChange adds entities at once, or removes one with a second person.
type EntitiesChange struct {
	Add    []article4.OrganisationID
	Remove article4.OrganisationID
	Reason string
}

// Correction is a new version of a document; it carries nothing over.
type Correction struct {
	Kind        article4.CorrectionKind
	Explanation string
	// MarkingConfirmation is the reason why the document's marking is right although the file's own headers show another.
	MarkingConfirmation string
	KeepPrevious        bool // the version before stays open to those who hold a grant for it
	MediaType           string
	Size                int64 // -1 when not declared
	SHA256              article4.Digest
}

// VersionRecord is one version in the list of a document.
type VersionRecord struct {
	ID           article4.VersionID
	Number       int
	Kind         article4.CorrectionKind // empty for the first
	Explanation  string
	FileName     string
	MediaType    string
	Size         int64
	SHA256       article4.Digest
	CreatedAt    time.Time
	Closed       bool
	Destroyed    bool
	DepositEntry string
}

// Notice is what a holder is told, and answers.
type Notice struct {
	ID           string // "not_…"
	Kind         string // "correction", "recall", "withdrawal", "marking", "configuration", "leak", "termination", "designation", "review"
	Document     article4.DocumentID
	Reference    string
	To           article4.OrganisationID
	Person       article4.PersonID // empty: the focal point
	CopyNumbers  []string
	Text         string
	At           time.Time
	Acknowledged *Acknowledgement
}

// Acknowledgement is what the holder says became of the copies.
type Acknowledgement struct {
	By          article4.PersonID
	At          time.Time
	Disposition string // "returned", "destroyed", "kept", "read"
	Statement   string
}

// Suspension is an emergency stop.
type Suspension struct {
	ID           string // "sus_…"
	Document     article4.DocumentID
	Person       article4.PersonID
	Organisation article4.OrganisationID
	Reason       string
	By           article4.PersonID
	ByOrg        article4.OrganisationID
	At           time.Time
	LiftedAt     *time.Time
	Waiting      *Pending // the lifting waits for a second person
	Entry        string
}

// Hold keeps what there is about a document.
type Hold struct {
	ID       string // "hld_…"
	Document article4.DocumentID
	Reason   string // empty for people of the other Party
	By       article4.PersonID
	ByOrg    article4.OrganisationID
	At       time.Time
	EndedAt  *time.Time
	Waiting  *Pending // its end waits for a second person
	Entry    string
}

// Erasure is of one private field of an entry, or of who a person is.
type Erasure struct {
	Entry      string // "ent_…", with Field
	Field      string
	Person     article4.PersonID // in place of Entry
	LegalBasis string
	Waiting    *Pending // for the second signatory; nil: it is done
	LogEntry   string   // of what was said last
}

// HistoryItem is one line of the accounting of disclosures of one document, as far as the caller's standing reaches.
type HistoryItem struct {
	At           time.Time
	Kind         string // of the entry
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Purpose      article4.PurposeCode
	Version      article4.VersionID
	CopyNumber   string
	Form         article4.Form
	Outcome      string // "permit", "refuse"
	Reasons      []article4.Code
	Request      article4.RequestID
	Bytes        int64
	Entry        string
}

// Question is a dry run of the rules.
type Question struct {
	Document     article4.DocumentID
	Version      article4.VersionID
	Person       article4.PersonID
	Organisation article4.OrganisationID
	Action       article4.Act // "disclose", "request"
	Purpose      article4.PurposeCode
}

// Explanation is what the rules would say, and on what it would rest.
type Explanation struct {
	Permission
	Relies article4.RequestID
	Rules  string
	Entry  string
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
