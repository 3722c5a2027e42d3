package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func healthCommand(env environment) *cobra.Command {
	var path string
	var all, live bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the gateway of this machine whether it is well",
		Long: "health asks the admin listener (admin_listen) and ends with exit code 0 or 1: whether a load balancer " +
			"should\n" +
			"send to it, with --all whether every part is well, with --live whether the process answers at all. " +
			"Restart on\n" +
			"the last alone: a gateway goes on by itself when its parts are back.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			question := "/readyz"
			switch {
			case live:
				question = "/livez"
			case all:
				question = "/readyz?all"
			}
			cfg, _ := load(path, env.variables) // whatever else is wrong with it is not asked
			return health(ctx, cfg.AdminListen, question, env)
		}),
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&all, "all", false, "want every part to be well")
	cmd.Flags().BoolVar(&live, "live", false, "want the process to answer, whatever its parts do")
	return cmd
}

func health(ctx context.Context, address, question string, env environment) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return faultAt("admin_listen", err, "write HOST:PORT")
	}
	if everywhere(host) {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+question, nil)
	if err != nil {
		return faultAt("admin_listen", err, "write HOST:PORT")
	}
	direct := &http.Client{Transport: &http.Transport{}} // no proxy of the environment stands between
	resp, err := direct.Do(req)
	if err != nil {
		return fmt.Errorf("nobody answers at admin_listen, %s: %w", address, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(env.stdout, io.LimitReader(resp.Body, 1<<10)); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return &failure{code: exitFailure}
	}
	return nil
}
