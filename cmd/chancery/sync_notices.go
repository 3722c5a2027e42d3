package main

import (
	"context"
	"encoding/json"
	"net/url"
	"path/filepath"

	"chancery.example/gateway/api"
)

// maxNotices bounds how many of the newest notices a pass looks through.
const maxNotices = 200

// noticed is the record that a notice was told.
type noticed struct {
	Notice api.NoticeID `json:"notice"`
}

// listen tells, once each, what is said about copies that came in: a recall, a withdrawal, a correction, another
// marking. What a holder has to answer, a person answers.
func (s *syncing) listen(ctx context.Context) error {
	return s.g.each(ctx, "/notices", url.Values{}, maxNotices, func(raw json.RawMessage) error {
		var n api.Notice
		if err := json.Unmarshal(raw, &n); err != nil || len(n.CopyNumbers) == 0 {
			return err
		}
		path := filepath.Join(s.in, stateFolder, "in", "notice-"+url.PathEscape(string(n.Id))+".json")
		if known, err := kept(path, &noticed{}); err != nil || known {
			return err
		}
		for _, number := range n.CopyNumbers {
			err := s.tell(tells{What: "notice", Document: told(n.Document), CopyNumber: number, Code: string(n.Kind),
				Text: n.Text})
			if err != nil {
				return err
			}
		}
		return keep(path, noticed{n.Id})
	})
}
