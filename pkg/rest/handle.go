package rest

import (
	"context"
	"reflect"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// endpoint is what the table knows of an operation beside its method and path.
type endpoint struct {
	query parameters
	body  reflect.Type // what the JSON body is decoded into; nil: no JSON body
	form  bool         // multipart is taken
	out   reflect.Type // what is answered with; nil: bytes
	run   func(c *gin.Context) error
}

// none is the absence of a query or a body.
type none struct{}

// call is what a handler knows of its request beside the input.
type call struct {
	*gin.Context
	ctx      context.Context
	actor    exchange.Actor
	language web.Language
}

// callOf gives the request's own context: gin's is used again for other requests.
func callOf(c *gin.Context) call {
	return call{Context: c, ctx: c.Request.Context(), actor: web.ActorOf(c),
		language: web.Preferred(c.GetHeader("Accept-Language"))}
}

func (c call) param(name string) string { return c.Context.Param(name) }

// handle makes an endpoint of a handler: query and body are read once, strictly, and every fault of both is answered;
// the fingerprint of an act that may come again is of what was read; what is answered is rendered once. Q has the
// parameters, B is what the body says: none, a type of package api, *depositForm for parts, or either.
func handle[Q, B, Out any](f func(c call, query Q, body B) (*reply[Out], error)) endpoint {
	e := endpoint{query: parametersOf(reflect.TypeFor[Q]())}
	reads := bodyReader[B](&e)
	if out := reflect.TypeFor[Out](); out != reflect.TypeFor[raw]() && out != reflect.TypeFor[stream]() {
		e.out = out
	}
	e.run = func(c *gin.Context) error {
		var query Q
		wrong := e.query.read(c, reflect.ValueOf(&query).Elem())
		body, err := reads(c)
		if err := all(wrong, err); err != nil {
			return err
		}
		in := callOf(c)
		if !isMultipart(c) { // of an upload it is taken when the first part has come
			if in.actor, err = repeatable(c, in.actor, body); err != nil {
				return err
			}
		}
		out, err := f(in, query, body)
		if err != nil {
			return err
		}
		return out.write(in)
	}
	return e
}

// sends makes an endpoint of a handler that reads no body and writes its answer itself, because a response that is torn
// off must not end cleanly.
func sends[Q any](f func(c *gin.Context) error) endpoint {
	e := endpoint{query: parametersOf(reflect.TypeFor[Q]())}
	e.run = func(c *gin.Context) error {
		var query Q
		if err := e.query.read(c, reflect.ValueOf(&query).Elem()).Err(); err != nil {
			return err
		}
		return f(c)
	}
	return e
}

// maybe is a JSON body that may be left out.
type maybe[T any] struct{ Said T }

// either is a body of two media types: JSON, or parts.
type either[T any] struct {
	JSON *T
	Form *depositForm
}

// inTwoKinds is an either, whatever its JSON is.
type inTwoKinds interface {
	members() reflect.Type
	read(c *gin.Context) (any, error)
}

func (either[T]) members() reflect.Type { return reflect.TypeFor[T]() }

func (either[T]) read(c *gin.Context) (any, error) {
	var out either[T]
	if isMultipart(c) {
		var err error
		out.Form, err = formOf(c)
		return out, err
	}
	out.JSON = new(T)
	return out, readJSON(c, out.JSON)
}

// bodyReader says in e what the body is, and gives the way to read it.
func bodyReader[B any](e *endpoint) func(c *gin.Context) (B, error) {
	var b B
	switch two := any(b).(type) {
	case none:
		return func(c *gin.Context) (B, error) { return b, noBody(c) }
	case *depositForm:
		e.form = true
		return func(c *gin.Context) (B, error) {
			form, err := formOf(c)
			return any(form).(B), err
		}
	case maybe[api.Confirming]:
		e.body = reflect.TypeFor[api.Confirming]()
		return func(c *gin.Context) (B, error) {
			var in maybe[api.Confirming]
			if c.Request.ContentLength == 0 {
				return any(in).(B), nil
			}
			err := readJSON(c, &in.Said)
			return any(in).(B), err
		}
	case inTwoKinds:
		e.form, e.body = true, two.members()
		return func(c *gin.Context) (B, error) {
			in, err := two.read(c)
			return in.(B), err
		}
	}
	e.body = reflect.TypeFor[B]()
	return func(c *gin.Context) (B, error) {
		var in B
		return in, readJSON(c, &in)
	}
}

// reply is what an operation answers with.
type reply[Out any] struct {
	outcome  web.Outcome
	body     any // an Out, or what waits
	location string
	etag     string
}

// answer shows what was asked for, or what an act changed.
func answer[Out any](body Out) *reply[Out] { return &reply[Out]{outcome: web.Shown, body: body} }

// answerMade shows what an act made, and where it is found.
func answerMade[Out any](body Out, location string) *reply[Out] {
	return &reply[Out]{outcome: web.Made, body: body, location: location}
}

// answerWaits says that an act needs a second person, and where that person confirms it.
func answerWaits[Out any](p exchange.Pending) *reply[Out] {
	return &reply[Out]{outcome: web.Waits, body: waiting(p), location: confirmationPath(p.ID)}
}

// tagged names the state of what is shown, for If-Match.
func (r *reply[Out]) tagged(etag string) *reply[Out] {
	r.etag = etag
	return r
}

func (r *reply[Out]) write(c call) error {
	switch body := r.body.(type) {
	case raw:
		return web.Answer{Outcome: r.outcome, Type: body.kind, Bytes: body.data}.Write(c.Context)
	case stream:
		return body()
	}
	return web.Answer{Outcome: r.outcome, Body: r.body, Location: r.location, State: r.etag}.Write(c.Context)
}
