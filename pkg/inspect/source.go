package inspect

import (
	"bytes"
	"io"
	"iter"
)

// source turns what is written, in pieces of any size, into what a decoder reads. The decoder runs in a coroutine: it
// goes on while a write lasts, and rests when it has read all of it. Nothing is buffered, and nothing runs at the same
// time.
type source struct {
	data  []byte // what is left of the write at hand
	next  func() (struct{}, bool)
	stop  func()
	rest  func() bool // until more comes; false: nothing will
	ended bool
	busy  bool // something was begun that is not whole yet
}

// open starts decode, which returns when it wants no more.
func open(decode func(*source)) *source {
	s := &source{}
	s.next, s.stop = iter.Pull(func(yield func(struct{}) bool) {
		s.rest = func() bool { return yield(struct{}{}) }
		decode(s)
		s.ended, s.busy = true, false
	})
	return s
}

func (s *source) write(p []byte) {
	if s.ended {
		return
	}
	s.data = p
	s.next()
	s.data = nil
}

// close ends the decoder. It may be called more than once.
func (s *source) close() { s.stop() }

// fill waits until there is something to read, and is false at the end.
func (s *source) fill() bool {
	for len(s.data) == 0 {
		if s.ended || !s.rest() {
			s.ended = true
			return false
		}
	}
	return true
}

// Read is for decoders.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !s.fill() {
		return 0, io.EOF
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

// ReadByte lets decoders take no more than is theirs.
func (s *source) ReadByte() (byte, error) {
	if len(s.data) == 0 && !s.fill() {
		return 0, io.EOF
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b, nil
}

// seek reads until behind mark, whose first byte stands in it once. What is passed over goes to passed, which may be
// nil.
func (s *source) seek(mark string, passed func([]byte)) bool {
	matched := 0
	pass := func(p []byte) {
		if passed != nil && len(p) > 0 {
			passed(p)
		}
	}
	for {
		if !s.fill() {
			return false
		}
		if matched == 0 {
			n := bytes.IndexByte(s.data, mark[0])
			if n < 0 {
				pass(s.data)
				s.data = nil
				continue
			}
			pass(s.data[:n])
			s.data, matched = s.data[n+1:], 1
			continue
		}
		if s.data[0] != mark[matched] {
			pass([]byte(mark[:matched]))
			matched = 0
			continue
		}
		s.data = s.data[1:]
		if matched++; matched == len(mark) {
			return true
		}
	}
}
