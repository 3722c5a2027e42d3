package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// aliasName cannot be taken for an address.
var aliasName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$`)

func aliasCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "alias", Short: "Give gateways short names, for --server and CHANCERY_SERVER"}
	with := func(f func(h home, args []string) error) func(*cobra.Command, []string) error {
		return does(func(_ *cobra.Command, args []string) error {
			h, err := newHome(env)
			if err != nil {
				return err
			}
			return f(h, args)
		})
	}
	group.AddCommand(
		&cobra.Command{Use: "set NAME ADDRESS", Short: "Name a gateway", Args: cobra.ExactArgs(2),
			RunE: with(func(h home, args []string) error {
				name, address := args[0], strings.TrimRight(args[1], "/")
				if !aliasName.MatchString(name) {
					return &failure{exitUsage, fmt.Errorf("%q is no name: letters, digits, - and _", name)}
				}
				if !safeAddress(address) {
					return &failure{exitUsage, fmt.Errorf("%q is no address of a gateway to which a token may be "+
						"sent; write "+
						"https://chancery.example.int", address)}
				}
				return h.change(func(s *settings) error { s.Aliases[name] = address; return nil })
			})},
		aliasListCommand(env, with),
		&cobra.Command{Use: "remove NAME", Short: "Forget a name", Args: cobra.ExactArgs(1),
			RunE: with(func(h home, args []string) error {
				return h.change(func(s *settings) error {
					if _, known := s.Aliases[args[0]]; !known {
						return &failure{exitNotFound, fmt.Errorf("there is no alias %q", args[0])}
					}
					delete(s.Aliases, args[0])
					return nil
				})
			})},
	)
	return group
}

// alias is a line of the list.
type alias struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

func aliasListCommand(env environment, with func(func(home, []string) error) func(*cobra.Command, []string) error,
) *cobra.Command {
	l := listing[alias]{heading: []string{"NAME", "ADDRESS"},
		row: func(a alias) []string { return []string{a.Name, a.Address} }}
	cmd := &cobra.Command{Use: "list", Short: "List the names, and their gateways", Args: cobra.NoArgs,
		RunE: with(func(h home, _ []string) error {
			s, err := h.settings()
			if err != nil {
				return err
			}
			return l.printEach(env, func(visit func(json.RawMessage) error) error {
				for _, name := range slices.Sorted(maps.Keys(s.Aliases)) {
					text, err := json.Marshal(alias{name, s.Aliases[name]})
					if err == nil {
						err = visit(text)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		})}
	l.answered.flags(cmd)
	return cmd
}
