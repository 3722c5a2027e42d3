package mark

import "slices"

// Warning is something of the original that a marked copy does not keep or mark, or that goes out with it and can do
// something. A copy is made nevertheless; where it matters what is kept, the original is what should be asked for.
type Warning string

// The warnings.
const (
	Signature   Warning = "signature"   // a digital signature over the document, which does not verify on the copy
	PDFA        Warning = "pdf-a"       // the file says that it is PDF/A; its copy is not, and does not say so
	Pictures    Warning = "pictures"    // it holds more pictures than the first, which alone is in the copy
	MacroSheet  Warning = "macro-sheet" // an Excel 4 macro sheet; the mark stands on it in print only
	Attachments Warning = "attachments" // files inside it, which go out as they are, unmarked

	// What goes out as it is, and does something when it is opened, used or unpacked.
	Scripts  Warning = "scripts"  // scripts or macros
	Launch   Warning = "launch"   // it has a program started, another file opened, or data sent or fetched
	External Warning = "external" // it loads a template, picture or file from elsewhere
	Paths    Warning = "paths"    // an archive, with names or links that lead out of where it is unpacked
)

// Acts tells whether it is what the file can do, the original no less than a marked copy.
func (w Warning) Acts() bool {
	switch w {
	case Scripts, Launch, External, Paths:
		return true
	}
	return false
}

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
	case Scripts:
		return "The original contains scripts or macros. They leave with a copy as they are, and can run when it is " +
				"opened. Reading it here, page by page, runs nothing.",
			"L’original contient des scripts ou des macros. Ils sont transmis tels quels avec l’exemplaire, " +
				"et peuvent s’exécuter à l’ouverture. La lecture ici, page par page, n’exécute rien."
	case Launch:
		return "The original can have a program started, another file opened, or data sent elsewhere. So can a copy." +
				" Reading it here, page by page, does none of it.",
			"L’original peut lancer un programme, ouvrir un autre fichier ou envoyer des données ailleurs. Un " +
				"exemplaire le peut aussi. La lecture ici, page par page, ne fait rien de tel."
	case External:
		return "The original loads something from elsewhere when it is opened. Whoever is there can see when, and " +
				"from where, a copy is opened.",
			"L’original charge un élément extérieur à l’ouverture. Celui qui s’y trouve peut voir quand et d’où un " +
				"exemplaire est ouvert."
	case Paths:
		return "The archive has names or links that can lead out of the folder into which it is unpacked. It leaves " +
				"as it is: look at its contents before unpacking it.",
			"L’archive comporte des noms ou des liens qui peuvent mener hors du dossier où elle est décompressée. " +
				"Elle est transmise telle quelle : examinez son contenu avant de la décompresser."
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
