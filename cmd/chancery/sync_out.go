package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

// How far a file is on its way out of the platform's folder.
const (
	outClaimed   = "claimed" // it belongs to sync; its manifest comes first, then the file
	outSending   = "sending" // the gateway may have it
	outDeposited = "deposited"
	outRefused   = "refused"
)

// maxDoubt is how long a gateway is sure to know that a deposit was made under its key; it keeps keys for 48 hours.
const maxDoubt = 40 * time.Hour

// outbound is the record of one file: claim.json in a folder of its own, which is named by the deposit's
// Idempotency-Key.
type outbound struct {
	Step     string    `json:"step"`
	Name     string    `json:"name"`
	SentAt   time.Time `json:"sent_at,omitzero"`
	Document string    `json:"document,omitempty"`
	LogEntry string    `json:"log_entry,omitempty"`
	Marking  string    `json:"marking,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
	Staged   string    `json:"staged,omitempty"` // a large file, whole at the gateway: outSending is its deposit alone
	Code     string    `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`

	dir, key string
}

const (
	claimFile    = "claim.json"
	claimedFile  = "file"
	claimedWords = "manifest.json"
	manifestEnd  = ".manifest.json"
)

func (o *outbound) keep() error { return keep(filepath.Join(o.dir, claimFile), o) }

// send goes on with what was begun, then takes what stands in the folder.
func (s *syncing) send(ctx context.Context) (faults []error) {
	begun, err := os.ReadDir(filepath.Join(s.out, stateFolder, "out"))
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
		info, err := os.Lstat(filepath.Join(s.out, name))
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
func (s *syncing) take(ctx context.Context, name string) error {
	_, err := os.Lstat(filepath.Join(s.out, name+manifestEnd))
	if errors.Is(err, os.ErrNotExist) && s.manifest == "" {
		return s.tell(tells{What: "waiting", File: name}) // for its manifest
	}
	o := &outbound{Step: outClaimed, Name: name, key: rand.Text()}
	o.dir = filepath.Join(s.out, stateFolder, "out", o.key)
	if err := os.Mkdir(o.dir, 0o700); err != nil {
		return err
	}
	if err := o.keep(); err != nil {
		return err
	}
	reached("out-claimed")
	return s.carry(ctx, o)
}

// resume goes on where another run ended.
func (s *syncing) resume(ctx context.Context, key string) error {
	o := &outbound{dir: filepath.Join(s.out, stateFolder, "out", key), key: key}
	found, err := kept(filepath.Join(o.dir, claimFile), o)
	if err != nil {
		return err
	}
	if !found { // ended before anything was claimed
		return os.RemoveAll(o.dir)
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
			return os.RemoveAll(o.dir)
		}
	}
	if o.Step == outClaimed || o.Step == outSending {
		if err := s.deposit(ctx, o); err != nil {
			return err
		}
	}
	return s.settle(o)
}

// claim moves manifest and file into the claim's folder, in this order, so that a file there has its manifest.
func (s *syncing) claim(o *outbound) (there bool, err error) {
	claimed, words := filepath.Join(o.dir, claimedFile), filepath.Join(o.dir, claimedWords)
	if _, err := os.Lstat(claimed); err == nil {
		return true, nil
	}
	if err := moved(filepath.Join(s.out, o.Name+manifestEnd), words); err != nil {
		return false, err
	}
	if _, err := os.Lstat(words); errors.Is(err, os.ErrNotExist) && s.manifest != "" {
		text, err := readSmall(s.manifest)
		if err != nil {
			return false, err
		}
		if err := disk.Replace(words, text); err != nil {
			return false, err
		}
	}
	reached("out-declared")
	if err := moved(filepath.Join(s.out, o.Name), claimed); err != nil {
		return false, err
	}
	reached("out-moved")
	info, err := os.Lstat(claimed)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular(): // exchanged for a link meanwhile: what it leads to is nobody's to deposit
		return false, errors.Join(fmt.Errorf("%s is no file", printable(o.Name)), os.Remove(claimed))
	}
	return true, errors.Join(disk.SyncFolder(o.dir), disk.SyncFolder(s.out))
}

// moved renames a file, if it is there.
func moved(from, to string) error {
	if err := os.Rename(from, to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// deposit sends the file under the claim's key. What the rules refuse is refused for good; what failed is tried again
// at the next pass.
func (s *syncing) deposit(ctx context.Context, o *outbound) error {
	claimed := filepath.Join(o.dir, claimedFile)
	if o.Step == outSending {
		if since := time.Since(o.SentAt); since < 0 || since > maxDoubt {
			return o.refuse("sync/in-doubt", "it was being sent when this machine ended, at "+
				o.SentAt.UTC().Format(time.RFC3339)+" by its clock, and too long ago, or the clock was set: whether "+
				"the gateway "+
				"has it is not known. Look: chancery doc list. Then put it into the folder again, or leave it")
		}
	}
	digest, err := digestOfFile(claimed)
	if err != nil {
		return err
	}
	metadata, err := s.declared(o)
	if err != nil {
		return o.refuse("sync/bad-manifest", err.Error())
	}
	o.SHA256, metadata.Sha256 = digest, &digest
	f, size, err := openRegular(claimed)
	if err != nil {
		return err
	}
	defer f.Close()
	var d api.Document
	if size > inParts {
		d, err = s.sendInParts(ctx, o, f, size, metadata)
	} else if err = o.sending(""); err == nil {
		d, err = s.g.Deposit(ctx, metadata, client.File{Name: o.Name, Size: size, Body: f, Key: o.key})
	}
	var problem *client.Problem
	if errors.As(err, &problem) && final(problem) && !passes(err) {
		if o.Staged != "" {
			_ = s.g.Unstage(ctx, o.Staged) // else it goes by itself after a day
		}
		return o.refuse(problem.Code, refusal(problem).Error())
	}
	if err != nil {
		return refused(err)
	}
	reached("out-deposited")
	o.Step, o.Document, o.LogEntry, o.Marking = outDeposited, string(d.Id), told(d.LogEntry), string(d.Marking)
	return o.keep()
}

// sending keeps that the gateway may have the document from here on.
func (o *outbound) sending(staged string) error {
	if o.Step == outClaimed || o.Staged != staged {
		o.Step, o.SentAt, o.Staged = outSending, time.Now().UTC(), staged
		if err := o.keep(); err != nil {
			return err
		}
	}
	reached("out-sending")
	return nil
}

// sendInParts goes on where another run ended, as long as the file is the same.
func (s *syncing) sendInParts(ctx context.Context, o *outbound, f *os.File, size int64, metadata api.DepositMetadata) (
	api.Document, error) {
	l := inPartsOf(f, size, o.SHA256, metadata)
	l.Name, l.Key = o.Name, "sync-"+o.key+"-"+o.SHA256
	l.key, l.staged, l.whole = o.key, o.Staged, o.sending
	return s.g.depositInParts(ctx, l)
}

// passes reports whether a refusal is of the sending of a file alone and not of what it is: others wait, or the upload
// is gone.
func passes(err error) bool {
	var unsent *notStaged
	var problem *client.Problem
	return errors.As(err, &unsent) && errors.As(err, &problem) &&
		(problem.Status == http.StatusConflict || problem.Status == http.StatusNotFound)
}

func (o *outbound) refuse(code, reason string) error {
	o.Step, o.Code, o.Reason = outRefused, code, reason
	return o.keep()
}

func (s *syncing) declared(o *outbound) (api.DepositMetadata, error) {
	text, err := readSmall(filepath.Join(o.dir, claimedWords))
	if err != nil {
		return api.DepositMetadata{}, err
	}
	said := declaration{}
	metadata, err := said.metadata(text)
	if err != nil {
		return metadata, err
	}
	if metadata.Title == nil {
		metadata.Title = &o.Name
	}
	if metadata.Marking == nil || *metadata.Marking == "" {
		return metadata, errors.New("the manifest bears no marking: Article 4(9) asks for one")
	}
	return metadata, nil
}

// settle moves the file to processed or error, after what is told of it, and lets go of the claim.
func (s *syncing) settle(o *outbound) error {
	folder, end, what := filepath.Join(s.out, "processed"), ".receipt.json", "deposited"
	if o.Step == outRefused {
		folder, end, what = filepath.Join(s.out, "error"), ".reason.json", "refused"
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	target := filepath.Join(folder, o.key[:8]+"-"+o.Name) // two of the same name never meet
	if err := keep(target+end, o); err != nil {
		return err
	}
	reached("out-told")
	if err := moved(filepath.Join(o.dir, claimedWords), target+manifestEnd); err != nil {
		return err
	}
	if err := moved(filepath.Join(o.dir, claimedFile), target); err != nil {
		return err
	}
	if err := errors.Join(disk.SyncFolder(folder), disk.SyncFolder(o.dir)); err != nil {
		return err
	}
	reached("out-settled")
	if err := os.RemoveAll(o.dir); err != nil {
		return err
	}
	reached("out-done")
	err := s.tell(tells{
		What:     what,
		File:     o.Name,
		Document: o.Document,
		Marking:  o.Marking,
		SHA256:   o.SHA256,
		LogEntry: o.LogEntry,
		Code:     o.Code,
	})
	if err == nil && o.Step == outRefused {
		return &failure{exitRefused, fmt.Errorf("%s", o.Reason)}
	}
	return err
}
