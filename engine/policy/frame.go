// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// Frame is what bounds the rules of every Principal: the profile, the rule packs, the organisation's matrix, the
// Principals' own, the companies with the laws they answer to, and the safeguards. A rule allows within it and never
// beyond. A nil Frame lets nothing through.
type Frame struct {
	profile    rivage.Profile
	packs      []*Pack
	edicts     []edict // of the packs, the rows that decide
	judged     uint8   // the classes that any of them names, to pass over the others in one look
	floor      *Matrix // of the organisation, nil when it sets none
	matrices   map[rivage.ID]*Matrix
	companies  map[rivage.ID]bool // known, and whether exposed
	safeguards []*rivage.Safeguard
	closed     map[rivage.ID]bool // Principals whose matrix does not load; Organisation: all of them
	stopped    []rivage.Country
	openings   []boundSite
	unbounded  bool
	hash       string
}

// FrameOf joins what the organisation set, and the packs of the program that hold for it; own are the organisation's.
// closed names the Principals whose matrix could not be read: they are refused everything, all of them when it is the
// organisation's, or when a pack is missing.
func FrameOf(s *rivage.Settings, matrices []*Matrix, own []*Pack, closed ...rivage.ID) *Frame {
	f := &Frame{
		profile: s.Profile(), matrices: map[rivage.ID]*Matrix{}, companies: map[rivage.ID]bool{}, closed: map[rivage.ID]bool{},
	}
	if !slices.Contains(rivage.Profiles, f.profile) {
		f.profile = rivage.Souverain
	}
	for _, m := range matrices {
		if m.principal == rivage.Organisation {
			f.floor = m
			continue
		}
		f.matrices[m.principal] = m
	}
	for id, c := range s.Companies {
		f.companies[id] = exposed(c)
	}
	for _, g := range s.Safeguards {
		f.safeguards = append(f.safeguards, g)
	}
	slices.SortFunc(f.safeguards, func(x, y *rivage.Safeguard) int { return cmp.Compare(x.ID, y.ID) })
	for _, id := range closed {
		f.closed[id] = true
	}
	if s.Frame != nil {
		f.stopped = slices.Clone(s.Frame.Stopped)
	}
	f.openings = boundSites(s)
	f.hold(s, own)
	f.hash = f.sum()
	return f
}

// hold takes the packs in: those that always hold, those of the countries served, the organisation's own. One that is
// named and cannot be had closes the frame: what it would refuse is not known.
func (f *Frame) hold(s *rivage.Settings, own []*Pack) {
	named := slices.Clone(PacksAlways)
	if s.Frame != nil {
		named = append(named, s.Frame.Packs...)
	}
	for _, id := range named {
		switch p := OurPack(id); {
		case p == nil || slices.Contains(packsOff, id):
			f.closed[rivage.Organisation] = true
		case !slices.Contains(f.packs, p):
			f.packs = append(f.packs, p)
		}
	}
	own = slices.Clone(own)
	slices.SortFunc(own, func(x, y *Pack) int { return cmp.Compare(x.id, y.id) })
	f.packs = append(f.packs, own...)
	f.edicts = edictsOf(f.packs)
	for i := range f.edicts {
		f.judged |= uint8(f.edicts[i].core)
	}
}

// Unbounded is a frame that bounds nothing, to look at rules alone. test/arch sees to it that only tests name it.
func Unbounded() *Frame { return &Frame{unbounded: true} }

