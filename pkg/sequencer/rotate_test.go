package sequencer_test

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/sequencer"
)

// Somebody lost the log's key, made a new one with "keys create" and wants to make it the log's. Recorded, such a
// rotation could never be taken back, and no key would start a gateway any more.
func TestAKeyThatIsNotTheLogsNamesNoNewOne(t *testing.T) {
	h := newFixture(t)
	type pair struct {
		signer note.Signer
		public string
	}
	drawn := func() pair {
		private, public, err := ledger.GenerateKey(origin)
		must(t, err)
		signer, err := note.NewSigner(private)
		must(t, err)
		return pair{signer, public}
	}
	own, foreign, next, third := drawn(), drawn(), drawn(), drawn()
	rotate := func(from, to pair) error {
		rotation, err := ledger.SignRotation(from.signer, from.public, to.public)
		must(t, err)
		return sequencer.Rotate(t.Context(), h.open(t, h.seqURL, 1), rotation)
	}
	var err error
	h.signer = own.signer
	h.verifier, err = note.NewVerifier(own.public)
	must(t, err)
	s, stop := h.running(t, 5*time.Second)
	h.add(t, s, 3)
	for len(h.stored(t, h.open(t, h.seqURL, 1))) == 0 { // once a second
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	refused := func(about string, err error) {
		if !errors.Is(err, sequencer.ErrInconsistent) {
			t.Errorf("%s names a new one: %v", about, err)
		}
	}
	refused("a key that signed nothing", rotate(foreign, next))
	must(t, rotate(own, next))
	refused("the key before the last rotation", rotate(own, third))
	refused("a foreign key after a rotation", rotate(foreign, third))
	must(t, rotate(next, third))
}
