// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"rivage.example/rivage"
)

// Outcome is the most that a cell of a matrix lets happen. Its zero value refuses.
type Outcome uint8

const (
	allowed Outcome = 1 << iota
	masked
	remote
)

// The outcomes, from none to all. Masked and Remote only mean something to a view.
const (
	Refused      Outcome = 0
	Full                 = allowed
	Masked               = allowed | masked // parts of a value only
	Remote               = allowed | remote // as an image made by the server, nothing else
	MaskedRemote         = allowed | masked | remote
)

// outcomeWords are the outcomes as matrices write them.
var outcomeWords = map[string]Outcome{
	"full": Full, "masked": Masked, "remote": Remote, "masked-remote": MaskedRemote, "refused": Refused,
}

// OutcomeWords lists what a cell may say.
func OutcomeWords() []string { return slices.Sorted(maps.Keys(outcomeWords)) }

// String is the word for o.
func (o Outcome) String() string {
	for word, of := range outcomeWords {
		if of == o {
			return word
		}
	}
	return "refused"
}

// and is what both allow.
func (o Outcome) and(p Outcome) Outcome {
	if o&p&allowed == 0 {
		return Refused
	}
	return o | p
}

// Column is how data is reached, or that it rests.
type Column string

// The columns of a matrix: the four modes and the place where something is kept.
const (
	ColumnVoice Column = "voice"
	ColumnView  Column = "view"
	ColumnCopy  Column = "copy"
	ColumnAdmin Column = "admin"
	ColumnRest  Column = "rest"
)

// Columns is the closed list, in the order in which a cell's row gives them.
var Columns = []Column{ColumnVoice, ColumnView, ColumnCopy, ColumnAdmin, ColumnRest}

// The two columns of exposure: companies that answer to the Union's law alone, and all others, the unassessed too.
const (
	Unexposed = "none"
	Exposed   = "exposed"
)

// Exposures is the closed list.
var Exposures = []string{Unexposed, Exposed}

const (
	nClasses = 6
	nZones   = 8
	nColumns = 5
)

// Rows are a matrix as its author wrote it: class → zone → exposure → an outcome for each of Columns.
type Rows map[rivage.DataClass]map[rivage.Zone]map[string][]string

// Matrix is the most that may be done with the data of a Principal, of any where it is the organisation's: a total table of
// class × zone × exposure × column. It is read-only.
type Matrix struct {
	principal rivage.ID
	hash      [32]byte
	cells     [nClasses][nZones][2][nColumns]Outcome
}

// CellError says what of a matrix or of a pack does not load, and what would.
type CellError struct {
	Path    string // "sante.EU.exposed", "row.2.valid_to"
	Message string
}

// Error gives the cell and what is expected.
func (e *CellError) Error() string { return e.Path + ": " + e.Message }

// NewMatrix reads a total table. A hole is refused, as is a row for something that does not exist: the error joins one
// *CellError for each.
func NewMatrix(principal rivage.ID, rows Rows) (*Matrix, error) {
	m := &Matrix{principal: principal}
	var errs []error
	fail := func(path, format string, a ...any) {
		errs = append(errs, &CellError{path, fmt.Sprintf(format, a...)})
	}
	foreign(rows, "", rivage.DataClasses, "class", fail)
	for i, class := range rivage.DataClasses {
		path := string(class)
		foreign(rows[class], path, rivage.Zones, "zone", fail)
		for j, zone := range rivage.Zones {
			path := path + "." + string(zone)
			foreign(rows[class][zone], path, Exposures, "exposure", fail)
			for k, exposure := range Exposures {
				m.row(&m.cells[i][j][k], path+"."+exposure, rows[class][zone][exposure], fail)
			}
		}
	}
	if len(errs) > 0 {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("read the matrix of %s", principal), Err: errors.Join(errs...)}
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "rivage matrix 1 %s %v", principal, m.cells)
	m.hash = [32]byte(sum.Sum(nil))
	return m, nil
}

// foreign refuses keys that are not in the closed list.
func foreign[K ~string, V any](got map[K]V, path string, closed []K, what string, fail func(path, format string, a ...any)) {
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if !slices.Contains(closed, key) {
			fail(join(path, string(key)), "no such %s, want one of %q", what, closed)
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (m *Matrix) row(cells *[nColumns]Outcome, path string, words []string, fail func(path, format string, a ...any)) {
	if len(words) != nColumns {
		fail(path, "%d outcomes, want %d, for %q: every case is stated", len(words), nColumns, Columns)
		return
	}
	for i, word := range words {
		o, known := outcomeWords[word]
		switch {
		case !known:
			fail(path, "%q, want one of %q", word, OutcomeWords())
		case Columns[i] != ColumnView && o != Full && o != Refused:
			fail(path, "%s is %q: only a view can be masked or remote; want full or refused", Columns[i], word)
		}
		cells[i] = o
	}
}

// Hash names the table, hex.
func (m *Matrix) Hash() string { return fmt.Sprintf("%x", m.hash) }

// Cell is what the table says of one case; refused for a case it does not know.
func (m *Matrix) Cell(class rivage.DataClass, zone rivage.Zone, exposed bool, column Column) Outcome {
	i, j, k := slices.Index(rivage.DataClasses, class), slices.Index(rivage.Zones, zone), slices.Index(Columns, column)
	if m == nil || i < 0 || j < 0 || k < 0 {
		return Refused
	}
	return m.at(i, j, exposed, k)
}

// at is a case by its places in the closed lists.
func (m *Matrix) at(class, zone int, exposed bool, column int) Outcome {
	if exposed {
		return m.cells[class][zone][1][column]
	}
	return m.cells[class][zone][0][column]
}

var recording = bit(rivage.Actions, rivage.ActRecord)

// columnOf is the column that decides a request, as its place in Columns: what is recorded rests somewhere, all else is
// reached by its mode.
func columnOf(c *cell) int {
	if c.action == recording {
		return len(Columns) - 1
	}
	return index8(c.mode)
}
