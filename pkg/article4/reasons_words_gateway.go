package article4

// gatewayReasons holds the words of the safeguards of the gateway.
var gatewayReasons = map[Code]reasonWords{
	"gateway/own-request": {
		effect: EffectNothingChanged,
		english: Words{"Nobody decides their own request",
			"Another person of the same organisation must decide."},
		french: Words{"Nul ne statue sur sa propre demande",
			"Une autre personne de la même organisation doit statuer."},
	},
	"gateway/step-up": {
		effect: EffectNothingChanged,
		english: Words{"A fresh sign-in is needed",
			"You signed in more than ten minutes ago. Sign in again for this decision."},
		french: Words{"Une nouvelle authentification est nécessaire",
			"Votre authentification date de plus de dix minutes. Veuillez vous authentifier de nouveau " +
				"pour cette décision."},
	},
	"gateway/sign-in-too-weak": {
		effect: EffectNothingChanged,
		english: Words{"A stronger sign-in is needed",
			"A decision, protected content, a deposit and the log each need a stronger sign-in than yours."},
		french: Words{"Un niveau d’authentification plus élevé est requis",
			"Une décision, un contenu protégé, un dépôt et le registre exigent un niveau d’authentification plus " +
				"élevé que le vôtre."},
	},
	"gateway/log-unavailable": {
		effect: EffectNothingSent,
		english: Words{"The log cannot be written at present",
			"No byte is sent before its entry is in the log. Try again later."},
		french: Words{"L’inscription au registre est impossible pour le moment",
			"Aucun octet n’est transmis avant l’inscription correspondante au registre. Veuillez " +
				"réessayer plus tard."},
	},
	"gateway/storage-unavailable": {
		effect: EffectNothingComplete,
		english: Words{"The store cannot be reached at present",
			"The encrypted documents cannot be read or written. Try again later."},
		french: Words{"L’espace de stockage est injoignable pour le moment",
			"Les documents chiffrés ne peuvent être ni lus ni écrits. Veuillez réessayer plus tard."},
	},
	"gateway/altered": {
		effect: EffectNothingComplete,
		english: Words{"A stored record or file was altered",
			"It does not match its seal. Trying again will not help. The auditors of both Parties have been " +
				"told."},
		french: Words{"Un élément conservé a été altéré",
			"Un enregistrement ou un fichier ne correspond pas à son sceau. Un nouvel essai n’y changera rien. " +
				"Les auditeurs des deux Parties en sont informés."},
	},
	"gateway/keys-unavailable": {
		effect: EffectNothingSent,
		english: Words{"The keys cannot be reached at present",
			"Without the Discloser’s keys nothing can be encrypted or decrypted. Try again later."},
		french: Words{"Les clés sont indisponibles pour le moment",
			"Sans les clés de la Partie divulgatrice, rien ne peut être chiffré ni déchiffré. Veuillez " +
				"réessayer plus tard."},
	},
	"gateway/stamp-failed": {
		effect: EffectNothingSent,
		english: Words{"A marked copy cannot be made",
			"The copy for this reader cannot be marked, and the original is never sent in its place. Take " +
				"the original where the grant allows it, or ask the Discloser for the file in another format."},
		french: Words{"L’exemplaire marqué ne peut pas être établi",
			"L’exemplaire destiné à ce lecteur ne peut pas être marqué, et l’original n’est jamais " +
				"transmis à sa place. Veuillez demander l’original si l’accès accordé le prévoit, ou demander " +
				"à la Partie divulgatrice le fichier sous un autre format."},
	},
	"gateway/cannot-be-marked": {
		effect: EffectNothingSent,
		english: Words{"This file can never be marked",
			"The check at deposit showed it: the file opens only with a password, is damaged, is too large, or " +
				"would lose content. Trying again will not help. Take the original where the grant allows it, or " +
				"ask the Discloser for the file in another format."},
		french: Words{"Ce fichier ne pourra jamais être marqué",
			"L’essai fait au dépôt l’a montré : le fichier ne s’ouvre qu’avec un mot de passe, est endommagé " +
				"ou trop volumineux, ou perdrait une partie de son contenu. Un nouvel essai n’y changera rien. " +
				"Veuillez demander l’original si l’accès accordé le prévoit, ou demander à la Partie divulgatrice " +
				"le fichier sous un autre format."},
	},
	"gateway/own-document": {
		effect: EffectNothingChanged,
		english: Words{"You deposited this document yourself",
			"Nobody can consent alone to a third party’s access to a document that they deposited themselves. " +
				"Another signatory must consent instead, or confirm the same decision."},
		french: Words{"Vous avez vous-même déposé ce document",
			"Nul ne peut consentir seul, au bénéfice d’un tiers, pour un document qu’il a lui-même déposé. Un " +
				"autre signataire habilité doit consentir à sa place, ou confirmer la même décision."},
	},
	"gateway/purpose-unknown": {
		effect: EffectNothingSent,
		english: Words{"There is no such purpose",
			"A purpose is one of the codes of the Arrangement or of a specific arrangement. Explain it in the " +
				"statement."},
		french: Words{"Cette finalité n’existe pas",
			"Une finalité est l’un des codes de l’Arrangement ou d’un arrangement particulier. Veuillez " +
				"l’expliquer dans la déclaration."},
	},
	"gateway/form-not-granted": {
		effect: EffectNothingSentOrChanged,
		english: Words{"This form is not granted",
			"The grant does not allow it. A decision may go from the original to a marked copy or to reading page by " +
				"page, never the reverse; what is read page by page is handed out to nobody."},
		french: Words{"Cette forme n’est pas accordée",
			"L’accès accordé ne la prévoit pas. Une décision peut passer de l’original à l’exemplaire " +
				"marqué ou à la lecture page par page, jamais l’inverse\u202f; ce qui est lu page par page " +
				"n’est remis à personne."},
	},
	"gateway/form-unavailable": {
		effect: EffectNothingSentOrChanged,
		english: Words{"This file cannot be shown page by page",
			"Only PDF files and pictures that can be marked are shown so. Choose a marked copy where the grant " +
				"allows it, or ask the Discloser for the file as PDF."},
		french: Words{"Ce fichier ne peut pas être affiché page par page",
			"Seuls les fichiers PDF et les images qui peuvent être marqués sont affichés ainsi. Veuillez choisir un " +
				"exemplaire marqué si l’accès accordé le prévoit, ou demander à la Partie divulgatrice le fichier en " +
				"PDF."},
	},
	"gateway/service-limited": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The machine client is confined to other purposes or markings",
			"The purposes or markings listed for this client do not cover the act. Its organisation can " +
				"have the operator change the list."},
		french: Words{"L’application cliente est limitée à d’autres finalités ou marquages",
			"Les finalités ou les marquages prévus pour cette application cliente ne couvrent pas cet " +
				"acte. Son organisation peut faire modifier la liste par l’exploitant."},
	},
	"gateway/until-not-granted": {
		effect: EffectNothingChanged,
		english: Words{"A decision cannot lengthen the time",
			"The time asked for may be shortened, never lengthened."},
		french: Words{"Une décision ne peut pas allonger la durée",
			"La durée demandée peut être abrégée, jamais allongée."},
	},
	"gateway/untitled": {
		effect: EffectNothingStored,
		english: Words{"The document has no title",
			"Give it a title."},
		french: Words{"Le document n’a pas de titre",
			"Veuillez lui donner un titre."},
	},
	"gateway/no-statement": {
		effect: EffectNothingChanged,
		english: Words{"Text is missing",
			"Say in words why you do this, or what you ask, answer or report."},
		french: Words{"Le texte requis est absent",
			"Veuillez indiquer en toutes lettres le motif de cet acte, ou le contenu de la question, de la " +
				"réponse ou du signalement."},
	},
	"gateway/signature-incomplete": {
		effect: EffectNothingChanged,
		english: Words{"The signature is not complete",
			"Give the name, the function and the authority of the person who signs, and accept the text."},
		french: Words{"La signature n’est pas complète",
			"Veuillez indiquer le nom, la fonction et le titre en vertu duquel la personne signe, et accepter " +
				"le texte."},
	},
	"gateway/passenger-data-protected": {
		effect: EffectNothingKept,
		english: Words{"Passenger data is never non-confidential",
			"The file holds passenger data messages (PAXLST, PNRGOV) and was marked non-confidential."},
		french: Words{"Les données relatives aux passagers ne sont jamais non confidentielles",
			"Le fichier contient des messages de données passagers (PAXLST, PNRGOV) et a été marqué non " +
				"confidentiel."},
	},
	"gateway/type-mismatch": {
		effect: EffectNothingKept,
		english: Words{"The file is not of the declared type",
			"What was found in the file differs from the declared media type."},
		french: Words{"Le fichier n’est pas du type déclaré",
			"Le contenu du fichier diffère du type de média déclaré."},
	},
	"gateway/digest-mismatch": {
		effect: EffectNothingKept,
		english: Words{"The file is not the declared one",
			"Its SHA-256 differs from the one declared."},
		french: Words{"Le fichier n’est pas celui qui a été déclaré",
			"Son empreinte SHA-256 diffère de celle qui a été déclarée."},
	},
	"gateway/size-mismatch": {
		effect: EffectNothingKept,
		english: Words{"The file is not of the declared size",
			"The number of bytes received differs from the number declared."},
		french: Words{"Le fichier n’a pas la taille déclarée",
			"Le nombre d’octets reçus diffère du nombre déclaré."},
	},
	"gateway/empty": {
		effect: EffectNothingKept,
		english: Words{"The file is empty",
			"A document has at least one byte."},
		french: Words{"Le fichier est vide",
			"Un document a au moins un octet."},
	},
	"gateway/too-large": {
		effect: EffectNothingKept,
		english: Words{"The file is too large",
			"It is larger than this gateway accepts."},
		french: Words{"Le fichier est trop volumineux",
			"Il dépasse la limite de cette passerelle."},
	},
	"gateway/malware-found": {
		effect: EffectNothingKept,
		english: Words{"Malware was found in the file",
			"The scanner found malware in the file. Tell your own security service, and send a clean " +
				"file."},
		french: Words{"Un logiciel malveillant a été trouvé dans le fichier",
			"L’analyse a révélé un logiciel malveillant dans le fichier. Veuillez prévenir votre service " +
				"de sécurité et envoyer un fichier sain."},
	},
	"gateway/not-inspected": {
		effect: EffectNothingKept,
		english: Words{"The file could not be inspected for malware",
			"No file is accepted before a scan for malware; the scanner is unavailable, or did not accept " +
				"this file. Try again later."},
		french: Words{"Le fichier n’a pas pu être analysé",
			"Aucun fichier n’est accepté sans analyse antivirus préalable ; l’analyseur est indisponible " +
				"ou n’a pas accepté ce fichier. Veuillez réessayer plus tard."},
	},
	"gateway/request-closed": {
		effect: EffectNothingChanged,
		english: Words{"The request is no longer open",
			"It was withdrawn or refused, it lapsed, or it expired. A new request is needed."},
		french: Words{"La demande n’est plus ouverte",
			"Elle a été retirée ou refusée, elle est devenue caduque ou elle a expiré. Il faut une " +
				"nouvelle demande."},
	},
	"gateway/lowering-over": {
		effect: EffectNothingChanged,
		english: Words{"The lowering is no longer pending",
			"It was carried out, its time is over, or the document has changed since the entities concerned " +
				"were asked. The Discloser must begin again."},
		french: Words{"L’abaissement n’est plus en attente",
			"Il a été effectué, son délai est passé, ou le document a changé depuis que les entités concernées " +
				"ont été consultées. La Partie divulgatrice doit recommencer."},
	},
	"gateway/too-many": {
		effect: EffectNothingDone,
		english: Words{"Too many refusals in one minute",
			"Further refusals give no reason until the minute is over. Permitted acts still work."},
		french: Words{"Trop de refus en une minute",
			"Les refus suivants ne seront pas motivés avant la fin de la minute. Les actes permis restent " +
				"possibles."},
	},
	"gateway/no-instrument": {
		effect: EffectNothingChanged,
		english: Words{"The written instrument is missing",
			"A filed authorization, a designation and a Delegation each rest on a written instrument, " +
				"named by its SHA-256."},
		french: Words{"L’instrument écrit fait défaut",
			"Une autorisation versée au dossier, une désignation et une délégation de pouvoirs reposent " +
				"sur un instrument écrit, désigné par son empreinte SHA-256."},
	},
	"gateway/delegation-unclear": {
		effect: EffectNothingChanged,
		english: Words{"The Delegation does not say clearly what it gives",
			"It needs acts that may be delegated, and an end that is in the future and later than its " +
				"beginning."},
		french: Words{"La délégation de pouvoirs ne dit pas clairement ce qu’elle confère",
			"Il faut des actes qui peuvent être délégués, et une fin à venir et postérieure à son début."},
	},
	"gateway/delegation-unauthorized": {
		effect: EffectNothingChanged,
		english: Words{"Neither official may give a Delegation",
			"One of the two officials must hold a Delegation that covers the giving of Delegations."},
		french: Words{"Aucun des deux fonctionnaires ne peut donner de délégation de pouvoirs",
			"L’un des deux fonctionnaires doit être muni d’une délégation de pouvoirs qui l’autorise à en " +
				"donner."},
	},
	"gateway/delegation-own": {
		effect: EffectNothingChanged,
		english: Words{"Nobody gives a Delegation to themselves",
			"One official files a Delegation and another confirms it. Neither may be the person who will hold " +
				"it."},
		french: Words{"Nul ne se donne à soi-même une délégation de pouvoirs",
			"Une délégation de pouvoirs est versée au dossier par un fonctionnaire et confirmée par un autre. " +
				"Aucun des deux ne peut en être le titulaire."},
	},
	"gateway/record-incomplete": {
		effect: EffectNothingChanged,
		english: Words{"The record of the third party is not complete",
			"It needs a name, a type and, for an authority, its country; and an issuer and a short name " +
				"that no other organisation has."},
		french: Words{"La fiche du tiers n’est pas complète",
			"Il faut un nom, un type, le pays s’il s’agit d’une autorité, ainsi qu’un fournisseur " +
				"d’identité (émetteur) et un nom abrégé qui lui soient propres."},
	},
	"gateway/under-hold": {
		effect: EffectNothingChanged,
		english: Words{"The document is under Hold",
			"A Party placed a Hold on the document. Until two people of that Party end it, nothing about " +
				"it is erased and no version is destroyed."},
		french: Words{"Le document fait l’objet d’un ordre de conservation",
			"Une Partie a ordonné la conservation de ce document. Tant que deux fonctionnaires de cette " +
				"Partie n’y ont pas mis fin, rien n’est effacé et aucune version n’est détruite."},
	},
	"gateway/not-erasable": {
		effect: EffectNothingChanged,
		english: Words{"This cannot be erased",
			"The names of officials who took decisions are kept. Otherwise, only a private field of this entry " +
				"that was not erased before can be erased."},
		french: Words{"Cela ne peut pas être effacé",
			"Les noms des fonctionnaires qui ont pris des décisions sont conservés. Pour le reste, seul peut " +
				"être effacé un champ privé de cette inscription qui ne l’a pas encore été."},
	},
	"gateway/not-the-other-party": {
		effect: EffectNothingSentOrChanged,
		english: Words{"Only people of the other Party can be given a document unasked",
			"The Discloser’s people may give it to people of the Recipient. A third party receives a protected " +
				"document only when a Party has asked for it and consent was given."},
		french: Words{"Un document n’est remis d’office qu’à l’autre Partie",
			"La Partie divulgatrice peut le remettre à des personnes de la Partie destinataire. Un tiers ne " +
				"reçoit un document protégé que si une Partie l’a demandé et que le consentement a été donné."},
	},
	"gateway/no-authority": {
		effect: EffectNothingSentOrChanged,
		english: Words{"You do not have the authority for this act",
			"You need the required role and, for some acts, a Delegation in force, in the organisation whose " +
				"decision it is."},
		french: Words{"Vous n’avez pas le pouvoir d’accomplir cet acte",
			"Il faut la fonction requise (rôle) et, pour certains actes, une délégation de pouvoirs en " +
				"cours de validité, dans l’organisation à laquelle il appartient de se prononcer."},
	},
	"gateway/second-person-missing": {
		effect: EffectNothingChanged,
		english: Words{"A second person must confirm",
			"A second person must confirm this act, unchanged: a colleague from the same Party or, for a " +
				"third party’s record, somebody from the other Party."},
		french: Words{"Il manque une deuxième personne",
			"Cet acte requiert deux personnes : une autre personne de la même Partie (pour la fiche d’un " +
				"tiers : de l’autre Partie) doit le confirmer à l’identique."},
	},
	"gateway/not-in-effect": {
		effect: EffectNothingChanged,
		english: Words{"The Arrangement is not in effect yet",
			"Before both Parties have signed, no protection is taken away, no third party is recognised " +
				"and no notice is given."},
		french: Words{"L’Arrangement n’a pas encore pris effet",
			"Tant que les deux Parties n’ont pas signé, aucune protection n’est levée, aucun tiers n’est " +
				"reconnu et aucun préavis n’est donné."},
	},
}
