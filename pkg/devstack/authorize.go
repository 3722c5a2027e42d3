package devstack

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorization is a valid request to the authorization endpoint.
type authorization struct {
	client      ClientConfig
	redirect    string
	state       string
	scope       string
	challenge   string
	nonce       string
	acr         string
	freshSignIn bool // asked for by prompt or max_age
	silent      bool // prompt=none: whoever is signed in already, and no page
}

// signInError goes back to the client by redirect (RFC 6749 4.1.2.1).
type signInError struct{ code, description string }

// authorize shows the sign-in page and, when a person has been chosen, sends a code back. The page is shown every time,
// whoever signed in before: auth_time is the moment of the choice, so that max_age and prompt=login hold by themselves.
// Only prompt=none shows no page: it succeeds for whoever chose in this browser before and did not sign out since.
func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.pageError(w, "The address of this page is not well formed.")
		return
	}
	client, known := p.clients[query.Get("client_id")]
	redirect := query.Get("redirect_uri")
	if !known || !client.redirectAllowed(redirect) {
		// An address that is not the client's gets nothing (RFC 6749 4.1.2.1).
		p.pageError(w, "The application that sent you here is not known, or asks to be answered at an address that "+
			"is not its own.")
		return
	}
	request, refused := p.readAuthorization(query, client)
	if refused != nil {
		p.redirect(w, r, redirect, url.Values{"error": {refused.code}, "error_description": {refused.description},
			"state": query["state"]})
		return
	}
	if request.silent {
		p.renew(w, r, request)
		return
	}
	if r.Method == http.MethodGet {
		p.signInPage(w, request)
		return
	}
	p.signIn(w, r, request)
}

// readAuthorization checks everything that is answered to the client.
func (p *provider) readAuthorization(query url.Values, client ClientConfig) (authorization, *signInError) {
	for name, values := range query {
		if len(values) > 1 {
			return authorization{}, &signInError{"invalid_request", name + " is given more than once"}
		}
	}
	prompts := strings.Fields(query.Get("prompt"))
	maxAge, hasMaxAge := query.Get("max_age"), query.Has("max_age")
	switch {
	case query.Has("request") || query.Has("request_uri"):
		return authorization{}, &signInError{"request_not_supported", "give the parameters in the query"}
	case query.Get("response_type") != "code":
		return authorization{}, &signInError{"unsupported_response_type", "only code is supported"}
	case query.Has("response_mode") && query.Get("response_mode") != "query":
		return authorization{}, &signInError{"invalid_request", "only the response mode query is supported"}
	case !slices.Contains(strings.Fields(query.Get("scope")), "openid"):
		return authorization{}, &signInError{"invalid_scope", "scope must hold openid"}
	case query.Get("code_challenge_method") != "S256" || len(query.Get("code_challenge")) != 43:
		return authorization{}, &signInError{"invalid_request", "a code_challenge of method S256 is required"}
	case hasMaxAge && !isAge(maxAge):
		return authorization{}, &signInError{"invalid_request", "max_age is a number of seconds"}
	case slices.Contains(prompts, "none") && (len(prompts) > 1 || maxAge == "0"):
		return authorization{}, &signInError{"login_required", "a new sign-in takes a page"}
	}
	return authorization{
		client:      client,
		redirect:    query.Get("redirect_uri"),
		state:       query.Get("state"),
		scope:       query.Get("scope"),
		challenge:   query.Get("code_challenge"),
		nonce:       query.Get("nonce"),
		acr:         chosenACR(query.Get("acr_values")),
		freshSignIn: hasMaxAge || slices.Contains(prompts, "login"),
		silent:      slices.Contains(prompts, "none"),
	}, nil
}

func isAge(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// chosenACR is the first of the values asked for that these issuers know.
func chosenACR(values string) string {
	for _, v := range strings.Fields(values) {
		if v == ACRPassword || v == ACRMFA {
			return v
		}
	}
	return ACRPassword
}

// signIn takes the choice made on the page.
func (p *provider) signIn(w http.ResponseWriter, r *http.Request, a authorization) {
	if !readForm(w, r) {
		p.pageError(w, "What the page sent is not well formed.")
		return
	}
	if r.PostForm.Has("cancel") {
		p.redirect(w, r, a.redirect, url.Values{"error": {"access_denied"},
			"error_description": {"the person cancelled"}, "state": given(a.state)})
		return
	}
	who, known := p.people[r.PostForm.Get("person")]
	if !known {
		p.pageError(w, "There is no such person here.")
		return
	}
	p.give(w, r, a, p.sessions.begin(w, r, p, who, a))
}

// give sends a code to the client, for whoever that session of the issuer is of.
func (p *provider) give(w http.ResponseWriter, r *http.Request, a authorization, of signedIn) {
	now := p.now()
	code, err := p.codes.add(grant{
		client:    a.client.ID,
		redirect:  a.redirect,
		challenge: a.challenge,
		person:    of.person,
		scope:     a.scope,
		nonce:     a.nonce,
		acr:       of.acr,
		authTime:  of.at,
		session:   of.id,
		expires:   now.Add(time.Minute),
	}, now)
	if err != nil {
		p.redirect(w, r, a.redirect, url.Values{"error": {"temporarily_unavailable"},
			"error_description": {err.Error()}, "state": given(a.state)})
		return
	}
	p.redirect(w, r, a.redirect, url.Values{"code": {code}, "state": given(a.state)})
}

// given leaves an absent value out of a query.
func given(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

// redirect answers the client, naming the issuer (RFC 9207).
func (p *provider) redirect(w http.ResponseWriter, r *http.Request, to string, answer url.Values) {
	u, err := url.Parse(to)
	if err != nil {
		p.pageError(w, "The application's address is not well formed.")
		return
	}
	query := u.Query()
	for name, values := range answer {
		if len(values) > 0 {
			query.Set(name, values[0])
		}
	}
	query.Set("iss", p.url)
	u.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// readForm parses a bounded form from the body.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	return r.ParseForm() == nil
}
