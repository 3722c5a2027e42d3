package inspect

import "encoding/binary"

const (
	// minEncoded is the shortest run of base64 that is decoded, in characters; a message header alone takes more.
	minEncoded = 40
	// encodedCost is what a run costs of what may be unpacked, besides its bytes.
	encodedCost = 64
	// notASCII are the bits of eight bytes that no ASCII character has.
	notASCII = 0x8080808080808080
)

// sextets are the values of the base64 characters (RFC 4648, both alphabets), 0xFF for all others.
var sextets = func() (table [256]byte) {
	for b := range table {
		table[b] = 0xFF
	}
	for v, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[b] = byte(v)
	}
	table['-'], table['_'] = 62, 63
	return table
}()

// encoded finds base64 wherever it stands: in the parts of an e-mail, in JSON, in a data URL, by itself. What it
// decodes is a layer of its own.
type encoded struct {
	outer   *layer
	pending []byte // a run that is too short so far
	inner   *layer // of the run at hand; nil between runs, and of one that may not be opened
	running bool
	buffer  []byte
	quantum uint32
	have    int  // sextets in quantum
	line    int  // characters on this line of the run
	broken  bool // a line end was just passed
}

func (e *encoded) write(p []byte) {
	if e.outer.depth >= MaxDepth {
		return
	}
	for len(p) > 0 {
		if e.running {
			p = p[e.decode(p):]
			continue
		}
		p = p[e.find(p):]
	}
	e.flush()
}

// find passes over p up to a run that is long enough, begins it with what of it was passed, and returns how much that
// is.
func (e *encoded) find(p []byte) int {
	from := 0
	if len(e.pending) > 0 {
		n := 0
		for n < len(p) && len(e.pending) < minEncoded && sextets[p[n]] != 0xFF {
			e.pending = append(e.pending, p[n])
			n++
		}
		switch {
		case len(e.pending) == minEncoded:
			e.begin()
			return n
		case n == len(p):
			return n
		}
		e.pending, from = e.pending[:0], n
	}
	for from+minEncoded <= len(p) { // a run from here on that is long enough holds the last bytes looked at
		last := from + minEncoded - 1
		// Eight at once: nearly always one of them is not ASCII in what is no text, and where a run begins one by one
		// is what no processor can foresee. The run then begins behind the first of the eight at the earliest.
		if binary.LittleEndian.Uint64(p[last-7:])&notASCII != 0 {
			from = last - 6
			continue
		}
		first := last
		for first >= from && sextets[p[first]] != 0xFF {
			first--
		}
		if first++; first == from {
			e.pending = append(e.pending, p[first:last+1]...)
			e.begin()
			return last + 1
		}
		from = first
	}
	first := len(p)
	for first > from && sextets[p[first-1]] != 0xFF {
		first--
	}
	e.pending = append(e.pending, p[first:]...)
	return len(p)
}

// begin starts a run with what is pending.
func (e *encoded) begin() {
	e.running, e.broken, e.line, e.have, e.quantum = true, false, 0, 0, 0
	if e.outer.spend(encodedCost) {
		e.inner = e.outer.enter(e.outer.depth+1, e.outer.part, e.outer.text != nil && e.outer.text.words != nil)
	} else {
		e.outer.gaps.add(e.outer.part, TooLarge)
	}
	start := e.pending
	e.pending = nil
	e.decode(start)
	e.pending = start[:0]
}

// decode takes what belongs to the run, and ends it where something else stands. It returns how much of p it has dealt
// with.
func (e *encoded) decode(p []byte) int {
	for n, b := range p {
		v := sextets[b]
		switch {
		case v != 0xFF && !(e.broken && b == '-'): // a line that begins so is a boundary
			e.take(v)
		case b == '\r' && !e.broken:
		case b == '\n' && !e.broken && e.have == 0 && e.line >= minEncoded:
			e.broken, e.line = true, 0
		default:
			e.end()
			return n
		}
	}
	return len(p)
}

func (e *encoded) take(v byte) {
	e.broken = false
	e.line++
	e.quantum = e.quantum<<6 | uint32(v)
	if e.have++; e.have < 4 {
		return
	}
	e.buffer = append(e.buffer, byte(e.quantum>>16), byte(e.quantum>>8), byte(e.quantum))
	e.quantum, e.have = 0, 0
	if len(e.buffer) >= pieceSize-3 {
		e.flush()
	}
}

// flush hands on what was decoded.
func (e *encoded) flush() {
	if e.inner != nil && len(e.buffer) > 0 {
		if e.outer.spend(len(e.buffer)) {
			e.inner.Write(e.buffer)
		} else {
			e.outer.gaps.add(e.inner.part, TooLarge)
			e.drop()
		}
	}
	e.buffer = e.buffer[:0]
}

func (e *encoded) end() {
	switch e.have { // what an unfinished quantum holds
	case 2:
		e.buffer = append(e.buffer, byte(e.quantum>>4))
	case 3:
		e.buffer = append(e.buffer, byte(e.quantum>>10), byte(e.quantum>>2))
	}
	e.flush()
	e.drop()
	e.running, e.have = false, 0
}

func (e *encoded) drop() {
	if e.inner != nil {
		e.inner.leave()
		e.inner = nil
	}
}

func (e *encoded) close() {
	if e.inner != nil {
		e.inner.close()
	}
}
