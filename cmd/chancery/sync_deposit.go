package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// maxDoubt is how long a gateway is sure to know that a deposit was made under its key; it keeps keys for 48 hours.
const maxDoubt = 40 * time.Hour

// skew is how far the clocks of two replicas of a gateway may be apart.
const skew = time.Hour

// deposit sends the file under the claim's key. What the rules refuse is refused for good; what failed is tried again
// at the next pass.
func (s *syncing) deposit(ctx context.Context, o *outbound) error {
	if o.Step == outSending {
		now, err := s.gatewayTime(ctx)
		if err != nil {
			return err
		}
		if since := now.Sub(o.SentAt); since < -skew || since > maxDoubt {
			return o.refuse("sync/in-doubt", "it was being sent when this machine ended, after "+
				o.SentAt.UTC().Format(time.RFC3339)+" by the gateway's clock, and too long ago, or the clock was set: "+
				"whether the gateway has it is not known. Look: chancery doc list. Then put it into the folder again, "+
				"or leave it")
		}
	}
	f, size, err := o.at.file(claimedFile)
	if err != nil {
		return err
	}
	defer f.Close()
	digest, _, err := digestOf(f)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	metadata, err := s.declared(o)
	var broken *fs.PathError
	if errors.As(err, &broken) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil {
		return o.refuse("sync/bad-manifest", printable(err.Error()))
	}
	o.SHA256, metadata.Sha256 = digest, &digest
	var d api.Document
	if size > inParts {
		d, err = s.sendInParts(ctx, o, f, size, metadata)
	} else if err = s.sending(o, ""); err == nil {
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

// gatewayTime is the gateway's clock: this machine's stands still while it is suspended, and may be set.
func (s *syncing) gatewayTime(ctx context.Context) (time.Time, error) {
	me, err := client.Get[api.Me](ctx, s.g.Client, "/me", nil)
	if err != nil {
		return time.Time{}, refused(err)
	}
	if me.Date.IsZero() {
		return time.Time{}, errors.New("the gateway's answers tell no time, by which to see whether a deposit that " +
			"was under way may be sent again: no proxy may take Date off them")
	}
	return me.Date, nil
}

// sending keeps that the gateway may have the document from here on.
func (s *syncing) sending(o *outbound, staged string) error {
	if o.Step == outClaimed || o.Staged != staged {
		o.Step, o.SentAt, o.Staged = outSending, s.asOf.UTC(), staged
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
	l.key, l.staged, l.whole = o.key, o.Staged, func(staged string) error { return s.sending(o, staged) }
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
	text, err := o.at.read(claimedWords)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = o.at.read(sharedWords)
	}
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
