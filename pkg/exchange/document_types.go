package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/stamp"
)

// Warning is something of the original that a marked copy does not keep, or does not mark; Gap a part of a file that
// was not looked into.
type (
	Warning = stamp.Warning
	Gap     = inspect.Gap
)

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

	// Of one that is over. Who ended it is empty where it ended with all others: by a recall or a raised marking.
	EndedAt      *time.Time
	EndedBy      article4.PersonID
	EndedByOrg   article4.OrganisationID
	EndStatement string
	EndEntry     string

	Permissions map[article4.Act]Permission // where Releases are listed: whether the caller could end it
}

// MarkingChange is another marking; a lower one waits for a second person.
type MarkingChange struct {
	Marking     article4.Marking
	Proprietary *bool // nil: as it is
	Reason      string
	IfMatch     string // required to confirm a lowering: the document's ETag
}

// Amendment changes what a document says of itself; nil leaves as it is.
type Amendment struct {
	Title     *string
	ShowTitle *bool
	Handling  *string // empty: none any more
	Alias     *string // likewise
	Countries *[]string
	ReviewBy  *time.Time              // zero: no day any more
	Purposes  *[]article4.PurposeCode // all that it may be used for from now on
	Reason    string
	IfMatch   string // required: the document's ETag
}

// EntitiesChange adds entities at once, or removes one with a second person.
type EntitiesChange struct {
	Add    []article4.OrganisationID
	Remove article4.OrganisationID
	Reason string
}

// NotConcerned is an entity's own word that a document does not concern it.
type NotConcerned struct {
	Document     article4.DocumentID
	Organisation article4.OrganisationID
	At           time.Time
	Entry        string
}

// Lowering is one that waits for the second of two people, as it was put to the entities concerned.
type Lowering struct {
	ID          string // "pen_…", of the first half
	Document    article4.DocumentID
	Reference   string
	Title       string // where the Discloser shows it
	Discloser   article4.OrganisationID
	Version     article4.VersionID
	From, To    article4.Marking
	Was         bool // proprietary, when it was put to them
	Proprietary bool // would be
	Reason      string
	At, Until   time.Time
	Open        bool // it waits still, of the document as it stands
	Decisions   []LoweringDecision
}

// LoweringDecision is what one entity concerned said of a lowering.
type LoweringDecision struct {
	ID             article4.DecisionID
	Act            article4.Act // authorize-lowering, refuse-lowering
	Organisation   article4.OrganisationID
	By             article4.PersonID
	At             time.Time
	Statement      string
	WithdrawnAt    time.Time // zero: it stands
	WithdrawalText string
	Entry          string
}

// LoweringVerdict is what an entity concerned decides on a lowering.
type LoweringVerdict struct {
	Act       article4.Act // ActAuthorizeLowering, ActRefuseLowering
	Statement string
}

// Correction is a new version of a document; it carries nothing over.
type Correction struct {
	Kind        article4.CorrectionKind
	Explanation string
	// MarkingConfirmation is the reason why the document's marking is right although the file's own headers show
	// another.
	MarkingConfirmation string
	SourcesDeclared     bool // as of a deposit, for what this version takes from
	DerivedFrom         []article4.DocumentID
	NotDerived          string
	KeepPrevious        bool   // the version before stays open to those who hold a grant for it
	Staged              string // the staged file that the content is; empty: it comes with the correction
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
	Pending      *Pending // the lifting waits for a second person
	Entry        string

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
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
	Action       article4.Act // "disclose", "request", "deposit"
	Purpose      article4.PurposeCode
	Deposit      *Metadata // of a deposit, and nothing else with it
}

// Explanation is what the rules would say, and on what it would rest.
type Explanation struct {
	Permission
	Relies article4.RequestID
	Rules  string
	Entry  string
}

// PersonalData is the declaration of Article 4(3).
type PersonalData struct {
	Declared    bool // yes or no was said
	Present     bool
	Regime      string
	LegalBasis  string
	RetainUntil time.Time // a day; zero when absent
}

// Metadata is what a depositor declares. Absent fields are zero; nothing has a default.
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
	SourcesDeclared  bool // likewise, of what the document derives from (reading 0110)
	DerivedFrom      []article4.DocumentID
	// NotDerived is the reason why the file derives from nothing that it resembles. It takes two people of the Party.
	NotDerived  string
	Proprietary bool
	Handling    string
	// MarkingConfirmation is the reason why the marking is right although the file's own headers show another.
	MarkingConfirmation string
	Alias               string
	AsOf                time.Time
	ReviewBy            time.Time
	ShowTitle           bool
	Countries           []string
	Series              article4.SeriesID // empty: none
	Staged              string            // the staged file that the content is; empty: it comes with the metadata
	Addressed           *Addressed        // gives it in the same act (a Delivery); nil: nobody is addressed
	// declared, of the content part; empty or application/octet-stream: none declared
	MediaType string
	Size      int64           // declared; -1 when not
	SHA256    article4.Digest // declared; empty when not
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

	Delivery article4.RequestID // of the answer to a deposit that addressed people
	// Deliveries are those of the answer to a deposit into a series, by standing authorizations.
	Deliveries       []article4.RequestID
	Series           article4.SeriesID // empty: none
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
	DerivedFrom      []article4.DocumentID // likewise
	Proprietary      bool
	Handling         string
	Alias            string
	AsOf             time.Time
	ReviewBy         time.Time
	ShowTitle        bool
	Countries        []string
	// why no marked copy can be made of the current version; empty: one can, or it was not tried
	Unmarkable string
	Malware    string    // "clean" or "not-inspected"
	Warnings   []Warning // what a marked copy of this version does not keep or mark, and what the file can do
	// NotLookedInto is what passenger data and resemblance were not looked for in: told in the answer to a deposit and
	// to a new version alone. Its names come from the file.
	NotLookedInto []Gap
	Entry         string // "ent_…" of the deposit

	Permissions map[article4.Act]Permission // only from Describe
	State       []DocumentState             // likewise
	ETag        string                      // strong, without quotes
}

// DocumentState is what stands over a document, as far as it is told to the caller.
type DocumentState struct {
	What  string                  // "recalled", "suspended", "held", "retention-over", "review-due", "notice-given"
	Since time.Time               // zero where it is not told
	Until time.Time               // zero: without a term
	By    article4.OrganisationID // empty where nobody's, or not told
	Entry string
}

// DocumentQuery filters what the caller has standing for.
type DocumentQuery struct {
	Paging
	Documents  []article4.DocumentID // these alone; at most 200
	References []string              // likewise, by what people call them
	Words      string                // every word must stand in the title; at most 200 characters
	Marking    article4.Marking
	Purpose    article4.PurposeCode
	Discloser  article4.OrganisationID
	Sort       string // "-deposited" (default), "deposited"
}
