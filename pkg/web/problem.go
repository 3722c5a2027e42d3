package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// Problem is a problem document (RFC 9457).
type Problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail,omitempty"` // the effect is its last sentence
	Effect    string   `json:"effect,omitempty"` // what did not happen: "Nothing was sent."
	Code      string   `json:"code"`
	RequestID string   `json:"request_id"`
	Reasons   []Reason `json:"reasons,omitempty"`
	Errors    []Fault  `json:"errors,omitempty"`
	Rules     string   `json:"rules,omitempty"`
	LogEntry  string   `json:"log_entry,omitempty"`
}

// Reason is one reason of a refusal as the reasons table words it.
type Reason struct {
	Code      string  `json:"code"`
	Paragraph string  `json:"paragraph"`
	Basis     string  `json:"basis"`
	Title     string  `json:"title"`
	Detail    string  `json:"detail,omitempty"`
	From      string  `json:"from,omitempty"`
	Remedy    *Remedy `json:"remedy,omitempty"`
	Status    int     `json:"-"` // what this reason alone is answered with
	// Effect is what did not happen, of the refusal as a whole: each of its reasons has the same.
	Effect string `json:"-"`
	// Challenge: this reason asks for another sign-in (RFC 9470).
	Challenge bool `json:"-"`
	// Later: the same helps a little later, without anybody's act.
	Later bool `json:"-"`
}

// Remedy is the request that could take a reason away.
type Remedy struct {
	Method string `json:"method"`
	Href   string `json:"href"`
}

// Fault is one malformed field.
type Fault struct {
	Code      string `json:"code"`
	Field     string `json:"field"`
	Detail    string `json:"detail"`
	Paragraph string `json:"paragraph,omitempty"`
}

// ProblemsConfig is what NewProblems needs.
type ProblemsConfig struct {
	PublicURL string       // required
	Logger    *slog.Logger // required
	// Reasons words the reasons of a refusal by the reasons table, in their order, for whoever is refused; required.
	Reasons func(r *exchange.Refusal, by exchange.Actor, in Language) []Reason
	// StepUpACR is the acr (several: separated by blanks) that an issuer's people need for deciding acts; may be nil.
	StepUpACR func(issuer string) string
	// ResourceMetadata is the address that says where tokens come from (RFC 9728); may be empty.
	ResourceMetadata string
}

// Problems renders errors.
type Problems struct {
	cfg ProblemsConfig
}

// NewProblems makes a renderer of errors.
func NewProblems(cfg ProblemsConfig) (*Problems, error) {
	if cfg.Reasons == nil {
		return nil, errors.New("web: problems need words for reasons")
	}
	return newProblems(cfg)
}

func newProblems(cfg ProblemsConfig) (*Problems, error) {
	if cfg.PublicURL == "" || cfg.Logger == nil {
		return nil, errors.New("web: problems need the public address and a logger")
	}
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	return &Problems{cfg: cfg}, nil
}

// Write answers err and ends the handling of this request. Where a response has begun it cuts the connection instead,
// so that it never looks whole. A caller who hung up gets nothing.
func (p *Problems) Write(c *gin.Context, err error) {
	c.Abort()
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		c.Status(statusHungUp)
		return
	}
	in := Preferred(c.GetHeader("Accept-Language"))
	problem := p.Of(err, ActorOf(c), in)
	if quota, wait := tooStrange(c, problem.Status); wait > 0 {
		c.Header("Connection", "close")
		err = busy(quota, wait)
		problem = p.Of(err, ActorOf(c), in)
	}
	problem.RequestID = RequestID(c)
	if problem.Status >= http.StatusInternalServerError {
		p.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "request failed",
			slog.String("request_id", problem.RequestID), slog.String("code", problem.Code),
			slog.String("cause", err.Error()))
	}
	p.send(c, problem, err)
}

// statusHungUp stands in the access log for a caller who did not wait; it is never sent.
const statusHungUp = 499

