package layout_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fence     = regexp.MustCompile("(?ms)^```(?:sh|console)\n(.*?)^```")
	withWord  = regexp.MustCompile(`://[^@\s/]+:[^@\s]+@| -u +["']?[^\s"']+:`)
	addressOf = regexp.MustCompile(`(?m)^(?:export )?([A-Z]+)='?postgres://\S+`)
	readsFile = regexp.MustCompile(`--from-file=\w+=([\w-]+)|_FILE=/etc/chancery/(secrets/[\w-]+)`)
	packaged  = regexp.MustCompile(`chancery_([0-9.]+)_amd64\.deb`)
	released  = regexp.MustCompile(`RELEASE=([0-9.]+)`)
)

var pagesOfOperators = []string{"docs/serving.md", "docs/operating.md", "deploy/compose/README.md"}

// commands are the lines of a page that are typed, those that end with a backslash joined.
func commands(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	for _, block := range fence.FindAllStringSubmatch(textOf(t, page), -1) {
		all = append(all, strings.Split(strings.ReplaceAll(block[1], "\\\n", ""), "\n")...)
	}
	return all
}

// Everybody on the machine reads a command line, and an address that a variable holds is on it too. What the shell
// itself writes into a file, or gives as environment, is on none.
func TestNoPasswordStandsOnACommandLineOfThePages(t *testing.T) {
	programs := regexp.MustCompile(`(?:^|[\s/;(|])(?:psql|pg_\w+|curl|rclone|docker|kubectl)\s`)
	var tried int
	for _, page := range pagesOfOperators {
		for _, line := range commands(t, page) {
			if !programs.MatchString(line) {
				continue
			}
			if tried++; withWord.MatchString(line) {
				t.Errorf("%s: %s", page, line)
			}
		}
		for _, address := range addressOf.FindAllString(textOf(t, page), -1) {
			if withWord.MatchString(address) {
				t.Errorf("%s puts a password into a variable of its commands: %s", page, address)
			}
		}
	}
	if tried < 20 {
		t.Fatalf("only %d lines are read", tried)
	}
}

func TestEachFileThatACommandOfThePagesReadsIsWrittenByOne(t *testing.T) {
	var tried int
	for _, page := range pagesOfOperators {
		lines := commands(t, page)
		for _, line := range lines {
			for _, m := range readsFile.FindAllStringSubmatch(line, -1) {
				tried++
				written := regexp.MustCompile(`> *(?:/etc/chancery/)?` + regexp.QuoteMeta(m[1]+m[2]) + `\b`)
				if !slices.ContainsFunc(lines, written.MatchString) {
					t.Errorf("%s: nothing writes %s, which this reads: %s", page, m[1]+m[2], line)
				}
			}
		}
	}
	if tried < 2 {
		t.Fatalf("%d files are read", tried)
	}
}

func TestThePackageIsNamedAsItIsBuiltAndStartedOnceItIsConfigured(t *testing.T) {
	page := textOf(t, "docs/serving.md")
	files, releases := packaged.FindAllStringSubmatch(page, -1), released.FindAllStringSubmatch(page, -1)
	if len(files) == 0 || len(releases) == 0 {
		t.Fatalf("%q, %q", files, releases)
	}
	for _, one := range slices.Concat(files, releases) {
		if one[1] != files[0][1] || strings.Count(one[1], ".") != 2 {
			t.Errorf("%s: nfpm writes a version as three numbers, and they are of one release", one[0])
		}
	}
	if started := strings.Index(page, "systemctl enable --now chanceryd"); started < strings.Index(page, "## 6.") {
		t.Error("docs/serving.md starts the unit before there is a configuration, or never")
	}
}

// What waiting cures, the unit waits for.
func TestTheUnitIsTriedAgainForAsLongAsItTakes(t *testing.T) {
	unit := textOf(t, "deploy/systemd/chanceryd.service")
	if !strings.Contains(unit, "\nStartLimitIntervalSec=0\n") || !strings.Contains(unit, "\nRestart=on-failure\n") {
		t.Error("systemd gives the gateway up")
	}
}
