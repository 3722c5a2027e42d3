package devstack

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// fileLock is held by one process at a time and ends with it.
type fileLock struct{ file *os.File }

var errLocked = errors.New("in use by another process")

// tryLock takes the lock at path or answers errLocked.
func tryLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &fileLock{file}, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// release may be called on nil and twice.
func (l *fileLock) release() {
	if l != nil {
		l.file.Close()
	}
}

// waitUntil calls done every step until it answers true or limit has passed.
func waitUntil(limit, step time.Duration, done func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(step) {
		if done() {
			return true
		}
	}
	return done()
}
