package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

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
	if err := disk.ReplaceIn(s.inKept.markings.Root, j.Name+labelEnd, label.Body, 0o600); err != nil {
		return err
	}
	return s.inKept.markings.keep(j.Name+markingEnd, h, 0o600)
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
	stem, extension := shortened(printable(name))
	id := string(v)
	return safeName(stem + "-" + id[max(0, len(id)-8):] + extension)
}

// shortened cuts a name in two, so short that no folder keeps it out with what is added to it.
func shortened(name string) (stem, extension string) {
	const most = 150 // bytes
	extension = filepath.Ext(name)
	stem = name[:len(name)-len(extension)]
	if len(extension) > 20 {
		extension = ""
	}
	if len(stem) > most {
		stem = strings.ToValidUTF8(stem[:most], "")
	}
	return stem, extension
}

// name gives the hidden file its name. Where it is gone, it was named before: a rename is done or it is not. whole is
// false where what is there is not what was fetched, which begins anew.
func (s *syncing) name(record string, j *inbound) (whole bool, err error) {
	if !plainName(j.Name) {
		return false, fmt.Errorf("the record of %s names no file of the folder", printable(string(j.Version)))
	}
	hidden := part(j.Version)
	digest, err := s.inAt.digest(hidden)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, err
	case digest != j.SHA256:
		j.Step = inIntended
		return false, s.keepIn(record, j)
	default:
		if !s.inAt.absent(j.Name) {
			return false, fmt.Errorf("%s is there already, and is not this command's",
				printable(filepath.Join(s.in, j.Name)))
		}
		if err := s.inAt.Rename(hidden, j.Name); err != nil {
			return false, err
		}
		if err := disk.SyncIn(s.inAt.Root); err != nil {
			return false, err
		}
	}
	reached("in-named")
	j.Step, j.putOff = inDone, putOff{}
	if err := s.keepIn(record, j); err != nil {
		return false, err
	}
	reached("in-done")
	var h holding
	if _, err := s.inKept.markings.kept(j.Name+markingEnd, &h); err != nil {
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
