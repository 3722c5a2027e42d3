package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/web"
)

// run serves on both listeners until ctx ends or a part cannot go on; then requests in flight may finish.
// The log goes on until they have: each still has its completion entry to write.
//
// When the log contradicts itself, nobody is answered any more on api, and admin goes on until ctx ends: its figures
// and its readiness are what a monitor wakes somebody by.
func (srv *server) run(ctx context.Context, api, admin net.Listener) error {
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	tasks, background := errgroup.WithContext(background)
	tasks.Go(func() error { return srv.sequencer.Run(background) })
	tasks.Go(func() error { return srv.gateway.Run(background) })
	tasks.Go(func() error { return srv.webhooks.Run(background) })
	if srv.tracer != nil {
		tasks.Go(func() error { return srv.tracer.Run(background) })
	}
	if srv.mail != nil {
		tasks.Go(func() error { return srv.mail.Run(background) })
	}

	defer context.AfterFunc(ctx, func() {
		srv.logger.Info("stopping", "requests_may_finish_within",
			web.DefaultGrace.String())
		srv.gateway.EndWaits()
	})()
	watched, unwatch := context.WithCancel(ctx)
	defer unwatch()
	var watching error
	unwatched := make(chan struct{})
	go func() {
		defer close(unwatched)
		watching = srv.admin.Run(watched, admin)
	}()

	front, stopping := errgroup.WithContext(ctx)
	front.Go(func() error { return srv.api.Run(stopping, api) })
	front.Go(func() error { // a part of the gateway that ended brings the listener down
		select {
		case <-stopping.Done():
			return nil
		case <-unwatched:
			return watching
		case <-background.Done():
			return srv.partEnded(context.Cause(background))
		}
	})
	served := front.Wait()
	end()
	err := tasks.Wait()
	if errors.Is(err, sequencer.ErrInconsistent) {
		err = &failure{exitContradiction, err}
	} else {
		unwatch()
	}
	<-unwatched
	if served == nil {
		served = watching
	}
	if err != nil {
		return err
	}
	if errors.Is(served, http.ErrServerClosed) || errors.Is(served, context.Canceled) {
		return nil
	}
	return served
}

// partEnded is why the listener ends, at once where the log contradicts itself.
func (srv *server) partEnded(cause error) error {
	if !errors.Is(cause, sequencer.ErrInconsistent) {
		return errors.New("a part of the gateway ended")
	}
	srv.gateway.EndWaits()
	return fmt.Errorf("%w: %w", web.ErrAtOnce, cause)
}

// hold is what a start comes to that finds the log in contradiction to itself: nothing is served, and the admin
// listener says so until ctx ends. A process that ended would take along the one figure that wakes somebody.
func hold(ctx context.Context, s setting, admin net.Listener, cause error, logger *slog.Logger) error {
	logger.Error("disclosure log inconsistent, nothing more is signed", "error", cause.Error())
	metrics, err := web.NewMetrics(buildGauge(), verifyFailures(func() float64 { return 1 }))
	if err != nil {
		return errors.Join(cause, err)
	}
	handler, err := web.NewAdmin(web.AdminConfig{
		Metrics: metrics,
		Logger:  logger,
		Ready:   func(context.Context) map[string]error { return map[string]error{"log": cause} },
		Spared:  exchange.Spared,
		Version: map[string]string{"build": build()},
	})
	if err != nil {
		return errors.Join(cause, err)
	}
	server, err := web.NewServer(web.ServerConfig{Handler: handler, Logger: logger, Grace: time.Second,
		PublicURL: s.PublicURL})
	if err != nil {
		return errors.Join(cause, err)
	}
	err = server.Run(ctx, admin)
	return &failure{exitContradiction, errors.Join(cause, err)}
}
