package backup

import "testing"

// What pg_dump is called with stands in everybody's list of processes.
func TestNoPasswordIsAmongTheArgumentsOfPgDump(t *testing.T) {
	for given, want := range map[string]string{
		"postgres://backup:canary@db:5432/c?sslmode=require":     "postgres://backup@db:5432/c?sslmode=require",
		"postgresql://backup@db/chancery?password=canary":        "postgresql://backup@db/chancery",
		"postgres://db/chancery?user=backup&password=canary":     "postgres://db/chancery?user=backup",
		"postgres://db/c?application_name=a%20b&password=canary": "postgres://db/c?application_name=a%20b",
	} {
		if got, err := withoutPassword(given); err != nil || got != want {
			t.Errorf("%q, want %q (%v)", got, want, err)
		}
	}
	if _, err := withoutPassword("host=db password=canary"); err == nil {
		t.Error("keywords are taken for an address")
	}
}
