package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// watching is how events are waited for.
type watching struct {
	after   string
	kinds   []string
	request string
	count   int
}

const (
	watchWait  = 30 * time.Second // the longest that a gateway puts an answer off
	watchPause = 30 * time.Second // the longest pause before a gateway that does not answer is asked again
)

func watchCommand(env environment, with withGateway) *cobra.Command {
	var w watching
	cmd := &cobra.Command{Use: "watch", Short: "Print what happens as it is told, one JSON object a line",
		Long: "watch waits, and prints a line for each event that you may know of: its kind, its time, and the " +
			"identifiers that it is about, never a title or a name. Events are kept for 30 days. Keep the \"id\" of " +
			"the last line that you have dealt with, and go on behind it with --after: none is passed over, and one " +
			"may come twice. A line that breaks is taken up again by itself.",
		Args: cobra.NoArgs}
	cmd.Flags().StringVar(&w.after, "after", "", "go on behind the event with this `ID`; from the earliest that is "+
		"kept where not given")
	cmd.Flags().StringSliceVar(&w.kinds, "kind", nil, "only events of this `KIND`, such as in-force; may be repeated")
	cmd.Flags().StringVar(&w.request, "request", "", "only events about this `REQUEST`")
	cmd.Flags().IntVar(&w.count, "count", 0, "end after `N` of them; 0: never")
	cmd.RunE = with(func(ctx context.Context, g *gateway, _ []string) error { return w.watch(ctx, env, g) })
	return cmd
}

// watch goes on until ctx ends, until enough was printed, or until the gateway refuses.
func (w *watching) watch(ctx context.Context, env environment, g *gateway) error {
	broken, cause := 0, ""
	for printed := 0; ; {
		page, err := g.Events(ctx, w.after, watchWait)
		if away(err) && ctx.Err() == nil {
			broken++
			if said := err.Error(); said != cause { // each once, as long as it stays the same
				cause = said
				fmt.Fprintf(env.stderr, "The gateway does not answer as it should; it is asked again. %s\n",
					printable(said))
			}
			if err := pause(ctx, max(min(watchPause, time.Second<<min(broken-1, 5)), retryAfter(err))); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return refused(err)
		}
		if broken > 0 {
			fmt.Fprintln(env.stderr, "The gateway answers again.")
		}
		broken, cause = 0, ""
		for _, e := range page.Items {
			w.after = string(e.Id)
			if !w.wanted(e) {
				continue
			}
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(env.stdout, escaped(string(line))); err != nil {
				return err
			}
			if printed++; printed == w.count {
				return nil
			}
		}
	}
}

func (w *watching) wanted(e api.Event) bool {
	return (len(w.kinds) == 0 || slices.Contains(w.kinds, string(e.Kind))) &&
		(w.request == "" || told(e.Request) == w.request)
}

// away reports whether the gateway may answer when it is asked again: the line broke, or a part of it is away.
func away(err error) bool {
	var problem *client.Problem
	if errors.As(err, &problem) {
		return problem.Status >= http.StatusInternalServerError || problem.Status == http.StatusTooManyRequests
	}
	var failed *failure
	return err != nil && !errors.As(err, &failed)
}

// retryAfter is how long the gateway wants to be left alone, where it says so.
func retryAfter(err error) time.Duration {
	var problem *client.Problem
	if errors.As(err, &problem) {
		return problem.RetryAfter
	}
	return 0
}

func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
