package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/vault"
)

// rotation is one of the two steps in which keysets are rotated.
type rotation struct {
	use, short, long string
	step             func(dir, organisation string) error
	did, already     string // said of each organisation
	next             string // what the operator does then
}

func rotateKeysetsCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "rotate", Short: "Have new keys seal what comes, in two steps"}
	for _, r := range []rotation{
		{
			use:   "begin",
			short: "Add a key to each keyset, which opens and does not seal yet",
			long: "begin adds a key to each organisation's keyset. Restart every gateway with it before \"finish\":\n" +
				"what one of them seals, each has to open.",
			step:    vault.BeginRotation,
			did:     "a key was added",
			already: "a key waits already",
			next: "Back the keysets up, bring them to every replica and restart each; then: chanceryd keys rotate " +
				"finish",
		},
		{
			use:   "finish",
			short: "Have the keys that were added seal from now on",
			long: "finish has the key that \"begin\" added seal. The keys before it stay, and open what was sealed\n" +
				"under them.",
			step:    vault.FinishRotation,
			did:     "the key that was added seals from the next start on",
			already: "no key waits",
			next:    "Back the keysets up, bring them to every replica and restart each.",
		},
	} {
		var path string
		cmd := &cobra.Command{
			Use:   r.use,
			Short: r.short,
			Long:  r.long,
			Args:  cobra.NoArgs,
			RunE:  does(func(context.Context) error { return rotate(path, r, env) }),
		}
		configFlag(cmd, &path)
		group.AddCommand(cmd)
	}
	return group
}

// rotate carries one step out for every organisation. One that is past it is left as it is, so that a step that broke
// off can be done again.
func rotate(path string, r rotation, env environment) error {
	cfg, found := load(path, env.variables)
	in, wrong := readArrangement(cfg.Arrangement)
	found = append(found, wrong...)
	found = append(found, missing(map[string]string{"keys.keysets": cfg.Keys.Keysets},
		map[string]string{"keys.keysets": "name a directory"})...)
	if cfg.Keys.Mounted {
		found = append(found, finding{Key: "keys.mounted", Problem: "keysets that are mounted cannot be changed there",
			Cure: "rotate a copy in a directory of your own, with keys.mounted: false, and mount that"})
	}
	for _, f := range found {
		if f.stops() {
			report(env.stderr, found)
			return &failure{exitFailure, errors.New("no keyset was changed")}
		}
	}
	changed := 0
	for _, organisation := range keysetNames(in) {
		err := r.step(cfg.Keys.Keysets, organisation)
		switch {
		case errors.Is(err, vault.ErrRotation):
			fmt.Fprintf(env.stdout, "%-28s %s\n", organisation, r.already)
		case err != nil:
			return err
		default:
			changed++
			fmt.Fprintf(env.stdout, "%-28s %s\n", organisation, r.did)
		}
	}
	if changed == 0 {
		return &failure{exitFailure, fmt.Errorf("no keyset was changed: %s", r.already)}
	}
	fmt.Fprintln(env.stdout, "\n"+r.next)
	return nil
}
