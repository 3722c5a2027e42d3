package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

const (
	// BodyVersion is the version that Encode writes and Decode reads.
	BodyVersion = 1
	// MaxBody is the most bytes that an encoded body may have.
	MaxBody = 65535
)

// Encode gives the canonical bytes of a body: one JSON object without white space, its members in the order of the
// struct, empty ones left out, map keys sorted, no HTML escapes, times in UTC cut to microseconds (RFC 3339). It
// refuses a body that could not be decoded again: another version, no kind, id, time or outcome, text that is no UTF-8,
// more than MaxBody.
func Encode(b Body) ([]byte, error) {
	b = inUTC(b)
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", b.ID, err)
	}
	out, err := canonical(b)
	if err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", b.ID, err)
	}
	if len(out) > MaxBody {
		return nil, fmt.Errorf("encode entry %s: %d bytes, more than %d", b.ID, len(out), MaxBody)
	}
	return out, nil
}

// Decode reads what Encode wrote and nothing else: an unknown, repeated or reordered member, white space, trailing
// bytes or any other spelling of the same body is refused, so a body has one hash only.
func Decode(data []byte) (Body, error) {
	if len(data) > MaxBody {
		return Body{}, fmt.Errorf("decode entry: %d bytes, more than %d", len(data), MaxBody)
	}
	if b, ok := plainBody(data); ok {
		return b, nil
	}
	// What Encode gives again shows whether anything was unknown, repeated or left over; strict only says what.
	var b Body
	if json.Unmarshal(data, &b) != nil {
		return Body{}, fmt.Errorf("decode entry: %w", strict(data, new(Body)))
	}
	again, err := Encode(b)
	if err != nil {
		return Body{}, fmt.Errorf("decode entry: %w", err)
	}
	if !bytes.Equal(again, data) {
		if err := strict(data, new(Body)); err != nil {
			return Body{}, fmt.Errorf("decode entry: %w", err)
		}
		return Body{}, errors.New("decode entry: not in canonical form")
	}
	return b, nil
}

// check refuses what no entry can lack.
func (b Body) check() error {
	switch {
	case b.Version != BodyVersion:
		return fmt.Errorf("version %d is not %d", b.Version, BodyVersion)
	case b.Kind == "":
		return errors.New("no kind")
	case b.ID == "":
		return errors.New("no id")
	case b.At.IsZero():
		return errors.New("no time")
	case b.Outcome != Permitted && b.Outcome != Refused:
		return fmt.Errorf("outcome %q is unknown", b.Outcome)
	}
	for field, commitment := range b.Private {
		if _, err := ParseHash(commitment); err != nil {
			return fmt.Errorf("private field %s: %w", field, err)
		}
	}
	return nil
}

// inUTC gives a body whose times stand in UTC and in microseconds. The parts of the caller's body stay as they are.
func inUTC(b Body) Body {
	b.At, b.AuthTime = microseconds(b.At), microseconds(b.AuthTime)
	if b.Terms != nil {
		terms := *b.Terms
		for _, t := range []*time.Time{&terms.RetainUntil, &terms.Until, &terms.Given, &terms.From} {
			*t = microseconds(*t)
		}
		b.Terms = &terms
	}
	if b.Disclosure != nil {
		disclosure := *b.Disclosure
		disclosure.Expires = microseconds(disclosure.Expires)
		b.Disclosure = &disclosure
	}
	if b.Completion != nil {
		completion := *b.Completion
		completion.Began = microseconds(completion.Began)
		b.Completion = &completion
	}
	if b.Configured != nil {
		configured := b.Configured.inUTC()
		b.Configured = &configured
	}
	if b.Counted != nil {
		counted := *b.Counted
		counted.From, counted.To = microseconds(counted.From), microseconds(counted.To)
		b.Counted = &counted
	}
	return b
}

func (c Configured) inUTC() Configured {
	c.Signed, c.Specific, c.Delegations = slices.Clone(c.Signed), slices.Clone(c.Specific), slices.Clone(c.Delegations)
	for i := range c.Signed {
		c.Signed[i].On = microseconds(c.Signed[i].On)
	}
	for i := range c.Specific {
		c.Specific[i].Signed, c.Specific[i].Ends = microseconds(c.Specific[i].Signed), microseconds(c.Specific[i].Ends)
	}
	for i := range c.Delegations {
		c.Delegations[i].From, c.Delegations[i].Until = microseconds(c.Delegations[i].From),
			microseconds(c.Delegations[i].Until)
	}
	return c
}

func microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// canonical is compact JSON without HTML escapes and without the newline that the encoder adds.
func canonical(v any) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(1024) // most bodies fit
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	data := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if replaced(data) {
		return nil, errors.New("text that is not UTF-8")
	}
	return data, nil
}

// replaced reports whether the encoder wrote the escape \ufffd, which it does for bytes that are no UTF-8 and for
// nothing else: the character U+FFFD itself is written as it is, and a backslash in a text is doubled.
func replaced(data []byte) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(data[i+1:], []byte("ufffd")) {
			return true
		}
		i++ // whatever is escaped
	}
	return false
}

// strict reads one JSON value whose members are all known, and nothing after it.
func strict(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes after the end")
	}
	return nil
}
