// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"rivage.example/rivage"
)

// Badge is what anybody may know of an installation: the profile in force, since when, and the entry that says so.
type Badge struct {
	Profile rivage.Profile `json:"profile"`
	Since   Instant        `json:"since,omitempty"` // "" when nobody ever set one: souverain holds
	Seq     rivage.Seq     `json:"seq,omitempty"`   // of the entry that set it
}

// badges keeps the last badge: anybody asks, and the journal is read once for each change of settings.
type badges struct {
	sync.Mutex
	of   rivage.Seq
	last *Badge
}

// Badge is the one of now.
func (v *View) Badge(ctx context.Context) (Badge, error) {
	s := v.c.Settings()
	v.badges.Lock()
	defer v.badges.Unlock()
	if v.badges.last != nil && v.badges.of == s.Seq {
		return *v.badges.last, nil
	}
	b := Badge{Profile: s.Profile()}
	entries, err := v.stream(ctx, rivage.Organisation, rivage.StreamOf("config/"+rivage.TypeFrame, rivage.Organisation))
	if err != nil {
		return Badge{}, err
	}
	var was rivage.Profile
	for _, e := range entries {
		f, ok := e.Facts.(*rivage.SettingSet)
		if !ok {
			continue
		}
		var frame rivage.Frame
		if err := json.Unmarshal(f.Doc, &frame); err != nil {
			return Badge{}, fmt.Errorf("read entry %d: %w", e.Seq, err)
		}
		if frame.Profile != was {
			was, b.Since, b.Seq = frame.Profile, instant(e.At), e.Seq
		}
	}
	v.badges.of, v.badges.last = s.Seq, &b
	return b, nil
}
