package web

import (
	"net/http"
	"time"
)

// Kind is a way to fail that is no refusal by the rules.
type Kind string

// The kinds. Each is the last part of a problem's type.
const (
	KindInvalid              Kind = "invalid"
	KindNoToken              Kind = "no-token"
	KindBadToken             Kind = "bad-token"
	KindNotFound             Kind = "not-found"
	KindMethodNotAllowed     Kind = "method-not-allowed"
	KindTooSlow              Kind = "too-slow"
	KindConflict             Kind = "conflict"
	KindChanged              Kind = "changed"
	KindTooLarge             Kind = "too-large"
	KindMediaType            Kind = "media-type"
	KindRange                Kind = "range"
	KindPreconditionRequired Kind = "precondition-required"
	KindUnavailable          Kind = "unavailable"
	KindInternal             Kind = "internal"
	KindOver                 Kind = "over"
	KindBrokenBody           Kind = "broken-body"
	KindTooMany              Kind = "rate-limited"
	KindKeyReused            Kind = "key-reused"
	KindCopyInProgress       Kind = "copy-in-progress"
)

// Failure is an error of one kind. Its cause is for the operations log and never leaves; Detail does.
type Failure struct {
	Kind       Kind
	Detail     string        // replaces the kind's own words where not empty; holds nothing of tokens, titles or names
	RetryAfter time.Duration // of KindTooMany
	cause      error
}

// Fail makes a Failure of one kind; cause may be nil.
func Fail(kind Kind, cause error) *Failure { return &Failure{Kind: kind, cause: cause} }

// FailBecause makes a Failure that tells the caller why.
func FailBecause(kind Kind, detail string) *Failure { return &Failure{Kind: kind, Detail: detail} }

func (f *Failure) Error() string {
	if f.cause != nil {
		return string(f.Kind) + ": " + f.cause.Error()
	}
	return string(f.Kind)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.cause }

// words says what a kind is answered with.
type words struct {
	status          int
	code            string
	english, french string // the title
	more, davantage string // the detail, in the same two languages
}

func (k Kind) words() words {
	switch k {
	case KindInvalid:
		return words{http.StatusBadRequest, "request/invalid", "The request cannot be understood", "La demande ne peut être comprise", "", ""}
	case KindNoToken:
		return words{http.StatusUnauthorized, "request/no-token", "Sign in first", "Veuillez d'abord vous identifier", "A bearer token is needed.", "Un jeton d'accès est nécessaire."}
	case KindBadToken:
		return words{http.StatusUnauthorized, "request/bad-token", "The token is not accepted", "Le jeton n'est pas accepté", "", ""}
	case KindNotFound:
		return words{http.StatusNotFound, "request/not-found", "Not found", "Introuvable", "It does not exist, or you have no standing for it.", "L'objet n'existe pas, ou vous n'avez pas qualité pour le voir."}
	case KindMethodNotAllowed:
		return words{http.StatusMethodNotAllowed, "request/method-not-allowed", "This path does not know the method", "Ce chemin ne connaît pas cette méthode", "", ""}
	case KindTooSlow:
		return words{http.StatusRequestTimeout, "request/too-slow", "The body came too slowly", "Le corps de la demande est arrivé trop lentement", "Nothing of it is kept.", "Rien n'en est conservé."}
	case KindConflict:
		return words{http.StatusConflict, "request/conflict", "It conflicts with what was recorded before", "Cela contredit ce qui a été consigné auparavant", "Nothing was done.", "Rien n'a été fait."}
	case KindChanged:
		return words{http.StatusPreconditionFailed, "request/changed", "It has changed meanwhile", "L'objet a changé entre-temps", "Nothing was done. Read it again, then decide.", "Rien n'a été fait. Veuillez relire, puis décider."}
	}
	return k.moreWords()
}

func (k Kind) moreWords() words {
	switch k {
	case KindTooLarge:
		return words{http.StatusRequestEntityTooLarge, "request/too-large", "The body is too large", "Le corps de la demande est trop grand", "Nothing of it is kept.", "Rien n'en est conservé."}
	case KindMediaType:
		return words{http.StatusUnsupportedMediaType, "request/media-type", "The body is not of the media type wanted", "Le corps n'est pas du type de média attendu", "", ""}
	case KindRange:
		return words{http.StatusRequestedRangeNotSatisfiable, "request/range", "The range lies outside the content", "La plage se trouve hors du contenu", "", ""}
	case KindOver:
		return words{http.StatusGone, "request/over", "The time for fetching this content is over", "Le délai pour obtenir ce contenu est écoulé", "A new disclosure is needed. Nothing was sent.", "Une nouvelle divulgation est nécessaire. Rien n'a été envoyé."}
	case KindCopyInProgress:
		return words{http.StatusServiceUnavailable, "request/copy-in-progress", "The marked copy is still being made", "La copie marquée est encore en préparation", "Nothing was sent yet. Ask again in a moment.", "Rien n'a encore été envoyé. Veuillez redemander dans un instant."}
	case KindKeyReused:
		return words{http.StatusUnprocessableEntity, "request/key-reused", "The Idempotency-Key was used before for something else", "L'Idempotency-Key a déjà servi à autre chose", "Nothing was done. Take a new key for a new act.", "Rien n'a été fait. Prenez une nouvelle clé pour un nouvel acte."}
	case KindBrokenBody:
		return words{http.StatusBadRequest, "request/broken-body", "The body broke off", "Le corps de la demande s'est interrompu", "Nothing of it is kept.", "Rien n'en est conservé."}
	case KindPreconditionRequired:
		return words{http.StatusPreconditionRequired, "request/precondition-required", "If-Match is required", "If-Match est requis", "Name the ETag of what you read. Nothing was done.", "Veuillez indiquer l'ETag de ce que vous avez lu. Rien n'a été fait."}
	case KindTooMany:
		return words{http.StatusTooManyRequests, "request/rate-limited", "Too many requests came in too short a time", "Trop de demandes en trop peu de temps", "Nothing was done. Retry-After says when to come again.", "Rien n'a été fait. Retry-After indique quand revenir."}
	case KindUnavailable:
		return words{http.StatusServiceUnavailable, "unavailable", "A part that is needed is away", "Un élément nécessaire est indisponible", "Nothing was done and nothing was sent.", "Rien n'a été fait et rien n'a été envoyé."}
	}
	return words{http.StatusInternalServerError, "internal", "Something failed inside", "Une erreur interne est survenue", "The operations log has the cause under this request id.", "Le journal d'exploitation en donne la cause sous cet identifiant."}
}

// KindWords is what a kind is answered with.
type KindWords struct {
	Code            string
	Status          int
	English, French string // the title
}

// Kinds are all ways to fail that are no refusal by the rules.
func Kinds() []KindWords {
	var out []KindWords
	for _, k := range []Kind{
		KindInvalid, KindNoToken, KindBadToken, KindNotFound, KindMethodNotAllowed, KindTooSlow, KindConflict, KindChanged,
		KindTooLarge, KindMediaType, KindRange, KindPreconditionRequired, KindUnavailable, KindInternal, KindOver, KindBrokenBody,
		KindTooMany, KindKeyReused, KindCopyInProgress,
	} {
		w := k.words()
		out = append(out, KindWords{Code: w.code, Status: w.status, English: w.english, French: w.french})
	}
	return out
}

// InvalidStatus is what faults of a request are answered with.
func InvalidStatus() int { return http.StatusBadRequest }
