package main

import "net"

// sameAddress reports whether one listener would be in the other's way: one that listens everywhere is, at its port.
func sameAddress(one, other string) bool {
	host, port, err := net.SplitHostPort(one)
	if err != nil {
		return false
	}
	otherHost, otherPort, err := net.SplitHostPort(other)
	if err != nil || port != otherPort || port == "0" {
		return false
	}
	return host == otherHost || everywhere(host) || everywhere(otherHost)
}

func everywhere(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}
