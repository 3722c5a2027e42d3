package web

import "golang.org/x/text/language"

// Language is a language that refusals are worded in.
type Language string

// The languages of the refusals; English where the caller prefers neither.
const (
	English Language = "en"
	French  Language = "fr"
)

// Preferred reads an Accept-Language header (RFC 9110 12.5.4).
func Preferred(accept string) Language {
	if len(accept) > 256 {
		return English
	}
	tags, weights, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return English
	}
	for i, tag := range tags {
		base, confidence := tag.Base()
		if weights[i] == 0 || confidence == language.No {
			continue
		}
		switch base.String() {
		case string(English):
			return English
		case string(French):
			return French
		}
	}
	return English
}
