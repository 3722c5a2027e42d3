package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

func logCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "log",
		Short: "Read the disclosure log, as an auditor of a Party; every reading of the gateway is recorded"}
	group.AddCommand(exportCommand(env, with), checkpointCommand(env, with), listCommand(env, with),
		viewCommand(env, with), receiptCommand(env, with),
		accountingCommand(env))
	return group
}

// filterFlags are the filters of list and export, by the names that the API has for them.
func filterFlags(cmd *cobra.Command) func() url.Values {
	values := map[string]*string{}
	for name, what := range map[string]string{
		"since": "entries of this `INSTANT` (RFC 3339) or later", "until": "entries before this `INSTANT`",
		"organisation": "of this `ORGANISATION`'s people",
		"document":     "about this `DOCUMENT`", "kind": "of this `KIND`: disclosure, consent, withdrawal, …",
		"outcome":   "`permit` or refuse",
		"paragraph": "refused for this `PARAGRAPH`, such as 4(8)",
	} {
		values[name] = cmd.Flags().String(name, "", what)
	}
	return func() url.Values {
		query := url.Values{}
		for name, value := range values {
			if *value != "" {
				query.Set(name, *value)
			}
		}
		return query
	}
}

func exportCommand(env environment, with withGateway) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export -o FILE",
		Short: "Take a bundle: the whole log, opened as far as it concerns your Party",
		Long:  "export writes a bundle for chancery verify. A filter counts a view of it and leaves nothing out.",
		Args:  cobra.NoArgs,
	}
	filter := filterFlags(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the bundle to `FILE`")
	cmd.RunE = with(func(ctx context.Context, g *gateway, _ []string) error {
		if out == "" {
			return &failure{exitUsage, errors.New("where to? Give -o FILE")}
		}
		asked := map[string]string{}
		for name := range filter() {
			asked[name] = filter().Get(name)
		}
		text, err := json.Marshal(asked)
		if err != nil {
			return err
		}
		body, err := g.call(ctx, http.MethodPost, "/log/exports", nil, bytes.NewReader(text))
		if err != nil {
			return err
		}
		defer body.Close()
		n, err := writeWhole(out, body)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "%s: %d bytes. Verify it with: chancery verify %s --key FILE\n", out, n, out)
		return nil
	})
	return cmd
}

// writeWhole makes the file appear when everything is in it, and not before.
func writeWhole(path string, r io.Reader) (n int64, err error) {
	err = disk.Make(path, func(w io.Writer) (err error) {
		n, err = io.Copy(w, r)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the gateway broke off after %d bytes, and its operator can say why: a log with a hole "+
				"is not exported", n)
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("write %s: %w", path, err)
	}
	return n, err
}

func checkpointCommand(env environment, with withGateway) *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Print the newest signed checkpoint; keep it for verify --since",
		Args:  cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error {
			return g.print(ctx, env, "/log/checkpoint")
		}),
	}
}

func receiptCommand(env environment, with withGateway) *cobra.Command {
	return &cobra.Command{
		Use:   "receipt DISCLOSURE | ENTRY",
		Short: "Print the receipt of a disclosure, or of an act of your own; keep it for verify --receipts",
		Args:  cobra.ExactArgs(1),
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			path := "/disclosures/" + url.PathEscape(args[0]) + "/receipt"
			if strings.HasPrefix(args[0], "ent_") {
				path = "/receipts/" + url.PathEscape(args[0])
			}
			return g.print(ctx, env, path)
		}),
	}
}

func viewCommand(env environment, with withGateway) *cobra.Command {
	return &cobra.Command{
		Use:   "view ENTRY",
		Short: "Print one entry as JSON, with everything that opens it",
		Args:  cobra.ExactArgs(1),
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			body, err := g.call(ctx, http.MethodGet, "/log/entries/"+url.PathEscape(args[0]), nil, nil)
			if err != nil {
				return err
			}
			defer body.Close()
			var entry json.RawMessage
			if err := json.NewDecoder(body).Decode(&entry); err != nil {
				return fmt.Errorf("entry %s: %w", args[0], err)
			}
			return printJSON(env.stdout, entry)
		}),
	}
}

// print prints an answer byte for byte; on a terminal nothing of it plays with that.
func (g *gateway) print(ctx context.Context, env environment, path string) error {
	response, err := g.Do(ctx, client.Call{Method: http.MethodGet, Path: path})
	if err != nil {
		return refused(err)
	}
	defer response.Body.Close()
	return printRaw(env, response)
}

func listCommand(env environment, with withGateway) *cobra.Command {
	l := &listing[api.LogEntry]{
		path:    "/log/entries",
		heading: []string{"INDEX", "AT", "ID", "KIND", "ORGANISATION", "DOCUMENT", "OUTCOME"},
		row: func(e api.LogEntry) []string {
			said := string(e.Outcome)
			if e.Step != nil { // the first asks, the second does
				said += ", " + string(*e.Step) + " of two"
			}
			for _, code := range *orZero(e.Reasons) {
				said += " " + string(code)
			}
			return []string{fmt.Sprint(e.Index), e.At.UTC().Format(time.RFC3339), string(e.Id), string(e.Kind),
				told(e.Organisation), told(e.Document), said}
		},
	}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the entries that concern your Party, the newest first",
		Args:  cobra.NoArgs,
	}
	filter := filterFlags(cmd)
	l.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, _ []string) error {
		l.query = filter()
		return l.print(ctx, env, g)
	})
	return cmd
}
