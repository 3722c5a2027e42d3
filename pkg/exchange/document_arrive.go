package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// pieceSize is the most that is held in memory of what arrives before it is sealed and kept, in bytes.
const pieceSize = 4 << 20

// leastPiece is what the pieces of a large file have at least in the mean, in bytes: senders decide on it.
const leastPiece = 128 << 10

// Why bytes of an arrival are not taken.
var (
	// ErrOffset says that other bytes are wanted next: Arrival tells which.
	ErrOffset = errors.New("other bytes are wanted next")
	// ErrTurn says that somebody else is sending to the same arrival.
	ErrTurn = errors.New("another call is sending to the same file")
	// ErrChecksum says that what came has another checksum than was stated; none of it is kept.
	ErrChecksum = errors.New("the checksum is another")
	// ErrMoreThanDeclared says that more bytes came than the whole file has; none of the last are kept.
	ErrMoreThanDeclared = errors.New("more bytes than the file has")
)

// Arrival tells how far a file has come that is staged over a line that breaks. Its sender alone sees it.
type Arrival struct {
	ID        string          // "stg_…": of the staged file as soon as it is whole
	Size      int64           // of the whole, in bytes
	Arrived   int64           // bytes that are kept, durably; Size once the file is whole and was accepted
	SHA256    article4.Digest // of the whole; empty until then
	ExpiresAt time.Time
}

// Part is what one call brings of an arrival.
type Part struct {
	Offset  int64     // bytes of the file before it
	Size    int64     // in bytes; -1 when not known
	Content io.Reader // its reads must end by themselves
	Sum     hash.Hash // what its checksum is made with; nil: none was stated
	Want    []byte    // the checksum that was stated
}

// arrivalSaid is what was declared of an arrival, sealed: what it says of whose it is holds the row to what the gateway
// wrote.
type arrivalSaid struct {
	Person    article4.PersonID   `json:"person"`
	Document  article4.DocumentID `json:"document,omitempty"` // whose new version it is to be
	Size      int64               `json:"size"`
	Marking   article4.Marking    `json:"marking"`
	FileName  string              `json:"file_name"`
	MediaType string              `json:"media_type"`
	SHA256    article4.Digest     `json:"sha256"`
}

// BeginArrival begins to stage a file that comes over a line that may break, never before its marking (Article 4(9)):
// the same is decided as for a file that comes in one piece. Nothing is read yet. f.Size has to be known.
func (g *Gateway) BeginArrival(ctx context.Context, a Actor, f StagedFile, part ContentPart) (Arrival, error) {
	if err := f.check(); err != nil {
		return Arrival{}, err
	}
	in := toStage(f)
	in.part = part
	if f.Size == 0 || f.Size > g.settings.MaxUpload {
		in.facts = &article4.FoundFacts{Empty: f.Size == 0, TooLarge: f.Size > 0, SizeMatches: true,
			DigestMatches: true, TypeMatches: true}
	}
	return perform(ctx, g, a, act[Arrival]{
		operation: in.operation(in.declare),
		do:        func(ctx context.Context, v *visit) (Arrival, error) { return v.beginArrival(ctx, in) },
		made:      func(t Arrival) string { return t.ID },
		replay:    func(ctx context.Context, made string) (Arrival, error) { return g.Arrival(ctx, a, made) },
	})
}

func (v *visit) beginArrival(ctx context.Context, in *intake) (Arrival, error) {
	if err := stagingRoom(ctx, v); err != nil {
		return Arrival{}, err
	}
	said, err := json.Marshal(arrivalSaid{
		Person:    v.actor.person,
		Document:  in.document,
		Size:      in.meta.Size,
		Marking:   in.meta.Marking,
		FileName:  in.part.FileName,
		MediaType: in.meta.MediaType,
		SHA256:    in.meta.SHA256,
	})
	if err != nil {
		return Arrival{}, err
	}
	arrival := register.Arrival{
		ID:           register.NewID("stg_"),
		Organisation: v.actor.organisation.ID,
		Person:       v.actor.person,
		Said:         string(said),
		Size:         in.meta.Size,
		BegunAt:      v.at,
		ExpiresAt:    v.at.Add(stagedFor),
	}
	return arrivalView(arrival), v.register.AddArrival(ctx, v.tx, arrival)
}

