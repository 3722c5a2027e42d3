package objects

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"chancery.example/gateway/pkg/vault"
)

var errOver = errors.New("the request is over")

// sending is a request's body of a known length. While it is being read, the depositor is waited for; between reads,
// the store is. The last bytes are let go only when r has ended there, so that a failure of r fails the request.
type sending struct {
	p    *patience
	size int64

	mu   sync.Mutex // the transport may still read when the request is over
	r    io.Reader
	left int64
	err  error // what ended it: io.EOF when everything was let go
}

func newSending(r io.Reader, size int64, p *patience) *sending {
	return &sending{p: p, size: size, r: r, left: size}
}

func (s *sending) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.p.rest()
	n, err := s.r.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	if err == nil && s.left == 0 {
		err = s.awaitEnd()
	}
	switch {
	case err == nil:
		s.p.wait(0)
		return n, nil
	case err == io.EOF && s.left == 0:
		s.err = io.EOF
		s.p.wait(settle(s.size))
		return n, io.EOF
	case err == io.EOF:
		err = fmt.Errorf("%w: %d bytes of %d", vault.ErrSizeMismatch, s.size-s.left, s.size)
	}
	s.err = err
	s.p.wait(0)
	return 0, err
}

// awaitEnd expects r to end.
func (s *sending) awaitEnd() error {
	var more [1]byte
	_, err := io.ReadFull(s.r, more[:])
	if err == nil {
		return fmt.Errorf("%w: more than %d bytes", vault.ErrSizeMismatch, s.size)
	}
	return err
}

// close waits for a read under way and lets none follow. It tells whether everything was let go, and if r did not yield
// what was announced, why.
func (s *sending) close() (whole bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := s.err
	s.err = errOver
	switch ended {
	case nil:
		return false, nil
	case io.EOF:
		return true, nil
	}
	return false, ended
}
