package report

import (
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// Entry is where something stands in the log, and what the verifier says of it.
type Entry struct {
	Index int64
	ID    string // "ent_…"
	Leaf  string // SHA-256 of the leaf data, RFC 6962, lower-case hex
	At    time.Time
	New   bool     // it came after the checkpoint that was kept
	Wrong []string // what the verifier found wrong with it; none: it is as it should be
}

func (e *Entry) place() *Entry { return e }

// Person is somebody as far as a bundle tells: an identifier, the organisation, perhaps a name.
type Person struct{ ID, Organisation string }

// Document is what a disclosure or a decision is about, as it was marked then.
type Document struct{ ID, Version, Marking, Title string }

// Disclosure is one copy that somebody was given.
type Disclosure struct {
	Entry
	ID         string // "dis_…"
	To         Person
	From       string // organisation of the Discloser
	Document   Document
	Purpose    string
	Statement  string // for what, in the reader's words; empty where it is not shown
	Form, Copy string // the copy number
	Digest     string // SHA-256 of the marked copy
	Third      bool   // the reader's organisation is a third party
	Authority  []Authority
	End        string // how the last transfer ended; empty: it is open
	Bytes      int64
}

// Authority is an earlier entry on which a disclosure rests.
type Authority struct {
	Kind     ledger.Kind
	By       Person
	Entry    Entry
	Evidence string
}

// Decision is what an official or an entity decided on a request.
type Decision struct {
	Entry
	Kind       ledger.Kind
	By         Person
	Document   Document
	Request    string
	For        string // organisation of the beneficiary
	Purposes   []string
	Until      time.Time
	Evidence   string
	Statement  string
	Conditions bool
}

// Refusal is an act that the rules refused.
type Refusal struct {
	Entry
	By       Person
	Act      ledger.Kind
	Document Document
	Reasons  []string
	Times    int
}

// ThirdParty is what one third party asked for and got.
type ThirdParty struct {
	ID                                                  string
	Requests, Consents, Disclosures, Releases, Refusals int
	Documents                                           int // of which it has copies
	Signed                                              time.Time
	Last                                                time.Time // disclosure
	documents                                           map[string]bool
}
