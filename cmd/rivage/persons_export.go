// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
)

func personsExport() *cobra.Command {
	var dir, format, fields string
	o := exportOptions{}
	c := &cobra.Command{
		Use:   "export --principal P --format csv|vcard --out FICHIER --dir DIR",
		Short: "Exporter les fiches des personnes d'un donneur d'ordre",
		Long:  "Writes the cards of one Principal's persons, in clear. The rules decide a copy for each class of the fields that leave, for the site where it goes; the decision is an entry before the first byte is written, and one class that is refused leaves nothing: --fields names fewer. In a CSV table, values that a spreadsheet would take for a formula begin with an apostrophe.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.out == "" || o.principal == "" || format != "csv" && format != "vcard" {
				return usageError{errors.New("--principal, --out and --format csv or vcard are needed")}
			}
			return withSettings(cmd, dir, func(s *settings) error {
				x := &personExport{cards: cards{s}, exportOptions: o, format: format}
				n, err := x.run(cmd.Context(), fields)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s personnes écrites dans %s, en clair\n", number(n), o.out)
				}
				return err
			})
		},
	}
	dirFlag(c, &dir)
	f := c.Flags()
	f.StringVar(&o.principal, "principal", "", "donneur d'ordre")
	f.StringVar(&o.out, "out", "", "fichier à créer")
	f.StringVar(&format, "format", "", "csv ou vcard")
	f.StringVar(&fields, "fields", "", "champs, séparés par des virgules ; tous, sans lui")
	f.StringVar(&o.site, "site", "", "site où la copie est emportée ; sans lui, le lieu est inconnu")
	f.StringVar(&o.purpose, "purpose", string(rivage.PurposeAdmin), "finalité : service, quality, evidence, administration")
	return c
}

// personExport writes the cards of one Principal.
type personExport struct {
	cards
	exportOptions
	format string
	fields []rivage.Field
}

func (x *personExport) run(ctx context.Context, named string) (int64, error) {
	principal := rivage.ID(x.principal)
	if x.Settings().Principals[principal] == nil {
		return 0, &rivage.Error{Code: rivage.Invalid, Message: x.principal + ": no such Principal; rivage config export lists them"}
	}
	if err := x.choose(named); err != nil {
		return 0, err
	}
	n, last := int64(0), rivage.Seq(0)
	err := x.each(ctx, func(rivage.PersonRow) error { n++; return nil })
	if head, errHead := x.store.Head(ctx); errHead != nil || err != nil {
		return 0, errors.Join(err, errHead)
	} else if head.Size > 0 {
		last = head.Size - 1
	}
	var classes []rivage.DataClass
	for _, f := range x.fields {
		if !slices.Contains(classes, f.Class) {
			classes = append(classes, f.Class)
		}
	}
	if err := x.allow(ctx, x.settings, principal, classes, rivage.Exported{What: "persons as " + x.format, Entries: n, To: last}); err != nil {
		return 0, err
	}
	return x.write(ctx)
}

// choose takes the fields that leave: those named, or all.
func (x *personExport) choose(named string) error {
	principal := rivage.ID(x.principal)
	all := append(x.Settings().PersonFields(principal),
		rivage.Field{ID: person.ColumnOrganisation, Class: rivage.ClassCommon}, rivage.Field{ID: person.ColumnSIREN, Class: rivage.ClassCommon})
	if named == "" {
		x.fields = all
		return nil
	}
	for name := range strings.SplitSeq(named, ",") {
		at := slices.IndexFunc(all, func(f rivage.Field) bool { return string(f.ID) == strings.TrimSpace(name) })
		if at < 0 {
			return &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("--fields: %s has no field %q", x.principal, name)}
		}
		x.fields = append(x.fields, all[at])
	}
	return nil
}

// each visits the persons that have a card.
func (x *personExport) each(ctx context.Context, visit func(rivage.PersonRow) error) error {
	for after := rivage.ID(""); ; {
		page, err := x.store.Persons(ctx, rivage.ID(x.principal), after, feedBatch)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, p := range page {
			if p.Card == "" && len(p.Merged) == 0 {
				continue
			}
			if err := visit(p); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

// write makes the file. What is half written does not stay.
func (x *personExport) write(ctx context.Context) (n int64, err error) {
	f, err := os.OpenFile(x.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	out := bufio.NewWriter(f)
	add, end := x.lines(out)
	err = x.each(ctx, func(p rivage.PersonRow) error {
		values, err := x.valuesOf(ctx, p)
		if err != nil {
			return err
		}
		n++
		return add(values)
	})
	if err = errors.Join(err, end(), out.Flush(), f.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(x.out))
	}
	return n, nil
}

// lines begins the file in its format.
func (x *personExport) lines(w io.Writer) (add func(map[string]string) error, end func() error) {
	if x.format == "vcard" {
		return func(values map[string]string) error {
			_, err := w.Write(vcardOf(x.fields, values).Append(nil))
			return err
		}, func() error { return nil }
	}
	var columns []string
	for _, f := range x.fields {
		columns = append(columns, string(f.ID))
	}
	row, end := person.WriteCSV(w, columns)
	return func(values map[string]string) error {
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = values[c]
		}
		return row(list)
	}, end
}

// valuesOf opens the fields of one person that leave.
func (x *personExport) valuesOf(ctx context.Context, p rivage.PersonRow) (map[string]string, error) {
	rows, err := x.store.Values(ctx, []rivage.ID{p.Principal}, p.ID)
	if err != nil {
		return nil, err
	}
	var o rivage.OrganisationRow
	if p.Organisation != "" {
		if o, err = x.store.Organisation(ctx, []rivage.ID{p.Principal}, p.Organisation); err != nil {
			return nil, err
		}
	}
	values := map[string]string{}
	for i := range x.fields {
		f := &x.fields[i]
		var v string
		switch string(f.ID) {
		case person.ColumnOrganisation:
			v, err = x.opened(ctx, o.Subject, person.OrganisationName, o.Name)
		case person.ColumnSIREN:
			v, err = x.opened(ctx, o.Subject, person.OrganisationSIREN, o.SIREN)
		default:
			v, err = x.shown(ctx, rows, f)
		}
		if err != nil {
			return nil, err
		}
		values[string(f.ID)] = v
	}
	return values, nil
}
