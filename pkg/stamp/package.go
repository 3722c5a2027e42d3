package stamp

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
	"time"
	"unicode"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	packageType = "application/zip"
	// The entries of a package. The label stands before them, so that it is found in the first bytes.
	coverEntry     = "cover-sheet.pdf"
	originalFolder = "original/"

	maxPackage = 4<<30 - 64<<20 // bytes of an original; beyond, readers of ZIP files differ
	blockSize  = 65535          // bytes in a stored block (RFC 1951 3.2.4)
	blockHead  = 5
)

// pack makes the ZIP file around an original that is not altered. Nothing of the original is parsed and no more than
// a block of it is held, so this needs no child. Its size is known before its first byte.
func pack(in Source, m Mark) (Copy, error) {
	switch {
	case in.Size < 0:
		return Copy{}, fmt.Errorf("stamp copy %s: the size of the original is not known", m.CopyNumber)
	case in.Size == 0:
		return Copy{}, fmt.Errorf("stamp copy %s: %w", m.CopyNumber, mark.Refuse(mark.Damaged, "it is empty"))
	case in.Size > maxPackage:
		return Copy{}, fmt.Errorf("stamp copy %s: %w", m.CopyNumber,
			mark.Refuse(mark.TooLarge, "it has more than %d MiB", int64(maxPackage)>>20))
	}
	empty := &packer{left: 0, source: strings.NewReader("")}
	if err := empty.begin(in, m); err != nil {
		return Copy{}, err
	}
	// The package of an empty original lacks the original's bytes, and the heads of all its blocks but one.
	overhead, err := io.Copy(io.Discard, empty)
	if err != nil {
		return Copy{}, err
	}
	p := &packer{left: in.Size, source: in.Reader}
	if err := p.begin(in, m); err != nil {
		return Copy{}, err
	}
	blocks := (in.Size + blockSize - 1) / blockSize
	return Copy{ReadCloser: p, Size: overhead + in.Size + blockHead*(blocks-1), MediaType: packageType,
		FileName: copyName(in.FileName, m.CopyNumber, ".zip")}, nil
}

// packer writes the package as it is read.
type packer struct {
	source  io.Reader
	left    int64 // bytes of the original still to come
	zip     *zip.Writer
	entry   io.Writer
	pending bytes.Buffer // written, not read yet
	ended   error
}

func (p *packer) begin(in Source, m Mark) error {
	p.zip = zip.NewWriter(&p.pending)
	p.zip.RegisterCompressor(zip.Deflate,
		func(w io.Writer) (io.WriteCloser, error) { return &storedBlocks{to: w}, nil })
	cover, err := coverSheet(in, m)
	if err != nil {
		return err
	}
	if m.Label != nil {
		if err := p.add(label.Entry, m.Label, m.Date); err != nil {
			return err
		}
	}
	if err := p.add(coverEntry, cover, m.Date); err != nil {
		return err
	}
	p.entry, err = p.zip.CreateHeader(&zip.FileHeader{Name: originalFolder + plainName(in.FileName),
		Method:   zip.Deflate,
		Modified: zipTime(m.Date)})
	return err
}

// add writes a small entry whose size stands before it, so that it can be read without the directory at the end.
func (p *packer) add(name string, content []byte, at time.Time) error {
	w, err := p.zip.CreateRaw(&zip.FileHeader{
		Name:               name,
		Method:             zip.Store,
		Modified:           zipTime(at),
		CRC32:              crc32.ChecksumIEEE(content),
		CompressedSize64:   uint64(len(content)),
		UncompressedSize64: uint64(len(content)),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// zipTime: the format begins with the year 1980.
func zipTime(t time.Time) time.Time {
	if first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); t.Before(first) {
		return first
	}
	return t.UTC()
}

func (p *packer) Read(b []byte) (int, error) {
	for p.pending.Len() == 0 {
		if p.ended != nil {
			return 0, p.ended
		}
		p.ended = p.step()
	}
	return p.pending.Read(b)
}

// step brings the next block of the original into pending; io.EOF after the last.
func (p *packer) step() error {
	if p.left == 0 {
		if n, _ := io.ReadFull(p.source, make([]byte, 1)); n > 0 {
			return errors.New("stamp: the original is longer than its size")
		}
		if err := p.zip.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	block := make([]byte, min(p.left, blockSize))
	n, err := io.ReadFull(p.source, block)
	p.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("stamp: the original is shorter than its size")
	case err != nil:
		return fmt.Errorf("read the original: %w", err)
	}
	if _, err := p.entry.Write(block); err != nil {
		return err
	}
	return p.zip.Flush()
}

func (p *packer) Close() error {
	p.ended = errors.New("stamp: the copy is closed")
	p.pending.Reset()
	return nil
}

// storedBlocks is a compressor that does not compress: what it writes has a size known beforehand, and is still read
// by all who can only read compressed entries of unknown length.
type storedBlocks struct {
	to   io.Writer
	held []byte // one block, until it is known whether it is the last
}

func (s *storedBlocks) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		if len(s.held) == blockSize {
			if err := s.put(0); err != nil {
				return 0, err
			}
		}
		n := min(len(p), blockSize-len(s.held))
		s.held, p = append(s.held, p[:n]...), p[n:]
	}
	return total, nil
}

func (s *storedBlocks) Close() error { return s.put(1) }

func (s *storedBlocks) put(final byte) error {
	n := uint16(len(s.held))
	head := []byte{final, byte(n), byte(n >> 8), byte(^n), byte(^n >> 8)}
	if _, err := s.to.Write(head); err != nil {
		return err
	}
	_, err := s.to.Write(s.held)
	s.held = s.held[:0]
	return err
}

// plainName is the last element of a name, without what could mislead a reader or a file system.
func plainName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "_"), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "" || name == "/" {
		return "document"
	}
	// Shortened in the middle: its beginning and its extension stay.
	for len(name) > 180 {
		r := []rune(name)
		name = string(append(r[:len(r)/2:len(r)/2], r[len(r)/2+1:]...))
	}
	return name
}

// copyName puts the copy number into a file's name: "report.pdf" becomes "report.copy-7F3K.pdf", and of a type that
// is packed, "data.csv.copy-7F3K.zip".
func copyName(name, number, extension string) string {
	name = plainName(name)
	if extension == "" {
		extension = path.Ext(name)
		name = strings.TrimSuffix(name, extension)
	}
	return name + ".copy-" + plainName(number) + extension
}

// probePackage: everything can be packed. A package of ours carries its label at its beginning.
func probePackage(in Source) (Outcome, error) {
	head, err := io.ReadAll(io.LimitReader(in.Reader, label.MaxSize+1024))
	if err != nil {
		return Outcome{}, fmt.Errorf("read the source: %w", err)
	}
	if in.Size > maxPackage {
		return Outcome{Reason: mark.TooLarge, Detail: fmt.Sprintf("it has more than %d MiB", int64(maxPackage)>>20)},
			nil
	}
	return Outcome{Label: label.OfPackage(head)}, nil
}
