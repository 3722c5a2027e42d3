package article4

// reasonWords are what is said of a reason in each language, and what did not happen.
//
// The words are for whoever is refused: what is missing, and who can supply it. French is set as in print: U+2019 for
// the apostrophe, U+202F before ; ? and !, U+00A0 before : and inside « »; names of the API stand in « ».
type reasonWords struct {
	effect          Effect
	english, french Words
}

// worded gives an entry its words.
func (e Entry) worded() Entry {
	for _, words := range []map[Code]reasonWords{accessReasons, consentReasons, gatewayReasons} {
		if w, ok := words[e.Code]; ok {
			e.Effect, e.English, e.French = w.effect, w.english, w.french
		}
	}
	return e
}
