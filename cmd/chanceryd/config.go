package main

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/web"
)

// config is everything that a gateway is told; deploy/gateway.example.yaml explains each key. What is not said there or
// in the environment has the value of defaults.
type config struct {
	Listen      string `koanf:"listen"`
	AdminListen string `koanf:"admin_listen"`
	PublicURL   string `koanf:"public_url"`
	// TrustedProxies are addresses and networks whose word about callers' addresses is taken.
	TrustedProxies []string       `koanf:"trusted_proxies"`
	ProxyProtocol  bool           `koanf:"proxy_protocol"`
	TLS            tlsConfig      `koanf:"tls"`
	Database       databaseConfig `koanf:"database"`
	Store          storeConfig    `koanf:"store"`
	Keys           keysConfig     `koanf:"keys"`
	Arrangement    string         `koanf:"arrangement"`
	Issuers        []issuerConfig `koanf:"issuers"`
	Limits         limitsConfig   `koanf:"limits"`
	Admit          admitConfig    `koanf:"admit"`
	Malware        malwareConfig  `koanf:"malware"`
	Mail           mailConfig     `koanf:"mail"`
	Webhooks       webhookConfig  `koanf:"webhooks"`
	Traces         tracesConfig   `koanf:"traces"`
	Log            logConfig      `koanf:"log"`
}

type tlsConfig struct {
	Certificate string `koanf:"certificate"`
	Key         string `koanf:"key"`
}

type databaseConfig struct {
	URL            secret `koanf:"url"`
	SequencerURL   secret `koanf:"sequencer_url"`
	OwnerURL       secret `koanf:"owner_url"`
	BackupURL      secret `koanf:"backup_url"`
	MaxConnections int    `koanf:"max_connections"`
}

type storeConfig struct {
	Endpoint  string `koanf:"endpoint"`
	Bucket    string `koanf:"bucket"`
	Prefix    string `koanf:"prefix"`
	AccessKey secret `koanf:"access_key"`
	SecretKey secret `koanf:"secret_key"`
	Region    string `koanf:"region"`
	Secure    bool   `koanf:"secure"`
	CA        string `koanf:"ca"`
}

type keysConfig struct {
	Keysets string `koanf:"keysets"`
	LogKey  string `koanf:"log_key"`
	Mounted bool   `koanf:"mounted"`  // by Kubernetes, compose or systemd, read-only and for this process
	LogName string `koanf:"log_name"` // of a log that is yet to be made; one that stands bears that of its key
}

type issuerConfig struct {
	URL         string                   `koanf:"url"`
	Audience    string                   `koanf:"audience"`
	Clients     []string                 `koanf:"clients"`
	RoleClaim   string                   `koanf:"role_claim"`
	Roles       map[string]string        `koanf:"roles"`
	StepUpACR   []string                 `koanf:"step_up_acr"`
	ACRClaim    string                   `koanf:"acr_claim"` // empty: acr
	Scope       string                   `koanf:"scope"`     // empty: none is asked for
	Services    map[string]serviceConfig `koanf:"services"`
	MaxLifetime time.Duration            `koanf:"max_lifetime"`
	PlainJWT    bool                     `koanf:"plain_jwt"`
	RSA2048     bool                     `koanf:"rsa_2048"`
	Portal      portalConfig             `koanf:"portal"`
}

// portalConfig is how the pages are known to the issuer; without a client nobody signs in there with it.
type portalConfig struct {
	Client     string `koanf:"client"`
	SecretFile string `koanf:"secret_file"`
	// KeyFile is the private key of a client that authenticates with private_key_jwt, for AssertionAudience; empty: for
	// the issuer's URL. With neither file the client is public.
	KeyFile           string `koanf:"key_file"`
	AssertionAudience string `koanf:"assertion_audience"`
	Secret            secret `koanf:"-"` // of the demo alone, which keeps no file
}

type serviceConfig struct {
	Purposes []string `koanf:"purposes"`
	Markings []string `koanf:"markings"`
}

type limitsConfig struct {
	MaxUpload  size          `koanf:"max_upload"`
	LapseAfter time.Duration `koanf:"lapse_after"`
	// BackupsKept is how long backups of database and store are kept; zero: not said.
	BackupsKept time.Duration `koanf:"backups_kept"`
	Refusals    int           `koanf:"refusals"`
	Uploads     int           `koanf:"uploads"`
	Person      rateConfig    `koanf:"person"`
	Address     rateConfig    `koanf:"address"`
	Strangers   rateConfig    `koanf:"strangers"`
}

// rateConfig is how many requests a second over time, and how many at once; 0 and 0 bound nothing.
type rateConfig struct {
	Rate  float64 `koanf:"rate"`
	Burst int     `koanf:"burst"`
}

func (c rateConfig) rate() web.Rate { return web.Rate{PerSecond: c.Rate, Burst: c.Burst} }

type admitConfig struct {
	ConsentEvidenceNone bool `koanf:"consent_evidence_none"`
	NotInspected        bool `koanf:"not_inspected"`
	WebhooksHere        bool `koanf:"webhooks_here"`
	Samples             bool `koanf:"samples"`
}

// malwareConfig is a clamd; without an address nothing is inspected.
type malwareConfig struct {
	Network string        `koanf:"network"`
	Address string        `koanf:"address"`
	Timeout time.Duration `koanf:"timeout"`
}

func (c malwareConfig) scanner() inspect.Scanner {
	return inspect.Scanner{Network: c.Network, Address: c.Address, Timeout: c.Timeout}
}

type logConfig struct {
	Level  slog.Level `koanf:"level"`
	Mirror bool       `koanf:"mirror"`
}

const (
	defaultLapse    = 14 * 24 * time.Hour
	defaultRefusals = 60
	defaultUploads  = 8
	mostUploads     = 64
)

// defaults is what holds where nothing is said.
func defaults() config {
	return config{
		Listen:      "127.0.0.1:8080",
		AdminListen: "127.0.0.1:8081",
		Database:    databaseConfig{MaxConnections: 16},
		Store:       storeConfig{Region: "us-east-1", Secure: true},
		Limits: limitsConfig{
			MaxUpload:  2 << 30,
			LapseAfter: defaultLapse,
			Refusals:   defaultRefusals,
			Uploads:    defaultUploads,
			Person:     rateConfig{50, 500},
			Address:    rateConfig{500, 2000},
			Strangers:  rateConfig{20, 100},
		},
		Malware: malwareConfig{Network: "unix", Timeout: 30 * time.Second},
		Traces:  tracesConfig{Ratio: 0.01},
		Mail:    mailConfig{Port: 587, TLS: "starttls", DailyAt: 6 * time.Hour},
	}
}

// secret prints as redacted wherever it is printed; reveal says where it is used.
type secret string

const redacted = "(redacted)"

func (s secret) reveal() string { return string(s) }

// Format covers every verb of fmt, %#v and %x included.
func (s secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

func (s secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func (s secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// size is a number of bytes, written as such or with KiB, MiB, GiB.
type size int64

// UnmarshalText reads "2147483648", "64MiB" or "2 GiB".
func (s *size) UnmarshalText(text []byte) error {
	number, factor := strings.TrimSpace(string(text)), int64(1)
	for _, unit := range []struct {
		name   string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}} {
		if rest, found := strings.CutSuffix(number, unit.name); found {
			number, factor = strings.TrimSpace(rest), unit.factor
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<50)/factor {
		return fmt.Errorf("%q is no size: write bytes, or a number with KiB, MiB or GiB", text)
	}
	*s = size(n * factor)
	return nil
}
