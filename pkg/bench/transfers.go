package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/client"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"
)

// way is one way for bytes into the store and out again. put may name what it stored; get then wants that name.
type way struct {
	name string
	put  func(ctx context.Context, name string, content io.Reader, size int64) (stored string, err error)
	get  func(ctx context.Context, stored string, size int64) error
	// open is what must be done before get, and is not measured with it.
	open func(ctx context.Context, stored string) (string, error)
	by   *child // the process between the client and the store; nil: none
}

// block is what the bytes that are sent consist of: they neither compress nor cost anything to make.
var block = func() []byte {
	b := make([]byte, 1<<20)
	rand.Read(b)
	return b
}()

// endless yields the block again and again.
type endless struct{ at int }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, block[e.at:])
	e.at = (e.at + n) % len(block)
	return n, nil
}

func bytesOf(size int64) io.Reader { return io.LimitReader(&endless{}, size) }

// counted takes bytes and wants so many.
type counted struct{ want, got int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.got += int64(len(p))
	if c.got > c.want {
		return 0, fmt.Errorf("more than %d bytes", c.want)
	}
	return len(p), nil
}

func (c *counted) whole() error {
	if c.got != c.want {
		return fmt.Errorf("%d bytes came, not %d", c.got, c.want)
	}
	return nil
}

// proxied is the way through a proxy.
func proxied(name string, by *child) way {
	at := through{by, &http.Client{Transport: transport()}}
	prefix := strings.ReplaceAll(name, " ", "-") + "-"
	return way{name: name, by: by, get: at.get,
		put: func(ctx context.Context, name string, content io.Reader, size int64) (string, error) {
			return prefix + name, at.put(ctx, prefix+name, content, size)
		}}
}

const (
	bareProxy    = "bare proxy"
	sealingProxy = "proxy that hashes and seals"
)

// ways are those that are compared: the store itself, the proxies, the gateway.
func (h *surroundings) ways(gateway, bare, sealing *child) ([]way, *minio.Client, error) {
	direct, err := minio.New(h.store.Endpoint(),
		&minio.Options{Creds: credentials.NewStaticV4(h.store.AccessKey, h.store.SecretKey, ""),
			Transport: transport(), Region: "us-east-1", BucketLookup: minio.BucketLookupPath})
	if err != nil {
		return nil, nil, err
	}
	return []way{
		{name: "direct",
			put: func(ctx context.Context, name string, content io.Reader, size int64) (string, error) {
				_, err := direct.PutObject(ctx, bucket, "direct-"+name, content, size,
					minio.PutObjectOptions{DisableContentSha256: true, DisableMultipart: true})
				return "direct-" + name, err
			},
			get: func(ctx context.Context, stored string, size int64) error {
				o, err := direct.GetObject(ctx, bucket, stored, minio.GetObjectOptions{})
				if err != nil {
					return err
				}
				defer o.Close()
				into := &counted{want: size}
				_, err = io.Copy(into, o)
				return errors.Join(err, into.whole())
			}},
		proxied(bareProxy, bare),
		proxied(sealingProxy, sealing),
		{name: "gateway", by: gateway,
			put: func(ctx context.Context, name string, content io.Reader, size int64) (string, error) {
				d, err := h.people.deposit(ctx, gateway, name, content, size)
				return d.text("id"), err
			},
			open: func(ctx context.Context, document string) (string, error) {
				var d object // the depositor reads; what a permit costs is a figure of its own
				err := h.people.do(ctx, gateway, "staff.wco", http.MethodPost, "/documents/"+document+"/disclosures",
					object{"form": "original"}, &d)
				return d.text("id"), err
			},
			get: func(ctx context.Context, disclosure string, size int64) error {
				into := &counted{want: size}
				err := h.people.send(ctx, gateway, "staff.wco",
					client.Call{Method: http.MethodGet, Path: "/disclosures/" + disclosure + "/content"}, into)
				return errors.Join(err, into.whole())
			}},
	}, direct, nil
}

// load is so many transfers of a size, at once.
type load struct {
	name  string
	size  int64
	count int
}

// pass is one direction of a load: how fast it was, in MiB/s, and what it cost the process in between, in seconds of
// its processor time for each GiB.
type pass struct{ speed, cost float64 }

// move puts everything in, then gets everything out again.
func (w way) move(ctx context.Context, l load) (up, down pass, err error) {
	stored := make([]string, l.count)
	up, err = w.pass(l, func(i int) (err error) {
		stored[i], err = w.put(ctx, fmt.Sprintf("measured-%d-%d", l.size, i), bytesOf(l.size), l.size)
		return err
	})
	if err != nil {
		return up, down, err
	}
	for i := range stored {
		if w.open == nil {
			break
		}
		if stored[i], err = w.open(ctx, stored[i]); err != nil {
			return up, down, err
		}
	}
	down, err = w.pass(l, func(i int) error { return w.get(ctx, stored[i], l.size) })
	return up, down, err
}

