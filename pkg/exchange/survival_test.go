package exchange_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// history is what happened in one random life of the Arrangement.
type history struct {
	h        *fixture
	g        *exchange.Gateway
	rt       *rapid.T
	docs     []exchange.Document
	requests []article4.RequestID
}

// survivalFor bounds the random lives; each is about a second on real parts. HISTORY_STEPS asks for so many acts
// instead;
// -rapid.checks has to be as high.
const survivalFor = 20 * time.Second

// Survival (Article 4(10), reading 0009): whatever happened before, what is permitted after the end was permitted
// before.
func TestReading0009WhatIsPermittedAfterTheEndWasPermittedBefore(t *testing.T) {
	h := newFixture(t)
	h.specific(nil)
	g := h.gateway(func(s *exchange.Settings) { s.LapseAfter = 400 * days })
	start := time.Now()
	asked, _ := strconv.Atoi(os.Getenv(historySteps))
	var lives, acts, ended, survived int
	rapid.Check(t, func(rt *rapid.T) {
		if asked > 0 && acts >= asked || asked == 0 && (time.Since(start) > survivalFor || lives == 30) {
			return
		}
		lives++
		h.superuser(`SET session_replication_role = replica; UPDATE arrangement SET notice_given_on = NULL`)
		life := &history{h: h, g: g, rt: rt}
		for range rapid.IntRange(3, 12).Draw(rt, "acts") {
			life.act()
			acts++
		}
		before := life.permitted()
		h.terminate(g)
		h.moveClock(time.Duration(rapid.IntRange(91, 120).Draw(rt, "days")) * days)
		after := life.permitted()
		for what := range after {
			if !before[what] {
				rt.Errorf("after the end: %s; before: refused", what)
			}
		}
		ended += len(before) - len(after)
		survived += len(after)
	})
	t.Logf("%d lives, %d acts: %d permissions ended, %d survived", lives, acts, ended, survived)
	if ended == 0 || survived == 0 {
		t.Error("the histories show nothing: something must end and something survive")
	}
}

// act does something that may be refused; only an outage is wrong.
func (l *history) act() {
	verbs := []func() error{l.deposit, l.deposit, l.request, l.request, l.decide, l.decide, l.decide, l.withdraw,
		l.lower, l.release}
	err := rapid.SampledFrom(verbs).Draw(l.rt, "verb")()
	var refusal *exchange.Refusal
	var absent *exchange.NotFound
	var invalid *exchange.Invalid
	if err != nil && !errors.As(err, &refusal) && !errors.As(err, &absent) && !errors.As(err, &invalid) &&
		!errors.Is(err, exchange.ErrConflict) && !errors.Is(err, exchange.ErrChanged) {
		l.rt.Fatalf("%v", err)
	}
}

func (l *history) deposit() error {
	m := metadata()
	m.Marking = rapid.SampledFrom([]article4.Marking{article4.Confidential, article4.Restricted,
		article4.NonConfidential}).Draw(l.rt, "marking")
	m.Purposes = rapid.SampledFrom([][]article4.PurposeCode{{"art2.e"}, {"sa1.a"}, {"art2.e", "sa1.a"}}).Draw(l.rt,
		"purposes")
	m.Proprietary = rapid.Bool().Draw(l.rt, "proprietary")
	doc, err := l.g.Deposit(l.h.t.Context(), l.h.staff(l.g, "staff.wco"), m, content(fmt.Sprint(secret, len(l.docs))))
	if err == nil {
		l.docs = append(l.docs, doc)
	}
	return err
}

func (l *history) document() (exchange.Document, bool) {
	if len(l.docs) == 0 {
		return exchange.Document{}, false
	}
	return rapid.SampledFrom(l.docs).Draw(l.rt, "document"), true
}

func (l *history) purpose() article4.PurposeCode {
	return rapid.SampledFrom([]article4.PurposeCode{"art2.e", "sa1.a"}).Draw(l.rt, "purpose")
}

func (l *history) request() error {
	doc, ok := l.document()
	if !ok {
		return nil
	}
	q := ask(l.g, rapid.SampledFrom([]article4.OrganisationID{unoct, piu}).Draw(l.rt, "for"))
	q.Purpose, q.Until = l.purpose(), l.h.clock(time.Now()).AddDate(1, 0, 0)
	if q.For == piu {
		q.People = []article4.PersonID{l.h.staff(l.g, "analyst.piu").Person()}
	}
	made, err := l.g.Request(l.h.t.Context(), l.h.signatory(l.g, "focal.unoct"), doc.ID, q)
	if err == nil {
		l.requests = append(l.requests, made.ID)
	}
	return err
}

