package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

// answered is how a command prints what came: as rows, or the fields that --json names.
type answered struct{ fields string }

func (a *answered) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.fields, "json", "", "print these `FIELDS` as JSON, separated by commas; all of them: all")
}

// listing is a list of the API, and how a line of it is printed.
type listing[T any] struct {
	answered
	path    string
	query   url.Values
	limit   int
	heading []string
	row     func(T) []string
}

func (l *listing[T]) flags(cmd *cobra.Command) {
	l.answered.flags(cmd)
	cmd.Flags().IntVar(&l.limit, "limit", 50, "at most `N` of them; where there are more, the standard error says so")
}

// filters are flags that go into the query under their own names.
func (l *listing[T]) filters(cmd *cobra.Command, flags map[string]string) {
	l.query = url.Values{}
	for name, what := range flags {
		cmd.Flags().Var(queryValue{l.query, name}, name, what)
	}
}

// queryValue is a flag that stands in a query once it is given.
type queryValue struct {
	query url.Values
	name  string
}

func (q queryValue) String() string     { return "" }
func (q queryValue) Type() string       { return "string" }
func (q queryValue) Set(v string) error { q.query.Set(q.name, v); return nil }

func (l *listing[T]) print(ctx context.Context, env environment, g *gateway) error {
	if l.query == nil {
		l.query = url.Values{}
	}
	more, left := false, 0
	err := l.printEach(env, func(visit func(json.RawMessage) error) (err error) {
		more, left, err = g.first(ctx, l.path, l.query, l.limit, visit)
		return err
	})
	if err == nil && more && l.limit > 0 {
		fmt.Fprintf(env.stderr, "There are more than these %d; --limit N shows as many as N.\n", l.limit)
	}
	if err == nil && left > 0 {
		fmt.Fprintf(env.stderr, "Not shown, since altered outside of the gateway: %d. "+
			"The auditors of both Parties are told.\n", left)
	}
	return err
}

// printEach prints things wherever they come from, each as JSON.
func (l *listing[T]) printEach(env environment, each func(visit func(json.RawMessage) error) error) error {
	fields, err := pick[T](l.fields)
	if err != nil {
		return err
	}
	chosen, rows := []json.RawMessage{}, [][]string{}
	err = each(func(raw json.RawMessage) error {
		if l.fields != "" {
			one, err := fields.of(raw)
			chosen = append(chosen, one)
			return err
		}
		var item T
		if err := json.Unmarshal(raw, &item); err != nil {
			return err
		}
		rows = append(rows, l.row(item))
		return nil
	})
	if err != nil {
		return err
	}
	if l.fields != "" {
		return printJSON(env.stdout, chosen)
	}
	return env.table(l.heading, rows)
}

// each reads page after page of a list, up to limit things.
func (g *gateway) each(ctx context.Context, path string, query url.Values, limit int,
	visit func(json.RawMessage) error) error {
	_, _, err := g.first(ctx, path, query, limit, visit)
	return err
}

// first is each, and reports whether there are more than limit, and how many the gateway left out since they were
// altered.
func (g *gateway) first(ctx context.Context, path string, query url.Values, limit int,
	visit func(json.RawMessage) error) (more bool, left int, err error) {
	for limit >= 0 { // one more is looked for than is wanted
		query.Set("limit", fmt.Sprint(min(limit, 199)+1))
		body, err := g.call(ctx, http.MethodGet, path, query, nil)
		if err != nil {
			return false, left, err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
			Left  int               `json:"left_out"`
		}
		err = json.NewDecoder(body).Decode(&page)
		body.Close()
		if err != nil {
			return false, left, fmt.Errorf("list: %w", err)
		}
		for _, raw := range page.Items[:min(limit, len(page.Items))] {
			if err := visit(raw); err != nil {
				return false, left, err
			}
		}
		limit -= len(page.Items)
		left += page.Left
		if page.Next == "" { // a page may be empty and still be followed by another
			break
		}
		if page.Next == query.Get("after") {
			return false, left, fmt.Errorf("%s: the list leads round in a circle", path)
		}
		query.Set("after", page.Next)
	}
	return limit < 0, left, nil
}

// show reads one thing and prints it; rows make lines of it where --json does not.
func show[T any](ctx context.Context, env environment, g *gateway, path string, a answered,
	rows func(T) [][2]string) (T, error) {
	var thing T
	fields, err := pick[T](a.fields)
	if err != nil {
		return thing, err
	}
	body, err := g.call(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return thing, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return thing, err
	}
	if err := json.Unmarshal(text, &thing); err != nil {
		return thing, fmt.Errorf("%s: %w", path, err)
	}
	if a.fields != "" {
		one, err := fields.of(text)
		if err != nil {
			return thing, err
		}
		return thing, printJSON(env.stdout, one)
	}
	return thing, printRows(env.stdout, rows(thing))
}

// printMade prints what an act made: its identifier, or the fields that --json names.
func printMade[T any](env environment, a answered, made T, id string) error {
	if a.fields == "" {
		_, err := fmt.Fprintln(env.stdout, printable(id))
		return err
	}
	fields, err := pick[T](a.fields)
	if err != nil {
		return err
	}
	text, err := json.Marshal(made)
	if err != nil {
		return err
	}
	one, err := fields.of(text)
	if err != nil {
		return err
	}
	return printJSON(env.stdout, one)
}

// told is a pointer's value as text; nothing where there is none.
func told[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}

// under escapes what somebody typed into an address below another.
func under(collection, id string, more ...string) string {
	path := "/" + collection + "/" + url.PathEscape(id)
	for _, part := range more {
		path += "/" + part
	}
	return path
}
