package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Notice is what a holder is told, and answers.
type Notice struct {
	ID string // "not_…"
	// "correction", "recall", "withdrawal", "marking", "configuration", "leak", "termination", "designation", "review"
	Kind         string
	Document     article4.DocumentID
	Reference    string
	To           article4.OrganisationID
	Person       article4.PersonID // empty: the focal point
	CopyNumbers  []string
	Text         string
	At           time.Time
	Acknowledged *Acknowledgement

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
}

// NoticeQuery lists notices. Zero fields do not filter.
type NoticeQuery struct {
	Paging
	Unanswered bool // those that the caller is to answer
	Document   article4.DocumentID
	Kind       string
}

// Acknowledgement is what the holder says became of the copies.
type Acknowledgement struct {
	By          article4.PersonID
	At          time.Time
	Disposition string // "returned", "destroyed", "kept", "read"
	Statement   string
}