// each of the requests, with a signatory of the WCO who did not ask.
func (l *history) asked() (exchange.Actor, exchange.AccessRequest, error) {
	focal := l.h.signatory(l.g, "focal.wco")
	if len(l.requests) == 0 {
		return focal, exchange.AccessRequest{}, exchange.ErrConflict
	}
	q, err := l.g.DescribeRequest(l.h.t.Context(), focal, rapid.SampledFrom(l.requests).Draw(l.rt, "request"))
	return focal, q, err
}

func (l *history) decide() error {
	focal, q, err := l.asked()
	if err != nil {
		return err
	}
	act := article4.ActAuthorize
	if q.For == piu {
		act = article4.ActConsent
	}
	if rapid.IntRange(0, 5).Draw(l.rt, "refuses") == 0 {
		act = article4.ActRefuse
	}
	_, err = l.g.Decide(l.h.t.Context(), focal, q.ID, verdict(act, q))
	return err
}

func (l *history) withdraw() error {
	focal, q, err := l.asked()
	if err != nil {
		return err
	}
	_, err = l.g.Withdraw(l.h.t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})
	return err
}

func (l *history) lower() error {
	doc, ok := l.document()
	if !ok {
		return nil
	}
	change := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published meanwhile"}
	for _, name := range []string{"focal.wco", "deputy.wco"} {
		who := l.h.signatory(l.g, name)
		seen, err := l.g.Describe(l.h.t.Context(), who, doc.ID)
		if err != nil {
			return err
		}
		change.IfMatch = seen.ETag
		if err := third(l.g.Mark(l.h.t.Context(), who, doc.ID, change)); err != nil {
			return err
		}
	}
	return nil
}

func (l *history) release() error {
	doc, ok := l.document()
	if !ok {
		return nil
	}
	_, err := l.g.Release(l.h.t.Context(), l.h.signatory(l.g, "focal.wco"), doc.ID,
		exchange.Release{To: piu, Purpose: l.purpose(), Statement: "For the project"})
	return err
}

// permitted is what people outside the Discloser may do now: have the bytes, ask, and be given decision.
func (l *history) permitted() map[string]bool {
	out := map[string]bool{}
	readers := map[string]exchange.Actor{"focal.unoct": l.h.signatory(l.g, "focal.unoct"),
		"staff.unoct": l.h.staff(l.g, "staff.unoct"),
		"analyst.piu": l.h.staff(l.g, "analyst.piu")}
	until := l.h.clock(time.Now()).AddDate(0, 0, 1)
	for name, reader := range readers {
		for _, doc := range l.docs {
			for _, purpose := range []article4.PurposeCode{"art2.e", "sa1.a"} {
				r := reading()
				r.Purpose = purpose
				_, err := l.g.Disclose(l.h.t.Context(), reader, doc.ID, r)
				l.note(out, err, "%s reads %s for %s", name, doc.ID, purpose)
				for _, beneficiary := range []article4.OrganisationID{unoct, piu} {
					q := ask(l.g, beneficiary)
					q.Purpose, q.Until = purpose, until
					_, err = l.g.Request(l.h.t.Context(), reader, doc.ID, q)
					l.note(out, err, "%s asks for %s for %s for %s", name, doc.ID, beneficiary, purpose)
				}
			}
		}
	}
	focal := l.h.signatory(l.g, "focal.wco")
	for _, id := range l.requests {
		for _, act := range []article4.Act{article4.ActAuthorize, article4.ActConsent} {
			v := exchange.Verdict{Act: act, Statement: "Agreed",
				Evidence: exchange.EvidenceGiven{Kind: article4.EvidenceNone}}
			_, err := l.g.Draft(l.h.t.Context(), focal, id, v)
			l.note(out, err, "focal.wco may %s %s", act, id)
		}
	}
	return out
}

func (l *history) note(out map[string]bool, err error, format string, args ...any) {
	if err == nil {
		out[fmt.Sprintf(format, args...)] = true
	}
}
