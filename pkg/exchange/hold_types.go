package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Hold keeps what there is about a document.
type Hold struct {
	ID       string // "hld_…"
	Document article4.DocumentID
	Reason   string // empty for people of the other Party
	By       article4.PersonID
	ByOrg    article4.OrganisationID
	At       time.Time
	EndedAt  *time.Time
	Pending  *Pending // its end waits for a second person
	Entry    string

	Permissions map[article4.Act]Permission // what the caller could do with it now; only where it is looked at
}

// Erasure is of one private field of an entry, or of who a person is.
type Erasure struct {
	Entry      string // "ent_…", with Field
	Field      string
	Person     article4.PersonID // in place of Entry
	LegalBasis string
	Pending    *Pending // for the second signatory; nil: it is done
	LogEntry   string   // of what was said last
}
