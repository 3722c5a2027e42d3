package web_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"chancery.example/gateway/pkg/devstack/devtest"
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
	// A container's root may neither make a network nor set what its kernel holds: that is no fault of the proxies.
	const cannot = 77
	cmd := exec.Command("sh", "-ec", `ip link set lo up && echo '4096 131072 262144' >/proc/sys/net/ipv4/tcp_rmem ||
			exit 77
		exec "$0" -test.run '^TestThroughRealProxies$/./a_withdrawal_cuts' -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), smallBuffers+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	said, err := cmd.CombinedOutput()
	t.Logf("%s", said)
	var ended *exec.ExitError
	switch {
	case errors.Is(err, syscall.EPERM) || errors.As(err, &ended) && ended.ExitCode() == cannot:
		t.Skip("SKIPPED, NOT TESTED: a network of its own cannot be made here: ", err)
	case err != nil:
		t.Errorf("in a network of its own: %v", err)
	}
	for name := range devtest.Fronts() {
		if !strings.Contains(string(said), "--- PASS: TestThroughRealProxies/"+name+"/a_withdrawal_cuts ") {
			t.Errorf("nothing was tried through %s", name)
		}
	}
}
