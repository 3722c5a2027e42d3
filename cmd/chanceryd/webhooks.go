package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/web"
	"chancery.example/gateway/pkg/webhook"
)

// webhookConfig is how receivers of webhooks are known.
type webhookConfig struct {
	CA string `koanf:"ca"`
}

// roots are the authorities that sign certificates of receivers; nil: those of the machine.
func (c webhookConfig) roots() (*x509.CertPool, error) {
	if c.CA == "" {
		return nil, nil
	}
	pem, err := readBounded(c.CA)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no certificate in PEM")
	}
	return pool, nil
}

func checkWebhooks(c webhookConfig) []finding {
	if _, err := c.roots(); err != nil {
		return []finding{{Key: "webhooks.ca", Problem: err.Error(),
			Cure: "name the PEM file of the authority that signs receivers' certificates, or leave it out"}}
	}
	return nil
}

func (srv *server) openWebhooks(s setting, records *register.Register) error {
	roots, err := s.Webhooks.roots()
	if err != nil {
		return fmt.Errorf("webhooks.ca: %w", err)
	}
	srv.webhooks, err = webhook.New(webhook.Config{
		DB:            srv.app,
		Register:      records,
		Keeper:        exchange.OrganisationIDOf(s.instrument.Operator.Short),
		Roots:         roots,
		AdmitLoopback: s.Admit.WebhooksHere,
		Logger:        srv.logger,
		Tracer:        srv.tracer,
	})
	return err
}

// webhookGauges are the figures of what is sent to webhooks.
func webhookGauges(w *webhook.Worker) []web.Gauge {
	of := figuresOf(w.Figures)
	return []web.Gauge{
		of("chancery_webhook_waiting", "Deliveries to webhooks that are due.",
			func(f register.WebhookFigures) float64 { return float64(f.Waiting) }),
		of("chancery_webhook_oldest_seconds",
			"How long the oldest of them to a webhook that does not fail has been due.",
			func(f register.WebhookFigures) float64 { return secondsSince(f.Oldest) }),
		of("chancery_webhook_failing", "Webhooks whose last attempt failed.",
			func(f register.WebhookFigures) float64 { return float64(f.Failing) }),
		of("chancery_webhook_dead", "Deliveries to webhooks that were given up.",
			func(f register.WebhookFigures) float64 { return float64(f.Dead) }),
		of("chancery_webhook_disabled", "Webhooks to which nothing is sent any more: they failed for too long.",
			func(f register.WebhookFigures) float64 { return float64(f.Disabled) }),
	}
}

func webhooksCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "webhooks", Short: "Look after what signs the word that Parties are sent"}
	var path string
	rotate := &cobra.Command{
		Use:   "rotate-key",
		Short: "Make a new key that signs what is sent to webhooks",
		Long: "rotate-key makes a key; the one before signs beside it for seven days, so that receivers have time to " +
			"take the new one from /api/v1/webhooks/keys.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			s, _, err := loadOrReport(path, env)
			if err != nil {
				return err
			}
			return withMails(ctx, path, env, func(records *register.Register, tx *postgres.Tx) error {
				now, err := tx.Now(ctx)
				if err != nil {
					return err
				}
				keeper := exchange.OrganisationIDOf(s.instrument.Operator.Short)
				err = records.RotateWebhookKey(ctx, tx, keeper, now, now.Add(webhook.KeyOverlap))
				if err == nil {
					fmt.Fprintln(env.stdout, "a new key signs; the one before signs beside it for seven days")
				}
				return err
			})
		}),
	}
	configFlag(rotate, &path)
	group.AddCommand(rotate)
	return group
}
