package sequencer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// Entry is what Append writes.
type Entry struct {
	Parties []string // organisations entitled to open it, 1 to 16; order and repetition do not matter
	Body    ledger.Body
	Details []Detail
}

// Detail is what stands behind one commitment of Body.Private, salt and value sealed together for the entitled.
type Detail struct {
	Field  string // a key of Body.Private
	Salt   []byte // only of rows from before salt and value were sealed together; Append ignores it
	Sealed []byte
}

// ErrUngrammatical is what Append answers to an entry that does not fit its row of ledger.Grammar: a fault of the
// gateway, and nothing of the act that it was to record may happen.
var ErrUngrammatical = errors.New("the entry does not fit the grammar of the log")

// Append writes the entry inside the caller's transaction, with its next trip to the database or its commit: it exists
// if and only if the transaction commits. Wake and Receipt come after the commit. It returns the hash of the body, by
// which other entries name this one. An entry that does not fit its row of the grammar is refused before anything is
// written: the error wraps ErrUngrammatical. A second entry of the same id violates the constraint
// log_entry_is_written_once.
func (s *Sequencer) Append(tx *postgres.Tx, e Entry) (ledger.Hash, error) {
	parties, err := e.parties()
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	if err := ledger.Fits(&e.Body, parties); err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w: %w", e.Body.ID, ErrUngrammatical, err)
	}
	body, err := ledger.Encode(e.Body)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append: %w", err)
	}
	if err := e.checkDetails(); err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	// The leaf commits to the body together with the nonce, or whoever sees the leaf alone could guess what it says.
	nonce, err := ledger.NewNonce()
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	hash := ledger.BodyHash(body)
	row := entryRow{
		id:           e.Body.ID,
		at:           e.Body.At.UTC(),
		kind:         string(e.Body.Kind),
		parties:      parties,
		body:         body,
		hash:         hash[:],
		nonce:        nonce,
		organisation: e.Body.Organisation,
		document:     e.Body.Document,
		outcome:      string(e.Body.Outcome),
		paragraphs:   ledger.Paragraphs(e.Body.Reasons),
		details:      e.Details,
	}
	insertEntry(tx, row)
	return hash, nil
}

// parties is the sorted set that leaf data holds. The constraint log_entry_concerns_a_party says the same.
func (e Entry) parties() ([]string, error) {
	parties := slices.Clone(e.Parties)
	slices.Sort(parties)
	parties = slices.Compact(parties)
	if len(parties) == 0 || len(parties) > ledger.MaxParties {
		return nil, fmt.Errorf("%d parties, not 1 to %d", len(parties), ledger.MaxParties)
	}
	for _, p := range parties {
		if len(p) == 0 || len(p) > 100 || strings.ContainsFunc(p, outsideNames) {
			return nil, fmt.Errorf("party %q is no identifier", p)
		}
	}
	return parties, nil
}

// outsideNames reports whether no name of a party holds r.
func outsideNames(r rune) bool {
	return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-", r)
}

func (e Entry) checkDetails() error {
	for _, d := range e.Details {
		switch {
		case e.Body.Private[d.Field] == "":
			return fmt.Errorf("detail %q has no commitment in the body", d.Field)
		case len(d.Sealed) == 0:
			return errors.New("detail " + d.Field + " is empty")
		}
	}
	return nil
}
