// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rivage.example/rivage"
)

// Limits of an import.
const (
	MaxRecords = 100_000
	maxColumns = 64
)

// The columns that are not fields of the person.
const (
	ColumnOrganisation = "organisation"
	ColumnSIREN        = "siren"
)

// Record is one person of a file, as it stands there.
type Record struct {
	Line         int
	Values       map[rivage.ID]string // by field; one that is absent or empty says nothing
	Organisation string
	SIREN        string
}

// LineError says what is wrong with a line of a file. It repeats no value.
type LineError struct {
	Line int
	What string
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// ReadCSV reads a table whose first line names fields: name, phones, email, those of the Principal, organisation and siren.
// Columns are divided by commas, or by semicolons where the first line has more of them. A file with an unknown column, or
// a line of another length, is refused whole.
func ReadCSV(r io.Reader, fields []rivage.Field) ([]Record, error) {
	in := bufio.NewReader(r)
	first, err := in.Peek(4096)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if bytes.HasPrefix(first, []byte("\ufeff")) {
		_, _ = in.Discard(3) // it was peeked
	}
	head, _, _ := bytes.Cut(first, []byte("\n"))
	table := csv.NewReader(in)
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		table.Comma = ';'
	}
	names, err := table.Read()
	if err == io.EOF {
		return nil, &LineError{1, "the file is empty: its first line names the fields"}
	}
	if err != nil {
		return nil, lineError(err)
	}
	if err := checkColumns(names, fields); err != nil {
		return nil, err
	}
	var list []Record
	for {
		row, err := table.Read()
		switch {
		case err == io.EOF:
			return list, nil
		case err != nil:
			return nil, lineError(err)
		case len(list) == MaxRecords:
			return nil, fmt.Errorf("more than %d persons: divide the file", MaxRecords)
		}
		line, _ := table.FieldPos(0)
		list = append(list, record(line, names, row))
	}
}

func record(line int, names, row []string) Record {
	r := Record{Line: line, Values: map[rivage.ID]string{}}
	for i, name := range names {
		switch value := unguard(row[i]); name {
		case ColumnOrganisation:
			r.Organisation = value
		case ColumnSIREN:
			r.SIREN = value
		default:
			r.Values[rivage.ID(name)] = value
		}
	}
	return r
}

// checkColumns refuses a column that is no field. Its name is not repeated: it may be a person's, where the first line is
// missing.
func checkColumns(names []string, fields []rivage.Field) error {
	if len(names) > maxColumns {
		return &LineError{1, fmt.Sprintf("%d columns, at most %d", len(names), maxColumns)}
	}
	for i, name := range names {
		known := name == ColumnOrganisation || name == ColumnSIREN ||
			slices.ContainsFunc(fields, func(f rivage.Field) bool { return string(f.ID) == name })
		if !known {
			return &LineError{1, fmt.Sprintf("column %d is no field of the client organisation; the fields are %s", i+1, strings.Join(Columns(fields), ", "))}
		}
		if slices.Index(names, name) != i {
			return &LineError{1, fmt.Sprintf("column %d stands twice", i+1)}
		}
	}
	return nil
}

// Columns are the columns of a table of persons.
func Columns(fields []rivage.Field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, string(f.ID))
	}
	return append(names, ColumnOrganisation, ColumnSIREN)
}

func lineError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &LineError{p.Line, p.Err.Error()}
	}
	return err
}

// WriteCSV begins a table; its function adds a line. Values that a spreadsheet would take for a formula are guarded by an
// apostrophe, which ReadCSV takes off again (OWASP, CSV injection).
func WriteCSV(w io.Writer, columns []string) (add func(values []string) error, end func() error) {
	table := csv.NewWriter(w)
	err := table.Write(columns)
	return func(values []string) error {
			guarded := make([]string, len(values))
			for i, v := range values {
				guarded[i] = guard(v)
			}
			return errors.Join(err, table.Write(guarded))
		}, func() error {
			table.Flush()
			return errors.Join(err, table.Error())
		}
}

// formula are the characters with which spreadsheets begin a formula; the apostrophe is there so that a value which begins
// like a guarded one comes back as it was.
const formula = "=+-@\t\r'＝＋－＠"

func guard(v string) string {
	if v != "" && strings.ContainsRune(formula, []rune(v)[0]) {
		return "'" + v
	}
	return v
}

func unguard(v string) string {
	if rest, ok := strings.CutPrefix(v, "'"); ok && guard(rest) != rest {
		return rest
	}
	return v
}
