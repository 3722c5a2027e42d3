package web

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// aheadOfReader is how much the kernel of a peer may hold for a reader who is behind, in bytes: it cannot be taken
	// back when the permit ends. A brisk reader may have what they take in aheadFor, up to mostOfBrisk and to a fourth
	// of what they got: what was sent is no proof that it was taken, for a peer's kernel may take a MiB without a word.
	aheadOfReader = 128 << 10
	aheadFor      = 15 * time.Millisecond
	mostOfBrisk   = 4 << 20
	// morsel is what is sent to a reader who is behind, to learn from their kernel how much they took.
	morsel = 16 << 10

	// stretch is what a reader must take within brisk to count as brisk in the next stretch: 16 MiB/s. doubt is for how
	// long that is believed at least, while nothing says otherwise.
	stretch = 1 << 20
	brisk   = 62 * time.Millisecond
	doubt   = 30 * time.Millisecond
	// The first stretch begins with opening, and goes on at the pace of the slowest who are brisk.
	opening = 512 << 10

	shortestLook = 200 * time.Microsecond
	longestLook  = 50 * time.Millisecond
)

// pace keeps a reader who is slower than the network from having more ahead than may still arrive after a withdrawal.
//
// With each acknowledgement a peer's kernel tells how much it would still take. What that is below the most that it
// ever was is what the reader has not taken yet.
type pace struct {
	raw      syscall.RawConn // nil: the peer's kernel cannot be asked, nobody is waited for
	patience time.Duration   // zero: without end

	widest, window uint32        // what the peer's kernel would take: the most ever, and by its last word
	before         uint32        // the window when the last morsel was sent
	stalled        time.Duration // how long the reader has taken nothing

	began time.Time     // of this stretch
	moved int           // bytes of it
	total int64         // bytes of all stretches
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

// allowance waits for a reader who is behind, and answers how many bytes may be sent next. It gives up a reader who
// takes nothing within the patience.
//
// A peer's kernel does not speak of each byte that its reader takes. So one who seems behind is sent a morsel soon;
// only when the answer to it says so too are they waited for at length.
func (p *pace) allowance(cut <-chan struct{}) (int, error) {
	if err := pause(p.untilOpened(), cut); err != nil {
		return 0, err
	}
	for look := shortestLook; p.behind() > p.ahead(); look *= 2 {
		if asked := p.before != 0; look > longestLook || !asked && look > 2*shortestLook {
			return morsel, p.judge(look)
		}
		if err := pause(look, cut); err != nil {
			return 0, err
		}
	}
	p.before, p.stalled = 0, 0
	return chunk, nil
}

// untilOpened is how long a reader in the first stretch has to wait for what comes after its opening.
func (p *pace) untilOpened() time.Duration {
	if p.raw == nil || p.took > 0 || p.moved < opening {
		return 0
	}
	return time.Until(p.began.Add(brisk * time.Duration(p.moved-opening) / stretch))
}

// pause fails with errCut where the permit ends meanwhile.
func pause(d time.Duration, cut <-chan struct{}) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-cut:
		return errCut
	case <-timer.C:
		return nil
	}
}

func (p *pace) ahead() uint32 {
	if p.took == 0 || p.took > brisk || time.Since(p.began) > max(doubt, 4*p.took) {
		return aheadOfReader
	}
	return uint32(max(aheadOfReader, min(int64(stretch*aheadFor/p.took), p.total/4, mostOfBrisk)))
}

// sent counts what was written.
func (p *pace) sent(n int) {
	p.total += int64(n)
	if p.moved += n; p.moved >= stretch {
		now := time.Now()
		p.took = max(now.Sub(p.began), time.Microsecond)
		p.began, p.moved = now, 0
	}
}

// judge looks at what became of the last morsel. Where the peer's kernel takes no less than before it, the reader took
// it; where it takes no more either, the reader has nothing ahead, and the peer's kernel only holds less than it did.
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
