package main

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/web"
)

func checkStore(s storeConfig) []finding {
	found := missing(map[string]string{"store.endpoint": s.Endpoint, "store.bucket": s.Bucket,
		"store.access_key": s.AccessKey.reveal(), "store.secret_key": s.SecretKey.reveal()},
		map[string]string{
			"store.endpoint":   "write HOST:PORT of the S3 store",
			"store.bucket":     "name a bucket that stands and belongs to this gateway alone",
			"store.access_key": "set it, CHANCERY_STORE_ACCESS_KEY or CHANCERY_STORE_ACCESS_KEY_FILE",
			"store.secret_key": "set it, CHANCERY_STORE_SECRET_KEY or CHANCERY_STORE_SECRET_KEY_FILE",
		})
	host, _, err := net.SplitHostPort(s.Endpoint)
	if err != nil {
		host = s.Endpoint
	}
	if strings.Contains(s.Endpoint, "/") {
		found = append(found, finding{Key: "store.endpoint", Problem: "is no HOST:PORT",
			Cure: "leave scheme and path out; store.secure says whether it speaks TLS"})
	}
	if !s.Secure && s.Endpoint != "" && !loopback(host) {
		found = append(found, finding{Key: "store.secure", Problem: "the store is reached without TLS",
			Cure: "leave store.secure out", Weakening: true})
	}
	if s.CA != "" {
		if _, err := readBounded(s.CA); err != nil {
			return append(found, finding{Key: "store.ca", Problem: "cannot be read: " + err.Error(),
				Cure: "name the PEM file of the authority that signed the store's certificate"})
		}
	}
	if slices.ContainsFunc(found, func(f finding) bool { return f.stops() }) {
		return found
	}
	client, err := newStore(s) // reaches out to nobody
	if err != nil {
		return append(found, finding{Key: "store", Problem: err.Error(),
			Cure: "correct it; \"chanceryd config example\" explains each key"})
	}
	client.Close()
	return found
}

// checkMalware wants a scanner, or the word that there is none.
func checkMalware(cfg config) []finding {
	m := cfg.Malware
	if m.Address == "" {
		if cfg.Admit.NotInspected {
			return nil
		}
		return []finding{{Key: "malware.address",
			Problem: "there is no malware scanner, so every deposit would be refused",
			Cure:    "name the socket of a clamd, or say admit.not_inspected: true and know that readers are shown so"}}
	}
	var found []finding
	if m.Timeout < 0 {
		found = append(found, finding{Key: "malware.timeout", Problem: "is less than nothing",
			Cure: "leave it out for 30s"})
	}
	switch {
	case m.Network == "unix" && !filepath.IsAbs(m.Address):
		found = append(found, finding{Key: "malware.address",
			Problem: fmt.Sprintf("%q is no path of a socket", m.Address),
			Cure:    "write clamd's LocalSocket, such as /run/clamav/clamd.ctl, or malware.network: tcp"})
	case m.Network == "tcp" && !isAddress(m.Address):
		found = append(found, finding{Key: "malware.address", Problem: fmt.Sprintf("%q is no address", m.Address),
			Cure: `write HOST:PORT, such as "127.0.0.1:3310"`})
	case m.Network == "tcp":
		if host, _, _ := net.SplitHostPort(m.Address); !loopback(host) {
			found = append(found, finding{Key: "malware.address",
				Problem: "files travel open to the scanner on " + host,
				Cure:    "run clamd on this machine, or reach it through a tunnel that ends here", Weakening: true})
		}
	case m.Network != "unix":
		found = append(found, finding{Key: "malware.network",
			Problem: fmt.Sprintf("%q is no kind of address", m.Network), Cure: "write unix or tcp"})
	}
	return found
}

// checkProxies wants proxies by address, and never everybody: who is trusted may speak for any address.
func checkProxies(cfg config) []finding {
	var found []finding
	for i, text := range cfg.TrustedProxies {
		key := fmt.Sprintf("trusted_proxies[%d]", i)
		network, err := networkOf(text)
		switch {
		case err != nil:
			found = append(found, finding{Key: key, Problem: fmt.Sprintf("%q is no address and no network", text),
				Cure: "write the address that the proxy connects from, such as 10.0.0.5 or 10.0.0.0/30"})
		case network.Bits() == 0:
			found = append(found, finding{Key: key, Problem: "everybody would be believed about addresses",
				Cure: "write the addresses of the proxies alone"})
		case wide(network):
			found = append(found, finding{Key: key, Weakening: true,
				Problem: "whoever connects from " + network.String() + " is believed about addresses",
				Cure:    "write the addresses of the proxies alone"})
		}
	}
	if cfg.ProxyProtocol && len(cfg.TrustedProxies) == 0 {
		found = append(found, finding{Key: "proxy_protocol", Problem: "no proxy is named that may announce connections",
			Cure: "name them under trusted_proxies"})
	}
	return found
}

// inside are the networks in which nobody has an address who is not of the operator's own, or of this machine.
var inside = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
}

// wide reports whether a network takes in more of the public addresses than a site has: wider than /24, or /64 of IPv6.
func wide(network netip.Prefix) bool {
	own := func(block netip.Prefix) bool {
		return block.Bits() <= network.Bits() && block.Contains(network.Addr())
	}
	bound := 24
	if network.Addr().Is6() {
		bound = 64
	}
	return network.Bits() < bound && !slices.ContainsFunc(inside, own)
}

// networkOf reads a network, or an address as the network of itself.
func networkOf(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.WithZone("").Unmap().Prefix(address.Unmap().BitLen())
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err
}

// proxies are in the words of pkg/web; checkProxies has read them before.
func (c config) proxies() web.Proxies {
	p := web.Proxies{Announces: c.ProxyProtocol}
	for _, text := range c.TrustedProxies {
		if network, err := networkOf(text); err == nil {
			p.Trusted = append(p.Trusted, network)
		}
	}
	return p
}

// checkAdminReach: the admin listener authenticates nobody and speaks no TLS.
func checkAdminReach(address string) []finding {
	host, _, err := net.SplitHostPort(address)
	if err != nil || loopback(host) {
		return nil
	}
	return []finding{{Key: "admin_listen", Problem: "whoever reaches this address reads metrics and readiness unasked",
		Cure: "listen on loopback, or let a firewall admit the monitoring alone", Weakening: true}}
}
