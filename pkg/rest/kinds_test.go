package rest_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/ledger"
)

// Whoever has the contract alone can tell what kinds of entries there are, and ask for each.
func TestTheContractListsTheKindsOfEntries(t *testing.T) {
	p, err := readPromise()
	must(t, err)
	schemas := p.root["components"].(map[string]any)["schemas"].(map[string]any)
	var listed []string
	for _, kind := range schemas["LogKind"].(map[string]any)["x-extensible-enum"].([]any) {
		listed = append(listed, kind.(string))
	}
	var written []string
	for _, row := range ledger.Grammar {
		written = append(written, string(row.Kind))
	}
	slices.Sort(written)
	if !slices.Equal(listed, written) {
		t.Errorf("the contract lists\n%q, and the gateway writes\n%q", listed, written)
	}
	w := newWorld(t)
	for _, kind := range listed {
		want[api.LogEntryPage](t, w.as("auditor.wco", "GET", "/log/entries?limit=1&kind="+kind, ""), 200)
	}
}
