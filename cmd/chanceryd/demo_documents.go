//go:build !nodemo

package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
)

// furnish puts a handful of documents into an empty gateway, each standing somewhere else on its way, and reports
// whether it did. A gateway that has any is left as it is, and so is one whose rules would refuse them: by --now the
// Arrangement may not be in effect, or the Delegations over.
func (s *stage) furnish(ctx context.Context) (bool, error) {
	able, err := s.inEffect(ctx)
	if err != nil || !able {
		return false, err
	}
	for _, who := range []string{"staff.wco", "staff.unoct"} {
		var page struct {
			Items []object `json:"items"`
		}
		err := s.as(who).do(ctx, http.MethodGet, "/documents?limit=1", nil, &page)
		if err != nil || len(page.Items) > 0 {
			return false, err
		}
	}
	for _, put := range []func(context.Context) error{s.offices, s.programme, s.granted, s.waitingForCustoms,
		s.waitingForConsent, s.refused, s.personal} {
		if err := put(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

// inEffect reports whether both Parties can exchange and decide at the rules' clock.
func (s *stage) inEffect(ctx context.Context) (bool, error) {
	var arrangement object
	if err := s.as("staff.wco").do(ctx, http.MethodGet, "/arrangement", nil, &arrangement); err != nil {
		return false, err
	}
	for _, who := range []string{"focal.wco", "focal.unoct"} {
		var me struct {
			Delegations []object `json:"delegations"`
		}
		if err := s.as(who).do(ctx, http.MethodGet, "/me", nil, &me); err != nil || len(me.Delegations) == 0 {
			return false, err
		}
	}
	return arrangement.text("phase") == "in-effect", nil
}

func metadata(title, marking, recipient, purpose, statement string) object {
	return object{"title": title, "marking": marking, "recipient": "org_" + recipient, "purposes": []string{purpose},
		"purpose_statement": statement, "entities_concerned": "none", "derived_from": "none",
		"personal_data": object{"present": false},
		"show_title":    true}
}

// offices are one desk of each Party at which the other may reach its people.
func (s *stage) offices(ctx context.Context) error {
	for _, desk := range []struct{ keeper, member, name string }{
		{"focal.wco", "staff.wco", "Compliance and Facilitation"},
		{"focal.unoct", "staff.unoct", "Passenger data desk"},
	} {
		var me object
		if err := s.as(desk.member).do(ctx, http.MethodGet, "/me", nil, &me); err != nil {
			return err
		}
		err := s.as(desk.keeper).do(ctx, http.MethodPost, "/offices",
			object{"name": desk.name, "members": []string{me.text("person")}}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// programme is non-confidential: the other Party's people may read it for its purpose.
func (s *stage) programme(ctx context.Context) error {
	_, err := s.as("staff.wco").deposit(ctx,
		metadata("Programme of the joint workshop on passenger data", "non-confidential", "unoct", "art2.i",
			"So that participants of both organisations can prepare"), "Day 1: carriers and their messages.",
		"Day 2: working together at the border.")
	return err
}

// granted is restricted, and its grant to the other Party is in force.
func (s *stage) granted(ctx context.Context) error {
	document, err := s.as("staff.wco").deposit(ctx,
		metadata("Connecting two passenger data systems: interface notes", "restricted", "unoct", "art2.f",
			"For the technical trial of the two systems"), "Fields, code lists and limits of the interface.")
	if err != nil {
		return err
	}
	request, err := s.as("staff.unoct").ask(ctx, document, "org_unoct", "art2.f", "To prepare the technical trial", 90)
	if err != nil {
		return err
	}
	return s.as("focal.wco").decide(ctx, request, object{"act": "authorize", "statement": "For the trial"})
}

// waitingForCustoms needs the authorization of an entity concerned beside the Discloser's.
func (s *stage) waitingForCustoms(ctx context.Context) error {
	m := metadata("Border assessment of Exampleland", "confidential", "wco", "art2.b",
		"For the consultation with the beneficiary country")
	m["entities_concerned"] = []string{"org_customs-exampleland"}
	document, err := s.as("staff.unoct").deposit(ctx, m,
		"Findings of the visit, and what was agreed with the administration.")
	if err != nil {
		return err
	}
	request, err := s.as("staff.wco").ask(ctx, document, "org_wco", "art2.b", "To prepare the national consultation",
		60)
	if err != nil {
		return err
	}
	return s.as("focal.unoct").decide(ctx, request,
		object{"act": "authorize", "statement": "As far as it is ours to give"})
}

// waitingForConsent is asked for on behalf of a third party; the agreement that it would sign is put to it.
func (s *stage) waitingForConsent(ctx context.Context) error {
	document, err := s.as("staff.wco").deposit(ctx,
		metadata("Risk indicators for maritime arrivals", "restricted", "unoct", "art2.e",
			"For passenger information units that begin with maritime data"),
		"Indicators, their weight, and how they were found.")
	if err != nil {
		return err
	}
	err = s.as("focal.wco").do(ctx, http.MethodPost, "/agreements",
		object{"organisation": "org_piu-exampleland", "text": agreementText}, nil)
	if err != nil {
		return err
	}
	_, err = s.as("staff.unoct").ask(ctx, document, "org_piu-exampleland", "art2.e",
		"The unit starts with maritime data next month", 45)
	return err
}

const agreementText = `Confidentiality Agreement

The Passenger Information Unit of Exampleland receives documents of the Parties to the Arrangement that are marked
confidential or restricted. It will hold them in confidence, use them only for the purpose stated when it received them,
give them to nobody else, and tell the Discloser at once if it learns that somebody else has them.

These duties go on after the purpose is served and after the Arrangement has ended.
`

// refused was asked for and refused.
func (s *stage) refused(ctx context.Context) error {
	document, err := s.as("staff.unoct").deposit(ctx,
		metadata("Draft figures on implementation in five countries", "restricted", "wco", "art2.a",
			"For the yearly exchange on progress"), "Not yet agreed with the countries.")
	if err != nil {
		return err
	}
	request, err := s.as("staff.wco").ask(ctx, document, "org_wco", "art2.a", "For the yearly report", 30)
	if err != nil {
		return err
	}
	return s.as("deputy.unoct").decide(ctx, request,
		object{"act": "refuse", "statement": "The figures are not agreed with the countries yet"})
}

// personal relates to identifiable persons, and nobody has asked for it yet. Its title is not shown in the stub.
func (s *stage) personal(ctx context.Context) error {
	m := metadata("Participants of the training at the seaport", "confidential", "unoct", "art3.a",
		"So that both organisations can invite them again")
	m["show_title"] = false
	m["personal_data"] = object{"present": true, "regime": "WCO rules on the protection of personal data",
		"legal_basis":  "Consent of the participants",
		"retain_until": s.now().AddDate(1, 0, 0).UTC().Format("2006-01-02")}
	_, err := s.as("focal.wco").deposit(ctx, m, "Names and offices of the participants (invented).")
	return err
}

// onePage is a PDF of one page: a title and some lines. Characters outside of ASCII are left out.
func onePage(title string, lines []string) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "BT /F1 16 Tf 60 770 Td (%s) Tj /F1 11 Tf 0 -30 Td", pdfText(title))
	for _, line := range lines {
		fmt.Fprintf(&text, " (%s) Tj 0 -16 Td", pdfText(line))
	}
	text.WriteString(" ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> " +
			">>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var pdf bytes.Buffer
	pdf.WriteString("%PDF-1.4\n")
	table := "0000000000 65535 f \n"
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", pdf.Len())
		fmt.Fprintf(&pdf, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := pdf.Len()
	fmt.Fprintf(&pdf, "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1,
		table, len(objects)+1, at)
	return pdf.Bytes()
}

func pdfText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		}
	}
	return b.String()
}
