// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
)

// PackStatus says where a text of law stands.
type PackStatus string

// The statuses. Only what is in force and verified is called law; what is not verified may refuse and never allows; a
// proposal decides nothing.
const (
	PackInForce    PackStatus = "in_force"
	PackProposal   PackStatus = "proposal"
	PackRepealed   PackStatus = "repealed" // it decides what happened while it held
	PackUnverified PackStatus = "unverified"
)

// PackStatuses is the closed list.
var PackStatuses = []PackStatus{PackInForce, PackProposal, PackRepealed, PackUnverified}

// Official is the one confidence that may be shown without a reserve: the official text, or its mirror, was read.
const Official = "verified_official"

// Confidences says how a row is known, the surest first.
var Confidences = []string{Official, "verified_secondary", "memory_high", "memory_medium", "legal_reasoning"}

// PackEffect is what a row does. There is none that allows.
type PackEffect string

// The effects.
const (
	PackNone    PackEffect = "none"    // a text to read
	PackRefuse  PackEffect = "refuse"  // the cases it names
	PackRequire PackEffect = "require" // safeguards, all that it lists, in the cases it names
)

// PackEffects is the closed list.
var PackEffects = []PackEffect{PackNone, PackRefuse, PackRequire}

// JurisdictionUnion is the jurisdiction of a row of Union law; every other is a country.
const JurisdictionUnion = "EU"

// Limits of one pack.
const (
	MaxPackRows    = 300
	maxPackEffects = 50 // each is looked at in every decision
)

// PackRow is one dated rule of law. Rows with one id are versions of it, whose days do not meet. An empty list of a
// scope is everywhere.
type PackRow struct {
	ID           string                 `toml:"id" json:"id"`
	Jurisdiction string                 `toml:"jurisdiction" json:"jurisdiction"` // "EU" or a country
	LegalRef     string                 `toml:"legal_ref" json:"legal_ref"`
	Text         string                 `toml:"text" json:"text"` // what it says, in French
	ValidFrom    rivage.Date            `toml:"valid_from,omitempty" json:"valid_from,omitempty"`
	ValidTo      rivage.Date            `toml:"valid_to,omitempty" json:"valid_to,omitempty"` // the last day
	Status       PackStatus             `toml:"status" json:"status"`
	Confidence   string                 `toml:"confidence" json:"confidence"`
	Source       string                 `toml:"source" json:"source"`
	Reviewer     string                 `toml:"reviewer,omitempty" json:"reviewer,omitempty"` // who read the text and answers for the row
	ReviewedOn   rivage.Date            `toml:"reviewed_on,omitempty" json:"reviewed_on,omitempty"`
	ReviewDue    rivage.Date            `toml:"review_due,omitempty" json:"review_due,omitempty"`
	Effect       PackEffect             `toml:"effect" json:"effect"`
	Classes      []rivage.DataClass     `toml:"classes,omitempty" json:"classes,omitempty"`
	Zones        []rivage.Zone          `toml:"zones,omitempty" json:"zones,omitempty"`
	Exposures    []string               `toml:"exposures,omitempty" json:"exposures,omitempty"`
	Columns      []Column               `toml:"columns,omitempty" json:"columns,omitempty"`
	Safeguards   []rivage.SafeguardKind `toml:"safeguards,omitempty" json:"safeguards,omitempty"`
}

// Verified says whether the row may be called law while it is in force.
func (r *PackRow) Verified() bool {
	return (r.Status == PackInForce || r.Status == PackRepealed) && (r.Confidence == Official || r.Reviewer != "")
}

// The standings of a row, as it is shown: only the first is called law.
const (
	StandsVerified   = "verified"
	StandsUnverified = "unverified"
	StandsProposal   = "proposal"
	StandsRepealed   = "repealed"
)

