package sequencer

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

// Publisher keeps the published log: tiles and entry bundles by their paths of C2SP tlog-tiles, and "checkpoint". What
// it answers as done is durable. Several replicas write to it at once, so it writes under conditions only.
type Publisher interface {
	// Create stores an object unless there is one; created is false where there was.
	Create(ctx context.Context, path string, data []byte) (created bool, err error)
	// Replace stores an object in the place of the one that has the tag; "" means that there is none. done is false
	// when that is not so any more.
	Replace(ctx context.Context, path string, data []byte, tag string) (done bool, err error)
	// Read gives an object of at most 1 MiB with its tag; nil and "" when there is none.
	Read(ctx context.Context, path string) (data []byte, tag string, err error)
	// Prune removes every object whose path begins with dir and a slash; none standing there is no error.
	Prune(ctx context.Context, dir string) error
}

const (
	checkpointPath = "checkpoint"
	publishEvery   = 250 * time.Millisecond
	publishTimeout = 10 * time.Second
	lastPublish    = 2 * time.Second // when the gateway ends
	// tooFarBehind is when content stops: a log that is not published can be rolled back without anybody noticing.
	tooFarBehind = 10 * time.Second
)

// published is what the store holds, as this replica last saw it.
type published struct {
	checkpoint ledger.Checkpoint // not valid: nothing was published yet
	tag        string
}

// CheckPublished refuses to go on when the store contradicts the database; it is called before anything is appended.
// The error wraps ErrInconsistent and says what it means and what to do; outages give other errors. Nothing is altered.
func (s *Sequencer) CheckPublished(ctx context.Context) error {
	if s.publisher == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if _, err := s.former(ctx); err != nil { // a key from before a rotation
		return err
	}
	// first: beside a replica that publishes, each of the three is at least the one before
	recorded, err := s.recordedPublished(ctx)
	if err != nil {
		return err
	}
	p, err := s.readPublished(ctx)
	if err != nil {
		return err
	}
	q := s.db.Gorm().Statement.ConnPool
	h, err := readHead(ctx, q, "")
	if err != nil {
		return err
	}
	size := p.checkpoint.Size()
	switch {
	case size > h.size:
		return fmt.Errorf("%w: the store holds a published tree of %s, the database one of %d. An older "+
			"backup of the database was put back, or the database or bucket is another gateway's. "+
			"To start would give the numbers from %d on a second meaning and fork the log, so nothing was started "+
			"and nothing was altered. "+
			"Put back the newest state of the database (its write-ahead log included). If the entries are lost for "+
			"good, tell both Parties' auditors, keep this bucket as evidence, and begin a new log with a new name, "+
			"key and bucket",
			ErrInconsistent, ledger.Several(size, "entry"), h.size, h.size)
	case size < recorded:
		return fmt.Errorf("%w: the store holds a published tree of %s, and the database recorded that %d "+
			"were published. An older bucket was put back, or objects were removed: documents may be missing as well. "+
			"Nothing was started and nothing was altered. Put back the newest state of the bucket. If there is none, "+
			"run `chanceryd log check --republish`, which publishes the log again from the database, and tell both "+
			"Parties' auditors",
			ErrInconsistent, ledger.Several(size, "entry"), recorded)
	}
	t := &tree{size: h.size, root: h.root}
	if err := s.extends(ctx, q, t, p.checkpoint); err != nil {
		return fmt.Errorf("the database does not hold what was published in the store; nothing was started: %w", err)
	}
	return s.edge(ctx, size)
}

// edge wants the newest tiles of the published tree to be in the store, at every level: what was removed lately, or
// left out when a bucket was put back. All of them `chanceryd log check` looks at.
func (s *Sequencer) edge(ctx context.Context, size int64) error {
	for _, tile := range tlog.NewTiles(height, max(0, size-1), size) {
		levels := []int{tile.L}
		if tile.L == 0 {
			levels = append(levels, EntriesLevel)
		}
		for _, level := range levels {
			data, err := s.readTile(ctx, level, tile)
			if err != nil {
				return fmt.Errorf("sequencer: published tiles: %w", err)
			}
			if len(data) == 0 {
				return fmt.Errorf("%w: %s was published and is missing in the store: it was removed, or a bucket was "+
					"put back without it. Nothing was started and nothing was altered. "+
					"Put back the newest state of the bucket. If there is none, run `chanceryd log check "+
					"--republish`, which publishes the log again from the database, and tell both Parties' auditors",
					ErrInconsistent, TilePath(level, tile.N, tile.W))
			}
		}
	}
	return nil
}

// readTile reads one published tile, or bundle of leaf data; nothing when it is missing. A partial one that is gone was
// pruned: the full one begins with the same bytes.
func (s *Sequencer) readTile(ctx context.Context, level int, tile tlog.Tile) ([]byte, error) {
	data, _, err := s.publisher.Read(ctx, TilePath(level, tile.N, tile.W))
	if err == nil && data == nil && tile.W < 1<<height {
		data, _, err = s.publisher.Read(ctx, TilePath(level, tile.N, 1<<height))
	}
	return data, err
}

