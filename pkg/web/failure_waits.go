package web

import (
	"fmt"
	"time"
)

// comeAgain says when, in words: whoever reads a page sees no header.
func comeAgain(wait time.Duration) Because {
	n := seconds(wait)
	if n == 1 {
		return Because{"Come again in 1 second.", "Veuillez réessayer dans 1 seconde."}
	}
	return Because{fmt.Sprintf("Come again in %d seconds.", n), fmt.Sprintf("Veuillez réessayer dans %d secondes.", n)}
}

// underWay says what goes on already, and when to come again.
func underWay(english, french string) Because {
	again := comeAgain(retryAfter * time.Second)
	return Because{english + " " + again.English, french + " " + again.French}
}

func uploadsUnderWay(most int) Because {
	return underWay(fmt.Sprintf("Of one person %d files may be on their way at once.", most),
		fmt.Sprintf("Une même personne peut envoyer %d fichiers à la fois.", most))
}

func waitsUnderWay(most int) Because {
	return underWay(fmt.Sprintf("%d calls wait for events at once, and no more do.", most),
		fmt.Sprintf("%d appels attendent déjà des événements ; aucun de plus n’est admis.", most))
}

func reviewUnderWay() Because {
	return underWay("The figures of your organisation are being counted for somebody already.",
		"Les chiffres de votre organisation sont déjà en cours de calcul.")
}
