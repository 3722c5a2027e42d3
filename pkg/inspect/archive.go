package inspect

import (
	"archive/tar"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
)

var errTooLarge = errors.New("more than may be unpacked")

// copyAll hands what r gives to a part, as far as may be unpacked. Without a part it is read for its end alone.
func (l *layer) copyAll(part *layer, r io.Reader) error {
	buffer := make([]byte, pieceSize)
	for {
		n, err := r.Read(buffer)
		if n > 0 && !l.spend(n) {
			return errTooLarge
		}
		if n > 0 && part != nil {
			part.Write(buffer[:n])
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// unpack hands on one part and tells what went wrong with it.
func (l *layer) unpack(name string, words bool, r io.Reader) error {
	part := l.within(name, words)
	if part == nil {
		return l.copyAll(nil, r)
	}
	defer part.leave()
	err := l.copyAll(part, r)
	switch {
	case errors.Is(err, errTooLarge):
		l.gaps.add(part.part, TooLarge)
	case err != nil:
		l.gaps.add(part.part, Damaged)
	}
	return err
}

func (l *layer) gunzip(s *source) {
	s.busy = true
	r, err := gzip.NewReader(s)
	if err != nil {
		l.gaps.add(l.part, Damaged)
		return
	}
	r.Multistream(false)
	for err == nil { // padding behind the last member is no damage
		if l.unpack(r.Name, true, r) != nil {
			return
		}
		s.busy = false
		err = r.Reset(s)
		s.busy = true
		r.Multistream(false)
	}
}

func (l *layer) bunzip(s *source) {
	s.busy = true
	_ = l.unpack("", true, bzip2.NewReader(s)) // told there
}

func (l *layer) untar(s *source) {
	r := tar.NewReader(s)
	for {
		s.busy = false
		header, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			l.gaps.add(l.part, Damaged)
			return
		}
		s.busy = true
		l.leadsOut = l.leadsOut || leadsOut(header.Name) || leadsOut(header.Linkname)
		if header.Typeflag == tar.TypeReg && l.unpack(header.Name, true, r) != nil {
			return
		}
	}
}
