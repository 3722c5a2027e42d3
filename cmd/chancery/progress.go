package main

import (
	"fmt"
	"io"
	"time"
)

// progress shows on a terminal how far a transfer is, and nowhere else.
type progress struct {
	to    io.Writer // nil where nobody looks
	name  string
	total int64
	done  int64
	shown time.Time
}

func newProgress(env environment, name string, total int64) *progress {
	p := &progress{name: printable(name), total: total}
	if isTerminal(env.stderr) && env.lookup("TERM") != "dumb" {
		p.to = env.stderr
	}
	return p
}

func (p *progress) add(n int64) { p.at(p.done + n) }

// at shows that so many bytes are done.
func (p *progress) at(done int64) {
	p.done = done
	if p.to == nil || time.Since(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	if p.total > 0 {
		fmt.Fprintf(p.to, "\r%s  %d %%  %d of %d bytes", p.name, p.done*100/p.total, p.done, p.total)
		return
	}
	fmt.Fprintf(p.to, "\r%s  %d bytes", p.name, p.done)
}

// end takes the line away.
func (p *progress) end() {
	if p.to != nil && !p.shown.IsZero() {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
	p.to = nil
}

// Write counts what goes by.
func (p *progress) Write(b []byte) (int, error) {
	p.add(int64(len(b)))
	return len(b), nil
}

// reading counts what is read; it can begin anew, as an upload does that is sent again.
func (p *progress) reading(r io.ReadSeeker) io.ReadSeeker { return &counted{r, p} }

type counted struct {
	io.ReadSeeker
	progress *progress
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadSeeker.Read(b)
	c.progress.add(int64(n))
	return n, err
}

func (c *counted) Seek(offset int64, whence int) (int64, error) {
	c.progress.done = 0
	return c.ReadSeeker.Seek(offset, whence)
}
