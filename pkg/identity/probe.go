package identity

import (
	"context"
	"errors"
	"log/slog"
)

// Probe asks each provider for its metadata and keys, as the first token would. For each issuer that gives none that a
// token may be verified with, by its place in cfg.Issuers, it says why. Nothing is kept.
func Probe(ctx context.Context, cfg Config) (map[int]error, error) {
	cfg.Logger = slog.New(slog.DiscardHandler)
	providers, err := newProviders(cfg)
	if err != nil {
		return nil, err
	}
	wrong := map[int]error{}
	for i, issuer := range cfg.Issuers {
		ring, err := providers[issuer.URL].current(ctx)
		if err == nil && len(ring.keys) == 0 {
			err = errors.New("its RSA keys are shorter than 3,072 bits, so every token is refused")
		}
		if err != nil {
			wrong[i] = err
		}
	}
	return wrong, nil
}
