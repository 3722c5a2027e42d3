package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

// How far a version is on its way into the platform's folder.
const (
	inIntended = "intended" // a disclosure is asked for, under the key
	inNaming   = "naming"   // the hidden file is whole and on the disk: it is given its name, and by nothing else
	inDone     = "done"
	inRefused  = "refused"
)

// inbound is the record of one version.
type inbound struct {
	Step     string         `json:"step"`
	Version  api.VersionID  `json:"version"`
	Document api.DocumentID `json:"document"`
	Key      string         `json:"key"` // Idempotency-Key of the disclosure
	Name     string         `json:"name,omitempty"`
	SHA256   string         `json:"sha256,omitempty"`
	partial
	// Seen is the digest of the question that a refusal followed: another one is asked at once, the same after a pause.
	Seen string `json:"seen,omitempty"`
	Code string `json:"code,omitempty"`
	putOff
}

func inRecord(v api.VersionID) string { return url.PathEscape(string(v)) + ".json" }

// part is the hidden file; loaders leave hidden files alone.
func part(v api.VersionID) string { return ".chancery-" + url.PathEscape(string(v)) + ".part" }

// receive brings in what is granted for the purpose and was not brought in before.
func (s *syncing) receive(ctx context.Context) (faults []error) {
	done := map[api.VersionID]bool{}
	for _, box := range []string{"mine", "for-us"} {
		query := url.Values{"box": {box}, "state": {string(api.RequestStateInForce)}}
		err := s.g.each(ctx, "/requests", query, maxRequests, func(raw json.RawMessage) error {
			var r api.AccessRequest
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			if r.Purpose != s.purpose || done[r.Version] || !lets(r, s.me) {
				return nil
			}
			done[r.Version] = true
			if err := s.bring(ctx, r, raw); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", printable(string(r.Document)), err))
			}
			return ctx.Err()
		})
		if err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) == 0 {
		if err := s.forget(done); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// lets reports whether a request is for the caller: asked by it for its own organisation, naming it, or admitting it.
func lets(r api.AccessRequest, me api.Me) bool {
	if r.For.Organisation != me.Organisation.Id {
		return false
	}
	named := r.For.People != nil && slices.Contains(*r.For.People, me.Person)
	return named || r.AskedBy == me.Person || slices.Contains(r.Admitted, me.Person)
}

// maxRequests bounds what one pass looks through.
const maxRequests = 10_000

// bring takes one version from where its record says that it is.
func (s *syncing) bring(ctx context.Context, r api.AccessRequest, raw []byte) error {
	record, j := inRecord(r.Version), inbound{}
	if _, err := s.inKept.in.kept(record, &j); err != nil {
		return err
	}
	seen, err := s.asks(raw)
	if err != nil {
		return err
	}
	switch {
	case j.Step == inDone, j.Step == inRefused && j.Seen == seen && !j.due(time.Now()):
		return nil
	case j.Step == inNaming:
		whole, err := s.name(record, &j)
		if err != nil || whole {
			return err
		}
	case j.Step != inIntended:
		before := j
		j = inbound{Step: inIntended, Version: r.Version, Document: r.Document, Key: rand.Text(), Seen: seen}
		if before.Seen == seen {
			j.putOff = before.putOff
		}
		if err := s.keepIn(record, &j); err != nil {
			return err
		}
		reached("in-intended")
	}
	err = s.fetch(ctx, r, record, &j)
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusGone { // the permit is over: begin anew
		j.Key = rand.Text()
		if err := s.keepIn(record, &j); err != nil {
			return err
		}
		err = s.fetch(ctx, r, record, &j)
	}
	if code := reasonOf(err); code != "" { // what is refused leaves nothing of the document here
		return errors.Join(refused(err), s.leave(r, record, &j, seen, code))
	}
	return refused(err)
}

func (s *syncing) keepIn(record string, j *inbound) error { return s.inKept.in.keep(record, j, 0o600) }

// final reports whether a refusal stands until something changes.
func final(p *client.Problem) bool {
	return p.RetryAfter == 0 && slices.Contains([]int{400, 403, 404, 409, 410, 412, 413, 415, 422}, p.Status)
}

// fetch asks for the disclosure, brings the bytes onto the disk, hidden, and names them.
func (s *syncing) fetch(ctx context.Context, r api.AccessRequest, record string, j *inbound) error {
	reading := api.Reading{Purpose: &s.purpose, Statement: &s.statement, Form: &s.form, Version: &r.Version}
	if r.ConditionsSha256 != nil && slices.Contains(s.conditions, *r.ConditionsSha256) {
		reading.ConditionsSha256 = r.ConditionsSha256
	}
	made, err := client.Post[api.Disclosure](ctx, s.g.Client, under("documents", string(r.Document), "disclosures"),
		reading, "Idempotency-Key", j.Key)
	if err != nil {
		return err
	}
	reached("in-disclosed")
	d, err := s.g.ready(ctx, made.Body)
	if err != nil {
		return err
	}
	if err := s.download(ctx, d, record, j); err != nil {
		return err
	}
	j.SHA256 = *orZero(d.Sha256)
	reached("in-fetched")
	if j.Name, err = platformName(told(d.FileName), d.Version); err != nil {
		return err
	}
	if err := s.mark(ctx, r, d, j); err != nil {
		return err
	}
	reached("in-marked")
	j.Step = inNaming
	if err := s.keepIn(record, j); err != nil {
		return err
	}
	reached("in-naming")
	if whole, err := s.name(record, j); err != nil || whole {
		return err
	}
	return errOther
}

// download brings the hidden file onto the disk. What an earlier attempt brought of the same disclosure is gone on
// with.
func (s *syncing) download(ctx context.Context, d api.Disclosure, record string, j *inbound) error {
	err := j.complete(ctx, s.g, arriving{
		path:       filepath.Join(s.in, part(d.Version)),
		mode:       0o640, // the platform's group may read it
		disclosure: d,
		moved:      inSteps("came", nil),
		keep:       func() error { return s.keepIn(record, j) },
	})
	if err != nil {
		return err
	}
	return disk.SyncIn(s.inAt.Root)
}

// forget removes what came in part, and was not touched for long, of versions that nobody grants any more: what was
// withdrawn meanwhile does not lie here.
func (s *syncing) forget(granted map[api.VersionID]bool) error {
	records, err := fs.Glob(s.inKept.in.FS(), "*.json")
	if err != nil {
		return err
	}
	for _, record := range records {
		var j inbound
		if _, err := s.inKept.in.kept(record, &j); err != nil {
			return err
		}
		if granted[j.Version] || j.Step != inIntended && j.Step != inNaming {
			continue
		}
		if info, err := s.inAt.Lstat(part(j.Version)); err != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if err := s.drop(record, &j); err != nil {
			return err
		}
	}
	return nil
}

// drop removes what came of a version. Its record says first that nothing was named.
func (s *syncing) drop(record string, j *inbound) error {
	j.Step, j.partial = inIntended, partial{}
	if err := s.keepIn(record, j); err != nil {
		return err
	}
	if err := s.inAt.Remove(part(j.Version)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
