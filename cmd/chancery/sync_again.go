package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// The shortest and the longest pause before what was refused is asked for again: what stands beside a request, such as
// a suspension, may have ended. Each question is an entry of the log.
const (
	firstPause   = time.Minute
	longestPause = time.Hour
)

// putOff is how long a version that was refused is left alone.
type putOff struct {
	Tries int       `json:"tries,omitempty"`
	Again time.Time `json:"again,omitzero"`
}

// longer doubles the pause.
func (p *putOff) longer(now time.Time) {
	p.Again = now.Add(min(longestPause, firstPause<<min(p.Tries, 6))).UTC()
	p.Tries++
}

// due reports whether the pause is over. One that seems longer than any is of a clock that was set.
func (p putOff) due(now time.Time) bool {
	left := p.Again.Sub(now)
	return left <= 0 || left > longestPause
}

// asks is the digest of a request and of all that sync itself adds to the question: where it changes, the question is
// another one, and is asked at once.
func (s *syncing) asks(raw []byte) (string, error) {
	text, err := json.Marshal([]any{json.RawMessage(raw), s.statement, s.form, s.conditions, s.me.Service})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// errOther says that what came is not what the disclosure says of it.
var errOther = errors.New("what came is not what the disclosure says that it is")

// otherDigest is the code of errOther.
const otherDigest = "sync/other-digest"

// reasonOf is the code under which a version is left alone for a while; empty where the next pass may go on with it.
func reasonOf(err error) string {
	var problem *client.Problem
	switch {
	case errors.As(err, &problem) && final(problem):
		return problem.Code
	case errors.Is(err, errOther), errors.Is(err, client.ErrDigest):
		return otherDigest
	}
	return ""
}

// leave lets a version alone until its question is another one, or the pause is over. What came of it goes.
func (s *syncing) leave(r api.AccessRequest, record string, j *inbound, seen, code string) error {
	if err := s.drop(record, j); err != nil {
		return err
	}
	j.Step, j.Seen, j.Code = inRefused, seen, code
	j.longer(time.Now())
	if err := s.keepIn(record, j); err != nil {
		return err
	}
	return s.tell(tells{What: "refused", Document: string(r.Document), Version: string(r.Version), Code: code,
		Text: fmt.Sprintf("asked for again from %s on", j.Again.Format(time.RFC3339))})
}
