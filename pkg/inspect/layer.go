package inspect

import (
	"bytes"
	"slices"
)

const (
	// MaxDepth is how many containers and encodings in each other are opened: a tar file that gzip compressed counts
	// two.
	MaxDepth = 4
	// DefaultMaxUnpacked is what Config.MaxUnpacked is when it is zero, in bytes.
	DefaultMaxUnpacked = 256 << 20

	headWindow = 1024 // what a container is recognised by, in bytes; readers find a PDF's header within it
	partCost   = 1024 // what opening a part costs of what may be unpacked, in bytes
	pieceSize  = 32 << 10
)

// search is what all layers of one upload share.
type search struct {
	found bool
	// leadsOut: the name of a part, or a link, leads out of where it is unpacked
	leadsOut bool
	left     int64 // bytes that may still be unpacked
	gaps     gaps
	live     []*layer       // the upload first, and what lies open within it
	texts    *fingerprinter // nil: none is made
	closed   bool
}

// spend takes from what may be unpacked.
func (s *search) spend(n int) bool {
	s.left -= int64(n)
	return s.left >= 0
}

// atEnd is what was found, should the upload end here. It changes nothing.
func (s *search) atEnd() (found bool, g gaps, f Fingerprint) {
	found, g = s.found, slices.Clone(s.gaps)
	for _, l := range s.live {
		found = found || l.foundAtEnd()
		l.tellGaps(&g)
	}
	if s.texts == nil {
		return found, g, f
	}
	texts := s.texts.clone()
	for _, l := range s.live {
		l.addTexts(texts)
	}
	return found, g, texts.fingerprint()
}

// close ends everything that decodes.
func (s *search) close() {
	s.closed = true
	for _, l := range slices.Clone(s.live) {
		l.close()
	}
}

// layer is one stream of bytes: the upload itself, or something that was unpacked from it.
type layer struct {
	*search
	depth int
	part  string

	scan    scanner
	encoded encoded
	text    *textLayer // nil: what this holds is no text of its own
	shown   *shownText // of a stream of a PDF file; nil: it is none
	head    []byte     // until its kind is known
	told    bool
	opened  *source
}

// enter begins a layer; leave ends it.
func (s *search) enter(depth int, part string, words bool) *layer {
	l := &layer{search: s, depth: depth, part: part}
	l.text = newTextLayer(s.texts, words)
	l.encoded.outer = l
	s.live = append(s.live, l)
	return l
}

// within begins a layer in this one. It is nil, and the gap is reported, when nothing more may be opened.
func (l *layer) within(name string, words bool) *layer {
	part := inside(l.part, name)
	switch {
	case l.depth+1 > MaxDepth:
		l.gaps.add(part, TooDeep)
		return nil
	case !l.spend(partCost):
		l.gaps.add(part, TooLarge)
		return nil
	}
	return l.enter(l.depth+1, part, words)
}

func (l *layer) leave() {
	l.search.found = l.search.found || l.foundAtEnd()
	l.tellGaps(&l.gaps)
	l.close()
	if l.texts != nil {
		l.addTexts(l.texts)
	}
	if at := slices.Index(l.live, l); at >= 0 {
		l.live = slices.Delete(l.live, at, at+1)
	}
}

// tellGaps tells what could not be looked into, should the layer end here.
func (l *layer) tellGaps(to *gaps) {
	if l.opened != nil && l.opened.busy {
		to.add(l.part, Damaged)
	}
	if l.shown != nil && l.shown.glyphs > 0 {
		to.add(l.part, Glyphs)
	}
	if l.scan.tired || l.text != nil && l.text.scan.tired || l.shown != nil && l.shown.scan.tired {
		to.add(l.part, Excessive)
	}
}

// addTexts counts the words of the layer itself, should it end here.
func (l *layer) addTexts(to *fingerprinter) {
	if l.text != nil && l.text.words != nil {
		to.add(l.text.words.ended())
	}
	if l.shown != nil && l.shown.text.words != nil {
		to.add(l.shown.ended(l.shown.text.words))
	}
}

// close ends what decodes.
func (l *layer) close() {
	if l.opened != nil {
		l.opened.close()
	}
	l.encoded.close()
}

// foundAtEnd is whether passenger data was found, should the layer end here.
func (l *layer) foundAtEnd() bool {
	return l.scan.foundAtEnd() || l.text != nil && l.text.scan.foundAtEnd() || l.shown != nil &&
		l.shown.scan.foundAtEnd()
}

// Write takes the next bytes of the layer. It takes all of them.
func (l *layer) Write(p []byte) (int, error) {
	// Taken before tell: what tell opens is given the head there, and these bytes with it.
	opened := l.opened
	if !l.told {
		l.tell(p)
	}
	l.scan.write(p)
	l.search.found = l.search.found || l.scan.found
	if opened != nil {
		opened.write(p)
	}
	l.encoded.write(p)
	if l.text != nil {
		l.text.write(p)
		l.search.found = l.search.found || l.text.scan.found
	}
	return len(p), nil
}

// tell finds out what the layer is while its head comes.
func (l *layer) tell(p []byte) {
	l.head = append(l.head, p...)
	decode, told := l.container()
	if !told && len(l.head) < headWindow {
		return
	}
	head := l.head
	l.told, l.head, l.scan.binary = true, nil, unprintable(head)
	if decode != nil {
		l.text = nil
		l.opened = open(decode)
		l.opened.write(head)
	}
}

// unprintable holds for what begins with more control characters than any text. Zero bytes do not count: wide encodings
// have them.
func unprintable(head []byte) bool {
	const share = 20
	n := 0
	for _, b := range head {
		if b != 0 && control[b] {
			n++
		}
	}
	return n*share > len(head)
}

// otherFormats begin containers and compressions that are not opened.
var otherFormats = []string{
	"7z\xBC\xAF\x27\x1C", "Rar!\x1A\x07", "\xFD7zXZ\x00", "\x28\xB5\x2F\xFD", "\x04\x22\x4D\x18", "MSCF\x00\x00",
	"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "\x1F\x9D", "\x78\x9F\x3E\x22", "-----BEGIN PGP MESSAGE-----",
}

// container tells what the layer is from its head: how it is opened, nil where it is none, and whether that is certain
// before the head is whole.
func (l *layer) container() (decode func(*source), told bool) {
	h := l.head
	switch {
	case len(h) < 8:
		return nil, false
	case bytes.HasPrefix(h, []byte(zipEntry)):
		return l.unzip, true
	case bytes.HasPrefix(h, []byte("\x1F\x8B\x08")):
		return l.gunzip, true
	case bytes.HasPrefix(h, []byte("BZh")) && bytes.HasPrefix(h[4:], []byte("1AY&")):
		return l.bunzip, true
	case len(h) >= 263 && bytes.HasPrefix(h[257:], []byte("ustar")):
		return l.untar, true
	case bytes.Contains(h[:min(len(h), headWindow)], []byte("%PDF-")):
		return l.readPDF, true
	}
	for _, format := range otherFormats {
		if bytes.HasPrefix(h, []byte(format)) {
			l.gaps.add(l.part, OtherFormat)
			return nil, true
		}
	}
	return nil, false
}
