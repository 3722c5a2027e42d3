package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/client"
)

// rawCall is a call as somebody types it.
type rawCall struct {
	method, input, key string
	headers            []string
}

func apiCommand(env environment, with withGateway) *cobra.Command {
	var raw rawCall
	cmd := &cobra.Command{
		Use:   "api PATH",
		Short: "Make one call of the API, and print what it answers",
		Long: "api makes a call below /api/v1: chancery api /requests?box=inbox. With --input it is a POST. What an " +
			"act " +
			"answers is\nprinted as it came, on a terminal so that it plays no tricks there. What waits for a second " +
			"person ends with 8.",
		Args: cobra.ExactArgs(1),
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			call, err := raw.call(env, args[0])
			if err != nil {
				return err
			}
			response, err := g.Do(ctx, call)
			if err != nil {
				return refused(err)
			}
			defer response.Body.Close()
			if err := printRaw(env, response); err != nil {
				return err
			}
			// A leak that is told is 202 too, and waits for nobody's confirmation.
			if at := response.Header.Get("Location"); response.StatusCode == http.StatusAccepted &&
				strings.Contains(at, "/confirmations/") {
				return waits(env, at)
			}
			return nil
		}),
	}
	cmd.Flags().StringVarP(&raw.method, "method", "X", "", "`METHOD`; GET, or with --input POST")
	cmd.Flags().StringVar(&raw.input, "input", "", "send this `FILE` of JSON; - reads the standard input")
	cmd.Flags().StringArrayVarP(&raw.headers, "header", "H", nil, "send this `HEADER` too: 'If-Match: \"…\"'")
	cmd.Flags().StringVar(&raw.key, "key", "", "the `Idempotency-Key`; a new one where not given")
	return cmd
}

func (r rawCall) call(env environment, path string) (client.Call, error) {
	path = strings.TrimPrefix(path, client.Base)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	call := client.Call{Method: r.method, Path: path, Header: http.Header{}}
	for _, header := range r.headers {
		name, value, found := strings.Cut(header, ":")
		if !found || strings.EqualFold(strings.TrimSpace(name), "Authorization") {
			return call, &failure{exitUsage, fmt.Errorf("--header %q: write Name: value; the token is sent by "+
				"itself", header)}
		}
		call.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if r.key != "" {
		call.Header.Set("Idempotency-Key", r.key)
	}
	if r.input != "" {
		text, err := inputOf(env, r.input)
		if err != nil {
			return call, err
		}
		call.Body = strings.NewReader(string(text))
	}
	if call.Method == "" {
		call.Method = http.MethodGet
		if r.input != "" {
			call.Method = http.MethodPost
		}
	}
	return call, nil
}

func inputOf(env environment, name string) ([]byte, error) {
	if name != "-" {
		return readSmall(name)
	}
	if env.stdin == nil {
		return nil, errors.New("there is no standard input")
	}
	return io.ReadAll(io.LimitReader(env.stdin, 1<<20))
}

// printRaw prints an answer as it came; on a terminal JSON is indented, and whatever else there is cannot play with it.
func printRaw(env environment, response *http.Response) error {
	if !isTerminal(env.stdout) {
		_, err := io.Copy(env.stdout, response.Body)
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if json.Valid(text) {
		return printJSON(env.stdout, json.RawMessage(text))
	}
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/") {
		return &failure{exitUsage, errors.New("what came is no text: write it to a file")}
	}
	_, err = fmt.Fprintln(env.stdout, printableLines(strings.TrimSuffix(string(text), "\n")))
	return err
}
