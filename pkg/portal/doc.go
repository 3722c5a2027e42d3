// Package portal is the pages: for staff who deposit and read, focal points and signatories who decide, third parties
// who sign, and auditors who check.
//
// A page is never a second path to anything. Each handler reads what was sent, calls the Gateway as the person whose
// session it is, and renders; whatever the Gateway refuses is shown as one page, with every reason, who can help, and
// the words of the paragraph. Pages work without JavaScript; what scripts there are only adds to them. After each act
// the browser is sent to a page by GET, so that loading again does nothing again.
//
// Words stand in words.go, English and French side by side; what the rules say comes from the tables of article4.
package portal
