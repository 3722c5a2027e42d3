package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"chancery.example/gateway/pkg/exchange"
)

// conflictOf is what stands in the way of an act, as the Gateway says it behind its kind; empty where it says no more.
func conflictOf(err error) Because {
	_, cause, _ := strings.Cut(err.Error(), exchange.ErrConflict.Error()+": ")
	if cause == "" {
		return Because{}
	}
	french := cause
	for _, one := range conflicts() {
		if rest, ok := strings.CutPrefix(cause, one[0]); ok {
			french = one[1] + rest
			break
		}
	}
	return Because{English: sentence(cause), French: sentence(french)}
}

func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}

// conflicts are the causes as they are written in English, to where they hold a value, and in French. A test reads the
// English off the sources.
func conflicts() [][2]string {
	return [][2]string{
		{"the version was destroyed already", "la version a déjà été détruite"},
		{"the document says all this already", "le document indique déjà tout cela"},
		{"the document is marked so already", "le document porte déjà cette marque"},
		{"the lifting waits for a second person already", "la levée attend déjà une seconde personne"},
		{"this erasure waits for a second signatory already", "cet effacement attend déjà un second signataire"},
		{"a Hold of this Party stands on the document already",
			"une conservation de cette Partie porte déjà sur le document"},
		{"the end of this Hold waits for a second person already",
			"la fin de cette conservation attend déjà une seconde personne"},
		{"this notice was answered already", "il a déjà été répondu à cet avis"},
		{"as many files are staged as one person may have waiting",
			"autant de fichiers sont déposés en attente qu’une personne peut en avoir"},
		{"the file comes in too many pieces", "le fichier arrive en trop de morceaux"},
		{"the request is for the present version already", "la demande porte déjà sur la version actuelle"},
		{"this text was put to this third party already", "ce texte a déjà été soumis à ce tiers"},
		{"this text was signed already", "ce texte a déjà été signé"},
		{"this text was declined already", "ce texte a déjà été décliné"},
		{"this Release is over already", "cette mise à disposition a déjà pris fin"},
		{"this Delegation was ended already", "il a déjà été mis fin à cette délégation"},
		{"notice was given already and counts from ", "le préavis a déjà été donné et court à compter du "},
		{"the same proposal waits for the other Party already", "la même proposition attend déjà l’autre Partie"},
		{"the same proposal waits for the Parties already", "la même proposition attend déjà les Parties"},
		{"this organisation has decided on this request", "cette organisation a statué sur cette demande"},
		{"this entity has decided on this request", "cette entité a statué sur cette demande"},
		{"this paper was deposited already", "ce document signé a déjà été déposé"},
		{"this organisation has decided on this lowering", "cette organisation a statué sur cet abaissement"},
		{"nothing that this organisation gave stands on this lowering",
			"rien de ce que cette organisation a donné ne subsiste sur cet abaissement"},
		{"this address waits for a second person already", "cette adresse attend déjà une seconde personne"},
		{"the Party is sent word at this address already", "la Partie est déjà avertie à cette adresse"},
		{"the Party is sent word at as many addresses as it may have",
			"la Partie est avertie à autant d’adresses qu’elle peut en avoir"},
		{"the Party has an office of this name already", "la Partie a déjà un bureau de ce nom"},
		{"nothing that this organisation gave stands on this request",
			"rien de ce que cette organisation a donné ne subsiste sur cette demande"},
		{"nothing that this organisation gave stands here",
			"rien de ce que cette organisation a donné ne subsiste ici"},
	}
}
