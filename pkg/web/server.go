package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	// DefaultGrace is how long requests in flight may finish once the server is to end.
	DefaultGrace = 20 * time.Second
	// aftermath is how long handlers whose connections were closed may take to write down how their transfers ended.
	aftermath = 10 * time.Second
)

// ErrAtOnce is the cause of a context whose end cuts what is in flight: nobody may be answered any more.
var ErrAtOnce = errors.New("web: at once")

// ServerConfig is what NewServer needs.
type ServerConfig struct {
	Handler http.Handler  // required
	Logger  *slog.Logger  // required
	Grace   time.Duration // how long requests in flight may finish at the end; zero is DefaultGrace
	// PublicURL is where the gateway is reached from outside; required. The problem documents with which requests are
	// answered that cannot be read as HTTP lead there.
	PublicURL string
}

// Server serves one handler. HTTP/2 is off: the hard cut needs a connection of its own for each transfer.
type Server struct {
	http     *http.Server
	grace    time.Duration
	inFlight sync.WaitGroup
	problems *Problems
}

// NewServer makes a server; Run starts it.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.Handler == nil || cfg.Logger == nil {
		return nil, errors.New("web: the server needs a handler and a logger")
	}
	if cfg.Grace == 0 {
		cfg.Grace = DefaultGrace
	}
	problems, err := newProblems(ProblemsConfig{PublicURL: cfg.PublicURL, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	s := &Server{grace: cfg.Grace, problems: problems}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	s.http = &http.Server{
		Handler:           s.counted(cfg.Handler),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		Protocols:         protocols,
		ConnContext:       withConn,
		ConnState:         nextOf,
		// An OPTIONS of everything is answered as any other request that nobody serves.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// counted knows which handlers still run.
func (s *Server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.inFlight.Add(1)
		defer s.inFlight.Done()
		if worded, ok := r.Context().Value(connKey{}).(*wordedConn); ok {
			worded.answering.Store(true)
		}
		next.ServeHTTP(w, r)
	})
}

// Run serves on l until ctx ends, then accepts nothing more, lets requests in flight finish within the grace, and
// closes what is left; handlers cut so still write down how their transfers ended. Where ctx ended for ErrAtOnce there
// is no grace. It answers nil after an orderly stop.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	l = wordedListener{l, s.problems}
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	allowed := s.grace
	if errors.Is(context.Cause(ctx), ErrAtOnce) {
		allowed = 0
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), allowed)
	defer cancel()
	err := s.http.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	<-served
	s.settle()
	return err
}

// settle waits for the handlers, but not for ever.
func (s *Server) settle() {
	done := make(chan struct{})
	go func() {
		s.inFlight.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(aftermath):
	}
}

// nextOf notes on a connection that its answer is out.
func nextOf(conn net.Conn, state http.ConnState) {
	if worded, ok := conn.(*wordedConn); ok && state == http.StateIdle {
		worded.next()
	}
}

type connKey struct{}

// withConn lets the hard cut reach the connection.
func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// connOf is the connection under a request, below TLS; nil where no server of ours accepted it.
func connOf(ctx context.Context) net.Conn {
	conn, _ := ctx.Value(connKey{}).(net.Conn)
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return secured.NetConn()
	}
	return conn
}

// controlOf reaches below gin's writer, whose Flush swallows errors.
func controlOf(w http.ResponseWriter) *http.ResponseController {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return http.NewResponseController(w)
		}
		w = wrapper.Unwrap()
	}
}
