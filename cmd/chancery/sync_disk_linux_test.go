package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts one in memory, which takes root.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("chancery-test", dir, "tmpfs", 0, "mode=0755,size="+size); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// fill takes what is left of a disk, and answers how to give it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, ".ballast")
	f, err := os.Create(path)
	must(t, err)
	for _, piece := range []int{4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, piece))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() { must(t, errors.Join(f.Close(), os.Remove(path))) }
}

// A full disk, in either direction: the pass fails and says why, nothing is there in part, and the next pass with room
// goes on.
func TestAFullDiskLeavesNothingInPartAndNothingTwice(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gtas.out, gotravel.in = smallDisk(t, "4m"), smallDisk(t, "4m")
	gotravel.everything()
	long := arrivals(t, "FULL") + strings.Repeat("FTX+AAI+++LINE'\n", 4<<10) // 64 KiB
	title := gtas.puts("long.edi", long, "org_unoct")
	free := fill(t, gtas.out)
	if said := gtas.syncs(exitFailure); !strings.Contains(said, "no space left on device") {
		t.Errorf("it is not said that the disk is full: %s", said)
	}
	free()
	gtas.syncs(exitDone)
	found := gtas.documents(title)
	if len(found) != 1 {
		t.Fatalf("deposited %d times", len(found))
	}
	gotravel.asks(found[0], "focal.wco")
	for _, room := range []int{0, 16 << 10} { // none, and too little for the file
		free := fill(t, gotravel.in)
		must(t, os.Truncate(filepath.Join(gotravel.in, ".ballast"), size(t, filepath.Join(gotravel.in,
			".ballast"))-int64(room)))
		said := gotravel.syncs(exitFailure)
		if taken := gotravel.loads(); taken != 0 || !strings.Contains(said, "no space left on device") {
			t.Errorf("with room for %d bytes %d files are there: %s", room, taken, said)
		}
		free()
	}
	gotravel.syncs(exitDone)
	if taken := gotravel.loads(); taken != 1 || !holds(gotravel.loaded, long) {
		t.Errorf("loaded %d times", taken)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}
