// SPDX-License-Identifier: EUPL-1.2

package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// pool keeps a fixed number of connections. One that is lost is made again when it is next wanted.
type pool struct {
	config *pgx.ConnConfig
	slots  chan *pgx.Conn // free ones; nil is a place without a connection
}

func newPool(c *pgx.ConnConfig, size int) *pool {
	p := &pool{config: c, slots: make(chan *pgx.Conn, size)}
	for range size {
		p.slots <- nil
	}
	return p
}

// take waits for a free connection.
func (p *pool) take(ctx context.Context) (*pgx.Conn, error) {
	select {
	case c := <-p.slots:
		if c != nil && !c.IsClosed() {
			return c, nil
		}
		c, err := pgx.ConnectConfig(ctx, p.config)
		if err != nil {
			p.slots <- nil
			return nil, fmt.Errorf("connect: %w", err) // pgx leaves the password out
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give returns a connection. One that is not idle, because something was cut in the middle, is closed; so are the free
// ones then, which a server that was started again has forgotten too.
func (p *pool) give(c *pgx.Conn) {
	if !c.IsClosed() && c.PgConn().TxStatus() == 'I' && !c.PgConn().IsBusy() {
		p.slots <- c
		return
	}
	shut(c)
	for range cap(p.slots) - 1 {
		select {
		case free := <-p.slots:
			if free != nil {
				shut(free)
			}
			p.slots <- nil
		default: // the others are in use
		}
	}
	p.slots <- nil
}

// close ends all connections, waiting for those in use.
func (p *pool) close() {
	for range cap(p.slots) {
		if c := <-p.slots; c != nil {
			shut(c)
		}
	}
}

// shut says goodbye and closes; the server notices anyway when it cannot be said.
func shut(c *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx)
}
