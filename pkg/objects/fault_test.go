package objects_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/vault"
)

// At night the field that is named is where one looks: an access key that is unknown is no missing bucket.
func TestACheckNamesTheFieldThatIsWrong(t *testing.T) {
	_, good := newStore(t)
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	defer encrypted.Close()
	over := strings.TrimPrefix(encrypted.URL, "https://")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		change func(*objects.Config)
		field  string
		says   string
	}{
		"unknown access key": {func(c *objects.Config) { c.AccessKey = "nobody" }, "access_key", "no such access key"},
		"wrong secret key":   {func(c *objects.Config) { c.SecretKey = "wrong" }, "secret_key", "not the one of"},
		"no such bucket":     {func(c *objects.Config) { c.Bucket = "nowhere" }, "bucket", "nowhere does not exist"},
		"https to http":      {func(c *objects.Config) { c.Secure = true }, "secure", "speaks HTTP"},
		"http to https":      {func(c *objects.Config) { c.Endpoint = over }, "secure", "no plain HTTP"},
		"authority unknown": {func(c *objects.Config) { c.Endpoint, c.Secure = over, true }, "ca",
			"signed by nobody"},
		"nobody there": {func(c *objects.Config) { c.Endpoint = closed.Addr().String() }, "endpoint",
			"no store answers"},
		"no such host": {func(c *objects.Config) { c.Endpoint = "store.invalid:9000" }, "endpoint",
			"no host store.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			err := open(t, config).Check(t.Context())
			var p *objects.Fault
			if !errors.As(err, &p) || p.Field != c.field || !strings.Contains(p.What, c.says) || p.Cure == "" ||
				!errors.Is(err, vault.ErrUnavailable) {
				t.Errorf("%v", err)
			}
		})
	}
	if err := open(t, good).Check(t.Context()); err != nil {
		t.Error(err)
	}
}
