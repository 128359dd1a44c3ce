// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"rivage.example/rivage"
)

// A table says how the rows of one fold lie in the database. The first column is the primary key.
type table[K ~string, R any] struct {
	name    string
	columns []string
	fields  func(*R) []any // where each column is scanned to and written from, in order of columns
	key     func(*R) K
	whole   bool // rows are few columns and no index: they are written whole, several with one statement
}

func (t *table[K, R]) list() string { return strings.Join(t.columns, ",") }

// load reads the rows of keys into m; a key without a row gets nil.
func (t *table[K, R]) load(ctx context.Context, q Querier, keys []K, m map[K]*R) error {
	for len(keys) > 0 {
		part := keys[:min(len(keys), maxList)]
		keys = keys[len(part):]
		for _, k := range part {
			m[k] = nil
		}
		in, padded := listOf(1, part)
		args := make([]any, len(padded))
		for i, k := range padded {
			args[i] = string(k)
		}
		query := "SELECT " + t.list() + " FROM " + t.name + " WHERE " + t.columns[0] + " IN (" + in + ")"
		err := queryAll(ctx, q, query, args, func(scan func(...any) error) error {
			r := new(R)
			err := scan(t.fields(r)...)
			m[t.key(r)] = r
			return err
		})
		if err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
	}
	return nil
}

// selectRows reads the rows that follow a WHERE, in its order.
func (t *table[K, R]) selectRows(ctx context.Context, q Querier, where string, args ...any) ([]R, error) {
	var list []R
	err := queryAll(ctx, q, "SELECT "+t.list()+" FROM "+t.name+" "+where, args, func(scan func(...any) error) error {
		var r R
		err := scan(t.fields(&r)...)
		list = append(list, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return list, nil
}

// update is the statement that makes one row of another, with its arguments; "" when they are the same.
func (t *table[K, R]) update(old, now *R) (string, []any) {
	before, after := args(t.fields(old)), args(t.fields(now))
	var text strings.Builder
	var values []any
	for i, c := range t.columns {
		if i == 0 || equal(before[i], after[i]) {
			continue
		}
		values = append(values, after[i])
		if len(values) == 1 {
			text.WriteString("UPDATE " + t.name + " SET ")
		} else {
			text.WriteByte(',')
		}
		text.WriteString(c)
		text.WriteString("=$")
		text.WriteString(strconv.Itoa(len(values)))
	}
	if len(values) == 0 {
		return "", nil
	}
	values = append(values, after[0])
	text.WriteString(" WHERE " + t.columns[0] + "=$" + strconv.Itoa(len(values)))
	return text.String(), values
}

// insert is the statement that writes n rows that are not there; or, of a table written whole, that may be.
func (t *table[K, R]) insert(n int) string {
	text := "INSERT INTO " + t.name + "(" + t.list() + ") VALUES" + tuples(n, len(t.columns))
	if !t.whole {
		return text
	}
	sets := make([]string, len(t.columns)-1)
	for i, c := range t.columns[1:] {
		sets[i] = c + "=excluded." + c
	}
	return text + " ON CONFLICT(" + t.columns[0] + ") DO UPDATE SET " + strings.Join(sets, ",")
}

// equal compares two values as a driver takes or gives them.
func equal(a, b any) bool {
	x, isBytes := a.([]byte)
	y, both := b.([]byte)
	if isBytes != both {
		return false
	}
	if isBytes {
		return (x == nil) == (y == nil) && bytes.Equal(x, y)
	}
	return a == b
}

func args(fields []any) []any {
	for i, f := range fields {
		fields[i] = arg(f)
	}
	return fields
}

// tuples gives "($1,…),(…)" for n rows of that many columns.
func tuples(n, columns int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = "(" + placeholders(1+i*columns, columns) + ")"
	}
	return strings.Join(parts, ",")
}

// flag keeps a truth as BIGINT 0 or 1: the engines disagree on booleans.
type flag struct{ b *bool }

// Scan implements sql.Scanner.
func (f flag) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a flag is an integer, not %T", v)
	}
	*f.b = n != 0
	return nil
}

// arg reads what a field points to as string, int64, []byte or nil: the four things both drivers take as they are.
func arg(field any) any {
	switch p := field.(type) {
	case *rivage.ID:
		return string(*p)
	case *rivage.Micros:
		return int64(*p)
	case *int64:
		return *p
	case *int:
		return int64(*p)
	case *string:
		return *p
	case *[]byte:
		if *p == nil {
			return nil
		}
		return *p
	case *rivage.Seq:
		return int64(*p)
	case flag:
		if *p.b {
			return int64(1)
		}
		return int64(0)
	case *rivage.Rank:
		return int64(*p)
	case *rivage.Stream:
		return string(*p)
	case *rivage.InteractionState:
		return string(*p)
	case *rivage.AgentState:
		return string(*p)
	case *rivage.Channel:
		return string(*p)
	case *rivage.DataClass:
		return string(*p)
	case *rivage.Purpose:
		return string(*p)
	case *rivage.Country:
		return string(*p)
	case *rivage.Zone:
		return string(*p)
	case *rivage.Evidence:
		return string(*p)
	}
	return field // a type missing above reaches the driver, which refuses it: a test writes every table
}
