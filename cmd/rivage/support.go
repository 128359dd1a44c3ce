// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/config"
)

// OpenSupport implements api.Settings. What the law refuses is not even proposed.
func (s *settings) OpenSupport(ctx context.Context, who access.Session, account rivage.ID, terms rivage.Support) error {
	if d := s.Gate().Supports(terms.Company, terms.Country, s.clock.Now()); !d.Allowed {
		return &rivage.Error{Code: rivage.Denied, Message: "open an access of support: the law refuses this company there", Decision: &d}
	}
	return s.changeAccount(ctx, who, func(d *config.Documents) error { return d.OpenSupport(account, terms) })
}

// ConfirmSupport implements api.Settings.
func (s *settings) ConfirmSupport(ctx context.Context, who access.Session, account rivage.ID, seen rivage.Support) error {
	return s.changeAccount(ctx, who, func(d *config.Documents) error { return d.ConfirmSupport(account, who.Account, seen) })
}

// CloseSupport implements api.Settings.
func (s *settings) CloseSupport(ctx context.Context, who access.Session, account rivage.ID) error {
	return s.changeAccount(ctx, who, func(d *config.Documents) error { return d.CloseSupport(account) })
}

func (s *settings) changeAccount(ctx context.Context, who access.Session, change func(*config.Documents) error) error {
	_, err := s.apply(ctx, s.by(ctx, who, rivage.TypeAccount), false, false, func(current *config.Documents) (*config.Documents, error) {
		wanted := current.Clone()
		return wanted, change(wanted)
	})
	return err
}
