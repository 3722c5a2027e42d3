package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"chancery.example/gateway/pkg/client"
)

// defaultClient is the name under which identity providers know this command, where they do not use another.
const defaultClient = "chancery-cli"

// provider is what an identity provider says of itself (OpenID Connect Discovery 4.2).
type provider struct {
	Issuer     string   `json:"issuer"`
	Token      string   `json:"token_endpoint"`
	Device     string   `json:"device_authorization_endpoint"`
	Revocation string   `json:"revocation_endpoint"`
	Scopes     []string `json:"scopes_supported"`
}

// signInAsked is what a sign-in is wanted for.
type signInAsked struct {
	client string
	scopes []string
	acr    string // how strong, in the provider's words; empty: as it likes
	nonce  string // of the ID token; empty: none
}

// plainHTTP asks for public documents and tokens. It follows no redirect: what it is told goes where it was sent.
func plainHTTP() *http.Client {
	return &http.Client{Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// safeAddress reports whether secrets may be sent to an address: under TLS, or never leaving this machine.
func safeAddress(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && address.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

func fetchJSON(ctx context.Context, address string, into any) error {
	if !safeAddress(address) {
		return fmt.Errorf("%s is not asked: it is no address under TLS", printable(address))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := plainHTTP().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, printable(response.Status))
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return nil
}

// issuersOf asks a gateway which identity providers give tokens for it (RFC 9728 3). It names those of the Parties.
func issuersOf(ctx context.Context, server string) ([]string, error) {
	at, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	var told struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
	}
	path := at.EscapedPath() + client.Base
	at.Path, at.RawPath = "", ""
	if err := fetchJSON(ctx, at.String()+"/.well-known/oauth-protected-resource"+path, &told); err != nil {
		return nil, fmt.Errorf("%s does not say where tokens come from: %w", server, err)
	}
	// Whoever answers for another gateway would be handed tokens that are meant for that one (RFC 9728 3.3).
	if resource, err := url.Parse(told.Resource); err != nil || resource.Scheme != at.Scheme ||
		resource.Host != at.Host {
		return nil, fmt.Errorf("%s says that it is %s: sign in there, or ask its operator", server,
			printable(told.Resource))
	}
	return told.Servers, nil
}

// chooseIssuer finds the provider that is meant by its address or by a part of it. A provider that the gateway does not
// name, as those of third parties, is meant only by its whole address.
func chooseIssuer(told []string, wanted string) (string, error) {
	var fits []string
	for _, issuer := range told {
		if issuer == wanted {
			return issuer, nil
		}
		if strings.Contains(issuer, wanted) {
			fits = append(fits, issuer)
		}
	}
	if strings.Contains(wanted, "://") {
		return wanted, nil
	}
	if len(fits) == 1 {
		return fits[0], nil
	}
	said := "which identity provider is yours? Give --issuer with its address"
	if len(told) > 0 {
		said += ", or a part of one of these:"
	}
	for _, issuer := range told {
		said += "\n  " + printable(issuer)
	}
	return "", &failure{exitUsage, errors.New(said)}
}

func discover(ctx context.Context, issuer string) (provider, error) {
	var p provider
	err := fetchJSON(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &p)
	if err != nil {
		return p, fmt.Errorf("the identity provider %s: %w", printable(issuer), err)
	}
	if p.Issuer != issuer { // OpenID Connect Discovery 4.3
		return p, fmt.Errorf("%s says that it is %s", printable(issuer), printable(p.Issuer))
	}
	for _, address := range []string{p.Token, p.Device, p.Revocation} {
		if address != "" && !safeAddress(address) {
			return p, fmt.Errorf("the identity provider %s wants secrets at %s, which is not under "+
				"TLS", printable(issuer),
				printable(address))
		}
	}
	return p, nil
}

func (p provider) config(asked signInAsked) *oauth2.Config {
	scopes := append([]string{"openid", "profile"}, asked.scopes...)
	if len(p.Scopes) == 0 || slices.Contains(p.Scopes, "offline_access") {
		scopes = append(scopes, "offline_access") // OpenID Connect Core 11: a refresh token
	}
	return &oauth2.Config{ClientID: asked.client, Scopes: scopes, Endpoint: oauth2.Endpoint{
		DeviceAuthURL: p.Device, TokenURL: p.Token, AuthStyle: oauth2.AuthStyleInParams}}
}

// byDevice signs a person in with any browser, on this machine or another (RFC 8628).
func (p provider) byDevice(ctx context.Context, env environment, asked signInAsked) (*oauth2.Token, error) {
	if p.Device == "" {
		return nil, fmt.Errorf("the identity provider %s has no sign-in by device (RFC 8628): take an access token "+
			"from "+
			"elsewhere, and set CHANCERY_TOKEN", printable(p.Issuer))
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, plainHTTP())
	config := p.config(asked)
	var more []oauth2.AuthCodeOption
	for name, value := range map[string]string{"acr_values": asked.acr, "nonce": asked.nonce} {
		if value != "" {
			more = append(more, oauth2.SetAuthURLParam(name, value))
		}
	}
	if asked.acr != "" || asked.nonce != "" {
		more = append(more, oauth2.SetAuthURLParam("max_age", "0"))
	}
	device, err := config.DeviceAuth(ctx, more...)
	if err != nil {
		return nil, p.refusal(asked, err)
	}
	fmt.Fprintf(env.stderr, "Open %s in any browser, and enter the code %s\n", printable(device.VerificationURI),
		printable(device.UserCode))
	browse(ctx, env, device)
	token, err := config.DeviceAccessToken(ctx, device)
	if err != nil {
		return nil, p.refusal(asked, err)
	}
	return token, nil
}

// browse opens the page in the browser that BROWSER names, if it names one.
func browse(ctx context.Context, env environment, device *oauth2.DeviceAuthResponse) {
	program := env.lookup("BROWSER")
	address := device.VerificationURIComplete
	if address == "" {
		address = device.VerificationURI
	}
	if program == "" || !safeAddress(address) {
		return
	}
	cmd := env.browser(ctx, program, address)
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(env.stderr, "BROWSER %s does not start: %v\n", printable(program), err)
		return
	}
	go func() { _ = cmd.Wait() }()
}

// browser is the program that opens an address. It is told no token.
func (e environment) browser(ctx context.Context, program, address string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, address)
	cmd.Stderr = e.stderr
	cmd.Env = slices.DeleteFunc(slices.Clone(e.variables), func(v string) bool {
		return strings.HasPrefix(v, "CHANCERY_TOKEN=")
	})
	return cmd
}

