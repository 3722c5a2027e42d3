package stamp

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"chancery.example/gateway/pkg/stamp/pdfium"
)

// cacheDirectory is where the machine code of pdfium is kept for the next child; nothing of any document is. It is the
// first of these that belongs to this user alone: what systemd gives, the user's cache, the temporary directory, and
// the memory file system, which a container has even where all else can only be read. Empty where there is none: then
// every child compiles it, which takes seconds.
func cacheDirectory() string {
	own := fmt.Sprintf("chancery-%d", os.Geteuid())
	var candidates []string
	if dir := os.Getenv("CACHE_DIRECTORY"); filepath.IsAbs(dir) {
		candidates = append(candidates, dir)
	}
	if dir, err := os.UserCacheDir(); err == nil && filepath.IsAbs(dir) {
		candidates = append(candidates, filepath.Join(dir, "chancery"))
	}
	candidates = append(candidates, filepath.Join(os.TempDir(), own), filepath.Join("/dev/shm", own))
	for _, dir := range candidates {
		if dir = filepath.Join(dir, "pdfium"); ownedAlone(filepath.Dir(dir)) && ownedAlone(dir) {
			return dir
		}
	}
	return ""
}

// filledCache has pdfium compiled before the first child needs it: that takes longer, and more memory, than a child is
// given.
func filledCache() (string, error) {
	dir := cacheDirectory()
	if dir == "" {
		return "", nil
	}
	return dir, pdfium.Compile(dir)
}

// ownedAlone makes the directory if it is missing, and tells whether nobody else can write to it: whoever can decides
// what the child runs.
func ownedAlone(dir string) bool {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false
	}
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Uid == uint32(os.Geteuid()) && syscall.Access(dir, 7) == nil
}
