package rest

import (
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// discloseDocument answers POST /documents/{id}/disclosures.
func (a *API) discloseDocument(c call, _ none, in api.Reading) (*reply[api.Disclosure], error) {
	made, err := a.gateway.Disclose(c.ctx, c.actor, article4.DocumentID(c.param("id")), readingOf(in))
	if err != nil {
		return nil, err
	}
	return answerMade(disclosure(made, c), contentPath(made.ID)), nil
}

func readingOf(in api.Reading) exchange.Reading {
	return exchange.Reading{
		Purpose: named[article4.PurposeCode](in.Purpose), Statement: or(in.Statement),
		Form:    named[article4.Form](in.Form),
		Version: named[article4.VersionID](in.Version), ConditionsSHA256: named[article4.Digest](in.ConditionsSha256),
	}
}

// getDisclosure answers GET /disclosures/{id}.
func (a *API) getDisclosure(c call, _ none, _ none) (*reply[api.Disclosure], error) {
	found, err := a.gateway.Disclosed(c.ctx, c.actor, article4.DisclosureID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(disclosure(found, c)), nil
}

func disclosure(d exchange.Disclosure, c call) api.Disclosure {
	out := api.Disclosure{
		Id:           string(d.ID),
		Document:     string(d.Document),
		Version:      string(d.Version),
		Form:         api.Form(d.Form),
		CopyNumber:   d.CopyNumber,
		Marking:      api.Marking(d.Marking),
		LogEntry:     d.Entry,
		LogIndex:     d.LogIndex,
		ExpiresAt:    d.ExpiresAt.UTC(),
		Size:         optional(d.Size),
		Sha256:       text(d.SHA256),
		MediaType:    text(d.MediaType),
		FileName:     text(d.FileName),
		State:        api.CopyState(d.State),
		FormGround:   formGround(d.FormGround, c.language),
		FailureEntry: text(d.Failure),
		Warnings:     copyWarnings(d.Warnings, c.language),
	}
	if d.State == exchange.CopyInProgress {
		out.Progress = &api.CopyProgress{Queued: d.Progress.Queued, PagesDone: d.Progress.PagesDone,
			Pages: optional(d.Progress.Pages)}
	}
	if d.Reason != "" {
		reasons := apiReasons([]article4.Reason{{Code: d.Reason}},
			place{by: callerOf(c.actor), act: article4.ActDisclose, document: d.Document}, c.language)
		out.Reasons = &reasons
	}
	return out
}

func formGround(g article4.FormGround, in web.Language) api.FormGround {
	title, french := g.Words()
	if in == web.French {
		title = french
	}
	return api.FormGround{Code: string(g), Basis: g.Basis(), Title: title}
}

func formChoice(f *article4.Forms, in web.Language) *api.FormChoice {
	if f == nil {
		return nil
	}
	return &api.FormChoice{May: each[api.Form](f.May), Ground: formGround(f.Ground, in)}
}

// getLabel answers GET /disclosures/{id}/label: the bytes that were signed, which no encoder may put in another order.
func (a *API) getLabel(c call, _ none, _ none) (*reply[raw], error) {
	signed, err := a.gateway.Label(c.ctx, c.actor, article4.DisclosureID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(raw{"application/json", signed}), nil
}

// content answers GET /disclosures/{id}/content. From the moment that the Gateway gave the transfer, web.Sending alone
// answers for its end.
func (a *API) content(c *gin.Context) error {
	ctx, actor, id := c.Request.Context(), web.ActorOf(c), article4.DisclosureID(c.Param("id"))
	wanted, seen, err := a.wanted(c, id)
	if err != nil || seen {
		return err
	}
	transfer, err := a.gateway.Content(ctx, actor, id, wanted)
	if errors.Is(err, exchange.ErrRange) {
		a.sayLength(c, id)
	}
	if err != nil {
		return err
	}
	sending := web.Sending{
		Transfer:   transfer,
		Disclosure: transfer.Disclosure,
		Partial:    wanted != nil,
		Offset:     transfer.Offset,
		Length:     transfer.Length,
		Logger:     a.logger,
	}
	return sending.Send(c)
}

// sayLength says beside a 416 how long the content is (RFC 9110 15.5.17).
func (a *API) sayLength(c *gin.Context, id article4.DisclosureID) {
	if d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), id); err == nil {
		c.Header("Content-Range", "bytes */"+strconv.FormatInt(d.Size, 10))
	}
}

// wanted is the range asked for, unless If-Range names another content than there is (RFC 9110 13.1.5). Whoever wants
// another content, by If-Match, or has this one already, by If-None-Match, is answered here.
func (a *API) wanted(c *gin.Context, id article4.DisclosureID) (wanted *exchange.ByteRange, seen bool, err error) {
	wanted = web.ParseRange(c.GetHeader("Range"))
	condition, known, match := c.GetHeader("If-Range"), c.GetHeader("If-None-Match"), c.GetHeader("If-Match")
	if known == "" && match == "" && (wanted == nil || condition == "") {
		return wanted, false, nil
	}
	d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), id)
	if err != nil {
		return nil, false, err
	}
	if seen, err := held(c, d); seen || err != nil {
		return nil, seen, err
	}
	if condition != "" && condition != web.ContentTag(d) {
		return nil, false, nil
	}
	return wanted, false, nil
}

// held answers those whose preconditions the content does not meet.
func held(c *gin.Context, d exchange.Disclosure) (seen bool, err error) {
	tag := web.ContentTag(d)
	switch {
	case !web.Matches(c.GetHeader("If-Match"), tag):
		return false, exchange.ErrChanged
	case web.Seen(c.GetHeader("If-None-Match"), tag):
		return true, web.NotModified(c, d)
	}
	return false, nil
}

// contentHead answers HEAD: the headers of the whole content, decided like GET.
func (a *API) contentHead(c *gin.Context) error {
	d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), article4.DisclosureID(c.Param("id")))
	if err != nil {
		return err
	}
	if seen, err := held(c, d); seen || err != nil {
		return err
	}
	if err := web.SetContentHeaders(c.Writer.Header(), d); err != nil {
		return err
	}
	c.Header("Content-Length", strconv.FormatInt(d.Size, 10))
	c.Writer.WriteHeaderNow()
	return nil
}
