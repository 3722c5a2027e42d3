// Package review takes the decisions of a log again: it asks the rules of Article 4, as a bundle of the log carries
// them, what the gateway asked them then (docs/decisions/0231).
//
// It is the auditor's half of pkg/article4. pkg/ledger verifies a bundle without knowing any rule; given a Review as
// ledger.Options.Decider, it also has each decision taken again, and finds the permit that the rules refuse.
package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

// Review has the rules by which a log was decided. It implements ledger.Decider, for one verification at a time.
type Review struct {
	rules map[string]*article4.Recorded // by digest
}

// New has the rules of this build, which need no bundle to bring them.
func New() (*Review, error) {
	own, err := article4.Load()
	if err != nil {
		return nil, err
	}
	r := &Review{rules: map[string]*article4.Recorded{}}
	return r, r.Rules(own.Digest(), own.Text())
}

// Rules takes a text of rules that hashes to the digest.
func (r *Review) Rules(digest, text string) error {
	if r.rules[digest] != nil {
		return nil
	}
	read, err := article4.ReadRules(text)
	if err != nil {
		return err
	}
	if read.Digest() != digest {
		return fmt.Errorf("a text of rules that hashes to %s, not to %s", read.Digest(), digest)
	}
	r.rules[digest] = read
	return nil
}

// Again asks the rules that the entry names. They say the same when they permit what was permitted, and give for what
// was refused the same codes.
func (r *Review) Again(b *ledger.Body, facts string) (why string, known bool) {
	rules := r.rules[b.Rules]
	if rules == nil {
		return "", false
	}
	_, permit, codes, err := rules.Again(facts)
	if err != nil {
		return err.Error(), true
	}
	said := map[article4.Code]bool{}
	for _, code := range b.Reasons {
		said[article4.Code(code)] = true
	}
	switch permitted := b.Outcome == ledger.Permitted; {
	case permitted && !permit:
		return "it was permitted; the rules, asked again, refuse it: " + list(codes), true
	case !permitted && permit:
		return "it was refused; the rules, asked again, permit it", true
	case !permitted && !maps.Equal(codes, said):
		return fmt.Sprintf("it was refused for %s; the rules, asked again, refuse it for %s", list(said),
			list(codes)), true
	}
	return "", true
}

func list(codes map[article4.Code]bool) string {
	var out []string
	for code := range codes {
		out = append(out, string(code))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
