package exchange_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/exchange"
)

// disk is a small one, to be filled.
type disk struct {
	dir     string
	ballast *os.File
}

// newDisk mounts one in memory, which takes root.
func newDisk(t *testing.T, size string) *disk {
	t.Helper()
	d := &disk{dir: devtest.Directory(t)}
	if err := syscall.Mount("chancery-test", d.dir, "tmpfs", 0, "mode=0755,size="+size); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// fill takes what is left, to the last byte.
func (d *disk) fill(t *testing.T) {
	t.Helper()
	var err error
	d.ballast, err = os.OpenFile(filepath.Join(d.dir, "ballast"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	for _, piece := range []int{1 << 20, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = d.ballast.Write(make([]byte, piece))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

func (d *disk) free(t *testing.T) {
	t.Helper()
	must(t, errors.Join(d.ballast.Close(), os.Remove(d.ballast.Name())))
}

func TestADepositIsRefusedWhenTheStoresDiskIsFullAndNothingOfItCanBeRead(t *testing.T) {
	d := newDisk(t, "24m")
	h := newFixtureIn(t, filepath.Join(devtest.Directory(t), "postgres"), filepath.Join(d.dir, "store"))
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	before, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	much := strings.Repeat(secret, 60_000)
	d.fill(t)
	for _, declared := range []int64{int64(len(much)), -1} {
		m := metadata()
		m.Size = declared
		_, err := g.Deposit(t.Context(), staff, m, content(much))
		refusedFor(t, err, "gateway/storage-unavailable")
	}
	h.onlyDocuments(t, 1)
	if reads(t, g, staff, before.ID) != secret {
		t.Error("what was deposited before cannot be read while the disk is full")
	}
	d.free(t)
	after, err := g.Deposit(t.Context(), staff, metadata(), content(much))
	must(t, err)
	if reads(t, g, staff, after.ID) != much {
		t.Error("the deposit after it is another")
	}
	h.onlyDocuments(t, 2)
}

// onlyDocuments wants the store to hold the objects of so many versions and nothing else that is whole.
func (h *fixture) onlyDocuments(t *testing.T, want int) {
	t.Helper()
	client, err := h.store.Client()
	must(t, err)
	var found []string
	for o := range client.ListObjects(t.Context(), h.bucket,
		minio.ListObjectsOptions{Prefix: "documents/", Recursive: true}) {
		must(t, o.Err)
		found = append(found, o.Key)
	}
	if len(found) != want || h.count(`SELECT count(*) FROM version`) != want {
		t.Errorf("the store holds %v; want the objects of %d versions", found, want)
	}
}

func reads(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DocumentID) string {
	t.Helper()
	d, err := g.Disclose(t.Context(), a, id, exchange.Reading{Form: article4.Original})
	must(t, err)
	transfer, err := g.Content(t.Context(), a, d.ID, nil)
	must(t, err)
	got, err := io.ReadAll(transfer)
	must(t, err)
	must(t, transfer.Finish(t.Context(), int64(len(got))))
	return string(got)
}

// PostgreSQL may fall over when it cannot write its log ahead; the gateway refuses, and goes on when there is room
// again.
func TestNothingIsAcknowledgedThatAFullDatabaseDidNotKeep(t *testing.T) {
	d := newDisk(t, "256m")
	h := newFixtureIn(t, filepath.Join(d.dir, "postgres"), filepath.Join(devtest.Directory(t), "store"))
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	d.fill(t)
	var acknowledged []article4.DocumentID
	refused := 0
	for deadline := time.Now().Add(20 * time.Second); refused < 3 && time.Now().Before(deadline); {
		m := metadata()
		m.Handling = strings.Repeat("Keep it closed. ", 100)
		doc, err := g.Deposit(t.Context(), staff, m, content(secret))
		if err == nil {
			acknowledged = append(acknowledged, doc.ID)
			continue
		}
		refusedFor(t, err, "gateway/log-unavailable")
		refused++
	}
	if refused == 0 {
		t.Errorf("%d deposits went through: the disk is not full", len(acknowledged))
	}
	d.free(t)
	must(t, h.db.Restart(t.Context())) // a server that fell over is started again by its operator
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
		if err == nil {
			acknowledged = append(acknowledged, doc.ID)
			break
		}
		if refusedFor(t, err, "gateway/log-unavailable"); time.Now().After(deadline) {
			t.Fatal("no recovery within 20 s")
		}
	}
	for _, id := range acknowledged {
		if reads(t, g, staff, id) != secret {
			t.Errorf("document %s is not what was deposited", id)
		}
	}
	t.Logf("%d deposits acknowledged, %d refused", len(acknowledged), refused)
	h.onlyDocuments(t, len(acknowledged))
}
