package mark

import "slices"

// Warning is something of the original that a marked copy does not keep, or does not mark. A copy is made
// nevertheless; where it matters, the original is what should be asked for.
type Warning string

// The warnings.
const (
	Signature   Warning = "signature"   // a digital signature over the document, which does not verify on the copy
	PDFA        Warning = "pdf-a"       // the file says that it is PDF/A; its copy is not, and does not say so
	Pictures    Warning = "pictures"    // it holds more pictures than the first, which alone is in the copy
	MacroSheet  Warning = "macro-sheet" // an Excel 4 macro sheet; the mark stands on it in print only
	Attachments Warning = "attachments" // files inside it, which go out as they are, unmarked
)

// Warnings lists those that are so, sorted.
func Warnings(found map[Warning]bool) []Warning {
	var out []Warning
	for w, is := range found {
		if is {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}
