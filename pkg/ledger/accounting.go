package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Accounted is one disclosure in the accounting of a document: who got it when, on whose authority, and what became of
// it. Authority is named by body hash, as in the disclosure's own entry.
type Accounted struct {
	Disclosure     string         `json:"disclosure"`
	Entry          string         `json:"entry"`
	Index          int64          `json:"index"`
	At             time.Time      `json:"at"`
	Document       string         `json:"document"`
	Version        string         `json:"version"`
	From           string         `json:"from"`
	To             string         `json:"to"`
	Person         string         `json:"person"`
	Marking        string         `json:"marking"`
	Proprietary    bool           `json:"proprietary,omitempty"`
	PersonalData   bool           `json:"personal_data,omitempty"`
	Phase          string         `json:"phase"`
	Purpose        string         `json:"purpose,omitempty"`
	Form           string         `json:"form"`
	CopyNumber     string         `json:"copy_number"`
	Copy           string         `json:"copy,omitempty"` // SHA-256 of the marked copy
	CopyFailed     bool           `json:"copy_failed,omitempty"`
	Request        string         `json:"request,omitempty"`
	Grant          string         `json:"grant,omitempty"`
	Authorizations []string       `json:"authorizations,omitempty"`
	Consent        string         `json:"consent,omitempty"`
	Agreement      string         `json:"agreement,omitempty"`
	Delegation     string         `json:"delegation,omitempty"`
	Expires        time.Time      `json:"expires"`
	Completions    []AccountedEnd `json:"completions,omitempty"` // none yet: its permit or a transfer runs
}

// AccountedEnd is how one transfer of the disclosure ended, or that it was never fetched.
type AccountedEnd struct {
	Entry   string    `json:"entry"`
	At      time.Time `json:"at"`
	End     End       `json:"end"`
	Offset  int64     `json:"offset"`
	Length  int64     `json:"length"`
	Bytes   int64     `json:"bytes"`
	Pages   string    `json:"pages,omitempty"`   // that were shown
	Reasons []string  `json:"reasons,omitempty"` // that cut it
}

// Bytes are the canonical bytes of the line.
func (a Accounted) Bytes() ([]byte, error) { return canonical(a) }

// AccountColumns names the columns of an accounting as a table.
func AccountColumns() []string {
	return []string{"index", "entry", "at", "document", "version", "from", "to", "person", "marking", "purpose", "form",
		"copy_number", "request", "consent", "agreement", "authorizations", "ends", "bytes"}
}

// Row is the line as a row of a table: identifiers, codes and instants. Where the disclosure was fetched in several
// transfers, their ends stand side by side and their bytes are added up.
func (a Accounted) Row() []string {
	var ends []string
	var sum int64
	for _, end := range a.Completions {
		ends, sum = append(ends, string(end.End)), sum+end.Bytes
	}
	return []string{strconv.FormatInt(a.Index, 10), a.Entry, a.At.UTC().Format(time.RFC3339Nano), a.Document, a.Version,
		a.From, a.To, a.Person, a.Marking, a.Purpose, a.Form, a.CopyNumber, a.Request, a.Consent, a.Agreement,
		strings.Join(a.Authorizations, " "), strings.Join(ends, " "), strconv.FormatInt(sum, 10)}
}

// AccountFilter says which disclosures an accounting is of. Zero fields leave nothing out.
type AccountFilter struct {
	Document string
	To       string // the organisation that got it
	Person   string // who got it
	Consent  string // the body hash of a consent that it rested on, to the document itself or to a source of it

	Since, Until time.Time // of the disclosure: Since <= at < Until
}

// Fits reports whether an entry is a disclosure that the accounting is of.
func (f AccountFilter) Fits(b Body) bool {
	if b.Kind != KindDisclosure || b.Outcome != Permitted || b.Disclosure == nil {
		return false
	}
	consents := append([]string{b.Disclosure.Consent}, b.Disclosure.SourceConsents...)
	return wanted(f.Document, b.Document) && wanted(f.To, b.Disclosure.To) && wanted(f.Person, b.Actor) &&
		wanted(f.Consent, consents...) && !b.At.Before(f.Since) && (f.Until.IsZero() || b.At.Before(f.Until))
}

