package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/register"
)

// What resembles something received is refused until it is named as a source, or a second person of the same Party says
// as well, with a reason, that it is none (reading 0110). Both deposit the same file with their reason: the first is
// refused, and what they said is kept for the second. Nothing else of a file that is refused is kept.

const notDerivedTarget = "not-derived|"

// notDerived is what both say, beside their reasons: this file does not come from these documents.
type notDerived struct {
	SHA256    article4.Digest       `json:"sha256"`
	Documents []article4.DocumentID `json:"documents"`
	// Reason is the first's, as it is kept for the second: each has their own.
	Reason string `json:"reason,omitempty"`
}

// textKey is the key of the fingerprints: it takes the keysets of both Parties, since either's texts are compared with
// the other's.
func (v *visit) textKey() ([]byte, error) {
	h := sha256.New()
	for _, party := range slices.Sorted(slices.Values(v.parties)) {
		token, err := v.keysets.Token(string(party), "fingerprints of texts")
		if err != nil {
			return nil, err
		}
		h.Write(token)
	}
	return h.Sum(nil), nil
}

func (in *intake) readTextKey(v *visit) (err error) {
	if in.textKey == nil {
		in.textKey, err = v.textKey()
	}
	return err
}

// resemblance looks for what the file resembles of all that the other Party disclosed to the depositor's organisation,
// and whether that is settled.
func (in *intake) resemblance(ctx context.Context, v *visit) error {
	found, err := v.register.TextsDisclosedTo(ctx, v.tx, v.actor.organisation.ID, textOf(in.found.Fingerprint))
	if err != nil {
		return err
	}
	in.resembles = nil
	for _, one := range found {
		if inspect.Compare(in.found.Fingerprint, fingerprintOf(one.Text)).Resembles() &&
			!slices.Contains(in.resembles, one.Document) && !in.derives(v, one.Document) {
			in.resembles = append(in.resembles, one.Document)
		}
	}
	in.facts.ResemblesReceived = len(in.resembles) > 0
	if in.confirms = nil; !in.facts.ResemblesReceived || strings.TrimSpace(in.meta.NotDerived) == "" {
		return nil
	}
	first, err := v.second(ctx, in.notDerivedTarget(v), in.saysNotDerived())
	if err != nil || first == nil {
		return err
	}
	if !first.Same { // of other documents: whoever says something else begins again
		waiting := v.pending.ID
		v.pending = nil
		return v.register.EndPending(ctx, v.tx, waiting, v.at)
	}
	if first.First != v.actor.person {
		v.facts.Deposit.ResemblanceSettled, in.confirms = true, v.pending
	}
	return nil
}

func (in *intake) notDerivedTarget(v *visit) string {
	return notDerivedTarget + string(v.actor.organisation.ID) + "|" + string(in.digest())
}

func (in *intake) saysNotDerived() notDerived {
	return notDerived{SHA256: in.digest(), Documents: in.resembles}
}

// derives reports whether a document is named as a source, by this deposit or, of a new version, before.
func (in *intake) derives(v *visit, id article4.DocumentID) bool {
	is := func(s register.Source) bool { return s.Document == id }
	return slices.ContainsFunc(in.derived.sources, is) ||
		v.document != nil && slices.ContainsFunc(v.document.Sources, is)
}

// refusedAsResembling tells the depositor which document it is, and keeps the reason of the first of two people, where
// nothing else stands in the way.
func (in *intake) refusedAsResembling(ctx context.Context, v *visit, refusal *Refusal, entry written) error {
	if in.facts == nil || !in.facts.ResemblesReceived || v.facts.Deposit.ResemblanceSettled {
		return nil
	}
	if refusal.Document == "" {
		refusal.Document = in.resembles[0]
	}
	if len(v.ruling.Reasons) != 1 || strings.TrimSpace(in.meta.NotDerived) == "" || v.pending != nil {
		return nil
	}
	said := in.saysNotDerived()
	digest, _, err := payloadOf(said)
	if err != nil {
		return err
	}
	said.Reason = in.meta.NotDerived
	_, text, err := payloadOf(said)
	if err != nil {
		return err
	}
	return v.register.AddPending(ctx, v.tx, register.Pending{
		ID:           register.NewID(pendingPrefix),
		Act:          v.act,
		Target:       in.notDerivedTarget(v),
		Organisation: v.actor.organisation.ID,
		By:           v.actor.person,
		At:           v.at,
		ExpiresAt:    v.at.Add(secondWithin),
		Payload:      text,
		PayloadSHA:   digest,
		Entry:        entry.id,
		EntryHash:    entry.hash,
	})
}

// confirmed ends what the first of two people said, and is what the entry of the second relies on.
func (in *intake) confirmed(ctx context.Context, v *visit) ([]string, error) {
	if in.confirms == nil {
		return nil, nil
	}
	return []string{in.confirms.EntryHash}, v.register.EndPending(ctx, v.tx, in.confirms.ID, v.at)
}

// notDerivedField are the reasons of both, where they were needed.
func (in *intake) notDerivedField() private {
	if in.confirms == nil {
		return private{"not-derived", ""}
	}
	var first notDerived
	_ = json.Unmarshal([]byte(in.confirms.Payload), &first) // it was read before, to be compared
	return private{"not-derived", first.Reason + "\n" + in.meta.NotDerived}
}

// looked reads once more, with the same eyes, the text that a renderer saw in a file: fonts may number their letters.
func (in *intake) looked(text string) {
	if text == "" {
		return
	}
	again := inspect.New(inspect.Config{TokenKey: in.textKey})
	defer again.Close()
	_, _ = again.Write([]byte(text)) // takes everything: there is no bound
	seen := again.Findings()
	in.found.PassengerData = in.found.PassengerData || seen.PassengerData
	if seen.Fingerprint.Words > 0 {
		in.found.Fingerprint = seen.Fingerprint
	}
}

func textOf(f inspect.Fingerprint) register.Text {
	return register.Text{Words: f.Words, Digest: bytes.Clone(f.Text[:]), Tokens: f.Tokens, Whole: f.Whole}
}

func fingerprintOf(t register.Text) inspect.Fingerprint {
	f := inspect.Fingerprint{Words: t.Words, Tokens: t.Tokens, Whole: t.Whole}
	copy(f.Text[:], t.Digest)
	return f
}
