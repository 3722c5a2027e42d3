package exchange

import "chancery.example/gateway/pkg/register"

// The kinds of notices. A new one has a constant here and a row in the table below, a call of tell where it comes
// about, its page in whereOf (pkg/portal/notices.go), and its name in both languages there; if holders of copies answer
// it, it stands in putToHolders (pkg/portal/answers.go).
const (
	noticeCorrection    = "correction"
	noticeRecall        = "recall"
	noticeWithdrawal    = "withdrawal"
	noticeMarking       = "marking"
	noticeAmended       = "amended" // what the document says of itself, told to holders, and to whoever decided
	noticeConfiguration = "configuration"
	noticeLeak          = "leak"
	noticeDesignation   = "designation"
	noticeTermination   = "termination"
	noticeReview        = "review"
	noticeSuspension    = "suspension"
	noticeAsked         = "asked"        // it is for the reader's organisation to decide
	noticeQuestion      = "question"     // put to whoever asked
	noticeAnswered      = "answered"     // told to whoever is to decide
	noticeDecided       = "decided"      // told to whoever asked, and to the Discloser what an entity concerned decided
	noticeInForce       = "in-force"     // told to whoever asked, person or machine, and to whoever may read now
	noticeLapsing       = "lapsing"      // silence is about to be refusal, or has become it (reading 0007)
	noticeEnding        = "ending"       // the term of a grant, a decision or a Delegation is about to end, or has
	noticeDelivered     = "delivered"    // the Discloser gave without being asked
	noticeReleased      = "released"     // to a third party, or by the Recipient
	noticeDisclosed     = "disclosed"    // told to the Discloser, a day at a time
	noticeConfirmation  = "confirmation" // an act waits for a second person
	noticeAgreement     = "agreement"    // a Confidentiality Agreement is to be signed, was, or was declined
	noticeWebhook       = "webhook"      // nothing is sent to an address any more: it failed for too long
	noticeSignIn        = "sign-in"      // from a place where the person did not sign in before
	noticeSessionsEnded = "sessions-ended"
	noticeBounced       = "bounced"    // mail to a person came back
	noticeAlteration    = "alteration" // something kept does not fit its seal
	noticeLowering      = "lowering"   // put to an entity concerned, or decided on by one
	noticeNotConcerned  = "not-concerned"
	noticeRetention     = "retention" // personal data is to be kept no longer (Article 4(3)): told to the Discloser
)

// noticeKind is what is known of a kind: who sees it, how word of it is sent, and its words, by what the fact "how"
// says; "" where there is one way.
type noticeKind struct {
	audience register.Audience
	class    register.NoticeClass
	words    map[string]noticeWords
}

// noticeWords is a text in both languages. A fact stands in braces by its name; "reference" is the document's,
// "request" and "subject" are the notice's own.
type noticeWords struct{ English, French string }

