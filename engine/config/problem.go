// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"rivage.example/rivage"
)

// Problem is one thing that is wrong with a document, and what is expected instead.
type Problem struct {
	Document Key
	Path     string // of the key within the document, "roles.0.queues"; "" for the document as a whole
	File     string // "" when the document does not come from a file
	Line     int    // from 1; 0 when not known
	Message  string
}

// Error gives file, line, key and expectation, on one line.
func (p *Problem) Error() string {
	var b strings.Builder
	switch {
	case p.File != "" && p.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	case p.File != "":
		fmt.Fprintf(&b, "%s: ", p.File)
	case p.Document.Type != "":
		fmt.Fprintf(&b, "%s %s: ", p.Document.Type, p.Document.ID)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// join makes one error of problems, nil for none.
func join(act string, problems []*Problem) error {
	if len(problems) == 0 {
		return nil
	}
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return &rivage.Error{Code: rivage.Invalid, Message: act, Err: errors.Join(errs...)}
}

// origin is where a folder states a document.
type origin struct {
	file   string
	prefix string // of the document's keys in that file: "account.3."
	lines  map[string]int
}

// line is where a key stands; the nearest key around it when the key itself is missing.
func (o origin) line(path string) int {
	path = o.prefix + path
	for {
		path = strings.TrimSuffix(path, ".")
		if n, ok := o.lines[path]; ok {
			return n
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return min(1, len(o.lines))
		}
		path = path[:i]
	}
}

// linesOf says on which line of a TOML text each key stands: "rule.2.classes". A text that does not parse gives the
// keys before the fault.
func linesOf(text []byte) map[string]int {
	w := lineWalk{lines: map[string]int{}, tables: map[string]int{}}
	for i, c := range text {
		if c == '\n' {
			w.breaks = append(w.breaks, i)
		}
	}
	var p unstable.Parser
	p.Reset(text)
	at := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			at = w.table(e, false)
		case unstable.ArrayTable:
			at = w.table(e, true)
		case unstable.KeyValue:
			w.pair(at, e)
		}
	}
	return w.lines
}

type lineWalk struct {
	lines  map[string]int
	tables map[string]int // elements seen of each array of tables
	breaks []int
}

// table gives the path of a header, with the index of the last element of each array of tables on the way.
func (w *lineWalk) table(e *unstable.Node, array bool) string {
	path, line := "", 0
	for k := e.Key(); k.Next(); {
		path = joinPath(path, string(k.Node().Data))
		line = w.line(k.Node())
		if array && k.IsLast() {
			w.tables[path]++
			if w.lines[path] == 0 {
				w.lines[path] = line
			}
		}
		if n := w.tables[path]; n > 0 {
			path = joinPath(path, strconv.Itoa(n-1))
		}
	}
	w.lines[path] = line
	return path
}

func (w *lineWalk) pair(at string, e *unstable.Node) {
	path := at
	for k := e.Key(); k.Next(); {
		path = joinPath(path, string(k.Node().Data))
		w.lines[path] = w.line(k.Node())
	}
	w.value(path, e.Value())
}

func (w *lineWalk) value(path string, v *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for c := v.Children(); c.Next(); {
			if c.Node().Kind == unstable.KeyValue {
				w.pair(path, c.Node())
			}
		}
	case unstable.Array:
		i := 0
		for c := v.Children(); c.Next(); {
			if c.Node().Kind == unstable.Comment {
				continue
			}
			w.value(joinPath(path, strconv.Itoa(i)), c.Node())
			i++
		}
	}
}

func (w *lineWalk) line(n *unstable.Node) int {
	i, _ := slices.BinarySearch(w.breaks, int(n.Raw.Offset))
	return i + 1
}

func joinPath(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

// decode reads a TOML text into a document with its defaults, strictly. Every unknown key is a problem.
func decode(file string, text []byte, into any) []*Problem {
	d := toml.NewDecoder(strings.NewReader(string(text))).DisallowUnknownFields()
	err := d.Decode(into)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		var list []*Problem
		for i := range unknown.Errors {
			e := &unknown.Errors[i]
			line, _ := e.Position()
			key := e.Key()
			list = append(list, &Problem{
				File: file, Line: line, Path: strings.Join(key, "."),
				Message: "unknown key, want one of " + strings.Join(keysAt(reflect.TypeOf(into), key[:max(len(key)-1, 0)]), ", "),
			})
		}
		return list
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		p := &Problem{File: file, Line: line, Path: strings.Join(wrong.Key(), "."), Message: strings.TrimPrefix(wrong.Error(), "toml: ")}
		value := strings.HasPrefix(p.Message, "cannot decode") || strings.HasPrefix(p.Message, "netip.")
		if want := wantAt(reflect.TypeOf(into), wrong.Key()); want != "" && value {
			p.Message = "want " + want
		}
		return []*Problem{p}
	}
	return []*Problem{{File: file, Message: err.Error()}}
}

// keysAt lists the keys that a table of a document may hold.
func keysAt(t reflect.Type, path []string) []string {
	var keys []string
	t = typeAt(t, path)
	if t != nil && t.Kind() == reflect.Slice {
		t = pointed(t.Elem())
	}
	if t == nil || t.Kind() != reflect.Struct {
		return keys
	}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name != "-" && name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

// typeAt follows keys through structs, maps and lists to a type, nil where they do not lead.
func typeAt(t reflect.Type, path []string) reflect.Type {
	t = pointed(t)
	if len(path) == 0 {
		return t
	}
	switch t.Kind() {
	case reflect.Slice:
		return typeAt(t.Elem(), path)
	case reflect.Map:
		return typeAt(t.Elem(), path[1:])
	case reflect.Struct:
		for f := range t.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name == path[0] {
				return typeAt(f.Type, path[1:])
			}
		}
	}
	return nil
}

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// wantAt says in words what a key takes.
func wantAt(t reflect.Type, path []string) string {
	t = typeAt(t, path)
	switch {
	case t == nil:
		return ""
	case t == reflect.TypeFor[toml.LocalDate]():
		return "a day, like 2026-01-31"
	case t == reflect.TypeFor[[]netip.Prefix]():
		return "a list of networks, like ['192.0.2.0/24', '2001:db8::/32']"
	}
	switch t.Kind() {
	case reflect.String:
		return "a text between quotes"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list between brackets"
	case reflect.Struct, reflect.Map:
		return "a table"
	}
	return ""
}