// Standing is how a row is to be shown.
func (r *PackRow) Standing() string {
	switch {
	case r.Status == PackProposal:
		return StandsProposal
	case r.Status == PackRepealed:
		return StandsRepealed
	case r.Verified():
		return StandsVerified
	}
	return StandsUnverified
}

// days are its first instant and the first after it, in microseconds.
func (r *PackRow) days() (from, end int64) { return span(r.ValidFrom, r.ValidTo) }

// Pack is a set of rows that was wholly understood. It is read-only.
type Pack struct {
	id   rivage.ID
	rows []PackRow
	hash [32]byte
}

// NewPack reads a pack. The error joins one *CellError for each thing that does not load, with the path of its key:
// "row.2.valid_to".
func NewPack(id rivage.ID, rows []PackRow) (*Pack, error) {
	var errs []error
	if len(rows) > MaxPackRows {
		errs = append(errs, &CellError{"row", fmt.Sprintf("%d rows, at most %d", len(rows), MaxPackRows)})
		rows = rows[:MaxPackRows]
	}
	effects := 0
	for i := range rows {
		c := packCheck{index: i, row: &rows[i]}
		c.words()
		c.standing()
		c.dates()
		c.scope()
		if rows[i].Effect != PackNone {
			if effects++; effects == maxPackEffects+1 {
				c.fail("effect", "at most %d rows of a pack decide", maxPackEffects)
			}
		}
		if j := Overlap(rows[:i], &rows[i]); j >= 0 {
			c.fail("valid_from", "row %d has the id %q on some of these days: two versions of a rule do not hold at once", j+1, rows[i].ID)
		}
		errs = append(errs, c.errs...)
	}
	if len(errs) > 0 {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("read the pack %s", id), Err: errors.Join(errs...)}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("read the pack %s: %w", id, err)
	}
	return &Pack{id: id, rows: slices.Clone(rows), hash: sha256.Sum256(append([]byte("rivage pack 1 "+string(id)+" "), text...))}, nil
}

// Overlap is the first of rows that has r's id on a day on which r holds, -1 when there is none.
func Overlap(rows []PackRow, r *PackRow) int {
	from, end := r.days()
	return slices.IndexFunc(rows, func(o PackRow) bool {
		a, b := o.days()
		return o.ID == r.ID && a < end && from < b
	})
}

// ID names the pack.
func (p *Pack) ID() rivage.ID { return p.id }

// Rows gives its rows as written. They must not be changed.
func (p *Pack) Rows() []PackRow { return p.rows }

// Hash names the pack, hex.
func (p *Pack) Hash() string { return fmt.Sprintf("%x", p.hash) }

// packCheck gathers everything that is wrong with one row.
type packCheck struct {
	index int
	row   *PackRow
	errs  []error
}

func (c *packCheck) fail(key, format string, a ...any) {
	c.errs = append(c.errs, &CellError{fmt.Sprintf("row.%d.%s", c.index, key), fmt.Sprintf(format, a...)})
}

func (c *packCheck) words() {
	r := c.row
	if !validRuleID(r.ID) {
		c.fail("id", "want 1 to %d letters, digits, dots, hyphens or underscores", maxRuleID)
	}
	if _, known := JurisdictionOf(rivage.Country(r.Jurisdiction)); !known && r.Jurisdiction != JurisdictionUnion {
		c.fail("jurisdiction", "%q, want %q or the two capital letters of a country (ISO 3166-1)", r.Jurisdiction, JurisdictionUnion)
	}
	for _, t := range [...]struct {
		key, text string
		needed    bool
	}{{"legal_ref", r.LegalRef, true}, {"text", r.Text, true}, {"source", r.Source, true}, {"reviewer", r.Reviewer, false}} {
		switch {
		case t.needed && strings.TrimSpace(t.text) == "":
			c.fail(t.key, "missing: a row says which text it takes what it says from")
		case len(t.text) > maxText:
			c.fail(t.key, "%d bytes, at most %d", len(t.text), maxText)
		case !utf8.ValidString(t.text) || strings.ContainsFunc(t.text, unicode.IsControl):
			c.fail(t.key, "holds a control character or is not UTF-8")
		}
	}
}

