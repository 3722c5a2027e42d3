// Package stamp makes the marked copies that leave the gateway: a reader in, a reader out. What a file becomes
// depends on its media type: PDF, PNG, JPEG and the Office formats of ECMA-376 (OOXML) are marked in place;
// everything else is never altered and goes out in a ZIP file beside a cover sheet. Article 4(9) asks for written
// markings; Article 4(6) to 4(8) ask for care, so each copy also says to whom it was given, for what, and its number.
//
// A file is other people's input. It is therefore parsed in a child process with limits of memory, time and output, an
// empty environment and no file descriptors but its own. A crash, a timeout or a refusal gives no byte: what the child
// writes is readable only after it ended well. Nothing is written to a named file, so nothing is left behind.
package stamp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"chancery.example/gateway/pkg/stamp/mark"
)

// What formats and callers share is declared below, in package mark.
type (
	// Mark is what a copy says about itself.
	Mark = mark.Mark
	// ReasonCode says why no copy is made.
	ReasonCode = mark.ReasonCode
	// Warning is something of the original that a marked copy does not keep or mark, or that it can do.
	Warning = mark.Warning
	// ErrRefused says that no copy was made, and not one byte of it can be read.
	ErrRefused = mark.ErrRefused
)

// The notices of a copy whose Mark gives none.
const (
	DefaultNotice = mark.DefaultNotice // of what is protected or proprietary
	OpenNotice    = mark.OpenNotice    // of all else
)

// The warnings.
const (
	Signature   = mark.Signature
	PDFA        = mark.PDFA
	Pictures    = mark.Pictures
	MacroSheet  = mark.MacroSheet
	Attachments = mark.Attachments
	Scripts     = mark.Scripts
	Launch      = mark.Launch
	External    = mark.External
	Paths       = mark.Paths
)

// The reasons.
const (
	Password    = mark.Password
	Damaged     = mark.Damaged
	Unsupported = mark.Unsupported
	Lossy       = mark.Lossy
	TooLarge    = mark.TooLarge
	TooLong     = mark.TooLong
	OutOfMemory = mark.OutOfMemory
	Crashed     = mark.Crashed
	Unavailable = mark.Unavailable
)

// Source is the file to be marked. Size is in bytes; -1 when it is not known, which the ZIP file does not admit.
type Source struct {
	Reader    io.Reader
	Size      int64
	MediaType string    // without parameters
	FileName  string    // of the document; decides the name of the copy and stands on the cover sheet
	Progress  *Progress // follows how far the copy is; may be nil
}

// Copy is a marked copy. It must be closed: until then it holds its place in the queue.
type Copy struct {
	io.ReadCloser
	Size      int64 // bytes
	MediaType string
	FileName  string
	Warnings  []Warning // what it does not keep of the original, or does not mark; sorted
	Pages     int       // pages, sheets, slides or pictures that were marked; 0 for the ZIP file
}

// Outcome is what a precheck of a file showed.
type Outcome struct {
	Reason   ReasonCode // empty: it can be marked
	Detail   string     // why not, in words that may be shown to the depositor; no content of the file
	Pages    int
	Label    []byte    // the label of an earlier copy, if the file carries one; not verified
	Warnings []Warning // what a copy does not keep of the file, or does not mark; sorted. It can be marked nevertheless
	Words    []string  // marking words that the file's own headers show, in upper case, sorted, e.g. "CONFIDENTIEL"
	Text     string    // of a PDF file, as whoever opens it can copy it, where it can be opened: its beginning
}

// Stampable tells whether a copy can be made.
func (o Outcome) Stampable() bool { return o.Reason == "" }

// ErrBusy: more callers wait than Config.MaxWaiting.
var ErrBusy = errors.New("too many copies are being made")

// Config bounds the making of copies. Zero values take the default.
type Config struct {
	// Child is the command that calls Child, e.g. {"/proc/self/exe", "stamp-child"}. Required.
	Child []string
	// MaxMemory of a child beyond what its own program takes, in bytes; default 512 MiB. MaxTime of a child; default
	// 60 s. MaxInput and MaxOutput of files that are marked in place, in bytes; default 256 and 320 MiB. MaxPixels of
	// a picture; default 32 Mi. MaxViewMemory of a child that shows a copy; default 256 MiB.
	MaxMemory, MaxInput, MaxOutput, MaxPixels, MaxViewMemory int64
	MaxTime                                                  time.Duration
	// Concurrency is how many children run, and finished copies stay unclosed, at a time; default GOMAXPROCS, at most
	// 4. Others wait, persons in turn; default of MaxWaiting 64, of which one person takes at most half.
	Concurrency, MaxWaiting int
}

// Stamper makes copies. It is safe for concurrent use.
type Stamper struct {
	config Config
	queue  *queue
	cache  func() (string, error) // the directory of compiled code, once it is filled
}

