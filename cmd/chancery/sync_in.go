package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	// Seen is the digest of the request that a refusal followed: it is tried again once that has changed.
	Seen string `json:"seen,omitempty"`
	Code string `json:"code,omitempty"`
}

func (s *syncing) inRecord(v api.VersionID) string {
	return filepath.Join(s.in, stateFolder, "in", url.PathEscape(string(v))+".json")
}

// part is the hidden file; loaders leave hidden files alone.
func (s *syncing) part(v api.VersionID) string {
	return filepath.Join(s.in, ".chancery-"+url.PathEscape(string(v))+".part")
}

// receive brings in what is granted for the purpose and was not brought in before.
func (s *syncing) receive(ctx context.Context) (faults []error) {
	me, err := s.g.Me(ctx)
	if err != nil {
		return []error{refused(err)}
	}
	done := map[api.VersionID]bool{}
	for _, box := range []string{"mine", "for-us"} {
		query := url.Values{"box": {box}, "state": {string(api.RequestStateInForce)}}
		err := s.g.each(ctx, "/requests", query, maxRequests, func(raw json.RawMessage) error {
			var r api.AccessRequest
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			if r.Purpose != s.purpose || done[r.Version] || !lets(r, me) {
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
	path, j := s.inRecord(r.Version), inbound{}
	if _, err := kept(path, &j); err != nil {
		return err
	}
	digest := sha256.Sum256(raw)
	seen := hex.EncodeToString(digest[:])
	switch {
	case j.Step == inDone, j.Step == inRefused && j.Seen == seen:
		return nil
	case j.Step == inNaming:
		whole, err := s.name(path, &j)
		if err != nil || whole {
			return err
		}
	case j.Step != inIntended:
		j = inbound{Step: inIntended, Version: r.Version, Document: r.Document, Key: rand.Text(), Seen: seen}
		if err := keep(path, j); err != nil {
			return err
		}
		reached("in-intended")
	}
	err := s.fetch(ctx, r, path, &j)
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusGone { // the permit is over: begin anew
		j.Key = rand.Text()
		if err := keep(path, j); err != nil {
			return err
		}
		err = s.fetch(ctx, r, path, &j)
	}
	if errors.As(err, &problem) && final(problem) {
		if err := s.drop(path, &j); err != nil { // what is refused leaves nothing of the document here
			return err
		}
		j.Step, j.Seen, j.Code = inRefused, seen, problem.Code
		if err := keep(path, j); err != nil {
			return err
		}
		err := s.tell(tells{What: "refused", Document: string(r.Document), Version: string(r.Version),
			Code: problem.Code})
		return errors.Join(refusal(problem), err)
	}
	return refused(err)
}

// final reports whether a refusal stands until something changes.
func final(p *client.Problem) bool {
	return p.RetryAfter == 0 && slices.Contains([]int{400, 403, 404, 409, 410, 412, 413, 415, 422}, p.Status)
}

// fetch asks for the disclosure, brings the bytes onto the disk, hidden, and names them.
func (s *syncing) fetch(ctx context.Context, r api.AccessRequest, path string, j *inbound) error {
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
	if err := s.download(ctx, d, path, j); err != nil {
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
	if err := keep(path, j); err != nil {
		return err
	}
	reached("in-naming")
	_, err = s.name(path, j)
	return err
}

// download brings the hidden file onto the disk. What an earlier attempt brought of the same disclosure is gone on
// with.
func (s *syncing) download(ctx context.Context, d api.Disclosure, path string, j *inbound) error {
	err := j.complete(ctx, s.g, arriving{
		path:       s.part(d.Version),
		mode:       0o640, // the platform's group may read it
		disclosure: d,
		moved:      inSteps("came", nil),
		keep:       func() error { return keep(path, *j) },
	})
	if err != nil {
		return err
	}
	return disk.SyncFolder(s.in)
}

// forget removes what came in part, and was not touched for long, of versions that nobody grants any more: what was
// withdrawn meanwhile does not lie here.
func (s *syncing) forget(granted map[api.VersionID]bool) error {
	records, err := filepath.Glob(filepath.Join(s.in, stateFolder, "in", "*.json"))
	if err != nil {
		return err
	}
	for _, path := range records {
		var j inbound
		if _, err := kept(path, &j); err != nil {
			return err
		}
		if granted[j.Version] || j.Step != inIntended && j.Step != inNaming {
			continue
		}
		if info, err := os.Lstat(s.part(j.Version)); err != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if err := s.drop(path, &j); err != nil {
			return err
		}
	}
	return nil
}

// drop removes what came of a version. Its record says first that nothing was named.
func (s *syncing) drop(path string, j *inbound) error {
	j.Step, j.partial = inIntended, partial{}
	if err := keep(path, *j); err != nil {
		return err
	}
	if err := os.Remove(s.part(j.Version)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// mark keeps marking and label in the hidden folder: a loader takes every file of its folder for a message.
func (s *syncing) mark(ctx context.Context, r api.AccessRequest, d api.Disclosure, j *inbound) error {
	h := holding{
		File:       j.Name,
		SHA256:     j.SHA256,
		Size:       *orZero(d.Size),
		Document:   r.Document,
		Reference:  r.Reference,
		Title:      r.Title,
		Version:    d.Version,
		Marking:    d.Marking,
		Recipient:  r.For.Organisation,
		CopyNumber: d.CopyNumber,
		Form:       d.Form,
		Purpose:    &s.purpose,
		Statement:  &s.statement,
		Conditions: r.Conditions,
		Disclosure: d.Id,
		LogEntry:   d.LogEntry,
	}
	document, err := s.g.Document(ctx, string(r.Document))
	if err != nil {
		return err
	}
	h.Discloser, h.Handling = document.Discloser, document.Handling
	if err := s.g.describe(ctx, &h); err != nil {
		return err
	}
	label, err := client.Get[json.RawMessage](ctx, s.g.Client, under("disclosures", string(d.Id), "label"), nil)
	if err != nil {
		return err
	}
	beside := filepath.Join(s.in, stateFolder, "markings", j.Name)
	if err := disk.Replace(beside+".label.json", label.Body); err != nil {
		return err
	}
	return keep(beside+".marking.json", h)
}

func orZero[T any](v *T) *T {
	if v == nil {
		return new(T)
	}
	return v
}

// platformName is the name of a file for the platform: that of the deposit, and the end of the version's identifier, so
// that two never meet.
func platformName(name string, v api.VersionID) (string, error) {
	const most = 150 // bytes of each part, so that no file is kept out by its name
	name = printable(name)
	extension := filepath.Ext(name)
	stem, id := name[:len(name)-len(extension)], string(v)
	if len(extension) > 20 {
		extension = ""
	}
	if len(stem) > most {
		stem = strings.ToValidUTF8(stem[:most], "")
	}
	return safeName(stem + "-" + id[max(0, len(id)-8):] + extension)
}

// name gives the hidden file its name. Where it is gone, it was named before: a rename is done or it is not. whole is
// false where what is there is not what was fetched, which begins anew.
func (s *syncing) name(path string, j *inbound) (whole bool, err error) {
	part, target := s.part(j.Version), filepath.Join(s.in, j.Name)
	digest, err := digestOfFile(part)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return false, err
	case digest != j.SHA256:
		j.Step = inIntended
		return false, keep(path, j)
	default:
		if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
			return false, fmt.Errorf("%s is there already, and is not this command's", printable(target))
		}
		if err := os.Rename(part, target); err != nil {
			return false, err
		}
		if err := disk.SyncFolder(s.in); err != nil {
			return false, err
		}
	}
	reached("in-named")
	j.Step = inDone
	if err := keep(path, j); err != nil {
		return false, err
	}
	reached("in-done")
	var h holding
	if _, err := kept(filepath.Join(s.in, stateFolder, "markings", j.Name+".marking.json"), &h); err != nil {
		return true, err
	}
	return true, s.tell(tells{
		What:       "received",
		File:       j.Name,
		Document:   string(j.Document),
		Version:    string(j.Version),
		Marking:    string(h.Marking),
		CopyNumber: h.CopyNumber,
		SHA256:     j.SHA256,
		LogEntry:   string(h.LogEntry),
	})
}