func (p *Problems) send(c *gin.Context, problem Problem, err error) {
	c.Set(codeKey, problem.Code)
	body, fault := json.Marshal(problem)
	if fault != nil {
		panic(fault) // strings and numbers always encode
	}
	h := c.Writer.Header()
	// Headers of an answer that will not be given.
	for _, name := range []string{"ETag", "Location", "Accept-Ranges", "Content-Disposition", "Repr-Digest",
		"Content-Length", "Chancery-Marking", "Idempotency-Replayed"} {
		h.Del(name)
	}
	if problem.Status != http.StatusRequestedRangeNotSatisfiable {
		h.Del("Content-Range")
	}
	h.Set("Content-Language", string(Preferred(c.GetHeader("Accept-Language"))))
	h.Add("Vary", "Accept-Language")
	switch problem.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", p.challenge(c, problem, err))
	case http.StatusServiceUnavailable:
		var refusal *exchange.Refusal
		switch {
		case errors.As(err, &refusal) && refusal.RetryAfter > 0:
			h.Set("Retry-After", strconv.Itoa(seconds(refusal.RetryAfter)))
		case passes(problem.Reasons):
			h.Set("Retry-After", strconv.Itoa(retryAfter))
		}
	case http.StatusTooManyRequests:
		wait, quota := waitOf(err)
		h.Set("Retry-After", strconv.Itoa(seconds(wait)))
		quota.tell(h)
	}
	if isUnwanted(c) {
		h.Set("Connection", "close")
	}
	h.Set("Content-Type", "application/problem+json")
	c.Status(problem.Status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	_, _ = c.Writer.Write(body) // a caller who is gone cannot be told
}

// waitOf is when to come again, of a 429, and which bound was reached.
func waitOf(err error) (time.Duration, Quota) {
	var refusal *exchange.Refusal
	failure := failureOf(err)
	switch {
	case errors.As(err, &refusal) && refusal.Bound > 0:
		return refusal.RetryAfter,
			Quota{Name: "refusals", Burst: refusal.Bound, Window: time.Minute, More: refusal.RetryAfter}
	case errors.As(err, &refusal):
		return refusal.RetryAfter, Quota{}
	case failure.RetryAfter > 0:
		return failure.RetryAfter, failure.Quota
	}
	return time.Second, Quota{}
}

// passes reports whether coming again later helps: not where a file, not a part that is away, stands in the way.
func passes(reasons []Reason) bool {
	return len(reasons) == 0 || slices.ContainsFunc(reasons, func(r Reason) bool { return r.Later })
}

// retryAfter is in seconds: a part that is away is usually back soon.
const retryAfter = 5

// Of says what err is answered with to whom; what is not meant for callers becomes "internal".
func (p *Problems) Of(err error, by exchange.Actor, in Language) Problem {
	var (
		refusal   *exchange.Refusal
		malformed *invalid.Error
		absent    *exchange.NotFound
	)
	switch {
	case errors.As(err, &refusal) && p.cfg.Reasons != nil:
		return p.refused(refusal, by, in)
	case errors.As(err, &malformed):
		return p.malformed(malformed, in)
	case errors.As(err, &absent):
		problem := p.plain(Fail(KindNotFound, nil), in)
		problem.LogEntry = absent.Entry
		return problem
	}
	return p.plain(failureOf(err), in)
}