func arrivalView(a register.Arrival) Arrival {
	return Arrival{ID: a.ID, Size: a.Size, Arrived: a.Arrived, ExpiresAt: a.ExpiresAt}
}

// Arrival tells how far one of the caller's own has come, or that it is whole; anybody else's is absent.
func (g *Gateway) Arrival(ctx context.Context, a Actor, id string) (Arrival, error) {
	return shown(ctx, g, a, operation{act: article4.ActDescribe, what: "staged file", target: id},
		func(ctx context.Context, v *visit) (Arrival, error) {
			found, err := g.register.Arrival(ctx, v.tx, a.person, id, v.at, false)
			if err == nil {
				_, err = saidOf(found)
				return arrivalView(found), err
			}
			if !missingRecord(err) {
				return Arrival{}, err
			}
			whole, err := g.register.Staged(ctx, v.tx, a.person, id, v.at)
			if err != nil {
				return Arrival{}, err
			}
			s, err := stagedView(whole)
			return arrived(s), err
		})
}

// arrived is an arrival that is whole.
func arrived(s Staged) Arrival {
	return Arrival{ID: s.ID, Size: s.Size, Arrived: s.Size, SHA256: s.SHA256, ExpiresAt: s.ExpiresAt}
}

func saidOf(a register.Arrival) (arrivalSaid, error) {
	var said arrivalSaid
	if err := json.Unmarshal([]byte(a.Said), &said); err != nil {
		return said, fmt.Errorf("arrival %s: %w", a.ID, err)
	}
	if said.Person != a.Person || said.Size != a.Size {
		return said, fmt.Errorf("arrival %s: %w", a.ID, register.ErrAltered)
	}
	return said, nil
}

// EndArrival gives one of the caller's own up, whole or not, at once. It is no act under the Arrangement and has no
// entry.
func (g *Gateway) EndArrival(ctx context.Context, a Actor, id string) error {
	if _, err := g.Arrival(ctx, a, id); err != nil {
		return err
	}
	return g.fault(article4.ActDescribe, g.dropArrival(ctx, id))
}

func (g *Gateway) dropArrival(ctx context.Context, id string) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		if err := g.register.DropArrival(ctx, v.tx, id, v.at); err != nil {
			return err
		}
		return g.register.DropStaged(ctx, v.tx, id, v.at)
	})
}

// Arrive takes the next bytes of an arrival; they are sealed piece by piece, and each piece is durable before it is
// counted. One call at a time has the turn, on all replicas together. The bytes that make the file whole are counted
// only when the file was inspected, decided on and sealed as any that is staged: until then they are wanted again. Of
// what breaks off the part that came is kept, unless it was to be held against a checksum. What the rules refuse leaves
// nothing. Errors beside those of Stage: ErrOffset, ErrTurn, ErrChecksum, ErrMoreThanDeclared.
func (g *Gateway) Arrive(ctx context.Context, a Actor, id string, p Part) (Arrival, error) {
	a.attempt = nil // an offset says by itself what was done before
	said, err := g.saidOfArrival(ctx, a, id)
	if err != nil {
		return Arrival{}, err
	}
	in := toStage(StagedFile{Document: said.Document})
	o := in.operation(func(ctx context.Context, v *visit) error { return in.fromArrival(ctx, v, id) })
	o.what, o.target = "staged file", id
	_, err = perform(ctx, g, a, act[bool]{operation: o, do: func(ctx context.Context, v *visit) (bool, error) {
		return true, v.takeTurn(ctx, in, p)
	}})
	if err != nil {
		return Arrival{}, err
	}
	// Whoever hangs up does not stop what has come from being kept, nor the whole from being decided on.
	w := &arriving{g: g, by: a, in: in, part: p, at: p.Offset}
	return w.take(context.WithoutCancel(ctx))
}

