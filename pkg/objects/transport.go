package objects

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// newTransport makes connections that end with a reset, never in an orderly way: an upload that is cut off, by a
// refusal or by the end of this process, is then an error to every store. versitygw takes an orderly end in the middle
// of a body for its end, and publishes the part that came as the object.
func newTransport(c Config) (*http.Transport, error) {
	d := &dialer{net: net.Dialer{Timeout: c.Idle, KeepAlive: 30 * time.Second}}
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         d.dial,
		TLSHandshakeTimeout: c.Idle,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
		ReadBufferSize:      64 << 10,
		WriteBufferSize:     64 << 10,
	}
	if !c.Secure {
		return t, nil
	}
	d.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	if len(c.CACert) > 0 {
		d.tls.RootCAs = x509.NewCertPool()
		if !d.tls.RootCAs.AppendCertsFromPEM(c.CACert) {
			return nil, errors.New("no certificate in the authority's PEM")
		}
	}
	t.TLSClientConfig, t.DialTLSContext = d.tls, d.dialTLS
	return t, nil
}

// pieceSize is what is taken of an upload, and given to the kernel, at a time: four sealed packages. net/http takes 32
// KiB, less than a package, and each then has to be copied once more.
const pieceSize = 4 * (64<<10 + 32)

type dialer struct {
	net    net.Dialer
	tls    *tls.Config
	pieces sync.Pool // of *[pieceSize]byte
}

// inPieces is a connection that takes an upload in large pieces.
type inPieces struct {
	net.Conn
	pieces *sync.Pool
}

func (c inPieces) ReadFrom(r io.Reader) (int64, error) {
	piece, ok := c.pieces.Get().(*[pieceSize]byte)
	if !ok {
		piece = new([pieceSize]byte)
	}
	defer c.pieces.Put(piece)
	// Both wrapped: io.CopyBuffer takes ReadFrom or WriteTo, where there is one, and leaves the piece unused.
	return io.CopyBuffer(struct{ io.Writer }{c.Conn}, struct{ io.Reader }{r}, piece[:])
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return inPieces{c, &d.pieces}, nil
}

func (d *dialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.net.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		if err := tcp.SetLinger(0); err != nil {
			_ = c.Close()
			return nil, err
		}
	}
	return c, nil
}

func (d *dialer) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := d.tls.Clone()
	if config.ServerName, _, err = net.SplitHostPort(address); err != nil {
		_ = c.Close()
		return nil, err
	}
	secured := tls.Client(c, config)
	ctx, cancel := context.WithTimeout(ctx, d.net.Timeout)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return inPieces{abrupt{secured, c}, &d.pieces}, nil
}

// abrupt closes without close_notify (RFC 8446 6.1), which would be an orderly end.
type abrupt struct {
	*tls.Conn
	raw net.Conn
}

func (a abrupt) Close() error { return a.raw.Close() }
