package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

// Settings are what a deployment may choose. None of them turns a rule or the log off.
type Settings struct {
	MaxUpload         int64         // bytes of one document; default 2 GiB
	LapseAfter        time.Duration // silence is refusal after this long (reading 0007); default 14 days
	BackupsKept       time.Duration // by the operator, of database and store; zero: not said
	AdmitNotInspected bool          // admits files that no malware scanner looked at; a weakening, shown to the reader
	// admits consents with evidence "none"; a weakening, named in the configuration entry
	AdmitNoEvidence bool
	PermitFor       time.Duration // GETs of a disclosure's content begin within this; default 15 minutes
	// pages of what is read page by page are shown within this; default 1 hour
	ReadFor      time.Duration
	Refusals     int           // of one person in a minute that have an entry each; default 60
	Uploads      int           // of one person under way at once, on all replicas together; default 8
	CopyPatience time.Duration // an asker waits for a marked copy without a word for this long; default 2 seconds
	// an upload or transfer without a sign of life for this long is given up; default 1 minute
	SilenceAfter time.Duration
}

func (s Settings) withDefaults() Settings {
	s.MaxUpload = orDefault(s.MaxUpload, 2<<30)
	s.LapseAfter = orDefault(s.LapseAfter, 14*24*time.Hour)
	s.Refusals = orDefault(s.Refusals, 60)
	s.Uploads = orDefault(s.Uploads, 8)
	s.PermitFor = orDefault(s.PermitFor, 15*time.Minute)
	s.ReadFor = orDefault(s.ReadFor, time.Hour)
	s.CopyPatience = orDefault(s.CopyPatience, 2*time.Second)
	s.SilenceAfter = orDefault(s.SilenceAfter, time.Minute)
	return s
}

// permitFor is how long a disclosure in this form may be fetched, or read.
func (s Settings) permitFor(f article4.Form) time.Duration {
	if f == article4.View {
		return s.ReadFor
	}
	return s.PermitFor
}

