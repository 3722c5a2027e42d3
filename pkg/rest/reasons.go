package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// place is what a remedy's address is made of.
type place struct {
	act      article4.Act
	document article4.DocumentID
	request  article4.RequestID
}

// reasonsOf words a refusal by the reasons table.
func reasonsOf(r *exchange.Refusal, in web.Language) []web.Reason {
	reasons := make([]web.Reason, len(r.Reasons))
	for i, reason := range r.Reasons {
		reasons[i] = worded(reason, place{r.Act, r.Document, r.Request}, in)
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
		Code: string(entry.Code), Paragraph: entry.Paragraph, Basis: entry.Basis, Title: words.Title, Detail: words.Detail,
		From: string(reason.From), Remedy: at.remedy(entry.Remedy), Status: entry.Status,
		Challenge: entry.Remedy == article4.RemedyStepUp,
	}
}

func wordsIn(entry article4.Entry, in web.Language) article4.Words {
	if in == web.French {
		return entry.French
	}
	return entry.English
}

// remedy says where to go; nil where nothing that this API offers helps, or where a header says it already.
func (at place) remedy(kind article4.Remedy) *web.Remedy {
	switch kind {
	case article4.RemedyRequestAccess:
		return at.onDocument("requests")
	case article4.RemedyAskAuthorization, article4.RemedyAskConsent:
		if at.request != "" {
			return get(requestPath(at.request))
		}
		return at.onDocument("requests")
	case article4.RemedyAskAdmission, article4.RemedyShortenUntil:
		if at.request != "" {
			return get(requestPath(at.request))
		}
		return at.onDocument("requests")
	case article4.RemedyAcceptConditions, article4.RemedyChooseForm:
		return at.onDocument("disclosures")
	case article4.RemedySignAgreement:
		return get(Base + "/agreements")
	case article4.RemedyStatePurpose:
		return get(Base + "/purposes")
	case article4.RemedyAskRelease:
		return at.onDocument("releases")
	case article4.RemedyCorrectMetadata:
		return at.again()
	case article4.RemedyAskColleague:
		return get(Base + "/people")
	case article4.RemedyContactFocalPoint:
		return get(Base + "/arrangement")
	}
	return nil
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
	}
	return at.anew()
}

// anew is an act that begins something.
func (at place) anew() *web.Remedy {
	switch at.act {
	case article4.ActDeposit:
		return post("/documents")
	case article4.ActPropose:
		return post("/agreements")
	case article4.ActSuspend:
		return post("/suspensions")
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
			Code: w.Code, Paragraph: w.Paragraph, Basis: w.Basis, Title: w.Title, Detail: optional(w.Detail), From: optional(w.From),
		}
		if w.Remedy != nil {
			out[i].Remedy = &api.Remedy{Method: w.Remedy.Method, Href: w.Remedy.Href}
		}
	}
	return out
}
