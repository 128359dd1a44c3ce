// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"sync"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
)

// journal seals appends and hands them to the store in the order in which they came: the engine knows neither.
type journal struct {
	vault *vault.Vault
	store *store.Store

	mu    sync.Mutex
	queue []job // guarded by mu
	wake  chan struct{}
	done  chan struct{}
}

type job struct {
	add  rivage.Append
	done func(rivage.Receipt, error)
}

func newJournal(v *vault.Vault, s *store.Store) *journal {
	return &journal{vault: v, store: s, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Submit implements floor.Journal: it only queues.
func (j *journal) Submit(a rivage.Append, done func(rivage.Receipt, error)) {
	j.mu.Lock()
	j.queue = append(j.queue, job{a, done})
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// run seals until ctx ends, then seals what is left.
func (j *journal) run(ctx context.Context) {
	defer close(j.done)
	for {
		select {
		case <-j.wake:
			j.seal(context.WithoutCancel(ctx))
		case <-ctx.Done():
			j.seal(context.WithoutCancel(ctx))
			return
		}
	}
}

func (j *journal) seal(ctx context.Context) {
	j.mu.Lock()
	queue := j.queue
	j.queue = nil
	j.mu.Unlock()
	for _, q := range queue {
		sealed, err := j.vault.Seal(ctx, q.add)
		if err != nil {
			q.done(rivage.Receipt{}, err)
			continue
		}
		j.store.Submit(sealed, q.done)
	}
}

// Append implements the Journal of view, access and config: one append, waited for. What it erases is forgotten at
// once, before the answer.
func (j *journal) Append(ctx context.Context, a rivage.Append) (rivage.Receipt, error) {
	sealed, err := j.vault.Seal(ctx, a)
	if err != nil {
		return rivage.Receipt{}, err
	}
	receipt, err := j.store.Append(ctx, sealed)
	if err == nil && len(a.Erase) > 0 {
		j.vault.Forget(a.Erase...)
	}
	return receipt, err
}
