// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"slices"
	"time"

	"rivage.example/rivage"
)

// The layers of a frame, in the order in which they are asked.
const (
	LayerStop      = "stop"
	LayerOpening   = "opening"
	LayerProfile   = "profile"
	LayerPack      = "pack"
	LayerFloor     = "floor"
	LayerMatrix    = "matrix"
	LayerSafeguard = "safeguard"

	LayerConnection = "connection" // of the system that holds a card
)

// FrameCell is one case of the total table that bounds a Principal's rules.
type FrameCell struct {
	Class   rivage.DataClass         `json:"class"`
	Zone    rivage.Zone              `json:"zone"`
	Exposed bool                     `json:"exposed"`
	Column  Column                   `json:"column"`
	Outcome string                   `json:"outcome"`         // as matrices write it
	Layer   string                   `json:"layer,omitempty"` // which layer refuses
	Needs   [][]rivage.SafeguardKind `json:"needs,omitempty"` // any of these sets, whole
}

// FrameTable is the total table of a Principal at an instant: what the profile, the packs, the organisation's matrix and
// its own let happen at most, and with which safeguards. Whether rules allow it is another question. Empty without a frame.
func (g *Gate) FrameTable(principal rivage.ID, at time.Time) []FrameCell {
	t := g.Table(principal)
	if t == nil || t.bounds.f == nil || t.bounds.f.unbounded {
		return nil
	}
	b := t.bounds
	var cells []FrameCell
	for _, class := range rivage.DataClasses {
		for _, zone := range rivage.Zones {
			for _, exposed := range []bool{false, true} {
				for _, column := range Columns {
					cells = append(cells, b.cell(FrameCell{Class: class, Zone: zone, Exposed: exposed, Column: column}, at.UnixMicro()))
				}
			}
		}
	}
	return cells
}

func (b *bounds) cell(c FrameCell, at int64) FrameCell {
	o, needs := profileCell(b.f.profile, c.Class, c.Zone, c.Exposed, true)
	refusedBy := func(m *Matrix, layer string) {
		if m == nil || o == Refused {
			return
		}
		if o = o.and(m.Cell(c.Class, c.Zone, c.Exposed, c.Column)); o == Refused {
			c.Layer = layer
		}
	}
	if o == Refused {
		c.Layer = LayerProfile
	}
	required, refused := b.required(c, at)
	if refused && o != Refused {
		o, c.Layer = Refused, LayerPack
	}
	refusedBy(b.f.floor, LayerFloor)
	refusedBy(b.matrix, LayerMatrix)
	c.Outcome = o.String()
	for i, set := range needs {
		if set |= required; set != 0 && o != Refused && (i == 0 || needs[i] != 0) {
			c.Needs = append(c.Needs, set.list())
		}
	}
	return c
}

// required is what the packs ask for in a case, all of it, and whether one of them refuses it.
func (b *bounds) required(c FrameCell, at int64) (k kinds, refused bool) {
	exposure := uint8(1)
	if c.Exposed {
		exposure = 2
	}
	core := pack(bit(rivage.DataClasses, c.Class), 0, exposure, bit(Columns, c.Column))
	for i := range b.f.edicts {
		if e := &b.f.edicts[i]; e.names(core, bit(rivage.Zones, c.Zone), at) {
			k |= e.needs
			refused = refused || e.needs == 0
		}
	}
	return k, refused
}

func (k kinds) list() (list []rivage.SafeguardKind) {
	for _, kind := range rivage.SafeguardKinds {
		if k&kindsOf(kind) != 0 {
			list = append(list, kind)
		}
	}
	return list
}

// Profile is the one in force; Souverain for a gate without a frame, which refuses.
func (g *Gate) Profile() rivage.Profile {
	if g == nil || g.frame == nil || g.frame.unbounded {
		return rivage.Souverain
	}
	return g.frame.profile
}

// TellsHomes says whether a rule of a Principal tells teleworking from work at a site.
func (g *Gate) TellsHomes(principal rivage.ID) bool {
	t := g.Table(principal)
	return t != nil && slices.ContainsFunc(t.source, func(r Rule) bool { return len(r.Places) > 0 })
}

// Bound is what one layer of the frame makes of a request.
type Bound struct {
	Layer   string `json:"layer"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"` // of a refusal
}

// Bounds asks every layer of the frame about a request, each for itself. Empty without a frame.
func (g *Gate) Bounds(r Request, at time.Time) []Bound {
	t := g.Table(r.Principal)
	if t == nil || t.bounds.f == nil || t.bounds.f.unbounded {
		return nil
	}
	b, c := t.bounds, t.read(&r, at)
	if !c.whole {
		return nil // a word outside its list, which nothing allows
	}
	exposed, zone := b.stands(&c)
	o, needs := profileCell(b.f.profile, r.Class, zone, exposed, c.known)
	i, j, k := index8(c.class), index8(c.zone), columnOf(&c)
	var list []Bound
	if b.stopped(&c) {
		list = append(list, Bound{Layer: LayerStop, Outcome: Refused.String(), Reason: ReasonStopped})
	}
	list = append(list, b.trials.says(&r, &c)...)
	list = append(list, b.says(LayerProfile, o, refusal{layer: layerProfile}))
	valid, past := b.guards.holds(&c)
	if row, lacks := b.edict(coreOf(&c, exposed, k), c.zone|c.stated.zone, c.at, valid); row >= 0 {
		list = append(list, b.says(LayerPack, Refused, refusal{layer: layerPack, row: uint16(row), kind: lacks}))
	} else {
		list = append(list, Bound{Layer: LayerPack, Outcome: Full.String()})
	}
	if b.f.floor != nil {
		list = append(list, b.says(LayerFloor, b.f.floor.at(i, j, exposed, k), refusal{layer: layerFloor}))
	}
	if b.matrix != nil {
		list = append(list, b.says(LayerMatrix, b.matrix.at(i, j, exposed, k), refusal{layer: layerMatrix}))
	}
	lacks := needs.lacks(valid)
	if lacks == "" {
		return append(list, Bound{Layer: LayerSafeguard, Outcome: Full.String()})
	}
	return append(list, b.says(LayerSafeguard, Refused, refusal{layer: layerSafeguard, kind: lacks, past: past&kindsOf(lacks) != 0}))
}

func (b *bounds) says(layer string, o Outcome, why refusal) Bound {
	s := Bound{Layer: layer, Outcome: o.String()}
	if o == Refused {
		s.Reason = b.answer[why].Reason
	}
	return s
}
