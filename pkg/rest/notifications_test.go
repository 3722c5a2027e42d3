package rest_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/api"
)

// How one is sent word is one's own affair: what is set is what is read, by nobody else, and a fault sets nothing.
func TestHowOneIsSentWordIsOnesOwnSetting(t *testing.T) {
	w := newWorld(t)
	read := func(person string) api.Notifications {
		return want[api.Notifications](t, w.as(person, "GET", "/me/notifications", ""), 200)
	}
	before := read("other.wco")
	set := want[api.Notifications](t, w.as("staff.wco", "PUT", "/me/notifications",
		`{"mail":"daily","courtesy":false,"language":"fr"}`), 200)
	if set.Mail != api.MailDaily || set.Courtesy || set.Language != api.MailInFrench {
		t.Errorf("what was set is answered as %+v", set)
	}
	for body, field := range map[string]string{
		`{"mail":"weekly","courtesy":true,"language":"en"}`:             "mail",
		`{"mail":"daily","courtesy":true,"language":"it"}`:              "language",
		`{"mail":"daily","courtesy":"yes","language":"en"}`:             "courtesy",
		`{"mail":"daily","courtesy":true,"language":"en","to":"a@b.c"}`: "to",
		`{"mail":"daily","language":"en"}`:                              "courtesy",
	} {
		a := w.as("staff.wco", "PUT", "/me/notifications", body)
		if a.StatusCode != 400 || !strings.Contains(string(a.body), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
		}
	}
	if got := read("staff.wco"); got.Mail != set.Mail || got.Courtesy || got.Language != set.Language {
		t.Errorf("what was set is read as %+v", got)
	}
	if after := read("other.wco"); after.Mail != before.Mail || after.Courtesy != before.Courtesy ||
		after.Language != before.Language {
		t.Errorf("the settings of somebody else became %+v, from %+v", after, before)
	}
}