// noticeKinds is the one place where notices are worded.
var noticeKinds = map[string]noticeKind{
	noticeCorrection: {register.ForOwner, register.Duty, map[string]noticeWords{
		"corrects": {"The Discloser corrected document {reference}, version {before}. Version {version} is the one " +
			"to use; it needs its own decision. {statement}",
			"La Partie divulgatrice a corrigé le document {reference}, version {before}. La version {version} est " +
				"celle à utiliser ; elle requiert sa propre décision. {statement}"},
		"updates": {"The Discloser updated document {reference}, version {before}. Version {version} is the one to " +
			"use; it needs its own decision. {statement}",
			"La Partie divulgatrice a mis à jour le document {reference}, version {before}. La version {version} " +
				"est celle à utiliser ; elle requiert sa propre décision. {statement}"},
		"replaces": {"The Discloser replaced document {reference}, version {before}. Version {version} is the one " +
			"to use; it needs its own decision. {statement}",
			"La Partie divulgatrice a remplacé le document {reference}, version {before}. La version {version} est " +
				"celle à utiliser ; elle requiert sa propre décision. {statement}"},
	}},
	noticeRecall: {register.ForOwner, register.Urgent, map[string]noticeWords{
		"recalled": {"The Discloser recalled document {reference}: {statement} Please say what became of your copies.",
			"La Partie divulgatrice a rappelé le document {reference} : {statement} Veuillez indiquer ce que sont " +
				"devenus vos exemplaires."},
		"destroyed": {"A version of document {reference} held a wrong file and was destroyed. Please say what " +
			"became of your copies.",
			"Une version du document {reference} contenait un fichier erroné et a été détruite. Veuillez indiquer " +
				"ce que sont devenus vos exemplaires."},
		"retention": {"The personal data in document {reference} was to be kept until {until}. Please destroy your " +
			"copies, and say so.",
			"Les données à caractère personnel du document {reference} devaient être conservées jusqu’au {until}. " +
				"Veuillez détruire vos exemplaires et l’indiquer."},
	}},
	noticeRetention: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"The personal data in document {reference} was to be kept until {until}, and nothing of it is disclosed " +
			"any more. Destroy its versions: one of you begins that, a second person confirms it. Where it has to be " +
			"kept, place a Hold and say why.",
			"Les données à caractère personnel du document {reference} devaient être conservées jusqu’au {until} ; " +
				"rien n’en est plus divulgué. Veuillez détruire ses versions : l’un de vous commence, une seconde " +
				"personne confirme. S’il faut les conserver, un ordre de conservation le dit, avec sa raison."},
	}},
	noticeWithdrawal: {register.ForOwner, register.Urgent, map[string]noticeWords{
		"release": {"The Release of document {reference} was ended. No further copy is given. Please say what became " +
			"of yours.",
			"La mise à disposition du document {reference} a pris fin. Aucun autre exemplaire n’est remis. Veuillez " +
				"indiquer ce que sont devenus les vôtres."},
		"": {"The decision for document {reference} was withdrawn. No further copy is given. Please say what " +
			"became of yours.",
			"La décision relative au document {reference} a été retirée. Aucun autre exemplaire n’est remis. " +
				"Veuillez indiquer ce que sont devenus les vôtres."},
	}},
	noticeMarking: {register.ForOwner, register.Duty, map[string]noticeWords{
		"": {"Document {reference} is now marked {marking}. Copies held are to be treated so.",
			"Le document {reference} porte désormais le marquage « {marking} ». Les exemplaires détenus sont à " +
				"traiter en conséquence."},
		"proprietary": {"Document {reference}, marked {marking}, is now stated to be proprietary (Article 4(5)). A " +
			"third party gets it by the written decision of its Discloser only.",
			"Le document {reference}, marqué « {marking} », est désormais déclaré propriétaire (article 4, " +
				"paragraphe 5). Un tiers ne le reçoit que sur décision écrite de la Partie divulgatrice."},
	}},
	noticeAmended: {register.ForOwner, register.Duty, map[string]noticeWords{
		"title": {"The Discloser corrected the title of document {reference}. Its content is the same. {statement}",
			"La Partie divulgatrice a corrigé le titre du document {reference}. Son contenu est inchangé. {statement}"},
		"handling": {"Document {reference} is now to be handled as follows, copies held included: {handling}",
			"Le document {reference}, exemplaires détenus compris, est désormais à traiter comme suit : {handling}"},
		"handling-ended": {"Document {reference} bears no handling instruction of its own any more.",
			"Le document {reference} ne porte plus d’instruction de traitement particulière."},
		"purposes": {"Document {reference}, copies held included, may now be used for {purposes}, and for nothing " +
			"else (Article 4(7)). {statement}",
			"Le document {reference}, exemplaires détenus compris, ne peut désormais servir qu’à {purposes} (article " +
				"4, paragraphe 7). {statement}"},
	}},
	noticeConfiguration: {register.ForOwner, register.Courtesy, map[string]noticeWords{
		"": {"The gateway works under another configuration since {since}. Arrangement file: SHA-256 " +
			"{arrangement}. Rules: {rules}. Build: {build}. Custody: {custody}. Settings that let it accept less: " +
			"{weakening}. The entry says it whole.",
			"La passerelle fonctionne sous une autre configuration depuis {since}. Fichier de l’Arrangement : " +
				"SHA-256 {arrangement}. Règles : {rules}. Version du logiciel : {build}. Garde des clés : " +
				"{custody}. Réglages qui lui font accepter moins : {weakening}. L’inscription au registre le dit " +
				"en entier."},
	}},
	noticeLeak: {register.ForOwner, register.Urgent, map[string]noticeWords{
		"": {"A leak of document {reference} was reported. Every grant is suspended until two people of yours lift it.",
			"Une fuite du document {reference} a été signalée. Tout accès accordé est suspendu jusqu’à ce que deux " +
				"de vos fonctionnaires lèvent la suspension."},
		"told": {"A leak of document {reference} was reported by somebody to whose organisation nothing of it was " +
			"disclosed, and who quotes no copy number. Nothing was stopped: you decide whether to suspend it." +
			"\n\n{statement}",
			"Une fuite du document {reference} a été signalée par une personne dont l’organisation n’en a rien reçu " +
				"et qui ne cite aucun numéro de copie. Rien n’a été suspendu : il vous appartient d’en décider." +
				"\n\n{statement}"},
	}},
	noticeDesignation: {register.ForOwner, register.Courtesy, map[string]noticeWords{
		"": {"{organisation} designates {name} as its focal point under Article 5, paragraph 3.",
			"{organisation} désigne {name} comme point de contact au titre de l’article 5, paragraphe 3."},
	}},
	noticeTermination: {register.ForOwner, register.Urgent, map[string]noticeWords{
		"": {"{organisation} gives ninety days written notice of termination of the Arrangement under Article 11, " +
			"paragraph 4. Notice counts from {since}; the Arrangement remains in effect through {until}, 24:00 " +
			"UTC.\n\n{statement}",
			"{organisation} donne, au titre de l’article 11, paragraphe 4, un préavis écrit de quatre-vingt-dix " +
				"jours de fin de l’Arrangement. Le préavis court à compter du {since} ; l’Arrangement continue de " +
				"produire effet jusqu’au {until}, minuit UTC.\n\n{statement}"},
	}},
	noticeReview: {register.ForOwner, register.Duty, map[string]noticeWords{
		"": {"Document {reference} was to be reviewed by {until}. If it is not accurate or not up to date any " +
			"more, deposit a new version.",
			"Le document {reference} était à revoir au plus tard le {until}. S’il n’est plus exact ou plus à jour, " +
				"veuillez en déposer une nouvelle version."},
	}},
	noticeSuspension: {register.ForOrganisation, register.Urgent, map[string]noticeWords{
		"document": {"Document {reference} is suspended. Nothing of it is disclosed until the suspension is lifted.",
			"Le document {reference} est suspendu. Rien n’en est divulgué jusqu’à ce que la suspension soit levée."},
		"person": {"A person of your organisation is suspended. Two people of yours may lift the suspension.",
			"Un agent de votre organisation est suspendu. Deux de vos fonctionnaires peuvent lever la suspension."},
		"organisation": {"{organisation} is suspended. Nothing is disclosed to it until the suspension is lifted.",
			"{organisation} est suspendue. Rien ne lui est divulgué jusqu’à ce que la suspension soit levée."},
	}},
	noticeAsked: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"Access to document {reference} is asked for by request {request}. It is for your organisation to " +
			"decide by {until}: silence is refusal.",
			"L’accès au document {reference} est demandé par la demande {request}. Il appartient à votre " +
				"organisation d’en décider au plus tard le {until} : le silence vaut refus."},
	}},
	noticeQuestion: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"A question was put to you on request {request} for document {reference}.",
			"Une question vous a été posée au sujet de la demande {request} relative au document {reference}."},
	}},
	noticeAnswered: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"An answer was given on request {request} for document {reference}. It is for your organisation to " +
			"decide by {until}.",
			"Une réponse a été donnée au sujet de la demande {request} relative au document {reference}. Il " +
				"appartient à votre organisation de décider au plus tard le {until}."},
		"remark": {"Whoever asked added something to request {request} for document {reference}. It lapses " +
			"when it did before.",
			"La personne qui a présenté la demande {request} relative au document {reference} y a ajouté quelque " +
				"chose. Le délai reste le même."},
	}},
	noticeDecided: {register.ForOrganisation, register.Courtesy, map[string]noticeWords{
		"authorized": {"The Discloser authorized request {request} for document {reference}.",
			"La Partie divulgatrice a autorisé la demande {request} relative au document {reference}."},
		"consented": {"The Discloser consented to request {request} for document {reference}.",
			"La Partie divulgatrice a consenti à la demande {request} relative au document {reference}."},
		"refused": {"Request {request} for document {reference} was refused.",
			"La demande {request} relative au document {reference} a été refusée."},
		"agreement-declined": {"Request {request} for document {reference} waits for a Confidentiality Agreement " +
			"that the third party declined. Another text is needed by {until}.",
			"La demande {request} relative au document {reference} attend un accord de confidentialité que le tiers " +
				"a décliné. Un autre texte est nécessaire au plus tard le {until}."},
		"purpose-off": {"The Discloser took off the purpose of request {request} for document {reference}. What was " +
			"decided on it has ended.",
			"La Partie divulgatrice a retiré la finalité de la demande {request} relative au document {reference}. " +
				"Ce qui a été décidé à son sujet a pris fin."},
		"entity-authorized": {"An entity concerned authorized request {request} for document {reference}.",
			"Une entité concernée a autorisé la demande {request} relative au document {reference}."},
		"entity-consented": {"The organisation of whose document this one was made consented to request {request} " +
			"for document {reference}.",
			"L’organisation dont un document est à la source du document {reference} a consenti à la demande " +
				"{request}."},
		"entity-refused": {"An entity concerned refused request {request} for document {reference}.",
			"Une entité concernée a refusé la demande {request} relative au document {reference}."},
	}},
	noticeInForce: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"Request {request} for document {reference} came into force. It lasts until {until}.",
			"La demande {request} relative au document {reference} a pris effet. L’accès prend fin le {until}."},
		"copy-held": {"The consent asked for by request {request} is recorded. It concerns the copy of document " +
			"{reference} that the Recipient holds, lasts until {until}, and gives access to nothing here.",
			"Le consentement demandé par la demande {request} est consigné. Il concerne la copie du document " +
				"{reference} que détient la Partie destinataire, prend fin le {until} et ne donne accès à rien ici."},
	}},
	noticeLapsing: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"decide": {"Request {request} for document {reference} waits for the decision of your organisation. It " +
			"lapses on {until}: silence is refusal.",
			"La demande {request} relative au document {reference} attend la décision de votre organisation. Elle " +
				"devient caduque le {until} : le silence vaut refus."},
		"sign": {"Request {request} for document {reference} waits for the signature of your organisation under a " +
			"Confidentiality Agreement. It lapses on {until}.",
			"La demande {request} relative au document {reference} attend la signature, par votre organisation, " +
				"d’un accord de confidentialité. Elle devient caduque le {until}."},
		"asked": {"Request {request} for document {reference} lapses on {until} if what it still needs does not come.",
			"La demande {request} relative au document {reference} devient caduque le {until} si ce qui lui manque " +
				"encore ne vient pas."},
		"decide-lapsed": {"Request {request} for document {reference} waited for the decision of your organisation. " +
			"It lapsed on {until}: silence is refusal.",
			"La demande {request} relative au document {reference} attendait la décision de votre organisation. Elle " +
				"est devenue caduque le {until} : le silence vaut refus."},
		"sign-lapsed": {"Request {request} for document {reference} waited for the signature of your organisation " +
			"under a Confidentiality Agreement. It lapsed on {until}.",
			"La demande {request} relative au document {reference} attendait la signature, par votre organisation, " +
				"d’un accord de confidentialité. Elle est devenue caduque le {until}."},
		"asked-lapsed": {"Request {request} for document {reference} lapsed on {until}: what it still needed did not " +
			"come, and silence is refusal. You may ask again.",
			"La demande {request} relative au document {reference} est devenue caduque le {until} : ce qui lui " +
				"manquait encore n’est pas venu, et le silence vaut refus. Vous pouvez en présenter une nouvelle."},
	}},
	noticeEnding: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"grant": {"Access to document {reference} under request {request} ends on {until}.",
			"L’accès au document {reference} au titre de la demande {request} prend fin le {until}."},
		"decision": {"What your organisation decided on request {request} for document {reference} ends on {until}.",
			"Ce que votre organisation a décidé sur la demande {request} relative au document {reference} prend " +
				"fin le {until}."},
		"series": {"The authorization that your organisation gave for the series {subject} ends on {until}. A person " +
			"decides on what is deposited into it afterwards, unless it is authorized again.",
			"L’autorisation que votre organisation a donnée pour la série {subject} prend fin le {until}. Une " +
				"personne décide de ce qui y est déposé ensuite, sauf nouvelle autorisation."},
		"delegation": {"The Delegation {subject} ends on {until}.",
			"La délégation de pouvoirs {subject} prend fin le {until}."},
		"asked-ended": {"Request {request} for document {reference} ended on {until}, its own term, before it came " +
			"into force. You may ask again.",
			"La demande {request} relative au document {reference} a pris fin le {until}, à son terme, avant d’avoir " +
				"pris effet. Vous pouvez en présenter une nouvelle."},
		"grant-ended": {"Access to document {reference} under request {request} ended on {until}.",
			"L’accès au document {reference} au titre de la demande {request} a pris fin le {until}."},
		"decision-ended": {"What your organisation decided on request {request} for document {reference} ended on " +
			"{until}.",
			"Ce que votre organisation a décidé sur la demande {request} relative au document {reference} a pris fin " +
				"le {until}."},
		"series-ended": {"The authorization that your organisation gave for the series {subject} ended on {until}. A " +
			"person decides on what is deposited into it since, unless it is authorized again.",
			"L’autorisation que votre organisation avait donnée pour la série {subject} a pris fin le {until}. Une " +
				"personne décide de ce qui y est déposé depuis, sauf nouvelle autorisation."},
		"delegation-ended": {"The Delegation {subject} ended on {until}.",
			"La délégation de pouvoirs {subject} a pris fin le {until}."},
	}},
	noticeDelivered: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"Document {reference} was delivered to you.", "Le document {reference} vous a été remis."},
	}},
	noticeReleased: {register.ForOrganisation, register.Courtesy, map[string]noticeWords{
		"": {"Document {reference} was released to your organisation.",
			"Le document {reference} a été mis à la disposition de votre organisation."},
		"by-recipient": {"The Recipient released document {reference} to {organisation}.",
			"La Partie destinataire a mis le document {reference} à la disposition de {organisation}."},
		"ended": {"The Release of document {reference} to your organisation was ended.",
			"La mise du document {reference} à la disposition de votre organisation a pris fin."},
		"ended-for": {"The Release of document {reference} to {organisation} was ended.",
			"La mise du document {reference} à la disposition de {organisation} a pris fin."},
	}},
	noticeDisclosed: {register.ForOrganisation, register.Courtesy, map[string]noticeWords{
		"": {"On {since}, documents of your organisation were disclosed. Disclosures: {count}. Documents: {documents}.",
			"Le {since}, des documents de votre organisation ont été divulgués. Divulgations : {count}. " +
				"Documents : {documents}."},
	}},
	noticeConfirmation: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"An act that takes two people waits for the second until {until}.",
			"Un acte qui requiert deux personnes attend la seconde jusqu’au {until}."},
		"other-party": {"What the other Party proposed waits for the confirmation of your organisation until {until}.",
			"Ce que l’autre Partie a proposé attend la confirmation de votre organisation jusqu’au {until}."},
	}},
	noticeAgreement: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"sign": {"A Confidentiality Agreement, {subject}, was put to your organisation to be signed.",
			"Un accord de confidentialité, {subject}, a été soumis à la signature de votre organisation."},
		"signed": {"{organisation} signed the Confidentiality Agreement {subject}.",
			"{organisation} a signé l’accord de confidentialité {subject}."},
		"declined": {"{organisation} declined the Confidentiality Agreement {subject}: {statement}",
			"{organisation} a décliné l’accord de confidentialité {subject} : {statement}"},
	}},
	noticeWebhook: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"Nothing is sent to the webhook {subject} any more: it has not been reached since {since}. Once it can " +
			"be reached, have what was given up sent again.",
			"Plus rien n’est envoyé au webhook {subject} : il n’a pu être joint depuis le {since}. Dès " +
				"qu’il peut l’être, veuillez faire renvoyer ce qui a été abandonné."},
	}},
	noticeSignIn: {register.ForPerson, register.Urgent, map[string]noticeWords{
		"": {"You signed in on {since} from a place where you had not signed in before: {place}. If it was not " +
			"you, end that session and tell your focal point.",
			"Vous vous êtes authentifié le {since} depuis un lieu nouveau : {place}. Si ce n’était pas vous, " +
				"veuillez mettre fin à cette session et avertir votre point de contact."},
	}},
	noticeSessionsEnded: {register.ForPerson, register.Urgent, map[string]noticeWords{
		"": {"A signatory of your organisation ended your sessions in all browsers on {since}. If you do not know " +
			"why, ask there before you sign in again.",
			"Un signataire de votre organisation a mis fin le {since} à vos sessions dans tous les navigateurs. Si " +
				"vous n’en connaissez pas la raison, veuillez la lui demander avant de vous authentifier à nouveau."},
	}},
	noticeAlteration: {register.ForOrganisation, register.Urgent, map[string]noticeWords{
		"": {"What the gateway keeps does not fit its seal: somebody altered a record or a file outside the gateway. " +
			"It was not handed out. The refusal is entry {entry} of the log; compare the log with the checkpoints " +
			"that you kept, and ask the operator.",
			"Ce que la passerelle conserve ne correspond pas à son sceau : un enregistrement ou un fichier a été " +
				"altéré en dehors de la passerelle. Rien n’en a été transmis. Le refus est l’inscription {entry} du " +
				"registre ; veuillez comparer le registre avec les points de contrôle que vous avez conservés, et " +
				"interroger l’exploitant."},
	}},
	noticeLowering: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"asked": {"The Discloser wants to lower the marking of document {reference}, or to drop that it is " +
			"proprietary. It takes your authorization, by {until}.",
			"La Partie divulgatrice souhaite abaisser le marquage du document {reference}, ou lever son caractère " +
				"exclusif. Votre autorisation est requise, au plus tard le {until}."},
		"authorized": {"{organisation} authorized the lowering of document {reference}.",
			"{organisation} a autorisé l’abaissement du marquage du document {reference}."},
		"refused": {"{organisation} refused the lowering of document {reference}.",
			"{organisation} a refusé l’abaissement du marquage du document {reference}."},
		"withdrawn": {"{organisation} took its authorization of the lowering of document {reference} back.",
			"{organisation} a retiré son autorisation de l’abaissement du marquage du document {reference}."},
	}},
	noticeNotConcerned: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"{organisation} says that document {reference} does not concern it: {statement}",
			"{organisation} déclare que le document {reference} ne la concerne pas : {statement}"},
	}},
	noticeBounced: {register.ForOrganisation, register.Duty, map[string]noticeWords{
		"": {"Mail to {name} came back. They are not told of anything by mail until their identity provider gives " +
			"another address, or they sign in again and ask for mail.",
			"Un courriel adressé à {name} est revenu. Cette personne n’est plus avertie par courriel tant que son " +
				"fournisseur d’identité ne donne pas une autre adresse, ou qu’elle ne demande pas de nouveau à " +
				"l’être."},
	}},
}
