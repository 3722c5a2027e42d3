package rest

import (
	"context"
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// DiscloseDocument answers POST /documents/{id}/disclosures.
func (a *API) DiscloseDocument(ctx context.Context, in DiscloseDocumentRequestObject) (DiscloseDocumentResponseObject, error) {
	c := callOf(ctx)
	reading, err := readingOf(*in.Body)
	if err != nil {
		return nil, err
	}
	made, err := a.gateway.Disclose(c.ctx, c.actor, article4.DocumentID(in.Id), reading)
	if err != nil {
		return nil, err
	}
	return DiscloseDocument201JSONResponse{
		Body:    disclosure(made, c),
		Headers: DiscloseDocument201ResponseHeaders{Location: contentPath(made.ID)},
	}, nil
}

func readingOf(in api.Reading) (exchange.Reading, error) {
	var f faults
	if in.Form != nil {
		f.known("form", *in.Form)
	}
	return exchange.Reading{
		Purpose: named[article4.PurposeCode](in.Purpose), Statement: or(in.Statement), Form: named[article4.Form](in.Form),
		Version: named[article4.VersionID](in.Version), ConditionsSHA256: named[article4.Digest](in.ConditionsSha256),
	}, f.Err()
}

// GetDisclosure answers GET /disclosures/{id}.
func (a *API) GetDisclosure(ctx context.Context, in GetDisclosureRequestObject) (GetDisclosureResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.Disclosed(c.ctx, c.actor, article4.DisclosureID(in.Id))
	if err != nil {
		return nil, err
	}
	return GetDisclosure200JSONResponse(disclosure(found, c)), nil
}

func disclosure(d exchange.Disclosure, c call) api.Disclosure {
	out := api.Disclosure{
		Id: string(d.ID), Document: string(d.Document), Version: string(d.Version), Form: api.Form(d.Form), CopyNumber: d.CopyNumber,
		Marking: api.Marking(d.Marking), LogEntry: d.Entry, LogIndex: d.LogIndex, ExpiresAt: d.ExpiresAt.UTC(), Size: optional(d.Size),
		Sha256: text(d.SHA256), MediaType: text(d.MediaType), FileName: text(d.FileName), State: api.CopyState(d.State),
		FormGround: formGround(d.FormGround, c.language), FailureEntry: text(d.Failure),
	}
	if d.State == exchange.CopyMaking {
		out.Progress = &api.CopyProgress{Queued: d.Progress.Queued, PagesDone: d.Progress.PagesDone, Pages: optional(d.Progress.Pages)}
	}
	if d.Reason != "" {
		reasons := apiReasons([]article4.Reason{{Code: d.Reason}}, place{by: callerOf(c.actor), act: article4.ActDisclose, document: d.Document}, c.language)
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

// label answers GET /disclosures/{id}/label: the bytes that were signed, which no encoder may put in another order.
func (a *API) label(c *gin.Context) {
	signed, err := a.gateway.Label(c.Request.Context(), web.ActorOf(c), article4.DisclosureID(c.Param("id")))
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	c.Header("Content-Type", "application/json")
	c.Writer.WriteHeaderNow()
	_, _ = c.Writer.Write(signed) // a caller who is gone cannot be told
}

// content answers GET /disclosures/{id}/content. From the moment that the Gateway gave the delivery, web.Sending alone
// answers for its end.
func (a *API) content(c *gin.Context) {
	ctx, actor, id := c.Request.Context(), web.ActorOf(c), article4.DisclosureID(c.Param("id"))
	wanted, err := a.wanted(c, id)
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	delivery, err := a.gateway.Content(ctx, actor, id, wanted)
	if errors.Is(err, exchange.ErrRange) {
		a.sayLength(c, id)
	}
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	sending := web.Sending{
		Transfer: delivery, Disclosure: delivery.Disclosure, Partial: wanted != nil,
		Offset: delivery.Offset, Length: delivery.Length, Logger: a.logger,
	}
	if err := sending.Send(c); err != nil {
		a.problems.Write(c, err)
	}
}

// sayLength says beside a 416 how long the content is (RFC 9110 15.5.17).
func (a *API) sayLength(c *gin.Context, id article4.DisclosureID) {
	if d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), id); err == nil {
		c.Header("Content-Range", "bytes */"+strconv.FormatInt(d.Size, 10))
	}
}

// wanted is the range asked for, unless If-Range names another content than there is (RFC 9110 13.1.5).
func (a *API) wanted(c *gin.Context, id article4.DisclosureID) (*exchange.ByteRange, error) {
	wanted := web.ParseRange(c.GetHeader("Range"))
	condition := c.GetHeader("If-Range")
	if wanted == nil || condition == "" {
		return wanted, nil
	}
	d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), id)
	if err != nil || condition != web.ContentTag(d) {
		return nil, err
	}
	return wanted, nil
}

// contentHead answers HEAD: the headers of the whole content, decided like GET.
func (a *API) contentHead(c *gin.Context) {
	d, err := a.gateway.ContentHead(c.Request.Context(), web.ActorOf(c), article4.DisclosureID(c.Param("id")))
	if err == nil {
		err = web.SetContentHeaders(c.Writer.Header(), d)
	}
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	c.Header("Content-Length", strconv.FormatInt(d.Size, 10))
	c.Writer.WriteHeaderNow()
}
