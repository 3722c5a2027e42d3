package article4

// consentReasons holds the words of the reasons of paragraphs 4(8) to 11(4).
var consentReasons = map[Code]reasonWords{
	"art4.8/no-written-consent": {
		effect: EffectNothingSent,
		english: Words{"The Discloser has not consented to this disclosure",
			"A third party gets the document only with the Discloser’s prior written consent."},
		french: Words{"La Partie divulgatrice n’a pas consenti à cette divulgation",
			"Un tiers ne reçoit le document qu’avec le consentement écrit préalable de la Partie " +
				"divulgatrice."},
	},
	"art4.8/consent-refused": {
		effect: EffectNothingSent,
		english: Words{"The Discloser refused its consent",
			"The Discloser refused this request. Only a new request, made by a Party, can reopen the question."},
		french: Words{"La Partie divulgatrice a refusé son consentement",
			"La Partie divulgatrice a rejeté cette demande. Seule une nouvelle demande, faite par une Partie, " +
				"peut rouvrir la question."},
	},
	"art4.8/consent-lapsed": {
		effect: EffectNothingSent,
		english: Words{"The request for consent lapsed",
			"Nobody consented in time, and silence is refusal. A Party has to ask again."},
		french: Words{"La demande de consentement est devenue caduque",
			"Personne n’a consenti dans le délai, et le silence vaut refus. Une Partie doit présenter une " +
				"nouvelle demande."},
	},
	"art4.8/consent-expired": {
		effect: EffectNothingSent,
		english: Words{"The Discloser’s consent has expired",
			"The time for which the consent was given is over. A Party has to ask again."},
		french: Words{"Le consentement de la Partie divulgatrice a expiré",
			"La durée pour laquelle le consentement avait été donné est écoulée. Une Partie doit " +
				"présenter une nouvelle demande."},
	},
	"art4.8/consent-withdrawn": {
		effect: EffectNothingMoreSent,
		english: Words{"The Discloser withdrew its consent",
			"The consent ended when it was withdrawn. Only a new request, made by a Party, can reopen the " +
				"question."},
		french: Words{"La Partie divulgatrice a retiré son consentement",
			"Le consentement a pris fin lors de son retrait. Seule une nouvelle demande, faite par une " +
				"Partie, peut rouvrir la question."},
	},
	"art4.8/other-version": {
		effect: EffectNothingSent,
		english: Words{"The consent is for another version",
			"A consent names one version of the document and does not extend to another."},
		french: Words{"Le consentement porte sur une autre version",
			"Le consentement désigne une version du document et ne s’étend pas à une autre."},
	},
	"art4.8/other-recipient": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The consent does not cover this recipient",
			"It was given for another organisation, or for a record of this one that has since changed."},
		french: Words{"Le consentement ne vise pas ce destinataire",
			"Il a été donné pour une autre organisation, ou pour un état de la fiche de celle-ci qui a " +
				"changé depuis."},
	},
	"art4.8/not-a-third-party": {
		effect: EffectNothingChanged,
		english: Words{"The organisation is not a third party",
			"A consent and a Confidentiality Agreement concern third parties only. Between the Parties, an " +
				"authorization is enough."},
		french: Words{"L’organisation n’est pas un tiers",
			"Un consentement et un accord de confidentialité ne concernent que les tiers. Entre les Parties, " +
				"une autorisation suffit."},
	},
	"art4.8/other-purpose": {
		effect: EffectNothingSent,
		english: Words{"The consent is for another purpose",
			"The consent names a purpose other than the one stated."},
		french: Words{"Le consentement porte sur une autre finalité",
			"Le consentement désigne une autre finalité que celle indiquée."},
	},
	"art4.8/sources-undeclared": {
		effect: EffectNothingStored,
		english: Words{"You did not say what the document derives from",
			"Name the documents received under the Arrangement that it contains or derives from, or say that " +
				"there are none."},
		french: Words{"Vous n’avez pas indiqué de quoi le document est tiré",
			"Veuillez nommer les documents reçus au titre de l’Arrangement qu’il contient ou dont il est tiré, " +
				"ou indiquer qu’il n’y en a aucun."},
	},
	"art4.8/source-stricter": {
		effect: EffectNothingStored,
		english: Words{"A source of the document is protected more strictly",
			"A document takes over the marking, the caveats and the entities concerned of what it derives from. " +
				"The Discloser of each source becomes an entity concerned."},
		french: Words{"Une source du document est protégée plus strictement",
			"Un document reprend le marquage, les mentions et les entités concernées de ce dont il est tiré. " +
				"La Partie divulgatrice de chaque source devient une entité concernée."},
	},
	"art4.8/source-not-consented": {
		effect: EffectNothingSent,
		english: Words{"The Discloser of a source has not consented",
			"The document derives from what another Discloser provided. Before a third party receives it, that " +
				"Discloser’s prior written consent is required as well."},
		french: Words{"La Partie divulgatrice d’une source n’a pas consenti",
			"Le document est tiré de ce qu’une autre Partie divulgatrice a fourni. Son consentement écrit " +
				"préalable est également requis avant toute transmission à un tiers."},
	},
	"art4.8/no-authority": {
		effect: EffectNothingSentOrChanged,
		english: Words{"You do not have the authority to consent or to sign",
			"Only a signatory of the Discloser with a Delegation in force can consent. A focal point or a " +
				"signatory of a Party proposes a Confidentiality Agreement; somebody who may sign for the third " +
				"party signs or declines it."},
		french: Words{"Vous n’avez pas le pouvoir de consentir ou de signer",
			"Seul un signataire habilité de la Partie divulgatrice, muni d’une délégation de pouvoirs en " +
				"cours de validité, peut consentir. Un point de contact ou un signataire habilité d’une Partie " +
				"propose l’accord de confidentialité ; une personne habilitée à signer pour le tiers le signe " +
				"ou le décline."},
	},
	"art4.8/evidence-invalid": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The evidence of the consent is not valid",
			"Nothing shows that the consent was given in writing by the person named."},
		french: Words{"La preuve du consentement n’est pas valable",
			"Rien n’établit que le consentement a été donné par écrit par la personne désignée."},
	},
	"art4.8/agreement-unsigned": {
		effect: EffectNothingSent,
		english: Words{"The Confidentiality Agreement is not signed",
			"The third party’s focal point must sign the Confidentiality Agreement first."},
		french: Words{"L’accord de confidentialité n’est pas signé",
			"Le point de contact du tiers doit d’abord signer l’accord de confidentialité."},
	},
	"art4.8/agreement-declined": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The third party declined the Confidentiality Agreement",
			"A text that was declined is not signed any more, and an earlier signature does not take its place. The " +
				"Party puts another text to the third party, or the same once more, and that is signed. A consent " +
				"that names the declined text has to be given again."},
		french: Words{"Le tiers a décliné l’accord de confidentialité",
			"Un texte décliné ne peut plus être signé, et une signature antérieure n’en tient pas lieu. La " +
				"Partie soumet au tiers un autre texte, ou le même à nouveau, et celui-ci est signé. Un " +
				"consentement qui désigne le texte décliné doit être donné à nouveau."},
	},
	"art4.8/agreement-superseded": {
		effect: EffectNothingSentOrChanged,
		english: Words{"There is a newer text of the Confidentiality Agreement",
			"The signature is for an earlier text, and the Discloser has not said that it is enough for " +
				"the new one."},
		french: Words{"Il existe un texte plus récent de l’accord de confidentialité",
			"La signature porte sur un texte antérieur, et la Partie divulgatrice n’a pas indiqué que " +
				"cette signature suffisait."},
	},
	"art4.8/signature-unproven": {
		effect: EffectNothingSentOrChanged,
		english: Words{"Nothing shows who signed the Confidentiality Agreement",
			"A signature takes a sign-in of its own for the text that is signed. Where an earlier signature " +
				"brought none, a Party puts the agreement to the third party once more, and it is signed again."},
		french: Words{"Rien n’établit qui a signé l’accord de confidentialité",
			"Une signature demande une connexion propre au texte signé. Si une signature antérieure n’en " +
				"comportait pas, une Partie soumet de nouveau l’accord au tiers, qui le signe à nouveau."},
	},
	"art4.8/conditions-not-accepted": {
		effect: EffectNothingSent,
		english: Words{"The conditions have not been accepted",
			"Before anything is sent, the reader must accept the conditions of those who authorized or " +
				"consented. The request shows them."},
		french: Words{"Les conditions n’ont pas été acceptées",
			"Le lecteur doit accepter, avant toute transmission, les conditions de ceux qui ont autorisé " +
				"ou consenti. La demande les indique."},
	},
	"art4.8/onward-sharing": {
		effect: EffectNothingAsked,
		english: Words{"Third parties do not ask for protected documents",
			"A Party’s focal point can ask for them for the benefit of a third party."},
		french: Words{"Les tiers ne demandent pas de documents protégés",
			"Le point de contact d’une Partie peut les demander au bénéfice d’un tiers."},
	},
	"art4.9/unmarked": {
		effect: EffectNoByteStored,
		english: Words{"The document is not marked",
			"Mark the document confidential, restricted or non-confidential."},
		french: Words{"Le document ne porte pas de marquage",
			"Veuillez marquer le document confidentiel, à diffusion restreinte ou non confidentiel."},
	},
	"art4.9/no-purpose": {
		effect: EffectNothingStored,
		english: Words{"The purpose is not clearly stated",
			"Give the purpose in words, and at least one purpose code."},
		french: Words{"La finalité n’est pas clairement indiquée",
			"Veuillez indiquer la finalité en toutes lettres et au moins un code de finalité."},
	},
	"art4.9/not-discloser": {
		effect: EffectNothingKept,
		english: Words{"This deposit does not come from a Discloser",
			"Only the staff of a Party may deposit documents and new versions."},
		french: Words{"Ce dépôt n’émane pas d’une Partie divulgatrice",
			"Seul le personnel d’une Partie peut déposer des documents et de nouvelles versions."},
	},
	"art4.9/received-from-the-other": {
		effect: EffectNothingKept,
		english: Words{"Your organisation received this file from the other Party",
			"A document that was received cannot be deposited again. The other Party remains its Discloser."},
		french: Words{"Votre organisation a reçu ce fichier de l’autre Partie",
			"Un document reçu ne peut pas être déposé de nouveau. L’autre Partie en demeure la Partie " +
				"divulgatrice."},
	},
	"art4.9/resembles-received": {
		effect: EffectNothingKept,
		english: Words{"The file resembles a document that was received",
			"The other Party disclosed a similar document to your organisation. Name that document as a " +
				"source, or let a second person confirm, with a reason, that it is not one."},
		french: Words{"Le fichier ressemble à un document reçu",
			"L’autre Partie a divulgué un document semblable à votre organisation. Veuillez nommer ce document " +
				"comme source, ou faire confirmer par une deuxième personne, motif à l’appui, qu’il n’en est pas " +
				"une."},
	},
	"art4.9/marking-conflict": {
		effect: EffectNothingStored,
		english: Words{"The file shows a marking other than the one declared",
			"The file’s own headers show another marking. Confirm the declared marking with a reason " +
				"(marking_confirmation), or change it."},
		french: Words{"Le fichier porte un autre marquage que celui qui a été déclaré",
			"Les en-têtes du fichier indiquent un autre marquage. Veuillez confirmer le marquage déclaré " +
				"en le motivant (« marking_confirmation »), ou le modifier."},
	},
	"art4.9/second-person-missing": {
		effect: EffectNothingChanged,
		english: Words{"A second person must confirm",
			"Lowering a marking, or dropping “proprietary”, takes two people: another person of the same Party " +
				"must confirm it, unchanged."},
		french: Words{"Il manque une deuxième personne",
			"Abaisser un marquage, ou lever la mention « propriété exclusive », requiert deux personnes : une " +
				"autre personne de la même Partie doit le confirmer à l’identique."},
	},
	"art4.9/superseded-closed": {
		effect: EffectNothingSentOrChanged,
		english: Words{"This version is closed",
			"A newer version took its place. The newest version needs its own decision."},
		french: Words{"Cette version est close",
			"Une version plus récente l’a remplacée. La version la plus récente doit faire l’objet d’une " +
				"nouvelle décision."},
	},
	"art4.9/version-destroyed": {
		effect: EffectNothingSentOrChanged,
		english: Words{"This version was destroyed",
			"Its key was destroyed, so nobody can open it any more."},
		french: Words{"Cette version a été détruite",
			"Sa clé a été détruite : plus personne ne peut l’ouvrir."},
	},
	"art5.3/no-focal-point": {
		effect: EffectNothingSentOrChanged,
		english: Words{"A Party has no focal point",
			"Until that Party designates a focal point, which takes two of its officials, it can neither " +
				"consent nor receive protected documents."},
		french: Words{"Une Partie n’a pas de point de contact",
			"Tant que cette Partie n’a pas désigné de point de contact (désignation qui requiert deux de " +
				"ses fonctionnaires), elle ne peut ni consentir ni recevoir de documents protégés."},
	},
	"art11.1/not-in-effect": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The Arrangement is not in effect",
			"Both Parties must have signed it first."},
		french: Words{"L’Arrangement n’a pas encore pris effet",
			"Les deux Parties doivent d’abord l’avoir signé."},
	},
	"art11.4/notice-given": {
		effect: EffectNothingChanged,
		english: Words{"Notice of termination was given",
			"Nothing may be asked for or granted beyond the last day."},
		french: Words{"Un préavis écrit de fin de l’Arrangement a été donné",
			"Rien ne peut être demandé ni accordé au-delà du dernier jour."},
	},
	"art11.4/notice-backdated": {
		effect: EffectNothingChanged,
		english: Words{"A notice of termination cannot be backdated",
			"Notice runs from the day that it names: the day on which it is given to the other Party, today or " +
				"later."},
		french: Words{"Un préavis de fin de l’Arrangement n’a pas d’effet rétroactif",
			"Il court à compter du jour qu’il indique, qui ne peut être antérieur à aujourd’hui : celui de sa " +
				"remise à l’autre Partie."},
	},
	"art11.4/notice-stands": {
		effect: EffectNothingChanged,
		english: Words{"Notice of termination was already given",
			"One notice is enough, whichever Party gave it. The last day that follows from it is " +
				"maintained."},
		french: Words{"Un préavis a déjà été donné",
			"Un seul préavis suffit, quelle que soit la Partie qui l’a donné. L’échéance qui en résulte " +
				"est maintenue."},
	},
	"art11.4/ended": {
		effect: EffectNothingSentOrChanged,
		english: Words{"The Arrangement has ended",
			"Only work under a specific arrangement that is still in force goes on. What is held stays in " +
				"confidence. For a copy that the Recipient holds, a Party may still ask for the Discloser’s consent " +
				"to a third party."},
		french: Words{"L’Arrangement a pris fin",
			"Seuls se poursuivent les travaux menés au titre d’un arrangement particulier encore " +
				"applicable. Ce qui est détenu reste confidentiel. Pour une copie que détient la " +
				"Partie destinataire, une Partie peut encore demander le consentement de la Partie divulgatrice au " +
				"bénéfice d’un tiers."},
	},
	"art4.9/no-authority": {
		effect: EffectNothingChanged,
		english: Words{"You do not have the authority over the marking, the versions and the details",
			"Only the person who deposited the document and the Discloser’s focal points and signatories can " +
				"change its marking, its versions and its details. Only a signatory with a Delegation in force " +
				"can lower a marking."},
		french: Words{"Vous n’avez pas le pouvoir d’agir sur le marquage, les versions et la fiche",
			"Seuls le déposant, les points de contact et les signataires habilités de la Partie divulgatrice " +
				"peuvent modifier le marquage, les versions et la fiche du document. Seul un signataire habilité, " +
				"muni d’une délégation de pouvoirs en cours de validité, peut abaisser un marquage."},
	},
	"art5.3/no-authority": {
		effect: EffectNothingChanged,
		english: Words{"You do not have the authority to designate a focal point",
			"A focal point or a signatory of the Party designates its focal point."},
		french: Words{"Vous n’avez pas le pouvoir de désigner un point de contact",
			"Un point de contact ou un signataire habilité de la Partie désigne le point de contact de " +
				"celle-ci."},
	},
	"art5.3/second-person-missing": {
		effect: EffectNothingChanged,
		english: Words{"A second person must confirm",
			"Designating a focal point takes two people: another person of the same Party must confirm it, " +
				"unchanged."},
		french: Words{"Il manque une deuxième personne",
			"Désigner un point de contact requiert deux personnes : une autre personne de la même Partie doit " +
				"le confirmer à l’identique."},
	},
	"art11.4/no-authority": {
		effect: EffectNothingChanged,
		english: Words{"You do not have the authority to give notice",
			"Only a signatory of the Party with a Delegation in force can give notice of termination."},
		french: Words{"Vous n’avez pas le pouvoir de donner préavis",
			"Seul un signataire habilité de la Partie, muni d’une délégation de pouvoirs en cours de " +
				"validité, peut donner préavis."},
	},
	"art11.4/second-person-missing": {
		effect: EffectNothingChanged,
		english: Words{"A second person must confirm",
			"Notice of termination takes two people: another person of the same Party must confirm it, " +
				"unchanged."},
		french: Words{"Il manque une deuxième personne",
			"Le préavis requiert deux personnes : une autre personne de la même Partie doit le confirmer à " +
				"l’identique."},
	},
}
