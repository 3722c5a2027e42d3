package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// caller is what a remedy depends on of whoever is refused: nobody is sent where they may not go.
type caller struct {
	organisation article4.OrganisationID
	party        bool // of a Party, in a role that may ask for access: not only as auditor
	official     bool // focal point or signatory of a Party: may release
}

func callerOf(a exchange.Actor) caller {
	return callerIn(a.Organisation().ID, a.Organisation().Kind, a.Roles())
}

func callerIn(o article4.OrganisationID, kind article4.OrganisationKind, roles []article4.Role) caller {
	c := caller{organisation: o}
	for _, r := range roles {
		switch r {
		case article4.RoleFocalPoint, article4.RoleSignatory:
			c.party, c.official = kind == article4.Party, kind == article4.Party
		case article4.RoleStaff, article4.RoleService:
			c.party = kind == article4.Party
		}
	}
	return c
}

// place is what a remedy's address is made of.
type place struct {
	by       caller
	act      article4.Act
	document article4.DocumentID
	request  article4.RequestID
}

// reasonsOf words a refusal by the reasons table.
func reasonsOf(r *exchange.Refusal, by exchange.Actor, in web.Language) []web.Reason {
	return wordedFor(r, callerOf(by), in)
}

func wordedFor(r *exchange.Refusal, by caller, in web.Language) []web.Reason {
	reasons := make([]web.Reason, len(r.Reasons))
	for i, reason := range r.Reasons {
		reasons[i] = worded(reason, place{by, r.Act, r.Document, r.Request}, in)
		reasons[i].Effect = effectIn(article4.EffectOf(r.Reasons), in)
	}
	return reasons
}

// worded renders one reason. A code that the table does not know refuses all the same.
func worded(reason article4.Reason, at place, in web.Language) web.Reason {
	entry, known := article4.Lookup(reason.Code)
	if !known {
		return web.Reason{Code: string(reason.Code), Title: string(reason.Code), From: string(reason.From)}
	}
	words := wordsIn(entry, in)
	return web.Reason{
		Code:      string(entry.Code),
		Paragraph: entry.Paragraph,
		Basis:     entry.Basis,
		Title:     words.Title,
		Detail:    words.Detail,
		From:      string(reason.From),
		Remedy:    at.remedy(entry.Remedy, reason.From),
		Status:    entry.Status,
		Challenge: entry.Remedy == article4.RemedyStepUp,
		Later:     entry.Remedy == article4.RemedyRetryLater,
	}
}

func effectIn(effect article4.Effect, in web.Language) string {
	english, french := effect.Words()
	if in == web.French {
		return french
	}
	return english
}

func wordsIn(entry article4.Entry, in web.Language) article4.Words {
	if in == web.French {
		return entry.French
	}
	return entry.English
}

// remedy says where to go; nil where a header says it already, or the act's address names more than a place knows.
func (at place) remedy(kind article4.Remedy, from article4.OrganisationID) *web.Remedy {
	own := from != "" && from == at.by.organisation // the caller's own side can supply it
	switch kind {
	case article4.RemedyCorrectMetadata, article4.RemedyShortenUntil:
		return at.again()
	case article4.RemedyRequestAccess:
		return at.anew()
	case article4.RemedyAskLonger:
		if own {
			return at.again()
		}
		return at.anew()
	case article4.RemedyAskAuthorization:
		return at.asked()
	case article4.RemedyAskConsent:
		switch {
		case own && at.act == article4.ActRelease:
			return at.onDocument("requests") // a protected document is not released; it is asked for, and consented to
		case own:
			return at.again() // the evidence that a signatory brought
		}
		return at.asked()
	case article4.RemedyAskAdmission:
		return at.admission(own)
	case article4.RemedyAcceptConditions:
		return at.asked() // the request shows them
	case article4.RemedyChooseForm:
		return at.again()
	case article4.RemedyAskRelease:
		if at.by.official {
			return at.onDocument("releases")
		}
	case article4.RemedyAskColleague:
		if at.act != article4.ActRecognise && at.act != article4.ActMandate && (own || from == "") {
			return get(Base + "/people")
		}
	case article4.RemedyStepUp, article4.RemedyRetryLater:
		return nil
	}
	return at.somewhere(kind)
}

// somewhere is a place that is always there; the focal points of the Parties stand with the Arrangement.
func (at place) somewhere(kind article4.Remedy) *web.Remedy {
	switch kind {
	case article4.RemedyProposeAgreement:
		if at.by.party {
			return post("/agreements")
		}
		return get(Base + "/agreements")
	case article4.RemedySignAgreement:
		return get(Base + "/agreements")
	case article4.RemedySeeOwnLimits:
		return get(Base + "/me")
	case article4.RemedyStatePurpose:
		return get(Base + "/purposes")
	case article4.RemedyOtherPurpose:
		if at.document != "" {
			return get(documentPath(at.document))
		}
		return get(Base + "/purposes")
	}
	return get(Base + "/arrangement")
}

