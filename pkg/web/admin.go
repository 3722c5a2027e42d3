package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"
)

// AdminConfig is what NewAdmin needs.
type AdminConfig struct {
	Metrics *Metrics     // required
	Logger  *slog.Logger // required
	// Ready says for each part what is wrong with it, nil where it is well; required.
	Ready func(ctx context.Context) map[string]error
	// Spared reports whether the gateway is of use while that part is away for that cause: a load balancer goes on
	// sending to it. Required.
	Spared func(part string, cause error) bool
	// Version is answered at /version: build, rules, whatever names what runs; required.
	Version map[string]string
}

// readyWithin bounds one look at every part.
const readyWithin = 3 * time.Second

// NewAdmin makes the handler of the admin listener, which is not reached from outside: /livez, /readyz, /metrics,
// /version. It authenticates nobody and tells nothing about documents or people.
func NewAdmin(cfg AdminConfig) (http.Handler, error) {
	if cfg.Metrics == nil || cfg.Logger == nil || cfg.Ready == nil || cfg.Spared == nil ||
		cfg.Version == nil {
		return nil, errors.New("web: the admin handler needs metrics, logger, readiness and version")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", cfg.readyz)
	mux.Handle("GET /metrics", cfg.Metrics.handler())
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(cfg.Version) // a caller who is gone cannot be told
	})
	return sealedOff(mux), nil
}

// sealedOff keeps every answer of the admin listener, those to unknown paths too, from being stored, framed or taken by
// a browser for anything but what it says it is.
func sealedOff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox")
		next.ServeHTTP(w, r)
	})
}

// readyz answers 503 when a load balancer should send to another replica, and 200 otherwise: a part that is spared may
// be away. With ?all it answers 200 only when every part is well. ?verbose lists the parts. Causes go to the log only.
func (cfg AdminConfig) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	parts := cfg.Ready(ctx)
	ready, all := true, r.URL.Query().Has("all")
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		if parts[part] == nil {
			continue
		}
		ready = ready && !all && cfg.Spared(part, parts[part])
		cfg.Logger.WarnContext(ctx, "part is not ready", slog.String("part", part),
			slog.String("cause", parts[part].Error()))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if r.URL.Query().Has("verbose") {
		writeParts(w, parts)
	}
	if ready {
		fmt.Fprintln(w, "ready")
		return
	}
	fmt.Fprintln(w, "not ready")
}

func writeParts(w http.ResponseWriter, parts map[string]error) {
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		state := "ok"
		if parts[part] != nil {
			state = "unavailable"
		}
		fmt.Fprintf(w, "%s: %s\n", part, state)
	}
}
