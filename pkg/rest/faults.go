package rest

import (
	"errors"
	"fmt"
	"net/http"

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
		return each[string]([]api.Form{api.View, api.Stamped, api.Original})
	case api.DocumentOrder:
		return each[string]([]api.DocumentOrder{api.MinusDeposited, api.Deposited})
	case api.RequestBox:
		return each[string]([]api.RequestBox{api.Mine, api.Ours, api.Inbox, api.ForUs, api.AskedOfUs,
			api.DecidedByUs, api.Deliveries})
	case api.RequestState:
		return each[string]([]api.RequestState{api.RequestStateOpen, api.RequestStateInForce, api.RequestStateRefused,
			api.RequestStateLapsed, api.RequestStateWithdrawn, api.RequestStateExpired})
	case api.DecisionAct:
		return each[string]([]api.DecisionAct{api.DecisionActAuthorize, api.DecisionActConsent, api.DecisionActRefuse})
	case api.EvidenceKind:
		return each[string]([]api.EvidenceKind{api.EvidenceKindOidc, api.EvidenceKindLetter, api.EvidenceKindNone})
	case api.QuestionAction:
		return each[string]([]api.QuestionAction{api.QuestionDisclose, api.QuestionRequest, api.QuestionDeposit})
	case api.Disposition:
		return each[string]([]api.Disposition{api.CopiesReturned, api.CopiesDestroyed, api.CopiesKept, api.NoticeRead})
	case api.Outcome:
		return each[string]([]api.Outcome{api.OutcomePermit, api.OutcomeRefuse})
	case api.CorrectionKind:
		return each[string]([]api.CorrectionKind{api.Corrects, api.Updates, api.Replaces})
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

// unreadable maps a body that cannot be read.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	var failure *web.Failure
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &failure):
		return err
	}
	return fault(invalid.UnreadableBody, "")
}
