package article4

import "slices"

// After the end the Discloser may still consent in writing to a third party for a copy that the Recipient holds:
// Article 4(10) keeps 4(8), and with it the consent that lifts it (reading 0009). It is recorded; no byte moves here.

// onlyEnded reports whether nothing but the end of the Arrangement closed a purpose.
func (a *ArrangementFacts) onlyEnded(code PurposeCode) bool {
	return a.Phase == Ended && slices.Contains(a.EndedPurposes, code)
}

// copyHeld reports whether the new request is for such a consent.
func (f *Facts) copyHeld() bool {
	ask := f.Ask
	return f.protected() && ask.CopyHeld && f.Arrangement.onlyEnded(ask.Purpose) &&
		f.beneficiary(ask.For, ask.ForKind) == sideThirdParty
}

// forCopyHeld reports whether a request is one for such a consent: for a third party, and made after the end, when
// nothing else was taken.
func forCopyHeld(doc DocumentFacts, grant *GrantFacts, a ArrangementFacts) bool {
	return doc.Marking != NonConfidential && beneficiaryKind(doc, grant) == ThirdParty && a.onlyEnded(grant.Purpose) &&
		!a.EndsAt.IsZero() && !grant.MadeAt.Before(a.EndsAt)
}
