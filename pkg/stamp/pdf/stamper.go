package pdf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdfium"
)

// Stamper marks PDF files and holds each copy against its original. It is not safe for concurrent use.
type Stamper struct {
	engine  *pdfium.Engine
	scratch *os.File // in memory, without a name: what pdfium saved of a file that pdfcpu cannot read or keep
}

// Prepare opens all that a Stamper needs; afterwards it opens nothing. cache is the directory of pdfium's machine
// code, empty for none.
func Prepare(cache string) (*Stamper, error) {
	fd, err := unix.MemfdCreate("scratch", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("scratch: %w", err)
	}
	engine, err := pdfium.Start(cache)
	if err != nil {
		return nil, err
	}
	return &Stamper{engine: engine, scratch: os.NewFile(uintptr(fd), "scratch")}, nil
}

// MaxText is how much of a file's text is given, in bytes.
const MaxText = 3 << 20

// Stamp writes in to out with the mark on each page, and refuses where the copy has less than the original. Where the
// limits ask for it, it tells what text can be read in the file, of what cannot be marked as well.
func (s *Stamper) Stamp(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	a, err := s.stamp(in, out, m, l)
	if l.Text {
		a.Text = s.text(in)
	}
	return a, err
}

// text is what can be copied from the pages of a file, as far as pdfium opens it.
func (s *Stamper) text(in *io.SectionReader) string {
	d, err := s.engine.Open(io.NewSectionReader(in, 0, in.Size()), in.Size())
	if err != nil {
		return ""
	}
	defer d.Close()
	var out strings.Builder
	for i := range min(d.Pages(), mark.MaxPages) {
		p, err := d.Page(i)
		if err != nil {
			continue
		}
		text, err := p.Text()
		p.Close()
		if err != nil {
			continue
		}
		if out.Len()+len(text) >= MaxText {
			break
		}
		out.WriteString(text)
		out.WriteByte('\n')
	}
	return out.String()
}

// stamp marks the file. What pdfcpu cannot read, or loses, is saved by pdfium first, which is more lenient, and marked
// then: that copy is held against the same original.
func (s *Stamper) stamp(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	start, err := out.Seek(0, io.SeekCurrent)
	if err != nil {
		return mark.Answer{}, err
	}
	first, err := s.attempt(in, in, out, m, l)
	if err == nil || !mayBeCured(err) {
		return first, err
	}
	saved, errSave := s.resaved(in)
	if errSave != nil {
		return first, err
	}
	if err := errors.Join(out.Truncate(start), seekTo(out, start)); err != nil {
		return first, err
	}
	second, errSecond := s.attempt(in, saved, out, m, l)
	if errSecond != nil {
		return first, err
	}
	return second, nil
}

// mayBeCured: the reason lies in how the file is written, not in what it is.
func mayBeCured(err error) bool {
	var refused *mark.ErrRefused
	if !errors.As(err, &refused) {
		return false
	}
	return refused.Reason == mark.Damaged || refused.Reason == mark.Lossy || refused.Reason == mark.Password
}

// attempt marks source, which is the original or what pdfium made of it, and compares.
func (s *Stamper) attempt(
	original, source *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits,
) (a mark.Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = mark.Refuse(mark.Damaged, "its structure is broken")
		}
	}()
	start, err := out.Seek(0, io.SeekCurrent)
	if err != nil {
		return a, err
	}
	if a, err = write(io.NewSectionReader(source, 0, source.Size()), out, m, l); err != nil {
		return a, err
	}
	end, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return a, err
	}
	return a, s.compare(io.NewSectionReader(original, 0, original.Size()), io.NewSectionReader(out, start, end-start))
}

// resaved is the file as pdfium saves it.
func (s *Stamper) resaved(in *io.SectionReader) (*io.SectionReader, error) {
	d, err := s.engine.Open(io.NewSectionReader(in, 0, in.Size()), in.Size())
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if d.Pages() == 0 {
		return nil, pdfium.ErrUnreadable
	}
	if err := errors.Join(s.scratch.Truncate(0), seekTo(s.scratch, 0), d.Save(s.scratch)); err != nil {
		return nil, err
	}
	size, err := s.scratch.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(s.scratch, 0, size), nil
}

func seekTo(f *os.File, offset int64) error {
	_, err := f.Seek(offset, io.SeekStart)
	return err
}
