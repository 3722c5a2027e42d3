package register

import "time"

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func emptyNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
