package register_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// A Delegation covers the acts that it names, from its first instant until its term, or until it was ended: at that
// instant no more, and before it as ever.
func TestADelegationCoversItsActsWhileItIsInForce(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until, ended := from.AddDate(1, 0, 0), from.AddDate(0, 6, 0)
	stands := register.Delegation{Acts: []article4.Act{article4.ActConsent, article4.ActWithdraw}, From: from,
		Until: until}
	over := stands
	over.EndedAt = ended
	for _, c := range []struct {
		name string
		d    register.Delegation
		act  article4.Act
		at   time.Time
		want bool
	}{
		{"at its first instant", stands, article4.ActConsent, from, true},
		{"before it", stands, article4.ActConsent, from.Add(-time.Microsecond), false},
		{"at its last instant", stands, article4.ActWithdraw, until.Add(-time.Microsecond), true},
		{"at its term", stands, article4.ActWithdraw, until, false},
		{"an act that it does not name", stands, article4.ActAuthorize, from, false},
		{"before it was ended", over, article4.ActConsent, ended.Add(-time.Microsecond), true},
		{"when it was ended", over, article4.ActConsent, ended, false},
	} {
		if got := c.d.Covers(c.act, c.at); got != c.want {
			t.Errorf("%s: covers %t, want %t", c.name, got, c.want)
		}
	}
}
