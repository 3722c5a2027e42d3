package web_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Article 4(8): on a machine whose kernel holds little of what it receives, no more than 1 MiB comes through a proxy
// after a withdrawal. The network is one of its own, with the proxies' and the gateway's ends in it.
func TestOnAMachineThatHoldsLittleAProxyKeepsTheBound(t *testing.T) {
	if os.Getuid() != 0 || os.Getenv(smallBuffers) != "" {
		t.Skip("SKIPPED, NOT TESTED: a network of its own takes root")
	}
	for _, program := range []string{"ip", "nginx", "haproxy"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("SKIPPED, NOT TESTED: ", err)
		}
	}
	cmd := exec.Command("sh", "-ec", `ip link set lo up
		echo '4096 131072 262144' >/proc/sys/net/ipv4/tcp_rmem
		exec "$0" -test.run '^TestThroughRealProxies$/./a_withdrawal_cuts' -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), smallBuffers+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	said, err := cmd.CombinedOutput()
	t.Logf("%s", said)
	if err != nil {
		t.Errorf("in a network of its own: %v", err)
	}
}
