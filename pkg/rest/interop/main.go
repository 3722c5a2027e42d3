// Command interop is a forward proxy that listens to what a client and a gateway say to each other, and judges both by
// api/openapi.yaml with a validator that is none of ours (pb33f/libopenapi-validator). It changes nothing that passes.
//
//	interop -contract api/openapi.yaml -address FILE -report FILE
//
// The address that it listens on is written to FILE; a client that takes it for its HTTP proxy is heard. A violation is
// an answer that the contract does not promise, and a success given to a request that the contract forbids. What a test
// asks wrongly on purpose is answered with a problem, and that answer is judged. On SIGTERM it says how many exchanges
// it heard, prints each violation once, and ends with 1 where there were any.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("interop", flag.ContinueOnError)
	contract := flags.String("contract", "api/openapi.yaml", "the contract")
	address := flags.String("address", "", "file that the address is written to")
	report := flags.String("report", "", "file that the report is written to; else standard output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*contract)
	if err != nil {
		return err
	}
	judge, err := newJudge(text)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newProxy(judge), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if *address != "" {
		if err := os.WriteFile(*address, []byte("http://"+listener.Addr().String()), 0o644); err != nil {
			return err
		}
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(grace) // what hangs is not waited for
	out := os.Stdout
	if *report != "" {
		if out, err = os.Create(*report); err != nil {
			return err
		}
		defer out.Close()
	}
	if violations := judge.report(out); violations > 0 {
		return fmt.Errorf("%d violations of the contract", violations)
	}
	if judge.heard() == 0 {
		return errors.New("nothing was heard")
	}
	return nil
}