// readPublished reads the checkpoint in the store, by any key that the log ever had.
func (s *Sequencer) readPublished(ctx context.Context) (published, error) {
	data, tag, err := s.publisher.Read(ctx, checkpointPath)
	if err != nil {
		return published{}, fmt.Errorf("sequencer: published checkpoint: %w", err)
	}
	if data == nil {
		return published{}, nil
	}
	c, err := s.open(ctx, data)
	if err != nil {
		return published{}, fmt.Errorf("the checkpoint published in the store (another gateway's bucket, another "+
			"key, or it was altered): %w", err)
	}
	return published{c, tag}, nil
}

func (s *Sequencer) recordedPublished(ctx context.Context) (int64, error) {
	var size int64
	err := s.db.Gorm().Statement.ConnPool.QueryRowContext(ctx, "SELECT size FROM log_published").Scan(&size)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("sequencer: what was published: %w", err)
	}
	return size, nil
}

// keepPublishing publishes the newest signed tree again and again until ctx ends, and then once more. Where the store
// contradicts that tree it publishes no more and says so.
func (s *Sequencer) keepPublishing(ctx context.Context) error {
	ticker := time.NewTicker(publishEvery)
	defer ticker.Stop()
	var p published
	failing := false
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastPublish)
			defer cancel()
			_, _ = s.publish(last, p) // what fails now, the next start publishes
			return nil
		case <-ticker.C:
		}
		began, aim := time.Now(), s.newest().Size()
		next, err := s.publish(ctx, p)
		if errors.Is(err, ErrInconsistent) {
			s.setPublished(p.checkpoint.Size(), aim, began, err)
			return err
		}
		if err != nil && ctx.Err() == nil && !failing {
			s.logger.WarnContext(ctx, "disclosure log cannot be published", slog.Any("error", err))
		}
		if err == nil && failing {
			s.logger.InfoContext(ctx, "disclosure log published again")
		}
		p, failing = next, err != nil
		s.setPublished(p.checkpoint.Size(), aim, began, err)
	}
}

// publish brings the store from what it holds to the newest signed tree: tiles first, the checkpoint last. When another
// replica was quicker, its checkpoint is read and counts.
func (s *Sequencer) publish(ctx context.Context, p published) (published, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	newest := s.newest()
	if !newest.Valid() || p.checkpoint.Valid() && newest.Size() == p.checkpoint.Size() {
		return p, nil
	}
	if !p.checkpoint.Valid() {
		var err error
		if p, err = s.readPublished(ctx); err != nil {
			return published{}, err
		}
		if p.checkpoint.Size() < newest.Size() {
			t := &tree{size: newest.Size(), root: newest.Root()}
			if err := s.extends(ctx, s.db.Gorm().Statement.ConnPool, t, p.checkpoint); err != nil {
				return published{}, err
			}
		}
	}
	if p.checkpoint.Size() >= newest.Size() && p.checkpoint.Valid() {
		return p, s.sameTree(ctx, newest, p.checkpoint)
	}
	if err := s.publishTiles(ctx, p.checkpoint.Size(), newest); err != nil {
		return p, err
	}
	done, err := s.publisher.Replace(ctx, checkpointPath, newest.Signed(), p.tag)
	if err != nil {
		return published{}, fmt.Errorf("sequencer: publish the checkpoint: %w", err)
	}
	// Read back for its new tag, without which the next Replace fails, and for what another replica may have put there.
	again, err := s.readPublished(ctx)
	if err != nil || !done {
		return published{}, err // read again in a moment
	}
	// After the store has it: CheckPublished takes a store that holds less than was recorded for an older bucket.
	if err := s.recordPublished(ctx, newest.Size()); err != nil {
		return again, err
	}
	s.prune(ctx, p.checkpoint.Size(), newest.Size())
	return again, nil
}

// prune removes the partial tiles of what stood incomplete at the edge of one tree and is complete in the next (C2SP
// tlog-tiles: whoever asks for a partial tile that is gone takes the full one). What it cannot remove harms nobody.
func (s *Sequencer) prune(ctx context.Context, from, to int64) {
	for level := 0; from>>(height*level) > 0; level++ {
		hashes := from >> (height * level)
		tile := hashes >> height
		if hashes&(1<<height-1) == 0 || to>>(height*(level+1)) <= tile {
			continue
		}
		dirs := []string{TilePath(level, tile, 1<<height) + ".p"}
		if level == 0 {
			dirs = append(dirs, TilePath(EntriesLevel, tile, 1<<height)+".p")
		}
		for _, dir := range dirs {
			if err := s.publisher.Prune(ctx, dir); err != nil {
				s.logger.InfoContext(ctx, "partial tiles stay in the store", slog.String("dir", dir),
					slog.Any("error", err))
			}
		}
	}
}

