package article4

import "slices"

// Effect is what did not happen when an act was refused.
type Effect string

// The effects. The first two claim less than the others, and so are true of a refusal as a whole where one of them is.
const (
	EffectNothingComplete      Effect = "nothing-complete"
	EffectNothingMoreSent      Effect = "nothing-more-sent"
	EffectNothingSentOrChanged Effect = "nothing-sent-or-changed"
	EffectNothingSent          Effect = "nothing-sent"
	EffectNothingChanged       Effect = "nothing-changed"
	EffectNothingStored        Effect = "nothing-stored"
	EffectNoByteStored         Effect = "no-byte-stored"
	EffectNothingKept          Effect = "nothing-kept"
	EffectNothingAsked         Effect = "nothing-asked"
	EffectNothingDone          Effect = "nothing-done"
)

// Words say the effect in a sentence; empty for an effect that does not exist.
func (e Effect) Words() (english, french string) {
	said := effects[e]
	return said.english, said.french
}

var effects = map[Effect]struct{ english, french string }{
	EffectNothingComplete:      {"Nothing complete was sent or kept.", "Rien de complet n’a été transmis ni conservé."},
	EffectNothingMoreSent:      {"Nothing more was sent.", "Plus rien n’a été transmis."},
	EffectNothingSentOrChanged: {"Nothing was sent and nothing changed.", "Rien n’a été transmis et rien n’a changé."},
	EffectNothingSent:          {"Nothing was sent.", "Rien n’a été transmis."},
	EffectNothingChanged:       {"Nothing changed.", "Rien n’a changé."},
	EffectNothingStored:        {"Nothing was stored.", "Rien n’a été enregistré."},
	EffectNoByteStored:         {"Not a byte was stored.", "Aucun octet n’a été enregistré."},
	EffectNothingKept:          {"Nothing was kept.", "Rien n’a été conservé."},
	EffectNothingAsked:         {"Nothing was asked for.", "Aucune demande n’a été faite."},
	EffectNothingDone:          {"Nothing was done.", "Rien n’a été fait."},
}

// EffectOf is the effect of a refusal for all these reasons: the one that claims least where there is one, else that of
// the first reason. A refusal whose first code does not exist did nothing.
func EffectOf(reasons []Reason) Effect {
	var all []Effect
	for _, r := range reasons {
		if entry, known := Lookup(r.Code); known {
			all = append(all, entry.Effect)
		}
	}
	for _, cautious := range []Effect{EffectNothingComplete, EffectNothingMoreSent} {
		if slices.Contains(all, cautious) {
			return cautious
		}
	}
	if len(all) == 0 {
		return EffectNothingDone
	}
	return all[0]
}
