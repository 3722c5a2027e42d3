package vault_test

import (
	"bytes"
	"errors"
	"testing"

	"chancery.example/gateway/pkg/vault"
)

// arrived puts pieces of these sizes, and gives them with the content that they hold.
func (h *fixture) arrived(arrival string, sizes ...int) (pieces []vault.Piece, content []byte) {
	h.t.Helper()
	for i, size := range sizes {
		part := noise(size)
		piece, err := h.PutPiece(h.t.Context(), vault.Arriving{Organisation: wco, Arrival: arrival,
			Object: "documents/" + arrival + "/" + string(rune('a'+i)), At: int64(len(content))}, part)
		if err != nil {
			h.t.Fatal(err)
		}
		pieces, content = append(pieces, piece), append(content, part...)
	}
	return pieces, content
}

// joining is an intake of pieces and of what came last.
func (h *fixture) joining(arrival string, pieces []vault.Piece, content, last []byte) vault.Intake {
	in := h.intake(last)
	in.Arrival, in.Pieces, in.Size = arrival, pieces, int64(len(content)+len(last))
	return in
}

func TestPiecesAreSealedAnewAsOneDocument(t *testing.T) {
	h := newFixture(t)
	pieces, content := h.arrived("stg_a", 3*pkg+5, 1, pkg)
	last := noise(1000)
	in := h.joining("stg_a", pieces, content, last)
	var seen bytes.Buffer
	in.Watch = &seen
	sealed, err := h.Put(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	whole := append(content, last...)
	got, err := h.read(readingOf(in, sealed))
	if err != nil || !bytes.Equal(got, whole) || !bytes.Equal(seen.Bytes(), whole) {
		t.Errorf("%d bytes read, %d seen, want %d; %v", len(got), seen.Len(), len(whole), err)
	}
}

// Whoever can write to the database and to the store moves pieces about: it is found out, and nothing becomes a
// document.
func TestAPieceOpensInItsPlaceAlone(t *testing.T) {
	h := newFixture(t)
	pieces, content := h.arrived("stg_a", pkg, pkg, 10)
	others, _ := h.arrived("stg_b", pkg, pkg)
	document := h.deposit(noise(pkg))
	change := func(f func(p []vault.Piece) []vault.Piece) []vault.Piece {
		return f(append([]vault.Piece{}, pieces...))
	}
	for name, c := range map[string][]vault.Piece{
		"one is left out":         pieces[1:],
		"the last is left out":    pieces[:2],
		"in another's place":      change(func(p []vault.Piece) []vault.Piece { p[0], p[1] = p[1], p[0]; return p }),
		"one of another file":     change(func(p []vault.Piece) []vault.Piece { p[0] = others[0]; return p }),
		"told to stand elsewhere": change(func(p []vault.Piece) []vault.Piece { p[0].At = pkg; return p[:1] }),
		"told to be shorter":      change(func(p []vault.Piece) []vault.Piece { p[1].Size--; return p }),
		"its object exchanged":    change(func(p []vault.Piece) []vault.Piece { p[0].Object = p[1].Object; return p }),
		"its object gone":         change(func(p []vault.Piece) []vault.Piece { p[0].Object += "x"; return p }),
		"a document in its place": change(func(p []vault.Piece) []vault.Piece {
			p[0].Object, p[0].WrappedKey = document.Object, document.WrappedKey
			return p
		}),
	} {
		t.Run(name, func(t *testing.T) {
			in := h.joining("stg_a", c, content, []byte("the last"))
			_, err := h.Put(t.Context(), in)
			if !errors.Is(err, vault.ErrTampered) && !errors.Is(err, vault.ErrSizeMismatch) || h.exists(in.Object) {
				t.Errorf("%v; the object stands: %t", err, h.exists(in.Object))
			}
		})
	}
}

// A piece is read by nobody, not even with a receipt: its key was made for no document.
func TestAPieceIsNotOpenedAsADocument(t *testing.T) {
	h := newFixture(t)
	pieces, _ := h.arrived("stg_a", pkg)
	want := h.deposit(noise(pkg))
	want.Object, want.WrappedKey = pieces[0].Object, pieces[0].WrappedKey
	for _, subject := range []string{want.Subject, "stg_a"} {
		want.Subject = subject
		if _, err := h.read(want); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("as %s: %v", subject, err)
		}
	}
}

func TestAPieceSaysWhereItBelongs(t *testing.T) {
	h := newFixture(t)
	whole := vault.Arriving{Organisation: wco, Arrival: "stg_a", Object: "documents/x"}
	for name, c := range map[string]struct {
		change func(*vault.Arriving)
		want   error
	}{
		"no organisation":           {func(a *vault.Arriving) { a.Organisation = "" }, vault.ErrInvalid},
		"organisation without keys": {func(a *vault.Arriving) { a.Organisation = "org_other" }, vault.ErrKeys},
		"an ambiguous arrival":      {func(a *vault.Arriving) { a.Arrival = "stg|1" }, vault.ErrInvalid},
		"no object":                 {func(a *vault.Arriving) { a.Object = "" }, vault.ErrInvalid},
		"before the beginning":      {func(a *vault.Arriving) { a.At = -1 }, vault.ErrInvalid},
	} {
		in := whole
		c.change(&in)
		if _, err := h.PutPiece(t.Context(), in, noise(10)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.PutPiece(t.Context(), whole, nil); !errors.Is(err, vault.ErrEmpty) {
		t.Error(err)
	}
}
