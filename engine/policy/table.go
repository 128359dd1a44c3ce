// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"fmt"
	"math"
	"slices"
	"time"

	"rivage.example/rivage"
)

// The reasons of refusals that no rule wrote, for people.
const (
	ReasonNoRule  = "aucune règle n'autorise cette opération"
	ReasonNoTable = "aucune règle n'est chargée pour ce donneur d'ordre"
)

// Request is one question to the gate: may this be done, for whom, on what, from where. The zone within Place is not
// read: it always follows from the country.
type Request struct {
	Principal rivage.ID
	Action    rivage.Action
	Class     rivage.DataClass
	Mode      rivage.Mode
	Purpose   rivage.Purpose
	Place     rivage.Place
	Field     string    // name of the field, for ActField
	Queue     rivage.ID // in which the interaction came, "" for what is of none; only openings read it
	Target    rivage.ID // what the grant will be good for; rules do not read it
}

// Table is the compiled rule set of one Principal. It is read-only and may be asked by many goroutines.
type Table struct {
	principal rivage.ID
	hash      string
	atlas     *atlas
	source    []Rule
	rules     []compiled // forbids first, then allows, each in the order written
	edges     []int64    // sorted instants at which an answer may change, microseconds
	refuse    rivage.Decision
	turns     []int                // minutes of the week at which hours of rules begin or end, in order; nil without such rules
	hourly    bool                 // a rule has hours
	named     map[rivage.ID]uint64 // the companies that rules name, each with a bit that it may share
	bounds    *bounds              // the frame above the rules; nil in a table that no gate holds
}

// compiled is a rule as bits of the closed lists.
type compiled struct {
	core      uint32 // classes, actions, modes and purposes side by side, to pass over a rule in one look
	among     uint64 // companies by their bits in Table.named; all for any
	index     int    // in source
	forbid    bool
	from, end int64 // microseconds; end is excluded
	classes   uint8
	actions   uint8
	modes     uint8
	zones     uint8
	evidence  uint8
	purposes  uint8
	places    uint8
	countries []int // rows of the atlas; nil is any
	companies []rivage.ID
	fields    []string
	hours     *week // nil is always
	decision  rivage.Decision
}

// cell is a request as bits of the closed lists; a value outside its list is no bit and matches nothing.
type cell struct {
	class, action, mode, purpose uint8
	place                        uint8
	known                        bool // the place is attested or declared, in a country of the table
	evidence, zone               uint8
	country                      int
	core                         uint32 // class, action, mode and purpose as in a rule's core
	whole                        bool   // none of the four is outside its list
	among                        uint64 // company, as in a rule's among
	stated                       statedPlace
	company                      rivage.ID
	field                        string
	at                           int64
	minute                       int // of the week, where rules have hours
}

// statedPlace is what a request says of its place even if that is no evidence: forbid rules read it too, so that a
// forbid is not escaped by proving less.
type statedPlace struct {
	evidence, zone uint8
	country        int
	seen           int // of the network it came from, -1 when that is where it is stated
}

// Compile makes the table of one Principal. Every rule must be wholly understood; the error joins one *RuleError for
// each that is not. An empty set is a table that refuses everything.
func Compile(principal rivage.ID, rules []Rule) (*Table, error) {
	if err := checkRules(rules); err != nil {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("compile rules of %s", principal), Err: err}
	}
	hash, err := hashRules(principal, rules)
	if err != nil {
		return nil, err
	}
	t := &Table{principal: principal, hash: hash, atlas: world(), named: map[rivage.ID]uint64{}, refuse: rivage.Decision{Reason: ReasonNoRule, Rules: hash}}
	for _, forbid := range [...]bool{true, false} {
		for i := range rules {
			if (rules[i].Effect == Forbid) == forbid {
				t.rules = append(t.rules, t.compile(i, &rules[i]))
			}
		}
	}
	for i := range rules {
		t.source = append(t.source, rules[i].clone())
	}
	t.edges = append(t.edges, t.atlas.ends...)
	var hours []*week
	for i := range t.rules {
		t.edges = append(t.edges, t.rules[i].from, t.rules[i].end)
		if h := t.rules[i].hours; h != nil {
			hours = append(hours, h)
		}
	}
	t.hourly, t.turns = len(hours) > 0, turnsOf(hours)
	slices.Sort(t.edges)
	t.edges = slices.Compact(t.edges)
	return t, nil
}

