package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"chancery.example/gateway/pkg/client"
)

// measureMemory is what a fresh gateway takes above idle, at its highest, for large transfers.
func measureMemory(ctx context.Context, h *surroundings, p plan) error {
	for _, l := range []load{{sizeName(p.big), p.big, 1}, {"32 × 16 MiB", 16 << 20, 32}} {
		var up, down series
		for range min(p.rounds, 3) {
			u, d, err := h.peaks(ctx, l)
			if err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
			up, down = append(up, u), append(down, d)
		}
		figure("memory above idle, "+l.name+" up, MiB", "%.0f", up)
		figure("memory above idle, "+l.name+" down, MiB", "%.0f", down)
	}
	return nil
}

// peaks starts a gateway for each direction, so that what one took is not there for the other.
func (h *surroundings) peaks(ctx context.Context, l load) (up, down float64, err error) {
	documents := make([]string, l.count)
	up, err = h.peak(ctx, func(c *child) error {
		return together(l.count, func(i int) error {
			d, err := h.people.deposit(ctx, c, l.name, bytesOf(l.size), l.size)
			documents[i] = d.text("id")
			return err
		})
	})
	if err != nil {
		return 0, 0, err
	}
	down, err = h.peak(ctx, func(c *child) error {
		return together(l.count, func(i int) error {
			var d object
			err := h.people.do(ctx, c, "staff.wco", http.MethodPost, "/documents/"+documents[i]+"/disclosures",
				object{"form": "original"}, &d)
			if err != nil {
				return err
			}
			return h.people.send(ctx, c, "staff.wco",
				client.Call{Method: http.MethodGet, Path: "/disclosures/" + d.text("id") + "/content"},
				&counted{want: l.size})
		})
	})
	if err != nil {
		return 0, 0, err
	}
	store, err := h.store.Client()
	if err != nil {
		return 0, 0, err
	}
	return up, down, sweep(ctx, store)
}

// peak is the highest of the gateway's resident memory during f, above what it was before, in MiB. Before, it has
// answered a few calls and taken one small document, so that idle is that of a gateway in use.
func (h *surroundings) peak(ctx context.Context, f func(*child) error) (mib float64, failed error) {
	c, err := h.serve(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { failed = errors.Join(failed, c.stop()) }()
	if _, err := h.people.deposit(ctx, c, "small", bytesOf(1<<10), 1<<10); err != nil {
		return 0, err
	}
	time.Sleep(2 * time.Second)
	if err := c.forgetPeak(); err != nil {
		return 0, err
	}
	idle, err := c.resident("VmRSS")
	if err != nil {
		return 0, err
	}
	if err := f(c); err != nil {
		return 0, err
	}
	highest, err := c.resident("VmHWM")
	return float64(highest-idle) / (1 << 20), err
}
