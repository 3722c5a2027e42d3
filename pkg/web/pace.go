package web

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// aheadOfReader is how much the kernel of a peer may hold for a reader who is behind, in bytes: it cannot be taken back
	// when the permit ends. A brisk reader may have what they take in aheadFor, within bounds.
	aheadOfReader = 128 << 10
	aheadFor      = 15 * time.Millisecond
	leastOfBrisk  = 1 << 20
	mostOfBrisk   = 4 << 20
	// morsel is what is sent to a reader who is behind, to hear from their kernel how things stand.
	morsel = 16 << 10

	// stretch is what a reader must take within brisk to count as brisk in the next stretch: 16 MiB/s. doubt is for how long
	// that is believed at least, while nothing says otherwise; so a reader who has just begun counts as brisk for a moment.
	stretch = 1 << 20
	brisk   = 62 * time.Millisecond
	doubt   = 30 * time.Millisecond

	shortestLook = 200 * time.Microsecond
	longestLook  = 50 * time.Millisecond
)

// pace keeps a reader who is slower than the network from having more ahead than may still arrive after a withdrawal.
//
// With each acknowledgement a peer's kernel tells how much it would still take. What that is below the most that it ever
// was is what the reader has not taken yet.
type pace struct {
	raw      syscall.RawConn // nil: the peer's kernel cannot be asked, nobody is waited for
	patience time.Duration   // zero: without end

	widest, window uint32        // what the peer's kernel would take: the most ever, and by its last word
	before         uint32        // the window when the last morsel was sent
	stalled        time.Duration // how long the reader has taken nothing

	began time.Time     // of this stretch
	moved int           // bytes of it
	took  time.Duration // of the stretch before; zero: there was none
}

func newPace(conn net.Conn, patience time.Duration) *pace {
	p := &pace{patience: patience, began: time.Now()}
	if tcp, ok := conn.(syscall.Conn); ok {
		p.raw, _ = tcp.SyscallConn()
	}
	return p
}

// behind is how many bytes the peer's kernel holds for the reader, as far as one can know.
func (p *pace) behind() uint32 {
	if p.raw == nil {
		return 0
	}
	_ = p.raw.Control(func(fd uintptr) { // of a closed connection the writing will tell
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			p.window = info.Snd_wnd
		}
	})
	p.widest = max(p.widest, p.window)
	return p.widest - p.window
}

// allowance waits for a reader who is behind, and answers how many bytes may be sent next. It gives up a reader who takes
// nothing within the patience.
func (p *pace) allowance(cut <-chan struct{}) (int, error) {
	var timer *time.Timer
	for look := shortestLook; p.behind() > p.ahead(); look *= 2 {
		if look > longestLook {
			return morsel, p.judge(2 * longestLook)
		}
		if timer == nil {
			timer = time.NewTimer(look)
			defer timer.Stop()
		} else {
			timer.Reset(look)
		}
		select {
		case <-cut:
			return 0, errCut
		case <-timer.C:
		}
	}
	p.before, p.stalled = 0, 0
	return chunk, nil
}

func (p *pace) ahead() uint32 {
	if p.took > brisk || time.Since(p.began) > max(doubt, 4*p.took) {
		return aheadOfReader
	}
	if p.took == 0 {
		return leastOfBrisk
	}
	return uint32(min(max(stretch*aheadFor/p.took, leastOfBrisk), mostOfBrisk))
}

// sent counts what was written.
func (p *pace) sent(n int) {
	if p.moved += n; p.moved >= stretch {
		now := time.Now()
		p.took = max(now.Sub(p.began), time.Microsecond)
		p.began, p.moved = now, 0
	}
}

// judge looks at what became of the last morsel. Where the peer's kernel takes no less than before it, the reader took it;
// where it takes no more either, the reader has nothing ahead, and the peer's kernel only holds less than it did.
func (p *pace) judge(waited time.Duration) error {
	before := p.before
	p.before = p.window
	switch {
	case before == 0: // the first one goes out now
	case p.window < before-min(before, morsel/2):
		if p.stalled += waited; p.patience > 0 && p.stalled > p.patience {
			return os.ErrDeadlineExceeded
		}
	case p.window <= before+morsel/2:
		p.widest = p.window
		fallthrough
	default:
		p.stalled = 0
	}
	return nil
}
