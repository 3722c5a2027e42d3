package article4

// LeakStops reports whether a report of a leak stops the document at once (Article 4(6)): where content of it was
// disclosed to the reporter's organisation, or the reporter quotes a copy number. Any other report is put to the
// Discloser, who decides: else whoever knows that there is a document could stop it. It looks at ActReportLeak alone;
// whether somebody may report is for Decide.
func LeakStops(f Facts) bool {
	return f.Act == ActReportLeak && f.Change != nil && f.Change.HadDocument
}
