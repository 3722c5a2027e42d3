package article4

// FormGround says why a reader is handed the form that they are. It is a safeguard throughout, form-granted in
// rules.cedar: Article 4(9) asks for written markings, and leaves open how a copy carries them.
type FormGround string

// The grounds.
const (
	FormOwnPeople     FormGround = "own-people"       // of the Discloser: they choose
	FormOpen          FormGround = "non-confidential" // whoever may have it chooses
	FormGrantOriginal FormGround = "grant-original"   // the grant says original: the reader chooses
	FormGrantStamped  FormGround = "grant-stamped"    // the grant says stamped
	FormGrantView     FormGround = "grant-view"       // the grant says view: nothing is handed out
)

// Forms are those that a reader may have, and why. Where none is asked for, it is stamped.
type Forms struct {
	May    []Form
	Ground FormGround
}

// formsOf tells the forms behind a permitted disclosure.
func formsOf(f *Facts, relies *GrantFacts) *Forms {
	both := f.showable(Stamped, Original)
	switch {
	case f.side() == sideDiscloser:
		return &Forms{May: both, Ground: FormOwnPeople}
	case !f.protected():
		return &Forms{May: both, Ground: FormOpen}
	case relies != nil && relies.Form == Original:
		return &Forms{May: both, Ground: FormGrantOriginal}
	}
	if relies != nil && relies.Form == View {
		return &Forms{May: f.showable(), Ground: FormGrantView}
	}
	return &Forms{May: f.showable(Stamped), Ground: FormGrantStamped}
}

// showable are these forms, behind the narrowest where the version can be shown.
func (f *Facts) showable(forms ...Form) []Form {
	if f.Document.Showable {
		return append([]Form{View}, forms...)
	}
	return forms
}

// Basis is what the ground rests on, as rules.cedar says it of form-granted.
func (FormGround) Basis() string { return "safeguard" }

// Words say the ground to a reader.
func (g FormGround) Words() (english, french string) {
	switch g {
	case FormOwnPeople:
		return "The Discloser’s own people choose between a marked copy and the original.",
			"Le personnel de la Partie divulgatrice choisit entre un exemplaire marqué et l’original."
	case FormOpen:
		return "The document is non-confidential: its reader chooses between a marked copy and the original.",
			"Le document est non confidentiel : son lecteur choisit entre un exemplaire marqué et l’original."
	case FormGrantOriginal:
		return "The grant allows the original: the reader chooses between the original and a marked copy.",
			"L’accès accordé prévoit l’original : le lecteur choisit entre l’original et un exemplaire marqué."
	case FormGrantView:
		return "The grant allows reading page by page only: nothing is handed out.",
			"L’accès accordé ne prévoit que la lecture page par page : rien n’est remis."
	case FormGrantStamped:
		return "A protected document goes out as a marked copy, because the grant does not allow the original.",
			"Un document protégé est transmis sous forme d’exemplaire marqué, car l’accès accordé ne prévoit pas " +
				"l’original."
	}
	return "", ""
}
