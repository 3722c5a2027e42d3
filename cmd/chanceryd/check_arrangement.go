package main

// What the configuration says of the Arrangement file and of the issuers that it names. The file itself is read and
// checked in pkg/instrument.

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
)

// readArrangement reports each problem of the Arrangement file under its own key.
func readArrangement(path string) (instrument.Instrument, []finding) {
	if path == "" {
		return instrument.Instrument{},
			[]finding{{Key: "arrangement", Problem: "is missing",
				Cure: "name the Arrangement file, such as deploy/arrangements/wco-unoct-2022.yaml"}}
	}
	data, err := readBounded(path)
	if err != nil {
		return instrument.Instrument{},
			[]finding{{Key: "arrangement", Problem: "cannot be read: " + err.Error(),
				Cure: "name a readable Arrangement file"}}
	}
	in, err := instrument.Read(bytes.NewReader(data))
	var invalid *instrument.Invalid
	if !errors.As(err, &invalid) {
		if err != nil {
			return in, []finding{{Key: "arrangement", Problem: err.Error(), Cure: "name a readable Arrangement file"}}
		}
		return in, nil
	}
	var found []finding
	for _, f := range invalid.Faults {
		about, line := "", ""
		if f.Paragraph != "" {
			about = " (Article " + f.Paragraph + ")"
		}
		if f.Line > 0 {
			line = fmt.Sprintf("line %d of ", f.Line)
		}
		found = append(found, finding{Key: strings.TrimSuffix("arrangement: "+f.Field, ": "), Problem: f.Detail + about,
			Cure: "correct " + line + path})
	}
	return in, found
}

func checkIssuer(key string, issuer identity.Issuer) []finding {
	var found []finding
	if err := issuer.Check(); err != nil {
		found = append(found, finding{Key: key, Problem: err.Error(), Cure: "correct the issuer " + issuer.URL})
	}
	if issuer.PlainJWT {
		found = append(found, finding{Key: key + ".plain_jwt",
			Problem: "access tokens of type JWT are accepted from " + issuer.URL,
			Cure:    "have the provider issue at+jwt (RFC 9068)", Weakening: true})
	}
	if issuer.RSA2048 {
		found = append(found, finding{Key: key + ".rsa_2048",
			Problem: "RSA keys shorter than 3,072 bits are accepted from " + issuer.URL,
			Cure:    "have the provider sign with RSA of 3,072 bits, or with ES256", Weakening: true})
	}
	if issuer.ACRClaim != "" && len(issuer.StepUpACR) == 0 {
		found = append(found, finding{Key: key + ".acr_claim", Problem: "is of no use without step_up_acr",
			Cure: "list the values for several factors under step_up_acr"})
	}
	if len(issuer.StepUpACR) == 0 {
		found = append(found, finding{Key: key + ".step_up_acr",
			Problem: "deciding acts ask for no stronger sign-in at " + issuer.URL,
			Cure:    "list the provider's acr values for several factors", Weakening: true})
	}
	return found
}

// checkBindings compares the configured issuers and what they name with the Arrangement file.
func checkBindings(s setting) []finding {
	bound := map[string]string{s.instrument.Operator.Issuer: s.instrument.Operator.Short}
	for _, t := range s.instrument.ThirdParties {
		bound[t.Issuer] = t.Short
	}
	for _, p := range s.instrument.Parties {
		bound[p.Issuer] = p.Short
	}
	var found []finding
	configured := map[string]bool{}
	for i, issuer := range s.issuers {
		key := fmt.Sprintf("issuers[%d].url", i)
		if configured[issuer.URL] {
			found = append(found, finding{Key: key, Problem: issuer.URL + " stands twice", Cure: "keep one of them"})
		}
		configured[issuer.URL] = true
		if bound[issuer.URL] == "" {
			found = append(found, finding{Key: key,
				Problem: fmt.Sprintf("%s is bound to no organisation in %s", issuer.URL, s.Arrangement),
				Cure:    "bind it there, or remove it here; the two are compared character by character"})
		}
		found = append(found, checkServices(fmt.Sprintf("issuers[%d].services", i), issuer, s.instrument)...)
	}
	for _, p := range s.instrument.Parties {
		if !configured[p.Issuer] {
			found = append(found, finding{Key: "issuers",
				Problem: fmt.Sprintf("the issuer of the Party %s, %s, is missing", p.Short, p.Issuer),
				Cure:    "add it: without it nobody of that Party can act"})
		}
	}
	return found
}

func checkServices(key string, issuer identity.Issuer, in instrument.Instrument) []finding {
	var found []finding
	known := purposesOf(in)
	for client, limits := range issuer.Services {
		for _, marking := range limits.Markings {
			if !marking.Valid() {
				found = append(found, finding{Key: key + "." + client + ".markings",
					Problem: fmt.Sprintf("%q is no marking", marking),
					Cure:    "write confidential, restricted, non-confidential"})
			}
		}
		for _, code := range limits.Purposes {
			if !slices.Contains(known, code) {
				found = append(found, finding{Key: key + "." + client + ".purposes",
					Problem: fmt.Sprintf("%q is no purpose of the Arrangement, nor of a specific arrangement", code),
					Cure:    "write codes of the Arrangement file, such as art2.f"})
			}
		}
	}
	return found
}

// purposesOf are the codes of the Arrangement and of its specific arrangements, in force or not.
func purposesOf(in instrument.Instrument) []article4.PurposeCode {
	clauses := slices.Clone(in.Purposes)
	for _, specific := range in.SpecificArrangements {
		clauses = append(clauses, specific.Purposes...)
	}
	codes := make([]article4.PurposeCode, len(clauses))
	for i, clause := range clauses {
		codes[i] = article4.PurposeCode(clause.Code)
	}
	return codes
}
