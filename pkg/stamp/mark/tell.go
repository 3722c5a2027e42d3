package mark

import (
	"fmt"
	"io"
	"time"
)

// MaxPages is how many pages, sheets or slides a file has at most.
const MaxPages = 20_000

const (
	ProgressLine  = "pages %d of %d\n"
	progressPause = 100 * time.Millisecond
)

// Teller is the child's half: it says on standard error how far it is, now and then.
type Teller struct {
	To   io.Writer
	last time.Time
}

func (t *Teller) Tell(done, pages int) {
	if now := time.Now(); t.To != nil && now.Sub(t.last) >= progressPause {
		t.last = now
		fmt.Fprintf(t.To, ProgressLine, done, pages)
	}
}
