package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is a registry of its own: nothing that a library registers globally is published.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

// Gauge is a figure that is read whenever the metrics are.
type Gauge struct {
	Name   string // "chancery_log_unpublished_seconds"
	Help   string
	Labels map[string]string // of several of one name, each with others
	Total  bool              // it only grows, from the start of the process on
	Read   func() float64    // safe for concurrent use, quick
}

// NewMetrics makes the registry with the runtime's own figures and the gauges given.
func NewMetrics(gauges ...Gauge) (*Metrics, error) {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chancery_requests_total", Help: "Requests by route, method and status; aborted ones were cut.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "chancery_request_seconds", Help: "Duration of requests by route and method.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300},
		}, []string{"route", "method"}),
	}
	all := []prometheus.Collector{
		m.requests, m.durations, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
	for _, g := range gauges {
		opts := prometheus.Opts{Name: g.Name, Help: g.Help, ConstLabels: g.Labels}
		if g.Total {
			all = append(all, prometheus.NewCounterFunc(prometheus.CounterOpts(opts), g.Read))
			continue
		}
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts(opts), g.Read))
	}
	for _, collector := range all {
		if err := m.registry.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) observe(route, method string, status int, aborted bool, took time.Duration) {
	outcome := strconv.Itoa(status)
	if aborted {
		outcome = "aborted"
	}
	m.requests.WithLabelValues(route, method, outcome).Inc()
	m.durations.WithLabelValues(route, method).Observe(took.Seconds())
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