// under is the table within a frame: its decisions bear the hash of both.
func (t *Table) under(f *Frame) *Table {
	u := *t
	u.bounds = f.above(t.principal, t.hash)
	u.refuse.Rules = u.bounds.rules
	u.rules = slices.Clone(t.rules)
	for i := range u.rules {
		u.rules[i].decision.Rules = u.bounds.rules
	}
	u.edges = append(slices.Clone(t.edges), u.bounds.guards.edges()...) // once more when it was under a frame already
	u.edges = append(u.edges, u.bounds.trials.edges()...)
	u.edges = append(u.edges, f.edges()...)
	slices.Sort(u.edges)
	u.edges = slices.Compact(u.edges)
	return &u
}

func (r *Rule) clone() Rule {
	c := *r
	c.Classes, c.Actions, c.Modes = slices.Clone(r.Classes), slices.Clone(r.Actions), slices.Clone(r.Modes)
	c.Zones, c.Countries, c.Companies = slices.Clone(r.Zones), slices.Clone(r.Countries), slices.Clone(r.Companies)
	c.Evidence, c.Purposes, c.Fields = slices.Clone(r.Evidence), slices.Clone(r.Purposes), slices.Clone(r.Fields)
	c.Hours = slices.Clone(r.Hours)
	c.Places = slices.Clone(r.Places)
	return c
}

func (t *Table) compile(index int, r *Rule) compiled {
	c := compiled{
		index: index, forbid: r.Effect == Forbid, from: math.MinInt64, end: math.MaxInt64,
		classes: mask(r.Classes, rivage.DataClasses), actions: mask(r.Actions, rivage.Actions), modes: mask(r.Modes, rivage.Modes),
		zones: mask(r.Zones, rivage.Zones), evidence: mask(r.Evidence, rivage.Evidences), purposes: mask(r.Purposes, Purposes),
		decision: rivage.Decision{Allowed: r.Effect == Allow, Rule: r.ID, Reason: r.Reason, Basis: r.Basis, Rules: t.hash},
	}
	c.core, c.among = pack(c.classes, c.actions, c.modes, c.purposes), math.MaxUint64
	if !c.forbid && anyOf(r.Evidence) { // unknown is never meant by "any"
		c.evidence &^= bit(rivage.Evidences, rivage.Unknown)
	}
	c.places = mask(r.Places, rivage.Surroundings)
	if !c.forbid && len(r.Places) == 0 { // telework is meant only by who says so
		c.places = bit(rivage.Surroundings, rivage.Office)
	}
	if !r.From.IsZero() {
		c.from = r.From.UnixMicro()
	}
	if !r.To.IsZero() {
		c.end = r.To.AddDate(0, 0, 1).UnixMicro()
	}
	if !anyOf(r.Countries) {
		for _, country := range r.Countries {
			c.countries = append(c.countries, t.atlas.find(country))
		}
	}
	if !anyOf(r.Companies) {
		c.companies = slices.Clone(r.Companies)
	}
	if c.companies != nil {
		c.among = t.name(c.companies)
	}
	if !anyOf(r.Fields) {
		c.fields = slices.Clone(r.Fields)
	}
	c.hours, _ = weekOf(r.Hours) // checkRules has read them
	return c
}

// stranger is the bit of every company that no rule names.
const stranger = 1 << 63

// name gives each company its bit. Some share one: the list of a rule is what decides.
func (t *Table) name(companies []rivage.ID) (all uint64) {
	for _, id := range companies {
		bit, known := t.named[id]
		if !known {
			bit = 1 << (len(t.named) % 63)
			t.named[id] = bit
		}
		all |= bit
	}
	return all
}

// pack puts four sets of bits side by side.
func pack(a, b, c, d uint8) uint32 { return uint32(a) | uint32(b)<<8 | uint32(c)<<16 | uint32(d)<<24 }

// mask is the bits of a list; all of them for "any" and, in a forbid rule, for an empty one.
func mask[T ~string](list, closed []T) uint8 {
	if len(list) == 0 || anyOf(list) {
		return 1<<len(closed) - 1
	}
	var m uint8
	for _, v := range list {
		m |= bit(closed, v)
	}
	return m
}

// bit is the bit of v in its closed list, none for a value outside it.
func bit[T comparable](closed []T, v T) uint8 {
	if i := slices.Index(closed, v); i >= 0 {
		return 1 << i
	}
	return 0
}

// Principal is whose rules these are.
func (t *Table) Principal() rivage.ID { return t.principal }

// Hash names what decides, hex: the rule set, and the frame above it where a gate holds the table. Every decision of the
// table carries it.
func (t *Table) Hash() string { return t.refuse.Rules }

// Rules gives the rules as written.
func (t *Table) Rules() []Rule {
	rules := make([]Rule, len(t.source))
	for i := range t.source {
		rules[i] = t.source[i].clone()
	}
	return rules
}

