package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	// called is a command line, up to what ends it there.
	called = regexp.MustCompile(`(?:^|[ (/])chanceryd ((?:[a-z][a-z-]*|--)[^|;)>#&]*)`)
	// quoted is what stands between backquotes or quotation marks.
	quoted = regexp.MustCompile("`([^`\n]+)`|\"([^\"\n]+)\"")
)

// Whoever is woken copies what the pages say.
func TestPagesNameOnlyCommandsAndFlagsThatThereAre(t *testing.T) {
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, page := range append(found, "../../README.md", "../../deploy/gateway.example.yaml") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range linesOf(string(text)) {
			for _, command := range called.FindAllStringSubmatch(line, -1) {
				looked++
				if unknown := unknownOf(command[1]); unknown != "" {
					t.Errorf("%s: there is no %q in %q", page, unknown, line)
				}
			}
		}
	}
	if looked < 40 {
		t.Errorf("only %d commands were looked for", looked)
	}
	for line, want := range map[string]string{"log check --config X": "", "log chekc": "chekc",
		"log check --keep X": "--keep", "sevre": "sevre"} {
		if got := unknownOf(line); got != want {
			t.Errorf("of %q it says %q, want %q", line, got, want)
		}
	}
}

// linesOf are the lines of a page's blocks, and what its prose quotes.
func linesOf(page string) []string {
	var lines []string
	block := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			block = !block
		case block:
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		default:
			for _, span := range quoted.FindAllStringSubmatch(line, -1) {
				lines = append(lines, span[1]+span[2])
			}
		}
	}
	return lines
}

// unknownOf is the first word of a command line that is no command, or no flag of it; prose behind a command is let
// pass.
func unknownOf(line string) string {
	command := commands(environment{stdout: io.Discard, stderr: io.Discard})
	for _, word := range strings.Fields(line) {
		next, flag := childOf(command, word), strings.HasPrefix(word, "--")
		switch {
		case flag && command.Flag(strings.SplitN(word[2:], "=", 2)[0]) == nil && word != "--help":
			return word
		case flag:
		case next != nil:
			command = next
		case command.HasSubCommands() && !command.Runnable():
			return word
		}
	}
	return ""
}

func childOf(command *cobra.Command, word string) *cobra.Command {
	for _, child := range command.Commands() {
		if child.Name() == word {
			return child
		}
	}
	return nil
}

// A purpose bears the name that the Arrangement file gives it in the reader's language.
func TestPagesNamePurposesInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	p := look(t)
	for language, name := range map[string]string{
		"en": "Passenger data in maritime travel",
		"fr": "Données sur les passagers dans le transport maritime",
	} {
		b := in(t, p.BaseURL, "staff.wco", language)
		if page := b.send("/documents", nil); !strings.Contains(page.body, name) {
			t.Errorf("%s: no purpose is called %q", language, name)
		}
	}
}
