// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"fmt"
	"strings"

	"rivage.example/rivage"
)

// MaxSecret bounds a secret's value, in bytes.
const MaxSecret = 64 << 10

// SecretTable is where sealed secrets rest. It is no fold: a secret is in no entry.
type SecretTable interface {
	// Secret is a sealed secret, or an error of code NotFound.
	Secret(ctx context.Context, name string) ([]byte, error)
	PutSecret(ctx context.Context, name string, sealed []byte) error
	// DeleteSecret removes a secret; one that is not there is no error.
	DeleteSecret(ctx context.Context, name string) error
}

// Secrets are the organisation's own: trunk passwords, password hashes, TOTP seeds, the ledger's signing seed. Entries
// and files name them only.
type Secrets struct {
	vault *Vault
	table SecretTable
}

// Secrets gives the secrets of a table.
func (v *Vault) Secrets(table SecretTable) *Secrets { return &Secrets{v, table} }

// Secret is the value of a secret, or an error of code NotFound.
func (s *Secrets) Secret(ctx context.Context, name string) ([]byte, error) {
	if err := checkSecretName(name); err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	sealed, err := s.table.Secret(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	return s.vault.OpenSecret(name, sealed)
}

// PutSecret seals and stores a secret, in place of any before it.
func (s *Secrets) PutSecret(ctx context.Context, name string, value []byte) error {
	sealed, err := s.vault.SealSecret(name, value)
	if err != nil {
		return err
	}
	if err := s.table.PutSecret(ctx, name, sealed); err != nil {
		return fmt.Errorf("set secret %s: %w", name, err)
	}
	return nil
}

// DeleteSecret removes a secret.
func (s *Secrets) DeleteSecret(ctx context.Context, name string) error {
	if err := checkSecretName(name); err != nil {
		return fmt.Errorf("delete secret: %w", err)
	}
	if err := s.table.DeleteSecret(ctx, name); err != nil {
		return fmt.Errorf("delete secret %s: %w", name, err)
	}
	return nil
}

// SealSecret seals a value under the organisation key, bound to its name.
func (v *Vault) SealSecret(name string, value []byte) ([]byte, error) {
	if err := checkSecretName(name); err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	if len(value) > MaxSecret {
		return nil, fmt.Errorf("seal secret %s: %w", name, invalid("%d bytes, at most %d", len(value), MaxSecret))
	}
	return v.ring.Load().org.Seal(nil, nil, value, []byte("secret|"+name)), nil
}

// OpenSecret opens what SealSecret sealed under the same name.
func (v *Vault) OpenSecret(name string, sealed []byte) ([]byte, error) {
	value, err := v.ring.Load().org.Open(nil, nil, sealed, []byte("secret|"+name))
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Denied,
			Message: "open secret: it was damaged, or belongs to another name or instance", Err: err}
	}
	return value, nil
}

// checkSecretName wants words of [a-z0-9-] between slashes, such as trunk/ponant or password/<account>. A refused name is
// not repeated: it may be the value, typed in the wrong place.
func checkSecretName(name string) error {
	if len(name) > 100 {
		return invalid("a secret's name has at most 100 characters")
	}
	for part := range strings.SplitSeq(name, "/") {
		if !rivage.ValidSlug(part) {
			return invalid("a secret's name is words of lower-case letters, digits and dashes between slashes")
		}
	}
	return nil
}
