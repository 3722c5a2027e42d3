package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// faults collects what is wrong with a request, so that all of it is answered at once.
type faults struct{ invalid.Faults }

// known wants one of the values that openapi.yaml lists, and says which those are; absent is well.
func (f *faults) known(field string, value interface{ Valid() bool }) {
	if value.Valid() {
		return
	}
	given := short(fmt.Sprint(value))
	if values := valuesOf(value); len(values) > 0 {
		f.Add(invalid.NoneOf, field, "", given, values)
		return
	}
	f.Add(invalid.NotAValue, field, "", given)
}

// valuesOf are those that a reader can be told; the acts of a Delegation are too many.
func valuesOf(of any) []string {
	switch of.(type) {
	case api.Marking:
		return each[string]([]api.Marking{api.Confidential, api.Restricted, api.NonConfidential})
	case api.Form:
		return each[string]([]api.Form{api.Stamped, api.Original})
	case api.DocumentOrder:
		return each[string]([]api.DocumentOrder{api.MinusDeposited, api.Deposited})
	case api.RequestBox:
		return each[string]([]api.RequestBox{api.Mine, api.Ours, api.Inbox, api.ForUs})
	case api.RequestState:
		return each[string]([]api.RequestState{api.RequestStateOpen, api.RequestStateInForce, api.RequestStateRefused,
			api.RequestStateLapsed, api.RequestStateWithdrawn, api.RequestStateExpired})
	case api.DecisionAct:
		return each[string]([]api.DecisionAct{api.DecisionActAuthorize, api.DecisionActConsent, api.DecisionActRefuse})
	case api.EvidenceKind:
		return each[string]([]api.EvidenceKind{api.EvidenceKindOidc, api.EvidenceKindLetter, api.EvidenceKindNone})
	case api.QuestionAction:
		return each[string]([]api.QuestionAction{api.QuestionDisclose, api.QuestionRequest})
	case api.Disposition:
		return each[string]([]api.Disposition{api.CopiesReturned, api.CopiesDestroyed, api.CopiesKept, api.NoticeRead})
	case api.Outcome:
		return each[string]([]api.Outcome{api.OutcomePermit, api.OutcomeRefuse})
	case api.CorrectionKind:
		return each[string]([]api.CorrectionKind{api.Corrects, api.Updates, api.Replaces})
	case api.DraftFlag:
		return []string{string(api.DraftTrue)}
	}
	return nil
}

// fault is one thing wrong.
func fault(key invalid.Key, field string, args ...any) error {
	return invalid.One(key, field, "", args...)
}

// short bounds what is repeated of an input.
func short(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// unreadable maps what the generated server could not bind of a body.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	var failure *web.Failure
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &failure):
		return err
	case errors.Is(err, http.ErrNotMultipart):
		return web.FailBecause(web.KindMediaType, web.MultipartExpected())
	case errors.Is(err, http.ErrMissingBoundary):
		return fault(invalid.NoBoundary, "Content-Type")
	}
	return fault(invalid.UnreadableBody, "")
}

// badParameter maps what the generated server could not bind of path, query and headers: its words name the parameter, and are
// not handed on beyond that, since they quote the value.
func badParameter(route string, err error) error {
	said := err.Error()
	name, found := strings.CutPrefix(said, "Invalid format for parameter ")
	if !found {
		name, _ = strings.CutPrefix(said, "Expected one value for ")
	}
	name, _, _ = strings.Cut(strings.NewReplacer(",", ":").Replace(name), ":")
	if strings.Contains(name, " ") {
		name = "" // other words than those two
	}
	return fault(wantedOf(route, name), name)
}

// wantedOf is the fault of a parameter that is no string.
func wantedOf(route, parameter string) invalid.Key {
	switch parameter {
	case "since", "until":
		return invalid.ParameterNotAnInstant
	case "from", "to":
		if strings.HasSuffix(route, "/log/monitoring") {
			return invalid.ParameterNotAnInstant
		}
		return invalid.ParameterNotANumber
	case "limit":
		return invalid.ParameterNotANumber
	}
	return invalid.BadParameter
}
