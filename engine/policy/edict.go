// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"fmt"
	"math"

	"rivage.example/rivage"
)

const (
	always = math.MinInt64
	never  = math.MaxInt64
)

// edict is a row of a pack that decides, as bits of the closed lists.
type edict struct {
	row       *PackRow
	of        rivage.ID // its pack
	core      uint32    // classes, zones, exposures and columns side by side
	from, end int64     // microseconds; end is excluded
	needs     kinds     // 0: refuses
}

// edictsOf are the rows that decide. A proposal does not, whatever it says.
func edictsOf(packs []*Pack) []edict {
	var list []edict
	for _, p := range packs {
		for i := range p.rows {
			r := &p.rows[i]
			if r.Effect == PackNone || r.Status == PackProposal {
				continue
			}
			e := edict{
				row: r, of: p.id, needs: kindsOf(r.Safeguards...),
				core: pack(mask(r.Classes, rivage.DataClasses), mask(r.Zones, rivage.Zones), mask(r.Exposures, Exposures), mask(r.Columns, Columns)),
			}
			e.from, e.end = r.days()
			list = append(list, e)
		}
	}
	return list
}

// names says whether a case, as the bits of one class, zone, exposure and column, is one of the row's at an instant.
func (e *edict) names(core uint32, at int64) bool {
	return e.core&core == core && at >= e.from && at < e.end
}

// coreOf is the case of a request as an edict reads it.
func coreOf(c *cell, exposed bool, column int) uint32 {
	exposure := uint8(1)
	if exposed {
		exposure = 2
	}
	return pack(c.class, c.zone, exposure, 1<<column)
}

// edict is the first row that refuses a case, or that requires what is not valid; -1 when none does. What it lacks is ""
// for a row that refuses.
func (b *bounds) edict(core uint32, at int64, valid kinds) (row int, lacks rivage.SafeguardKind) {
	for i := range b.f.edicts {
		e := &b.f.edicts[i]
		if !e.names(core, at) {
			continue
		}
		if e.needs == 0 {
			return i, ""
		}
		if lacks := (need{e.needs}).lacks(valid); lacks != "" {
			return i, lacks
		}
	}
	return -1, ""
}

// edicts makes the refusals of the packs' rows.
func (b *bounds) edicts(refuse func(r refusal, rule, reason string)) {
	for i := range b.f.edicts {
		e := &b.f.edicts[i]
		rule := "paquet:" + string(e.of) + "/" + e.row.ID
		reason := fmt.Sprintf("Paquet %s, %s%s : %s", e.of, e.row.LegalRef, reserve(e.row), e.row.Text)
		refuse(refusal{layer: layerPack, row: uint16(i)}, rule, reason)
		for _, kind := range rivage.SafeguardKinds {
			if e.needs&kindsOf(kind) != 0 {
				refuse(refusal{layer: layerPack, row: uint16(i), kind: kind}, rule, fmt.Sprintf("%s Manque : %s.", reason, safeguardNames[kind]))
			}
		}
	}
}

// reserve is what is said of a row that is not to be called law.
func reserve(r *PackRow) string {
	if r.Verified() {
		return ""
	}
	return " (non vérifié)"
}

// edges are the instants at which a row begins or ends.
func (f *Frame) edges() []int64 {
	var list []int64
	if f == nil {
		return nil
	}
	for i := range f.edicts {
		list = append(list, f.edicts[i].from, f.edicts[i].end)
	}
	return list
}
