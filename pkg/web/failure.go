package web

import (
	"time"
)

// Kind is a way to fail that is no refusal by the rules.
type Kind string

// The kinds. Each is the last part of a problem's type.
const (
	KindInvalid              Kind = "invalid"
	KindNoToken              Kind = "no-token"
	KindBadToken             Kind = "bad-token"
	KindNotFound             Kind = "not-found"
	KindMethodNotAllowed     Kind = "method-not-allowed"
	KindTooSlow              Kind = "too-slow"
	KindConflict             Kind = "conflict"
	KindChanged              Kind = "changed"
	KindTooLarge             Kind = "too-large"
	KindMediaType            Kind = "media-type"
	KindRange                Kind = "range"
	KindPreconditionRequired Kind = "precondition-required"
	KindUnavailable          Kind = "unavailable"
	KindInternal             Kind = "internal"
	KindOver                 Kind = "over"
	KindBrokenBody           Kind = "broken-body"
	KindTooMany              Kind = "rate-limited"
	KindKeyReused            Kind = "key-reused"
	KindCopyInProgress       Kind = "copy-in-progress"
	// Of a file that comes in parts.
	KindTusVersion Kind = "tus-version"
	KindOffset     Kind = "offset"
	KindTurn       Kind = "turn"
	KindChecksum   Kind = "checksum"
	KindPartBroken Kind = "part-broken"
	// Of a request that cannot be read as HTTP.
	KindNotHTTP        Kind = "not-http"
	KindHeadTooLarge   Kind = "head-too-large"
	KindExpectation    Kind = "expectation"
	KindTransferCoding Kind = "transfer-coding"
	KindHTTPVersion    Kind = "http-version"
)

// Failure is an error of one kind. Its cause is for the operations log and never leaves; what Because says does.
type Failure struct {
	Kind       Kind
	Because    Because       // replaces the kind's own detail where not empty; holds nothing of tokens, titles or names
	RetryAfter time.Duration // of KindTooMany
	Quota      Quota         // likewise: the bound that was reached; the zero value tells of none
	cause      error
}

// Fail makes a Failure of one kind; cause may be nil.
func Fail(kind Kind, cause error) *Failure { return &Failure{Kind: kind, cause: cause} }

// FailBecause makes a Failure that tells the caller why.
func FailBecause(kind Kind, why Because) *Failure { return &Failure{Kind: kind, Because: why} }

func (f *Failure) Error() string {
	if f.cause != nil {
		return string(f.Kind) + ": " + f.cause.Error()
	}
	return string(f.Kind)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.cause }
