package article4

// Text is the text of the rules that this build carries, as an auditor reads it: rules.cedar.
func Text() string { return ruleText }
