// Package article4 holds the rules: what Article 4 of the Arrangement permits, and why not.
//
// It is pure. It reads no clock, no database and no network; whoever asks hands in Facts, and gets a Ruling with every
// reason. A lawyer reads, in this order:
//
//	article-4.txt       the ten paragraphs, word for word, and those that stand around them
//	rules.cedar         one rule for one obligation, in the order of the paragraphs, each with its basis
//	rules.cedarschema   every word that the rules use, and the values that it has
//	reasons_table.go    the codes of refusals: their paragraph, basis and status, and what helps
//	reasons_words_*.go  what is said when a rule refuses, in English and French
//	coverage.txt        for each paragraph: the rules, the construction, or the people that keep it
//	testdata/cases      situations in plain words with their answers; a case can be added without programming
//
// A programmer goes on to facts.go and facts_life.go (what an act brings), decide.go (facts in, ruling out),
// flatten_*.go (facts to the words of the rules), decisions.go and grants.go (what people decided: each required
// authorization and consent to one standing, the nearest of several grants), state.go (where a request stands) and
// standing.go (who may know that a document exists).
//
// Three promises hold for every input. What is not understood is refused: facts that miss a part or contradict
// themselves, and a rule that errs, are held in confidence. A permit has no reasons, and a refusal has all of them.
// The end of the Arrangement takes away and gives nothing (Article 4(10)).
package article4

//go:generate go test . -run TestArticle4Page -update
