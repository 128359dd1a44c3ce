// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// CompileMatrix reads a matrix as its author wrote it. The error names each hole and each word that does not load.
func CompileMatrix(m *rivage.AccessMatrix) (*policy.Matrix, error) {
	compiled, problems := compileMatrix(m, "")
	if problems != nil {
		for _, p := range problems {
			p.Document = Key{rivage.TypeMatrix, m.ID}
		}
		return nil, join("read the matrix", problems)
	}
	return compiled, nil
}

func compileMatrix(m *rivage.AccessMatrix, file string) (*policy.Matrix, []*Problem) {
	if len(m.Text) > maxRulesText {
		return nil, []*Problem{{File: file, Message: fmt.Sprintf("%d bytes, at most %d", len(m.Text), maxRulesText)}}
	}
	rows := policy.Rows{}
	if problems := decode(file, []byte(m.Text), &rows); problems != nil {
		return nil, problems
	}
	compiled, err := policy.NewMatrix(m.Principal, rows)
	if err == nil {
		return compiled, nil
	}
	return nil, cellProblems(err, origin{file: file, lines: linesOf([]byte(m.Text))})
}

// cellProblems finds the lines of what does not load.
func cellProblems(err error, o origin) []*Problem {
	var problems []*Problem
	for _, e := range cellErrors(err) {
		problems = append(problems, &Problem{File: o.file, Line: o.line(e.Path), Path: e.Path, Message: e.Message})
	}
	return problems
}

// cellErrors are the errors of a matrix or a pack, one for each cell.
func cellErrors(err error) []*policy.CellError {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var list []*policy.CellError
		for _, e := range joined.Unwrap() {
			list = append(list, cellErrors(e)...)
		}
		return list
	}
	if e, ok := errors.AsType[*policy.CellError](err); ok {
		return []*policy.CellError{e}
	}
	return []*policy.CellError{{Message: err.Error()}}
}
