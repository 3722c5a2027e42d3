package mark

import "fmt"

// ReasonCode says why no copy is made.
type ReasonCode string

// The reasons.
const (
	Password    ReasonCode = "password"      // it opens with a password only
	Damaged     ReasonCode = "damaged"       // it cannot be read, or not be written again
	Unsupported ReasonCode = "unsupported"   // marking it in place would leave parts unmarked
	Lossy       ReasonCode = "content-lost"  // marking it would lose some of its content
	TooLarge    ReasonCode = "too-large"     // the file, or what it unfolds to, exceeds a limit
	TooLong     ReasonCode = "too-long"      // it took longer than Config.MaxTime
	OutOfMemory ReasonCode = "out-of-memory" // it needed more than Config.MaxMemory
	Crashed     ReasonCode = "crashed"       // the child ended without an answer
	Unavailable ReasonCode = "unavailable"   // the child could not be run; the file is not at fault
)

// ErrRefused says that no copy was made, and not one byte of it can be read.
type ErrRefused struct {
	Reason ReasonCode
	Detail string
}

func (e *ErrRefused) Error() string {
	return fmt.Sprintf("no marked copy (%s): %s", e.Reason, e.Detail)
}

// Refuse says why no copy is made, in words that may be shown to the depositor; no content of the file.
func Refuse(reason ReasonCode, format string, args ...any) error {
	return &ErrRefused{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}
