package rest

import (
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/web"
)

// meaning is what a code says, wherever it is met.
type meaning struct {
	code            string
	status          int
	english, french string
}

// meanings are all codes: those of the rules, those of a request that cannot be answered, and those of one of its
// faults. A test holds the last against the keys of faults, so that none is forgotten.
func meanings() []meaning {
	var out []meaning
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		out = append(out, meaning{string(code), entry.Status, entry.English.Title, entry.French.Title})
	}
	for _, k := range web.Kinds() {
		code, status, english, french := k.Answer()
		out = append(out, meaning{code, status, english, french})
	}
	_, invalid, _, _ := web.KindInvalid.Answer()
	for _, one := range slices.Concat(faultsOfForm(), faultsOfValues(), faultsOfParts()) {
		out = append(out, meaning{"request/" + one[0], invalid, one[1], one[2]})
	}
	slices.SortStableFunc(out, func(a, b meaning) int { return compare(a.code, b.code) })
	return slices.CompactFunc(out, func(a, b meaning) bool { return a.code == b.code })
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func meaningOf(code string) (meaning, bool) {
	all := meanings()
	i := slices.IndexFunc(all, func(m meaning) bool { return m.code == code })
	if i < 0 {
		return meaning{}, false
	}
	return all[i], true
}

// faultsOfForm are about how a request is put together.
func faultsOfForm() [][3]string {
	return [][3]string{
		{"bad-body", "The body cannot be read", "Le corps ne peut être lu"},
		{"bad-json", "The body is not well-formed JSON", "Le corps n’est pas du JSON bien formé"},
		{"duplicate-field", "A member is given more than once", "Un membre est donné plus d’une fois"},
		{"unknown-field", "The object has no such member", "L’objet n’a pas ce membre"},
		{"missing-field", "A member that must be there is absent or blank", "Un membre requis est absent ou vide"},
		{"wrong-type", "A member is of another type", "Un membre est d’un autre type"},
		{"unexpected-body", "The operation takes no body", "L’opération n’accepte pas de corps"},
		{"bad-query", "The query cannot be read", "Les paramètres ne peuvent être lus"},
		{"bad-parameter", "A parameter cannot be read", "Un paramètre ne peut être lu"},
		{"missing-parameter", "A parameter that must be there is absent", "Un paramètre requis est absent"},
		{"repeated-parameter", "A parameter is given more than once", "Un paramètre est donné plus d’une fois"},
		{"unknown-parameter", "The operation has no such parameter", "L’opération n’a pas ce paramètre"},
		{"bad-if-match", "If-Match is not one strong ETag", "If-Match n’est pas un ETag fort unique"},
		{"bad-key", "The Idempotency-Key is not 1 to 200 printable characters",
			"L’Idempotency-Key n’a pas de 1 à 200 caractères imprimables"},
		{"bad-checksum", "Upload-Checksum cannot be read", "Upload-Checksum ne peut être lu"},
		{"bad-metadata", "Upload-Metadata cannot be read", "Upload-Metadata ne peut être lu"},
		{"digest-differs", "A digest is not that of the body that came",
			"Une empreinte n’est pas celle du corps reçu"},
		{"digest-of-parts", "A digest is stated of a body in parts",
			"Une empreinte est donnée pour un corps en plusieurs parties"},
		{"bad-cursor", "The cursor is not of this list", "Le curseur n’est pas de cette liste"},
		{"missed-events", "Something that was told since is listed no longer",
			"Un événement survenu depuis n’est plus conservé"},
	}
}

// faultsOfParts are about the parts of an upload.
func faultsOfParts() [][3]string {
	return [][3]string{
		{"missing-boundary", "The multipart body names no boundary", "Le corps en parties ne nomme pas de séparateur"},
		{"missing-part", "A part is missing", "Une partie manque"},
		{"wrong-part", "A part has another name", "Une partie porte un autre nom"},
		{"wrong-order", "The content came before the metadata", "Le contenu est venu avant les métadonnées"},
		{"extra-part", "There is a part too many", "Il y a une partie de trop"},
		{"transfer-encoding", "A part has a transfer encoding", "Une partie a un encodage de transfert"},
		{"bad-file-name", "The file name cannot be kept", "Le nom de fichier ne peut être conservé"},
		{"media-type", "A part is of another media type", "Une partie est d’un autre type de média"},
		{"too-large", "A part is larger than what is taken", "Une partie dépasse la taille admise"},
		{"broken-body", "The parts break off", "Les parties s’interrompent"},
	}
}

// faultsOfValues are about what a field may hold.
func faultsOfValues() [][3]string {
	return [][3]string{
		{"control-character", "A text holds characters that are not shown",
			"Un texte contient des caractères invisibles"},
		{"date-out-of-range", "A date lies outside the years meant", "Une date est hors des années visées"},
		{"empty", "A list holds nothing", "Une liste est vide"},
		{"not-a-country", "It is no country of ISO 3166-1", "Ce n’est pas un pays de l’ISO 3166-1"},
		{"not-a-day", "It is no day", "Ce n’est pas un jour"},
		{"not-a-digest", "It is no SHA-256", "Ce n’est pas un SHA-256"},
		{"not-a-short-name", "It is no short name", "Ce n’est pas un nom court"},
		{"not-a-subject", "It is no subject of an identity provider",
			"Ce n’est pas un sujet d’un fournisseur d’identité"},
		{"not-a-third-party", "The organisation is no third party", "L’organisation n’est pas un tiers"},
		{"not-a-tile", "It is no tile of the log", "Ce n’est pas une tuile du registre"},
		{"not-a-webhook", "It is no address that the gateway may send to",
			"Ce n’est pas une adresse à laquelle la passerelle peut envoyer"},
		{"not-an-issuer", "It is no address of an identity provider",
			"Ce n’est pas l’adresse d’un fournisseur d’identité"},
		{"not-text", "It is no text in UTF-8", "Ce n’est pas un texte en UTF-8"},
		{"not-together", "Two members exclude each other", "Deux membres s’excluent"},
		{"out-of-order", "One instant is not before the other", "Un instant n’est pas antérieur à l’autre"},
		{"out-of-range", "A number lies outside of what is taken", "Un nombre est hors des limites"},
		{"too-long", "A text is too long", "Un texte est trop long"},
		{"too-many", "A list has too many items", "Une liste a trop d’éléments"},
		{"unknown-organisation", "There is no such organisation", "Cette organisation n’existe pas"},
		{"unknown-person", "There is no such person", "Cette personne n’existe pas"},
		{"unknown-value", "It is none of the values of this field", "Ce n’est aucune des valeurs de ce champ"},
		{"unknown-instrument", "The signed paper was not deposited here",
			"Le document signé n’a pas été déposé ici"},
		{"not-staged", "The file does not wait here for this document",
			"Le fichier n’attend pas ici pour ce document"},
		{"other-digest", "It is another SHA-256 than that of what came",
			"Ce SHA-256 n’est pas celui de ce qui a été reçu"},
		{"agreement-binds", "An agreement that was required binds", "Un accord exigé lie"},
		{"no-agreement-text", "There is no text of an agreement", "Il n’y a pas de texte d’accord"},
		{"no-word", "There is nothing to look for", "Il n’y a rien à chercher"},
	}
}
