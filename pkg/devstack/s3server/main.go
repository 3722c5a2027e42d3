//go:build ignore

// Command chancery-s3 is the S3 server of the demo and of the tests: versitygw over a directory.
//
// It has a module of its own (server.mod, server.sum) so that the gateway's go.mod carries none of
// its dependencies. Package devstack embeds these three files and builds them once for each machine;
// the build constraint keeps the file out of the gateway's own packages.
//
// It listens where -listen says and takes its credentials from S3_ACCESS_KEY and S3_SECRET_KEY, so
// that they stand in no process list. It ends on SIGTERM or SIGINT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chancery-s3:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("chancery-s3", flag.ContinueOnError)
	dir := flags.String("dir", "", "directory that holds the buckets")
	sidecar := flags.String("sidecar", "", "directory for metadata, where the file system has no extended attributes")
	listen := flags.String("listen", "127.0.0.1:0", "address to listen on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	access, secret := os.Getenv("S3_ACCESS_KEY"), os.Getenv("S3_SECRET_KEY")
	if *dir == "" || access == "" || secret == "" {
		return errors.New("-dir, S3_ACCESS_KEY and S3_SECRET_KEY are required")
	}
	store, err := metadata(*dir, *sidecar)
	if err != nil {
		return err
	}
	backend, err := posix.New(*dir, store, posix.PosixOpts{
		SideCarDir:  *sidecar,
		NewDirPerm:  0o700,
		NewFilePerm: 0o600,
		Concurrency: 5000,
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", *dir, err)
	}
	return embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess:    access,
		RootUserSecret:    secret,
		Region:            "us-east-1",
		Ports:             []string{*listen},
		MaxConnections:    10000,
		MaxRequests:       10000,
		MultipartMaxParts: 10000,
		KeepAlive:         true,
		Quiet:             true,
		HealthPath:        "/healthz",
	})
}

// metadata keeps objects' metadata in extended attributes, or in sidecar where that is given.
func metadata(dir, sidecar string) (meta.MetadataStorer, error) {
	if sidecar != "" {
		return meta.NewSideCar(sidecar)
	}
	x := meta.XattrMeta{}
	if err := x.Test(dir); err != nil {
		return nil, fmt.Errorf("the file system of %s has no extended attributes: %w", dir, err)
	}
	return x, nil
}
