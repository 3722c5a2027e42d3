package web

import "strings"

// inFrench words what is wrong with a field, which the packages behind say in English. English stays where there is no French.
func inFrench(detail string) string {
	for _, one := range frenchFaults() {
		if values, ok := match(one[0], detail); ok {
			return fill(one[1], values)
		}
	}
	return detail
}

// match holds words against a format of package fmt, and gives what stands at its verbs.
func match(format, words string) (values []string, ok bool) {
	for {
		before, after, more := strings.Cut(format, "%")
		if words, ok = strings.CutPrefix(words, before); !ok || !more {
			return values, ok && words == ""
		}
		format = after[1:] // behind the verb
		until, _, _ := strings.Cut(format, "%")
		end := len(words)
		if until != "" {
			if end = strings.Index(words, until); end < 0 {
				return nil, false
			}
		}
		values, words = append(values, words[:end]), words[end:]
	}
}

// fill puts values at the places of a format, in their order.
func fill(format string, values []string) string {
	for _, v := range values {
		before, after, _ := strings.Cut(format, "%s")
		format = before + strings.ReplaceAll(v, "%s", "% s") + after
	}
	return format
}

// frenchFaults are the details of faults as they are written in English, and in French. A test reads the English off the
// sources, so that none is forgotten.
func frenchFaults() [][2]string {
	return append(append(frenchForms(), frenchValues()...), frenchNames()...)
}

// frenchForms are about how a request is put together.
func frenchForms() [][2]string {
	return [][2]string{
		{"names no boundary of at most 70 characters between the parts", "ne nomme pas de séparateur (boundary) d'au plus 70 caractères entre les parties"},
		{"names no boundary between the parts", "ne nomme pas de séparateur (boundary) entre les parties"},
		{"the parts before the content are larger than what is taken", "les parties qui précèdent le contenu dépassent la taille admise"},
		{"The body must be sent without a content coding.", "Le corps doit être envoyé sans codage de contenu."},
		{"came before metadata: the parts are metadata, then content", "est venu avant metadata : les parties sont metadata, puis content"},
		{"is not the next of a page of this list, with these filters and this order",
			"n'est pas le « next » d'une page de cette liste, avec ces filtres et cet ordre"},
		{"must be given once", "doit être donné une seule fois"},
		{"is not a member of this object", "n'est pas un membre de cet objet"},
		{"is given more than once", "est donné plus d'une fois"},
		{"is not well-formed JSON", "n'est pas du JSON bien formé"},
		{"cannot be read", "ne peut être lu"},
		{"holds U+0000", "contient U+0000"},
		{"is required", "est requis"},
		{"must be application/json", "doit être de type application/json"},
		{"must be at most 256 KiB", "doit compter au plus 256 Kio"},
		{"the part is missing", "cette partie manque"},
		{"the one part is content", "la seule partie est content"},
		{"the parts are metadata, then content, and no other", "les parties sont metadata, puis content, et aucune autre"},
		{"must be sent as it is, without a transfer encoding (RFC 7578 4.7)", "doit être envoyé tel quel, sans codage de transfert (RFC 7578 4.7)"},
		{"the file name must be UTF-8 without control characters, at most 255 bytes", "le nom du fichier doit être en UTF-8, sans caractère de commande, d'au plus 255 octets"},
		{"states a media type that cannot be read", "indique un type de média illisible"},
		{"the parts cannot be read, or the body ends before their last boundary", "les parties sont illisibles, ou le corps s'arrête avant leur dernier séparateur"},
		{"is not a parameter of this operation", "n'est pas un paramètre de cette opération"},
		{"must be UTF-8 without control characters", "doit être en UTF-8, sans caractère de commande"},
		{"this operation takes no body", "cette opération n'accepte pas de corps"},
		{`must be one strong ETag in quotes, as it was read; "*" names no version`, "doit être un seul ETag fort entre guillemets, tel qu'il a été lu ; « * » ne désigne aucune version"},
		{"is not the next of a page that this gateway gave", "n'est pas le « next » d'une page donnée par cette passerelle"},
		{"has %d characters; 1 to %d are taken", "compte %s caractères ; de 1 à %s sont admis"},
		{"holds a character that is not printable ASCII", "contient un caractère qui n'est pas de l'ASCII imprimable"},
		{"application/json is wanted.", "Le type application/json est attendu."},
		{"multipart/form-data is wanted.", "Le type multipart/form-data est attendu."},
		{"The issuer is bound to no organisation.", "L'émetteur n'est lié à aucune organisation."},
	}
}

