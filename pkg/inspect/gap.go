package inspect

import (
	"slices"
	"strings"
	"unicode"
)

// Reason says why something could not be looked into.
type Reason string

// The reasons.
const (
	Encrypted   Reason = "encrypted"    // its key is not here
	TooDeep     Reason = "too-deep"     // more than MaxDepth containers in each other
	TooLarge    Reason = "too-large"    // Config.MaxUnpacked was reached
	Excessive   Reason = "excessive"    // it is made of what looks like messages, and asks for more work than is done
	Damaged     Reason = "damaged"      // it does not unpack, or ends too early
	OtherFormat Reason = "other-format" // a container or a compression that is not opened here
	Glyphs      Reason = "glyphs"       // a PDF whose text is numbers of glyphs
)

// maxGaps is how many gaps are reported; what is found beyond is left out.
const maxGaps = 32

// maxPart is the longest Part, in bytes.
const maxPart = 200

// Gap is something in an upload that could not be looked into: neither passenger data nor resemblance was found there,
// and may be there.
type Gap struct {
	// Part is where, from the outside in: "report.zip > annex.7z". Empty: the upload itself. The names are taken from
	// the file: they are content, for the depositor and for no log. At most 200 bytes, without control characters.
	Part   string
	Reason Reason
}

type gaps []Gap

// add keeps a gap once.
func (g *gaps) add(part string, reason Reason) {
	gap := Gap{Part: part, Reason: reason}
	if len(*g) < maxGaps && !slices.Contains(*g, gap) {
		*g = append(*g, gap)
	}
}

// inside is the name of a part of a part; without a name of its own it has the outer one's.
func inside(outer, name string) string {
	name = strings.ToValidUTF8(name, "?")
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '?'
		}
		return r
	}, name)
	switch {
	case name == "":
		name = outer
	case outer != "":
		name = outer + " > " + name
	}
	if len(name) > maxPart {
		name = strings.ToValidUTF8(name[:maxPart-len("…")], "") + "…"
	}
	return name
}
