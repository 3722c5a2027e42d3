package invalid

// nameWords are about: what a field names, or fails to.
var nameWords = map[Key]words{
	Missing: {"missing-field", "is missing", "est absent"},
	MissingPeople: {
		"missing-field",
		"is missing: name the people to admit",
		"est absent. Veuillez nommer les personnes à admettre",
	},
	MissingGround: {
		"missing-field",
		"is missing: say on what ground the copy is kept",
		"est absent. Veuillez indiquer pour quel motif l’exemplaire est conservé",
	},
	NotACopyOfThis: {
		"unknown-value",
		"is no copy that this notice names, or is named twice",
		"n’est pas un exemplaire que cet avis désigne, ou est désigné deux fois",
	},
	MissingLetter: {
		"missing-field",
		"is missing: the SHA-256 of the signed paper",
		"est absent : l’empreinte SHA-256 du document signé",
	},
	MissingSubject: {
		"missing-field",
		"is missing: the subject at the organisation's identity provider",
		"est absent : l’identifiant (« subject ») chez le fournisseur d’identité de l’organisation",
	},
	MissingPrivateField: {
		"missing-field",
		"is missing: say which private field of the entry",
		"est absent. Veuillez indiquer le champ privé de l’inscription",
	},
	MissingDocument: {
		"missing-field",
		"is missing: say which document",
		"est absent. Veuillez indiquer le document",
	},
	MissingAccounted: {
		"missing-field",
		"is missing, and so are the other parameters: say of what the accounting is",
		"est absent, et de même les autres paramètres : veuillez indiquer de quoi le relevé est établi",
	},
	MissingEntity: {
		"missing-field",
		"is missing: say whose authorization this is",
		"est absent. Veuillez indiquer de qui est cette autorisation",
	},
	MissingDayOfInstrument: {
		"missing-field",
		"is missing: the day that the instrument bears",
		"est absent : la date que porte l’instrument",
	},
	MissingInstrument: {
		"missing-field",
		"is missing: the SHA-256 of the written instrument",
		"est absent : l’empreinte SHA-256 de l’instrument écrit",
	},
	NoSuchInstrument: {
		"unknown-instrument",
		"names no paper that your organisation deposited here, or for a filed authorization none for this request: " +
			"deposit the instrument first",
		"ne désigne aucun document signé déposé ici par votre organisation ou, pour une autorisation enregistrée, " +
			"aucun pour cette demande : veuillez d’abord déposer l’instrument",
	},
	NotStaged: {
		"not-staged",
		"names no file that you staged for a new version of this document, or one whose 24 hours are over: send the " +
			"file again",
		"ne désigne aucun fichier que vous ayez envoyé pour une nouvelle version de ce document, ou les 24 heures de " +
			"ce fichier sont écoulées : veuillez envoyer le fichier à nouveau",
	},
	NotWithDocument: {
		"not-together",
		"does not go with document: a new version has the marking of its document",
		"ne s’emploie pas avec « document » : une nouvelle version a le marquage de son document",
	},
	NotAPaper: {
		"wrong-type",
		"must be a PDF file, or a picture as PNG or JPEG, of the signed paper",
		"doit être un fichier PDF, ou une image PNG ou JPEG, du document signé",
	},
	PaperTooLarge: {
		"too-large",
		"must be at most 4 MiB",
		"doit compter au plus 4 Mio",
	},
	OtherDigest: {
		"other-digest",
		"is not the SHA-256 of what came, which is %s",
		"n’est pas l’empreinte SHA-256 de ce qui a été reçu, qui est %s",
	},
	MissingDayOfNotice: {
		"missing-field",
		"is missing: say from which day notice counts",
		"est absent. Veuillez indiquer le jour à compter duquel court le préavis",
	},
	MissingCountry: {
		"missing-field",
		"is missing: this type of organisation belongs to a State",
		"est absent : une organisation de ce type relève d’un État",
	},
	MissingIssuer: {
		"missing-field",
		"is missing: the address of the organisation's identity provider",
		"est absent : l’adresse du fournisseur d’identité de l’organisation",
	},
	MissingThirdParty: {
		"missing-field",
		"is missing: say which third party",
		"est absent. Veuillez indiquer le tiers",
	},
	MissingOrganisation: {
		"missing-field",
		"is missing: say for which organisation",
		"est absent. Veuillez indiquer au bénéfice de quelle organisation",
	},
	MissingUntil: {
		"missing-field",
		"is missing: say until when access is needed",
		"est absent. Veuillez indiquer jusqu’à quand l’accès est nécessaire",
	},
	MissingSignatory: {
		"missing-field",
		"is missing: say which third party is to sign",
		"est absent. Veuillez indiquer le tiers qui doit signer",
	},
	NoChangeOfEntities: {
		"missing-field",
		"name entities to add, or one entity to remove",
		"veuillez nommer des entités à ajouter, ou une entité à retirer",
	},
	NothingToErase: {
		"missing-field",
		"name one entry with a field, or one person",
		"veuillez nommer une inscription avec un champ, ou une personne",
	},
	NotTogether: {
		"not-together",
		"name a person or an organisation, not both",
		"veuillez nommer une personne ou une organisation, mais pas les deux",
	},
	MissingDeposit: {
		"missing-field",
		"is missing: state the metadata of the deposit",
		"est absent. Veuillez indiquer les métadonnées du dépôt",
	},
	OnlyForDeposit: {
		"not-together",
		"belongs to the action deposit alone",
		"n’accompagne que l’action « deposit »",
	},
	NotWithDeposit: {
		"not-together",
		"does not go with the action deposit, which is the caller's own",
		"ne s’emploie pas avec l’action « deposit », qui est celle de l’appelant",
	},
	NothingToSuspend: {
		"missing-field",
		"name one document, one person or one organisation",
		"veuillez nommer un document, une personne ou une organisation",
	},
	NothingToTrace: {
		"missing-field",
		"give a copy number, a line off a page, the file, or its SHA-256",
		"veuillez donner un numéro d’exemplaire, une ligne d’une page, le fichier, ou son empreinte SHA-256",
	},
	UnknownPerson: {
		"unknown-person",
		"is nobody that the gateway knows",
		"désigne une personne inconnue de la passerelle",
	},
	UnknownOrganisation: {
		"unknown-organisation",
		"is no organisation that the gateway knows",
		"désigne une organisation inconnue de la passerelle",
	},
	NotASubject: {
		"not-a-subject",
		"is not 1 to 255 printable ASCII characters",
		"n’est pas formé de 1 à 255 caractères ASCII imprimables",
	},
	NotAnIdentifier: {
		"unknown-value",
		"is no identifier of the form %s",
		"n’est pas un identifiant de la forme %s",
	},
	NotAShortName: {
		"not-a-short-name",
		"is not 2 to 40 of a-z, 0-9 and hyphen, a letter or digit first",
		"n’est pas formé de 2 à 40 caractères parmi a-z, 0-9 et le trait d’union, une lettre ou un chiffre d’abord",
	},
	NotAWebhook: {
		"not-a-webhook",
		"is no address that the gateway may send to: https://, a host, no user and no fragment, 500 characters at most",
		"n’est pas une adresse à laquelle la passerelle peut envoyer : « https:// », un hôte, ni utilisateur ni " +
			"fragment, 500 caractères au plus",
	},
	NotAnIssuer: {
		"not-an-issuer",
		"is not the address of an identity provider: https://, host and path only",
		"n’est pas l’adresse d’un fournisseur d’identité : « https:// », hôte et chemin seulement",
	},
	NotAThirdParty: {
		"not-a-third-party",
		"names a Party or the operator: their records stand in the Arrangement file",
		"désigne une Partie ou l’exploitant : leurs données figurent dans le fichier de l’Arrangement",
	},
	NotATile: {
		"not-a-tile",
		"is not the path of a tile, such as tile/0/x001/067.p/8 or tile/entries/000",
		"n’est pas le chemin d’une tuile, par exemple « tile/0/x001/067.p/8 » ou « tile/entries/000 »",
	},
	NoAgreementText: {
		"no-agreement-text",
		"no text of a Confidentiality Agreement was put to this third party yet; put one to it first (POST " +
			"/api/v1/agreements)",
		"aucun texte d’accord de confidentialité n’a encore été soumis à ce tiers ; veuillez d’abord lui en " +
			"soumettre un (« POST /api/v1/agreements »)",
	},
	AgreementBinds: {
		"agreement-binds",
		"a Confidentiality Agreement was put to this third party by a Party, and binds; leave the field out or say " +
			"true",
		"une Partie a soumis un accord de confidentialité à ce tiers, et cet accord est obligatoire ; veuillez " +
			"omettre ce champ ou indiquer « true »",
	},
}
