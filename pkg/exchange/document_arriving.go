package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// arriving is one call that sends bytes of an arrival, which is an upload that goes on after a broken line (tus).
type arriving struct {
	g    *Gateway
	by   Actor
	in   *intake // its upload has the turn: of the piece that is next, at last of the whole
	part Part
	at   int64 // bytes of the file before what is next
	came int64 // bytes of the part
	end  bool  // the part has ended
}

// take keeps what comes, piece by piece, until the part ends, breaks off, or makes the file whole.
func (w *arriving) take(ctx context.Context) (Arrival, error) {
	defer func() { w.g.abandon(w.in.upload) }() // what became a piece, or the whole, is open no more
	left := w.in.arrival.Size - w.at
	if w.part.Size >= 0 {
		left = min(left, w.part.Size)
	}
	buffer := make([]byte, min(pieceSize, max(left, 1)))
	for {
		held := w.holdTurn(ctx)
		n, broken := w.fill(buffer[:min(int64(len(buffer)), w.in.arrival.Size-w.at)])
		whole := w.at+int64(n) == w.in.arrival.Size
		if broken == nil && (w.end || whole) {
			broken = w.checked(whole)
		}
		if whole && broken == nil {
			defer held()
			return w.finish(ctx, buffer[:n])
		}
		err := w.keep(ctx, buffer[:n], whole || broken != nil && w.part.Sum != nil)
		held()
		switch {
		case broken != nil:
			return Arrival{}, w.broken(ctx, broken)
		case err != nil:
			return Arrival{}, w.g.outage(ctx, w.by, operation{act: w.in.act}, []article4.OrganisationID{
				w.by.organisation.ID}, err)
		case w.end:
			return w.counted(ctx)
		}
	}
}

// fill reads until b is full or the part ends.
func (w *arriving) fill(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = w.part.Content.Read(b[n:])
		n += m
	}
	if w.came += int64(n); w.part.Sum != nil {
		w.part.Sum.Write(b[:n]) // a hash takes everything
	}
	if err == io.EOF { // not errors.Is: a wrapped io.EOF is a part that broke off
		w.end = true
		return n, nil
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrContent, err)
	}
	return n, err
}

// checked wants a part that ends where its file does, and that has the size and the checksum that were stated.
func (w *arriving) checked(whole bool) error {
	if whole && !w.end {
		var more [1]byte
		switch n, err := io.ReadFull(w.part.Content, more[:]); {
		case n > 0:
			return ErrMoreThanDeclared
		case err != io.EOF:
			return fmt.Errorf("%w: %w", ErrContent, err)
		}
	}
	if w.part.Size >= 0 && w.came != w.part.Size {
		return fmt.Errorf("%w: %d bytes came of %d", ErrContent, w.came, w.part.Size)
	}
	if w.part.Sum != nil && !bytes.Equal(w.part.Sum.Sum(nil), w.part.Want) {
		return ErrChecksum
	}
	return nil
}

// holdTurn shows signs of life until the turn is passed on, or the call ends.
func (w *arriving) holdTurn(ctx context.Context) (end func()) {
	ctx, stop := context.WithCancelCause(ctx)
	go w.g.keepUpload(ctx, w.in.upload, w.g.settings.SilenceAfter/12, stop)
	return func() { stop(nil) }
}

// keep seals what came and keeps it as a piece, and passes the turn on to the upload of the next. Not to be kept are
// bytes that were not checked, and those that would make the file whole and do not.
func (w *arriving) keep(ctx context.Context, content []byte, not bool) error {
	if len(content) == 0 || not {
		return nil
	}
	in := w.in
	piece, err := w.g.vault.PutPiece(ctx, vault.Arriving{
		Organisation: string(w.by.organisation.ID),
		Arrival:      in.arrival.ID,
		Object:       in.object,
		At:           w.at,
	}, content)
	if err != nil {
		return err
	}
	next := register.Upload{ID: register.UploadID(register.NewID("upl_")), Organisation: w.by.organisation.ID,
		Person: w.by.person, Object: arrivalObject(in.arrival.ID)}
	err = w.g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		next.OpenedAt = v.at
		kept := register.Piece{At: piece.At, Size: piece.Size, Upload: in.upload, WrappedKey: piece.WrappedKey}
		err := v.register.AddPiece(ctx, v.tx, in.arrival.ID, kept, next)
		if err != nil || w.part.Sum != nil { // what is to be checked is counted when it was
			return err
		}
		return v.register.CountPieces(ctx, v.tx, in.arrival.ID, next.ID, piece.At+piece.Size)
	})
	if err != nil {
		return w.lost(err)
	}
	in.upload, in.object = next.ID, next.Object
	w.at += piece.Size
	return nil
}

// broken gives up what was to be checked and was not.
func (w *arriving) broken(ctx context.Context, why error) error {
	if w.part.Sum == nil {
		return why
	}
	err := w.g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		found, err := v.register.Arrival(ctx, v.tx, w.by.person, w.in.arrival.ID, v.at, true)
		if err != nil || found.Upload != w.in.upload {
			return err
		}
		return v.register.DropUncounted(ctx, v.tx, found, v.at)
	})
	if err != nil { // whoever has the turn next gives it up
		w.g.logger.Warn("pieces left to the next turn", "arrival", w.in.arrival.ID, "error", err)
	}
	return why
}

// lost tells that another call took the turn, or that the arrival was given up.
func (w *arriving) lost(err error) error {
	if missingRecord(err) {
		return fmt.Errorf("%w: %w", ErrTurn, err)
	}
	return err
}

// counted tells how far the file has come once a part has ended before the file.
func (w *arriving) counted(ctx context.Context) (Arrival, error) {
	if w.part.Sum != nil && w.came > 0 {
		err := w.g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			return w.lost(v.register.CountPieces(ctx, v.tx, w.in.arrival.ID, w.in.upload, w.at))
		})
		if err != nil {
			return Arrival{}, w.g.fault(w.in.act, err)
		}
	}
	out := arrivalView(*w.in.arrival)
	out.Arrived = w.at
	return out, nil
}

// finish does with the whole what Stage does with a file that comes in one piece; last are its last bytes, which are
// in no piece.
func (w *arriving) finish(ctx context.Context, last []byte) (Arrival, error) {
	in := w.in
	var err error
	if in.pieces, err = w.g.pieces(ctx, in.arrival.ID); err != nil {
		return Arrival{}, w.g.fault(in.act, err)
	}
	in.preview = w.g.drawPreview
	staged, err := takeIn(ctx, w.g, w.by, in, func() (io.Reader, ContentPart, error) {
		return bytes.NewReader(last), in.part, nil
	}, act[Staged]{do: func(ctx context.Context, v *visit) (Staged, error) { return v.stage(ctx, in) }},
		func(Staged) bool { return true })
	if err != nil {
		if in.refusedForGood(err) {
			err = errors.Join(err, w.g.dropArrival(ctx, in.arrival.ID))
		}
		return Arrival{}, err
	}
	return arrived(staged), nil
}

// refusedForGood reports whether the rules refused what was found: sending it again would not help.
func (in *intake) refusedForGood(err error) bool {
	var r *Refusal
	if !errors.As(err, &r) || r.RetryAfter > 0 || in.facts == nil || in.facts.NotInspected {
		return false
	}
	switch r.Reasons[0].Code {
	case codeLog, codeStorage, codeKeys, codeAltered:
		return false
	}
	return true
}
