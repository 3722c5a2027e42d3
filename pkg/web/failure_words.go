package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Because is why a failure came about, as a sentence in each language.
type Because struct{ English, French string }

// JSONExpected answers a body of another media type; sent is its Content-Type.
func JSONExpected(sent string) Because { return typeExpected("application/json", sent) }

// MultipartExpected answers a deposit of another media type; sent is its Content-Type.
func MultipartExpected(sent string) Because { return typeExpected("multipart/form-data", sent) }

// OctetsExpected answers a part of a file of another media type; sent is its Content-Type.
func OctetsExpected(sent string) Because { return typeExpected(Octets, sent) }

// typeExpected says which header is wrong, and what it said: the author of a client looks for it.
func typeExpected(wanted, sent string) Because {
	if sent == "" {
		return Because{"Content-Type: " + wanted + " is expected, and none was sent.",
			"« Content-Type: " + wanted + " » est attendu ; aucun n’a été envoyé."}
	}
	return Because{fmt.Sprintf("Content-Type: %s is expected, and %+q was sent.", wanted, sent[:min(len(sent), 100)]),
		fmt.Sprintf("« Content-Type: %s » est attendu, mais « %s » a été envoyé.", wanted, plainly(sent))}
}

// plainly is what was sent, as far as it may be shown between quotation marks.
func plainly(sent string) string {
	return strings.Trim(fmt.Sprintf("%+q", sent[:min(len(sent), 100)]), `"`)
}

// UncodedExpected answers a body under a content coding.
func UncodedExpected() Because {
	return Because{"The body must be sent without a content coding.",
		"Le corps doit être envoyé sans codage de contenu."}
}

// issuerUnbound answers the token of an issuer that speaks for nobody.
func issuerUnbound() Because {
	return Because{"The issuer is bound to no organisation.", "L’émetteur n’est lié à aucune organisation."}
}

// Technical is a reason that only whoever builds a client needs, and that is written in English alone.
func Technical(english string) Because {
	return Because{english, "Motif technique, en anglais : « " + english + " »."}
}

// said is what a failure is answered with in one language. The effect says what did not happen: it stands apart, so
// that whoever shows several reasons says it once.
type said struct{ Title, Detail, Effect string }

// words says what a kind is answered with.
type words struct {
	status          int
	code            string
	english, french said
}

// in picks a language.
func (w words) in(language Language) said {
	if language == French {
		return w.french
	}
	return w.english
}

// in picks a language.
func (b Because) in(language Language) string {
	if language == French {
		return b.French
	}
	return b.English
}

// together are sentences in one line; empty ones are left out.
func together(sentences ...string) string {
	return strings.TrimSpace(strings.Join(sentences, " "))
}

// Kinds lists the kinds of failure, by name.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// Answer is what a failure of this kind is answered with: its code, its status, and its title in both languages.
func (k Kind) Answer() (code string, status int, english, french string) {
	w := k.words()
	return w.code, w.status, w.english.Title, w.french.Title
}

func (k Kind) words() words {
	if w, known := kinds[k]; known {
		return w
	}
	return kinds[KindInternal]
}

// statusChecksum is tus 1.0's own: Checksum Mismatch.
const statusChecksum = 460