// wanted reports whether one of these is what is asked for; nothing asked for leaves nothing out.
func wanted(asked string, are ...string) bool { return asked == "" || slices.Contains(are, asked) }

// Account is an accounting of disclosures, made of entries alone: whoever may open the same entries makes the same
// bytes out of them.
type Account struct {
	filter AccountFilter
	lines  []*Accounted
	by     map[string]*Accounted // by the hash of the disclosure's body
}

// NewAccount is that of the disclosures that fit.
func NewAccount(f AccountFilter) *Account {
	return &Account{filter: f, by: map[string]*Accounted{}}
}

// Add takes an entry, in the order of the log; what is not about the disclosures that fit is passed over.
func (a *Account) Add(index int64, b Body, name Hash) {
	switch {
	case a.filter.Fits(b):
		a.disclosed(index, b, name)
	case b.Kind == KindCompletion && b.Completion != nil:
		if line := a.by[b.Completion.Closes]; line != nil {
			c := b.Completion
			line.Completions = append(line.Completions,
				AccountedEnd{b.ID, b.At, c.End, c.Offset, c.Length, c.Bytes, c.Pages, b.Reasons})
		}
	case b.Kind == KindCopy && b.Terms != nil && len(b.Terms.Relies) > 0:
		if line := a.by[b.Terms.Relies[0]]; line != nil {
			line.Copy, line.CopyFailed = b.Terms.Digest, b.Outcome == Refused
		}
	}
}

func (a *Account) disclosed(index int64, b Body, name Hash) {
	d := b.Disclosure
	line := &Accounted{
		Disclosure:     d.ID,
		Entry:          b.ID,
		Index:          index,
		At:             b.At,
		Document:       b.Document,
		Version:        d.Version,
		From:           d.From,
		To:             d.To,
		Person:         b.Actor,
		Marking:        d.Marking,
		Proprietary:    d.Proprietary,
		PersonalData:   d.PersonalData,
		Phase:          d.Phase,
		Purpose:        d.Purpose,
		Form:           d.Form,
		CopyNumber:     d.CopyNumber,
		Request:        b.Request,
		Grant:          d.Grant,
		Authorizations: slices.Clone(d.Authorizations),
		Consent:        d.Consent,
		Agreement:      d.Agreement,
		Delegation:     d.Delegation,
		Expires:        d.Expires,
	}
	a.lines = append(a.lines, line)
	a.by[name.String()] = line
}

// Lines are the disclosures so far, in the order of the log.
func (a *Account) Lines() []Accounted {
	out := make([]Accounted, len(a.lines))
	for i, line := range a.lines {
		out[i] = *line
	}
	return out
}

// AccountOf makes the accounting out of a bundle, and gives it as one line of canonical JSON for each disclosure: the
// items of GET /log/accounting, byte for byte. It reads what the bundle says; Verify tells whether that is to be
// believed.
func AccountOf(b Bundle, f AccountFilter) ([]byte, error) {
	reader, err := openBundle(b.R, b.Size, maxSize)
	if err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}
	account := NewAccount(f)
	var buffer []byte
	for index := int64(0); ; {
		chunk, err := reader.chunk(buffer)
		if err != nil {
			return nil, fmt.Errorf("read the bundle: %w", err)
		}
		if chunk == nil {
			return account.jsonLines()
		}
		buffer = chunk
		for ; len(chunk) > 0; index++ {
			if err := account.addRecord(index, &chunk); err != nil {
				return nil, fmt.Errorf("read the bundle: index %d: %w", index, err)
			}
		}
	}
}

// addRecord takes the next record of a chunk, unless the Party may not open it. Where one document is asked for, most
// are about others.
func (a *Account) addRecord(index int64, chunk *[]byte) error {
	r, err := takeRecord(chunk)
	if err != nil || len(r.Body) == 0 || !bytes.Contains(r.Body, []byte(a.filter.Document)) {
		return err
	}
	body, err := Decode(r.Body)
	if err != nil {
		return err
	}
	a.Add(index, body, BodyHash(r.Body))
	return nil
}

func (a *Account) jsonLines() ([]byte, error) {
	var out bytes.Buffer
	var failed error
	for _, line := range a.lines {
		data, err := line.Bytes()
		failed = errors.Join(failed, err)
		out.Write(append(data, '\n'))
	}
	return out.Bytes(), failed
}