// refusal says what an answer of the token endpoint means for the person who waits.
func (p provider) refusal(asked signInAsked, err error) error {
	switch codeOf(err) {
	case "access_denied":
		return &failure{exitSignIn, errors.New("the sign-in was cancelled in the browser; nobody was signed in")}
	case "expired_token":
		return &failure{exitSignIn, errors.New("nobody signed in with that code in time; begin anew")}
	case "invalid_client", "unauthorized_client":
		return fmt.Errorf("the identity provider %s does not let the client %q sign people in by device: its "+
			"administrator registers a public client with the device flow, or give its name with --client-id",
			printable(p.Issuer), printable(asked.client))
	}
	return p.answer(err)
}

// codeOf is the code by which a token endpoint refused (RFC 6749 5.2); empty where it gave none.
func codeOf(err error) string {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return ""
	}
	return refused.ErrorCode
}

// maxDescription bounds what is repeated of a token endpoint's words, in letters.
const maxDescription = 300

// answer says what a token endpoint answered, by its code or its status, and never the whole of it.
func (p provider) answer(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return err
	}
	said := refused.ErrorCode
	if said == "" {
		said = refused.Response.Status
	}
	if refused.ErrorDescription != "" {
		said += ": " + refused.ErrorDescription
	}
	if letters := []rune(said); len(letters) > maxDescription {
		said = string(letters[:maxDescription]) + "…"
	}
	return fmt.Errorf("the identity provider %s answers %s", printable(p.Issuer), printable(said))
}

// revoke tells the provider that a refresh token is not used any more (RFC 7009). What is not revoked ends by its age.
func (p provider) revoke(ctx context.Context, clientID, refresh string) error {
	if p.Revocation == "" || refresh == "" {
		return nil
	}
	form := url.Values{"token": {refresh}, "token_type_hint": {"refresh_token"}, "client_id": {clientID}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Revocation, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := plainHTTP().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the identity provider answers %s", printable(response.Status))
	}
	return nil
}

// nonceOf is the nonce of an ID token. Nothing is trusted for it: the gateway verifies what it is sent.
func nonceOf(idToken string) string {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Nonce string `json:"nonce"`
	}
	_ = json.Unmarshal(text, &claims) // no nonce is the answer to what cannot be read
	return claims.Nonce
}
