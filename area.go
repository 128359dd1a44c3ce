// SPDX-License-Identifier: EUPL-1.2

package rivage

import "slices"

// Area is where callers may ask to be answered from.
type Area string

// The areas.
const (
	AreaFrance Area = "FR"  // with the outermost regions
	AreaUnion  Area = "EU"  // the Union
	AreaEEA    Area = "EEA" // the European Economic Area
)

// Areas is the closed list, each within the next.
var Areas = []Area{AreaFrance, AreaUnion, AreaEEA}

// Holds says whether a zone lies in the area.
func (a Area) Holds(z Zone) bool {
	zones := map[Area][]Zone{
		AreaFrance: {ZoneFR, ZoneFRRUP}, AreaUnion: {ZoneFR, ZoneFRRUP, ZoneEU}, AreaEEA: {ZoneFR, ZoneFRRUP, ZoneEU, ZoneEEA},
	}
	return slices.Contains(zones[a], z)
}

// Share is the least part of a queue's conversations of a day, in percent, that are answered from an area.
type Share struct {
	Area  Area `json:"area" toml:"area"`
	Least int  `json:"least" toml:"least"` // 1 to 100
}

// Choice lets the callers of a queue ask to be answered from an area.
type Choice struct {
	Area     Area   `json:"area" toml:"area"`
	Key      string `json:"key" toml:"key"`           // one of 0-9*#
	Prompt   ID     `json:"prompt" toml:"prompt"`     // heard before waiting, naming the key
	Accepted ID     `json:"accepted" toml:"accepted"` // heard after the key
	Later    ID     `json:"later" toml:"later"`       // heard when nobody there is at work: they are owed a call
}
