package devtest

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Each test has a database of its own, and dropping one has PostgreSQL write everything that any test changed to its
// disk. A cluster of tests need not outlive the machine, so where there is room its data lies in memory: PostgreSQL
// is asked for the same durability, and nobody waits for a disk. Files in memory outlive a killed server as files on
// a disk do.
const (
	memory = "/dev/shm"
	// roomInMemory is what must be free, in bytes. A cluster has at most maxWAL and some databases of 12 MB.
	roomInMemory = 4 << 30
	alive        = "alive" // locked while the process lives that made the directory
)

// inMemory makes a directory in memory that goes with this process, or answers an empty name: the disk serves as well.
func inMemory() (dir string, kept *os.File) {
	sweepMemory()
	if !roomy() {
		return "", nil
	}
	dir, err := os.MkdirTemp(memory, "chancery-test-")
	if err != nil {
		return "", nil
	}
	if kept, err = locked(filepath.Join(dir, alive), os.O_CREATE); err != nil {
		os.RemoveAll(dir)
		return "", nil
	}
	return dir, kept
}

// locked opens a file and holds it; an error says that somebody else does, or that it is not there.
func locked(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// sweepMemory removes what processes that were killed left in memory. One that is only beginning has no lock yet.
func sweepMemory() {
	left, _ := filepath.Glob(filepath.Join(memory, "chancery-test-*"))
	for _, dir := range left {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if file, err := locked(filepath.Join(dir, alive), 0); err == nil {
			os.RemoveAll(dir)
			file.Close()
		}
	}
}

// roomy is whether the file system in memory, the machine and the group of processes of this one have room.
func roomy() bool {
	var stat syscall.Statfs_t
	if syscall.Statfs(memory, &stat) != nil || stat.Bavail*uint64(stat.Bsize) < roomInMemory {
		return false
	}
	limit, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if bytes, none := strconv.ParseUint(strings.TrimSpace(string(limit)), 10, 64); err == nil && none == nil &&
		bytes < 2*roomInMemory {
		return false
	}
	return available() >= roomInMemory
}

// available is the memory that the kernel would give to somebody who asks, in bytes.
func available() uint64 {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 1 && fields[0] == "MemAvailable:" {
			kib, _ := strconv.ParseUint(fields[1], 10, 64)
			return kib << 10
		}
	}
	return 0
}
