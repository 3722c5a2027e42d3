package exchange

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/sequencer"
)

// Both clocks may be set back together, on one machine: what the database's said before stands against it.
func TestADatabasesClockThatWasSetBackDatesNothing(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	c := clocks{now: func() time.Time { return now }}
	for _, at := range []time.Time{now, now.Add(30 * time.Second), now.Add(-20 * time.Second)} {
		if err := c.agree(at); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	now = now.Add(-2 * time.Minute)
	err := c.agree(now)
	if !errors.Is(err, sequencer.ErrClock) || !strings.Contains(err.Error(), "it was set back") {
		t.Errorf("both set back by two minutes: %v", err)
	}
	now = now.Add(2 * time.Minute)
	if err := c.agree(now); err != nil {
		t.Errorf("put right: %v", err)
	}
}
