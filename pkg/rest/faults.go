package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// faults collects what is wrong with a request, so that all of it is answered at once.
type faults []exchange.Problem

func (f *faults) add(name, field, detail string) {
	*f = append(*f, exchange.Problem{Name: name, Field: field, Detail: detail})
}

// known wants one of the values that openapi.yaml lists, and says which those are; absent is well.
func (f *faults) known(field string, value interface{ Valid() bool }) {
	if value.Valid() {
		return
	}
	given := short(fmt.Sprint(value))
	if values := valuesOf(value); len(values) > 0 {
		f.add("unknown-value", field, fmt.Sprintf("%q is none of %s", given, strings.Join(values, ", ")))
		return
	}
	f.add("unknown-value", field, fmt.Sprintf("%q is not one of the values of this field", given))
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
	}
	return nil
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &exchange.Invalid{Problems: f}
}

// fault is one thing wrong.
func fault(name, field, detail string) error {
	return &exchange.Invalid{Problems: []exchange.Problem{{Name: name, Field: field, Detail: detail}}}
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
	return fault("bad-body", "", "cannot be read")
}
