package main

import (
	"net/url"
	"strings"
	"testing"
)

// Article 4(8): a third party declines a text by its page, without scripts and in both languages, with a reason and a
// fresh sign-in; nobody else is offered that, and the Party that put it reads why.
func TestAThirdPartyDeclinesATextByItsPage(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	for _, language := range []string{"en", "fr"} {
		say := func(english, french string) string {
			if language == "fr" {
				return french
			}
			return english
		}
		focal, unit := in(t, p.BaseURL, "focal.wco", language), in(t, p.BaseURL, "focal.piu", language)
		put := focal.does("/third-parties/org_piu-exampleland", "agreement",
			url.Values{"text": {"We keep it, and burn it: " + language}})
		path, _, _ := strings.Cut(put.at, "?")
		focal.wants(put, "We keep it, and burn it: "+language)
		if body := focal.send(path, nil).body; strings.Contains(body, `value="decline"`) {
			t.Errorf("%s: the Party that put the text is offered to decline it", language)
		}
		focal.wants(focal.follow(focal.send(path+"/decline", said("do", "decline", "reason", "x"))),
			say("The text was not declined", "Le texte n’a pas été décliné"))
		unit.wants(unit.does(path, "decline", url.Values{"reason": {" "}}), say("Decline the text put by",
			"Décliner le texte proposé par"))
		unit.wants(unit.does(path, "decline", url.Values{"reason": {"Our law on archives forbids it"}}),
			say("The text is declined", "Le texte est décliné"), "Our law on archives forbids it")
		for _, reader := range []*plain{unit, focal} {
			body := reader.send(path, nil).body
			if strings.Contains(body, `value="decline"`) || strings.Contains(body, `id="sign"`) {
				t.Errorf("%s, %s: a declined text is offered to be answered", language, reader.who)
			}
		}
		focal.wants(focal.send(path, nil), "Our law on archives forbids it")
		focal.wants(focal.send("/notices", nil), say("declined the Confidentiality Agreement",
			"a décliné l’accord de confidentialité"), "Our law on archives forbids it")
		focal.wants(focal.send("/agreements", nil), say("declined", "décliné"))
	}
}