// failureOf sorts the errors that carry nothing but their kind.
func failureOf(err error) *Failure {
	var failure *Failure
	var tooLarge *http.MaxBytesError
	var uploads *exchange.TooManyUploads
	var waits *exchange.TooManyWaits
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.As(err, &uploads):
		return tooManyUploads(uploads.Most)
	case errors.As(err, &waits):
		return tooManyWaits(waits.Most)
	case errors.Is(err, exchange.ErrReviewing):
		return tooManyReviews()
	case errors.As(err, &tooLarge):
		return Fail(KindTooLarge, err)
	case errors.Is(err, exchange.ErrChanged):
		return Fail(KindChanged, err)
	case errors.Is(err, exchange.ErrConflict):
		return &Failure{Kind: KindConflict, Because: conflictOf(err), cause: err}
	case errors.Is(err, exchange.ErrRange):
		return Fail(KindRange, err)
	case errors.Is(err, exchange.ErrKeyReused):
		return Fail(KindKeyReused, err)
	case errors.Is(err, exchange.ErrNoPage):
		return Fail(KindNotFound, err)
	case errors.Is(err, exchange.ErrOver):
		return Fail(KindOver, err)
	case errors.Is(err, exchange.ErrContent):
		return Fail(KindBrokenBody, err)
	case errors.Is(err, exchange.ErrUnrecognised):
		return FailBecause(KindBadToken, issuerUnbound())
	case errors.Is(err, exchange.ErrCopyInProgress):
		return Fail(KindCopyInProgress, err)
	case errors.Is(err, exchange.ErrEvidenceUnavailable), errors.Is(err, context.DeadlineExceeded):
		return Fail(KindUnavailable, err)
	}
	return Fail(KindInternal, err)
}

func (p *Problems) plain(f *Failure, in Language) Problem {
	w := f.Kind.words()
	says := w.in(in)
	if why := f.Because.in(in); why != "" {
		says.Detail = why
	}
	return Problem{
		Type:   p.kind(w.code),
		Title:  says.Title,
		Status: w.status,
		Detail: together(says.Detail, says.Effect),
		Effect: says.Effect,
		Code:   w.code,
	}
}

// malformed names each fault with its field, and says that nothing came of the request.
func (p *Problems) malformed(err *invalid.Error, in Language) Problem {
	problem := p.plain(Fail(KindInvalid, nil), in)
	for _, f := range err.Faults {
		detail := f.English()
		if in == French {
			detail = f.French()
		}
		problem.Errors = append(problem.Errors,
			Fault{Code: f.Code(), Field: f.Field, Detail: detail, Paragraph: f.Paragraph})
	}
	if len(problem.Errors) == 0 {
		return problem
	}
	first := problem.Errors[0]
	problem.Type, problem.Code = p.kind(first.Code), first.Code
	problem.Detail = together(about(first.Field, in)+first.Detail+".", problem.Effect)
	return problem
}

// about puts a field before what is wrong with it. French sets a space before the colon that no line breaks at.
func about(field string, in Language) string {
	switch {
	case field == "":
		return ""
	case in == French:
		return field + "\u00a0: "
	}
	return field + ": "
}

// refused renders a refusal: every reason, and the worst of their statuses.
func (p *Problems) refused(r *exchange.Refusal, by exchange.Actor, in Language) Problem {
	reasons := p.cfg.Reasons(r, by, in)
	if len(reasons) == 0 {
		return p.plain(Fail(KindInternal, nil), in)
	}
	first := reasons[0]
	return Problem{
		Type:     p.kind(first.Code),
		Title:    first.Title,
		Status:   worst(reasons),
		Detail:   together(first.Detail, first.Effect),
		Effect:   first.Effect,
		Code:     first.Code,
		Reasons:  reasons,
		Rules:    r.Rules,
		LogEntry: r.Entry,
	}
}

// worst is the status of a refusal: a fault of ours first, then who asks, then what is asked. 401 is answered only
// where a sign-in cures all of it: a client signs in again and again otherwise.
func worst(reasons []Reason) int {
	curable := !slices.ContainsFunc(reasons, func(r Reason) bool { return !r.Challenge })
	for _, status := range []int{
		http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusUnprocessableEntity, http.StatusConflict,
	} {
		for _, reason := range reasons {
			if reason.Status == status && (status != http.StatusUnauthorized || curable) {
				return status
			}
		}
	}
	return http.StatusForbidden
}

// kind is the address of the page about a code.
func (p *Problems) kind(code string) string { return p.cfg.PublicURL + "/problems/" + code }
