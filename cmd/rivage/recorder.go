// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/wire/sealed"
)

// recorder gives the voice side sinks that only take sound.
type recorder struct{ recordings *vault.Recordings }

// Sink implements voice.Recordings.
func (r recorder) Sink(ctx context.Context, subject, object rivage.ID) (voice.Sink, error) {
	rec, err := r.recordings.Recorder(ctx, subject, sealed.Format{
		Object: string(object), Encoding: sealed.ALaw, Rate: 8000, Channels: recordedChannels,
	})
	if err != nil {
		return nil, fmt.Errorf("open a sink: %w", err)
	}
	return sink{rec, r.recordings, object}, nil
}

// Destroy implements voice.Recordings.
func (r recorder) Destroy(_ context.Context, object rivage.ID) error {
	return r.recordings.Destroy(object)
}

// sink is one recording, from the side that writes it.
type sink struct {
	*vault.Recording
	recordings *vault.Recordings
	object     rivage.ID
}

// End implements voice.Sink.
func (s sink) End(ctx context.Context) (voice.Captured, error) {
	c, err := s.Recording.End(ctx)
	return voice.Captured{Bytes: c.Bytes, Seconds: c.Seconds, Cipher: c.Cipher, Complete: c.Complete}, err
}

// Destroy implements voice.Sink.
func (s sink) Destroy(context.Context) error { return s.recordings.Destroy(s.object) }
