package article4_test

import (
	"regexp"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

func TestEveryReasonHasWordsInBothLanguages(t *testing.T) {
	basis := regexp.MustCompile(`^(text|safeguard|reading 0(00[1-9]|010|10[1-3]|110|111))$`)
	seen := map[string]article4.Code{}
	for _, code := range article4.Codes() {
		e, known := article4.Lookup(code)
		if !known || e.Code != code {
			t.Errorf("%s is not found by its own name", code)
		}
		if !basis.MatchString(e.Basis) || e.Remedy == "" {
			t.Errorf("%s: basis %q, remedy %q", code, e.Basis, e.Remedy)
		}
		for _, words := range []article4.Words{e.English, e.French} {
			if words.Title == "" || strings.HasSuffix(words.Title, ".") || !strings.HasSuffix(words.Detail, ".") {
				t.Errorf("%s: %q / %q", code, words.Title, words.Detail)
			}
		}
		if other, twice := seen[e.English.Title+e.Paragraph]; twice {
			t.Errorf("%s and %s have the same title", code, other)
		}
		seen[e.English.Title+e.Paragraph] = code
		if english, french := e.Effect.Words(); english == "" || french == "" ||
			strings.Contains(e.English.Detail, english) {
			t.Errorf("%s does not say apart what did not happen: %q, %q", code, e.Effect, e.English.Detail)
		}
		if e.Paragraph != "gateway" {
			if _, quoted := article4.Quote(e.Paragraph); !quoted {
				t.Errorf("%s cites %s, whose words are not here", code, e.Paragraph)
			}
		}
	}
}

func TestTheWorstStatusAnswersForAll(t *testing.T) {
	reasons := func(codes ...article4.Code) (all []article4.Reason) {
		for _, code := range codes {
			all = append(all, article4.Reason{Code: code})
		}
		return all
	}
	for _, c := range []struct {
		want  int
		codes []article4.Code
	}{
		{503, []article4.Code{"art4.9/unmarked", "gateway/step-up", "gateway/log-unavailable", "art4.6/not-admitted"}},
		{429, []article4.Code{"art4.9/unmarked", "gateway/step-up", "gateway/too-many"}},
		{401, []article4.Code{"art4.9/unmarked", "gateway/step-up", "art4.6/not-admitted"}},
		{403, []article4.Code{"art4.9/unmarked", "gateway/request-closed", "art4.6/not-admitted"}},
		{422, []article4.Code{"gateway/request-closed", "art4.9/unmarked"}},
		{409, []article4.Code{"gateway/request-closed"}},
		{403, []article4.Code{"art4.4/no-such-code"}},
		{403, nil},
	} {
		if got := article4.Worst(reasons(c.codes...)); got != c.want {
			t.Errorf("%v: %d, want %d", c.codes, got, c.want)
		}
	}
	if _, known := article4.Lookup("art4.4/no-such-code"); known {
		t.Error("a code that does not exist is found")
	}
}

// Of several reasons, the whole has the effect of the first; one that claims less comes before all others.
func TestARefusalHasOneEffect(t *testing.T) {
	for _, c := range []struct {
		want  article4.Effect
		codes []article4.Code
	}{
		{article4.EffectNothingSent, []article4.Code{"art4.4/authorization-missing", "gateway/own-request"}},
		{article4.EffectNothingChanged, []article4.Code{"gateway/own-request", "art4.4/authorization-missing"}},
		{article4.EffectNothingMoreSent, []article4.Code{"art4.4/authorization-missing", "art4.8/consent-withdrawn"}},
		{article4.EffectNothingComplete, []article4.Code{"art4.8/consent-withdrawn", "gateway/storage-unavailable"}},
		{article4.EffectNothingDone, []article4.Code{"art4.4/no-such-code"}},
		{article4.EffectNothingDone, nil},
	} {
		var reasons []article4.Reason
		for _, code := range c.codes {
			reasons = append(reasons, article4.Reason{Code: code})
		}
		if got := article4.EffectOf(reasons); got != c.want {
			t.Errorf("%v: %s, want %s", c.codes, got, c.want)
		}
	}
}
