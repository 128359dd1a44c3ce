// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"context"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/engine/floor"
)

const (
	maxPrompts = 4096        // sounds kept in memory
	lookEvery  = time.Second // for a sound that could not be had
)

// play starts a prompt. One whose sound cannot be had ended after no frame, and says so: the floor goes on from there.
func (v *Voice) play(e floor.Play) {
	l := v.find(e.Leg)
	if l == nil {
		return
	}
	done := func(p floor.Played) {
		if !e.Loop {
			p.Leg, p.Play = e.Leg, e.Play
			v.c.Floor.Post(p)
		}
	}
	sound, err := v.sound(e.Audio)
	if err != nil {
		v.c.Logger.Error("read a prompt", "audio", e.Audio.String(), slog.Any("error", err))
		l.with(func(m *media.Leg) { m.Stop() })
		done(floor.Played{Unread: true})
		v.missed(e.Audio)
		return
	}
	l.with(func(m *media.Leg) {
		m.Play(sound, media.PlayOpts{Loop: e.Loop}, func(frames int, complete bool) {
			done(floor.Played{Frames: int64(frames), Complete: complete})
		})
	})
}

// sound is a prompt's audio, read once and shared by all who hear it.
func (v *Voice) sound(audio rivage.Hash) (media.Source, error) {
	v.mu.Lock()
	s, ok := v.sounds[audio]
	v.mu.Unlock()
	if ok {
		return s, nil
	}
	alaw, err := v.c.Prompts.Audio(context.Background(), audio)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.sounds) >= maxPrompts {
		clear(v.sounds)
	}
	v.sounds[audio] = alaw
	return alaw, nil
}

// missed has a sound looked for that could not be had.
func (v *Voice) missed(audio rivage.Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.closed && !v.missing[audio] {
		v.missing[audio] = true
		v.ends.Go(func() { v.look(audio) })
	}
}

// look tries to read a sound until it can be read, which the floor is told, or no prompt names it any more.
func (v *Voice) look(audio rivage.Hash) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	found := false
	for !found && v.named(audio) {
		select {
		case <-v.quit:
			return
		case <-tick.C:
		}
		_, err := v.sound(audio)
		found = err == nil
	}
	v.mu.Lock()
	delete(v.missing, audio)
	v.mu.Unlock()
	if found {
		v.c.Floor.Post(floor.Readable{Audio: audio})
	}
}

// named says whether a prompt has this sound.
func (v *Voice) named(audio rivage.Hash) bool {
	for _, p := range v.c.Settings().Prompts {
		if p.Audio == audio.String() {
			return true
		}
	}
	return false
}
