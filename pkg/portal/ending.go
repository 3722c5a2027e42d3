package portal

import "time"

// approaching says, from notice of termination on, how many days are left; empty where none was given.
func (c *call) approaching() string {
	if c.known == nil { // a page that reads nothing of organisations
		if a, err := c.p.cfg.Gateway.Arrangement(c.ctx, c.actor()); err == nil && a.EndsAt != nil {
			return c.saysEnd(*a.EndsAt)
		}
		return ""
	}
	if a := c.known.arrangement; a.EndsAt != nil {
		return c.saysEnd(*a.EndsAt)
	}
	return ""
}

func (c *call) saysEnd(end time.Time) string {
	if left := daysUntil(end); left > 0 {
		return c.t("ending.left", left, day(c.in, end.Add(-time.Second)))
	}
	return c.t("ending.over", day(c.in, end.Add(-time.Second)))
}

// daysUntil counts the days that begin before an end.
func daysUntil(end time.Time) int {
	left := time.Until(end)
	if left <= 0 {
		return 0
	}
	return int(left.Hours()/24) + 1
}
