// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// A table says how the rows of one fold lie in the database. The first column is the primary key.
type table[K ~string, R any] struct {
	name    string
	columns []string
	fields  func(*R) []any // where each column is scanned to and written from, in order: what arg and same know
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
	before, after := t.fields(old), t.fields(now)
	var text strings.Builder
	var values []any
	for i, c := range t.columns {
		if i == 0 || same(before[i], after[i]) {
			continue
		}
		values = append(values, arg(after[i]))
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
	values = append(values, arg(after[0]))
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
	case *string:
		return *p
	case *int64:
		return *p
	case *uint64:
		return int64(*p)
	case *int:
		return int64(*p)
	case *[]byte:
		if *p == nil {
			return nil
		}
		return *p
	case flag:
		if *p.b {
			return int64(1)
		}
		return int64(0)
	}
	return field // a type missing above reaches the driver, which refuses it: a test writes every table
}

// same compares what two fields of one column point to.
func same(a, b any) bool {
	switch p := a.(type) {
	case *string:
		return *p == *b.(*string)
	case *int64:
		return *p == *b.(*int64)
	case *uint64:
		return *p == *b.(*uint64)
	case *int:
		return *p == *b.(*int)
	case *[]byte:
		q := b.(*[]byte)
		return (*p == nil) == (*q == nil) && bytes.Equal(*p, *q)
	case flag:
		return *p.b == *b.(flag).b
	}
	return false // written once too often, and refused as arg says
}