// passes are those of all rounds.
type passes struct{ speed, cost series }

func (p passes) with(one pass) passes {
	return passes{append(p.speed, one.speed), append(p.cost, one.cost)}
}

func (w way) pass(l load, f func(i int) error) (pass, error) {
	before, err := w.by.processor()
	if err != nil {
		return pass{}, err
	}
	took, err := timed(func() error { return together(l.count, f) })
	if err != nil {
		return pass{}, err
	}
	after, err := w.by.processor()
	bytes := float64(l.size * int64(l.count))
	return pass{speed: bytes / (1 << 20) / took, cost: (after - before) / (bytes / (1 << 30))}, err
}

func together(count int, f func(i int) error) error {
	var group errgroup.Group
	for i := range count {
		group.Go(func() error { return f(i) })
	}
	return group.Wait()
}

// measureTransfers moves bytes by each way in turn, and begins each round with another one.
func measureTransfers(ctx context.Context, h *surroundings, p plan) (failed error) {
	gateway, err := h.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, gateway.stop()) }()
	bare, err := h.proxy(ctx, false)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, bare.stop()) }()
	sealing, err := h.proxy(ctx, true)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, sealing.stop()) }()
	ways, store, err := h.ways(gateway, bare, sealing)
	if err != nil {
		return err
	}
	for i, l := range []load{{sizeName(p.big), p.big, 1}, {"32 × 16 MiB", 16 << 20, 32}, {"1 KiB", 1 << 10, 1}} {
		err := h.profiled(gateway, fmt.Sprintf("transfers-%d", i), 20,
			func() error { return h.compareWays(ctx, ways, store, l, p) })
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

func sizeName(n int64) string {
	if n%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

func (h *surroundings) compareWays(ctx context.Context, ways []way, store *minio.Client, l load, p plan) error {
	up, down := map[string]passes{}, map[string]passes{}
	rounds := p.rounds
	if l.size < 1<<20 {
		rounds *= 20 // small ones are noisy, and quick
	}
	for round := range rounds + 1 {
		for i := range ways {
			w := ways[(round+i)%len(ways)]
			u, d, err := w.move(ctx, l)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			if round > 0 { // the first warms up
				up[w.name], down[w.name] = up[w.name].with(u), down[w.name].with(d)
			}
		}
		if err := sweep(ctx, store); err != nil {
			return err
		}
	}
	for _, direction := range []struct {
		name string
		of   map[string]passes
	}{{"up", up}, {"down", down}} {
		for _, against := range []string{"direct", bareProxy, sealingProxy} {
			compared(l.name+" "+direction.name+", "+unit(l), format(l), scaled(direction.of["gateway"].speed, l),
				against, scaled(direction.of[against].speed, l))
		}
		compared(l.name+" "+direction.name+", "+sealingProxy+", "+unit(l), format(l),
			scaled(direction.of[sealingProxy].speed, l), bareProxy, scaled(direction.of[bareProxy].speed, l))
		for _, against := range []string{bareProxy, sealingProxy} {
			if l.size >= 1<<20 {
				compared(l.name+" "+direction.name+", processor time of the process, s/GiB", "%.2f",
					direction.of["gateway"].cost, against, direction.of[against].cost)
			}
		}
	}
	return nil
}

// Small transfers are told in milliseconds, large ones in MiB/s.
func unit(l load) string {
	if l.size < 1<<20 {
		return "ms"
	}
	return "MiB/s"
}

func format(l load) string {
	if l.size < 1<<20 {
		return "%.1f"
	}
	return "%.0f"
}

func scaled(s series, l load) series {
	if l.size >= 1<<20 {
		return s
	}
	out := slices.Clone(s)
	for i, speed := range out {
		out[i] = float64(l.size) / (1 << 20) / speed * 1000
	}
	return out
}

// sweep removes what was sent, so that the store's memory does not grow with the rounds.
func sweep(ctx context.Context, store *minio.Client) error {
	for found := range store.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
		if found.Err != nil {
			return found.Err
		}
		if found.Size < 1<<20 || strings.HasPrefix(found.Key, "tile/") {
			continue
		}
		if err := store.RemoveObject(ctx, bucket, found.Key, minio.RemoveObjectOptions{}); err != nil {
			return err
		}
	}
	return nil
}
