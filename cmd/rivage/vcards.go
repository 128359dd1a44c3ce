// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"io"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
	"rivage.example/rivage/wire/vcard"
)

// The properties of our own in a vCard (RFC 6350 section 6.10): a field of a Principal is one with its id.
const (
	propertySIREN = "X-RIVAGE-SIREN"
	propertyField = "X-RIVAGE-FIELD-"
)

// readVCards reads a file of vCards as records. A card that cannot be read comes back with its line and why; what ends the
// reading refuses all of it.
func readVCards(r io.Reader, fields []rivage.Field) (list []person.Record, faults []*vcard.Fault, err error) {
	for c, err := range vcard.Parse(r) {
		var f *vcard.Fault
		switch {
		case errors.As(err, &f):
			faults = append(faults, f)
		case err != nil:
			return nil, nil, &rivage.Error{Code: rivage.Invalid, Message: "read vCards", Err: err}
		case len(list)+len(faults) >= person.MaxRecords:
			return nil, nil, &rivage.Error{Code: rivage.Invalid, Message: "too many cards: divide the file"}
		default:
			list = append(list, recordOf(c, fields))
		}
	}
	return list, faults, nil
}

// recordOf maps a card. What we have no field for is left out; of several addresses the first one is taken, or the
// preferred one.
func recordOf(c *vcard.Card, fields []rivage.Field) person.Record {
	r := person.Record{Line: c.Line, Values: map[rivage.ID]string{rivage.PersonName: nameOf(c)}}
	var phones []string
	for _, p := range c.All("TEL") {
		phones = append(phones, strings.TrimPrefix(p.Text(), "tel:"))
	}
	r.Values[rivage.PersonPhones] = strings.Join(phones, "\n")
	for i, p := range c.All("EMAIL") {
		if i == 0 || p.Has("TYPE", "pref") || p.Param("PREF") == "1" {
			r.Values[rivage.PersonEmail] = p.Text()
		}
	}
	for _, p := range c.All("ORG") {
		r.Organisation = p.Parts()[0]
	}
	for _, p := range c.All(propertySIREN) {
		r.SIREN = p.Text()
	}
	for _, f := range fields {
		for _, p := range c.All(propertyField + strings.ToUpper(string(f.ID))) {
			r.Values[f.ID] = p.Text()
		}
	}
	return r
}

// nameOf is the formatted name, or what the parts of the name make.
func nameOf(c *vcard.Card) string {
	for _, p := range c.All("FN") {
		if name := strings.TrimSpace(p.Text()); name != "" {
			return name
		}
	}
	for _, p := range c.All("N") {
		parts := append(p.Parts(), "", "", "")
		return strings.Join(strings.Fields(parts[1]+" "+parts[2]+" "+parts[0]), " ")
	}
	return ""
}

// vcardOf writes a person as a card of version 4.0. FN is mandatory (RFC 6350 section 6.2.1), and empty for who has no name.
func vcardOf(fields []rivage.Field, values map[string]string) *vcard.Card {
	c := &vcard.Card{Version: "4.0"}
	add := func(name, value string, params ...vcard.Param) {
		c.Properties = append(c.Properties, vcard.Property{Name: name, Params: params, Value: value})
	}
	add("FN", vcard.Escape(values[rivage.PersonName]))
	for line := range strings.SplitSeq(values[rivage.PersonPhones], "\n") {
		if line != "" {
			add("TEL", "tel:"+line, vcard.Param{Name: "VALUE", Value: "uri"})
		}
	}
	if v := values[rivage.PersonEmail]; v != "" {
		add("EMAIL", vcard.Escape(v))
	}
	if v := values[person.ColumnOrganisation]; v != "" {
		add("ORG", vcard.Escape(v))
	}
	if v := values[person.ColumnSIREN]; v != "" {
		add(propertySIREN, v)
	}
	for _, f := range fields {
		standard := f.ID == rivage.PersonName || f.ID == rivage.PersonPhones || f.ID == rivage.PersonEmail
		if v := values[string(f.ID)]; v != "" && !standard {
			add(propertyField+strings.ToUpper(string(f.ID)), vcard.Escape(v))
		}
	}
	return c
}
