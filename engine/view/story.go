// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// maxStory bounds the entries of one stream that a story reads.
const maxStory = 2000

// Detail is an interaction's whole story from its entries: what the floor wrote, and who was shown what of it.
func (v *View) Detail(ctx context.Context, u User, id rivage.ID) (Detail, error) {
	row, err := v.readable(ctx, u, id)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Story: []Story{}, Offers: []Why{}, Recordings: []Recording{}}
	if d.Interaction, err = v.interaction(ctx, u, &row); err != nil {
		return Detail{}, err
	}
	entries, err := v.entriesOf(ctx, &row)
	if err != nil {
		return Detail{}, err
	}
	for i := range entries {
		s, err := story(&entries[i])
		if err != nil {
			return Detail{}, err
		}
		d.Story = append(d.Story, s)
		if f, ok := entries[i].Facts.(*rivage.InteractionOffered); ok {
			w, err := v.why(ctx, u, &entries[i], f)
			if err != nil {
				return Detail{}, err
			}
			d.Offers = append(d.Offers, w)
		}
	}
	d.Recordings, err = v.recordings(ctx, u, &row)
	return d, err
}

// entriesOf are the interaction's own entries, and those of the person's stream that are about it, in order.
func (v *View) entriesOf(ctx context.Context, row *rivage.InteractionRow) ([]rivage.Stored, error) {
	own, err := v.stream(ctx, row.Principal, rivage.StreamOf("interaction", row.ID))
	if err != nil {
		return nil, err
	}
	read, err := v.stream(ctx, row.Principal, rivage.StreamOf("person", row.Person))
	if err != nil {
		return nil, err
	}
	if p, err := v.c.Rows.Person(ctx, []rivage.ID{row.Principal}, row.Person); err == nil && p.ID != row.Person { // merged
		into, err := v.stream(ctx, row.Principal, rivage.StreamOf("person", p.ID))
		if err != nil {
			return nil, err
		}
		read = append(read, into...)
	}
	for _, e := range read {
		if _, erased := e.Facts.(*rivage.PersonErased); erased || InteractionOf(e.Facts) == row.ID {
			own = append(own, e)
		}
	}
	own = slices.DeleteFunc(own, func(e rivage.Stored) bool { return e.Principal != row.Principal })
	slices.SortFunc(own, func(a, b rivage.Stored) int { return cmp.Compare(a.Seq, b.Seq) })
	return own, nil
}

// stream reads a stream of a Principal from its first entry, as far as a story goes.
func (v *View) stream(ctx context.Context, principal rivage.ID, name rivage.Stream) ([]rivage.Stored, error) {
	var all []rivage.Stored
	var after int64
	for len(all) < maxStory {
		part, err := v.c.Log.StreamEntries(ctx, []rivage.ID{principal}, name, after, maxPage)
		if err != nil || len(part) == 0 {
			return all, err
		}
		all = append(all, part...)
		after = part[len(part)-1].Version
	}
	return all, nil
}

func story(e *rivage.Stored) (Story, error) {
	s := Story{Seq: e.Seq, At: instant(e.At), Kind: e.Kind, LeafHash: e.LeafHash.String()}
	if e.LeafText != nil { // its text may be gone under a retention class; its hash stays
		l, err := rivage.ParseLeaf(e.LeafText)
		if err != nil {
			return Story{}, fmt.Errorf("read entry %d: %w", e.Seq, err)
		}
		s.Role, s.Site, s.Country, s.Evidence, s.Outcome = l.Role, l.Site, l.Country, l.Evidence, l.Outcome
		s.Rule, s.Basis, s.Mode, s.Class, s.Field, s.Purpose = l.Rule, l.Basis, l.Mode, l.Class, l.Field, l.Purpose
	}
	text, err := json.Marshal(e.Facts)
	if err != nil {
		return Story{}, fmt.Errorf("read entry %d: %w", e.Seq, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a rank or a sequence does not fit a float64
	if err := d.Decode(&s.Facts); err != nil {
		return Story{}, fmt.Errorf("read entry %d: %w", e.Seq, err)
	}
	delete(s.Facts, "subject")
	delete(s.Facts, "subjects")
	delete(s.Facts, "runners_up") // agents whom u may not know; Why names those he may
	return s, nil
}
