// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"strings"
	"time"

	"rivage.example/rivage"
)

// maxDoorClasses bounds what one minute of refusals may add to the log, with one more at each of the two doors for all
// others: an hour of flood stays under 1 000 entries.
const maxDoorClasses = 14

// doorKey is a class of refusals: never an address.
type doorKey struct{ door, source, reason string }

// refused counts a refusal at a door; the minute's counts become entries, one per class, so that a flood does not
// fill the log.
func (s *State) refused(b *batch, r Refused) {
	if s.doorEnds == nil { // a minute by Elapsed: neither a step of the wall clock nor its own minutes end one early
		s.minute = b.now.Wall.Truncate(time.Minute)
		s.doorEnds = s.after(b.now, time.Minute, func(b *batch) { s.flushDoor(b) })
	}
	k := doorKey{r.Door, r.Source, r.Reason}
	if _, ok := s.door[k]; !ok && len(s.door) >= maxDoorClasses {
		k = doorKey{r.Door, "other", "other"}
	}
	s.door[k] += max(r.Count, 1)
	b.world = true
}

func (s *State) flushDoor(b *batch) {
	keys := make([]doorKey, 0, len(s.door))
	for k := range s.door {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y doorKey) int {
		return strings.Compare(x.door+"\x00"+x.source+"\x00"+x.reason, y.door+"\x00"+y.source+"\x00"+y.reason)
	})
	for _, k := range keys {
		b.add(rivage.Entry{
			Stream: "door", Principal: rivage.Organisation, Leaf: rivage.Leaf{Role: "system", Outcome: "refused"},
			Facts: &rivage.DoorRefused{Door: k.door, Source: k.source, Reason: k.reason, Minute: rivage.At(s.minute), Count: s.door[k]},
		})
	}
	clear(s.door)
	cancel(s.doorEnds)
	s.doorEnds = nil
}
