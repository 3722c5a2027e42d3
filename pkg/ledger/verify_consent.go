package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
)

// consent counts a consent by its evidence, and verifies what can be verified.
func (j *judge) consent(b *Body, shown map[string]string) {
	t := b.Terms
	j.v.report.Evidence[t.Evidence]++
	if text, ok := shown["text"]; ok {
		j.text(b, text)
	}
	switch t.Evidence {
	case "oidc":
		j.oidc(b, shown)
	case "letter":
		if _, err := ParseHash(t.EvidenceDigest); err != nil {
			j.fault(CheckEvidence, b, "it does not say which paper was signed")
		}
	case "none":
	default:
		j.fault(CheckEvidence, b, "evidence %q does not exist", shorten(t.Evidence))
	}
}

func (j *judge) oidc(b *Body, shown map[string]string) {
	t := b.Terms
	token, key := shown["id-token"], shown["evidence-key"]
	if token == "" || key == "" {
		if b.Private["id-token"] == "" || b.Private["evidence-key"] == "" {
			j.fault(CheckEvidence, b, "evidence is an ID token, and none was kept")
			return
		}
		j.unseen++
		return
	}
	if at, used := j.tokens[t.EvidenceDigest]; used {
		j.fault(CheckEvidence, b, "its ID token served the consent at index %d already", at)
	}
	j.tokens[t.EvidenceDigest] = j.index
	thumbprint, err := VerifyEvidence(token, []byte(key), b.Issuer, t.Text)
	switch {
	case err != nil:
		j.fault(CheckEvidence, b, "%v", err)
		return
	case digestOf(token) != t.EvidenceDigest || thumbprint != t.EvidenceKey:
		j.fault(CheckEvidence, b, "token or key are not those that the consent names")
		return
	}
	known := slices.Contains(j.v.options.IssuerKeys, thumbprint)
	if len(j.v.options.IssuerKeys) > 0 && !known {
		j.fault(CheckEvidence, b, "signed with the key %s, which %s does not have", thumbprint, b.Issuer)
	}
	k := j.keys[b.Issuer+" "+thumbprint]
	if k == nil {
		k = &IssuerKey{Issuer: b.Issuer, Thumbprint: thumbprint, Known: known}
		j.keys[b.Issuer+" "+thumbprint] = k
	}
	k.Consents++
}

// text holds the writing that was consented to (reading 0010) against what the entry says.
func (j *judge) text(b *Body, text string) {
	t := b.Terms
	if digestOf(text) != t.Text {
		j.fault(CheckEvidence, b, "the text shown is not the one that was consented to")
		return
	}
	said := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); found {
			said[name] = value
		}
	}
	purpose := ""
	if len(t.Purposes) == 1 {
		purpose = t.Purposes[0]
	}
	for name, want := range map[string]string{
		"request": b.Request, "recipient record sha-256": t.RecipientRecord, "purpose": purpose, "until": t.Until.Format(time.RFC3339),
		"form": t.Form, "signatory": b.Actor,
	} {
		if said[name] != want {
			j.fault(CheckEvidence, b, "the writing says %s %q, the entry %q", name, shorten(said[name]), shorten(want))
		}
	}
	if !strings.HasSuffix(said["recipient"], "("+t.Recipient+")") {
		j.fault(CheckEvidence, b, "the writing is for %q, the entry for %q", shorten(said["recipient"]), t.Recipient)
	}
	if !strings.Contains(said["decision"], " consents, under Article 4(8) ") {
		j.fault(CheckEvidence, b, "the writing is no consent: %q", shorten(said["decision"]))
	}
}

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// finish says what is known only when all entries were seen.
func (j *judge) finish() {
	r := &j.v.report
	counts := &r.Disclosures
	for _, t := range slices.SortedFunc(maps.Values(j.opened), func(a, b *transferState) int { return cmp.Compare(a.index, b.index) }) {
		if t.complete {
			counts.Complete++
		}
		if t.unused {
			counts.Unused++
		}
		if t.closed {
			continue
		}
		counts.Open++
		if j.newest.Sub(t.at) > 24*time.Hour { // the gateway closes what nobody fetched within the hour
			counts.OpenOver24h++
			j.v.fault(CheckCompletions, t.index, t.entry, "disclosure %s was authorised more than a day before the newest entry, and nothing says what became of it", t.id)
		}
		if len(r.Open) < maxFindings {
			r.Open = append(r.Open, OpenDisclosure{ID: t.id, Index: t.index, At: t.at})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(j.keys)) {
		r.IssuerKeys = append(r.IssuerKeys, *j.keys[key])
	}
	j.v.say(CheckTwoPeople, "%s by two, each with its first half by somebody else", several(j.life.pairs, "act"))
	j.v.say(CheckAuthority, "%s, %d to third parties, each with its decisions standing before it; %d to the Discloser's own people; %d non-confidential",
		several(int64(counts.Protected), "protected disclosure"), counts.ThirdParty, counts.Own, counts.Unprotected)
	if decided := j.life.leaves - j.life.unfounded; decided > 0 {
		j.v.say(CheckAuthority, "%s of the Parties, under a Delegation in force", several(decided, "decision"))
	}
	j.v.say(CheckEvidence, "%s", j.v.report.consents())
	j.details()
	j.v.say(CheckCompletions, "%s delivered whole, %d never fetched; %d open, none of them for more than a day", several(int64(counts.Complete), "disclosure"), counts.Unused, counts.Open)
	if len(j.own) > 1 {
		j.v.say(CheckJoint, "both bundles show the same log")
	}
	j.v.gap("closed: authorizations that only the other Party may see", j.closed)
	j.v.gap("that every entity concerned authorized: the list is the Discloser's to show", j.deferred)
	j.v.gap("evidence of consents that the bundle does not show", j.unseen)
	j.v.gap("that all conditions were accepted: some are set by leaves that only the other Party may see", j.unsettled)
	j.v.gap("first halves of acts of two people that only the other Party may see", j.life.halves)
	j.v.gap("disclosures before a configuration entry said when the Parties signed: whether the Arrangement was in effect", j.life.unphased)
	j.v.gap("decisions before a configuration entry named the Delegations: whether their signatories had one", j.life.unfounded)
}

// details wants an entry by two people for every private field that a bundle should show and does not.
func (j *judge) details() {
	removed := 0
	for _, w := range j.withheld {
		if j.erased[w.field] {
			removed++
			continue
		}
		j.v.fault(CheckDetails, w.index, w.field[0], "the value of %q is held back: no erasure of it stands in the log", shorten(w.field[1]))
	}
	if removed > 0 {
		j.v.say(CheckDetails, "%d erased, each by an entry of two people; their commitments stay", removed)
	}
}
