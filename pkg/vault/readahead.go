package vault

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Four blocks of 128 KiB a reader: enough to decrypt beside the network, little enough to be cut off at once.
const (
	blockSize = 2 * packageSize
	blocks    = 4
)

var errClosed = errors.New("reading from what was closed")

// Content hands out what a goroutine reads and opens ahead of it. It must be used by one at a time, but for Close.
type Content struct {
	ready chan block  // in order; closed after the block that carries the end
	free  chan []byte // blocks to be filled again
	stop  chan struct{}
	once  sync.Once
	quit  context.CancelFunc // ends the request to the store

	current block  // its bytes that were not handed out yet
	spent   []byte // the buffer that current lies in, while it may be filled again
}

// block is some plaintext, then an error if the reading ends with it.
type block struct {
	bytes []byte
	err   error
}

func startReading(o *opened, sealed io.Closer, quit context.CancelFunc) *Content {
	r := &Content{
		ready: make(chan block, blocks),
		free:  make(chan []byte, blocks),
		stop:  make(chan struct{}),
		quit:  quit,
	}
	size := min(o.left, blockSize)
	for range min(blocks, (o.left+blockSize-1)/blockSize) {
		r.free <- make([]byte, size)
	}
	go r.ahead(o, sealed)
	return r
}

func (r *Content) ahead(o *opened, sealed io.Closer) {
	defer close(r.ready)
	defer sealed.Close()
	for {
		select {
		case <-r.stop:
			return
		case b := <-r.free:
			filled := o.fill(b)
			r.ready <- filled // never blocks: no more blocks exist than ready holds
			if filled.err != nil {
				return
			}
		}
	}
}

func (r *Content) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.next(); err != nil {
		return 0, err
	}
	n := copy(p, r.current.bytes)
	r.current.bytes = r.current.bytes[n:]
	return n, nil
}

// Next gives the following bytes without a copy; they are valid until the next call. io.EOF comes with the last of
// them.
func (r *Content) Next() ([]byte, error) {
	if err := r.next(); err != nil {
		return nil, err
	}
	b := r.current.bytes
	r.current.bytes = b[len(b):]
	return b, r.current.err
}

// WriteTo spares io.Copy its own buffer.
func (r *Content) WriteTo(w io.Writer) (written int64, err error) {
	for {
		if err := r.next(); err == io.EOF {
			return written, nil
		} else if err != nil {
			return written, err
		}
		n, err := w.Write(r.current.bytes)
		r.current.bytes = r.current.bytes[n:]
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
}

// next makes sure that there is a byte to hand out, or says why there is none.
func (r *Content) next() error {
	select {
	case <-r.stop:
		return errClosed
	default:
	}
	for len(r.current.bytes) == 0 {
		if r.current.err != nil {
			return r.current.err
		}
		if r.spent != nil {
			r.free <- r.spent
		}
		b, ok := <-r.ready
		if !ok {
			b.err = errClosed
		}
		r.current, r.spent = b, b.bytes[:cap(b.bytes)]
	}
	return nil
}

// Close ends the reading at once, whatever the store does; no goroutine or request remains.
func (r *Content) Close() error {
	r.once.Do(func() {
		close(r.stop)
		r.quit()
	})
	for range r.ready { // until the goroutine is gone
	}
	return nil
}

// closing closes what is no longer needed and returns the error that made it so.
func closing(c io.Closer, err error) error {
	_ = c.Close()
	return err
}
