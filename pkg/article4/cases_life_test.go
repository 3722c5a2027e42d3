package article4_test

import (
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// changeInOrder and releaseInOrder bring everything that any of the acts of facts_life.go asks for.
func changeInOrder() article4.ChangeFacts {
	return article4.ChangeFacts{
		ReasonPresent:     true,
		Marking:           article4.Confidential,
		KeepProprietary:   true,
		EntitiesKnown:     true,
		NothingPut:        true,
		LoweringOpen:      true,
		NoPassengers:      true,
		Kind:              article4.Corrects,
		OwnSubject:        true,
		Erasable:          true,
		InstrumentPresent: true,
		From:              now,
		Until:             later,
		NotSubject:        true,
		ActsKnown:         true,
		GivenOn:           now.Truncate(24 * time.Hour),
		Complete:          true,
	}
}

func releaseInOrder() article4.ReleaseAsked {
	return article4.ReleaseAsked{To: piu, ToKind: article4.ThirdParty, ToInForce: true, Purpose: "art2.a",
		StatementPresent: true}
}

// lifeFacts hands in what an act of facts_life.go needs, as exchange does.
func (w *world) lifeFacts(f *article4.Facts) {
	f.Change = &w.change
	switch f.Act {
	case article4.ActAsk, article4.ActAnswer, article4.ActFile:
		w.request.Grant = w.grant
		f.Request = &w.request
	case article4.ActRelease:
		f.Change, f.Release = nil, &w.release
	case article4.ActMark, article4.ActAuthorizeLowering, article4.ActRefuseLowering, article4.ActWithdrawLowering:
		w.change.Lowering = w.lowerings()
		w.change.LoweringPut = f.Act != article4.ActMark
	case article4.ActCorrect:
		w.deposit.Marking, w.deposit.PersonalData.Present = w.document.Marking, w.document.PersonalData
		w.deposit.Found = w.found
		f.Deposit = &w.deposit
	case article4.ActExplain, article4.ActReportLeak:
		f.Access = &w.access
	case article4.ActAccount:
		f.Change, f.Access = nil, &w.access
	case article4.ActReadLog, article4.ActTrace:
		f.Change, f.Document = nil, nil
	case article4.ActLift, article4.ActHold, article4.ActEndHold, article4.ActErase, article4.ActAcknowledge,
		article4.ActDesignate, article4.ActDelegate, article4.ActRecognise, article4.ActMandate, article4.ActGiveNotice,
		article4.ActKeepOffice, article4.ActEndSessions, article4.ActKeepWebhook, article4.ActDepositInstrument,
		article4.ActEndRelease:
		f.Document = nil
	case article4.ActSuspend:
		if w.stopped != "document" {
			f.Document = nil
		}
	}
}

// lowerings is what Customs said of the lowering that is wanted: it authorized it, where the case says nothing else.
func (w *world) lowerings() []article4.LoweringFacts {
	l := article4.LoweringFacts{
		By:              customs,
		State:           article4.DecisionGiven,
		Version:         version,
		Marking:         w.change.Marking,
		KeepProprietary: w.change.KeepProprietary,
		Until:           later,
		Authority:       true,
	}
	switch w.lowering {
	case "missing":
		return nil
	case "refused", "withdrawn":
		l.State = article4.DecisionState(w.lowering)
	case "expired":
		l.Until = now
	case "for another version":
		l.Version = "ver_0"
	case "for another marking":
		l.Marking = article4.Confidential
	case "for dropping proprietary as well":
		l.KeepProprietary = !l.KeepProprietary
	case "without authority":
		l.Authority = false
	case "of another organisation":
		l.By = piu
	}
	return []article4.LoweringFacts{l}
}

// lifeVocabulary is what a case may say of the acts of facts_life.go, and of stops and closed versions.
var lifeVocabulary = map[string]func(*world, string) error{
	"suspended":          yes(func(w *world, b bool) { w.f.Actor.Suspended = b }),
	"document suspended": yes(func(w *world, b bool) { w.document.Suspended = b }),
	"version closed":     yes(func(w *world, b bool) { w.document.VersionClosed = b }),
	"version destroyed":  yes(func(w *world, b bool) { w.document.VersionDestroyed = b }),
	"marking confirmed":  yes(func(w *world, b bool) { w.deposit.MarkingConfirmed = b }),
	"depositor":          func(w *world, v string) error { w.document.Depositor = article4.PersonID(v); return nil },

	"first": (*world).first,
	"confirms the same": yes(func(w *world, b bool) {
		w.change.Second.Same = b
	}),
	"adds purposes": func(w *world, v string) error {
		for code := range strings.SplitSeq(v, ", ") {
			w.change.AddsPurposes = append(w.change.AddsPurposes, article4.PurposeCode(code))
		}
		return nil
	},
	"takes back":        yes(func(w *world, b bool) { w.change.TakesBack = b }),
	"wanted marking":    func(w *world, v string) error { w.change.Marking = article4.Marking(v); return nil },
	"keeps proprietary": yes(func(w *world, b bool) { w.change.KeepProprietary = b }),
	"lowering of customs": func(w *world, v string) error {
		w.lowering = v
		return nil
	},
	"passenger data looked for": yes(func(w *world, b bool) { w.change.NoPassengers = b }),
	"only others hold":          yes(func(w *world, b bool) { w.change.OnlyOthersHold = b }),
	"first delegated":           yes(func(w *world, b bool) { w.change.Second.Delegated = b }),
	"first came": func(w *world, v string) (err error) {
		w.change.Second.At, err = when(v)
		return err
	},
	"for oneself":   yes(func(w *world, b bool) { w.change.NotSubject = !b }),
	"ends it":       yes(func(w *world, b bool) { w.change.Ends = b }),
	"lowering open": yes(func(w *world, b bool) { w.change.LoweringOpen = b }),
	"associated with": func(w *world, v string) error {
		w.f.Actor.AssociatedWith = organisation(v)
		return nil
	},
	"of an associated office": yes(func(w *world, b bool) { w.change.Associates = b }),
	"adds proprietary":        yes(func(w *world, b bool) { w.change.AddsProprietary = b }),
	"copy held":               yes(func(w *world, b bool) { w.ask.CopyHeld = b }),
	"closed by the end": func(w *world, v string) error {
		w.f.Arrangement.EndedPurposes = list[article4.PurposeCode](v)
		return nil
	},
	"nothing put": yes(func(w *world, b bool) { w.change.NothingPut = b }),
	"kind":        func(w *world, v string) error { w.change.Kind = article4.CorrectionKind(v); return nil },

	"about a document": yes(func(w *world, b bool) {
		if b {
			w.stopped = "document"
		}
	}),
	"held":               yes(func(w *world, b bool) { w.change.Held = b }),
	"erasable":           yes(func(w *world, b bool) { w.change.Erasable = b }),
	"entity has account": yes(func(w *world, b bool) { w.change.EntityHasAccount = b }),

	"own subject": yes(func(w *world, b bool) { w.change.OwnSubject = b }),
	"instrument":  yes(func(w *world, b bool) { w.change.InstrumentPresent = b }),
	"paper": func(w *world, v string) error {
		w.change.MalwareFound, w.change.NotInspected = v == "malware", v == "not inspected"
		return nil
	},
	"letter":           yes(func(w *world, b bool) { w.change.Letter = b }),
	"delegation from":  func(w *world, v string) (err error) { w.change.From, err = when(v); return err },
	"delegation until": func(w *world, v string) (err error) { w.change.Until, err = when(v); return err },
	"acts known":       yes(func(w *world, b bool) { w.change.ActsKnown = b }),
	"given on":         func(w *world, v string) (err error) { w.change.GivenOn, err = theDay(v); return err },
	"proposed by":      func(w *world, v string) error { w.change.ProposedBy = organisation(v); return nil },
	"record complete":  yes(func(w *world, b bool) { w.change.Complete = b }),
	"about others":     yes(func(w *world, b bool) { w.change.AboutOthers = b }),

	"release to": func(w *world, v string) error {
		w.release.To, w.release.ToKind = organisation(v), kind(v)
		return nil
	},
	"release to one in force": yes(func(w *world, b bool) { w.release.ToInForce = b }),
	"transfer basis":          yes(func(w *world, b bool) { w.release.TransferBasis = b }),
}

// first reads "per_x of wco": who came before, and handed in the same.
func (w *world) first(v string) error {
	person, of, ok := strings.Cut(v, " of ")
	if !ok {
		return fmt.Errorf("%q names no organisation", v)
	}
	if person == "nobody" {
		person = ""
	}
	w.change.Second = &article4.SecondFacts{First: article4.PersonID(person), Organisation: organisation(of),
		Same: true, Delegated: true, At: now}
	return nil
}

// theDay reads what when reads, and takes the day of it, from 00:00 UTC; "at noon" leaves the hour.
func theDay(v string) (time.Time, error) {
	v, noon := strings.CutSuffix(v, " at noon")
	t, err := when(v)
	if noon || t.IsZero() {
		return t, err
	}
	return t.Truncate(24 * time.Hour), err
}
