package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
)

// declaration is what is said of a file: by flags, by a row of a manifest, or by a file of JSON as the API takes it.
type declaration map[string]string

// How a column or a flag becomes a member of the metadata.
var declared = map[string]struct {
	what string
	put  func(metadata map[string]any, value string) error
}{
	"title":             {"`TEXT`; without it, the name of the file", word("title")},
	"marking":           {"`MARKING`: confidential, restricted or non-confidential; Article 4(9)", word("marking")},
	"recipient":         {"the other `ORGANISATION`, org_unoct or unoct", organisation("recipient")},
	"purposes":          {"`CODES` of the purposes, art2.e,art2.f; Article 4(7)", list("purposes")},
	"purpose_statement": {"the purpose in `WORDS`", word("purpose_statement")},
	"entities_concerned": {"`ORGANISATIONS` whose authorization is needed, or none; Article " +
		"4(4)", orNone("entities_concerned")},
	"derived_from":         {"`DOCUMENTS` it was made from, or none", orNone("derived_from")},
	"not_derived":          {"why it derives from nothing that it resembles, in `WORDS`", word("not_derived")},
	"personal_data":        {"`yes` or no: does it relate to people; Article 4(3)", personal("present", isSo)},
	"personal_regime":      {"the `REGIME` of the data", personal("regime", asItIs)},
	"legal_basis":          {"the legal `BASIS` of giving it", personal("legal_basis", asItIs)},
	"retain_until":         {"the last `DAY` on which it may be kept", personal("retain_until", asItIs)},
	"proprietary":          {"`yes` or no: proprietary; Article 4(5)", truth("proprietary")},
	"show_title":           {"`yes` or no: show the title to whoever may not read it yet", truth("show_title")},
	"handling":             {"how to handle it, in `WORDS`", word("handling")},
	"alias":                {"your own `WORD` for the marking", word("alias")},
	"series":               {"the `SERIES` that it is of, ser_…", word("series")},
	"as_of":                {"the `DAY` that its content is of", word("as_of")},
	"review_by":            {"the `DAY` by which it is to be looked at again", word("review_by")},
	"countries":            {"`COUNTRIES` that it is about, by two letters", list("countries")},
	"marking_confirmation": {"`TEXT`: why its own headers say another marking", word("marking_confirmation")},
}

func word(name string) func(map[string]any, string) error {
	return func(m map[string]any, v string) error { m[name] = v; return nil }
}

func organisation(name string) func(map[string]any, string) error {
	return func(m map[string]any, v string) error { m[name] = organisationID(v); return nil }
}

// organisationID takes a short name too.
func organisationID(v string) string {
	if strings.HasPrefix(v, "org_") {
		return v
	}
	return "org_" + v
}

// parted takes a list apart, at commas, semicolons and blanks.
func parted(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
}

func list(name string) func(map[string]any, string) error {
	return func(m map[string]any, v string) error { m[name] = parted(v); return nil }
}

func orNone(name string) func(map[string]any, string) error {
	return func(m map[string]any, v string) error {
		if m[name] = any(v); v == "none" {
			return nil
		}
		values := parted(v)
		if name == "entities_concerned" {
			for i := range values {
				values[i] = organisationID(values[i])
			}
		}
		m[name] = values
		return nil
	}
}

func asItIs(v string) (any, error) { return v, nil }

func yesOrNo(v string) (bool, error) {
	if v != "yes" && v != "no" {
		return false, fmt.Errorf("is %q; write yes or no", v)
	}
	return v == "yes", nil
}

func isSo(v string) (any, error) { return yesOrNo(v) }

func truth(name string) func(map[string]any, string) error {
	return func(m map[string]any, v string) (err error) { m[name], err = yesOrNo(v); return err }
}

func personal(name string, read func(string) (any, error)) func(map[string]any, string) error {
	return func(m map[string]any, v string) error {
		inside, _ := m["personal_data"].(map[string]any)
		if inside == nil {
			inside = map[string]any{}
		}
		value, err := read(v)
		inside[name], m["personal_data"] = value, inside
		return err
	}
}

// flags gives a command a flag for each thing that can be declared.
func (d declaration) flags(cmd *cobra.Command, only ...string) {
	for name, one := range declared {
		if len(only) == 0 || slices.Contains(only, name) {
			cmd.Flags().Var(declaredValue{d, name}, strings.ReplaceAll(name, "_", "-"), one.what)
		}
	}
}

type declaredValue struct {
	declaration
	name string
}

func (v declaredValue) String() string         { return "" }
func (v declaredValue) Type() string           { return "string" }
func (v declaredValue) Set(value string) error { v.declaration[v.name] = value; return nil }

// members are what the API takes.
func (d declaration) members() (map[string]any, error) {
	m := map[string]any{}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if err := declared[name].put(m, d[name]); err != nil {
			faults = append(faults, fmt.Errorf("%s %w", name, err))
		}
	}
	return m, errors.Join(faults...)
}

// metadata makes the metadata of a deposit: what a file of JSON says, and what is declared beside it.
func (d declaration) metadata(base []byte) (api.DepositMetadata, error) {
	members := map[string]any{}
	if base != nil {
		if err := json.Unmarshal(base, &members); err != nil {
			return api.DepositMetadata{}, err
		}
	}
	said, err := d.members()
	if err != nil {
		return api.DepositMetadata{}, err
	}
	maps.Copy(members, said)
	return decoded[api.DepositMetadata](members)
}

// decoded reads members strictly: what the API does not know is refused here already.
func decoded[T any](members map[string]any) (T, error) {
	var out T
	text, err := json.Marshal(members)
	if err != nil {
		return out, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	return out, in.Decode(&out)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
