package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"chancery.example/gateway/pkg/client"
	"github.com/spf13/cobra"
)

// tracing is what a clue leads to.
type tracing struct {
	Items []struct {
		CopyNumber   string `json:"copy_number"`
		By           string `json:"by"`
		Document     string `json:"document"`
		Reference    string `json:"reference"`
		Organisation string `json:"organisation"`
		Person       string `json:"person"`
		Purpose      string `json:"purpose"`
		Form         string `json:"form"`
		At           string `json:"at"`
		Disclosure   string `json:"disclosure"`
		LogEntry     string `json:"log_entry"`
	} `json:"items"`
	SHA256   string   `json:"sha256"`
	Numbers  []string `json:"numbers"`
	Unread   string   `json:"unread"`
	LogEntry string   `json:"log_entry"`
}

func traceCommand(env environment, with withGateway) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "trace FILE|NUMBER",
		Short: "Name whose copy was found, as a signatory or auditor of its Discloser; the question is recorded",
		Long: "trace takes a file that was found, a copy number, or a line off a page in quotation marks. A file is " +
			"sent to the\n" +
			"gateway, which keeps nothing of it. A number may be typed anyhow: 0 or O, with hyphens or without. What " +
			"leads to no\n" +
			"copy of your Party's documents ends with 6, whether or not there is such a copy.",
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what the gateway answers as JSON")
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		body, err := g.trace(ctx, args[0])
		if err != nil {
			return err
		}
		defer body.Close()
		var raw json.RawMessage
		var found tracing
		if err := json.NewDecoder(io.LimitReader(body, 4<<20)).Decode(&raw); err != nil {
			return fmt.Errorf("trace: %w", err)
		}
		if err := json.Unmarshal(raw, &found); err != nil {
			return fmt.Errorf("trace: %w", err)
		}
		if asJSON {
			err = printJSON(env.stdout, raw)
		} else {
			err = printTracing(env.stdout, found)
		}
		if err == nil && len(found.Items) == 0 {
			return &failure{exitNotFound, errors.New(found.nothing())}
		}
		return err
	})
	return cmd
}

// trace asks about a file, if there is one of that name, or else about the text itself.
func (g *gateway) trace(ctx context.Context, clue string) (io.ReadCloser, error) {
	f, err := os.Open(clue)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		text, err := json.Marshal(map[string]string{"text": clue})
		if err != nil {
			return nil, err
		}
		return g.call(ctx, http.MethodPost, "/trace", nil, strings.NewReader(string(text)))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is no file", clue))
	}
	response, err := g.Trace(ctx, client.File{Name: filepath.Base(clue), Size: -1, Body: f})
	if err != nil {
		return nil, refused(err)
	}
	return response.Body, nil
}

func printTracing(w io.Writer, t tracing) error {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range t.Items {
		if i > 0 {
			fmt.Fprintln(lines)
		}
		for _, row := range [][2]string{
			{"copy", c.CopyNumber}, {"found by", how(c.By)}, {"document", c.Reference + " " + c.Document},
			{"given to", c.Person + " of " + c.Organisation},
			{"for", c.Purpose}, {"form", c.Form}, {"at", c.At}, {"disclosure", c.Disclosure}, {"entry", c.LogEntry},
		} {
			fmt.Fprintf(lines, "%s\t%s\n", row[0], printable(row[1]))
		}
	}
	return lines.Flush()
}

// how says what a finding proves.
func how(by string) string {
	switch by {
	case "digest":
		return "its SHA-256: the file is the copy, byte for byte"
	case "label":
		return "the label that the file carries: the file was altered since"
	case "look-alike":
		return "a number like the one given, which was misread"
	}
	return "its number"
}

// nothing says what was looked for in vain.
func (t tracing) nothing() string {
	said := "no copy of your Party's documents is found"
	if len(t.Numbers) > 0 {
		said += " under " + strings.Join(t.Numbers, ", ")
	}
	switch t.Unread {
	case "":
	case "type":
		said += "; files of this kind carry no label, so only the SHA-256 was looked up"
	default:
		said += "; no label could be looked for in the file (" + t.Unread + "), so only its SHA-256 was"
	}
	return printable(said + "; recorded as " + t.LogEntry)
}
