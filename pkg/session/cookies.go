package session

import (
	"encoding/hex"
	"net/http"
)

// Cookie is the name of the cookie of a session. The prefix makes browsers take it from this host alone, for all of it,
// and over a secure connection only (RFC 6265bis 4.1.3.2).
const Cookie = "__Host-chancery"

// attemptCookie is of one attempt to sign in, so that several may be under way in one browser.
func attemptCookie(state digest) string { return "__Host-sign-in-" + hex.EncodeToString(state[:4]) }

// setCookie keeps a secret until the browser ends. Lax, not Strict: the provider sends the browser back from elsewhere.
func setCookie(w http.ResponseWriter, name string, s secret) {
	http.SetCookie(w, &http.Cookie{
		Name:     name,
		Value:    s.text(),
		Path:     "/",
		Secure:   true,
		HttpOnly: true,

		SameSite: http.SameSiteLaxMode,
	})
}

func clearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name:     name,
		Path:     "/",
		Secure:   true,
		HttpOnly: true,
		MaxAge:   -1,

		SameSite: http.SameSiteLaxMode,
	})
}

// held is the one secret that a request brings under that name. Two of a name mean that somebody else set one: neither
// is believed.
func held(r *http.Request, name string) (secret, bool) {
	found := r.CookiesNamed(name)
	if len(found) != 1 {
		return secret{}, false
	}
	return readSecret(found[0].Value)
}
