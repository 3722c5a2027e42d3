package article4

import "time"

// LifeDates are the recorded dates from which the life of the Arrangement is computed; days at 00:00 UTC.
type LifeDates struct {
	Signed      []time.Time // by each Party; a zero one has not signed
	NoticeGiven time.Time   // the day on which notice was put before the other Party; zero while none is given
}

// NoticeDays is what Article 11(4) asks for.
const NoticeDays = 90

// In computes the phase at an instant, and the instant at which the Arrangement ends (zero without notice).
// Article 11(1): in effect from the later signature. Article 11(4) and reading 0008: through 24:00 UTC of the
// ninetieth day after notice.
func (d LifeDates) In(now time.Time) (Phase, time.Time) {
	from, signed := d.InEffectFrom()
	if !signed || now.Before(from) {
		return NotInEffect, time.Time{}
	}
	if d.NoticeGiven.IsZero() {
		return InEffect, time.Time{}
	}
	ends := d.NoticeGiven.AddDate(0, 0, NoticeDays+1)
	switch {
	case now.Before(d.NoticeGiven):
		return InEffect, ends
	case now.Before(ends):
		return NoticeGiven, ends
	}
	return Ended, ends
}

// InEffectFrom is the later of the signatures; false while one is missing.
func (d LifeDates) InEffectFrom() (time.Time, bool) {
	var from time.Time
	for _, day := range d.Signed {
		if day.IsZero() {
			return time.Time{}, false
		}
		if day.After(from) {
			from = day
		}
	}
	return from, len(d.Signed) > 0
}
