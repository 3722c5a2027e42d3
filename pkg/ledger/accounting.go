package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
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

// Account is the accounting of disclosures of one document, made of entries alone: whoever may open the same entries
// makes the same bytes out of them.
type Account struct {
	document string
	lines    []*Accounted
	by       map[string]*Accounted // by the hash of the disclosure's body
}

// NewAccount is that of a document.
func NewAccount(document string) *Account {
	return &Account{document: document, by: map[string]*Accounted{}}
}

// Add takes an entry, in the order of the log; what is not about the document's disclosures is passed over.
func (a *Account) Add(index int64, b Body, name Hash) {
	if b.Document != a.document {
		return
	}
	switch {
	case b.Kind == KindDisclosure && b.Outcome == Permitted && b.Disclosure != nil:
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
func AccountOf(b Bundle, document string) ([]byte, error) {
	reader, err := openBundle(b.R, b.Size, maxSize)
	if err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}
	account := NewAccount(document)
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

// addRecord takes the next record of a chunk. Most are about other documents.
func (a *Account) addRecord(index int64, chunk *[]byte) error {
	r, err := takeRecord(chunk)
	if err != nil || !bytes.Contains(r.Body, []byte(a.document)) {
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
