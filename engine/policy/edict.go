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
	core      uint32    // classes, zones (all of them), exposures and columns side by side
	zones     uint8     // any of which a case may be in, proved or stated
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
				core:  pack(mask(r.Classes, rivage.DataClasses), math.MaxUint8, mask(r.Exposures, Exposures), mask(r.Columns, Columns)),
				zones: mask(r.Zones, rivage.Zones),
			}
			e.from, e.end = r.days()
			list = append(list, e)
		}
	}
	return list
}

// names says whether a case, as the bits of one class, exposure and column, is one of the row's at an instant, in any of some
// zones: what is stated or seen counts as well as what is proved, so that nobody escapes by proving less.
func (e *edict) names(core uint32, zones uint8, at int64) bool {
	return e.core&core == core && e.zones&zones != 0 && at >= e.from && at < e.end
}

// coreOf is the case of a request as an edict reads it.
func coreOf(c *cell, exposed bool, column int) uint32 {
	exposure := uint8(1)
	if exposed {
		exposure = 2
	}
	return pack(c.class, 0, exposure, 1<<column)
}

// edict is the first row that refuses a case, or that requires what is not valid; -1 when none does. What it lacks is ""
// for a row that refuses.
func (b *bounds) edict(core uint32, zones uint8, at int64, valid kinds) (row int, lacks rivage.SafeguardKind) {
	for i := range b.f.edicts {
		e := &b.f.edicts[i]
		if !e.names(core, zones, at) {
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