// Decide answers a request at an instant: the first forbid rule that applies, else the first allow rule, as far as the
// frame lets it, else a refusal. A place without evidence, or in a country the table of zones does not know, is in zone
// OTHER and is allowed only by a rule that names "unknown". It does not allocate.
func (t *Table) Decide(r Request, at time.Time) rivage.Decision {
	if t == nil || r.Principal != t.principal {
		return rivage.Decision{Reason: ReasonNoTable}
	}
	c := t.read(&r, at)
	for i := range t.rules {
		if !t.rules[i].applies(&c) {
			continue
		}
		d := t.rules[i].decision
		if d.Allowed && t.bounds != nil {
			return t.bounds.within(&r, &c, d)
		}
		return d
	}
	return t.refuse
}

// read turns a request into bits.
func (t *Table) read(r *Request, at time.Time) cell {
	c := cell{
		class: bit(rivage.DataClasses, r.Class), action: bit(rivage.Actions, r.Action), mode: bit(rivage.Modes, r.Mode),
		purpose: bit(Purposes, r.Purpose), company: r.Place.Company, field: r.Field, at: at.UnixMicro(),
		evidence: bit(rivage.Evidences, rivage.Unknown), zone: bit(rivage.Zones, rivage.ZoneOther), country: -1,
	}
	c.core = pack(c.class, c.action, c.mode, c.purpose)
	if c.among = t.named[c.company]; c.among == 0 {
		c.among = stranger
	}
	if t.hourly {
		c.minute = minuteOfWeek(at)
	}
	c.whole = c.class != 0 && c.action != 0 && c.mode != 0 && c.purpose != 0
	c.place = bit(rivage.Surroundings, rivage.Office)
	if r.Place.Telework {
		c.place = bit(rivage.Surroundings, rivage.Telework)
	}
	s := statedPlace{evidence: bit(rivage.Evidences, r.Place.Evidence), country: t.atlas.find(r.Place.Country), seen: t.atlas.find(r.Place.Seen)}
	for _, country := range [...]int{s.country, s.seen} {
		if country < 0 {
			continue
		}
		s.zone |= t.zoneAt(country, c.at)
	}
	c.stated = s
	if s.country >= 0 && (r.Place.Evidence == rivage.Attested || r.Place.Evidence == rivage.Declared) {
		c.known, c.evidence, c.zone, c.country = true, s.evidence, t.zoneAt(s.country, c.at), s.country
	}
	return c
}

// zoneAt is the zone of a row of the atlas at an instant: OTHER once what it rested on has ended.
func (t *Table) zoneAt(country int, at int64) uint8 {
	if end := t.atlas.rows[country].Until; !end.IsZero() && at >= end.UnixMicro() {
		return bit(rivage.Zones, rivage.ZoneOther)
	}
	return t.atlas.zone[country]
}

func (r *compiled) applies(c *cell) bool {
	return r.core&c.core == c.core && r.among&c.among != 0 && c.whole &&
		c.at >= r.from && c.at < r.end && (r.hours == nil || r.hours.has(c.minute)) &&
		r.evidence&r.evidenceOf(c) != 0 && r.zones&r.zoneOf(c) != 0 && r.holdsPlace(c) &&
		(r.countries == nil || slices.Contains(r.countries, r.countryOf(c)) || r.forbid && c.stated.seen >= 0 && slices.Contains(r.countries, c.stated.seen)) &&
		(r.companies == nil || slices.Contains(r.companies, c.company)) &&
		(r.fields == nil || slices.Contains(r.fields, c.field))
}

// holdsPlace: who is of no known place may be at a site or at home, whatever is stated; a forbid is not escaped by it.
func (r *compiled) holdsPlace(c *cell) bool {
	return r.places&c.place != 0 || r.forbid && !c.known
}

func (r *compiled) evidenceOf(c *cell) uint8 {
	if r.forbid {
		return c.evidence | c.stated.evidence
	}
	return c.evidence
}

func (r *compiled) zoneOf(c *cell) uint8 {
	if r.forbid {
		return c.zone | c.stated.zone
	}
	return c.zone
}

func (r *compiled) countryOf(c *cell) int {
	if r.forbid {
		return c.stated.country
	}
	return c.country
}

// nextEdge is the first instant after at when an answer may change, in microseconds, looked for until limit.
func (t *Table) nextEdge(at, limit int64) (int64, bool) {
	i, found := slices.BinarySearch(t.edges, at)
	if found {
		i++
	}
	if i < len(t.edges) && t.edges[i] < limit {
		limit, found = t.edges[i], true
	} else {
		found = false
	}
	if hour, ok := t.nextHour(at, limit); ok {
		return hour, true
	}
	return limit, found
}