func (c *packCheck) standing() {
	r := c.row
	packWord(c, "status", r.Status, PackStatuses)
	packWord(c, "confidence", r.Confidence, Confidences)
	switch {
	case r.Effect == PackEffect(Allow) && !r.Verified():
		c.fail("effect", `"allow": what is not verified may refuse, never allow; want one of %q`, PackEffects)
	case r.Effect == PackEffect(Allow):
		c.fail("effect", `"allow": a pack only narrows; want one of %q`, PackEffects)
	default:
		packWord(c, "effect", r.Effect, PackEffects)
	}
	if (r.Status == PackInForce || r.Status == PackRepealed) && !r.Verified() {
		c.fail("status", "%q of a row that nobody verified: want the confidence %q, or a reviewer, or the status %q", r.Status, Official, PackUnverified)
	}
	if (r.Reviewer == "") != (r.ReviewedOn == "") {
		c.fail("reviewed_on", "a reviewer and the day of the review are given together")
	}
}

func (c *packCheck) dates() {
	r := c.row
	for _, d := range [...]struct {
		key string
		day rivage.Date
	}{{"valid_from", r.ValidFrom}, {"valid_to", r.ValidTo}, {"reviewed_on", r.ReviewedOn}, {"review_due", r.ReviewDue}} {
		if _, ok := d.day.Day(); !ok && d.day != "" {
			c.fail(d.key, `want a day between quotes, like "2026-12-31"`)
		}
	}
	if r.ValidFrom != "" && r.ValidTo != "" && r.ValidTo < r.ValidFrom {
		c.fail("valid_to", "the last day is before the first")
	}
	if r.ReviewedOn != "" && r.ReviewDue != "" && r.ReviewDue < r.ReviewedOn {
		c.fail("review_due", "the next review is before the last")
	}
	if r.Status == PackRepealed && r.ValidTo == "" {
		c.fail("valid_to", "missing: what is repealed says until when it held")
	}
}

func (c *packCheck) scope() {
	r := c.row
	packWords(c, "classes", r.Classes, rivage.DataClasses)
	packWords(c, "zones", r.Zones, rivage.Zones)
	packWords(c, "exposures", r.Exposures, Exposures)
	packWords(c, "columns", r.Columns, Columns)
	packWords(c, "safeguards", r.Safeguards, rivage.SafeguardKinds)
	switch {
	case r.Effect == PackNone && len(r.Classes)+len(r.Zones)+len(r.Exposures)+len(r.Columns)+len(r.Safeguards) > 0:
		c.fail("effect", "%q, but the row names cases: want %q or %q", r.Effect, PackRefuse, PackRequire)
	case r.Effect == PackRequire && len(r.Safeguards) == 0:
		c.fail("safeguards", "missing: what does the row require?")
	case r.Effect == PackRefuse && len(r.Safeguards) > 0:
		c.fail("safeguards", "what is refused is refused with any safeguard: want the effect %q", PackRequire)
	}
}

func packWord[T ~string](c *packCheck, key string, v T, closed []T) {
	if !slices.Contains(closed, v) {
		c.fail(key, "%q, want one of %q", v, closed)
	}
}

func packWords[T ~string](c *packCheck, key string, list, closed []T) {
	for i, v := range list {
		packWord(c, key, v, closed)
		if slices.Contains(list[:i], v) {
			c.fail(key, "%q stands twice", v)
		}
	}
}

// span is a stretch of days, both included, as the first instant and the first after it, in microseconds.
func span(first, last rivage.Date) (from, end int64) {
	from, end = always, never
	if t, ok := first.Day(); ok {
		from = t.UnixMicro()
	}
	if t, ok := last.Day(); ok {
		end = t.Add(24 * time.Hour).UnixMicro()
	}
	return from, end
}