// frenchValues are about the value of a field.
func frenchValues() [][2]string {
	return [][2]string{
		{"must be an instant, RFC 3339 such as 2026-01-31T12:00:00Z", "doit être un instant selon RFC 3339, par exemple 2026-01-31T12:00:00Z"},
		{"must be a day, YYYY-MM-DD", "doit être un jour, AAAA-MM-JJ"},
		{"must be a string", "doit être une chaîne de caractères"},
		{"must be true or false", "doit être true ou false"},
		{"must be a whole number", "doit être un nombre entier"},
		{"must be a list", "doit être une liste"},
		{"must be an object", "doit être un objet"},
		{"must be something else", "doit être autre chose"},
		{"must be given as the API describes it", "doit être donné comme l'API le décrit"},
		{"must be a number of bytes, 0 or more", "doit être un nombre d'octets, 0 ou plus"},
		{`must be a list of organisations, or the word "none"`, "doit être une liste d'organisations, ou le mot « none »"},
		{"must be 1 to %d", "doit être compris entre 1 et %s"},
		{"%q is none of %s", "%s n'est aucune des valeurs admises : %s"},
		{"%q is not one of the values of this field", "%s n'est pas une valeur de ce champ"},
		{"is %d; a size in bytes is meant", "vaut %s ; une taille en octets est attendue"},
		{"is %d; 1 to 200 items make a page", "vaut %s ; une page compte de 1 à 200 éléments"},
		{"has %d characters; at most %d are kept", "compte %s caractères ; au plus %s sont conservés"},
		{"has %d items; at most %d are kept", "compte %s éléments ; au plus %s sont conservés"},
		{"holds %d words; at most 8 are searched for", "contient %s mots ; au plus 8 sont recherchés"},
		{"holds no letter or digit to search for", "ne contient ni lettre ni chiffre à rechercher"},
		{"is not UTF-8 text", "n'est pas du texte en UTF-8"},
		{"holds the control character %U; remove it", "contient le caractère de commande %s ; veuillez l'enlever"},
		{"holds a line break or tab; write it on one line", "contient un saut de ligne ou une tabulation ; veuillez l'écrire sur une ligne"},
		{"is not a SHA-256 in 64 lower-case hexadecimal characters", "n'est pas un SHA-256 en 64 caractères hexadécimaux minuscules"},
		{"names the year %d; years from 2000 to 2200 are meant", "désigne l'année %s ; les années de 2000 à 2200 sont admises"},
		{"is not an ISO 3166-1 alpha-2 code such as FR", "n'est pas un code ISO 3166-1 alpha-2, par exemple FR"},
		{"is not two capital letters of ISO 3166-1", "n'est pas formé de deux majuscules selon ISO 3166-1"},
		{"is none of %s", "n'est aucune des valeurs admises : %s"},
		{"is no kind of entry; those are %s", "n'est pas un genre d'inscription ; ce sont : %s"},
		{"is the paragraph of no reason; those are %s", "n'est le paragraphe d'aucun motif ; ce sont : %s"},
		{"is not confidential, restricted or non-confidential", "n'est ni confidential, ni restricted, ni non-confidential"},
		{"is not deposited or -deposited", "n'est ni deposited ni -deposited"},
		{"is not mine, ours, inbox or for-us", "n'est ni mine, ni ours, ni inbox, ni for-us"},
		{"is not corrects, updates or replaces", "n'est ni corrects, ni updates, ni replaces"},
		{"is not authorize, consent or refuse", "n'est ni authorize, ni consent, ni refuse"},
		{"is not stamped or original", "n'est ni stamped ni original"},
		{"is not oidc, letter or none", "n'est ni oidc, ni letter, ni none"},
		{"is not disclose or request", "n'est ni disclose ni request"},
		{"is not permit or refuse", "n'est ni permit ni refuse"},
		{"is not returned, destroyed, kept or read", "n'est ni returned, ni destroyed, ni kept, ni read"},
		{"is not later than since", "n'est pas postérieur à « since »"},
		{"is not after since", "n'est pas postérieur à « since »"},
		{"is not between 1 and second", "n'est pas compris entre 1 et « second »"},
		{"is not a day", "n'est pas un jour"},
		{"is a day to come: an authorization is obtained before it is filed (Article 4(4))",
			"est un jour à venir : une autorisation est obtenue avant d'être déposée (article 4(4))"},
		{"is longer than 16 KiB", "dépasse 16 Kio"},
		{"is empty", "est vide"},
	}
}

