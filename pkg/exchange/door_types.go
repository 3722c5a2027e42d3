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
	entry     string    // of the log
}

// Page is one page of a list in a stable order; Next is empty on the last one and opaque otherwise. What was altered is
// left out of Items: it keeps nobody from what stands beside it, and the auditors of both Parties are told.
type Page[T any] struct {
	Items   []T
	Next    string
	LeftOut int // how many records of this page
}

// Paging asks for one page: 1 <= Limit <= 200 (0 means 50), After is the Next of the page before.
type Paging struct {
	Limit int
	After string
}

// Permission says whether the caller could do an act now, and every reason why not.
type Permission struct {
	Allowed bool
	Reasons []article4.Reason
	Nearest article4.RequestID // the request that comes nearest to permitting a disclosure that is not
	Forms   *article4.Forms    // of a disclosure that is allowed: what would be handed out, and why
}
