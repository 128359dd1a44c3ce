// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"rivage.example/rivage"
)

//go:embed packs/*.csv
var packFiles embed.FS

// The packs that come with the program: France and the Union always hold; Spain and Italy where the organisation says
// that it serves them; the United States' are proposals, and stay off.
var (
	PacksAlways = []rivage.ID{"fr", "eu"}
	PacksServed = []rivage.ID{"es", "it"}
	packsOff    = []rivage.ID{"us"}
)

// ours are the packs of the program, in the order in which they are shown.
var ours = sync.OnceValues(func() ([]*Pack, error) {
	var list []*Pack
	for _, id := range slices.Concat(PacksAlways, PacksServed, packsOff) {
		text, err := packFiles.ReadFile(path.Join("packs", string(id)+".csv"))
		if err != nil {
			return nil, err
		}
		p, err := readPack(id, text)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
})

// OurPack is a pack of the program, nil when it has none of that id.
func OurPack(id rivage.ID) *Pack {
	list, _ := ours() // without them a frame is closed
	for _, p := range list {
		if p.id == id {
			return p
		}
	}
	return nil
}

// packColumns are the keys of a row, in their order in a file; lists stand in one cell, "sante|bancaire".
var packColumns = strings.Fields(`id jurisdiction legal_ref text valid_from valid_to status confidence source reviewer reviewed_on
	review_due effect classes zones exposures columns safeguards`)

func readPack(id rivage.ID, text []byte) (*Pack, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', len(packColumns)
	var rows []PackRow
	for n := 0; ; n++ {
		v, err := r.Read()
		if err == io.EOF {
			return NewPack(id, rows)
		}
		if err != nil {
			return nil, fmt.Errorf("read the pack %s: %w", id, err)
		}
		if n == 0 {
			if !slices.Equal(v, packColumns) {
				return nil, fmt.Errorf("read the pack %s: columns %q, want %q", id, v, packColumns)
			}
			continue
		}
		rows = append(rows, PackRow{
			ID: v[0], Jurisdiction: v[1], LegalRef: v[2], Text: v[3], ValidFrom: rivage.Date(v[4]), ValidTo: rivage.Date(v[5]),
			Status: PackStatus(v[6]), Confidence: v[7], Source: v[8], Reviewer: v[9], ReviewedOn: rivage.Date(v[10]),
			ReviewDue: rivage.Date(v[11]), Effect: PackEffect(v[12]), Classes: listOf[rivage.DataClass](v[13]),
			Zones: listOf[rivage.Zone](v[14]), Exposures: listOf[string](v[15]), Columns: listOf[Column](v[16]),
			Safeguards: listOf[rivage.SafeguardKind](v[17]),
		})
	}
}

func listOf[T ~string](cell string) []T {
	if cell == "" {
		return nil
	}
	var list []T
	for v := range strings.SplitSeq(cell, "|") {
		list = append(list, T(v))
	}
	return list
}

// PackState is a pack, and whether it holds here.
type PackState struct {
	Pack *Pack
	On   bool
	Own  bool // of the organisation, not of the program
}

// Packs lists the packs of the program, those that are off too, then the organisation's. A closed frame lists what it
// would hold.
func (g *Gate) Packs() []PackState {
	var on []*Pack
	if g != nil && g.frame != nil {
		on = g.frame.packs
	}
	list, _ := ours()
	var states []PackState
	for _, p := range list {
		states = append(states, PackState{Pack: p, On: slices.Contains(on, p)})
	}
	for _, p := range on {
		if !slices.Contains(list, p) {
			states = append(states, PackState{Pack: p, On: true, Own: true})
		}
	}
	return states
}
