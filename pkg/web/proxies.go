package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/pires/go-proxyproto"
)

// Proxies are the machines in front of the gateway that speak for callers. The zero value is none.
type Proxies struct {
	Trusted   []netip.Prefix
	Announces bool // by the PROXY protocol, see Announced; otherwise by X-Forwarded-For
}

// forwarding are those whose X-Forwarded-For is read: who announces connections has told already, and may pass on a
// header as it came.
func (p Proxies) forwarding() []netip.Prefix {
	if p.Announces {
		return nil
	}
	return p.Trusted
}

// announcedWithin is how long a trusted proxy may take for the line that announces a connection.
const announcedWithin = 5 * time.Second

// Announced wraps a listener whose trusted peers open each connection with the PROXY protocol, version 1 or 2: the
// connection's address is then the one that they announce. A trusted peer that announces nothing is not served; anybody
// else's connection is left as it is, so that what they announce is no HTTP.
func Announced(l net.Listener, trusted []netip.Prefix) net.Listener {
	return announcedListener{&proxyproto.Listener{
		Listener:          l,
		ReadHeaderTimeout: announcedWithin,
		ConnPolicy: func(of proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
			if from, err := netip.ParseAddrPort(of.Upstream.String()); err == nil && among(trusted, from.Addr()) {
				return proxyproto.REQUIRE, nil
			}
			return proxyproto.SKIP, nil
		},
	}}
}

type announcedListener struct{ net.Listener }

func (l announcedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if announced, ok := conn.(*proxyproto.Conn); ok && err == nil {
		return announcedConn{announced}, nil
	}
	return conn, err
}

// announcedConn leads to the socket, which the hard cut and the pace want.
type announcedConn struct{ *proxyproto.Conn }

func (c announcedConn) NetConn() net.Conn { return c.Raw() }

func (c announcedConn) CloseWrite() error {
	if half, ok := c.Raw().(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return http.ErrNotSupported
}

// forwarded puts the caller's address into the request's RemoteAddr where a trusted proxy tells it, before anything
// looks at it. What anybody else says of addresses is not read.
func forwarded(trusted []netip.Prefix) gin.HandlerFunc {
	return func(c *gin.Context) {
		if peer, err := netip.ParseAddrPort(c.Request.RemoteAddr); err == nil && among(trusted, peer.Addr()) {
			if caller := callerOf(c.Request.Header.Values("X-Forwarded-For"), trusted); caller.IsValid() {
				c.Request.RemoteAddr = netip.AddrPortFrom(caller, 0).String()
			}
		}
		c.Next()
	}
}

// callerOf is the rightmost address that no trusted proxy bears: each proxy appends whom it saw, and what stands
// further left anybody may have sent. Header lines count in their order, since some proxies append a line of their own.
// Where something that is no address is met first, nothing is believed.
func callerOf(lines []string, trusted []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(lines, ","), ",")
	for _, hop := range slices.Backward(hops) {
		address, ok := addressOf(strings.TrimSpace(hop))
		if !ok {
			return netip.Addr{}
		}
		if !among(trusted, address) {
			return address
		}
	}
	return netip.Addr{} // all of them are proxies: a check of theirs
}

// addressOf reads an address, with a port or without; a zone means something on another machine only.
func addressOf(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), true
}

func among(trusted []netip.Prefix, address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(address) })
}
