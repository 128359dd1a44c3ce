// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
)

// maxPersonFile bounds a file that is imported: it is read whole, so that it is refused whole.
const maxPersonFile = 256 << 20

func personsCommand() *cobra.Command {
	c := &cobra.Command{Use: "persons", Short: "Importer et exporter les fiches des personnes d'un donneur d'ordre (CSV, vCard)"}
	c.AddCommand(personsImport(), personsExport())
	return c
}

func personsImport() *cobra.Command {
	var dir, principal string
	var apply bool
	c := &cobra.Command{
		Use:   "import FICHIER --principal P --dir DIR",
		Short: "Importer des personnes ; sans --apply, dire seulement ce qui serait écrit",
		Long:  "Reads a CSV table whose first line names the fields, or vCards 3.0 or 4.0, and matches each person by number and e-mail. Without --apply it only lists, line by line, what would be created, updated, left to a person because several match, or refused. No value is printed. An empty cell changes nothing; known numbers stay.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if principal == "" {
				return usageError{errors.New("--principal is needed")}
			}
			return withSettings(cmd, dir, func(s *settings) error {
				m := &importing{cards: cards{s}, principal: rivage.ID(principal), apply: apply, out: cmd.OutOrStdout()}
				return m.run(cmd.Context(), args[0])
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&principal, "principal", "", "donneur d'ordre")
	c.Flags().BoolVar(&apply, "apply", false, "écrire")
	return c
}

// importing is one import.
type importing struct {
	cards
	principal rivage.ID
	apply     bool
	out       io.Writer
	plan      person.Importer
	sirens    map[string]bool // that this import writes down
	counts    map[person.Outcome]int64
}

func (m *importing) run(ctx context.Context, path string) error {
	if m.Settings().Principals[m.principal] == nil {
		return &rivage.Error{Code: rivage.Invalid, Message: string(m.principal) + ": no such Principal; rivage config export lists them"}
	}
	m.plan.Fields = m.Settings().PersonFields(m.principal)
	m.sirens, m.counts = map[string]bool{}, map[person.Outcome]int64{}
	list, err := m.read(path)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := m.record(ctx, r); err != nil {
			return fmt.Errorf("line %d: %w", r.Line, err)
		}
	}
	fmt.Fprintf(m.out, "%s à créer, %s à mettre à jour, %s inchangées, %s ambiguës, %s refusées\n", number(m.counts[person.Create]),
		number(m.counts[person.Update]), number(m.counts[person.Same]), number(m.counts[person.Ambiguous]), number(m.counts[person.Refused]))
	if m.apply {
		fmt.Fprintln(m.out, "écrit au journal")
	} else {
		fmt.Fprintln(m.out, "essai : rien n'est écrit ; --apply écrit")
	}
	return nil
}

// read reads the whole file before anything of it is written.
func (m *importing) read(path string) ([]person.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only
	text, err := io.ReadAll(io.LimitReader(f, maxPersonFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(text) > maxPersonFile {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("%s: more than %d bytes: divide the file", path, maxPersonFile)}
	}
	head := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if len(head) < 11 || !strings.EqualFold(string(head[:11]), "BEGIN:VCARD") {
		list, err := person.ReadCSV(bytes.NewReader(text), m.plan.Fields)
		if err != nil {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: path, Err: err}
		}
		return list, nil
	}
	list, faults, err := readVCards(bytes.NewReader(text), m.plan.Fields)
	for _, f := range faults {
		m.tell(&person.Planned{Record: person.Record{Line: f.Line}, Outcome: person.Refused, Why: f.What})
	}
	return list, err
}

// record plans one record, says what becomes of it, and writes it when it is to be written.
func (m *importing) record(ctx context.Context, r person.Record) error {
	p := m.plan.Read(r)
	var found []rivage.PersonRow
	for _, x := range p.Indexes() {
		list, _, err := finder{m.instance}.Find(ctx, m.principal, x.Kind, x.Value)
		if err != nil {
			return err
		}
		found = append(found, list...)
	}
	p, err := m.plan.Match(p, found, func(row rivage.PersonRow, f *rivage.Field) (string, error) { return m.value(ctx, row, f) })
	if err != nil {
		return err
	}
	a, err := m.entries(ctx, &p)
	if rivage.CodeOf(err) == rivage.Invalid { // of the organisation
		p.Outcome, p.Why, err = person.Refused, "organisation: "+err.Error(), nil
	}
	if err != nil {
		return err
	}
	m.tell(&p)
	if !m.apply || len(a.Entries) == 0 || p.Outcome != person.Create && p.Outcome != person.Update {
		return nil
	}
	_, err = m.journal.Append(ctx, a)
	return err
}

