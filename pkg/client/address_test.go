package client_test

import (
	"context"
	"testing"

	"chancery.example/gateway/pkg/client"
)

// A token leaves this machine under TLS alone (ASVS V12.2.1).
func TestATokenLeavesThisMachineUnderTLSAlone(t *testing.T) {
	for server, want := range map[string]bool{
		"https://chancery.example.int": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true,
		"http://localhost:8080": true, "http://chancery.example.int": false, "http://192.0.2.1": false,
		"http://127.0.0.1.example.int": false, "ftp://127.0.0.1": false, "chancery.example.int": false,
	} {
		_, err := client.New(client.Config{Server: server,
			Token: func(context.Context) (string, error) { return "t", nil }})
		if (err == nil) != want {
			t.Errorf("%s: %v", server, err)
		}
	}
}
