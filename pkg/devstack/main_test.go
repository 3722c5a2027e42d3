package devstack_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
)

// roleVariable makes this test binary play another process: an owner of parts that gets killed.
const roleVariable, dirVariable = "DEVSTACK_TEST_ROLE", "DEVSTACK_TEST_DIR"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "own-postgres", "own-paused-postgres":
		ownPostgres(os.Getenv(dirVariable), os.Getenv(roleVariable) == "own-paused-postgres")
	case "own-store":
		ownStore(os.Getenv(dirVariable))
	}
	os.Exit(1)
}

// ownPostgres starts a cluster, prints its processes, and waits to be killed.
func ownPostgres(dir string, pause bool) {
	p, err := devstack.StartPostgres(context.Background(), devstack.PostgresConfig{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	pids := p.Pids()
	if pause {
		if err := p.Pause(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}
	awaitKill(pids)
}

func ownStore(dir string) {
	s, err := devstack.StartStore(context.Background(), devstack.StoreConfig{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	awaitKill(s.Pids())
}

func awaitKill(pids []int) {
	fmt.Println(strings.Trim(fmt.Sprint(pids), "[]"))
	time.Sleep(time.Minute)
}

// killedOwner runs this binary in the role, reads the processes it owns, and kills it with SIGKILL.
func killedOwner(t *testing.T, role, dir string) []int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatalf("the owner printed nothing: %v", err)
	}
	var pids []int
	for _, word := range strings.Fields(string(line[:n])) {
		var pid int
		if _, err := fmt.Sscan(word, &pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if len(pids) == 0 || syscall.Kill(pids[0], 0) != nil {
		t.Fatalf("the owner's child does not run: %v", pids)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return pids
}

// alive tells which of the processes still run; one that ended and was not collected does not count.
func alive(pids []int) []int {
	var left []int
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err == nil && !strings.Contains(string(stat), ") Z ") {
			left = append(left, pid)
		}
	}
	return left
}

func requireGone(t *testing.T, pids []int) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for len(alive(pids)) > 0 {
		if time.Now().After(end) {
			left := alive(pids)
			for _, pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			t.Fatalf("processes outlived their owner: %v", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
