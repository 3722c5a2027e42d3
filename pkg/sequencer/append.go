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
	Salt   []byte // only of rows that were written when the salt stood beside the sealed value; Append ignores it
	Sealed []byte
}

// Append writes the entry inside the caller's transaction, with its next trip to the database or its commit: it exists if
// and only if the transaction commits. Kick and Receipt come after the commit. It returns the hash of the body, by which other entries name this one. A second entry of
// the same id violates the constraint log_entry_is_written_once.
func (s *Sequencer) Append(tx *postgres.Tx, e Entry) (ledger.Hash, error) {
	parties, err := e.parties()
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	body, err := ledger.Encode(e.Body)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append: %w", err)
	}
	details, err := e.details()
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	nonce, err := ledger.NewNonce()
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("append entry %s: %w", e.Body.ID, err)
	}
	hash := ledger.BodyHash(body)
	row := entryRow{
		id: e.Body.ID, at: e.Body.At.UTC(), kind: string(e.Body.Kind), parties: parties, body: body, hash: hash[:], nonce: nonce,
		organisation: e.Body.Organisation, document: e.Body.Document, outcome: string(e.Body.Outcome),
		paragraphs: append([]string{}, ledger.Paragraphs(e.Body.Reasons)...),
	}
	insertEntry(tx, row, details)
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

// outsideNames reports whether r may not stand in the name of a party.
func outsideNames(r rune) bool {
	return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-", r)
}

// detailColumns are the details by column, as one statement takes them.
type detailColumns struct {
	fields []string
	sealed [][]byte
}

func (e Entry) details() (detailColumns, error) {
	var d detailColumns
	for _, detail := range e.Details {
		switch {
		case e.Body.Private[detail.Field] == "":
			return detailColumns{}, fmt.Errorf("detail %q has no commitment in the body", detail.Field)
		case len(detail.Sealed) == 0:
			return detailColumns{}, errors.New("detail " + detail.Field + " is empty")
		}
		d.fields = append(d.fields, detail.Field)
		d.sealed = append(d.sealed, detail.Sealed)
	}
	return d, nil
}
