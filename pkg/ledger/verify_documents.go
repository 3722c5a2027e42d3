package ledger

import (
	"slices"
	"strings"
	"time"
)

// documentState is what the log says of a document so far.
type documentState struct {
	discloser   string
	marking     string
	proprietary bool
	personal    bool
	retain      time.Time // the last day on which personal data is kept
	purposes    []string
	versions    map[string]string // version: commitment
	superseded  map[string]int64  // versions that a new one closed: where
	destroyed   map[string]bool   // versions
	recalled    int64             // index of the last recall
	released    []*Body           // Article 4(2), to third parties
	entities    []string
	hidden      bool // not all of the entities concerned were shown
	withdrawn   bool // a decision was
}

const unprotected = "non-confidential"

// document follows marking, versions, releases and entities concerned.
func (j *judge) document(b *Body, shown map[string]string) {
	d, t := j.doc[b.Document], b.Terms
	if b.Kind == KindDeposit {
		d = &documentState{discloser: t.Discloser, marking: t.Marking, proprietary: t.Proprietary, personal: t.PersonalData, retain: t.RetainUntil,
			purposes: t.Purposes, versions: map[string]string{}, superseded: map[string]int64{}, destroyed: map[string]bool{}}
		j.doc[b.Document] = d
	}
	if d == nil {
		return
	}
	switch b.Kind {
	case KindDeposit, KindCorrection:
		d.versions[t.DocumentVersion] = t.VersionCommitment
		if t.Closes != "" {
			d.superseded[t.Closes] = j.index
		}
	case KindMarking:
		if lowers := d.marking != unprotected && t.Marking == unprotected || d.proprietary && !t.Proprietary; lowers && t.Step != StepSecond {
			j.fault(CheckTwoPeople, b, "it takes protection away, which takes two people (reading 0002)")
		}
		if d.marking, d.proprietary = t.Marking, t.Proprietary; d.marking != unprotected {
			d.released = nil
		}
	case KindWithdrawal:
		d.withdrawn = true
	case KindRelease:
		d.released = append(d.released, b)
	case KindRecall:
		d.released, d.recalled = nil, j.index
	case KindDestruction:
		d.destroyed[t.DocumentVersion] = true
	}
	for field, change := range map[string]func([]string){
		"entities": func(all []string) { d.entities = all },
		"added":    func(more []string) { d.entities = append(d.entities, more...) },
		"removed": func(less []string) {
			if t.Step != StepSecond {
				j.fault(CheckTwoPeople, b, "it takes an entity concerned off, which takes two people (Article 4(4))")
			}
			d.entities = slices.DeleteFunc(d.entities, func(o string) bool { return slices.Contains(less, o) })
		},
	} {
		switch value, ok := shown[field]; {
		case ok && value != "none":
			change(strings.Split(value, ","))
		case !ok && b.Private[field] != "":
			d.hidden = true
		}
	}
}

// ofDocument holds what a disclosure says of the document against what the log before it says.
func (j *judge) ofDocument(b *Body, doc *documentState) {
	d := b.Disclosure
	switch {
	case doc.discloser != d.From || doc.marking != d.Marking || doc.proprietary != d.Proprietary || doc.personal != d.PersonalData:
		j.fault(CheckAuthority, b, "it speaks of a %s document of %s; the log before it of a %s one of %s", d.Marking, d.From, doc.marking, doc.discloser)
	case doc.versions[d.Version] != d.Commitment || d.Commitment == "":
		j.fault(CheckAuthority, b, "version %s was never deposited as this document's", d.Version)
	case doc.destroyed[d.Version]:
		j.fault(CheckAuthority, b, "the key of version %s was destroyed earlier", d.Version)
	}
	if d.From == d.To {
		return
	}
	if at, closed := doc.superseded[d.Version]; closed {
		j.fault(CheckAuthority, b, "version %s was closed at index %d, when a new one took its place (Article 4(9))", d.Version, at)
	}
	if !doc.retain.IsZero() && !b.At.Before(doc.retain.AddDate(0, 0, 1)) {
		j.fault(CheckAuthority, b, "its personal data was kept until %s only (Article 4(3))", doc.retain.Format(time.DateOnly))
	}
	if !slices.Contains(doc.purposes, d.Purpose) {
		j.fault(CheckAuthority, b, "it was not deposited for the purpose %q", shorten(d.Purpose))
	}
}

// release wants a Release to the third party for this purpose (Article 4(2)): of personal data with a basis for the transfer
// (4(3)), of proprietary material by the Discloser itself, whose written leave it is (reading 0004).
func (j *judge) release(b *Body, doc *documentState) {
	d, why := b.Disclosure, "for this purpose"
	for _, r := range doc.released {
		switch {
		case r.Terms.Recipient != d.To || !slices.Contains(r.Terms.Purposes, d.Purpose):
		case doc.personal && r.Private["transfer-basis"] == "":
			why = "with a basis for the transfer of personal data"
		case doc.proprietary && r.Organisation != doc.discloser:
			why = "by the owner of what is proprietary"
		default:
			return
		}
	}
	j.fault(CheckAuthority, b, "no release to %s %s stands (Article 4(2))", d.To, why)
}