// anew: what serves no more has to be asked for anew, which the people of the Parties do; on a request, whoever asked.
func (at place) anew() *web.Remedy {
	switch {
	case at.act == article4.ActPropose:
		return at.again()
	case at.request != "" && at.act != article4.ActDisclose:
		return get(requestPath(at.request))
	case at.by.party && at.document != "":
		return at.onDocument("requests")
	}
	return get(Base + "/arrangement")
}

// asked is the request, which says what is missing and under which conditions; or where to ask.
func (at place) asked() *web.Remedy {
	switch {
	case at.request != "":
		return get(requestPath(at.request))
	case at.by.party && at.document != "":
		return at.onDocument("requests")
	}
	return get(Base + "/arrangement")
}

// admission: the beneficiary's focal point admits to a request; the Discloser's own people have to ask first.
func (at place) admission(own bool) *web.Remedy {
	switch {
	case at.request != "":
		return get(requestPath(at.request))
	case own && at.act != article4.ActDisclose:
		return at.again()
	case own && at.by.party && at.document != "":
		return at.onDocument("requests")
	}
	return get(Base + "/arrangement")
}

func (at place) onDocument(what string) *web.Remedy {
	if at.document == "" {
		return nil
	}
	return &web.Remedy{Method: "POST", Href: documentPath(at.document) + "/" + what}
}

// again is the act itself once more, with what was missing; nil where its address names more than a place knows.
func (at place) again() *web.Remedy {
	switch at.act {
	case article4.ActCorrect:
		return at.onDocument("versions")
	case article4.ActMark:
		return at.onDocument("marking")
	case article4.ActAmend:
		if at.document == "" {
			return nil
		}
		return &web.Remedy{Method: "PATCH", Href: documentPath(at.document)}
	case article4.ActAddEntity, article4.ActRemoveEntity:
		return at.onDocument("entities")
	case article4.ActRelease:
		return at.onDocument("releases")
	case article4.ActRecall:
		return at.onDocument("recall")
	case article4.ActRequest:
		return at.onDocument("requests")
	case article4.ActDisclose:
		return at.onDocument("disclosures")
	case article4.ActAuthorize, article4.ActConsent, article4.ActRefuse:
		return at.onRequest("decisions")
	case article4.ActFile:
		return at.onRequest("authorizations")
	case article4.ActAsk, article4.ActAnswer:
		return at.onRequest("messages")
	case article4.ActWithdraw:
		return at.onRequest("withdrawal")
	case article4.ActAdmit:
		return at.onRequest("admissions")
	case article4.ActSign, article4.ActDecline:
		return get(Base + "/agreements")
	}
	return at.begins()
}

// begins is an act that begins something.
func (at place) begins() *web.Remedy {
	switch at.act {
	case article4.ActDeposit:
		return post("/documents")
	case article4.ActPropose:
		return post("/agreements")
	case article4.ActSuspend:
		return post("/suspensions")
	case article4.ActHold:
		return post("/holds")
	case article4.ActErase:
		return post("/erasures")
	case article4.ActRecognise:
		return post("/organisations")
	case article4.ActGiveNotice:
		return post("/arrangement/notice")
	case article4.ActDesignate:
		return post("/arrangement/focal-points")
	case article4.ActDelegate:
		return post("/arrangement/delegations")
	}
	return nil
}

func (at place) onRequest(what string) *web.Remedy {
	if at.request == "" {
		return nil
	}
	return &web.Remedy{Method: "POST", Href: requestPath(at.request) + "/" + what}
}

func post(path string) *web.Remedy { return &web.Remedy{Method: "POST", Href: Base + path} }

func get(path string) *web.Remedy { return &web.Remedy{Method: "GET", Href: path} }

// apiReasons is the same inside a document or a request.
func apiReasons(reasons []article4.Reason, at place, in web.Language) []api.Reason {
	out := make([]api.Reason, len(reasons))
	for i, reason := range reasons {
		w := worded(reason, at, in)
		out[i] = api.Reason{
			Code:      w.Code,
			Paragraph: w.Paragraph,
			Basis:     w.Basis,
			Title:     w.Title,
			Detail:    optional(w.Detail),
			From:      optional(w.From),
		}
		if w.Remedy != nil {
			out[i].Remedy = &api.Remedy{Method: w.Remedy.Method, Href: w.Remedy.Href}
		}
	}
	return out
}
