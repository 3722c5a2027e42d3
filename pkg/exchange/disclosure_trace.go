package exchange

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

// Clue is what was found on a street: a copy number, a line off a page, or the file itself.
type Clue struct {
	Text    string          // a number, or any text that holds some
	SHA256  article4.Digest // of a file that stays where it is
	Content ContentSource   // the file; it is read once, after the question was permitted, and nothing of it is kept
}

// How a clue led to a copy.
const (
	ByNumber    = "number"     // it stands in the text, and its check character fits
	ByLookAlike = "look-alike" // one in the text was misread
	ByDigest    = "digest"     // the file is the copy, byte for byte
	ByLabel     = "label"      // the file carries the copy's label
)

// Traced is one copy that a clue leads to.
type Traced struct {
	CopyNumber   string
	By           string
	Document     article4.DocumentID
	Reference    string
	Version      article4.VersionID
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Purpose      article4.PurposeCode
	Form         article4.Form
	At           time.Time
	Disclosure   article4.DisclosureID
	Entry        string
}

// Tracing is what a clue leads to, and what was read of it.
type Tracing struct {
	Found  []Traced
	SHA256 article4.Digest // of the file, if there was one
	// copy numbers that were read, of this Party's copies or not; those of misread ones left out
	Numbers []string
	Unread  string // why no label was looked for in the file; empty: it was, or there was no file
	Entry   string
}

// Trace names whose copies a clue leads to: copy, recipient, purpose, time and entry. Signatories and auditors of a
// Party may ask, and learn of copies of their own Party's documents only: of all others the answer is that of a number
// that there is not. The question is an entry.
func (g *Gateway) Trace(ctx context.Context, a Actor, clue Clue) (Tracing, error) {
	var c checks
	c.text("text", "4(6)", clue.Text, maxStatement)
	c.digest("sha256", clue.SHA256)
	if clue.Text == "" && clue.SHA256 == "" && clue.Content == nil {
		c.Add(invalid.NothingToTrace, "text", "4(6)")
	}
	if err := c.Err(); err != nil {
		return Tracing{}, err
	}
	hints, err := g.hints(ctx, a, clue)
	if err != nil {
		return Tracing{}, err
	}
	return perform(ctx, g, a, act[Tracing]{operation: traced, do: func(ctx context.Context, v *visit) (Tracing, error) {
		out := Tracing{SHA256: hints.digest, Numbers: hints.read, Unread: hints.unread}
		found, err := g.register.Copies(ctx, v.tx, a.organisation.ID, slices.Collect(maps.Keys(hints.by)), hints.digest)
		if err != nil {
			return Tracing{}, err
		}
		body := v.body(ledger.KindTracing, ledger.Permitted)
		body.Terms = &ledger.Terms{Digest: string(hints.digest)}
		for _, t := range found {
			out.Found = append(out.Found, hints.traced(t))
			body.Terms.People = append(body.Terms.People, string(t.Person))
		}
		entry, err := v.record(ctx, body, v.ownParties(), []private{{"clue", clue.Text}})
		out.Entry = entry.id
		return out, err
	}})
}

// traced is a tracing as the door knows it: about no record, since which one is what it is to find.
var traced = operation{act: article4.ActTrace, what: "copy", lock: register.ForShare}

// hints are what was read of a clue.
type hints struct {
	by     map[string]string // copy number → how it was read
	read   []string
	digest article4.Digest
	unread string
}

func (h *hints) add(how string, numbers ...string) {
	for _, n := range numbers {
		if h.by[n] == "" {
			h.by[n] = how
		}
		if how != ByLookAlike && !slices.Contains(h.read, n) {
			h.read = append(h.read, n)
		}
	}
}

func (h *hints) traced(t register.Found) Traced {
	how := h.by[t.CopyNumber]
	if t.ByDigest { // says most: the copy is unaltered
		how = ByDigest
	}
	return Traced{
		CopyNumber:   t.CopyNumber,
		By:           how,
		Document:     t.Document,
		Reference:    t.Reference,
		Version:      t.Version,
		Organisation: t.Organisation,
		Person:       t.Person,
		Purpose:      t.Purpose,
		Form:         t.Form,
		At:           t.At,
		Disclosure:   t.ID,
		Entry:        t.Entry,
	}
}

// hints reads the copy numbers off a text, and digest and label off a file.
func (g *Gateway) hints(ctx context.Context, a Actor, clue Clue) (*hints, error) {
	h := &hints{by: map[string]string{}, digest: clue.SHA256}
	numbers, meant := register.ReadNumbers(clue.Text)
	h.add(ByNumber, numbers...)
	h.add(ByLookAlike, meant...)
	if clue.Content == nil {
		return h, nil
	}
	// Whoever may not ask does not have the gateway read files.
	if _, err := perform(ctx, g, a, act[bool]{operation: traced, do: permitted}); err != nil {
		return nil, err
	}
	return h, g.examine(ctx, clue.Content, h)
}

// examine reads a found file once. As at a deposit, it is held in memory within a budget until its label is found, and
// no longer; of a larger one the beginning and the digest have to do.
func (g *Gateway) examine(ctx context.Context, content ContentSource, h *hints) error {
	r, _, err := content()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	watch := inspect.New(inspect.Config{MaxSize: 2*g.settings.MaxUpload + 1<<20})
	defer watch.Close()
	precheck := g.holdForPrecheck(watch, 0)
	defer precheck.giveUp()
	head := &beginning{left: label.MaxSize + 1024}
	if _, err := io.Copy(io.MultiWriter(watch, head, precheck), r); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	found := watch.Findings()
	if found.Size == 0 {
		return invalid.One(invalid.Empty, "content", "")
	}
	h.digest = article4.Digest(hex.EncodeToString(found.SHA256[:]))
	carried := label.OfPackage(head.Bytes())
	switch {
	case carried != nil:
	case !g.stamper.Can(found.MediaType):
		h.unread = "type"
	case precheck.given:
		h.unread = "too-large"
	default:
		carried, h.unread = g.carried(ctx, precheck, found.MediaType)
	}
	if l, err := label.Open(carried, g.labelVerifier); err == nil {
		h.add(ByLabel, l.CopyNumber)
	}
	return nil
}

// carried is the label that a marked file carries, or why none could be looked for.
func (g *Gateway) carried(ctx context.Context, t *precheck, mediaType string) (found []byte, unread string) {
	o, err := g.stamper.Probe(ctx, stamp.Source{Reader: t.reader(), Size: t.size, MediaType: mediaType})
	switch {
	case err != nil:
		g.logger.Warn("found file not examined", "error", err)
		return nil, "busy"
	case o.Label == nil && !o.Stampable():
		return nil, string(o.Reason)
	}
	return o.Label, ""
}

// beginning keeps the first bytes of what is written.
type beginning struct {
	bytes.Buffer
	left int
}

func (b *beginning) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	b.Buffer.Write(p[:n])
	return len(p), nil
}