// entries makes the append of one record.
func (m *importing) entries(ctx context.Context, p *person.Planned) (rivage.Append, error) {
	if p.Outcome != person.Create && p.Outcome != person.Update {
		return rivage.Append{}, nil
	}
	by := person.By{Role: "operator", Source: "import", At: m.clock.Now(), New: func() rivage.ID { return rivage.NewIDAt(m.clock.Now()) }}
	row := p.Person
	row.Principal = m.principal
	var a rivage.Append
	if row.ID != "" {
		n, err := m.store.StreamVersion(ctx, rivage.StreamOf("person", row.ID))
		if err != nil {
			return a, err
		}
		a.Expect = []rivage.StreamVersion{{Stream: rivage.StreamOf("person", row.ID), Version: n}}
	}
	if len(p.Changes) > 0 {
		kept, id := person.Keep(row, p.Changes, by)
		row.ID, a.Entries, a.NewSubjects = id, kept.Entries, kept.NewSubjects
	}
	if !p.Organisation {
		return a, nil
	}
	var belongs rivage.Membership
	if p.Person.ID != "" {
		var err error
		if belongs, err = m.store.Membership(ctx, p.Person.ID); err != nil {
			return a, err
		}
	}
	joined, err := m.join(ctx, row, belongs, &p.Record, by)
	if err != nil {
		return a, err
	}
	a.Erase = joined.Erase
	a.Entries, a.NewSubjects = append(a.Entries, joined.Entries...), append(a.NewSubjects, joined.NewSubjects...)
	if len(a.Entries) == 0 {
		p.Outcome = person.Same
	}
	return a, nil
}

// join makes the entries by which a person belongs to the organisation that a record names. A name that is known already
// is not written again.
func (m *importing) join(ctx context.Context, row rivage.PersonRow, belongs rivage.Membership, r *person.Record, by person.By) (rivage.Append, error) {
	siren, _ := rivage.SIREN(r.SIREN) // the plan refused what is none
	known, err := finder{m.instance}.FindOrganisation(ctx, m.principal, siren)
	name := strings.TrimSpace(r.Organisation)
	switch {
	case rivage.CodeOf(err) == rivage.NotFound && !m.apply && m.sirens[siren]: // a line before would have written it
		return rivage.Append{}, nil
	case rivage.CodeOf(err) == rivage.NotFound:
		a, err := person.Join(row, belongs, nil, siren, name, by)
		m.sirens[siren] = m.sirens[siren] || err == nil
		return a, err
	case err != nil:
		return rivage.Append{}, err
	}
	if is, err := m.opened(ctx, known.Subject, person.OrganisationName, known.Name); err != nil || is == name {
		if err != nil {
			return rivage.Append{}, err
		}
		name = ""
	}
	return person.Join(row, belongs, &known, siren, name, by)
}

// tell says what becomes of a record, by its line and its fields: no value is printed.
func (m *importing) tell(p *person.Planned) {
	m.counts[p.Outcome]++
	var fields []string
	for _, c := range p.Changes {
		fields = append(fields, string(c.Field))
	}
	if p.Organisation {
		fields = append(fields, person.ColumnOrganisation)
	}
	switch p.Outcome {
	case person.Create:
		fmt.Fprintf(m.out, "ligne %d : à créer (%s)\n", p.Record.Line, strings.Join(fields, ", "))
	case person.Update:
		fmt.Fprintf(m.out, "ligne %d : à mettre à jour (%s)\n", p.Record.Line, strings.Join(fields, ", "))
	case person.Ambiguous:
		fmt.Fprintf(m.out, "ligne %d : ambiguë (%s)\n", p.Record.Line, p.Why)
	case person.Refused:
		fmt.Fprintf(m.out, "ligne %d : refusée (%s)\n", p.Record.Line, p.Why)
	}
}

// cards opens what is sealed of persons, for the operator's own verbs.
type cards struct{ *settings }

// value is the value of a field of a person, "" when there is none.
func (c cards) value(ctx context.Context, row rivage.PersonRow, f *rivage.Field) (string, error) {
	rows, err := c.store.Values(ctx, []rivage.ID{row.Principal}, row.ID)
	if err != nil {
		return "", err
	}
	return c.shown(ctx, rows, f)
}

func (c cards) shown(ctx context.Context, rows []rivage.ValueRow, f *rivage.Field) (string, error) {
	var values []string
	for _, r := range person.Shown(f, rows) {
		v, err := c.opened(ctx, r.Subject, r.Field, r.Sealed)
		if err != nil {
			return "", err
		}
		if v != "" {
			values = append(values, v)
		}
	}
	return person.Together(values), nil
}

// opened is a sealed value, "" once it is erased.
func (c cards) opened(ctx context.Context, subject rivage.ID, name string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	clear, err := c.vault.OpenCell(ctx, subject, name, sealed)
	if rivage.CodeOf(err) == rivage.NotFound {
		return "", nil
	}
	return string(clear), err
}