func orDefault[T int | int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// Config is what a Gateway is made of; everything but Clock, Settings and Logger is required.
type Config struct {
	DB        *postgres.DB // the app role
	Register  *register.Register
	Sequencer *sequencer.Sequencer
	Vault     *vault.Vault
	Keysets   *vault.Keysets
	Rules     *article4.Rules
	Evidence  EvidenceVerifier
	Stamper   *stamp.Stamper
	LabelKey  label.Signer // signs the labels of marked copies
	// LabelVerifier is its public half: a file that carries a label is known again.
	LabelVerifier label.Verifier
	Malware       inspect.Scanner // the zero value: files are not inspected for malware
	Settings      Settings
	Build         string
	// Clock turns the database clock into the rules' clock; nil leaves it as it is. Only the demo sets it.
	Clock func(time.Time) time.Time
	// Now is the gateway's own clock, which has to agree with the database's; nil: time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

// Gateway is the one door. It is safe for concurrent use, and several may run over one database. Nothing of what it is
// made of can be reached through it: docs/decisions/0080.
type Gateway struct {
	db            *postgres.DB
	register      *register.Register
	sequencer     *sequencer.Sequencer
	vault         *vault.Vault
	keysets       *vault.Keysets
	rules         *article4.Rules
	evidence      EvidenceVerifier
	stamper       *stamp.Stamper
	labelKey      label.Signer
	labelVerifier label.Verifier
	malware       inspect.Scanner
	settings      Settings
	build         string
	clock         func(time.Time) time.Time
	clocks        clocks
	logger        *slog.Logger

	running        *transfers
	figures        *figures
	refusalLimiter *refusalLimiter
	copyJobs       *copyJobs
	views          *views
	events         *eventWaits
	batches        batcher
	known          actorCache
	waiting        waitingFor
	alterations    sync.Map     // document, and the day on which this replica last wrote that it is altered
	prechecks      atomic.Int64 // bytes that prechecks at deposit hold in memory
	onDecision     func(*visit) // called with each decision; nil outside tests
}

// New refuses missing parts: a gateway without its log, its keys or its rules does not exist.
func New(c Config) (*Gateway, error) {
	missing := map[string]bool{
		"DB": c.DB == nil, "Register": c.Register == nil, "Sequencer": c.Sequencer == nil, "Vault": c.Vault == nil,
		"Keysets": c.Keysets == nil, "Rules": c.Rules == nil, "Evidence": c.Evidence == nil,
		"Stamper":  c.Stamper == nil,
		"LabelKey": c.LabelKey == nil, "LabelVerifier": c.LabelVerifier == nil, "Build": c.Build == "",
	}
	for name, absent := range missing {
		if absent {
			return nil, fmt.Errorf("exchange: %s is required", name)
		}
	}
	if c.Clock == nil {
		c.Clock = func(t time.Time) time.Time { return t }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	chosen := c.Settings.withDefaults()
	c.Register.Silence(chosen.LapseAfter)
	return &Gateway{
		db:             c.DB,
		register:       c.Register,
		sequencer:      c.Sequencer,
		vault:          c.Vault,
		keysets:        c.Keysets,
		rules:          c.Rules,
		evidence:       c.Evidence,
		stamper:        c.Stamper,
		labelKey:       c.LabelKey,
		labelVerifier:  c.LabelVerifier,
		malware:        c.Malware,
		settings:       chosen,
		build:          c.Build,
		clock:          c.Clock,
		clocks:         clocks{now: c.Now},
		logger:         c.Logger,
		running:        newTransfers(),
		figures:        newFigures(),
		refusalLimiter: newRefusalLimiter(),
		copyJobs:       newCopyJobs(),
		views:          newViews(),
		events:         newEventWaits(),
		waiting:        waitingFor{kept: map[article4.PersonID]keptWaiting{}},
	}, nil
}

// RulesDigest is the digest of the rules in force, "sha256:…".
func (g *Gateway) RulesDigest() string { return g.rules.Digest() }

// ruleTime turns the database clock into the rules' clock.
func (g *Gateway) ruleTime(at time.Time) time.Time {
	return g.clock(at).UTC().Truncate(time.Microsecond)
}

// The reasons that a fault gives: no byte leaves, nothing is done.
const (
	codeLog     article4.Code = "gateway/log-unavailable"
	codeStorage article4.Code = "gateway/storage-unavailable"
	codeKeys    article4.Code = "gateway/keys-unavailable"
	codeAltered article4.Code = "gateway/altered"
)

// fault turns an outage into the refusal that says so; other errors pass unchanged.
func (g *Gateway) fault(act article4.Act, err error) error {
	code := faultCode(err)
	if code == "" {
		return err
	}
	g.logger.Error("outage", "act", act, "code", code, "error", err)
	return &Refusal{Act: act, Reasons: []article4.Reason{{Code: code}}, Rules: g.RulesDigest()}
}

// outage is fault for somebody who was recognised: while the log can be written, the refusal has its entry like any
// other.
func (g *Gateway) outage(ctx context.Context, a Actor, o operation, parties []article4.OrganisationID,
	err error) error {
	refused := g.fault(o.act, err)
	code := faultCode(err)
	if code == "" || code == codeLog || len(parties) == 0 && code != codeAltered {
		return refused
	}
	out := &Refusal{Act: o.act, Reasons: []article4.Reason{{Code: code}}, Rules: g.RulesDigest(), Document: o.document,
		Request: o.request}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	failed := g.within(ctx, followUp, a, o, func(ctx context.Context, v *visit) error {
		body := v.body(kindOf(o.act), ledger.Refused)
		body.Document, body.Request, body.Reasons = string(o.document), string(o.request), []string{string(code)}
		var err error
		// Both Parties, whatever the act would have opened its entry to: each is to know that a record was altered
		// (decision 0141).
		if code == codeAltered {
			if parties, err = v.bothParties(ctx); err != nil {
				return err
			}
		}
		entry, err := v.record(ctx, body, parties, nil)
		if out.Entry = entry.id; err != nil || code != codeAltered {
			return err
		}
		return v.tellOfAlteration(ctx, parties, o.document, entry.id)
	})
	if failed != nil {
		g.logger.Warn("an outage has no entry", "act", o.act, "error", failed)
		return refused
	}
	g.sequencer.Wake()
	return out
}

func faultCode(err error) article4.Code {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return ""
	// First: what a keyset that is there does not open was altered. Foreign keysets are refused at the start.
	case errors.Is(err, vault.ErrTampered), errors.Is(err, register.ErrAltered):
		return codeAltered
	case errors.Is(err, register.ErrKeys), errors.Is(err, vault.ErrKeys):
		return codeKeys
	case errors.Is(err, vault.ErrUnavailable):
		return codeStorage
	case outOfReach(err):
		return codeLog
	}
	return ""
}

// outOfReach reports whether nothing can be decided and recorded now: the database or the log is away, or the clocks
// contradict each other. ErrNotFound too: an entry that was committed and is not found is a fault of the log.
func outOfReach(err error) bool {
	return postgres.Unavailable(err) || errors.Is(err, postgres.ErrOutcomeUnknown) ||
		errors.Is(err, sequencer.ErrUnavailable) || errors.Is(err, sequencer.ErrClock) ||
		errors.Is(err, sequencer.ErrInconsistent) || errors.Is(err, sequencer.ErrNotFound) ||
		errors.Is(err, context.DeadlineExceeded)
}
