package stamp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdf"
	"chancery.example/gateway/pkg/stamp/picture"
)

// shower draws the pages of one marked copy.
type shower interface {
	Open(in *io.SectionReader, l mark.Limits) (pages int, err error)
	Page(index int) (image.Image, error)
}

// showers say how a child makes itself ready to show files of one kind. What is not here cannot be shown.
var showers = map[string]func(cache string) (shower, error){
	"application/pdf": func(cache string) (shower, error) { return pdf.PrepareShown(cache) },
	"image/png":       func(string) (shower, error) { return picture.ShownPNG(), nil },
	"image/jpeg":      func(string) (shower, error) { return picture.ShownJPEG(), nil },
}

// What a child that shows says before each answer: a status and a length, four bytes each (big-endian). Before the
// first question it answers how many pages there are, in four bytes.
const (
	viewDone = iota
	viewNoPage
	viewFailed
)

const maxShown = 32 << 20 // bytes of a page that is shown

// showCopy is what a child does that shows a copy: it draws the pages that are asked for, each as a picture, until
// nobody asks any more. A question is the number of a page, counted from 1, in four bytes.
func showCopy(j job, source *io.SectionReader, talk *os.File) error {
	prepare, known := showers[j.MediaType]
	if !known {
		return errors.New("stamp-child: a media type that is not shown")
	}
	s, err := prepare(j.Cache)
	if err != nil {
		return fmt.Errorf("%s %w", cannotBegin, err)
	}
	if err := confine(j.Limits); err != nil {
		return fmt.Errorf("%s %w", cannotBegin, err)
	}
	pages, err := opened(s, source, j.Limits)
	if err != nil {
		return sayShown(talk, viewFailed, nil)
	}
	if err := sayShown(talk, viewDone, binary.BigEndian.AppendUint32(nil, uint32(pages))); err != nil {
		return err
	}
	for {
		var asked [4]byte
		if _, err := io.ReadFull(talk, asked[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("question: %w", err)
		}
		n := int64(binary.BigEndian.Uint32(asked[:]))
		if n < 1 || n > int64(pages) {
			if err := sayShown(talk, viewNoPage, nil); err != nil {
				return err
			}
			continue
		}
		shown, err := shownPage(s, int(n)-1)
		status := uint32(viewDone)
		if err != nil {
			status, shown = viewFailed, nil
		}
		if err := sayShown(talk, status, shown); err != nil {
			return err
		}
	}
}

// opened and shownPage keep the panics of parsers of other people's files.
func opened(s shower, source *io.SectionReader, l mark.Limits) (pages int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("its structure is broken")
		}
	}()
	return s.Open(source, l)
}

// shownPage is one page as a PNG picture. It is packed for speed: it is looked at once.
func shownPage(s shower, index int) (content []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("its structure is broken")
		}
	}()
	page, err := s.Page(index)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, few(page)); err != nil || out.Len() > maxShown {
		return nil, fmt.Errorf("page of %d bytes: %w", out.Len(), err)
	}
	return out.Bytes(), nil
}

func sayShown(talk io.Writer, status uint32, content []byte) error {
	head := binary.BigEndian.AppendUint32(nil, status)
	head = binary.BigEndian.AppendUint32(head, uint32(len(content)))
	if _, err := talk.Write(append(head, content...)); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}
