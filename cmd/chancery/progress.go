package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Where --progress has transfers told.
const (
	progressAuto = "auto" // on a terminal
	progressJSON = "json"
	progressNone = "none"
)

// progressValue is --progress.
type progressValue struct{ value *string }

func (p progressValue) String() string { return progressAuto }
func (p progressValue) Type() string   { return "string" }

func (p progressValue) Set(v string) error {
	if v != progressAuto && v != progressJSON && v != progressNone {
		return errors.New("write auto, json or none")
	}
	*p.value = v
	return nil
}

// progress tells how far a transfer is: on a terminal, in lines of JSON, or nowhere.
type progress struct {
	to    io.Writer // nil where nobody looks
	json  bool
	name  string
	total int64
	done  int64
	last  int64 // that was shown
	shown time.Time
}

func newProgress(env environment, name string, total int64) *progress {
	p := &progress{name: printable(name), total: total, last: -1}
	how := *orZero(env.progress)
	if how == progressJSON {
		p.to, p.json = env.stderr, true
	} else if how != progressNone && isTerminal(env.stderr) && env.lookup("TERM") != "dumb" {
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
	p.show()
}

// show prints where it stands.
func (p *progress) show() {
	p.last = p.done
	if p.json {
		text, err := json.Marshal(transferred{p.name, p.done, p.total})
		if err == nil {
			fmt.Fprintln(p.to, escaped(string(text)))
		}
		return
	}
	if p.total > 0 {
		fmt.Fprintf(p.to, "\r%s  %d %%  %d of %d bytes", p.name, p.done*100/p.total, p.done, p.total)
		return
	}
	fmt.Fprintf(p.to, "\r%s  %d bytes", p.name, p.done)
}

// transferred is a line of --progress=json.
type transferred struct {
	File  string `json:"file"`
	Done  int64  `json:"done"`            // in bytes; of an upload that broke off it may go back
	Total int64  `json:"total,omitempty"` // in bytes; where it is known
}

// end takes the line away; in JSON it says where the transfer ended.
func (p *progress) end() {
	if p.to != nil && p.json && p.done != p.last {
		p.show()
	} else if p.to != nil && !p.json && !p.shown.IsZero() {
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
