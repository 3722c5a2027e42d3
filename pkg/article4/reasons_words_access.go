package article4

// accessReasons holds the words of the reasons of paragraphs 4(2) to 4(7).
var accessReasons = map[Code]reasonWords{
	"art4.2/no-purpose": {
		effect: EffectNothingSent,
		english: Words{"No purpose was stated",
			"Give a purpose code, and a sentence saying what the document is for."},
		french: Words{"Aucune finalité n’a été indiquée",
			"Veuillez indiquer un code de finalité et une phrase disant à quoi servira le document."},
	},
	"art4.2/purpose-not-permitted": {
		effect: EffectNothingSent,
		english: Words{"The document was not provided for this purpose",
			"The purpose stated is not one for which the document was deposited. The document’s record " +
				"names its purposes."},
		french: Words{"Le document n’a pas été fourni pour cette finalité",
			"La finalité indiquée n’est pas l’une de celles pour lesquelles le document a été déposé. La " +
				"fiche du document énumère ses finalités."},
	},
	"art4.2/purpose-closed": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The purpose is closed",
			"No work under the Arrangement is open for this purpose."},
		french: Words{"La finalité est close",
			"Aucune activité menée au titre de l’Arrangement n’est ouverte pour cette finalité."},
	},
	"art4.2/not-released": {
		effect: EffectNothingSent,
		english: Words{"The document has not been released to this third party",
			"A third party gets a non-confidential document only once the Discloser or the Recipient has " +
				"released it to that third party for this purpose (a Release)."},
		french: Words{"Le document n’a pas été mis à la disposition de ce tiers",
			"Un tiers ne reçoit un document non confidentiel qu’une fois que la Partie divulgatrice ou la " +
				"Partie destinataire l’a mis à sa disposition pour cette finalité, mise à disposition qui est " +
				"enregistrée."},
	},
	"art4.3/undeclared": {
		effect: EffectNothingStored,
		english: Words{"You did not say whether the document holds personal data",
			"Answer yes or no; there is no default."},
		french: Words{"Vous n’avez pas indiqué si le document contient des données à caractère personnel",
			"Veuillez répondre par oui ou par non ; il n’y a pas de valeur par défaut."},
	},
	"art4.3/no-safeguard": {
		effect: EffectNothingStored,
		english: Words{"The protection of the personal data is not stated",
			"Give the data protection regime, the legal basis and the day until which the data is kept."},
		french: Words{"La protection des données à caractère personnel n’est pas précisée",
			"Veuillez indiquer le régime de protection des données, la base juridique et la date limite " +
				"de conservation."},
	},
	"art4.3/no-transfer-basis": {
		effect: EffectNothingSent,
		english: Words{"No legal basis for this transfer of personal data is recorded",
			"The Release to this third party names no legal basis for the transfer."},
		french: Words{"Aucune base juridique n’est enregistrée pour ce transfert de données à caractère personnel",
			"La mise à disposition de ce tiers ne mentionne aucune base juridique pour le transfert."},
	},
	"art4.3/passenger-data-undeclared": {
		effect: EffectNothingKept,
		english: Words{"The file holds passenger data that was not declared",
			"Passenger data messages (PAXLST, PNRGOV) were found in the file, but no personal data was " +
				"declared."},
		french: Words{"Le fichier contient des données relatives aux passagers qui n’ont pas été déclarées",
			"Des messages de données passagers (PAXLST, PNRGOV) ont été trouvés dans le fichier, alors " +
				"qu’aucune donnée à caractère personnel n’a été déclarée."},
	},
	"art4.3/retention-over": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The retention period of the personal data is over",
			"After the last day of the retention period, nothing more is disclosed. Only the Discloser’s " +
				"own people still have access, so that they can dispose of the document."},
		french: Words{"La durée de conservation des données à caractère personnel est écoulée",
			"Passé la date limite de conservation, plus rien n’est divulgué. Seul le personnel de la " +
				"Partie divulgatrice a encore accès au document, afin de l’éliminer."},
	},
	"art4.4/entity-has-account": {
		effect: EffectNothingChanged,
		english: Words{"The entity has an account here",
			"Its own people sign in and authorize. An authorization is filed only for an entity without " +
				"an account."},
		french: Words{"L’entité a un compte ici",
			"Ses agents s’authentifient : elle donne elle-même son autorisation. Une autorisation n’est " +
				"versée au dossier que pour une entité sans compte."},
	},
	"art4.4/entities-undeclared": {
		effect: EffectNothingStored,
		english: Words{"You did not say which entities are concerned",
			"Name the entities concerned, each recorded in the gateway and active, or say that there are " +
				"none."},
		french: Words{"Vous n’avez pas indiqué quelles entités sont concernées",
			"Veuillez nommer les entités concernées, inscrites dans la passerelle et actives, ou indiquer " +
				"qu’il n’y en a aucune."},
	},
	"art4.4/entities-unconfirmed": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The declaration about the entities concerned is not confirmed",
			"Where no entity is concerned, the Discloser’s first decision must repeat it. Where some are, it must " +
				"not say that there are none."},
		french: Words{"La déclaration relative aux entités concernées n’est pas confirmée",
			"Si aucune entité n’est concernée, la première décision de la Partie divulgatrice doit le répéter. " +
				"Sinon, elle ne doit pas indiquer qu’il n’y en a aucune."},
	},
	"art4.4/entity-unknown": {
		effect: EffectNothingChanged,
		english: Words{"The gateway does not know this entity",
			"An entity concerned must be recorded in the gateway and active. A Party’s focal point can propose " +
				"its record."},
		french: Words{"Cette entité est inconnue de la passerelle",
			"Une entité concernée doit être inscrite dans la passerelle et active. Le point de contact d’une " +
				"Partie peut proposer sa fiche."},
	},
	"art4.4/not-concerned": {
		effect: EffectNothingChanged,
		english: Words{"The Discloser did not declare this entity",
			"Name an entity concerned that the Discloser declared for this document. The document’s record shows " +
				"them."},
		french: Words{"La Partie divulgatrice n’a pas déclaré cette entité",
			"Veuillez nommer une entité concernée que la Partie divulgatrice a déclarée pour ce document. La " +
				"fiche du document indique ces entités."},
	},
	"art4.4/authorization-missing": {
		effect: EffectNothingSent,
		english: Words{"A required authorization is missing",
			"The Discloser and each entity concerned must authorize the exchange first."},
		french: Words{"Une autorisation requise fait défaut",
			"La Partie divulgatrice et chaque entité concernée doivent d’abord autoriser l’échange."},
	},
	"art4.4/authorization-refused": {
		effect: EffectNothingSent,
		english: Words{"A required authorization was refused",
			"One of the required authorizations was refused, and one refusal is enough. Only a new request can " +
				"reopen the question."},
		french: Words{"Une autorisation requise a été refusée",
			"L’une des autorisations requises a été refusée, et un seul refus suffit. Seule une nouvelle " +
				"demande peut rouvrir la question."},
	},
	"art4.4/authorization-withdrawn": {
		effect: EffectNothingMoreSent,
		english: Words{"A required authorization was withdrawn",
			"One of the authorizations given was withdrawn. Only a new request can reopen the question."},
		french: Words{"Une autorisation requise a été retirée",
			"L’une des autorisations données a été retirée. Seule une nouvelle demande peut rouvrir la " +
				"question."},
	},
	"art4.4/authorization-expired": {
		effect: EffectNothingSent,
		english: Words{"A required authorization has expired",
			"The time for which the authorization was given is over. A new request is needed."},
		french: Words{"Une autorisation requise a expiré",
			"La durée pour laquelle l’autorisation avait été donnée est écoulée. Il faut une nouvelle " +
				"demande."},
	},
	"art4.4/other-version": {
		effect: EffectNothingSent,
		english: Words{"The authorization is for another version",
			"An authorization names one version of the document and does not extend to another."},
		french: Words{"L’autorisation porte sur une autre version",
			"L’autorisation désigne une version du document et ne s’étend pas à une autre."},
	},
	"art4.4/authorization-outside-series": {
		effect: EffectNothingSent,
		english: Words{"The authorization of the series does not cover this document",
			"The document bears a marking that the series does not state, or was deposited by the person who " +
				"authorized the series. A signatory can authorize a request for this document by itself."},
		french: Words{"L’autorisation de la série ne couvre pas ce document",
			"Le document porte un marquage que la série ne prévoit pas, ou a été déposé par la personne qui a " +
				"autorisé la série. Un signataire peut autoriser une demande portant sur ce seul document."},
	},
	"art4.4/not-of-the-series": {
		effect: EffectNoByteStored,
		english: Words{"The document does not fit the series",
			"A series of your Party states its recipient, markings, purposes and entities concerned, and whether " +
				"it holds personal data or is proprietary. Deposit the document without the series, so that a " +
				"person decides on it, or correct what was declared."},
		french: Words{"Le document n’entre pas dans la série",
			"Une série de votre Partie précise son destinataire, ses marquages, ses finalités et les entités " +
				"concernées, et si elle contient des données à caractère personnel ou est exclusive. Déposez le " +
				"document hors série, afin qu’une personne en décide, ou corrigez la déclaration."},
	},
	"art4.4/not-the-recipient": {
		effect: EffectNothingChanged,
		english: Words{"The authorization of a series names people of the Recipient",
			"Between the Parties an authorization may be given for a whole series. The Discloser names the people " +
				"or machine clients of the other Party who are to receive it, and an entity concerned names nobody. " +
				"A third party needs consent for each document."},
		french: Words{"L’autorisation d’une série désigne des personnes de la Partie destinataire",
			"Entre les Parties, une autorisation peut être donnée pour toute une série. La Partie divulgatrice " +
				"désigne les personnes ou les machines clientes de l’autre Partie qui la recevront, et une entité " +
				"concernée ne désigne personne. Pour un tiers, chaque document exige un consentement."},
	},
	"art4.4/other-recipient": {
		effect: EffectNothingSent,
		english: Words{"The authorization is for another recipient",
			"The authorization was given for another organisation, or for a record of this one that has " +
				"since changed."},
		french: Words{"L’autorisation désigne un autre destinataire",
			"L’autorisation a été donnée pour une autre organisation, ou pour un état de la fiche de " +
				"celle-ci qui a changé depuis."},
	},
	"art4.4/other-purpose": {
		effect: EffectNothingSent,
		english: Words{"The authorization is for another purpose",
			"The authorization names a purpose other than the one stated."},
		french: Words{"L’autorisation porte sur une autre finalité",
			"L’autorisation désigne une autre finalité que celle indiquée."},
	},
	"art4.5/held-in-confidence": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The document is held in confidence",
			"Nothing shows that this act is permitted."},
		french: Words{"Le document est traité à titre confidentiel",
			"Rien n’établit que cet acte est permis."},
	},
	"art4.5/not-granted": {
		effect: EffectNothingSent,
		english: Words{"No grant covers this act",
			"There is no current request for this organisation, this version and this purpose. A Party " +
				"has to ask for access."},
		french: Words{"Cet acte n’est couvert par aucun accès accordé",
			"Il n’existe pas de demande en cours de validité pour cette organisation, cette version et " +
				"cette finalité. Une Partie doit demander l’accès."},
	},
	"art4.5/grant-expired": {
		effect: EffectNothingSentOrChanged,
		english: Words{"Your access has expired",
			"The period for which access was granted is over. Access has to be asked for again."},
		french: Words{"Votre accès a expiré",
			"La période pour laquelle l’accès avait été accordé est écoulée. L’accès doit être demandé de " +
				"nouveau."},
	},
	"art4.5/no-end-ahead": {
		effect: EffectNothingChanged,
		english: Words{"Access needs an end in the future",
			"Say until when access is to last. That moment must lie in the future."},
		french: Words{"L’accès doit avoir une échéance future",
			"Veuillez indiquer jusqu’à quand l’accès doit durer. Cette échéance doit se situer dans l’avenir."},
	},
	"art4.5/proprietary": {
		effect: EffectNothingSent,
		english: Words{"The Discloser has not agreed to this for its proprietary document",
			"A third party gets a proprietary document only with the Discloser’s agreement in writing, " +
				"even when it is non-confidential. The Discloser gives it by releasing the document itself."},
		french: Words{"La Partie divulgatrice n’a pas donné son assentiment pour ce document exclusif",
			"Un tiers ne reçoit un document exclusif au sens du paragraphe 5 qu’avec l’assentiment écrit " +
				"de la Partie divulgatrice, même s’il n’est pas confidentiel. Celle-ci le donne en mettant " +
				"elle-même le document à la disposition du tiers."},
	},
	"art4.5/not-the-recipient": {
		effect: EffectNothingStored,
		english: Words{"The Recipient must be the other Party",
			"Name the other Party as Recipient: a deposit goes from one Party to the other."},
		french: Words{"La Partie destinataire doit être l’autre Partie",
			"Indiquez l’autre Partie comme destinataire : un dépôt va d’une Partie à l’autre."},
	},
	"art4.6/not-admitted": {
		effect: EffectNothingSentOrChanged,
		english: Words{"You have not been given access",
			"The people named in the grant, and those admitted by the Discloser or by their own focal " +
				"point, may do this. Auditors and operators never see content."},
		french: Words{"Cet accès ne vous a pas été accordé",
			"Peuvent le faire les personnes désignées dans l’accès accordé et celles qu’a admises la " +
				"Partie divulgatrice ou leur propre point de contact. Les auditeurs et l’exploitant n’ont " +
				"jamais accès au contenu."},
	},
	"art4.6/suspended": {
		effect: EffectNothingSentOrChanged,
		english: Words{"Access is suspended",
			"A Party has suspended this person, this organisation or this document. Two people of that " +
				"Party can lift the suspension."},
		french: Words{"Une suspension d’urgence est en cours",
			"Une Partie a suspendu cette personne, cette organisation ou ce document. Deux de ses " +
				"fonctionnaires peuvent lever la suspension."},
	},
	"art4.7/no-purpose": {
		effect: EffectNothingSent,
		english: Words{"No purpose was stated",
			"Give a purpose code, and a sentence saying what the document is for."},
		french: Words{"Aucune finalité n’a été indiquée",
			"Veuillez indiquer un code de finalité et une phrase disant à quoi servira le document."},
	},
	"art4.7/purpose-not-permitted": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The document may not be used for this purpose",
			"The purpose stated is not one for which the document was deposited. The document’s record " +
				"names its purposes."},
		french: Words{"Le document ne peut pas servir à cette finalité",
			"La finalité indiquée n’est pas l’une de celles pour lesquelles le document a été déposé. La " +
				"fiche du document énumère ses finalités."},
	},
	"art4.7/purpose-closed": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The purpose is closed",
			"No work under the Arrangement is open for this purpose."},
		french: Words{"La finalité est close",
			"Aucune activité menée au titre de l’Arrangement n’est ouverte pour cette finalité."},
	},
	"art4.7/no-authority": {
		effect: EffectNothingChanged,
		english: Words{"You do not have the authority to take this purpose off",
			"Decisions in force were given for it and would end. Only a signatory of the Discloser with a " +
				"Delegation in force can take it off."},
		french: Words{"Vous n’avez pas le pouvoir de retirer cette finalité",
			"Des décisions en cours de validité ont été prises pour elle et prendraient fin. Seul un " +
				"signataire habilité de la Partie divulgatrice, muni d’une délégation de pouvoirs en cours de " +
				"validité, peut la retirer."},
	},
	"art4.2/no-authority": {
		effect: EffectNothingChanged,
		english: Words{"You do not have the authority to release, or to end a Release",
			"Only a focal point or a signatory of the Discloser or of the Recipient can release a document; " +
				"the Party that released it, or the Discloser, can end that."},
		french: Words{"Vous n’avez pas le pouvoir de mettre à disposition, ni d’y mettre fin",
			"Seul un point de contact ou un signataire habilité de la Partie divulgatrice ou de la Partie " +
				"destinataire peut mettre un document à disposition ; la Partie qui l’a fait, ou la Partie " +
				"divulgatrice, peut y mettre fin."},
	},
	"art4.4/entity-was-asked": {
		effect: EffectNothingChanged,
		english: Words{"The entity has already been asked",
			"Once anything was put to an entity concerned, only the entity itself can say that it is not concerned."},
		french: Words{"L’entité a déjà été saisie",
			"Dès qu’une question a été soumise à une entité concernée, elle seule peut déclarer qu’elle n’est " +
				"pas concernée."},
	},
	"art4.4/evidence-invalid": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The evidence of an authorization is not valid",
			"Nothing shows that the person named gave the authorization."},
		french: Words{"La preuve d’une autorisation n’est pas valable",
			"Rien n’établit que l’autorisation a été donnée par la personne désignée."},
	},
	"art4.4/no-authority": {
		effect: EffectNothingSentOrChanged,
		english: Words{"You do not have the authority to decide for this organisation",
			"An authorization, its refusal and its withdrawal take a signatory of the Party with a " +
				"Delegation in force, or somebody who may decide for the entity concerned. Only the Discloser " +
				"names the entities concerned."},
		french: Words{"Vous n’avez pas le pouvoir de décider pour cette organisation",
			"Une autorisation, son refus et son retrait requièrent un signataire habilité de la Partie, " +
				"muni d’une délégation de pouvoirs en cours de validité, ou une personne qui peut décider " +
				"pour l’entité concernée. Il appartient à la Partie divulgatrice de désigner les entités " +
				"concernées."},
	},
	"art4.4/second-person-missing": {
		effect: EffectNothingChanged,
		english: Words{"A second person must confirm",
			"Filing an entity’s authorization, or removing an entity concerned, takes two people: another " +
				"person of the same Party must confirm it, unchanged."},
		french: Words{"Il manque une deuxième personne",
			"Verser au dossier l’autorisation d’une entité, ou retirer une entité concernée, requiert deux " +
				"personnes : une autre personne de la même Partie doit le confirmer à l’identique."},
	},
}
