package main

import (
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// Mails that were given up are listed with whom, since when, of what kind and why, without address or title; they are
// tried again or forgotten by their numbers, and a number that is none of theirs changes nothing.
func TestMailsThatWereGivenUpAreTheOperators(t *testing.T) {
	r := newRack(t)
	r.start(t)
	r.exchanged(t, 1)
	becomes(t, "mails that wait", 1, func() int {
		return r.counted(t, `SELECT LEAST(count(*), 1) FROM mail WHERE state = 'waiting'`)
	})
	r.kill() // it is what makes and takes mails
	r.superuser(t, `UPDATE mail SET state = 'dead', ended_at = now(), fault = 'no connection' WHERE state = 'waiting'`)
	dead := r.counted(t, `SELECT count(*) FROM mail WHERE state = 'dead'`)
	do := func(want int, says string, args ...string) string {
		return chanceryd(t, nil, want, says, append(append([]string{"mail"}, args...), "--config", r.config)...)
	}
	listed := strings.TrimSpace(do(0, "no connection", "list"))
	lines := strings.Split(listed, "\n")
	if len(lines) != dead || !strings.Contains(lines[0], " since 20") || strings.Contains(listed, "@") {
		t.Errorf("%d mails are listed as\n%s", dead, listed)
	}
	if !strings.Contains(listed, "asked") {
		t.Errorf("no kind of notice stands in\n%s", listed)
	}
	one := strings.Fields(lines[0])[1]
	for _, act := range []string{"retry", "drop"} {
		do(1, "only 1 of 2 are mails that were given up; nothing was done", act, one, "mai_another")
	}
	do(exitUsage, "requires at least 1 arg", "drop")
	if n := r.counted(t, `SELECT count(*) FROM mail WHERE state = 'dead'`); n != dead {
		t.Errorf("%d are given up, want %d", n, dead)
	}
	do(0, "1 mail is forgotten", "drop", one, one)
	do(0, ledger.Several(dead-1, "mail")+" ", "retry")
	if n := r.counted(t, `SELECT count(*) FROM mail WHERE state = 'dead'`); n != 0 {
		t.Errorf("%d are given up still", n)
	}
	if n := r.counted(t, `SELECT count(*) FROM mail WHERE id = '`+one+`'`); n != 0 {
		t.Error("the forgotten one is there")
	}
}
