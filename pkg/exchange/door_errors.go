package exchange

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
)

// Refusal is a "no" of the rules, or of a fault that lets nothing leave. It is a value: the problem document,
// the page, the line of the command and the log entry are four renderings of the same reasons.
type Refusal struct {
	Act      article4.Act
	Reasons  []article4.Reason // never empty, sorted by paragraph
	Rules    string            // digest of the rules in force
	Entry    string            // "ent_…"; empty only when the log itself could not be written
	Document article4.DocumentID
	Request  article4.RequestID // that the act is about; of a disclosure, the one that came nearest to permitting it
	// RetryAfter is set where the refusal is one of too many (gateway/too-many): for so long, further ones get no
	// reason of their own; and where too many copies are being made: then the file may be marked later.
	RetryAfter time.Duration
	Bound      int // of gateway/too-many: how many refusals a minute have a reason each
}

// Error lists the codes; the words stand in the reasons table.
func (r *Refusal) Error() string {
	codes := make([]string, len(r.Reasons))
	for i, reason := range r.Reasons {
		codes[i] = string(reason.Code)
	}
	return fmt.Sprintf("%s refused: %s", r.Act, strings.Join(codes, ", "))
}

// Invalid is malformed input: each fault names its field.
type Invalid = invalid.Error

// Problem is one malformed field.
type Problem = invalid.Fault

// NotFound answers for what is absent and for what the caller has no standing for: the two are the same.
type NotFound struct {
	What  string // "document", "request", "agreement", "disclosure"
	Entry string // the refusal's entry, its target salted
}

func (e *NotFound) Error() string { return e.What + " not found" }

// ErrChanged says that the thing is not what If-Match named.
var ErrChanged = errors.New("changed meanwhile")

// ErrConflict says that the act was done already, or cannot follow what was done.
var ErrConflict = errors.New("conflicts with what was recorded before")

// ErrRange says that a byte range lies outside the content.
var ErrRange = errors.New("range not satisfiable")

// TooManyUploads says that somebody has as many uploads under way as one person may have.
type TooManyUploads struct{ Most int }

func (e *TooManyUploads) Error() string {
	return fmt.Sprintf("more than %d uploads of one person at once", e.Most)
}

// ErrReviewing says that a review of the same Party is being counted: it reads all of its period, so there is one at a
// time.
var ErrReviewing = errors.New("a review of this Party is under way")

// ErrUnrecognised says that the issuer is bound to no organisation in force.
var ErrUnrecognised = errors.New("issuer is bound to no organisation")
