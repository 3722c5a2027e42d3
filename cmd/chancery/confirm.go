package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
)

// confirming is how somebody says that an act is meant.
type confirming struct{ yes bool }

// stopping is an act that ends or declines something: it says why, is confirmed, and answers with what became of it.
type stopping struct {
	why api.Justification
	confirming
	answered
}

// flags adds what all such acts have; marked says of what --yes is not enough alone.
func (s *stopping) flags(cmd *cobra.Command, marked string) {
	cmd.Flags().StringVar(&s.why.Statement, "statement", "", "`TEXT`: why, in your words")
	cmd.Flags().BoolVar(&s.yes, "yes", false, "do not ask; "+marked+"only with CHANCERY_ALLOW_YES=1")
	s.answered.flags(cmd)
}

// protected is what Article 4(5) protects.
func protected(m api.Marking) bool { return m != api.NonConfidential }

// ask goes on when somebody types yes, or when --yes stands for it. On a protected document --yes stands for nobody,
// unless CHANCERY_ALLOW_YES says that whoever runs this machine wants it so.
func (c confirming) ask(env environment, marking api.Marking, what string) error {
	if c.yes && (!protected(marking) || env.lookup("CHANCERY_ALLOW_YES") == "1") {
		return nil
	}
	if env.stdin == nil || !isTerminal(env.stdin) {
		said := "nobody is here to confirm it: give --yes"
		if c.yes {
			said = fmt.Sprintf("--yes does not decide on what is marked %s: confirm it at a terminal, or set "+
				"CHANCERY_ALLOW_YES=1", printable(string(marking)))
		}
		return &failure{exitUsage, errors.New(what + ": " + said)}
	}
	fmt.Fprintf(env.stderr, "%s? Type yes: ", what)
	answer, err := bufio.NewReader(env.stdin).ReadString('\n')
	if err != nil {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		return &failure{exitFailure, errors.New("nothing was done")}
	}
	return nil
}

// waits ends a command whose act waits for a second person.
func waits(env environment, location string) error {
	id := location[strings.LastIndex(location, "/")+1:]
	fmt.Fprintf(env.stderr, "Nothing has changed yet: a second person of your organisation reads it with\n  chancery "+
		"api "+
		"/confirmations/%s\nand confirms it there or on the pages.\n", printable(id))
	return &failure{code: exitWaiting}
}
