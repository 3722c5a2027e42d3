package article4_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestArticle11ThePhaseFollowsFromTheRecordedDatesAndTheClock(t *testing.T) {
	signed := []time.Time{day("2022-09-22"), day("2022-09-21")}
	tests := []struct {
		name   string
		dates  article4.LifeDates
		now    time.Time
		phase  article4.Phase
		endsAt time.Time
	}{
		{"11(1): nobody signed", article4.LifeDates{}, day("2023-01-01"), article4.NotInEffect, time.Time{}},
		{"11(1): one signature is not enough", article4.LifeDates{Signed: []time.Time{day("2022-09-22"), {}}},
			day("2023-01-01"), article4.NotInEffect, time.Time{}},
		{"11(1): the day before the later signature", article4.LifeDates{Signed: signed}, day("2022-09-22").Add(-1),
			article4.NotInEffect, time.Time{}},
		{"11(1): from the later signature", article4.LifeDates{Signed: signed}, day("2022-09-22"), article4.InEffect,
			time.Time{}},
		{"11(2): without notice it goes on", article4.LifeDates{Signed: signed}, day("2090-01-01"), article4.InEffect,
			time.Time{}},
		{"11(4): notice does not count before its day",
			article4.LifeDates{Signed: signed, NoticeGiven: day("2026-06-01")}, day("2026-06-01").Add(-1),
			article4.InEffect, day("2026-08-31")},
		{"11(4): from the day of notice", article4.LifeDates{Signed: signed, NoticeGiven: day("2026-06-01")},
			day("2026-06-01"), article4.NoticeGiven, day("2026-08-31")},
		{"11(4): through 24:00 of the 90th day", article4.LifeDates{Signed: signed, NoticeGiven: day("2026-06-01")},
			day("2026-08-31").Add(-1), article4.NoticeGiven, day("2026-08-31")},
		{"11(4): ended after the 90th day", article4.LifeDates{Signed: signed, NoticeGiven: day("2026-06-01")},
			day("2026-08-31"), article4.Ended, day("2026-08-31")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			phase, ends := tt.dates.In(tt.now)
			if phase != tt.phase || !ends.Equal(tt.endsAt) {
				t.Errorf("In = %s, %s; want %s, %s", phase, ends, tt.phase, tt.endsAt)
			}
		})
	}
}
