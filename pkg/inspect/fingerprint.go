package inspect

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MaxTokens is how many tokens a fingerprint has at most: the smallest of all. With 1024, of a document of a
	// hundred pages about ten stand for each page.
	MaxTokens = 1024
	// ShingleWords is how many words in a row one token stands for.
	ShingleWords = 5
	// MaxWords is how many words of one upload are looked at; what follows them counts for nothing.
	MaxWords = 1 << 19

	maxWord = 40 // characters without a blank; what is longer is no word, nor several
	// maxStrange is one in how many characters may be no UTF-8 in a text; Latin-1 has fewer in any language.
	maxStrange = 4
)

// Fingerprint is what is kept of the text of a file so that others can be compared with it. Everything in it was made
// with the caller's key: without the key it tells no word, and fingerprints of different keys have nothing in common.
// Only letters and digits count, in Unicode's compatible form and in lower case; where lines, pages and cells end does
// not.
type Fingerprint struct {
	Words  int               // that were found; 0: no text could be read, and the rest says nothing
	Text   [sha256.Size]byte // keyed digest of all words in order; of several parts, in any order of the parts
	Tokens []uint64          // ascending, at most MaxTokens, none twice
	Whole  bool              // Tokens are all there are, and not the smallest alone
}

// fingerprinter gathers the words of all parts of one upload.
type fingerprinter struct {
	key  []byte
	left int // words that are still looked at
	sum  Fingerprint
	set  smallest
}

func newFingerprinter(key []byte) *fingerprinter {
	return &fingerprinter{key: key, left: MaxWords}
}

// begin begins the words of one part.
func (f *fingerprinter) begin() *words { return &words{texts: f} }

// add counts a part whose words have all come; nil counts nothing.
func (f *fingerprinter) add(w *words) {
	if w == nil || w.count == 0 || w.strange*maxStrange > w.characters {
		return
	}
	f.sum.Words += w.count
	addDigest(&f.sum.Text, w.digest.Sum(nil))
	f.set.merge(&w.set)
}

// clone is independent of what is added to f later.
func (f *fingerprinter) clone() *fingerprinter {
	c := *f
	c.set = f.set.clone()
	return &c
}

func (f *fingerprinter) fingerprint() Fingerprint {
	f.set.settle()
	f.sum.Tokens, f.sum.Whole = slices.Clone(f.set.tokens), !f.set.cut
	return f.sum
}

// addDigest adds a part's digest, so that the order of the parts makes no difference.
func addDigest(sum *[sha256.Size]byte, digest []byte) {
	for at := 0; at < len(sum); at += 8 {
		binary.BigEndian.PutUint64(sum[at:], binary.BigEndian.Uint64(sum[at:])+binary.BigEndian.Uint64(digest[at:]))
	}
}

// words are those of one part, as they come.
type words struct {
	texts      *fingerprinter
	characters int
	strange    int    // of them that are in no encoding known here
	partial    []byte // a character that has not come whole
	word       []byte // or several that "/" and its like connect, a zero byte between them
	letters    int    // characters in word
	quoted     quotedPrintable
	recent     [ShingleWords][]byte
	count      int
	digest     hash.Hash
	mac        hash.Hash
	set        smallest
}

func (w *words) write(p []byte) {
	if w.texts.left <= 0 {
		return
	}
	p = w.quoted.decode(p)
	if len(w.partial) > 0 {
		p = append(w.partial, p...)
		w.partial = nil
	}
	for len(p) > 0 {
		r, size := rune(p[0]), 1
		if r >= utf8.RuneSelf {
			if !utf8.FullRune(p) {
				w.partial = append(w.partial, p...)
				return
			}
			if r, size = utf8.DecodeRune(p); r == utf8.RuneError && size == 1 {
				r = rune(p[0]) // Latin-1
				w.strange++
			}
		}
		w.characters++
		w.take(r)
		p = p[size:]
	}
}

// take takes one character.
func (w *words) take(r rune) {
	switch {
	case r == 0xAD || r >= 0x200B && r <= 0x200D || r == 0x2060 || r == 0xFEFF: // marks that nobody sees
	case r < utf8.RuneSelf && alphanumeric(byte(r)):
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		w.letter(r)
	case w.letters > 0 && (r == '/' || r == '+' || r == '='): // base64 has them too, and is no text
		w.letter(0)
	case r < utf8.RuneSelf:
		w.end()
	case unicode.In(r, unspaced...):
		w.end() // each character is a word
		w.letter(r)
		w.end()
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		w.letter(unicode.ToLower(r))
	default:
		w.end()
	}
}

// unspaced are the scripts that are written without blanks between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

func (w *words) letter(r rune) {
	if w.letters++; w.letters <= maxWord {
		w.word = utf8.AppendRune(w.word, r)
	}
}

// end is the end of a word, where there is one.
func (w *words) end() {
	if w.letters > 0 && w.letters <= maxWord {
		for word := range bytes.SplitSeq(w.word, []byte{0}) {
			if len(word) > 0 && w.texts.left > 0 {
				w.add(norm.NFKC.Bytes(word))
			}
		}
	}
	w.word, w.letters = w.word[:0], 0
}

func (w *words) add(word []byte) {
	if w.digest == nil {
		w.digest, w.mac = hmac.New(sha256.New, w.texts.key), hmac.New(sha256.New, w.texts.key)
		w.digest.Write([]byte("text\x00"))
	}
	w.texts.left--
	w.digest.Write(word)
	w.digest.Write([]byte{0})
	slot := w.count % ShingleWords
	w.recent[slot] = append(w.recent[slot][:0], word...)
	if w.count++; w.count < ShingleWords {
		return
	}
	w.mac.Reset()
	w.mac.Write([]byte("words\x00"))
	for k := range ShingleWords {
		w.mac.Write(w.recent[(w.count+k)%ShingleWords])
		w.mac.Write([]byte{0})
	}
	var sum [sha256.Size]byte
	w.set.add(binary.BigEndian.Uint64(w.mac.Sum(sum[:0])))
}

// ended is what w is should nothing more come. Of w itself nothing is changed.
func (w *words) ended() *words {
	e := *w
	if e.digest != nil {
		if c, err := e.digest.(hash.Cloner).Clone(); err == nil {
			e.digest = c
		}
	}
	for k, word := range e.recent {
		e.recent[k] = slices.Clone(word)
	}
	e.word, e.set = slices.Clone(w.word), w.set.clone()
	e.end()
	return &e
}

// smallest keeps the MaxTokens smallest of what is added.
type smallest struct {
	tokens []uint64 // once cut: the first MaxTokens ascending, and what came since
	cut    bool     // some were left out
}

func (s *smallest) add(token uint64) {
	if s.cut && token >= s.tokens[MaxTokens-1] {
		return
	}
	if s.tokens = append(s.tokens, token); len(s.tokens) == 2*MaxTokens {
		s.settle()
	}
}

func (s *smallest) settle() {
	slices.Sort(s.tokens)
	s.tokens = slices.Compact(s.tokens)
	if len(s.tokens) > MaxTokens {
		s.tokens, s.cut = s.tokens[:MaxTokens], true
	}
}

func (s *smallest) merge(other *smallest) {
	other.settle()
	cut := s.cut || other.cut
	s.tokens = append(s.tokens, other.tokens...)
	s.cut = false
	s.settle()
	s.cut = s.cut || cut
}

func (s *smallest) clone() smallest {
	return smallest{tokens: slices.Clone(s.tokens), cut: s.cut}
}
