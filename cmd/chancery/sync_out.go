package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"chancery.example/gateway/pkg/disk"
)

// How far a file is on its way out of the platform's folder.
const (
	outClaimed   = "claimed" // it belongs to sync; its manifest comes first, then the file
	outSending   = "sending" // the gateway may have it
	outDeposited = "deposited"
	outRefused   = "refused"
)

// outbound is the record of one file: claim.json in a folder of its own, which is named by the deposit's
// Idempotency-Key.
type outbound struct {
	Step     string    `json:"step"`
	Name     string    `json:"name"`
	SentAt   time.Time `json:"sent_at_gateway,omitzero"` // not later than it was sent, by the gateway's clock
	Document string    `json:"document,omitempty"`
	LogEntry string    `json:"log_entry,omitempty"`
	Marking  string    `json:"marking,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
	Staged   string    `json:"staged,omitempty"` // a large file, whole at the gateway: outSending is its deposit alone
	Code     string    `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`

	at  place // its folder
	key string
}

const (
	claimFile    = "claim.json"
	claimedFile  = "file"
	claimedWords = "manifest.json"
	sharedWords  = "shared.json" // a copy of --manifest, where the file has no manifest of its own
	manifestEnd  = ".manifest.json"
)

func (o *outbound) keep() error { return o.at.keep(claimFile, o, 0o600) }

// send goes on with what was begun, then takes what stands in the folder.
func (s *syncing) send(ctx context.Context) (faults []error) {
	begun, err := fs.ReadDir(s.outKept.out.FS(), ".")
	if err != nil {
		return []error{err}
	}
	for _, e := range begun {
		if err := s.resume(ctx, e.Name()); err != nil {
			faults = append(faults, err)
		}
	}
	names, err := filesOf(s.out)
	if err != nil {
		return append(faults, err)
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return append(faults, ctx.Err())
		}
		info, err := s.outAt.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || strings.HasSuffix(name, manifestEnd) {
			continue // gone meanwhile, no file, or what is declared of one
		}
		if err := s.take(ctx, name); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", printable(name), err))
		}
	}
	return faults
}

// take claims one file and deposits it.
func (s *syncing) take(ctx context.Context, name string) (err error) {
	if len(name) <= maxName && s.manifest == "" && s.outAt.absent(name+manifestEnd) {
		return s.tell(tells{What: "waiting", File: name}) // for its manifest
	}
	o := &outbound{Step: outClaimed, Name: name, key: rand.Text()}
	if o.at, err = s.outKept.out.made(o.key, 0o700); err != nil {
		return err
	}
	defer o.at.close()
	if err := o.keep(); err != nil {
		return err
	}
	reached("out-claimed")
	return s.carry(ctx, o)
}

// keys are those of rand.Text.
var keys = regexp.MustCompile(`^[A-Z2-7]{26,}$`)

// resume goes on where another run ended.
func (s *syncing) resume(ctx context.Context, key string) (err error) {
	o := &outbound{key: key}
	if !keys.MatchString(key) {
		return fmt.Errorf("%s is nothing that sync made", printable(filepath.Join(s.outKept.out.Name(), key)))
	}
	if o.at, err = s.outKept.out.open(key); err != nil {
		return err
	}
	defer o.at.close()
	found, err := o.at.kept(claimFile, o)
	if err != nil {
		return err
	}
	if !found { // ended before anything was claimed
		return s.outKept.out.RemoveAll(key)
	}
	if !plainName(o.Name) {
		return fmt.Errorf("%s names no file of the folder", printable(filepath.Join(o.at.Name(), claimFile)))
	}
	if err := s.carry(ctx, o); err != nil {
		return fmt.Errorf("%s: %w", printable(o.Name), err)
	}
	return nil
}

func (s *syncing) carry(ctx context.Context, o *outbound) error {
	if o.Step == outClaimed {
		there, err := s.claim(o)
		if err != nil {
			return err
		}
		if !there { // the platform took it back before it was claimed
			return s.giveBack(o)
		}
	}
	if o.Step == outClaimed && len(o.Name) > maxName {
		if err := o.refuse("sync/name-too-long", fmt.Sprintf("its name has %d bytes, and %d is the most: what is "+
			"told of it stands beside it under its name", len(o.Name), maxName)); err != nil {
			return err
		}
	}
	if o.Step == outClaimed || o.Step == outSending {
		if err := s.deposit(ctx, o); err != nil {
			return err
		}
	}
	return s.settle(ctx, o)
}

// claim moves manifest and file into the claim's folder, in this order, so that a file there has its manifest.
func (s *syncing) claim(o *outbound) (there bool, err error) {
	if o.at.absent(claimedFile) {
		if err := s.claimWords(o); err != nil {
			return false, err
		}
		reached("out-declared")
		if err := moved(s.outAt, o.Name, o.at, claimedFile); err != nil {
			return false, err
		}
		reached("out-moved")
	}
	info, err := o.at.Lstat(claimedFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular(): // exchanged for a link meanwhile: what it leads to is nobody's to deposit
		return false, nil
	}
	return true, errors.Join(disk.SyncIn(o.at.Root), disk.SyncIn(s.outAt.Root))
}

func (s *syncing) claimWords(o *outbound) error {
	if len(o.Name)+len(manifestEnd) <= longestName { // else it can have none
		if err := moved(s.outAt, o.Name+manifestEnd, o.at, claimedWords); err != nil {
			return err
		}
	}
	if s.manifest == "" || !o.at.absent(claimedWords) {
		return nil
	}
	text, err := readSmall(s.manifest)
	if err != nil {
		return err
	}
	return disk.ReplaceIn(o.at.Root, sharedWords, text, 0o640)
}

// giveBack lets go of a claim whose file is gone, or was none. What the platform put stands in its folder again, where
// nothing else took the name.
func (s *syncing) giveBack(o *outbound) error {
	for _, part := range [][2]string{{claimedFile, o.Name}, {claimedWords, o.Name + manifestEnd}} {
		if !s.outAt.absent(part[1]) {
			continue
		}
		if err := moved(o.at, part[0], s.outAt, part[1]); err != nil {
			return err
		}
	}
	if err := disk.SyncIn(s.outAt.Root); err != nil {
		return err
	}
	return s.outKept.out.RemoveAll(o.key)
}
