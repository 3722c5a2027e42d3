package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/web"
)

func buildGauge() web.Gauge {
	return web.Gauge{Name: "chancery_build_info", Help: "1, of the build that runs.",
		Labels: map[string]string{"build": build()}, Read: func() float64 { return 1 }}
}

// gatewayGauges are the figures of what this replica does: which build it is, its transfers and copies, the scanner.
func gatewayGauges(g *exchange.Gateway) []web.Gauge {
	out := []web.Gauge{
		buildGauge(),
		{Name: "chancery_transfers", Help: "Transfers of content that run.",
			Read: func() float64 { return float64(g.Figures().Transfers) }},
		{Name: "chancery_copies", Help: "Marked copies in the making.",
			Read: func() float64 { return float64(g.Figures().Copies) }},
		{Name: "chancery_event_waits", Help: "Calls that wait for events.",
			Read: func() float64 { return float64(g.Figures().Waits) }},
	}
	for _, end := range exchange.TransferEnds() {
		out = append(out, web.Gauge{
			Name:   "chancery_transfers_ended_total",
			Help:   "Transfers of content that ended, by how.",
			Labels: map[string]string{"end": string(end)},
			Total:  true,
			Read:   func() float64 { return float64(g.Figures().Ended[end]) },
		})
	}
	for _, verdict := range []inspect.Verdict{inspect.Clean, inspect.Found, inspect.NotInspected} {
		out = append(out, web.Gauge{
			Name:   "chancery_files_inspected_total",
			Help:   "Files that came, by what the malware scanner said of them.",
			Labels: map[string]string{"verdict": string(verdict)},
			Total:  true,
			Read:   func() float64 { return float64(g.Figures().Inspected[verdict]) },
		})
	}
	return out
}

// partGauges are the figures of the parts beside it: the connections of each login, and the identity providers.
func partGauges(logins map[string]*postgres.DB, providers *identity.Providers) []web.Gauge {
	var out []web.Gauge
	for login, db := range logins {
		label := map[string]string{"login": login}
		out = append(out, web.Gauge{
			Name: "chancery_database_connections", Help: "Connections to the database that are in use.", Labels: label,
			Read: func() float64 { used, _ := db.Connections(); return float64(used) },
		}, web.Gauge{
			Name: "chancery_database_connections_most", Help: "Connections that there may be.", Labels: label,
			Read: func() float64 { _, most := db.Connections(); return float64(most) },
		})
	}
	for _, issuer := range slices.Sorted(maps.Keys(providers.Answering())) {
		out = append(out, web.Gauge{
			Name:   "chancery_identity_provider_up",
			Help:   "1 where the provider gave its keys when it was last asked for them, or was not asked yet.",
			Labels: map[string]string{"issuer": issuer},
			Read:   func() float64 { return truth(providers.Answering()[issuer]) },
		})
	}
	return out
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// secondsSince is how long ago an instant was; of none it is 0.
func secondsSince(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return time.Since(at).Seconds()
}

// figuresOf makes gauges of figures that are read together, at most every ten seconds. Where they cannot be read, those
// of before are told.
func figuresOf[F any](figures func(context.Context) (F, error)) func(string, string, func(F) float64) web.Gauge {
	var mu sync.Mutex
	var read time.Time
	var known F
	return func(name, help string, value func(F) float64) web.Gauge {
		return web.Gauge{Name: name, Help: help, Read: func() float64 {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(read) > 10*time.Second {
				ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
				defer stop()
				if now, err := figures(ctx); err == nil {
					known = now
				}
				read = time.Now()
			}
			return value(known)
		}}
	}
}
