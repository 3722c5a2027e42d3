package notify_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// process is a replica or the mail server, to be killed.
type process struct {
	*exec.Cmd
	t testing.TB
}

// start runs this program in a role, until it says that it is up. A server whose port is still being let go tries
// again.
func start(t testing.TB, role string, environment ...string) *process {
	t.Helper()
	for attempt := 1; ; attempt++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), "NOTIFY_ROLE="+role), environment...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		line, _ := bufio.NewReader(out).ReadString('\n')
		if line == "ready\n" {
			p := &process{cmd, t}
			t.Cleanup(p.kill)
			return p
		}
		_ = cmd.Wait()
		if attempt == 20 {
			t.Fatalf("%s: %s", role, line)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// kill is kill -9.
func (p *process) kill() {
	if err := p.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("kill: %v", err)
	}
	_ = p.Wait() // that it was killed is what was wanted
}

// Two replicas and the mail server are killed while notices are told and sent: each notice is in one mail or in two,
// and never in none. MAIL_NOTICES says how many are told; make torture tells 10,000.
func TestWhateverIsKilledEachNoticeIsSentOnceOrTwiceAndNeverNot(t *testing.T) {
	notices := 400
	if said := os.Getenv("MAIL_NOTICES"); said != "" {
		var err error
		notices, err = strconv.Atoi(said)
		must(t, err)
	}
	w := newWorld(t)
	var people []article4.PersonID
	for i := range notices / 4 {
		people = append(people, w.person(wco, fmt.Sprint("p", i), fmt.Sprintf("p%d@wco.example", i), false))
	}
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	must(t, free.Close())
	dir := t.TempDir()
	environment := []string{"NOTIFY_DIR=" + dir, "NOTIFY_PORT=" + port, "NOTIFY_URL=" + w.url,
		"NOTIFY_KEYSETS=" + w.keysets}
	server := start(t, "server", environment...)
	replicas := []*process{start(t, "worker", environment...), start(t, "worker", environment...)}

	told := make(chan map[string]bool, 1)
	go func() { told <- w.tellMany(people, notices) }()
	taken := func() int {
		files, _ := filepath.Glob(filepath.Join(dir, "mails", "*.eml")) // the pattern is good
		return len(files)
	}
	began := time.Now()
	kills := []func(){
		func() { replicas[0].kill(); replicas[0] = start(t, "worker", environment...) },
		func() { server.kill(); server = start(t, "server", environment...) },
		func() { replicas[1].kill(); replicas[1] = start(t, "worker", environment...) },
		func() { server.kill(); replicas[0].kill(); replicas[1].kill() },
	}
	for i, kill := range kills {
		for wanted := (i + 1) * notices / 40; taken() < wanted; time.Sleep(10 * time.Millisecond) {
			if time.Since(began) > 20*time.Minute {
				t.Fatalf("after %s %d mails were taken", time.Since(began), taken())
			}
		}
		kill()
	}
	numbers := <-told
	server = start(t, "server", environment...)
	replicas[0], replicas[1] = start(t, "worker", environment...), start(t, "worker", environment...)
	for w.waiting() > 0 {
		if time.Sleep(100 * time.Millisecond); time.Since(began) > 20*time.Minute {
			t.Fatalf("after %s %d wait still", time.Since(began), w.waiting())
		}
	}
	w.eachOnceOrTwice(dir, numbers, time.Since(began))
}

// tellMany puts notices before people in turn, a hundred a transaction.
func (w *world) tellMany(people []article4.PersonID, notices int) map[string]bool {
	told := map[string]bool{}
	for len(told) < notices {
		err := w.db.InTx(w.t.Context(), func(tx *postgres.Tx) error {
			for range min(100, notices-len(told)) {
				n := register.Notice{To: wco, Person: people[len(told)%len(people)]}
				if err := w.telling(tx, &n); err != nil {
					return err
				}
				told[n.ID] = true
			}
			return nil
		})
		if err != nil {
			w.t.Error(err)
			return told
		}
	}
	return told
}

// waiting is how much is to be sent still.
func (w *world) waiting() int {
	var n int
	w.in(func(tx *postgres.Tx) error {
		return postgres.Gorm(tx).Raw(`SELECT (SELECT count(*) FROM notice_unsent) +
			(SELECT count(*) FROM mail WHERE state <> 'sent')`).Scan(&n).Error
	})
	return n
}

var noticeNumber = regexp.MustCompile(`not_[0-9a-z]+`)

func (w *world) eachOnceOrTwice(dir string, numbers map[string]bool, took time.Duration) {
	w.t.Helper()
	sent, err := devstack.SentIn(dir)
	must(w.t, err)
	times := map[string]int{}
	for _, m := range sent {
		in := map[string]bool{}
		for _, number := range noticeNumber.FindAllString(m.Text, -1) { // in each language
			in[number] = true
		}
		for number := range in {
			times[number]++
		}
	}
	never, twice := 0, 0
	for number := range numbers {
		switch times[number] {
		case 0:
			never++
		case 1:
		case 2:
			twice++
		default:
			w.t.Errorf("notice %s is in %d mails", number, times[number])
		}
	}
	if never > 0 || len(times) != len(numbers) {
		w.t.Errorf("%d of %d notices are in no mail; %d numbers are in mails", never, len(numbers), len(times))
	}
	w.t.Logf("%d notices in %d mails, %d of them twice, in %s", len(numbers), len(sent), twice,
		took.Round(time.Second))
}
