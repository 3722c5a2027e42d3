package rest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

const (
	// bufferSize is what is read ahead of a deposit. The content goes past it wherever its reader takes as much at a
	// time.
	bufferSize = 16 << 10
	// pieceSize is what is looked at of the content at a time for a reader that takes less.
	pieceSize = 4 << 10
	// maxBoundary is RFC 2046 5.1.1.
	maxBoundary = 70
)

// depositBody is the body of a deposit. To the standard library's multipart reader it gives one line at a time, so that
// when that reader has the header of the content, nothing of the content is in its buffer: the content is read past it,
// for it takes 4 KiB at a time and copies each of them twice.
type depositBody struct {
	io.Closer
	in        *bufio.Reader
	left      int64  // bytes to the next stage: the standard library collects part headers up to 10 MiB
	line      []byte // what is left of the line that is being given
	within    bool   // the line before had no end: it was longer than the buffer
	delimiter []byte // what stands between parts: a line's end, two hyphens and the boundary
	told      bool   // which end lines have
}

func newDepositBody(body io.ReadCloser, boundary string) *depositBody {
	return &depositBody{Closer: body, in: bufio.NewReaderSize(body, bufferSize),
		left:      web.MaxMetadata + web.MultipartSlack,
		delimiter: []byte("\r\n--" + boundary)}
}

func (b *depositBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault(invalid.PartsTooLarge, "")
	}
	if len(b.line) == 0 {
		line, err := b.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		b.learn(line)
		b.line, b.within = line, !bytes.HasSuffix(line, []byte("\n"))
	}
	n := copy(p, b.line[:min(int64(len(b.line)), b.left)])
	b.line = b.line[n:]
	b.left -= int64(n)
	return n, nil
}

// learn sees from the first boundary how lines end: the standard library lets them end without a carriage return.
func (b *depositBody) learn(line []byte) {
	dashes := b.delimiter[bytes.IndexByte(b.delimiter, '-'):]
	if b.told || b.within || !bytes.HasPrefix(line, dashes) {
		return
	}
	switch string(bytes.TrimLeft(line[len(dashes):], " \t")) {
	case "\n":
		b.told, b.delimiter = true, b.delimiter[1:]
	case "\r\n":
		b.told = true
	}
}

// content begins at the byte behind the header of a part.
func (b *depositBody) content() *partContent { return &partContent{body: b} }

// partContent is what stands in a part, without a copy of it where its reader takes 16 KiB at a time. It ends with
// io.EOF before the delimiter, which is left to the multipart reader.
type partContent struct {
	body  *depositBody
	begun bool
	held  []byte // read already, and perhaps the beginning of the delimiter
	piece []byte // for small reads
	ready []byte // what is left of piece
	end   error
}

func (c *partContent) Read(p []byte) (int, error) {
	if len(p) >= pieceSize && len(c.ready) == 0 {
		return c.next(p)
	}
	if len(c.ready) == 0 {
		if c.piece == nil {
			c.piece = make([]byte, pieceSize)
		}
		n, err := c.next(c.piece)
		if c.ready = c.piece[:n]; err != nil {
			return 0, err
		}
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// next reads into p, which is longer than any delimiter, and gives at least a byte or an error.
func (c *partContent) next(p []byte) (int, error) {
	for c.end == nil {
		held := copy(p, c.held)
		n, err := c.body.in.Read(p[held:])
		n += held
		data, over := c.delimited(p[:n], err != nil)
		switch {
		case over:
			c.end = io.EOF
			c.body.giveBack(p[data:n])
		case errors.Is(err, io.EOF):
			c.end = io.ErrUnexpectedEOF
		case err != nil:
			c.end = err
		}
		c.held = append(c.held[:0], p[data:n]...)
		if c.begun = c.begun || data > 0; data > 0 {
			return data, nil
		}
	}
	return 0, c.end
}

// delimited tells how many of the bytes belong to the content, and whether the delimiter follows them. What may yet
// turn out to be one is not counted unless those are the last bytes that come.
func (c *partContent) delimited(b []byte, last bool) (data int, over bool) {
	delimiter := c.body.delimiter
	if dashes := delimiter[bytes.IndexByte(delimiter, '-'):]; !c.begun { // an empty part may have no line of its own
		switch follows(b, dashes, last) {
		case yes:
			return 0, true
		case unknown:
			return 0, false
		}
	}
	for at := 0; ; {
		i := indexASCII(b[at:], delimiter)
		if i < 0 {
			break
		}
		at += i
		switch follows(b[at:], delimiter, last) {
		case yes:
			return at, true
		case unknown:
			return at, false
		}
		at += len(delimiter)
	}
	if tail := bytes.LastIndexByte(b, delimiter[0]); tail >= 0 && !last && bytes.HasPrefix(delimiter, b[tail:]) {
		return tail, false
	}
	return len(b), false
}

// stretch is how far bytes are looked at one by one where eight of them are ASCII.
const stretch = 512

// indexASCII is bytes.Index for a long sep of ASCII, as delimiters are. bytes.Index stops at every byte that is the
// first of sep, at random one of 256. Of eight bytes at random nearly always one is not ASCII: one comparison tells
// that the last eight of a sep do not lie there.
func indexASCII(b, sep []byte) int {
	const word = 8
	if len(sep) < 2*word || !ascii(sep) {
		return bytes.Index(b, sep)
	}
	for at := 0; at+len(sep) <= len(b); {
		if binary.LittleEndian.Uint64(b[at+len(sep)-word:])&notASCII != 0 {
			at += len(sep) - word + 1 // what begins up to here would hold all eight
			continue
		}
		end := min(at+stretch, len(b)-len(sep)+1) // of what is looked at, the beginnings
		if i := bytes.Index(b[at:end+len(sep)-1], sep); i >= 0 {
			return at + i
		}
		at = end
	}
	return -1
}

// notASCII are the bits of eight bytes that no ASCII character has.
const notASCII = 0x8080808080808080

func ascii(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

type verdict int

const (
	no verdict = iota
	yes
	unknown
)

// follows tells whether b begins with the delimiter, and with what may stand behind one: blanks, a line's end, two
// hyphens.
func follows(b, delimiter []byte, last bool) verdict {
	if len(b) < len(delimiter) && bytes.HasPrefix(delimiter, b) && !last {
		return unknown
	}
	behind, found := bytes.CutPrefix(b, delimiter)
	switch {
	case !found:
		return no
	case len(behind) == 0 && last:
		return yes
	case len(behind) == 0:
		return unknown
	case bytes.IndexByte([]byte(" \t\r\n"), behind[0]) >= 0:
		return yes
	case behind[0] != '-':
		return no
	case len(behind) == 1 && !last:
		return unknown
	case len(behind) > 1 && behind[1] == '-':
		return yes
	}
	return no
}

// giveBack puts what was read too far before the rest.
func (b *depositBody) giveBack(rest []byte) {
	b.in = bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), b.in))
}