// sum names everything that decides in a frame.
func (f *Frame) sum() string {
	form := struct {
		Format     string
		Profile    rivage.Profile
		Floor      string
		Matrices   map[rivage.ID]string
		Companies  map[rivage.ID]bool
		Safeguards []*rivage.Safeguard
		Closed     map[rivage.ID]bool
		Stopped    []rivage.Country  `json:",omitempty"`
		Openings   []*rivage.Opening `json:",omitempty"`
		Countries  []rivage.Country  `json:",omitempty"` // of the sites of Openings
		Packs      []string
	}{Format: "rivage frame 1", Profile: f.profile, Matrices: map[rivage.ID]string{}, Companies: f.companies, Safeguards: f.safeguards,
		Closed: f.closed, Stopped: f.stopped}
	for _, o := range f.openings {
		form.Openings, form.Countries = append(form.Openings, o.Opening), append(form.Countries, o.country)
	}
	if f.floor != nil {
		form.Floor = f.floor.Hash()
	}
	for id, m := range f.matrices {
		form.Matrices[id] = m.Hash()
	}
	for _, p := range f.packs {
		form.Packs = append(form.Packs, p.Hash())
	}
	text, err := json.Marshal(form)
	if err != nil { // no type in it can fail
		panic(err)
	}
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

// profileCell is what a profile makes of a place, and what it needs for it (docs/law.md).
func profileCell(p rivage.Profile, class rivage.DataClass, zone rivage.Zone, exposed, known bool) (Outcome, need) {
	sensitive := class == rivage.ClassBank || class == rivage.ClassHealth
	union := zone == rivage.ZoneFR || zone == rivage.ZoneFRRUP || zone == rivage.ZoneEU || zone == rivage.ZoneEEA
	switch {
	case union && !exposed:
		return Full, need{}
	case union && p == rivage.Encadre:
		return Full, need{}
	case union && !sensitive:
		return Full, needsReview
	case p != rivage.Encadre:
		return Refused, need{}
	case !known && sensitive:
		return Refused, need{}
	case !known:
		return Full, needsDerogation
	}
	switch zone {
	case rivage.ZoneAdequate:
		return Full, need{}
	case rivage.ZoneAdequatePartial:
		return Full, needsScope
	case rivage.ZoneFROMHorsUE:
		return Full, needsReview
	}
	return Full, needsTransfer
}

// bounds are a frame as it stands above one Principal's rules: every answer made beforehand, so that deciding makes none.
type bounds struct {
	f      *Frame
	rules  string // hash of everything that decides, which each decision bears
	matrix *Matrix
	guards guards
	answer map[refusal]rivage.Decision
	none   rivage.Decision // when the frame itself is missing or closed
	stop   rivage.Decision // from a country that is stopped
	stops  []int           // rows of the atlas
	trials trials
}

// refusal is one of the frame's refusals.
type refusal struct {
	kind  rivage.SafeguardKind
	row   uint16 // of the packs' rows that decide
	layer layer
	past  bool
}

type layer uint8

const (
	layerProfile layer = iota
	layerPack
	layerFloor
	layerMatrix
	layerSafeguard
)

// RuleStopped is the rule of a refusal by the stop of a country.
const RuleStopped = "arret"

// The refusals of a frame, for people.
const (
	ReasonNoFrame = "aucun cadre n'est chargé"
	ReasonStopped = "Arrêt : rien n'est ouvert depuis ce pays, par décision de l'organisation."
	ReasonClosed  = "le cadre ne se lit pas : tout est refusé jusqu'à ce qu'il soit réparé"
)

func (f *Frame) above(principal rivage.ID, rules string) *bounds {
	b := &bounds{f: f, rules: rules, none: rivage.Decision{Reason: ReasonNoFrame, Rules: rules}, answer: map[refusal]rivage.Decision{}}
	if f == nil || f.unbounded {
		return b
	}
	h := sha256.Sum256([]byte("rivage decision 1 " + f.hash + " " + rules))
	b.rules = hex.EncodeToString(h[:])
	b.none = rivage.Decision{Reason: ReasonClosed, Rules: b.rules}
	b.stop = rivage.Decision{Rule: RuleStopped, Reason: ReasonStopped, Rules: b.rules}
	for _, country := range f.stopped {
		b.stops = append(b.stops, world().find(country))
	}
	b.matrix, b.guards = f.matrices[principal], guardsFor(principal, f.safeguards)
	b.trials = trialsFor(principal, f.openings, b.rules)
	refuse := func(r refusal, rule, reason string) {
		b.answer[r] = rivage.Decision{Rule: rule, Reason: reason, Rules: b.rules}
	}
	refuse(refusal{layer: layerProfile}, "profil:"+string(f.profile), profileReason[f.profile])
	b.edicts(refuse)
	refuse(refusal{layer: layerFloor}, "matrice:organisation", "La matrice de l'organisation le refuse.")
	refuse(refusal{layer: layerMatrix}, "matrice:"+string(principal), "La matrice du donneur d'ordre le refuse.")
	for _, kind := range rivage.SafeguardKinds {
		refuse(refusal{layer: layerSafeguard, kind: kind}, "garantie:"+string(kind), fmt.Sprintf("Garantie manquante : %s.", safeguardNames[kind]))
		refuse(refusal{layer: layerSafeguard, kind: kind, past: true}, "garantie:"+string(kind), fmt.Sprintf("Garantie expirée : %s.", safeguardNames[kind]))
	}
	return b
}

var profileReason = map[rivage.Profile]string{
	rivage.Souverain: "Profil souverain : rien ne sort de l'EEE, consultation comprise.",
	rivage.Encadre:   "Profil encadré : un lieu inconnu n'atteint ni données bancaires ni santé.",
}

var safeguardNames = map[rivage.SafeguardKind]string{
	rivage.SafeguardClauses: "clauses contractuelles types (CCT)", rivage.SafeguardAssessment: "analyse d'impact du transfert (AITD)",
	rivage.SafeguardAuthorisation: "autorisation du sous-traitant", rivage.SafeguardNotice: "information des personnes",
	rivage.SafeguardScope: "preuve que l'importateur est couvert par l'adéquation", rivage.SafeguardReview: "validation du délégué",
	rivage.SafeguardDerogation: "dérogation pour un lieu inconnu",
}

// SafeguardName is a kind in French, for people.
func SafeguardName(kind rivage.SafeguardKind) string { return safeguardNames[kind] }

// within bounds what a rule allowed.
func (b *bounds) within(r *Request, c *cell, d rivage.Decision) rivage.Decision {
	if b.f != nil && b.f.unbounded {
		return d
	}
	if b.f == nil || b.f.closed[rivage.Organisation] || b.f.closed[r.Principal] {
		return b.none
	}
	if b.stopped(c) {
		return b.stop
	}
	if closed, refused := b.trials.refuse(r, c); refused {
		return closed
	}
	o, refused, why := b.look(r, c)
	if refused {
		return b.answer[why]
	}
	d.Masked, d.Remote = o&masked != 0, o&remote != 0
	return d
}

// stopped reads what is stated and what was seen, proved or not.
func (b *bounds) stopped(c *cell) bool {
	return c.stated.country >= 0 && slices.Contains(b.stops, c.stated.country) || c.stated.seen >= 0 && slices.Contains(b.stops, c.stated.seen)
}

// look goes through the layers and stops at the first that refuses.
func (b *bounds) look(r *Request, c *cell) (o Outcome, refused bool, why refusal) {
	exposed, zone := b.stands(c)
	o, needs := profileCell(b.f.profile, r.Class, zone, exposed, c.known)
	if o == Refused {
		return o, true, refusal{layer: layerProfile}
	}
	valid, past := b.guards.holds(c)
	i, j, k := index8(c.class), index8(c.zone), columnOf(c)
	if b.f.judged&c.class != 0 {
		if row, lacks := b.edict(coreOf(c, exposed, k), c.zone|c.stated.zone, c.at, valid); row >= 0 {
			return Refused, true, refusal{layer: layerPack, row: uint16(row), kind: lacks}
		}
	}
	if b.f.floor != nil {
		if o = o.and(b.f.floor.at(i, j, exposed, k)); o == Refused {
			return o, true, refusal{layer: layerFloor}
		}
	}
	if b.matrix != nil {
		if o = o.and(b.matrix.at(i, j, exposed, k)); o == Refused {
			return o, true, refusal{layer: layerMatrix}
		}
	}
	if lacks := needs.lacks(valid); lacks != "" {
		return Refused, true, refusal{layer: layerSafeguard, kind: lacks, past: past&kindsOf(lacks) != 0}
	}
	return o, false, refusal{}
}

// stands is where a request comes from, as matrices tell places apart. A place that is not known is in zone OTHER, and a
// company that nobody declared is exposed.
func (b *bounds) stands(c *cell) (exposed bool, zone rivage.Zone) {
	exposed, declared := b.f.companies[c.company]
	return exposed || !declared || !c.known, rivage.Zones[index8(c.zone)]
}

// index8 is the place of the one bit that is set.
func index8(b uint8) int {
	i := 0
	for ; b > 1; b >>= 1 {
		i++
	}
	return i
}
