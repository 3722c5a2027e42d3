package objects

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/vault"
)

// Fault is what is wrong with a Config, as the store showed it. It wraps vault.ErrUnavailable.
type Fault struct {
	// Field of the Config in small letters: endpoint, bucket, access_key, secret_key, region, secure, ca.
	Field      string
	What, Cure string
	cause      error
}

func (p *Fault) Error() string {
	return fmt.Sprintf("object store: %s: %s: %s", p.Field, p.What, p.Cure)
}

// Unwrap gives the kind and what the store answered.
func (p *Fault) Unwrap() []error { return []error{vault.ErrUnavailable, p.cause} }

// Check tells whether the bucket is there and may be listed with this key pair, and which field of the Config is to be
// looked at where not: the error is a *Fault. It writes nothing, so a pair that may only read is not found out.
func (s *Store) Check(ctx context.Context) error {
	_, err := within(ctx, s.idle, func(ctx context.Context) (struct{}, error) {
		// Not HEAD, which has no body: some stores answer it 404 for a key that they do not know.
		ctx, enough := context.WithCancel(ctx)
		defer enough()
		for object := range s.core.Client.ListObjects(ctx, s.bucket,
			minio.ListObjectsOptions{Prefix: s.prefix, MaxKeys: 1}) {
			return struct{}{}, object.Err
		}
		return struct{}{}, ctx.Err()
	})
	if err == nil {
		return nil
	}
	p := &Fault{cause: err}
	p.Field, p.What, p.Cure = s.faultOf(err)
	return p
}

// faultOf reads the answer of a store, or the lack of one.
func (s *Store) faultOf(err error) (field, what, cure string) {
	switch code(err) {
	case "InvalidAccessKeyId", "XAdminUserNotFound":
		return "access_key", "the store knows no such access key", "compare it with the key pair that the store " +
			"gave out, and endpoint with that store's"
	case "SignatureDoesNotMatch":
		return "secret_key", "the secret key is not the one of that access key", "put the secret of that pair there"
	case minio.NoSuchBucket:
		return "bucket", "bucket " + s.bucket + " does not exist", "make it, or correct the name"
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return "access_key", "bucket " + s.bucket + " is denied to this key pair", "let it get, put, delete and list " +
			"in that bucket; some stores say the same of a wrong secret key"
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return "region", "bucket " + s.bucket + " is in another region than " + s.region, "write the bucket's region"
	case "RequestTimeTooSkewed":
		return "endpoint", "the store's clock and this machine's are too far apart", "set both (NTP)"
	}
	return s.unreached(err)
}

// unreached is for whatever gave no answer of S3's.
func (s *Store) unreached(err error) (field, what, cure string) {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var lookup *net.DNSError
	text := err.Error()
	switch endpoint := s.core.EndpointURL().Host; {
	case strings.Contains(text, "HTTP response to HTTPS client"):
		return "secure", endpoint + " speaks HTTP, not HTTPS", "say secure: false where the store is on this " +
			"machine, or have it speak TLS"
	case status(err) == http.StatusBadRequest && s.core.EndpointURL().Scheme == "http":
		return "secure", endpoint + " takes no plain HTTP", "leave secure out: it speaks HTTPS"
	case errors.As(err, &authority):
		return "ca", "the certificate of " + endpoint + " is signed by nobody known",
			"name the PEM file of its authority"
	case errors.As(err, &name):
		return "endpoint", "the certificate of " + endpoint + " is for another host", "write the host that it is for"
	case strings.Contains(text, "x509: "):
		return "endpoint", "the certificate of " + endpoint + " does not hold: " + text[strings.Index(text, "x509: "):],
			"renew it at the store"
	case errors.As(err, &lookup):
		return "endpoint", "there is no host " + lookup.Name, "correct HOST:PORT of the store"
	}
	return "endpoint", "no store answers at " + s.core.EndpointURL().Host + ": " + oneLine(text),
		"see that the store runs there and can be reached from here"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
