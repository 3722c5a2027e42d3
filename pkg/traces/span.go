package traces

import (
	"context"
	"regexp"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Name is what a span is of.
type Name string

// The spans that there are.
const (
	Request     Name = "request"     // of the API, of the pages
	Decide      Name = "decide"      // the rules at work on one act
	Transaction Name = "transaction" // of the database, from the wait for a connection to the commit
	StoreRead   Name = "store read"  // until its first byte
	StoreWrite  Name = "store write" // to its end
	StampChild  Name = "stamp child" // a child process at work on a file
	LogCommit   Name = "log commit"  // the wait until an entry is under a signed checkpoint
	Mail        Name = "mail"        // one mail on its way to the mail server
	Webhook     Name = "webhook"     // one attempt to deliver
)

// scope names the program in every span.
const scope = "chancery"

// Span is one step. The zero value and nil are no step: whatever is noted of them is forgotten.
type Span struct{ span trace.Span }

// Begin begins a step of what ctx carries. Where that is not recorded the step is not either, and costs nothing.
func Begin(ctx context.Context, name Name) (context.Context, *Span) {
	around := trace.SpanFromContext(ctx)
	if !around.IsRecording() {
		return ctx, nil
	}
	ctx, span := around.TracerProvider().Tracer(scope).Start(ctx, string(name))
	return ctx, &Span{span}
}

// Note adds what is known of a step.
func (s *Span) Note(known ...Attribute) {
	if s == nil {
		return
	}
	for _, a := range known {
		if a.of.Valid() {
			s.span.SetAttributes(a.of)
		}
	}
}

// End ends a step; one that failed says so, and not why.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// Attribute is something that may be known of a step.
type Attribute struct{ of attribute.KeyValue }

var (
	identifier = regexp.MustCompile(`^[a-z]{3}_[0-9a-z_]{1,64}$`)
	word       = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,40}(?:/[a-z0-9-]{1,60})?$`)
	verb       = regexp.MustCompile(`^(?:[A-Z]{3,7}|other)$`)
	pattern    = regexp.MustCompile(`^(?:unmatched|/[A-Za-z0-9_.:*/-]{0,200})$`)
)

// shaped is nothing where the value has another shape than it should.
func shaped(shape *regexp.Regexp, key, value string) Attribute {
	if !shape.MatchString(value) {
		return Attribute{}
	}
	return Attribute{attribute.String(key, value)}
}

// Route is the pattern that a request matched, never its path.
func Route(matched string) Attribute { return shaped(pattern, "http.route", matched) }

// Method is the verb of a request.
func Method(m string) Attribute { return shaped(verb, "http.request.method", m) }

// Status is that of an answer; 0 where none came.
func Status(code int) Attribute { return Attribute{attribute.Int("http.response.status_code", code)} }

// Code is that of the problem that was answered, such as "art4.5/held-in-confidence".
func Code(code string) Attribute { return shaped(word, "chancery.code", code) }

// Act is what the rules were asked about.
func Act(act string) Attribute { return shaped(word, "chancery.act", act) }

// Permitted is what the rules answered.
func Permitted(is bool) Attribute { return Attribute{attribute.Bool("chancery.permitted", is)} }

// RequestID is the name of a request in the operations log.
func RequestID(id string) Attribute { return shaped(identifier, "chancery.request_id", id) }

// Entry is the identifier of an entry of the log.
func Entry(id string) Attribute { return shaped(identifier, "chancery.entry", id) }

// MailID is the identifier of a mail.
func MailID(id string) Attribute { return shaped(identifier, "chancery.mail", id) }

// WebhookID is the identifier of a webhook.
func WebhookID(id string) Attribute { return shaped(identifier, "chancery.webhook", id) }

// Delivery is the identifier of a delivery to a webhook.
func Delivery(id string) Attribute { return shaped(identifier, "chancery.delivery", id) }

// Attempt is the how many-eth a delivery or mail is at.
func Attempt(n int) Attribute { return Attribute{attribute.Int("chancery.attempt", n)} }

// Bytes is how many were asked for, given or sent.
func Bytes(n int64) Attribute { return Attribute{attribute.Int64("chancery.bytes", n)} }

// Aborted says that a response was cut.
func Aborted(is bool) Attribute { return Attribute{attribute.Bool("chancery.aborted", is)} }
