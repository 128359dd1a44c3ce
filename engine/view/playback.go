// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"errors"
	"io"

	"rivage.example/rivage"
)

// Audio is a recording being heard. The caller closes WAV.
type Audio struct {
	WAV  io.ReadCloser
	Size int64 // bytes, -1 when not known
}

// Playback asks the gate, writes down who hears the recording, and only then opens it.
func (v *View) Playback(ctx context.Context, u User, object rivage.ID) (Audio, error) {
	o, err := v.c.Rows.Object(ctx, u.reach(v.c.Settings()), object)
	if err != nil {
		return Audio{}, err
	}
	row, err := v.readable(ctx, u, o.Interaction)
	if err != nil {
		return Audio{}, err
	}
	if v.expired(&o) {
		return Audio{}, &rivage.Error{Code: rivage.NotFound, Message: "play recording", Err: ErrExpired}
	}
	if o.State == "destroyed" || o.State == "erased" {
		return Audio{}, notFound("play recording")
	}
	q := v.request(u, &row, rivage.ActPlayback, o.ID)
	grant, d := v.c.Gate().Ask(q, v.c.Clock.Now(), grantTTL)
	if !d.Allowed {
		return Audio{}, &rivage.Error{Code: rivage.Denied, Message: "play recording", Decision: &d}
	}
	if !u.owns(&row) {
		if err := v.reach(ctx, u, row.Person); err != nil {
			return Audio{}, err
		}
	}
	e := v.entry(u, &row, q, d, &rivage.RecordingPlayed{Account: u.Account, Interaction: row.ID, Object: o.ID, Seen: u.Place.Seen})
	if _, err := v.c.Journal.Append(ctx, rivage.Append{Entries: []rivage.Entry{e}}); err != nil {
		return Audio{}, &rivage.Error{Code: rivage.Unavailable, Message: "write down who hears the recording", Err: err}
	}
	wav, size, err := v.c.Recordings.Open(ctx, o, grant)
	if err != nil {
		return Audio{}, err
	}
	return Audio{WAV: wav, Size: size}, nil
}

// ErrExpired is why a recording is not played: it was destroyed at the end of its retention.
var ErrExpired = errors.New("the recording was destroyed at the end of its retention")

// expired says whether the retention is over: from that moment on nothing is heard, though the sweep may come a minute
// later.
func (v *View) expired(o *rivage.ObjectRow) bool {
	until := o.KeptUntil()
	return o.State == "expired" || o.Kept() && until > 0 && until <= rivage.At(v.c.Clock.Now())
}

// recordings lists those of an interaction, each with what the gate would answer to u.
func (v *View) recordings(ctx context.Context, u User, row *rivage.InteractionRow) ([]Recording, error) {
	objects, err := v.c.Rows.Objects(ctx, []rivage.ID{row.Principal}, row.ID)
	if err != nil {
		return nil, err
	}
	out := []Recording{}
	for _, o := range objects {
		d := v.c.Gate().Decide(v.request(u, row, rivage.ActPlayback, o.ID), v.c.Clock.Now())
		r := Recording{
			Object: o.ID, State: o.State, StartedAt: instant(o.StartedAt), Seconds: o.Seconds, Purpose: o.Purpose,
			Allowed: d.Allowed, Reason: d.Reason,
		}
		switch {
		case v.expired(&o):
			r.State, r.Allowed, r.RetentionUntil = "expired", false, instant(o.KeptUntil())
		case o.State == "destroyed" || o.State == "erased":
			r.Allowed = false
		default:
			r.RetentionUntil = instant(o.KeptUntil())
		}
		out = append(out, r)
	}
	return out, nil
}
