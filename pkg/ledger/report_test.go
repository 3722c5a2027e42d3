package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

func TestOneThingIsOneAndNoneAreSeveral(t *testing.T) {
	for n, wanted := range []string{"0 entries, 0 days", "1 entry, 1 day", "2 entries, 2 days"} {
		if got := ledger.Several(n, "entry") + ", " + ledger.Several(int64(n), "day"); got != wanted {
			t.Errorf("%q, want %q", got, wanted)
		}
	}
	if got := ledger.Several(3, "key"); got != "3 keys" {
		t.Error(got)
	}
}
