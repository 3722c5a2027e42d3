package exchange

import (
	"errors"
	"maps"
	"sync"

	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/ledger"
)

// TransferEnd says how a transfer of content ended, for those who watch the gateway.
type TransferEnd string

// The ends.
const (
	EndedComplete TransferEnd = "complete"
	EndedPermit   TransferEnd = "permit"  // the permit ended on the way: a withdrawal, a recall, a suspension, its time
	EndedFault    TransferEnd = "fault"   // of the store, the keys or the log
	EndedNetwork  TransferEnd = "network" // the reader went away, or the connection broke
)

// TransferEnds are all of them.
func TransferEnds() []TransferEnd {
	return []TransferEnd{EndedComplete, EndedPermit, EndedFault, EndedNetwork}
}

// Figures are what this replica does and has done since it started; they name nobody and no document.
type Figures struct {
	Transfers int // running
	Copies    int // in the making
	Waits     int // calls that wait for events
	Ended     map[TransferEnd]int64
	Inspected map[inspect.Verdict]int64 // files, by what the malware scanner said
}

// figures counts what is over.
type figures struct {
	mu        sync.Mutex
	ended     map[TransferEnd]int64
	inspected map[inspect.Verdict]int64
}

func newFigures() *figures {
	return &figures{ended: map[TransferEnd]int64{}, inspected: map[inspect.Verdict]int64{}}
}

// Figures are read by monitors, as often as they like.
func (g *Gateway) Figures() Figures {
	out := Figures{Transfers: g.running.count(), Copies: g.copyJobs.count(), Waits: g.events.count()}
	g.figures.mu.Lock()
	defer g.figures.mu.Unlock()
	out.Ended, out.Inspected = maps.Clone(g.figures.ended), maps.Clone(g.figures.inspected)
	return out
}

func (f *figures) inspect(v inspect.Verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inspected[v]++
}

// end counts the end of a transfer.
func (f *figures) end(t *Transfer, end ledger.End) {
	how := EndedNetwork
	if end == ledger.EndComplete {
		how = EndedComplete
	} else if isOver(t.cut) {
		how = EndedFault
		if refusal := (*Refusal)(nil); errors.As(t.cause, &refusal) {
			how = EndedPermit
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended[how]++
}

func isOver(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
