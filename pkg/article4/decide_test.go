package article4_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

func TestEverythingInOrderIsPermittedOnTheGrant(t *testing.T) {
	f := disclosure()
	d := load(t).Decide(f)
	if !d.Permit || len(d.Reasons) != 0 {
		t.Fatalf("refused: %v", d.Reasons)
	}
	if diff := cmp.Diff(&f.Access.Grants[0], d.Relies); diff != "" {
		t.Errorf("relies on another grant:\n%s", diff)
	}
}

func TestAThirdPartyWithoutAnythingHearsAllThatIsMissing(t *testing.T) {
	f := disclosure()
	f.Access.Grants = nil
	got := load(t).Decide(f)
	want := article4.Ruling{Reasons: []article4.Reason{
		{Code: "art4.4/authorization-missing", From: customs},
		{Code: "art4.5/not-granted", From: wco},
		{Code: "art4.8/no-written-consent", From: wco},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkDecide(b *testing.B) {
	rules := load(b)
	permitted, refused := disclosure(), disclosure()
	refused.Access.Grants = nil
	for name, f := range map[string]article4.Facts{"permitted": permitted, "refused": refused} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Decide(f)
			}
		})
	}
}
