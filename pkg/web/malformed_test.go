package web_test

import (
	"log/slog"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// Whatever is said to be wrong with a field is said in the caller's language; the document names the field, and says
// apart that nothing came of the request.
func TestEveryFaultIsWordedInTheCallersLanguage(t *testing.T) {
	p := problems(t)
	for _, key := range invalid.Keys() {
		fault := invalid.Fault{Key: key, Field: "a.b"}
		fault.Args = make([]any, strings.Count(fault.English(), "%!s(MISSING)"))
		for i := range fault.Args {
			fault.Args[i] = "faxé"
		}
		err := &invalid.Error{Faults: []invalid.Fault{fault}}
		english, french := p.Of(err, exchange.Actor{}, web.English), p.Of(err, exchange.Actor{}, web.French)
		if want := "a.b: " + fault.English() + ". Nothing was done."; english.Detail != want ||
			english.Errors[0].Detail != fault.English() {
			t.Errorf("%q, want %q", english.Detail, want)
		}
		if want := "a.b\u00a0: " + fault.French() + ". Rien n’a été fait."; french.Detail != want ||
			french.Errors[0].Detail != fault.French() {
			t.Errorf("%q, want %q", french.Detail, want)
		}
		if english.Effect != "Nothing was done." || french.Effect != "Rien n’a été fait." ||
			french.Title != "La demande ne peut être comprise" {
			t.Errorf("%+v, %+v", english, french)
		}
		if strings.Count(french.Detail, "faxé") != len(fault.Args) ||
			strings.Contains(french.Detail+english.Detail, "%!") {
			t.Errorf("%q, %q", english.Detail, french.Detail)
		}
	}
}

// A fault of the whole request has no field, and its sentence does not begin with one.
func TestAFaultWithoutAFieldIsASentence(t *testing.T) {
	got := problems(t).Of(invalid.One(invalid.BadJSON, "", ""), exchange.Actor{}, web.English)
	if got.Detail != "is not well-formed JSON. Nothing was done." {
		t.Errorf("%q", got.Detail)
	}
}

// What did not happen stands in a member of its own, and once in the detail, for those who print nothing else.
func TestTheEffectIsTheLastSentenceOfTheDetail(t *testing.T) {
	p := problems(t)
	said := 0
	for _, kind := range web.Kinds() {
		for _, in := range []web.Language{web.English, web.French} {
			got := p.Of(web.Fail(kind, nil), exchange.Actor{}, in)
			if got.Title == "" || !strings.HasSuffix(got.Detail, got.Effect) || got.Effect != "" &&
				strings.Count(got.Detail, got.Effect) != 1 {
				t.Errorf("%s in %s: %+v", kind, in, got)
			}
			if got.Effect != "" {
				said++
			}
		}
	}
	if said < 20 {
		t.Errorf("%d effects", said)
	}
}

func problems(t *testing.T) *web.Problems {
	t.Helper()
	p, err := web.NewProblems(web.ProblemsConfig{PublicURL: "https://gateway.example",
		Logger:  slog.New(slog.DiscardHandler),
		Reasons: func(*exchange.Refusal, exchange.Actor, web.Language) []web.Reason { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
