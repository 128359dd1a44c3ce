// SPDX-License-Identifier: EUPL-1.2

package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Replica is a server, or a backup tool, that takes the database's changes as they are written.
type Replica struct {
	Name    string // that it gives itself
	Address string // "" on a local socket, or where the role may not see it
}

// Replicas lists who follows the database at this moment. A role without pg_read_all_stats sees names only.
func Replicas(ctx context.Context, dsn string) (list []Replica, err error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("list replicas: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	rows, err := c.Query(ctx, "SELECT coalesce(application_name, ''), coalesce(host(client_addr), '') FROM pg_stat_replication ORDER BY 1, 2")
	if err != nil {
		return nil, fmt.Errorf("list replicas: %w", err)
	}
	list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Replica])
	if err != nil {
		return nil, fmt.Errorf("list replicas: %w", err)
	}
	return list, nil
}

// Host is where a database is, without what opens it; "" when the DSN cannot be read.
func Host(dsn string) string {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return ""
	}
	return c.Host
}
