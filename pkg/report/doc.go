// Package report turns verified bundles of the disclosure log into what an auditor reads: one page that opens without
// a network and prints, and CSV files beside it. Who saw what, when, under which decision, allowed or not and why; what
// is new since the last audit; what looks unusual.
//
// Nothing is reported that was not verified first, and each line bears the verdict on its own entry (ledger.Verify). A
// bundle that fails is reported all the same, with what is wrong at the top: an auditor wants to see it.
//
// lines.go says what a line holds, collect.go gathers lines from entries, unusual.go says what stands out, page.go
// writes the page, csv.go the files, words.txt holds the words in both languages.
package report
