package devstack

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MailConfig describes a mail server on loopback.
type MailConfig struct {
	Dir  string // required; keeps certificate, password and mails for the next start
	Port int    // 0 takes a free one
	// Answer is asked about each recipient before mail is taken for them; nil takes all but those whose name
	// begins with "bounce". A *smtp.SMTPError is answered as it stands.
	Answer func(to string) error
	// Taken is called when a mail is kept, before that is answered; nil: nothing.
	Taken func()
}

// MailServer is an SMTP server that speaks over TLS alone, wants a password, keeps what it takes on disk before it says
// so, and sends it nowhere.
type MailServer struct {
	Username, Password string

	cfg         MailConfig
	server      *smtp.Server
	listener    net.Listener
	certificate tls.Certificate
	authority   []byte // PEM
	page        *http.Server
	pageAddress string
	served      sync.WaitGroup
}

// mailHost is the name in the server's certificate.
const mailHost = "localhost"

// StartMail starts the server and its page.
func StartMail(ctx context.Context, cfg MailConfig) (*MailServer, error) {
	s := &MailServer{cfg: cfg, Username: "chancery"}
	if s.cfg.Answer == nil {
		s.cfg.Answer = takeAll
	}
	if s.cfg.Taken == nil {
		s.cfg.Taken = func() {}
	}
	if err := os.MkdirAll(s.mails(), 0o700); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	if err := s.secrets(); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp4", loopback(cfg.Port)); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: s, conn: c}, nil
	}))
	s.server.Domain, s.server.TLSConfig = mailHost, &tls.Config{Certificates: []tls.Certificate{s.certificate},
		MinVersion: tls.VersionTLS12}
	s.server.MaxMessageBytes, s.server.MaxRecipients = 1<<20, 1
	s.server.ErrorLog = silent{}
	s.served.Go(func() { _ = s.server.Serve(s.listener) }) // until Stop closes it
	if err := s.servePage(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// silent keeps what clients do wrong to itself.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func takeAll(to string) error {
	if strings.HasPrefix(to, "bounce") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox: " + to}
	}
	return nil
}

// Host, Port and Roots are how the server is reached.
func (s *MailServer) Host() string { return mailHost }

// Port is where it listens.
func (s *MailServer) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Roots trust its certificate, and nothing else.
func (s *MailServer) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.authority)
	return pool
}

// AuthorityFile holds its certificate, and CredentialsFile user and password, one a line.
func (s *MailServer) AuthorityFile() string { return filepath.Join(s.cfg.Dir, "ca.pem") }

// CredentialsFile holds user and password, one a line.
func (s *MailServer) CredentialsFile() string { return filepath.Join(s.cfg.Dir, "credentials") }

// PageURL shows what was sent.
func (s *MailServer) PageURL() string { return "http://" + s.pageAddress + "/" }

func (s *MailServer) mails() string { return filepath.Join(s.cfg.Dir, "mails") }

// Stop ends the server; mails stay.
func (s *MailServer) Stop() error {
	err := s.server.Close()
	if errors.Is(err, smtp.ErrServerClosed) {
		err = nil
	}
	if s.page != nil {
		err = errors.Join(err, s.page.Close())
	}
	s.served.Wait()
	return err
}

// secrets makes certificate and password, or takes those that were kept.
func (s *MailServer) secrets() error {
	key := filepath.Join(s.cfg.Dir, "key.pem")
	if _, err := os.Stat(key); errors.Is(err, os.ErrNotExist) {
		if err := s.makeSecrets(key); err != nil {
			return err
		}
	}
	var err error
	if s.authority, err = os.ReadFile(s.AuthorityFile()); err != nil {
		return err
	}
	if s.certificate, err = tls.LoadX509KeyPair(s.AuthorityFile(), key); err != nil {
		return err
	}
	kept, err := os.ReadFile(s.CredentialsFile())
	_, password, _ := strings.Cut(string(kept), "\n")
	s.Password = strings.TrimSpace(password)
	return err
}

func (s *MailServer) makeSecrets(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	made := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: mailHost},
		DNSNames:              []string{mailHost},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(5, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, made, made, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		s.AuthorityFile():   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		s.CredentialsFile(): []byte(s.Username + "\n" + rand.Text() + "\n"),
		file:                pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// mailSession is one client.
type mailSession struct {
	server *MailServer
	conn   *smtp.Conn
	known  bool
	to     string
}

// AuthMechanisms are offered over TLS only.
func (m *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth wants the one user.
func (m *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != m.server.Username || password != m.server.Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong password"}
		}
		m.known = true
		return nil
	}), nil
}

// Mail wants TLS and the password before.
func (m *mailSession) Mail(string, *smtp.MailOptions) error {
	if _, over := m.conn.TLSConnectionState(); !over || !m.known {
		return smtp.ErrAuthRequired
	}
	return nil
}

// Rcpt asks whether mail is taken for somebody.
func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	m.to = to
	return m.server.cfg.Answer(to)
}

// Data keeps a mail on disk before it is answered for.
func (m *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%020d-%s", time.Now().UnixNano(), rand.Text())
	part := filepath.Join(m.server.mails(), name+".part")
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "X-Taken-For: %s\r\n%s", m.to, content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, filepath.Join(m.server.mails(), name+".eml")); err != nil {
		return err
	}
	m.server.cfg.Taken()
	return nil
}

// Reset and Logout keep nothing.
func (m *mailSession) Reset() { m.to = "" }

// Logout ends the session.
func (m *mailSession) Logout() error { return nil }

// SentMail is a mail that was taken.
type SentMail struct {
	To, Subject, Text string
	Raw               string // as it came, with a first line that says for whom it was taken
	At                time.Time
}

// Sent are the mails that were taken, the newest first.
func (s *MailServer) Sent() ([]SentMail, error) { return SentIn(s.cfg.Dir) }

// SentIn are the mails that a server took which keeps its data there.
func SentIn(dir string) ([]SentMail, error) {
	files, err := filepath.Glob(filepath.Join(dir, "mails", "*.eml"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	slices.Reverse(files)
	out := make([]SentMail, 0, len(files))
	for _, name := range files {
		one, err := readMail(name)
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", filepath.Base(name), err)
		}
		out = append(out, one)
	}
	return out, nil
}

func readMail(name string) (SentMail, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return SentMail{}, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return SentMail{}, err
	}
	body := m.Body
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(m.Body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return SentMail{}, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	at, _ := m.Header.Date() // a mail without one shows none
	return SentMail{To: m.Header.Get("X-Taken-For"), Subject: subject, Text: string(text), Raw: string(raw),
		At: at.UTC()}, err
}

// servePage shows what was sent on a listener of its own.
func (s *MailServer) servePage(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", loopback(0))
	if err != nil {
		return fmt.Errorf("page of the mail server: %w", err)
	}
	s.pageAddress = listener.Addr().String()
	shown := template.Must(template.ParseFS(pageFiles, "pages/mail.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", serveStyle)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		sent, err := s.Sent()
		if err != nil {
			http.Error(w, "the mails cannot be read", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
		_ = shown.Execute(w, sent[:min(len(sent), 100)]) // a browser that is gone cannot be told
	})
	s.page = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	s.served.Go(func() { _ = s.page.Serve(listener) }) // until Stop closes it
	return nil
}