// kinds is the table of what failures are answered with. Its French is set as that of pkg/invalid.
var kinds = map[Kind]words{
	KindInvalid: {
		status: http.StatusBadRequest, code: "request/invalid",
		english: said{Title: "The request cannot be understood", Effect: "Nothing was done."},
		french:  said{Title: "La demande ne peut être comprise", Effect: "Rien n’a été fait."},
	},
	KindNoToken: {
		status: http.StatusUnauthorized, code: "request/no-token",
		english: said{Title: "Sign in first", Detail: "A bearer token is needed."},
		french:  said{Title: "Veuillez d’abord vous authentifier", Detail: "Un jeton d’accès est nécessaire."},
	},
	KindBadToken: {
		status: http.StatusUnauthorized, code: "request/bad-token",
		english: said{Title: "Sign in again: the token is not accepted"},
		french:  said{Title: "Veuillez vous authentifier de nouveau : le jeton n’est pas accepté"},
	},
	KindNotFound: {
		status: http.StatusNotFound, code: "request/not-found",
		english: said{Title: "Not found", Detail: "It does not exist, or you have no standing for it."},
		french: said{
			Title:  "Introuvable",
			Detail: "L’objet n’existe pas, ou vous n’avez pas qualité pour le voir.",
		},
	},
	KindMethodNotAllowed: {
		status: http.StatusMethodNotAllowed, code: "request/method-not-allowed",
		english: said{Title: "This path does not accept the method"},
		french:  said{Title: "Ce chemin n’accepte pas cette méthode"},
	},
	KindTooSlow: {
		status: http.StatusRequestTimeout, code: "request/too-slow",
		english: said{Title: "The request came too slowly", Effect: "Nothing of it is kept."},
		french:  said{Title: "La demande est arrivée trop lentement", Effect: "Rien n’en est conservé."},
	},
	KindConflict: {
		status: http.StatusConflict, code: "request/conflict",
		english: said{Title: "It conflicts with what was recorded before", Effect: "Nothing was done."},
		french:  said{Title: "Cela contredit ce qui a été consigné auparavant", Effect: "Rien n’a été fait."},
	},
	KindChanged: {
		status: http.StatusPreconditionFailed, code: "request/changed",
		english: said{
			Title:  "It has changed in the meantime",
			Detail: "Read it again, then decide.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "L’objet a changé entre-temps",
			Detail: "Veuillez le relire, puis décider.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindTooLarge: {
		status: http.StatusRequestEntityTooLarge, code: "request/too-large",
		english: said{Title: "The body is too large", Effect: "Nothing of it is kept."},
		french:  said{Title: "Le corps de la demande est trop grand", Effect: "Rien n’en est conservé."},
	},
	KindMediaType: {
		status: http.StatusUnsupportedMediaType, code: "request/media-type",
		english: said{Title: "The body is not of the expected media type", Effect: "Nothing was done."},
		french:  said{Title: "Le corps n’est pas du type de média attendu", Effect: "Rien n’a été fait."},
	},
	KindRange: {
		status: http.StatusRequestedRangeNotSatisfiable, code: "request/range",
		english: said{Title: "The range lies outside the content"},
		french:  said{Title: "La plage se trouve hors du contenu"},
	},
	KindOver: {
		status: http.StatusGone, code: "request/over",
		english: said{
			Title:  "The time for fetching this content is over",
			Detail: "A new disclosure is needed.",
			Effect: "Nothing was sent.",
		},
		french: said{
			Title:  "Le délai pour obtenir ce contenu est écoulé",
			Detail: "Une nouvelle divulgation est nécessaire.",
			Effect: "Rien n’a été transmis.",
		},
	},
	KindCopyInProgress: {
		status: http.StatusServiceUnavailable, code: "request/copy-in-progress",
		english: said{
			Title:  "The marked copy is still being made",
			Detail: "Ask again in a moment.",
			Effect: "Nothing was sent yet.",
		},
		french: said{
			Title:  "L’exemplaire marqué est encore en préparation",
			Detail: "Veuillez réessayer dans un instant.",
			Effect: "Rien n’a encore été transmis.",
		},
	},
	KindKeyReused: {
		status: http.StatusUnprocessableEntity, code: "request/key-reused",
		english: said{
			Title:  "The Idempotency-Key was used before for something else",
			Detail: "Take a new key for a new act.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "L’« Idempotency-Key » a déjà servi à autre chose",
			Detail: "Veuillez prendre une nouvelle clé pour un nouvel acte.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindNotHTTP: {
		status: http.StatusBadRequest, code: "request/not-http",
		english: said{Title: "The request is not well-formed HTTP", Effect: "Nothing was done."},
		french:  said{Title: "La demande n’est pas du HTTP bien formé", Effect: "Rien n’a été fait."},
	},
	KindHeadTooLarge: {
		status: http.StatusRequestHeaderFieldsTooLarge, code: "request/head-too-large",
		english: said{
			Title:  "The address and the headers are too large",
			Detail: "Together they may hold 32 KiB.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "L’adresse et les en-têtes sont trop grands",
			Detail: "Ensemble, ils ne peuvent dépasser 32 Kio.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindExpectation: {
		status: http.StatusExpectationFailed, code: "request/expectation",
		english: said{
			Title:  "The expectation cannot be met",
			Detail: "The only Expect that is known is 100-continue.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Cette attente ne peut être satisfaite",
			Detail: "Le seul « Expect » connu est « 100-continue ».",
			Effect: "Rien n’a été fait.",
		},
	},
	KindTransferCoding: {
		status: http.StatusNotImplemented, code: "request/transfer-coding",
		english: said{
			Title:  "The transfer coding is not supported",
			Detail: "The only one that is known is chunked.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Ce codage de transfert n’est pas pris en charge",
			Detail: "Le seul connu est « chunked ».",
			Effect: "Rien n’a été fait.",
		},
	},
	KindHTTPVersion: {
		status: http.StatusHTTPVersionNotSupported, code: "request/http-version",
		english: said{
			Title:  "This version of HTTP is not supported",
			Detail: "The gateway speaks HTTP/1.1.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Cette version de HTTP n’est pas prise en charge",
			Detail: "La passerelle emploie HTTP/1.1.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindBrokenBody: {
		status: http.StatusBadRequest, code: "request/broken-body",
		english: said{Title: "The body broke off", Effect: "Nothing of it is kept."},
		french:  said{Title: "Le corps de la demande s’est interrompu", Effect: "Rien n’en est conservé."},
	},
	KindTusVersion: {
		status: http.StatusPreconditionFailed, code: "request/tus-version",
		english: said{
			Title:  "This version of the upload protocol is not supported",
			Detail: "Tus-Resumable must be 1.0.0.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Cette version du protocole d’envoi n’est pas prise en charge",
			Detail: "« Tus-Resumable » doit valoir 1.0.0.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindOffset: {
		status: http.StatusConflict, code: "request/offset",
		english: said{
			Title:  "Other bytes of the file are wanted next",
			Detail: "HEAD tells which, as Upload-Offset.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "D’autres octets du fichier sont attendus",
			Detail: "« HEAD » indique lesquels, dans « Upload-Offset ».",
			Effect: "Rien n’a été fait.",
		},
	},
	KindTurn: {
		status: http.StatusLocked, code: "request/turn",
		english: said{
			Title:  "Another request is sending to the same file",
			Detail: "Ask with HEAD how much has come, and send the rest a little later.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Une autre requête envoie déjà des octets du même fichier",
			Detail: "Veuillez demander par « HEAD » où en est l’envoi, puis envoyer la suite un peu plus tard.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindChecksum: {
		status: statusChecksum, code: "request/checksum",
		english: said{Title: "The checksum is not that of the bytes that came", Effect: "Nothing of them is kept."},
		french: said{
			Title:  "La somme de contrôle n’est pas celle des octets reçus",
			Effect: "Rien n’en est conservé.",
		},
	},
	KindPartBroken: {
		status: http.StatusBadRequest, code: "request/part-broken",
		english: said{
			Title:  "The part of the file broke off",
			Detail: "HEAD tells how much of the file is kept: go on from there.",
		},
		french: said{
			Title:  "La partie du fichier s’est interrompue",
			Detail: "« HEAD » indique ce qui est conservé du fichier : veuillez reprendre à cet endroit.",
		},
	},
	KindPreconditionRequired: {
		status: http.StatusPreconditionRequired, code: "request/precondition-required",
		english: said{
			Title:  "If-Match is required",
			Detail: "Give the ETag of what you read.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "« If-Match » est requis",
			Detail: "Veuillez indiquer l’« ETag » de ce que vous avez lu.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindTooMany: {
		status: http.StatusTooManyRequests, code: "request/rate-limited",
		english: said{
			Title:  "Too many requests came in too short a time",
			Detail: "Retry-After says when to come again.",
			Effect: "Nothing was done.",
		},
		french: said{
			Title:  "Trop de demandes en trop peu de temps",
			Detail: "« Retry-After » indique quand réessayer.",
			Effect: "Rien n’a été fait.",
		},
	},
	KindUnavailable: {
		status: http.StatusServiceUnavailable, code: "unavailable",
		english: said{
			Title:  "A component that is needed is unavailable",
			Effect: "Nothing was done and nothing was sent.",
		},
		french: said{
			Title:  "Un élément nécessaire est indisponible",
			Effect: "Rien n’a été fait et rien n’a été transmis.",
		},
	},
	KindInternal: {
		status: http.StatusInternalServerError, code: "internal",
		english: said{
			Title:  "Something failed inside",
			Detail: "The operations log has the cause under this request id.",
		},
		french: said{
			Title:  "Une erreur interne est survenue",
			Detail: "Le journal d’exploitation en donne la cause sous cet identifiant.",
		},
	},
}
