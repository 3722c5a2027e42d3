package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errNotPublic: the address is of this machine, of a network of its own, or of no host.
var errNotPublic = errors.New("not a public address")

// reserved are networks in which no receiver stands, beside those that netip tells: RFC 6890, and those whose addresses
// hold another one, which may be anybody's.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// Public reports whether an address is one at which the gateway sends to a stranger.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range reserved {
		if network.Contains(a) {
			return false
		}
	}
	return true
}

// admitted is asked with the address that a connection is about to be made to, after its name was looked up: a name
// that leads elsewhere the second time leads nowhere.
func admitted(loopback bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errNotPublic
		}
		if Public(to.Addr()) || loopback && to.Addr().Unmap().IsLoopback() {
			return nil
		}
		return errNotPublic
	}
}

// newClient speaks to strangers: no proxy, no redirect, one request a connection, and a bound on everything.
func newClient(c Config) *http.Client {
	dialer := &net.Dialer{Timeout: c.Timeout / 2, Control: admitted(c.AdmitLoopback), Resolver: c.Resolver}
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
			TLSHandshakeTimeout:    c.Timeout / 2,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxAnswer,
		},
	}
}

const (
	maxAnswer      = 16 << 10 // bytes of a receiver's header; of its body none is read
	defaultTimeout = 10 * time.Second
)

// faultOf says in words of ours why nothing came of an attempt: what a stranger says is not kept.
func faultOf(err error) string {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var unknown *net.DNSError
	var slow net.Error
	switch {
	case errors.Is(err, errNotPublic):
		return "not a public address"
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "its certificate is not in order"
	case errors.As(err, &unknown):
		return "its name leads nowhere"
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return "no connection, or one that broke"
}
