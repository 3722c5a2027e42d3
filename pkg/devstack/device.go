package devstack

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	deviceLifetime = 10 * time.Minute
	deviceInterval = 2 * time.Second
	slowDownBy     = 5 * time.Second // RFC 8628 3.5
)

// pendingDevice is a device that waits for somebody to enter its code (RFC 8628).
type pendingDevice struct {
	grant    // person and authTime are set by the answer
	userCode string
	answered bool
	denied   bool
	interval time.Duration
	polled   time.Time
}

type devices struct {
	mu   sync.Mutex
	held map[string]*pendingDevice // by device code
}

func newDevices() *devices { return &devices{held: map[string]*pendingDevice{}} }

// deviceAuthorization gives a device its two codes. Besides RFC 8628 it honours acr_values and nonce.
func (p *provider) deviceAuthorization(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) || repeated(r.PostForm) {
		refuseToken(w, &tokenError{"invalid_request", "the form is not well formed"})
		return
	}
	id, ok := p.authenticate(r)
	if !ok {
		refuseToken(w, &tokenError{"invalid_client", "unknown client, or wrong secret"})
		return
	}
	if !p.clients[id].Device {
		refuseToken(w, &tokenError{"unauthorized_client", "this client may not use the device flow"})
		return
	}
	scope := r.PostForm.Get("scope")
	if !slices.Contains(strings.Fields(scope), "openid") {
		refuseToken(w, &tokenError{"invalid_scope", "scope must hold openid"})
		return
	}
	now := p.now()
	deviceCode, userCode, err := p.devices.add(grant{
		client: id, scope: scope, nonce: r.PostForm.Get("nonce"), acr: chosenACR(r.PostForm.Get("acr_values")),
		expires: now.Add(deviceLifetime),
	}, now)
	if err != nil {
		refuseToken(w, &tokenError{"temporarily_unavailable", err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"device_code": deviceCode, "user_code": userCode,
		"verification_uri":          p.url + "/device",
		"verification_uri_complete": p.url + "/device?user_code=" + url.QueryEscape(userCode),
		"expires_in":                int(deviceLifetime.Seconds()), "interval": int(deviceInterval.Seconds()),
	})
}

func (d *devices) add(g grant, now time.Time) (deviceCode, userCode string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for code, held := range d.held {
		if now.After(held.expires) {
			delete(d.held, code)
		}
	}
	if len(d.held) >= pendingLimit {
		return "", "", errTooManyPending
	}
	deviceCode, userCode = rand.Text(), newUserCode()
	d.held[deviceCode] = &pendingDevice{grant: g, userCode: userCode, interval: deviceInterval}
	return deviceCode, userCode, nil
}

// newUserCode has eight consonants, which spell no words and are not mistaken for digits (RFC 8628 6.1).
func newUserCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := make([]byte, 0, 9)
	random := make([]byte, 1)
	for len(code) < 9 {
		if len(code) == 4 {
			code = append(code, '-')
		}
		rand.Read(random)
		if n := int(random[0]); n < 256-256%len(letters) {
			code = append(code, letters[n%len(letters)])
		}
	}
	return string(code)
}

// waiting finds the device that shows the code; case, blanks and hyphens do not matter.
func (d *devices) waiting(userCode string, now time.Time) *pendingDevice {
	for _, held := range d.held {
		if plainCode(held.userCode) == plainCode(userCode) && !held.answered && !now.After(held.expires) {
			return held
		}
	}
	return nil
}

func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'A' || r > 'Z' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

func (d *devices) known(userCode string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waiting(userCode, now) != nil
}

// answer records what was chosen; a nil person is a denial. It tells whether a device was waiting.
func (d *devices) answer(userCode string, who *PersonConfig, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	held := d.waiting(userCode, now)
	if held == nil {
		return false
	}
	held.answered, held.denied = true, who == nil
	if who != nil {
		held.person, held.authTime = *who, now
	}
	return true
}

// devicePage asks for the code, or, with one in the address, for the person.
func (p *provider) devicePage(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("user_code")
	if code == "" || !p.devices.known(code, p.now()) {
		p.deviceCodePage(w, code)
		return
	}
	p.deviceSignInPage(w, code)
}

func (p *provider) deviceAnswer(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		p.pageError(w, "What the page sent is not well formed.")
		return
	}
	code := r.PostForm.Get("user_code")
	var who *PersonConfig
	if !r.PostForm.Has("cancel") {
		person, known := p.people[r.PostForm.Get("person")]
		if !known {
			p.pageError(w, "There is no such person here.")
			return
		}
		who = &person
	}
	if !p.devices.answer(code, who, p.now()) {
		p.deviceCodePage(w, code)
		return
	}
	p.deviceDonePage(w, who)
}

// exchangeDevice answers a device that asks whether somebody has signed in for it (RFC 8628 3.4, 3.5).
func (p *provider) exchangeDevice(client string, form url.Values) (*tokenAnswer, *tokenError) {
	g, refused := p.devices.poll(form.Get("device_code"), client, p.now())
	if refused != nil {
		return nil, refused
	}
	return p.answer(g)
}

func (d *devices) poll(deviceCode, client string, now time.Time) (grant, *tokenError) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held := d.held[deviceCode]
	switch {
	case held == nil || held.client != client:
		return grant{}, &tokenError{"invalid_grant", "the device code is unknown, used, or not this client's"}
	case now.After(held.expires):
		delete(d.held, deviceCode)
		return grant{}, &tokenError{"expired_token", ""}
	case held.denied:
		delete(d.held, deviceCode)
		return grant{}, &tokenError{"access_denied", "the person cancelled"}
	case held.answered:
		delete(d.held, deviceCode)
		return held.grant, nil
	}
	early := !held.polled.IsZero() && now.Sub(held.polled) < held.interval
	held.polled = now
	if early {
		held.interval += slowDownBy
		return grant{}, &tokenError{"slow_down", ""}
	}
	return grant{}, &tokenError{"authorization_pending", ""}
}