// New refuses a configuration without the child's command or with negative limits.
func New(c Config) (*Stamper, error) {
	if len(c.Child) == 0 || c.Child[0] == "" {
		return nil, errors.New("stamp: the command of the child process is missing")
	}
	if min(c.MaxMemory, c.MaxInput, c.MaxOutput, c.MaxPixels, c.MaxViewMemory, int64(c.MaxTime), int64(c.Concurrency),
		int64(c.MaxWaiting)) < 0 {
		return nil, errors.New("stamp: a limit is negative")
	}
	c.Child = slices.Clone(c.Child)
	c.MaxMemory = orDefault(c.MaxMemory, 512<<20)
	c.MaxInput = orDefault(c.MaxInput, 256<<20)
	c.MaxOutput = orDefault(c.MaxOutput, 320<<20)
	c.MaxPixels = orDefault(c.MaxPixels, 32<<20)
	c.MaxViewMemory = orDefault(c.MaxViewMemory, 256<<20)
	c.MaxTime = orDefault(c.MaxTime, time.Minute)
	c.Concurrency = orDefault(c.Concurrency, min(runtime.GOMAXPROCS(0), 4))
	c.MaxWaiting = orDefault(c.MaxWaiting, 64)
	return &Stamper{config: c, queue: newQueue(c.Concurrency, c.MaxWaiting), cache: sync.OnceValues(filledCache)}, nil
}

func orDefault[T int | int64 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Load tells how many copies are being made or are not closed yet, and how many callers wait.
func (s *Stamper) Load() (inside, waiting int) { return s.queue.load() }

// Can tells whether files of this type are marked in place. Of all others Stamp makes the ZIP file with a cover sheet.
func (s *Stamper) Can(mediaType string) bool {
	_, known := formatOf(mediaType)
	return known
}

// Stamp makes one marked copy. It waits for its turn, then reads all of the source, except for the ZIP file, which is
// made while the copy is read: there an error of the source, or a source of another length than Size, is an error of
// the copy's Read. Errors: *ErrRefused, ErrBusy, what the source's Read returned, and the context's.
func (s *Stamper) Stamp(ctx context.Context, in Source, m Mark) (Copy, error) {
	if err := m.Check(); err != nil {
		return Copy{}, err
	}
	m = m.Complete()
	if !s.Can(in.MediaType) {
		return pack(in, m)
	}
	release, err := s.queue.enter(ctx, m.Recipient+"\x00"+m.Person, in.Progress)
	if err != nil {
		return Copy{}, fmt.Errorf("stamp copy %s: %w", m.CopyNumber, err)
	}
	done, err := s.run(ctx, job{Task: taskStamp, MediaType: in.MediaType, Mark: m}, in)
	if err != nil {
		release()
		return Copy{}, fmt.Errorf("stamp copy %s: %w", m.CopyNumber, err)
	}
	return Copy{
		ReadCloser: &copyContent{SectionReader: io.NewSectionReader(done.file, 0, done.size), close: func() error {
			defer release()
			return done.file.Close()
		}},
		Size:      done.size,
		MediaType: in.MediaType,
		FileName:  copyName(in.FileName, m.CopyNumber, ""),
		Warnings:  done.answer.Warnings,
		Pages:     done.answer.Pages,
	}, nil
}

// Probe makes a copy and throws it away, so that an obstacle is found at deposit and not at the first reading. It also
// tells what the file says of its own marking (Article 4(9)) and whether it is an earlier copy. A file that cannot be
// marked is an Outcome, not an error; errors are ErrBusy, those of the source and of the context, and *ErrRefused with
// Unavailable. Unless it fails it reads the source to its end, whatever it finds, so that it can watch an upload
// through a pipe.
func (s *Stamper) Probe(ctx context.Context, in Source) (Outcome, error) {
	o, err := s.probe(ctx, in)
	if err != nil {
		return Outcome{}, fmt.Errorf("probe: %w", err)
	}
	if _, err := io.Copy(io.Discard, &cancellable{ctx, in.Reader}); err != nil {
		return Outcome{}, fmt.Errorf("probe: read the source: %w", err)
	}
	return o, nil
}

func (s *Stamper) probe(ctx context.Context, in Source) (Outcome, error) {
	if !s.Can(in.MediaType) {
		return probePackage(in)
	}
	// All trials wait in one line, like one person's copies: it is served in its turn, and is at most half of the
	// queue.
	release, err := s.queue.enter(ctx, "", nil)
	if err != nil {
		return Outcome{}, err
	}
	defer release()
	done, err := s.run(ctx, job{Task: taskProbe, MediaType: in.MediaType, Mark: mark.Trial(),
		Limits: mark.Limits{Text: true}}, in)
	var refused *ErrRefused
	switch {
	case errors.As(err, &refused) && refused.Reason != Unavailable:
		o := outcomeOf(done.answer)
		o.Reason, o.Detail = refused.Reason, refused.Detail
		return o, nil
	case err != nil:
		return Outcome{}, err
	}
	done.file.Close()
	return outcomeOf(done.answer), nil
}

func outcomeOf(a mark.Answer) Outcome {
	return Outcome{Pages: a.Pages, Label: a.Label, Warnings: a.Warnings, Words: a.Words, Text: a.Text}
}

type copyContent struct {
	*io.SectionReader
	close func() error
}

func (c *copyContent) Close() error {
	if c.close == nil {
		return nil
	}
	f := c.close
	c.close = nil
	return f()
}
