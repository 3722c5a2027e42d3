package notify

import (
	"fmt"
	"strings"
)

// letter is what a mail says: the subject and the text.
type letter struct{ subject, text string }

// write puts a mail into words: in one language, or in both where the person chose none.
func write(language, link string, notices []string) letter {
	english, french := inEnglish(link, notices), inFrench(link, notices)
	switch language {
	case "en":
		return english
	case "fr":
		return french
	}
	return letter{english.subject + " / " + french.subject, english.text + "\n\n----\n\n" + french.text}
}

func inEnglish(link string, notices []string) letter {
	waits, number := "Something waits", "Number"
	if len(notices) > 1 {
		waits, number = fmt.Sprintf("%d things wait", len(notices)), "Numbers"
	}
	return letter{waits + " for you at Chancery", waits + " for you at Chancery.\n\n" +
		number + ": " + strings.Join(notices, ", ") + "\n\n" +
		"Sign in to see what it is: " + link + "\n\n" +
		"This mail says no more on purpose. Nothing happens by opening the link. " +
		"How often you are sent mail is for you to say, at Chancery."}
}

func inFrench(link string, notices []string) letter {
	waits, number := "Quelque chose vous attend", "Numéro"
	if len(notices) > 1 {
		waits, number = fmt.Sprintf("%d choses vous attendent", len(notices)), "Numéros"
	}
	return letter{waits + " sur Chancery", waits + " sur Chancery.\n\n" +
		number + "\u00a0: " + strings.Join(notices, ", ") + "\n\n" +
		"Pour voir ce dont il s’agit, veuillez vous authentifier\u00a0: " + link + "\n\n" +
		"C’est à dessein que ce courriel n’en dit pas plus. Ouvrir le lien n’a aucun effet. " +
		"La fréquence des courriels se choisit sur Chancery."}
}
