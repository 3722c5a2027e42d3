package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// place is what a remedy's address is made of.
type place struct {
	document article4.DocumentID
	request  article4.RequestID
}

// reasonsOf words a refusal by the reasons table.
func reasonsOf(r *exchange.Refusal, in web.Language) []web.Reason {
	reasons := make([]web.Reason, len(r.Reasons))
	for i, reason := range r.Reasons {
		reasons[i] = worded(reason, place{r.Document, r.Request}, in)
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
	case article4.RemedyCorrectMetadata:
		return &web.Remedy{Method: "POST", Href: Base + "/documents"}
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
