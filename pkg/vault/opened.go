package vault

import (
	"errors"
	"fmt"
	"io"
)

// opened reads the wanted plaintext bytes and tells apart why it cannot.
type opened struct {
	plain io.Reader     // the decrypting reader over src
	src   *sealedSource // remembers the store's own failure
	skip  int64         // plaintext bytes still to be passed over
	left  int64         // plaintext bytes still to be handed out
	toEnd bool          // after them the sealed stream must end with its final package
}

// fill puts the next wanted bytes into b. The block that carries the last of them carries io.EOF; one that carries
// another error carries no bytes, for what did not pass every check is not handed out.
func (o *opened) fill(b []byte) block {
	b = b[:min(int64(len(b)), o.left)]
	if err := o.read(b); err != nil {
		return block{err: err}
	}
	if o.left -= int64(len(b)); o.left > 0 {
		return block{bytes: b}
	}
	if err := o.checkEnd(); err != nil {
		return block{err: err}
	}
	return block{bytes: b, err: io.EOF}
}

func (o *opened) read(b []byte) error {
	if _, err := io.CopyN(io.Discard, o.plain, o.skip); err != nil {
		return o.why(err)
	}
	o.skip = 0
	if _, err := io.ReadFull(o.plain, b); err != nil {
		return o.why(err)
	}
	return nil
}

// checkEnd fails where the document should end, and the sealed stream is not marked as ending there.
func (o *opened) checkEnd() error {
	if !o.toEnd {
		return nil
	}
	var more [1]byte
	_, err := io.ReadFull(o.plain, more[:])
	if err == io.EOF {
		return nil
	}
	if err == nil {
		err = errors.New("bytes follow the document's last")
	}
	return o.why(err)
}

func (o *opened) why(err error) error {
	if o.src.err != nil {
		return o.src.err
	}
	return fmt.Errorf("%w: %w", ErrTampered, err)
}

// sealedSource reads the sealed bytes that the store promised. It keeps the store's failure from looking like a short
// package, and the store's silence about missing bytes from looking like an end.
type sealedSource struct {
	r    io.Reader
	left int64
	err  error
}

func (s *sealedSource) Read(b []byte) (int, error) {
	switch {
	case s.err != nil:
		return 0, s.err
	case s.left == 0:
		return 0, io.EOF
	}
	n, err := s.r.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	switch {
	case err == io.EOF && s.left > 0:
		s.err = fmt.Errorf("%w: the object ends %d bytes early", ErrTampered, s.left)
	case err != nil && err != io.EOF:
		s.err = err
		if !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrTampered) {
			s.err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return n, s.err
}
