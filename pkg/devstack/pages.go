package devstack

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

//go:embed pages/*.html pages/style.css
var pageFiles embed.FS

// page is what every page of an issuer shows.
type page struct {
	Issuer  string // its path
	Title   string
	Problem string // said at the top; "" for none

	Organisation string
	People       []PersonConfig
	Action       string // where the form goes; "" is this address
	Client       string
	Fresh        bool // the application wants a sign-in made now
	Strong       bool // the application wants a second factor
	UserCode     string
	SignedOut    bool
	Signed       string // who signed in for a device; "" when cancelled
}

func (p *provider) signInPage(w http.ResponseWriter, a authorization) {
	target := ""
	if u, err := url.Parse(a.redirect); err == nil && u.Host != "" {
		target = u.Scheme + "://" + u.Host
	}
	p.render(w, "signin.html", http.StatusOK, target, page{
		Title: "Sign in", Client: a.client.ID, Fresh: a.freshSignIn, Strong: a.acr == ACRMFA,
	})
}

func (p *provider) deviceSignInPage(w http.ResponseWriter, userCode string) {
	p.render(w, "signin.html", http.StatusOK, "", page{
		Title: "Sign in for a device", Action: "/" + p.Name + "/device", UserCode: userCode,
	})
}

func (p *provider) deviceCodePage(w http.ResponseWriter, userCode string) {
	shown := page{Title: "Enter the code of your device", UserCode: userCode}
	status := http.StatusOK
	if userCode != "" {
		shown.Problem = "No device is waiting with this code. It may have been used or have expired; nobody was " +
			"signed in."
		status = http.StatusBadRequest
	}
	p.render(w, "device.html", status, "", shown)
}

func (p *provider) deviceDonePage(w http.ResponseWriter, who *PersonConfig) {
	shown := page{Title: "Nobody was signed in"}
	if who != nil {
		shown = page{Title: "Your device is signed in", Signed: who.Name}
	}
	p.render(w, "done.html", http.StatusOK, "", shown)
}

func (p *provider) pageError(w http.ResponseWriter, problem string) {
	p.render(w, "problem.html", http.StatusBadRequest, "", page{Title: "Sign-in is not possible", Problem: problem})
}

// render writes the page. Browsers hold form-action against redirects that follow a form too, so the
// application's own origin, target, has to stand there.
func (p *provider) render(w http.ResponseWriter, name string, status int, target string, v page) {
	v.Issuer, v.Organisation, v.People = p.Name, p.Organisation, slices.Clone(p.People)
	var out bytes.Buffer
	parsed, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/"+name)
	if err == nil {
		err = parsed.ExecuteTemplate(&out, "layout.html", v)
	}
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+target)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the reader may have gone
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
