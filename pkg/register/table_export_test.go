package register

// Tables gives, for each table that has a row here, its columns as the row has them.
func Tables() map[string][]string {
	out := map[string][]string{}
	tell(out, acknowledgementTable)
	tell(out, agreementTable)
	tell(out, arrangementTable)
	tell(out, arrivalTable)
	tell(out, attemptTable)
	tell(out, copyTable)
	tell(out, decisionTable)
	tell(out, delegationTable)
	tell(out, disclosureTable)
	tell(out, documentTable)
	tell(out, focalPointTable)
	tell(out, holdTable)
	tell(out, loweringTable)
	tell(out, messageTable)
	tell(out, noticeTable)
	tell(out, organisationTable)
	tell(out, pendingTable)
	tell(out, pieceTable)
	tell(out, personTable)
	tell(out, purposeTable)
	tell(out, refusalsTable)
	tell(out, releaseTable)
	tell(out, requestTable)
	tell(out, signatureTable)
	tell(out, specificTable)
	tell(out, suspensionTable)
	tell(out, versionTable)
	tell(out, webhookTable)
	tell(out, withdrawalTable)
	return out
}

func tell[R any](out map[string][]string, t *table[R]) {
	for _, c := range t.columns {
		if c.own {
			out[t.name] = append(out[t.name], c.name)
		}
	}
}
