package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// What pkg/web does with proxies is tested there; here, that serve is told which ones, and how they tell.
func TestServeBelievesTheProxiesThatItsConfigurationNames(t *testing.T) {
	s, _, _ := standing(t)
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.config, strings.Replace(string(text), "trusted_proxies: []", "trusted_proxies: [127.0.0.1]", 1))
	const announced = "PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n"
	const ask = "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 198.51.100.8\r\n\r\n"
	for name, c := range map[string]struct{ protocol, text, caller string }{
		"by a header":           {"false", ask, "198.51.100.8"},
		"by the PROXY protocol": {"true", announced + ask, "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var log lockedBuffer
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, []string{"serve", "--config", s.config}, environment{stdout: &log, stderr: &log,
					variables: []string{"CHANCERY_PROXY_PROTOCOL=" + c.protocol}})
			}()
			becomes(t, "ready", 200, func() int { return ready(t, s.admin) })
			conn, err := net.Dial("tcp", s.base)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, c.text); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			cancel()
			if code := <-ended; code != 0 || response.StatusCode != http.StatusUnauthorized ||
				!strings.Contains(log.String(), `"remote":"`+c.caller+`"`) {
				t.Errorf("exit %d, answered %d:\n%s", code, response.StatusCode, log.String())
			}
		})
	}
}
