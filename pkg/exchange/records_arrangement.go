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

	// Waiting is set for what the own Party's second official has yet to confirm: a filing (ID is empty), or with Ends
	// the end of that Delegation. Only people of that Party see these.
	Waiting *Pending
	Ends    article4.DelegationID
}

// DesignationWaiting is a focal point whose designation the Party's second official has yet to confirm.
type DesignationWaiting struct {
	Designation
	Pending
}

// OrganisationProposal is what one Party proposed and the other has yet to confirm.
type OrganisationProposal struct {
	OrganisationProposed
	ProposedBy article4.OrganisationID
	By         article4.PersonID
	At         time.Time
	ExpiresAt  time.Time
	Pending    string          // what waits, "pen_…"
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
