package invalid

// formWords are about: how a request is put together.
var formWords = map[Key]words{
	NoShortBoundary: {
		"missing-boundary",
		"names no boundary of at most 70 characters between the parts",
		"ne nomme pas de séparateur (« boundary ») d’au plus 70 caractères entre les parties",
	},
	PartsTooLarge: {
		"too-large",
		"the parts before the content are larger than what is accepted",
		"les parties qui précèdent le contenu dépassent la taille admise",
	},
	UnknownField:      {"unknown-field", "is not a member of this object", "n’est pas un membre de cet objet"},
	DuplicateField:    {"duplicate-field", "is given more than once", "est donné plus d’une fois"},
	RepeatedParameter: {"repeated-parameter", "is given more than once", "est donné plus d’une fois"},
	BadJSON:           {"bad-json", "is not well-formed JSON", "n’est pas du JSON bien formé"},
	UnreadableJSON:    {"bad-json", "cannot be read", "ne peut être lu"},
	UnreadableBody:    {"bad-body", "cannot be read", "ne peut être lu"},
	UnreadableQuery:   {"bad-query", "cannot be read", "ne peut être lu"},
	HoldsNUL:          {"control-character", "holds U+0000", "contient U+0000"},
	Required:          {"missing-field", "is required", "est requis"},
	RequiredParameter: {"missing-parameter", "is required", "est requis"},
	MetadataNotJSON:   {"media-type", "must be application/json", "doit être de type « application/json »"},
	MetadataTooLarge:  {"too-large", "must be at most 256 KiB", "doit compter au plus 256 Kio"},
	PartMissing:       {"missing-part", "the part is missing", "cette partie est absente"},
	OnlyContent:       {"wrong-part", "the only part must be content", "« content » est la seule partie admise"},
	MetadataThenContent: {
		"wrong-part",
		"the parts must be metadata, then content, and no other",
		"les parties attendues sont « metadata », puis « content », sans autre",
	},
	ExtraToContent: {"extra-part", "the only part must be content", "« content » est la seule partie admise"},
	WrongOrder: {
		"wrong-order",
		"came before metadata: the parts are metadata, then content",
		"précède « metadata » : les parties attendues sont « metadata », puis « content »",
	},
	ExtraPart: {
		"extra-part",
		"the parts must be metadata, then content, and no other",
		"les parties attendues sont « metadata », puis « content », sans autre",
	},
	TransferEncoding: {
		"transfer-encoding",
		"must be sent as it is, without a transfer encoding (RFC 7578, section 4.7)",
		"doit être envoyé tel quel, sans codage de transfert (RFC 7578, section 4.7)",
	},
	BadFileName: {
		"bad-file-name",
		"the file name must be UTF-8 without control characters, at most 255 bytes",
		"le nom du fichier doit être en UTF-8, sans caractère de commande, d’au plus 255 octets",
	},
	UnreadableMediaType: {
		"media-type",
		"states a media type that cannot be read",
		"indique un type de média illisible",
	},
	BrokenBody: {
		"broken-body",
		"the parts cannot be read, or the body ends before their last boundary",
		"les parties sont illisibles, ou le corps s’arrête avant leur dernier séparateur",
	},
	DigestDiffers: {
		"digest-differs",
		"is not the digest of the body that came",
		"n’est pas l’empreinte du corps reçu",
	},
	DigestOfParts: {
		"digest-of-parts",
		"is not checked of a body in parts: state the file's digest as sha256 in the metadata",
		"n’est pas vérifié pour un corps en plusieurs parties : veuillez indiquer l’empreinte du fichier dans " +
			"« sha256 » des métadonnées",
	},
	UnknownParameter: {
		"unknown-parameter",
		"is not a parameter of this operation",
		"n’est pas un paramètre de cette opération",
	},
	ControlInParameter: {
		"control-character",
		"must be UTF-8 without control characters",
		"doit être en UTF-8, sans caractère de commande",
	},
	UnexpectedBody: {
		"unexpected-body",
		"this operation takes no body",
		"cette opération n’accepte pas de corps",
	},
	BadIfMatch: {
		"bad-if-match",
		`must be one strong ETag in quotes, as it was read; "*" names no version`,
		"doit être un seul « ETag » fort entre guillemets, tel qu’il a été lu ; « * » ne désigne aucune version",
	},
	OtherList: {
		"bad-cursor",
		"is not the next of a page of this list, with these filters and this order",
		"n’est pas le « next » d’une page de cette liste, avec ces filtres et cet ordre",
	},
	GivenOnce: {"bad-parameter", "must be given once", "doit être donné une seule fois"},
	BadCursor: {
		"bad-cursor",
		"is not the next of a page that this gateway gave",
		"n’est pas le « next » d’une page donnée par cette passerelle",
	},
	NotAnEvent: {
		"bad-cursor",
		"names no event that you were told; leave it out to begin with the earliest that is kept",
		"ne désigne aucun événement qui vous a été communiqué ; sans ce paramètre, la liste commence au plus " +
			"ancien qui soit conservé",
	},
	EventsMissed: {
		"missed-events",
		"is followed by something that is listed no longer; see what you were told, and begin without it",
		"est suivi d’un événement qui n’est plus conservé ; consultez ce qui vous a été communiqué, et recommencez " +
			"sans ce paramètre",
	},
	WaitOutOfRange: {
		"out-of-range",
		"has to be from 0 to 30 seconds",
		"doit être comprise entre 0 et 30 secondes",
	},
	KeyLength: {
		"bad-key",
		"has %s characters; 1 to %s are accepted",
		"compte %s caractères ; de 1 à %s sont admis",
	},
	KeyNotASCII: {
		"bad-key",
		"holds a character that is not printable ASCII",
		"contient un caractère qui n’est pas de l’ASCII imprimable",
	},
	NotPairs: {
		"bad-metadata",
		"must be names with a value in base64 each, between commas: marking, filename, filetype, sha256",
		"doit être formé de noms suivis chacun d’une valeur en base64, entre virgules : « marking », « filename », " +
			"« filetype », « sha256 »",
	},
	BadChecksum: {
		"bad-checksum",
		"must be sha1 or sha256, a blank, and the digest in base64",
		"doit être « sha1 » ou « sha256 », une espace, puis l’empreinte en base64",
	},
}
