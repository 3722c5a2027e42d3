package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"chancery.example/gateway/pkg/web"
)

// soon is how long before its end a certificate is warned of.
const soon = 30 * 24 * time.Hour

// looked is how often the files are looked at: whoever renews a certificate need not be able to send a signal.
const looked = time.Minute

// certificate is what the gateway shows to those who connect. Its files are read again when they changed, and on
// SIGHUP: who connects from then on gets the new one, and connections that are there go on.
type certificate struct {
	files  tlsConfig
	host   string // of public_url
	logger *slog.Logger
	shown  atomic.Pointer[tls.Certificate]
	read   atomic.Pointer[string] // what the files held when they were last read
}

// openCertificate reads the files; nil where the gateway serves without TLS.
func openCertificate(cfg config, logger *slog.Logger) (*certificate, error) {
	if cfg.TLS.Certificate == "" {
		return nil, nil
	}
	c := &certificate{files: cfg.TLS, host: hostOf(cfg.PublicURL), logger: logger}
	return c, c.reload(time.Now())
}

// reload takes what the files hold now, if it can be shown; what was shown before stays otherwise.
func (c *certificate) reload(now time.Time) error {
	held := c.held()
	c.read.Store(&held)
	pair, err := loadCertificate(c.files)
	if err != nil {
		return err
	}
	found := checkCertificate(pair, c.host, now)
	for _, f := range found {
		if f.stops() {
			return fmt.Errorf("%s: %s", f.Key, f.Problem)
		}
	}
	c.warn(found)
	c.shown.Store(&pair)
	return nil
}

// held is a digest of both files as they are; a file that cannot be read counts as what is wrong with it.
func (c *certificate) held() string {
	sum := sha256.New()
	for _, path := range []string{c.files.Certificate, c.files.Key} {
		data, err := readBounded(path)
		fmt.Fprintf(sum, "%d %s %v\n", len(data), data, err)
	}
	return string(sum.Sum(nil))
}

// look reads the files again where they are not what they were. One half of a pair that is being exchanged is not
// taken; the whole one is, at the next look.
func (c *certificate) look(logger *slog.Logger) {
	if c != nil && c.held() != *c.read.Load() {
		c.again(logger)
	}
}

// warn tells the operator what is to be done about a certificate.
func (c *certificate) warn(found []finding) {
	for _, f := range found {
		c.logger.Warn("certificate wants attention", "certificate", c.files.Certificate, "problem", f.Problem)
	}
}

func (c *certificate) show(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.shown.Load(), nil
}

// obey reads the certificate again on each SIGHUP and within a minute of a change, and looks once a day whether it
// ends soon. Without TLS there is nothing to read, and the signal ends nothing.
func (c *certificate) obey(ctx context.Context, logger *slog.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	changes := time.NewTicker(looked)
	defer changes.Stop()
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			c.again(logger)
		case <-changes.C:
			c.look(logger)
		case now := <-daily.C:
			if c != nil {
				c.warn(checkCertificate(*c.shown.Load(), c.host, now))
			}
		}
	}
}

func (c *certificate) again(logger *slog.Logger) {
	if c == nil {
		logger.Info("SIGHUP: there is no certificate to read again")
		return
	}
	if err := c.reload(time.Now()); err != nil {
		logger.Error("certificate not taken; the one before is shown on", "error", err.Error())
		return
	}
	logger.Info("certificate read again", "certificate", c.files.Certificate,
		"until", c.shown.Load().Leaf.NotAfter.UTC())
}

// gauges tell how long the certificate that is shown lasts.
func (c *certificate) gauges() []web.Gauge {
	if c == nil {
		return nil
	}
	return []web.Gauge{{
		Name: "chancery_certificate_expires_seconds",
		Help: "Until the end of the certificate that is shown; negative afterwards.",
		Read: func() float64 { return time.Until(c.shown.Load().Leaf.NotAfter).Seconds() },
	}}
}

// checkCertificate says what is wrong with a certificate that is to be shown to people who come to host.
func checkCertificate(pair tls.Certificate, host string, now time.Time) []finding {
	const key, renewed = "tls.certificate", "put a new one into its place: " +
		"a running gateway reads it within a minute"
	leaf := pair.Leaf
	switch {
	case now.Before(leaf.NotBefore):
		return []finding{{Key: key, Cure: "set this machine's clock, or take one that is valid",
			Problem: "is valid only from " + leaf.NotBefore.UTC().Format(time.DateTime) + " UTC"}}
	case now.After(leaf.NotAfter):
		return []finding{{Key: key, Problem: "expired on " + leaf.NotAfter.UTC().Format(time.DateTime) + " UTC",
			Cure: renewed}}
	}
	var found []finding
	if leaf.NotAfter.Sub(now) < soon {
		found = append(found, finding{Key: key, Note: true, Cure: renewed,
			Problem: "ends on " + leaf.NotAfter.UTC().Format(time.DateTime) + " UTC"})
	}
	if host != "" && leaf.VerifyHostname(host) != nil {
		found = append(found, finding{Key: key, Note: true, Problem: "is not for " + host + ", the host of public_url",
			Cure: "take one for " + host + ", unless a proxy in front shows its own"})
	}
	return found
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// checkTLSFiles wants both files or neither, and each to be there.
func checkTLSFiles(t tlsConfig) []finding {
	named := []struct{ key, path, other string }{{"tls.certificate", t.Certificate, "tls.key"},
		{"tls.key", t.Key, "tls.certificate"}}
	for _, one := range named {
		if one.path == "" {
			return []finding{{Key: one.key, Problem: "is missing, and " + one.other + " is set",
				Cure: "name the PEM files of a certificate, with those that signed it behind, and of its key"}}
		}
	}
	for _, one := range named {
		if _, err := os.Stat(one.path); err != nil {
			return []finding{{Key: one.key, Problem: errors.Unwrap(err).Error() + ": " + one.path,
				Cure: "name a PEM file that this user can read"}}
		}
	}
	return nil
}
