package vault

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

var errAbandoned = errors.New("the store let go of the content before its end")

// plaintext reads an Intake's content for the sealer. It yields io.EOF only when everything about the content was
// accepted; the sealer holds the last package back until then. Its first error is its last word.
type plaintext struct {
	in   Intake
	wrap func(size int64) error

	mu   sync.Mutex // a store's transport may still read when its Put has returned
	size int64      // bytes so far
	end  error      // io.EOF: accepted; otherwise why not; nil: not at the end
}

func newPlaintext(in Intake, wrap func(size int64) error) *plaintext {
	if in.Watch == nil {
		in.Watch = io.Discard
	}
	if in.Accept == nil {
		in.Accept = func(int64) error { return nil }
	}
	return &plaintext{in: in, wrap: wrap}
}

func (p *plaintext) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		return 0, p.end
	}
	n, err := p.in.Content.Read(b)
	p.size += int64(n)
	if over := p.tooMany(); over != nil {
		p.end = over
		return 0, p.end
	}
	if _, err := p.in.Watch.Write(b[:n]); err != nil {
		p.end = fmt.Errorf("%w: watch: %w", ErrContent, err)
		return 0, p.end
	}
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF: // not errors.Is: a wrapped io.EOF is somebody's failure, not the end
		p.end = p.finish()
	case isOurs(err):
		p.end = err
	default:
		p.end = fmt.Errorf("%w after %d bytes: %w", ErrContent, p.size, err)
	}
	return n, p.end
}

func (p *plaintext) tooMany() error {
	switch {
	case p.size > p.in.MaxSize:
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, p.in.MaxSize)
	case p.in.Size >= 0 && p.size > p.in.Size:
		return fmt.Errorf("%w: more than %d bytes", ErrSizeMismatch, p.in.Size)
	}
	return nil
}

func (p *plaintext) finish() error {
	switch {
	case p.size == 0:
		return ErrEmpty
	case p.in.Size >= 0 && p.size != p.in.Size:
		return fmt.Errorf("%w: %d bytes came, %d were declared", ErrSizeMismatch, p.size, p.in.Size)
	}
	if err := p.in.Accept(p.size); err != nil {
		return fmt.Errorf("not accepted: %w", err)
	}
	if err := p.wrap(p.size); err != nil {
		return err
	}
	return io.EOF
}

// close waits for a read under way, lets none follow, and says why the attempt failed: the content's own reason before
// what the store made of it. It is nil when the content was accepted to its end and the store has it.
func (p *plaintext) close(stored error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended := p.end
	p.end = errAbandoned
	switch {
	case ended != nil && ended != io.EOF:
		return ended
	case stored != nil:
		return stored
	case ended == nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, errAbandoned)
	}
	return nil
}

// isOurs tells a failure of the store or of the keys, met while pieces were opened, from one of the depositor's.
func isOurs(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrTampered) || errors.Is(err, ErrKeys)
}
