// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

// Setting reads the last version of one configured thing.
func (r Reader) Setting(ctx context.Context, kind string, id rivage.ID) (rivage.SettingRow, error) {
	row, err := one(ctx, r.q, &settingTable, "setting", "WHERE stream=$1", string(settingStream(kind, id)))
	return row.SettingRow, err
}

// SettingBySubject reads the account whose own subject this is.
func (r Reader) SettingBySubject(ctx context.Context, subject rivage.ID) (rivage.SettingRow, error) {
	if subject == "" {
		return rivage.SettingRow{}, notFound("setting")
	}
	row, err := one(ctx, r.q, &settingTable, "setting", "WHERE subject=$1 AND subject<>''", string(subject))
	return row.SettingRow, err
}

// SettingRows reads the last version of everything configured, by type and id.
func (r Reader) SettingRows(ctx context.Context) ([]rivage.SettingRow, error) {
	list, err := many(ctx, r.q, &settingTable, "ORDER BY type, id")
	if err != nil {
		return nil, err
	}
	rows := make([]rivage.SettingRow, len(list))
	for i := range list {
		rows[i] = list[i].SettingRow
	}
	return rows, nil
}
