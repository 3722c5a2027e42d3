package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
)

// NotInForce says that files differ from what the log's newest configuration entry put in force for every replica.
type NotInForce struct {
	Entry   string          // the configuration entry
	Differs []string        // some of "arrangement", "issuers", "weakenings", "waiting"
	InForce article4.Digest // of the Arrangement file that is in force
}

func (n *NotInForce) Error() string {
	return fmt.Sprintf("%s: not what entry %s put in force", strings.Join(n.Differs, ", "), n.Entry)
}

// Adopt is ApplyInstrument for whoever must not replace what is in force unasked: a replica with files of its own, or
// with those of yesterday. It applies what is in force already, the first configuration of all, and one that is to
// replace that of the entry named; for any other the error is a *NotInForce, and nothing was altered.
func (g *Gateway) Adopt(ctx context.Context, in instrument.Instrument, weakening []string, claims article4.Digest,
	replaces string) error {
	return g.apply(ctx, in, weakening, claims, func(ctx context.Context, v *visit) error {
		err := g.inForce(ctx, v.tx, v.arrangement, in, weakening, claims)
		if differs := (*NotInForce)(nil); errors.As(err, &differs) && differs.Entry == replaces {
			return nil
		}
		return err
	})
}

// InForce answers a *NotInForce when Adopt would, naming no entry. It alters nothing.
func (g *Gateway) InForce(ctx context.Context, in instrument.Instrument, weakening []string,
	claims article4.Digest) error {
	return g.lookUp(ctx, func(tx *postgres.Tx) error {
		arrangement, err := g.register.Arrangement(ctx, tx, register.Unlocked)
		if err != nil && !missingRecord(err) {
			return err
		}
		return g.inForce(ctx, tx, arrangement, in, weakening, claims)
	})
}

// settingsOf are the settings that weaken the gateway, without the words of a build about them.
func settingsOf(weakening []string) []string {
	var names []string
	for _, said := range weakening {
		name, _, _ := strings.Cut(said, ": ")
		names = append(names, name)
	}
	return names
}

// inForce compares the three that an operator writes; rules and build change with an upgrade.
func (g *Gateway) inForce(ctx context.Context, tx *postgres.Tx, a register.Arrangement, in instrument.Instrument,
	weakening []string, claims article4.Digest) error {
	files, digest, err := g.configuredBy(in, weakening, claims)
	if err != nil || a.Configuration == "" || a.Configured == digest {
		return err // nothing is in force: this is the first start
	}
	n := &NotInForce{Entry: a.Configuration, InForce: a.Instrument}
	if string(a.Instrument) != files.Arrangement {
		n.Differs = append(n.Differs, "arrangement")
	}
	s, err := g.sequencer.Find(ctx, tx, a.Configuration)
	switch {
	case errors.Is(err, sequencer.ErrNotFound): // it waits for its place: what it says of the rest is not known yet
		n.Differs = append(n.Differs, "waiting")
	case err != nil:
		return err
	default:
		body, err := ledger.Decode(s.Body)
		if err != nil || body.Configured == nil {
			return fmt.Errorf("configuration entry %s cannot be read: %w", a.Configuration,
				errors.Join(err, register.ErrAltered))
		}
		if body.Configured.Claims != files.Claims {
			n.Differs = append(n.Differs, "issuers")
		}
		if !slices.Equal(settingsOf(body.Configured.Weakening), settingsOf(files.Weakening)) {
			n.Differs = append(n.Differs, "weakenings")
		}
	}
	if n.Differs == nil {
		return nil
	}
	return n
}
