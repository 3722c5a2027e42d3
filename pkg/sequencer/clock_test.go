package sequencer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/sequencer"
)

// Entries are dated by the database's clock: one that contradicts the gateway's, or the log, dates none.
func TestAClockThatContradictsTheLogEndsTheStart(t *testing.T) {
	h := newFixture(t)
	s := h.replica(t, time.Second)
	start(t, s)
	must(t, s.CheckClock(t.Context(), time.Now()))
	for _, apart := range []time.Duration{-40 * 24 * time.Hour, -2 * time.Minute, 2 * time.Minute} {
		err := s.CheckClock(t.Context(), time.Now().Add(apart))
		if !errors.Is(err, sequencer.ErrClock) || !strings.Contains(err.Error(), "the gateway's says") {
			t.Errorf("%s apart: %v", apart, err)
		}
	}
	must(t, s.CheckClock(t.Context(), time.Now().Add(30*time.Second)))
	e := entry(wco)
	e.Body.At = time.Now().Add(40 * 24 * time.Hour)
	if _, err := h.receipted(t.Context(), s, e); err != nil {
		t.Fatal(err)
	}
	err := s.CheckClock(t.Context(), time.Now())
	if !errors.Is(err, sequencer.ErrClock) || !strings.Contains(err.Error(), "the newest entry of the log is of") {
		t.Errorf("an entry of the future: %v", err)
	}
}
