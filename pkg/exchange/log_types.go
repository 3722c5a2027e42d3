package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

// LogQuery filters the entries that the auditor's own Party may open. Zero fields filter nothing.
type LogQuery struct {
	Paging
	Since, Until time.Time // of the entry: Since <= at < Until
	Organisation article4.OrganisationID
	Document     article4.DocumentID
	Kind         string // of the entry: "disclosure", "consent", …; several with commas
	Without      string // kinds that are left out, with commas
	Outcome      string // "permit", "refuse"
	Paragraph    string // of a reason: "4(8)"
	Reason       article4.Code
	Person       article4.PersonID // who acted
	Request      article4.RequestID
	Marking      article4.Marking
	Beneficiary  article4.OrganisationID // for whom it was deposited, asked, decided or disclosed
}

// Step is which half an entry records of an act that takes two people; empty: one person did all of it.
type Step string

// The halves: what the first person asks for is done by the second, who confirms it.
const (
	StepFirst  Step = "first"
	StepSecond Step = "second"
)

// LogEntry is one entry of the log. In a list, what stands below Step is empty.
type LogEntry struct {
	ID           string // "ent_…"
	Index        int64  // position in the log, from 0
	Number       int64  // running number among those of the auditor's own Party, from 1, without gaps
	Kind         string
	At           time.Time
	Actor        article4.PersonID       // empty: the gateway
	Organisation article4.OrganisationID // of the actor; empty: the gateway
	Document     article4.DocumentID
	Reference    string // of the document; empty where there is none, or it is of nobody's
	Marking      article4.Marking
	Request      article4.RequestID
	Parties      []article4.OrganisationID // those entitled to open it
	Outcome      string                    // "permit", "refuse"
	Reasons      []article4.Code
	Step         Step

	Said       LogSaid // of one entry; the zero value in a list
	Body       []byte  // the canonical bytes, as hashed
	BodySHA256 string  // by which other entries name this one
	Nonce      []byte  // with Body it opens the leaf: closed = SHA-256(nonce ‖ body)
	Leaf       []byte  // the leaf data, as hashed into the tree
	Details    []LogDetail
	RestsOn    []LogReference // in the order in which the body names them
}

// OwnEntry is an entry as whoever did the act is shown it.
type OwnEntry struct {
	ID         string
	Kind       string
	At         time.Time
	Outcome    string // "permit", "refuse"
	Step       Step
	Reasons    []article4.Code
	Index      int64  // position in the log, from 0
	Number     int64  // running number among those of the caller's own Party; 0 where it is none, or may not open it
	BodySHA256 string // by which other entries name this one
}

// LogReference is an entry that another one names by the hash of its body, because it rests on it.
type LogReference struct {
	// As is what it is to that entry: "request", "authorization", "consent", "source-consent", "signature",
	// "delegation", "disclosure" (that a completion closes), "relied" (on which a copy or a decision rests) or
	// "withdrawn".
	As         string
	BodySHA256 string
	ID         string // empty: the auditor's Party may not open it, and nothing more is told
	Number     int64  // running number among those of the auditor's own Party
	Kind       string
	At         time.Time
	// of the actor; both empty: the gateway
	Actor        article4.PersonID
	Organisation article4.OrganisationID
}

// LogDetail is what stands behind one commitment of an entry: commitment = SHA-256(salt ‖ value).
type LogDetail struct {
	Field      string
	Commitment string
	Salt       []byte // nil: not for this Party's auditors, or erased
	Value      string
}

// AccountedDisclosure is one line of the accounting of a document, made of entries of the log alone.
type AccountedDisclosure = ledger.Accounted

// AccountingColumns name the columns of an accounting as a table, in the order of AccountedDisclosure.Row.
func AccountingColumns() []string { return ledger.AccountColumns() }

// MonitoringReport is what Article 5(4) asks the Parties to look at together. It is made of entries that both Parties
// may open, and of nothing else: both get the same bytes, and anybody who has a Party's bundle can make it again.
type MonitoringReport = ledger.Monitoring
