// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/person"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/wire/rtp"
)

// rows lets view read the store.
type rows struct{ *store.Store }

// Interactions implements view.Rows.
func (r rows) Interactions(ctx context.Context, who []rivage.ID, q view.Query) ([]rivage.InteractionRow, error) {
	return r.Store.Interactions(ctx, store.InteractionFilter{
		Principals: who, Queue: q.Queue, Person: q.Person, Agent: q.Agent, State: q.State, Page: q.Page,
	})
}

// finder finds persons by what identifies them, without keeping it.
type finder struct{ *instance }

// Find implements view.Finder.
func (f finder) Find(ctx context.Context, principal rivage.ID, kind string, values ...string) ([]rivage.PersonRow, bool, error) {
	q := store.PersonQuery{Principal: principal, Kind: kind}
	for _, value := range values {
		q.Under = append(q.Under, f.vault.Blind(principal, kind, value))
	}
	return f.store.FindPersons(ctx, q)
}

// FindEver implements view.Finder.
func (f finder) FindEver(ctx context.Context, principal rivage.ID, tel rivage.Phone) ([]rivage.PersonRow, bool, error) {
	return f.store.FindPersons(ctx, store.PersonQuery{
		Principal: principal, Kind: person.IndexPhone, Under: [][]byte{f.vault.Blind(principal, person.IndexPhone, string(tel))}, Ever: true,
	})
}

// FindOrganisation implements view.Finder.
func (f finder) FindOrganisation(ctx context.Context, principal rivage.ID, siren string) (rivage.OrganisationRow, error) {
	return f.store.OrganisationByIndex(ctx, principal, person.IndexSIREN, f.vault.Blind(principal, person.IndexSIREN, siren))
}

// Match implements floor.People.
func (f finder) Match(ctx context.Context, principal rivage.ID, caller rivage.Phone) (floor.Who, error) {
	m, err := f.store.Caller(ctx, principal, person.IndexPhone, f.vault.Blind(principal, person.IndexPhone, string(caller)))
	if rivage.CodeOf(err) == rivage.NotFound {
		return floor.Who{}, nil
	}
	return floor.Who{Person: m.Person, Subject: m.Subject, Others: m.Others}, err
}

// maxPlayback bounds what one playback loads: three hours of two channels.
const maxPlayback = 3 * 3600

// playback gives recordings to who may hear them.
type playback struct {
	*instance
	recordings *vault.Recordings
}

// Open implements view.Recordings.
func (p playback) Open(ctx context.Context, object rivage.ObjectRow, g policy.Grant) (io.ReadCloser, int64, error) {
	if err := g.Check(rivage.ActPlayback, object.ID, p.clock.Now()); err != nil {
		return nil, 0, err
	}
	sound, err := p.recordings.Open(ctx, object.Subject, object.ID)
	if err != nil {
		return nil, 0, err
	}
	defer sound.Close()
	if sound.Chunks() > maxPlayback {
		return nil, 0, &rivage.Error{Code: rivage.Busy, Message: fmt.Sprintf("the recording lasts %d seconds, more than can be played at once", sound.Chunks())}
	}
	var alaw []byte
	for i := range sound.Chunks() {
		chunk, err := sound.Chunk(i)
		if err != nil {
			return nil, 0, fmt.Errorf("play recording %s: %w", object.ID, err)
		}
		alaw = append(alaw, chunk...)
	}
	var wav bytes.Buffer
	if err := rtp.WritePCMWAV(&wav, recordedChannels, alaw); err != nil {
		return nil, 0, fmt.Errorf("play recording %s: %w", object.ID, err)
	}
	return io.NopCloser(&wav), int64(wav.Len()), nil
}

// recordedChannels: the caller on the left, the agent on the right.
const recordedChannels = 2

// prompts gives the media side what callers hear.
type prompts struct{ store *store.Store }

// Audio implements voice.Prompts.
func (p prompts) Audio(ctx context.Context, audio rivage.Hash) ([]byte, error) {
	return p.store.Blob(ctx, audio)
}
