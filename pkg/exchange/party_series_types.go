package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Series is documents of one Discloser within stated bounds, for which an authorization may stand between the Parties
// (reading 0111).
type Series struct {
	ID           article4.SeriesID // "ser_…"
	Discloser    article4.OrganisationID
	Recipient    article4.OrganisationID
	Name         string
	Markings     []article4.Marking
	Purposes     []article4.PurposeCode
	Entities     []article4.OrganisationID // concerned by its documents; only to the Discloser's people
	EntitiesNone bool                      // likewise
	PersonalData bool                      // its documents may hold personal data
	Proprietary  bool                      // its documents may be proprietary
	OpenedBy     article4.PersonID
	OpenedAt     time.Time
	Entry        string

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
}

// SeriesOpened is a series as it is opened. Nothing of it changes afterwards: what somebody authorized stays what it
// was.
type SeriesOpened struct {
	Name             string
	Markings         []article4.Marking
	Purposes         []article4.PurposeCode
	EntitiesDeclared bool // a list, or the explicit "none"
	Entities         []article4.OrganisationID
	PersonalData     bool
	Proprietary      bool
}

// StandingWord names the authorization of a series on whose word something went.
type StandingWord struct {
	Series        article4.SeriesID
	Authorization article4.DecisionID
}

// StandingVerdict is an authorization of all documents of a series.
type StandingVerdict struct {
	Purpose   article4.PurposeCode
	People    []article4.PersonID // of the Recipient, machine clients too; an entity concerned names nobody
	Until     time.Time
	Form      article4.Form // empty: stamped
	Statement string
	Evidence  EvidenceGiven // an ID token for the canonical text, or none where that is admitted
}

// StandingAuthorization is one organisation's authorization of all documents of a series, for one purpose, until a day.
type StandingAuthorization struct {
	ID           article4.DecisionID // "aut_…"
	Series       article4.SeriesID
	Organisation article4.OrganisationID
	By           article4.PersonID
	At           time.Time
	Purpose      article4.PurposeCode
	People       []article4.PersonID
	Until        time.Time
	Form         article4.Form
	Statement    string
	Evidence     article4.Evidence
	TextSHA256   article4.Digest
	State        string     // "in-force", "expired", "withdrawn"
	WithdrawnAt  *time.Time // and by whom and why, of one that was taken back
	WithdrawnBy  article4.PersonID
	WithdrawnWhy string
	Entry        string
}
