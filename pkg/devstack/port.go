package devstack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// freePort finds a port on 127.0.0.1 that nobody listens on. It stays below the range from which
// systems draw ports for outgoing connections, so that it is still free after a restart.
func freePort() (int, error) {
	for range 50 {
		port := 15000 + rand.IntN(17000)
		listener, err := net.Listen("tcp4", loopback(port))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, errors.New("no free port found on 127.0.0.1")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// portFree tells whether the given port can be listened on, and why not.
func portFree(port int) error {
	listener, err := net.Listen("tcp4", loopback(port))
	if err != nil {
		return fmt.Errorf("port %d on 127.0.0.1: %w", port, err)
	}
	return listener.Close()
}

// portAttempts bounds how often a free port is drawn again because somebody else was quicker.
const portAttempts = 5

// startOnPort starts a server on the port or, for 0, on free ones until nobody else was quicker.
func startOnPort(port int, start func(port int) error) (int, error) {
	if port != 0 {
		if err := portFree(port); err != nil {
			return 0, err
		}
		return port, start(port)
	}
	var failed error
	for range portAttempts {
		port, err := freePort()
		if err != nil {
			return 0, err
		}
		failed = start(port)
		if failed == nil || portFree(port) == nil {
			return port, failed
		}
	}
	return 0, failed
}
