// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"errors"
	"strings"
	"sync"

	"rivage.example/rivage/record/store"
)

// gate is a database whose transactions can be held back, counted and made to fail.
type gate struct {
	store.DB
	mu    sync.Mutex
	hold  chan struct{} // owned by mu; closed while transactions may begin
	fail  func(step string) error
	steps int // owned by mu: steps of transactions so far
}

func newGate(db store.DB) *gate {
	g := &gate{DB: db, hold: make(chan struct{})}
	close(g.hold)
	return g
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.hold)
}

// failing sets what is asked before each step of a write transaction: "begin", "lock", "query", "queue <statement>",
// "commit", and "committed" once the commit is done.
func (g *gate) failing(f func(step string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fail = f
}

func (g *gate) step(name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.steps++
	if g.fail == nil {
		return nil
	}
	return g.fail(name)
}

func (g *gate) Begin(ctx context.Context) (store.Tx, error) {
	g.mu.Lock()
	hold := g.hold
	g.mu.Unlock()
	<-hold
	if err := g.step("begin"); err != nil {
		return nil, err
	}
	tx, err := g.DB.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &gateTx{tx, g}, nil
}

type gateTx struct {
	store.Tx
	gate *gate
}

func (t *gateTx) Lock(ctx context.Context) (int64, []byte, error) {
	if err := t.gate.step("lock"); err != nil {
		return 0, nil, err
	}
	return t.Tx.Lock(ctx)
}

func (t *gateTx) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	if err := t.gate.step("query"); err != nil {
		return nil, err
	}
	return t.Tx.Query(ctx, query, args...)
}

func (t *gateTx) Queue(ctx context.Context, query string, args ...any) error {
	if err := t.gate.step("queue " + strings.SplitN(query, "(", 2)[0]); err != nil {
		return err
	}
	return t.Tx.Queue(ctx, query, args...)
}

func (t *gateTx) Commit(ctx context.Context) error {
	if err := t.gate.step("commit"); err != nil {
		return err
	}
	if err := t.Tx.Commit(ctx); err != nil {
		return err
	}
	return t.gate.step("committed")
}

var errDisk = errors.New("disk is gone")
