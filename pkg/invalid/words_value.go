package invalid

// valueWords are about: the value of a field.
var valueWords = map[Key]words{
	NotAnInstant: {
		"wrong-type",
		"must be an instant, RFC 3339 such as 2026-01-31T12:00:00Z",
		"doit être un instant selon RFC 3339, par exemple « 2026-01-31T12:00:00Z »",
	},
	NotAYearMonthDay: {"wrong-type", "must be a day, YYYY-MM-DD", "doit être un jour, AAAA-MM-JJ"},
	NotAString:       {"wrong-type", "must be a string", "doit être une chaîne de caractères"},
	NotABoolean:      {"wrong-type", "must be true or false", "doit être « true » ou « false »"},
	NotANumber:       {"wrong-type", "must be a whole number", "doit être un nombre entier"},
	NotAList:         {"wrong-type", "must be a list", "doit être une liste"},
	NotAnObject:      {"wrong-type", "must be an object", "doit être un objet"},
	WrongType:        {"wrong-type", "must be of another type", "doit être d’un autre type"},
	ParameterNotAnInstant: {
		"bad-parameter",
		"must be an instant, RFC 3339 such as 2026-01-31T12:00:00Z",
		"doit être un instant selon RFC 3339, par exemple « 2026-01-31T12:00:00Z »",
	},
	ParameterNotANumber: {"bad-parameter", "must be a whole number", "doit être un nombre entier"},
	NotASize: {
		"out-of-range",
		"must be a number of bytes, 0 or more",
		"doit être un nombre d’octets, 0 ou plus",
	},
	EntitiesUnknown: {
		"unknown-value",
		`must be a list of organisations, or the word "none"`,
		"doit être une liste d’organisations, ou le mot « none »",
	},
	EntitiesNotAList: {
		"wrong-type",
		`must be a list of organisations, or the word "none"`,
		"doit être une liste d’organisations, ou le mot « none »",
	},
	SourcesUnknown: {
		"unknown-value",
		`must be a list of documents, or the word "none"`,
		"doit être une liste de documents, ou le mot « none »",
	},
	SourcesNotAList: {
		"wrong-type",
		`must be a list of documents, or the word "none"`,
		"doit être une liste de documents, ou le mot « none »",
	},
	LimitOutOfRange: {"out-of-range", "must be 1 to %s", "doit être compris entre 1 et %s"},
	NoneOf:          {"unknown-value", "%s is none of %s", "%s n’est aucune des valeurs admises : %s"},
	NotAValue: {
		"unknown-value",
		"%s is not one of the values of this field",
		"%s n’est pas une valeur de ce champ",
	},
	SizeOutOfRange: {
		"out-of-range",
		"is %s; a size in bytes is expected",
		"vaut %s ; une taille en octets est attendue",
	},
	PageOutOfRange: {
		"out-of-range",
		"is %s; a page has 1 to 200 items",
		"vaut %s ; une page compte de 1 à 200 éléments",
	},
	TooLong: {
		"too-long",
		"has %s characters; at most %s are kept",
		"compte %s caractères ; au plus %s sont conservés",
	},
	TooManyItems: {
		"too-many",
		"has %s items; at most %s are kept",
		"compte %s éléments ; au plus %s sont conservés",
	},
	TooManyWords: {
		"too-many",
		"holds %s words; at most 8 are searched for",
		"contient %s mots ; au plus 8 sont recherchés",
	},
	NoWord: {
		"no-word",
		"holds no letter or digit to search for",
		"ne contient ni lettre ni chiffre à rechercher",
	},
	NotText: {"not-text", "is not UTF-8 text", "n’est pas du texte en UTF-8"},
	ControlCharacter: {
		"control-character",
		"holds the control character %s; remove it",
		"contient le caractère de commande %s ; veuillez l’enlever",
	},
	NotOneLine: {
		"control-character",
		"holds a line break or tab; write it on one line",
		"contient un saut de ligne ou une tabulation ; veuillez l’écrire sur une ligne",
	},
	NotADigest: {
		"not-a-digest",
		"is not a SHA-256 in 64 lower-case hexadecimal characters",
		"n’est pas une empreinte SHA-256 de 64 caractères hexadécimaux minuscules",
	},
	YearOutOfRange: {
		"date-out-of-range",
		"names the year %s; years from 2000 to 2200 are accepted",
		"désigne l’année %s ; les années de 2000 à 2200 sont admises",
	},
	NotACountry: {
		"not-a-country",
		"is not an ISO 3166-1 alpha-2 code such as FR",
		"n’est pas un code ISO 3166-1 alpha-2, par exemple « FR »",
	},
	NotTwoCapitals: {
		"unknown-value",
		"is not two capital letters of ISO 3166-1",
		"n’est pas formé de deux majuscules selon ISO 3166-1",
	},
	IsNoneOf: {"unknown-value", "is none of %s", "n’est aucune des valeurs admises : %s"},
	NotAKindOfEntry: {
		"unknown-value",
		"is no kind of entry; the kinds are %s",
		"n’est pas un genre d’inscription ; les genres sont : %s",
	},
	NotAReason: {
		"unknown-value",
		"is no code of a reason",
		"n’est le code d’aucun motif",
	},
	NotAParagraph: {
		"unknown-value",
		"is the paragraph of no reason; the paragraphs are %s",
		"n’est le paragraphe d’aucun motif ; les paragraphes sont : %s",
	},
	NotAMarking: {
		"unknown-value",
		"is not confidential, restricted or non-confidential",
		"n’est ni « confidential », ni « restricted », ni « non-confidential »",
	},
	NotAnOrder: {"unknown-value", "is not deposited or -deposited", "n’est ni « deposited » ni « -deposited »"},
	NotABox: {
		"unknown-value",
		"is not mine, ours, inbox, for-us, asked-of-us or decided-by-us",
		"n’est ni « mine », ni « ours », ni « inbox », ni « for-us », ni « asked-of-us », ni « decided-by-us »",
	},
	NotACorrection: {
		"unknown-value",
		"is not corrects, updates or replaces",
		"n’est ni « corrects », ni « updates », ni « replaces »",
	},
	NotADecision: {
		"unknown-value",
		"is not authorize, consent or refuse",
		"n’est ni « authorize », ni « consent », ni « refuse »",
	},
	NotALanguage:    {"unknown-value", "is not en, fr or both", "n’est ni « en », ni « fr », ni « both »"},
	NotAMailSetting: {"unknown-value", "is not at-once or daily", "n’est ni « at-once » ni « daily »"},
	NotAForm:        {"unknown-value", "is not stamped or original", "n’est ni « stamped » ni « original »"},
	NotEvidence: {
		"unknown-value",
		"is not oidc, letter or none",
		"n’est ni « oidc », ni « letter », ni « none »",
	},
	NotAQuestion: {"unknown-value", "is not disclose or request", "n’est ni « disclose » ni « request »"},
	NotAnOutcome: {"unknown-value", "is not permit or refuse", "n’est ni « permit » ni « refuse »"},
	NotADisposition: {
		"unknown-value",
		"is not returned, destroyed, kept or read",
		"n’est ni « returned », ni « destroyed », ni « kept », ni « read »",
	},
	NotLaterThanSince: {"out-of-order", "is not later than since", "n’est pas postérieur à « since »"},
	NotAfterSince:     {"out-of-range", "is not after since", "n’est pas postérieur à « since »"},
	NotUpToSecond:     {"out-of-range", "is not between 1 and second", "n’est pas compris entre 1 et « second »"},
	NotADay:           {"not-a-day", "is not a day", "n’est pas un jour"},
	DayToCome: {
		"out-of-range",
		"is a day to come: an authorization is obtained before it is filed (Article 4(4))",
		"est une date à venir : une autorisation s’obtient avant d’être versée au dossier (article 4, par. 4)",
	},
	TokenTooLong: {"too-long", "is longer than 16 KiB", "dépasse 16 Kio"},
	Empty:        {"empty", "is empty", "est vide"},
}