// saidOfArrival is what was declared of one of the caller's own. Of what is not there it is nothing: the act that asks
// answers so.
func (g *Gateway) saidOfArrival(ctx context.Context, a Actor, id string) (said arrivalSaid, err error) {
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, err := g.register.Arrival(ctx, v.tx, a.person, id, v.at, false)
		if missingRecord(err) {
			return nil
		}
		if err == nil {
			said, err = saidOf(found)
		}
		return err
	})
	return said, err
}

// fromArrival puts before the rules what was declared of an arrival.
func (in *intake) fromArrival(ctx context.Context, v *visit, id string) error {
	found, err := v.register.Arrival(ctx, v.tx, v.actor.person, id, v.at, true)
	if missingRecord(err) {
		return errAbsent
	}
	if err != nil {
		return err
	}
	said, err := saidOf(found)
	if err != nil {
		return err
	}
	in.arrival = &found
	in.part = ContentPart{FileName: said.FileName, MediaType: said.MediaType}
	in.meta = Metadata{Marking: said.Marking, MediaType: said.MediaType, Size: said.Size, SHA256: said.SHA256}
	in.object = arrivalObject(id)
	return in.declare(ctx, v)
}

// arrivalObject is a new object for a piece of an arrival, or for the whole of it.
func arrivalObject(id string) string { return documentObjects + id + "/" + register.NewID("") }

// takeTurn lets one call send what is wanted next.
func (v *visit) takeTurn(ctx context.Context, in *intake, p Part) error {
	switch left := in.arrival.Size - in.arrival.Arrived; {
	case p.Offset != in.arrival.Arrived:
		return ErrOffset
	case p.Size > left:
		return ErrMoreThanDeclared
	}
	busy, err := v.register.Writing(ctx, v.tx, in.arrival.Upload, v.at.Add(-v.settings.SilenceAfter/4))
	if err != nil {
		return err
	}
	if busy {
		return ErrTurn
	}
	pieces, err := v.register.Pieces(ctx, v.tx, in.arrival.ID)
	if err != nil {
		return err
	}
	if int64(len(pieces)) >= 1000+in.arrival.Size/leastPiece {
		return fmt.Errorf("%w: the file comes in too many pieces", ErrConflict)
	}
	if err := v.register.AbandonUpload(ctx, v.tx, in.arrival.Upload, v.at); err != nil {
		return err
	}
	if err := v.openUpload(ctx, in); err != nil {
		return err
	}
	return v.register.TakeTurn(ctx, v.tx, *in.arrival, in.upload, v.at)
}

// stageArrival makes way for the staged file that an arrival becomes, as long as this call has the turn.
func (v *visit) stageArrival(ctx context.Context, in *intake) error {
	found, err := v.register.Arrival(ctx, v.tx, v.actor.person, in.arrival.ID, v.at, true)
	if err == nil && found.Upload != in.upload || missingRecord(err) {
		return fmt.Errorf("%w: the upload was given up meanwhile", vault.ErrUnavailable)
	}
	if err != nil {
		return err
	}
	return v.register.DropArrival(ctx, v.tx, in.arrival.ID, v.at)
}

// pieces are those of an arrival as the vault takes them in again.
func (g *Gateway) pieces(ctx context.Context, id string) ([]vault.Piece, error) {
	var out []vault.Piece
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		found, err := g.register.Pieces(ctx, v.tx, id)
		out = make([]vault.Piece, len(found))
		for i, p := range found {
			out[i] = vault.Piece{Object: p.Object, WrappedKey: p.WrappedKey, At: p.At, Size: p.Size}
		}
		return err
	})
	return out, err
}
