// Command bench measures the gateway as its people meet it: chanceryd as it is shipped, in a process of its own, over
// HTTP, with PostgreSQL, an S3 server and identity providers on the same machine. What it is compared with runs in
// between, in the same run: the S3 server without the gateway, a proxy without rules and sealing, PostgreSQL without
// the log.
//
//	go run ./pkg/bench [-only transfers,disclosures] [-rounds 5] [-documents 1000000] [-dir DIR]
//
// It prints the table of docs/performance.md. A figure is a median; its range stands behind it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// plan is what a run is asked for.
type plan struct {
	only      string
	rounds    int
	big       int64 // bytes of the large transfer
	documents int   // of the lists
	prepared  int   // documents that are disclosed
	cuts      int   // withdrawals of each kind
	dir       string
	profile   string
	keep      string // what is filled in stays here for the next run
	beside    string // another build of chanceryd
}

// part is one block of the table.
type part struct {
	name    string
	measure func(context.Context, *surroundings, plan) error
}

func parts() []part {
	return []part{
		{"binary", measureBinary},
		{"ready", measureReady},
		{"memory", measureMemory},
		{"transfers", measureTransfers},
		{"disclosures", measureDisclosures},
		{"log", measureLog},
		{"cuts", measureCuts},
		{"parts", measureParts},
		{"lists", measureLists},
		{"people", measurePeople},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == proxyCommand {
		if err := proxy(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	var p plan
	flag.StringVar(&p.only, "only", "",
		"measure these `parts` alone: binary, ready, memory, transfers, disclosures, log, cuts, parts, lists, people")
	flag.IntVar(&p.rounds, "rounds", 5, "rounds of each comparison")
	flag.Int64Var(&p.big, "big", 1<<30, "bytes of the large transfer")
	flag.IntVar(&p.documents, "documents", 1_000_000, "documents in the lists")
	flag.IntVar(&p.prepared, "prepared", 1000, "documents that are disclosed")
	flag.IntVar(&p.cuts, "cuts", 100, "withdrawals under a running download, of each kind")
	flag.StringVar(&p.dir, "dir", "/dev/shm",
		"where the S3 server keeps its objects; PostgreSQL stays in the directory for temporary files")
	flag.StringVar(&p.profile, "profile", "",
		"write profiles of the gateway during each part, of processor time and of what is allocated, into this "+
			"`directory`")
	flag.StringVar(&p.keep, "keep", "",
		"keep what the part people fills in in this `directory`, and use it again where it holds something")
	flag.StringVar(&p.beside, "beside", "",
		"another `chanceryd` that takes turns in the part people, over the same database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, p)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan) (failed error) {
	if p.rounds < 1 || p.big < 1<<20 || p.documents < 1000 || p.prepared < 1 || p.cuts < 1 {
		return errors.New("too little is asked for")
	}
	h, err := newSurroundings(ctx, p)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, h.close()) }()
	h.tellMachine()
	fmt.Println("| what | figure | range | compared with | in the same run | ratio |")
	fmt.Println("|---|---|---|---|---|---|")
	wanted := strings.Split(p.only, ",")
	for _, part := range parts() {
		if p.only != "" && !slices.Contains(wanted, part.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", part.name)
		if err := part.measure(ctx, h, p); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