// frenchNames are about what a field names, or fails to.
func frenchNames() [][2]string {
	return [][2]string{
		{"is missing", "manque"},
		{"is missing: name whom to admit", "manque : veuillez nommer les personnes à admettre"},
		{"is missing: the SHA-256 of the signed paper", "manque : le SHA-256 du papier signé"},
		{"is missing: the subject at the organisation's identity provider", "manque : le sujet auprès du fournisseur d'identité de l'organisation"},
		{"is missing: say which private field of the entry", "manque : veuillez indiquer le champ privé de l'inscription"},
		{"is missing: say which document", "manque : veuillez indiquer le document"},
		{"is missing: say whose authorization this is", "manque : veuillez indiquer de qui est cette autorisation"},
		{"is missing: the day that the instrument bears", "manque : le jour que porte l'instrument"},
		{"is missing: the SHA-256 of the written instrument", "manque : le SHA-256 de l'instrument écrit"},
		{"is missing: say from which day notice counts", "manque : veuillez indiquer le jour à partir duquel la notification compte"},
		{"is missing: this type of organisation belongs to a State", "manque : une organisation de ce type relève d'un État"},
		{"is missing: the address of the organisation's identity provider", "manque : l'adresse du fournisseur d'identité de l'organisation"},
		{"is missing: say which third party", "manque : veuillez indiquer le tiers"},
		{"is missing: say for which organisation", "manque : veuillez indiquer pour quelle organisation"},
		{"is missing: say until when access is needed", "manque : veuillez indiquer jusqu'à quand l'accès est nécessaire"},
		{"is missing: say which third party is to sign", "manque : veuillez indiquer le tiers qui doit signer"},
		{"name entities to add, or one entity to remove", "nommez des entités à ajouter, ou une entité à retirer"},
		{"name one entry with a field, or one person", "nommez une inscription avec un champ, ou une personne"},
		{"name a person or an organisation, not both", "nommez une personne ou une organisation, pas les deux"},
		{"name one document, one person or one organisation", "nommez un document, une personne ou une organisation"},
		{"give a copy number, a line off a page, the file, or its SHA-256", "donnez un numéro de copie, une ligne d'une page, le fichier, ou son SHA-256"},
		{"is nobody that the gateway knows", "n'est personne que la passerelle connaisse"},
		{"is none that the gateway knows", "n'est aucune que la passerelle connaisse"},
		{"is not 1 to 255 printable ASCII characters", "n'est pas formé de 1 à 255 caractères ASCII imprimables"},
		{"is not 2 to 40 of a-z, 0-9 and hyphen, a letter or digit first", "n'est pas formé de 2 à 40 caractères parmi a-z, 0-9 et le trait d'union, une lettre ou un chiffre d'abord"},
		{"is not the address of an identity provider: https://, host and path only", "n'est pas l'adresse d'un fournisseur d'identité : https://, hôte et chemin seulement"},
		{"names a Party or the operator: their records stand in the Arrangement file", "désigne une Partie ou l'exploitant : leurs données figurent dans le fichier de l'Arrangement"},
		{"is no path of a tile, such as tile/0/x001/067.p/8 or tile/entries/000", "n'est pas le chemin d'une tuile, par exemple tile/0/x001/067.p/8 ou tile/entries/000"},
		{"no text of a Confidentiality Agreement was put to this third party yet; put one to it first (POST /api/v1/agreements)",
			"aucun texte d'accord de confidentialité n'a encore été soumis à ce tiers ; veuillez d'abord lui en soumettre un (POST /api/v1/agreements)"},
		{"a Confidentiality Agreement was put to this third party by a Party, and binds; leave the field out or say true",
			"une Partie a soumis un accord de confidentialité à ce tiers, et il lie ; omettez ce champ ou dites true"},
	}
}
