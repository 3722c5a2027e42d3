package main

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"slices"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// noticed is the record that a notice was told.
type noticed struct {
	Notice api.NoticeID `json:"notice"`
}

// heard is how far the events were followed.
type heard struct {
	After api.NoticeID `json:"after,omitempty"`
	All   bool         `json:"all"` // what was told before there was a record was looked through
}

const heardFile = "heard.json"

// listen tells, once each, what is said about copies that came in: a recall, a withdrawal, a correction, another
// marking. What a holder has to answer, a person answers. The events say which notices are new, however many; where
// some are kept no longer, all notices are looked through.
func (s *syncing) listen(ctx context.Context) error {
	kept, at := s.inKept.in, heard{}
	if _, err := kept.kept(heardFile, &at); err != nil {
		return err
	}
	fresh, last, err := s.events(ctx, at.After)
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Code == "request/missed-events" {
		at = heard{}
		fresh, last, err = s.events(ctx, "")
	}
	if err != nil || at.All && len(fresh) == 0 {
		return err
	}
	if !at.All {
		fresh = nil
	}
	notices, err := s.noticesAmong(ctx, fresh)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(notices) { // the earliest first
		if err := s.notice(n); err != nil {
			return err
		}
	}
	return kept.keep(heardFile, heard{last, true}, 0o600)
}

// events are those behind one, and the last of them.
func (s *syncing) events(ctx context.Context, after api.NoticeID) (map[api.NoticeID]bool, api.NoticeID, error) {
	fresh := map[api.NoticeID]bool{}
	for {
		page, err := s.g.Events(ctx, string(after), 0)
		if err != nil {
			return nil, after, err
		}
		for _, e := range page.Items {
			fresh[e.Id] = true
			after = e.Id
		}
		if page.Next == nil {
			return fresh, after, nil
		}
	}
}

// errEnough ends a list early.
var errEnough = errors.New("enough")

// noticesAmong are those about copies, the newest first, as far as they are fresh; all of them where fresh is nil.
func (s *syncing) noticesAmong(ctx context.Context, fresh map[api.NoticeID]bool) (found []api.Notice, err error) {
	err = s.g.each(ctx, "/notices", url.Values{}, math.MaxInt, func(raw json.RawMessage) error {
		var n api.Notice
		if err := json.Unmarshal(raw, &n); err != nil {
			return err
		}
		if len(n.CopyNumbers) > 0 && (fresh == nil || fresh[n.Id]) {
			found = append(found, n)
		}
		if fresh == nil {
			return nil
		}
		if delete(fresh, n.Id); len(fresh) == 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

func (s *syncing) notice(n api.Notice) error {
	record := "notice-" + url.PathEscape(string(n.Id)) + ".json"
	if known, err := s.inKept.in.kept(record, &noticed{}); err != nil || known {
		return err
	}
	for _, number := range n.CopyNumbers {
		err := s.tell(tells{What: "notice", Document: told(n.Document), CopyNumber: number, Code: string(n.Kind),
			Text: n.Text})
		if err != nil {
			return err
		}
	}
	return s.inKept.in.keep(record, noticed{n.Id}, 0o600)
}
