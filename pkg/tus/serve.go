package tus

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// Begin answers the creation of an upload, which may bring its first bytes along. at gives the address of one.
func Begin(c *gin.Context, g *exchange.Gateway, a exchange.Actor, up Upload, at func(id string) string) error {
	brings := c.Request.ContentLength != 0
	var part exchange.Part
	if brings {
		var wrong invalid.Faults
		var err error
		if part, err = body(c, &wrong); err == nil {
			err = wrong.Err()
		}
		if err != nil {
			return err
		}
	}
	made, err := g.BeginArrival(c.Request.Context(), a, up.File, up.Part)
	if err != nil {
		return err
	}
	c.Header("Location", at(made.ID))
	if brings && made.Arrived == 0 { // of a creation that comes again the bytes may be here
		id := made.ID
		made, err = g.Arrive(c.Request.Context(), a, id, part)
		if errors.Is(err, exchange.ErrChecksum) || errors.Is(err, exchange.ErrMoreThanDeclared) {
			err = errors.Join(err, g.EndArrival(c.Request.Context(), a, id))
		}
		if err != nil {
			return failure(err)
		}
	}
	tell(c, made)
	web.Bare(c, web.Made)
	return nil
}

// Tell answers HEAD: how much has come.
func Tell(c *gin.Context, g *exchange.Gateway, a exchange.Actor, id string) error {
	if err := begin(c); err != nil {
		return err
	}
	found, err := g.Arrival(c.Request.Context(), a, id)
	if err != nil {
		return err
	}
	tell(c, found)
	c.Header(length, strconv.FormatInt(found.Size, 10))
	web.Bare(c, web.Shown)
	return nil
}

// Take answers PATCH: the next bytes.
func Take(c *gin.Context, g *exchange.Gateway, a exchange.Actor, id string) error {
	if err := begin(c); err != nil {
		return err
	}
	var wrong invalid.Faults
	part, err := body(c, &wrong)
	if err != nil {
		return err
	}
	part.Offset = number(c, offset, &wrong)
	if err := wrong.Err(); err != nil {
		return err
	}
	now, err := g.Arrive(c.Request.Context(), a, id, part)
	if err != nil {
		return failure(err)
	}
	tell(c, now)
	web.Bare(c, web.Done)
	return nil
}

// End answers DELETE: the upload is given up, whole or not.
func End(c *gin.Context, g *exchange.Gateway, a exchange.Actor, id string) error {
	if err := begin(c); err != nil {
		return err
	}
	if err := g.EndArrival(c.Request.Context(), a, id); err != nil {
		return err
	}
	web.Bare(c, web.Done)
	return nil
}

// tell says how far an upload is, until when it waits, and what the whole is.
func tell(c *gin.Context, a exchange.Arrival) {
	c.Header(offset, strconv.FormatInt(a.Arrived, 10))
	c.Header("Upload-Expires", a.ExpiresAt.UTC().Format(http.TimeFormat))
	if sum, err := hex.DecodeString(string(a.SHA256)); err == nil && len(sum) > 0 {
		c.Header("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	}
}

// body is what a request brings of the file.
func body(c *gin.Context, wrong *invalid.Faults) (exchange.Part, error) {
	kind := c.GetHeader("Content-Type")
	if stated, _, err := mime.ParseMediaType(kind); err != nil || stated != web.Octets {
		return exchange.Part{}, web.FailBecause(web.KindMediaType, web.OctetsExpected(kind))
	}
	if coding := c.GetHeader("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return exchange.Part{}, web.FailBecause(web.KindMediaType, web.UncodedExpected())
	}
	part := exchange.Part{Size: c.Request.ContentLength, Content: c.Request.Body}
	stated := c.Request.Header.Values(checksum)
	if len(stated) == 0 {
		return part, nil
	}
	name, coded, _ := strings.Cut(stated[0], " ")
	made, known := sums[name]
	want, err := base64.StdEncoding.DecodeString(coded)
	if !known || err != nil || len(stated) > 1 || len(want) != made().Size() {
		wrong.Add(invalid.BadChecksum, checksum, "")
		return part, nil
	}
	part.Sum, part.Want = made(), want
	return part, nil
}

// failure is what an upload alone fails by. Of a part that came too slowly or broke off, what came is kept.
func failure(err error) error {
	for _, known := range []struct {
		is   error
		kind web.Kind
	}{
		{exchange.ErrOffset, web.KindOffset},
		{exchange.ErrTurn, web.KindTurn},
		{exchange.ErrChecksum, web.KindChecksum},
		{exchange.ErrMoreThanDeclared, web.KindTooLarge},
		{exchange.ErrContent, web.KindPartBroken},
	} {
		if errors.Is(err, known.is) {
			return web.Fail(known.kind, err)
		}
	}
	return err
}
