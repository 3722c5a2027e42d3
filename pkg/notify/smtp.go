package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Server is the mail server that mails are handed to. It is only ever spoken to over TLS, and its name is verified.
type Server struct {
	Host     string // required; as in its certificate
	Port     int    // required
	Implicit bool   // TLS from the first byte; otherwise STARTTLS, without which nothing is sent
	From     string // required; "Chancery <chancery@example.int>"
	Username string // empty: without
	Password string
	Roots    *x509.CertPool // nil: those of the machine
	Timeout  time.Duration  // of the way there, and of each answer; default 20 seconds
}

// The outcomes of an attempt that are no success.
var (
	// errRefusedAddress says that the server will never take mail for this address.
	errRefusedAddress = errors.New("address refused")
	// errRefusedForNow is anything else: it is tried again.
	errRefusedForNow = errors.New("not taken")
	// errSessionOver says that this session takes no mail any more; the mail is tried again.
	errSessionOver = fmt.Errorf("%w: the session is over", errRefusedForNow)
	// errNotAsked says that it was over before the server was asked to take the mail.
	errNotAsked = fmt.Errorf("%w before this mail", errSessionOver)
)

// fault is what went wrong in words of ours. What a server answers may hold an address: none of it is kept.
type fault struct {
	kind error
	said string
}

func (f *fault) Error() string { return f.said }
func (f *fault) Unwrap() error { return f.kind }

// outgoing is one mail on its way.
type outgoing struct {
	id, to string
	letter letter
}

// connection is one session with the server; end it.
type connection struct {
	client *mail.Client
	open   interface{ Close() error }
	send   func(*mail.Msg) error
	reset  func() error
}

// close ends the session; of none it does nothing.
func (c *connection) close() {
	if c != nil {
		_ = c.open.Close()
	}
}

func (s Server) check() error {
	if s.Host == "" || s.Port <= 0 || s.Port > 65535 || strings.ContainsAny(s.Host, "\r\n ") {
		return errors.New("notify: the mail server's host and port are needed")
	}
	if err := mail.NewMsg().From(s.From); err != nil {
		return fmt.Errorf("notify: from: %w", err)
	}
	if (s.Username == "") != (s.Password == "") {
		return errors.New("notify: a user and a password, or neither")
	}
	return nil
}

// Check reports what is wrong with how the server is named; it reaches out to nobody.
func (s Server) Check() error { return s.check() }

// dial opens a session, which lasts until ctx ends at the longest.
func (s Server) dial(ctx context.Context) (*connection, error) {
	options := []mail.Option{
		mail.WithPort(s.Port),
		mail.WithTimeout(s.Timeout),
		mail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}),
		mail.WithHELO("localhost"), // the machine's own name is nobody's to know
	}
	if s.Implicit {
		options = append(options, mail.WithSSL())
		options = append(options, mail.WithDialContextFunc(s.overTLS))
	} else {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(s.plainly))
	}
	if s.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username),
			mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, &fault{errRefusedForNow, "the mail server's settings do not go together"}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, &fault{errRefusedForNow, "no session with the mail server: " + kindOf(ctx, err)}
	}
	stop := context.AfterFunc(ctx, func() { _ = session.Close() }) // whatever hangs ends
	return &connection{
		client: client,
		open:   closer(func() error { stop(); return client.CloseWithSMTPClient(session) }),
		send:   func(m *mail.Msg) error { return client.SendWithSMTPClient(session, m) },
		reset:  session.Reset,
	}, nil
}

type closer func() error

func (c closer) Close() error { return c() }

// plainly dials; every read and write of what is dialled is bounded, however long the session lasts.
func (s Server) plainly(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: s.Timeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &bounded{Conn: conn, within: s.Timeout}, nil
}

func (s Server) overTLS(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := s.plainly(ctx, network, address)
	if err != nil {
		return nil, err
	}
	over := tls.Client(conn, &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})
	if err := over.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return over, nil
}

// bounded gives up a peer that says nothing.
type bounded struct {
	net.Conn
	within time.Duration
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.Conn.SetReadDeadline(time.Now().Add(b.within)); err != nil {
		return 0, err
	}
	return b.Conn.Read(p)
}

func (b *bounded) Write(p []byte) (int, error) {
	if err := b.Conn.SetWriteDeadline(time.Now().Add(b.within)); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}

// SetDeadline and its like do nothing: go-mail sets one for the whole session when it dials, and Read and Write set
// their own.
func (b *bounded) SetDeadline(time.Time) error      { return nil }
func (b *bounded) SetReadDeadline(time.Time) error  { return nil }
func (b *bounded) SetWriteDeadline(time.Time) error { return nil }

// deliver hands one mail to the server. nil says that the server took it, and answers for it.
func (c *connection) deliver(ctx context.Context, s Server, o outgoing) error {
	m, err := s.message(o)
	if err != nil {
		return err
	}
	err = c.send(m)
	// Delivered: the server took it, and what failed came after that.
	if err == nil || m.IsDelivered() {
		return nil
	}
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.Reason == mail.ErrSMTPRcptTo && refused.ErrorCode() >= 500 &&
		refused.ErrorCode() < 600 {
		return &fault{errRefusedAddress, fmt.Sprintf("the address was refused: %d %s", refused.ErrorCode(),
			enhanced(refused.EnhancedStatusCode()))}
	}
	if refused != nil && refused.ErrorCode() > 0 {
		_ = c.reset() // where the session bears none, it is over, and the next mail finds out
		return &fault{errRefusedForNow, fmt.Sprintf("the mail server answered %d %s", refused.ErrorCode(),
			enhanced(refused.EnhancedStatusCode()))}
	}
	over := errSessionOver
	if refused != nil && refused.Reason == mail.ErrConnCheck {
		over = errNotAsked
	}
	return &fault{over, "the session with the mail server ended: " + kindOf(ctx, err)}
}

// message makes the mail. What is not an address, or would break the header, is refused here.
func (s Server) message(o outgoing) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if strings.ContainsAny(o.to, "\r\n,;") {
		return nil, &fault{errRefusedAddress, "the address is none"}
	}
	if err := errors.Join(m.From(s.From), m.To(o.to)); err != nil {
		return nil, &fault{errRefusedAddress, "the address is none"}
	}
	_, domain, _ := strings.Cut(strings.Trim(m.GetFromString()[0], "<>"), "@")
	m.SetMessageIDWithValue(o.id + "@" + strings.TrimSuffix(domain, ">")) // the same at each attempt
	m.SetDate()
	m.Subject(o.letter.subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence answers it
	m.SetBodyString(mail.TypeTextPlain, o.letter.text)
	return m, nil
}

// enhanced lets through nothing but digits and dots.
func enhanced(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, code)
}

// kindOf says what kind of error it is, and nothing that a server said.
func kindOf(ctx context.Context, err error) string {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var untrusted *tls.CertificateVerificationError
	var timeout net.Error
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer) && answer.Code == 535: // RFC 4954 6
		return "it refuses the user or the password"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &unknown), errors.As(err, &untrusted):
		return "its certificate is not trusted"
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	case errors.As(err, new(*net.OpError)):
		return "it cannot be reached"
	}
	return "it did not take part as it should"
}

// Ping opens a session with the server, over TLS and signed in where a user is named, and ends it. It sends nothing.
func (s Server) Ping(ctx context.Context) error {
	if s.Timeout == 0 {
		s.Timeout = 10 * time.Second
	}
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	return c.open.Close()
}
