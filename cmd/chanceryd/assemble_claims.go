package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
)

func providersOf(parties []instrument.Party) []string {
	out := make([]string, len(parties))
	for i, p := range parties {
		out[i] = p.Issuer
	}
	return out
}

func stepUpOf(issuers []identity.Issuer) func(string) string {
	wanted := map[string]string{}
	for _, i := range issuers {
		wanted[i.URL] = strings.Join(i.StepUpACR, " ")
	}
	return func(issuer string) string { return wanted[issuer] }
}

// claimsDigest tells whether anything of what turns tokens into roles was changed since the last start. A field that an
// Issuer gets later has to be left out where it is empty (omitzero): a new build must read an old file as the same.
func claimsDigest(issuers []identity.Issuer) (article4.Digest, error) {
	text, err := json.Marshal(issuers) // the keys of maps come out sorted
	if err != nil {
		return "", fmt.Errorf("claims map: %w", err)
	}
	sum := sha256.Sum256(text)
	return article4.Digest(hex.EncodeToString(sum[:])), nil
}
