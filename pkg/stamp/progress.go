package stamp

import (
	"bytes"
	"fmt"
	"sync"

	"chancery.example/gateway/pkg/stamp/mark"
)

// Progress tells how far a copy is, while it is made. Its zero value is ready to use; it is safe for concurrent use.
type Progress struct {
	mu          sync.Mutex
	ahead       func() int // nil while nobody is waited for
	done, pages int
}

// Now tells how many copies are made before this one, how many of its pages are marked, and of how many; pages is 0
// where the number is not known, as of files that have no pages.
func (p *Progress) Now() (queued, done, pages int) {
	p.mu.Lock()
	ahead := p.ahead
	done, pages = p.done, p.pages
	p.mu.Unlock()
	if ahead != nil {
		queued = ahead()
	}
	return queued, done, pages
}

// waits sets how long the queue before is; nil when it is over.
func (p *Progress) waits(ahead func() int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead = ahead
}

// reach keeps what a child said. It is the child of a hostile file: numbers only ever grow, and are no larger than a
// file's.
func (p *Progress) reach(done, pages int) {
	if p == nil || done < 0 || done > mark.MaxPages || pages < 0 || pages > mark.MaxPages {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.pages = max(p.done, done), max(p.pages, pages, done)
}

// progressListener is the parent's half: it takes lines of progress out of what the child says, and keeps the rest as
// complaints.
type progressListener struct {
	boundedComplaint
	progress *Progress
	line     []byte
}

const maxLine = 64 // bytes of a line of progress

func (l *progressListener) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		piece := rest
		if end > 0 {
			piece = rest[:end]
		}
		rest = rest[len(piece):]
		if len(l.line) <= maxLine {
			l.line = append(l.line, piece[:min(len(piece), maxLine+1)]...)
		}
		var done, pages int
		if n, err := fmt.Sscanf(string(l.line), mark.ProgressLine, &done, &pages); end > 0 && err == nil && n == 2 {
			l.progress.reach(done, pages)
		} else {
			_, _ = l.boundedComplaint.Write(piece)
		}
		if end > 0 {
			l.line = l.line[:0]
		}
	}
	return len(p), nil
}
