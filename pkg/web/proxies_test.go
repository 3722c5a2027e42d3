package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

var onLoopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/30")}

// remoteOf is what the operations log calls the caller of a request that comes from peer with these lines.
func remoteOf(t *testing.T, proxies web.Proxies, peer string, lines ...string) string {
	t.Helper()
	h := newFixture(t, 0, func(cfg *web.EngineConfig) { cfg.Proxies = proxies })
	seen := ""
	h.GET("/x", func(c *gin.Context) { seen = c.RemoteIP() })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
	r.RemoteAddr = peer
	r.Header["X-Forwarded-For"] = lines
	h.from(r)
	if !strings.Contains(h.journal.String(), `"remote":"`+seen+`"`) {
		t.Errorf("the log does not say %q:\n%s", seen, h.journal)
	}
	return seen
}

// What a stranger writes into X-Forwarded-For is nobody's word.
func TestOnlyATrustedProxysWordAboutAddressesIsTaken(t *testing.T) {
	trusted := web.Proxies{Trusted: onLoopback}
	for name, c := range map[string]struct {
		proxies web.Proxies
		peer    string
		lines   []string
		want    string
	}{
		"the proxy's":        {trusted, "127.0.0.1:4", []string{"198.51.100.7"}, "198.51.100.7"},
		"a chain of proxies": {trusted, "10.0.0.1:4", []string{"198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"forged before the proxy's": {trusted, "127.0.0.1:4", []string{"203.0.113.9, 198.51.100.7"},
			"198.51.100.7"},
		"forged in a line of its own": {trusted, "127.0.0.1:4", []string{"203.0.113.9", "198.51.100.7"},
			"198.51.100.7"},
		"forged to be a proxy": {trusted, "127.0.0.1:4", []string{"127.0.0.1, 198.51.100.7"},
			"198.51.100.7"},
		"from a stranger":                 {trusted, "198.51.100.7:4", []string{"203.0.113.9"}, "198.51.100.7"},
		"from a neighbour of the proxies": {trusted, "10.0.0.4:4", []string{"203.0.113.9"}, "10.0.0.4"},
		"no proxies are named":            {web.Proxies{}, "127.0.0.1:4", []string{"203.0.113.9"}, "127.0.0.1"},
		"they announce instead": {web.Proxies{Trusted: onLoopback, Announces: true}, "127.0.0.1:4",
			[]string{"203.0.113.9"}, "127.0.0.1"},
		"nonsense at the end":   {trusted, "127.0.0.1:4", []string{"203.0.113.9, kestrel"}, "127.0.0.1"},
		"an empty end":          {trusted, "127.0.0.1:4", []string{"203.0.113.9,"}, "127.0.0.1"},
		"none":                  {trusted, "127.0.0.1:4", nil, "127.0.0.1"},
		"a check of the proxys": {trusted, "127.0.0.1:4", []string{"10.0.0.1"}, "127.0.0.1"},
		"with a port":           {trusted, "127.0.0.1:4", []string{"198.51.100.7:80"}, "198.51.100.7"},
		"of version 6":          {trusted, "127.0.0.1:4", []string{"2001:db8::7"}, "2001:db8::7"},
		"of version 6, port":    {trusted, "127.0.0.1:4", []string{"[2001:db8::7]:80"}, "2001:db8::7"},
		"of version 4 in 6":     {trusted, "[::ffff:127.0.0.1]:4", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := remoteOf(t, c.proxies, c.peer, c.lines...); got != c.want {
				t.Errorf("taken for %q, want %q", got, c.want)
			}
		})
	}
}

// announced serves /who, which tells the caller's address, to connections of which these peers announce theirs.
func announced(t *testing.T, trusted ...string) string {
	t.Helper()
	proxies := web.Proxies{Announces: true}
	for _, p := range trusted {
		proxies.Trusted = append(proxies.Trusted, netip.MustParsePrefix(p))
	}
	h := newFixture(t, 0, func(cfg *web.EngineConfig) { cfg.Proxies = proxies })
	h.GET("/who", func(c *gin.Context) { c.String(http.StatusOK, c.RemoteIP()) })
	return h.serve(t, func(l net.Listener) net.Listener { return web.Announced(l, proxies.Trusted) })
}

// answered sends bytes and reads an answer's status and body; 0 when the connection is closed without one.
func answered(t *testing.T, address, text string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func TestOnlyATrustedProxyAnnouncesConnections(t *testing.T) {
	const ask = "GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"
	const v1 = "PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n"
	v2 := "\r\n\r\n\x00\r\nQUIT\n" + "\x21\x11\x00\x0c" + "\xc6\x33\x64\x07\xc0\x00\x02\x01\x12\x67\x01\xbb"
	local := "\r\n\r\n\x00\r\nQUIT\n" + "\x20\x00\x00\x00"
	for name, c := range map[string]struct {
		trusted string
		text    string
		status  int
		who     string
	}{
		"version 1":                     {"127.0.0.1/32", v1 + ask, 200, "198.51.100.7"},
		"version 2":                     {"127.0.0.1/32", v2 + ask, 200, "198.51.100.7"},
		"a check of the proxy's":        {"127.0.0.1/32", local + ask, 200, "127.0.0.1"},
		"a trusted one that says none":  {"127.0.0.1/32", ask, 0, ""},
		"a stranger's announcement":     {"10.0.0.1/32", v1 + ask, 400, ""},
		"a stranger's of version 2":     {"10.0.0.1/32", v2 + ask, 400, ""},
		"a stranger who announces none": {"10.0.0.1/32", ask, 200, "127.0.0.1"},
		"a second one, from the outside": {"127.0.0.1/32", v1 + "PROXY TCP4 203.0.113.9 192.0.2.1 1 443\r\n" + ask,
			400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, who := answered(t, announced(t, c.trusted), c.text)
			if status != c.status || status == 200 && who != c.who {
				t.Errorf("answered %d to %q, want %d to %q", status, who, c.status, c.who)
			}
		})
	}
}

// The hard cut and the pace reach the socket through the announcement.
func TestAnAnnouncedConnectionIsCutByAReset(t *testing.T) {
	f := newTransfer(64 << 20)
	h := newFixture(t, 0)
	offering(h, f)
	address := h.serve(t, func(l net.Listener) net.Listener { return web.Announced(l, onLoopback) })
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\nGET /content HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := io.CopyN(io.Discard, conn, 1<<20); err != nil {
		t.Fatal(err)
	}
	f.revoke()
	if _, err := io.Copy(io.Discard, conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it ends with %v, want a reset", err)
	}
	f.ended(t)
}
