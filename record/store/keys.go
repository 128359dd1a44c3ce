// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"

	"rivage.example/rivage"
)

// SubjectKey reads the wrapped key of a subject; NotFound once it was erased.
func (r Reader) SubjectKey(ctx context.Context, subject rivage.ID) (rivage.SubjectKey, error) {
	return one(ctx, r.q, &keyTable, "subject key", "WHERE subject=$1", string(subject))
}

// SubjectKeys lists wrapped keys after a subject, "" for the first, by subject: what a new epoch wraps again.
func (r Reader) SubjectKeys(ctx context.Context, after rivage.ID, limit int) ([]rivage.SubjectKey, error) {
	return many(ctx, r.q, &keyTable, fmt.Sprintf("WHERE subject>$1 ORDER BY subject LIMIT %d", bounded(limit)), string(after))
}

// Rewrap replaces wrapped keys by the same keys under another epoch. A subject erased meanwhile stays erased.
func (s *Store) Rewrap(ctx context.Context, keys []rivage.SubjectKey) error {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return unavailable("rewrap", err)
	}
	defer tx.Rollback()
	for i := range keys {
		k := &keys[i]
		err := tx.Queue(ctx, `UPDATE subject_key SET kek_epoch=$2, wrapped=$3 WHERE subject=$1`,
			string(k.Subject), k.Epoch, k.Wrapped)
		if err != nil {
			return unavailable("rewrap", err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return unavailable("rewrap", err)
	}
	return nil
}

// Secret reads a sealed secret.
func (r Reader) Secret(ctx context.Context, name string) ([]byte, error) {
	var sealed []byte
	err := queryRow(ctx, r.q, `SELECT sealed FROM secret WHERE name=$1`, []any{name}, &sealed)
	return sealed, rowError("secret", err)
}

// Secrets lists the names of secrets.
func (r Reader) Secrets(ctx context.Context) ([]string, error) {
	var names []string
	err := queryAll(ctx, r.q, `SELECT name FROM secret ORDER BY name`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, unavailable("read secrets", err)
	}
	return names, nil
}

// PutSecret keeps a sealed secret under a name.
func (s *Store) PutSecret(ctx context.Context, name string, sealed []byte) error {
	return s.put(ctx, "secret", `INSERT INTO secret(name,sealed) VALUES($1,$2)
		ON CONFLICT(name) DO UPDATE SET sealed=excluded.sealed`, name, sealed)
}

// DeleteSecret removes a secret; none by that name is no error.
func (s *Store) DeleteSecret(ctx context.Context, name string) error {
	return s.put(ctx, "secret", `DELETE FROM secret WHERE name=$1`, name)
}