// sameTree looks at what another replica published: a tree that contradicts ours is not passed over in silence.
func (s *Sequencer) sameTree(ctx context.Context, ours, theirs ledger.Checkpoint) error {
	if theirs.Size() == ours.Size() && theirs.Root() != ours.Root() {
		return fmt.Errorf("%w: another tree of %s was published", ErrInconsistent,
			ledger.Several(ours.Size(), "entry"))
	}
	return s.recordPublished(ctx, ours.Size())
}

func (s *Sequencer) recordPublished(ctx context.Context, size int64) error {
	_, err := s.db.Gorm().Statement.ConnPool.ExecContext(ctx,
		`INSERT INTO log_published (size, at) VALUES ($1, clock_timestamp())
		ON CONFLICT (one) DO UPDATE SET size = excluded.size, at = excluded.at WHERE log_published.size <
		excluded.size`, size)
	if err != nil {
		return fmt.Errorf("sequencer: record what was published: %w", err)
	}
	return nil
}

// publishTiles writes the tiles and entry bundles by which the newest tree differs from one of from entries. Paths name
// the width, so nothing that was published is ever written over.
func (s *Sequencer) publishTiles(ctx context.Context, from int64, newest ledger.Checkpoint) error {
	q := s.db.Gorm().Statement.ConnPool
	for _, tile := range tlog.NewTiles(height, from, newest.Size()) {
		data, err := readTiles(ctx, q, []tlog.Tile{tile})
		if err != nil {
			return err
		}
		if err := s.create(ctx, TilePath(tile.L, tile.N, tile.W), data[0]); err != nil {
			return err
		}
		if tile.L > 0 {
			continue
		}
		first := tile.N << height
		leaves, err := readDecisions(ctx, q, first, first+int64(tile.W))
		if err != nil {
			return err
		}
		if len(leaves) != tile.W {
			return fmt.Errorf("%w: entries behind index %d are missing", ErrInconsistent, first)
		}
		if err := s.create(ctx, TilePath(EntriesLevel, tile.N, tile.W), entryBundle(leaves)); err != nil {
			return err
		}
	}
	return nil
}

// create publishes what is never altered: an object that is there already has to be the same.
func (s *Sequencer) create(ctx context.Context, path string, data []byte) error {
	created, err := s.publisher.Create(ctx, path, data)
	if err != nil {
		return fmt.Errorf("sequencer: publish %s: %w", path, err)
	}
	if created {
		return nil
	}
	stored, _, err := s.publisher.Read(ctx, path)
	if err != nil {
		return fmt.Errorf("sequencer: publish %s: %w", path, err)
	}
	if !bytes.Equal(stored, data) {
		return fmt.Errorf("%w: %s was published with other bytes", ErrInconsistent, path)
	}
	return nil
}

// setPublished notes how far publication is after an attempt that began with a signed tree of aim entries. When the
// store holds those, what is missing was signed after the attempt began: a log that grows without a pause is not behind
// for ever.
func (s *Sequencer) setPublished(size, aim int64, began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.Published, s.health.PublishErr = size, err
	switch {
	case size >= s.last.Size():
		s.health.behind = time.Time{}
	case size >= aim || s.health.behind.IsZero():
		s.health.behind = began
	}
}

// Behind is how long the published log has been behind the signed one; 0 without a Publisher, and when it is not.
func (s *Sequencer) Behind() time.Duration { return s.Health().Behind }

// Republish publishes the log from the database to a store that holds less of it, or nothing. It refuses what
// CheckPublished refuses, an older bucket apart.
func (s *Sequencer) Republish(ctx context.Context) error {
	if s.publisher == nil {
		return errors.New("sequencer: no publisher")
	}
	p, err := s.readPublished(ctx)
	if err != nil {
		return err
	}
	q := s.db.Gorm().Statement.ConnPool
	h, err := readHead(ctx, q, "")
	if err != nil {
		return err
	}
	t, err := s.load(ctx, q, h)
	if err != nil {
		return err
	}
	if err := s.extends(ctx, q, t, p.checkpoint); err != nil {
		return err
	}
	newest, err := s.installSeen(ctx, t)
	if err != nil {
		return err
	}
	if err := s.publishTiles(ctx, 0, newest); err != nil {
		return err
	}
	done, err := s.publisher.Replace(ctx, checkpointPath, newest.Signed(), p.tag)
	if err != nil {
		return fmt.Errorf("sequencer: publish the checkpoint: %w", err)
	}
	if !done {
		return errors.New("sequencer: somebody else publishes at the same time: stop the gateway first")
	}
	return s.recordPublished(ctx, newest.Size())
}
