package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
)

// fault is why nothing was started: what "config check --online" says of it, and the error behind.
type fault struct {
	found []finding
	cause error
}

func (f *fault) Error() string {
	lines := make([]string, len(f.found))
	for i, one := range f.found {
		lines[i] = one.Key + ": " + one.Problem + "; cure: " + one.Cure
	}
	return strings.Join(lines, "\n")
}

func (f *fault) Unwrap() error { return f.cause }

// faultAt is a fault of one key; nil for no error.
func faultAt(key string, err error, cure string) error {
	if err == nil {
		return nil
	}
	return &fault{[]finding{{Key: key, Problem: oneLine(err), Cure: cure}}, err}
}

func databaseFault(key string, err error) error {
	if err == nil {
		return nil
	}
	f := &fault{}
	f.add(key, err)
	return f
}

// add is of what a database said under that key; of no error it is nothing.
func (f *fault) add(key string, err error) {
	for _, p := range postgres.Faults(err) {
		f.found = append(f.found, finding{Key: key, Problem: p.What, Cure: p.Cure})
	}
	f.cause = errors.Join(f.cause, err)
}

func storeFault(err error) error {
	var p *objects.Fault
	if errors.As(err, &p) {
		return &fault{[]finding{{Key: "store." + p.Field, Problem: p.What, Cure: p.Cure}}, err}
	}
	return faultAt("store", err, "correct it; \"chanceryd config example\" explains each key")
}

func providerFault(key string, err error) error {
	cure := "correct the address, or wait for the provider: until it answers its people get 503"
	var authority x509.UnknownAuthorityError
	if errors.As(err, &authority) || strings.Contains(err.Error(), "x509: ") {
		cure = "put the certificate of its authority among those that this machine trusts (update-ca-certificates); " +
			"or name a PEM file of all authorities that the gateway is to trust as SSL_CERT_FILE in its environment"
	}
	if strings.Contains(err.Error(), "3,072 bits") {
		cure = "have the provider change its key, or see rsa_2048"
	}
	return faultAt(key, err, cure)
}

func scannerFault(err error) error {
	cure := "start clamd; until it answers deposits get 503"
	switch {
	case errors.Is(err, fs.ErrPermission):
		cure = "let this user write to clamd's socket (its group, or LocalSocketMode)"
	case errors.Is(err, fs.ErrNotExist):
		cure = "start clamd, or write its LocalSocket"
	}
	return faultAt("malware.address", err, cure)
}

// listenFault says who may be in the way.
func listenFault(key, address string, err error) error {
	cure := "write an address of this machine"
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		cure = "end what listens there (ss -ltnp 'sport = :" + port + "'), or take another port"
	case errors.Is(err, fs.ErrPermission):
		cure = "take a port from 1024 on and redirect the other to it (nftables); or, on a machine of the gateway " +
			"alone, sysctl net.ipv4.ip_unprivileged_port_start=" + port
	}
	return faultAt(key, err, cure)
}

// foundIn are the findings that an error stands for; one that names no key is told under that key.
func foundIn(key string, err error) []finding {
	var known *fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known.found
	case errors.Is(err, context.DeadlineExceeded):
		return []finding{{Key: key, Problem: "it did not answer in time", Cure: "see that it runs and can be reached"}}
	}
	return []finding{{Key: key, Problem: oneLine(err), Cure: "see docs/operating.md"}}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
