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

// Words say it to a reader.
func (w Warning) Words() (english, french string) {
	switch w {
	case Signature:
		return "The original bears a digital signature. It does not verify on a marked copy.",
			"L’original porte une signature numérique. Elle ne peut pas être vérifiée sur un exemplaire marqué."
	case PDFA:
		return "The original is a PDF/A file. A marked copy is not, and does not say so.",
			"L’original est un fichier PDF/A. Un exemplaire marqué ne l’est pas, et ne l’affirme pas."
	case Pictures:
		return "The original holds several pictures. A marked copy holds the first alone.",
			"L’original contient plusieurs images. Un exemplaire marqué ne contient que la première."
	case MacroSheet:
		return "The original has an Excel 4 macro sheet. Its mark is seen in print only.",
			"L’original comporte une feuille macro Excel 4. Sa marque n’apparaît qu’à l’impression."
	case Attachments:
		return "The original contains other files. They leave with a marked copy as they are, unmarked.",
			"L’original contient d’autres fichiers. Ils sont transmis avec l’exemplaire marqué, tels quels et sans " +
				"marque."
	}
	return string(w), string(w)
}

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
