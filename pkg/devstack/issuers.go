package devstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// IssuersConfig describes the OpenID Connect issuers of one listener.
type IssuersConfig struct {
	Dir     string // keeps address and keys for the next start; "" keeps nothing
	Listen  string // loopback address; "" or port 0 takes the address kept in Dir, or a free port
	Issuers []Issuer
	Now     func() time.Time // nil is time.Now
}

// Issuer is one identity provider: an organisation, its people, and the programs that ask for tokens.
type Issuer struct {
	Name         string // its path under the listener: a-z, 0-9 and -
	Organisation string // shown on the sign-in page
	Audience     string // of access tokens: the API
	Clients      []ClientConfig
	People       []PersonConfig
	Services     []ServiceConfig
}

// ClientConfig is a program through which people sign in: by code with PKCE, or by device.
type ClientConfig struct {
	ID     string
	Secret string // "" for a public client, and for one that has a Key
	// Key is of a client that authenticates with private_key_jwt; nothing else is taken from it then.
	Key *jose.JSONWebKey
	// RedirectURIs are compared as they stand; one at a loopback address without a port admits any port
	// (RFC 8252 7.3).
	RedirectURIs []string
	Device       bool // may use the device flow
	// PostLogoutURIs are where a browser may be sent after signing out, compared as they stand.
	PostLogoutURIs []string
	// BackChannelURI is told, from server to server, who signed out; "" is told nothing.
	BackChannelURI string
}

// PersonConfig is somebody who can sign in, by choosing the name: there are no passwords.
type PersonConfig struct {
	ID     string // the subject
	Name   string
	Email  string // told as verified; empty: none is told
	Groups []string
}

// ServiceConfig is a machine client, by client credentials.
type ServiceConfig struct {
	ID     string
	Secret string
}

// Issuers are OpenID Connect providers in this process. Their methods may be called concurrently.
type Issuers struct {
	address   string
	dir       string
	providers map[string]*provider
	handler   http.Handler

	mu     sync.Mutex
	server *http.Server  // nil while stopped
	served chan struct{} // closed once the server has let go of its listener
	paused chan struct{} // open while paused; nil otherwise
}

// StartIssuers serves the issuers, each under http://ADDRESS/NAME. Keys and address kept in Dir are
// used again, so that what was recorded under an issuer still is that issuer's after a restart.
func StartIssuers(ctx context.Context, cfg IssuersConfig) (*Issuers, error) {
	kept, err := readKept(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start issuers: %w", err)
	}
	listener, err := listenLoopback(ctx, cfg.Listen, kept.Address)
	if err != nil {
		return nil, fmt.Errorf("start issuers: %w", err) // a kept address is not given up: records name it
	}
	kept.Address = listener.Addr().String()
	s, err := newIssuers(cfg, kept)
	if err == nil {
		err = s.keep()
	}
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("start issuers: %w", err)
	}
	s.serve(listener)
	return s, nil
}

// OpenIssuers opens issuers whose address and keys stand in Dir, to make tokens only: it serves
// nothing, and another process may be serving them.
func OpenIssuers(cfg IssuersConfig) (*Issuers, error) {
	kept, err := readKept(cfg.Dir)
	if err == nil && kept.Address == "" {
		err = fmt.Errorf("no issuers are kept in %q", cfg.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open issuers: %w", err)
	}
	s, err := newIssuers(cfg, kept)
	if err != nil {
		return nil, fmt.Errorf("open issuers: %w", err)
	}
	return s, nil
}

func newIssuers(cfg IssuersConfig, kept keptIssuers) (*Issuers, error) {
	if len(cfg.Issuers) == 0 {
		return nil, errors.New("no issuers given")
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	s := &Issuers{address: kept.Address, dir: cfg.Dir, providers: map[string]*provider{}}
	mux := http.NewServeMux()
	for _, issuer := range cfg.Issuers {
		if s.providers[issuer.Name] != nil {
			return nil, fmt.Errorf("issuer %s stands twice", issuer.Name)
		}
		p, err := newProvider(issuer, "http://"+kept.Address, kept.Keys[issuer.Name], now)
		if err != nil {
			return nil, fmt.Errorf("issuer %q: %w", issuer.Name, err)
		}
		s.providers[issuer.Name] = p
		p.route(mux)
	}
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.awaitResume(r.Context()) {
			mux.ServeHTTP(w, r)
		}
	})
	return s, nil
}

