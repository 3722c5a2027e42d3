package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Notice is what somebody is told, and may answer.
type Notice struct {
	ID           string // "not_…"
	Kind         string // one of those that notice_words.go names
	Document     article4.DocumentID
	Reference    string
	Marking      article4.Marking // of the document; empty: it is about none
	Request      article4.RequestID
	Subject      string // the agreement, the Delegation or what waits, that it is about
	To           article4.OrganisationID
	Person       article4.PersonID // empty: the focal point
	CopyNumbers  []string
	At           time.Time
	Acknowledged *Acknowledgement // once everything is answered
	Answers      []CopyAnswer     // so far, for each copy

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at

	facts map[string]string // Words puts them into words
	text  string            // of one from before there were facts
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
	Disposition string // "returned", "destroyed", "kept", "read"; of several copies the least that became of one
	Statement   string
	Copies      []CopyAnswer // what became of each, in the place of one answer for all
}

// CopyAnswer is what became of one copy, by its number.
type CopyAnswer struct {
	Number      string
	Disposition string // "returned", "destroyed", "kept"
	Statement   string // the ground on which it is kept
	By          article4.PersonID
	At          time.Time
}
