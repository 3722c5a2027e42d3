package exchange

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

// MirrorCheckpoint is the newest signed checkpoint (C2SP tlog-checkpoint), for witnesses and mirrors: nobody is asked
// who they are, and nothing is entered. Who serves it says so in the configuration.
func (g *Gateway) MirrorCheckpoint(ctx context.Context) ([]byte, error) {
	signed, err := g.sequencer.Checkpoint(ctx)
	return signed, g.fault(article4.ActReadLog, err)
}

// MirrorTile is LogTile for witnesses and mirrors. Leaf data names the Parties and how many entries each may open, and
// tells nothing of what it closes over.
func (g *Gateway) MirrorTile(ctx context.Context, path string) ([]byte, error) {
	level, index, width, err := sequencer.ParseTilePath(path)
	if err != nil {
		return nil, invalid.One(invalid.NotATile, "path", "")
	}
	var out []byte
	err = g.lookUp(ctx, func(tx *postgres.Tx) error {
		var err error
		out, err = g.tile(ctx, tx, level, index, width)
		return err
	})
	if errors.Is(err, errAbsent) {
		return nil, &NotFound{What: "tile"}
	}
	return out, g.fault(article4.ActReadLog, err)
}

// tile is one of hashes, or of leaf data.
func (g *Gateway) tile(ctx context.Context, tx *postgres.Tx, level int, index int64, width int) ([]byte, error) {
	read := func() ([]byte, error) { return g.sequencer.TreeTile(ctx, tx, level, index, width) }
	if level == sequencer.EntriesLevel {
		read = func() ([]byte, error) { return g.sequencer.EntryTile(ctx, tx, index, width) }
	}
	out, err := read()
	if errors.Is(err, sequencer.ErrNotFound) {
		return nil, errAbsent
	}
	return out, err
}
