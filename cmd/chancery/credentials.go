package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// renewBefore is how long before its end a token is not sent any more.
const renewBefore = 30 * time.Second

// credentialsFor finds what to show a server: CHANCERY_TOKEN, a machine client's secret, or a sign-in that was kept.
func credentialsFor(ctx context.Context, env environment, server string) (func(context.Context) (string, error),
	error) {
	if token := env.lookup("CHANCERY_TOKEN"); token != "" {
		return func(context.Context) (string, error) { return token, nil }, nil
	}
	if env.lookup("CHANCERY_CLIENT_ID") != "" {
		return machineCredentials(ctx, env)
	}
	notSignedIn := &failure{exitSignIn, fmt.Errorf("you are not signed in at %s: chancery auth login --server %s (or "+
		"set "+
		"CHANCERY_TOKEN to an access token)", server, server)}
	h, err := newHome(env)
	if err != nil {
		return nil, notSignedIn
	}
	s, err := h.settings()
	if err != nil {
		return nil, err
	}
	in, found := s.SignIns[server]
	if !found {
		return nil, notSignedIn
	}
	kept := &keptCredential{vault: newVault(env, h), server: server, signIn: in}
	return kept.token, nil
}

// machineCredentials are those of a machine client (RFC 6749 4.4). Its secret goes to the identity provider that its
// environment names by the whole address, whatever the gateway names, and is read from its file each time.
func machineCredentials(ctx context.Context, env environment) (func(context.Context) (string, error), error) {
	file, id, issuer := env.lookup("CHANCERY_CLIENT_SECRET_FILE"), env.lookup("CHANCERY_CLIENT_ID"),
		env.lookup("CHANCERY_ISSUER")
	if file == "" {
		return nil, &failure{exitUsage, errors.New("CHANCERY_CLIENT_ID is set: set CHANCERY_CLIENT_SECRET_FILE too, " +
			"to a file that holds the client's secret")}
	}
	if !strings.Contains(issuer, "://") {
		return nil, &failure{exitUsage, fmt.Errorf("CHANCERY_CLIENT_ID is set, and CHANCERY_ISSUER is %q: set it to "+
			"the whole address of the client's identity provider; the secret goes there, and nowhere that a gateway "+
			"names", printable(issuer))}
	}
	p, err := discover(ctx, issuer)
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, plainHTTP())
	source := oauth2.ReuseTokenSourceWithExpiry(nil, tokenSource(func() (*oauth2.Token, error) {
		secret, err := readSmall(file)
		if err != nil {
			return nil, err
		}
		config := clientcredentials.Config{ClientID: id, ClientSecret: strings.TrimSpace(string(secret)),
			TokenURL: p.Token, Scopes: strings.Fields(env.lookup("CHANCERY_SCOPE"))}
		return config.Token(ctx)
	}), renewBefore)
	return func(context.Context) (string, error) {
		t, err := source.Token()
		if err != nil {
			return "", p.machineRefusal(id, err)
		}
		return t.AccessToken, nil
	}, nil
}

// tokenSource gets a token, each time one is needed.
type tokenSource func() (*oauth2.Token, error)

func (f tokenSource) Token() (*oauth2.Token, error) { return f() }

// machineRefusal is why a machine client gets no token. Only what its administrator has to mend ends with exitSignIn:
// after anything else it may be asked again.
func (p provider) machineRefusal(client string, err error) error {
	said := fmt.Errorf("the machine client %s gets no token: %w", printable(client), p.answer(err))
	switch codeOf(err) {
	case "invalid_client":
		said = fmt.Errorf("%w\n  CHANCERY_CLIENT_ID or what stands in CHANCERY_CLIENT_SECRET_FILE is not what the "+
			"identity provider knows", said)
	case "unauthorized_client":
		said = fmt.Errorf("%w\n  the identity provider's administrator lets the client get tokens for itself "+
			"(client credentials, RFC 6749 4.4)", said)
	case "invalid_grant":
	default:
		return said
	}
	return &failure{exitSignIn, said}
}

// keptCredential is a sign-in of a person, renewed by its refresh token while the provider lets it.
type keptCredential struct {
	vault
	server string
	signIn signIn

	mu   sync.Mutex
	held tokens
}

func (c *keptCredential) token(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fresh() {
		return c.held.Access, nil
	}
	if err := c.load(); err != nil {
		return "", err
	}
	if c.fresh() {
		return c.held.Access, nil
	}
	err := c.locked(func() error {
		if err := c.load(); err != nil || c.fresh() { // another command may have renewed it
			return err
		}
		return c.renew(ctx)
	})
	return c.held.Access, err
}

func (c *keptCredential) fresh() bool {
	return c.held.Access != "" && (c.held.Expires.IsZero() || time.Until(c.held.Expires) > renewBefore)
}

func (c *keptCredential) load() error {
	held, found, err := c.tokens(c.server, c.signIn.InFile)
	if err != nil {
		return err
	}
	if !found {
		return c.over("its token is gone from where it was kept")
	}
	c.held = held
	return nil
}

func (c *keptCredential) renew(ctx context.Context) error {
	if c.held.Refresh == "" {
		return c.over("it ended at " + c.held.Expires.UTC().Format(time.RFC3339))
	}
	p, err := discover(ctx, c.signIn.Issuer)
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, plainHTTP())
	t, err := p.config(signInAsked{client: c.signIn.Client}).TokenSource(ctx,
		&oauth2.Token{RefreshToken: c.held.Refresh}).Token()
	if codeOf(err) == "invalid_grant" {
		return c.over("the identity provider renews it no longer")
	}
	if err != nil {
		return fmt.Errorf("renew the sign-in at %s: %w", c.server, p.answer(err))
	}
	c.held = tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Expires: t.Expiry}
	noKeyring, err := c.keep(c.server, c.held)
	if err != nil {
		return err
	}
	return c.noteWhere(noKeyring != nil)
}

// noteWhere notes whether the file holds the tokens now: a keyring may go away, or come.
func (c *keptCredential) noteWhere(inFile bool) error {
	if c.signIn.InFile == inFile {
		return nil
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	c.signIn.InFile, c.signIn.Before = inFile, inFile // a keyring had it until now
	s.SignIns[c.server] = c.signIn
	return c.write("config.json", s)
}

func (c *keptCredential) over(why string) error {
	return &failure{exitSignIn, fmt.Errorf("your sign-in at %s is over (%s): chancery auth login --server %s", c.server,
		printable(why), c.server)}
}