// listenLoopback listens on the wanted address or, where that leaves the port open, on the kept one.
func listenLoopback(ctx context.Context, wanted, kept string) (net.Listener, error) {
	if wanted == "" {
		wanted = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(wanted)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is no loopback address: these issuers ask for no password", wanted)
	}
	if port == "0" && kept != "" {
		wanted = kept
	} else if port == "0" {
		free, err := freePort()
		if err != nil {
			return nil, err
		}
		wanted = net.JoinHostPort(host, fmt.Sprint(free))
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", wanted)
}

func (s *Issuers) serve(listener net.Listener) {
	server := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	served := make(chan struct{})
	s.mu.Lock()
	s.server, s.served = server, served
	s.mu.Unlock()
	go func() {
		_ = server.Serve(listener) // ends with Stop, and only then
		close(served)
	}()
}

// URL is the issuer identifier of the named issuer; "" when there is none.
func (s *Issuers) URL(name string) string {
	if p := s.providers[name]; p != nil {
		return p.url
	}
	return ""
}

func (s *Issuers) provider(name string) (*provider, error) {
	if p := s.providers[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no issuer %q", name)
}

// Stop closes the listener and all connections: the issuers refuse connections until Restart.
func (s *Issuers) Stop() error {
	s.Resume()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	err := s.server.Close()
	<-s.served // closed before it began to serve, it lets go of the listener only here
	s.server = nil
	return err
}

// Restart serves stopped issuers again, at the same address and with the same keys.
func (s *Issuers) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("restart issuers: %w", err)
	}
	s.serve(listener)
	return nil
}

// Pause makes the issuers hang: they take requests and answer none, until Resume.
func (s *Issuers) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused == nil {
		s.paused = make(chan struct{})
	}
}

// Resume lets paused issuers answer.
func (s *Issuers) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused != nil {
		close(s.paused)
		s.paused = nil
	}
}

func (s *Issuers) awaitResume(ctx context.Context) bool {
	s.mu.Lock()
	paused := s.paused
	s.mu.Unlock()
	if paused == nil {
		return true
	}
	select {
	case <-paused:
		return true
	case <-ctx.Done():
		return false
	}
}

// Rotate gives the issuer a new signing key. With keepOld the earlier keys stay published, so that
// tokens signed with them are still good; without, they are gone at once.
func (s *Issuers) Rotate(issuer string, keepOld bool) error {
	p, err := s.provider(issuer)
	if err != nil {
		return err
	}
	if err := p.keys.rotate(keepOld); err != nil {
		return err
	}
	return s.keep()
}

// keptIssuers is what the directory keeps: private keys, the one in use first.
type keptIssuers struct {
	Address string                       `json:"address"`
	Keys    map[string][]jose.JSONWebKey `json:"keys"`
}

const keptFile = "issuers.json"

func readKept(dir string) (keptIssuers, error) {
	var kept keptIssuers
	if dir == "" {
		return kept, nil
	}
	path := filepath.Join(dir, keptFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &kept)
	}
	if err != nil {
		return kept, fmt.Errorf("read %s: %w", path, err)
	}
	return kept, nil
}

func (s *Issuers) keep() error {
	if s.dir == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := keptIssuers{Address: s.address, Keys: map[string][]jose.JSONWebKey{}}
	for name, p := range s.providers {
		kept.Keys[name] = p.keys.private()
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	return writeWhole(filepath.Join(s.dir, keptFile), content)
}
