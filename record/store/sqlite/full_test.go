// SPDX-License-Identifier: EUPL-1.2

package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/store/storetest"
)

// TestFullDisk: SQLite itself says that the disk is full. Nothing is half written, and the journal comes back once
// there is room.
func TestFullDisk(t *testing.T) {
	db, err := sqlite.Connect(filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	ticks := make(chan time.Time)
	s, err := store.New(t.Context(), db, store.Config{After: func(time.Duration) <-chan time.Time { return ticks }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	hints, stop := s.Subscribe()
	defer stop()
	if err := sqlite.Fill(db, 120); err != nil {
		t.Fatal(err)
	}
	var taken rivage.Seq
	for rivage.CodeOf(err) == "" {
		var r rivage.Receipt
		if r, err = s.Append(t.Context(), storetest.NewCall("messagerie", "colis", "anne", "+33612345678", storetest.Start).Opened()); err == nil {
			taken = r.Last + 1
		}
	}
	if rivage.CodeOf(err) != rivage.Unavailable || !s.Down() {
		t.Errorf("on a full disk: %v, down %t; want Unavailable", err, s.Down())
	}
	if head, err := s.Head(t.Context()); err != nil || head.Size != taken || taken == 0 {
		t.Errorf("head %d (%v), %d were acknowledged", head.Size, err, taken)
	}
	if err := sqlite.Fill(db, 0); err != nil {
		t.Fatal(err)
	}
	ticks <- time.Time{}
	for s.Down() {
		<-hints
	}
	if _, err := s.Append(t.Context(), storetest.NewCall("messagerie", "colis", "anne", "", storetest.Start).Opened()); err != nil {
		t.Error(err)
	}
	r, err := s.Check(t.Context(), storetest.Unseal)
	if err != nil || len(r.Faults) > 0 {
		t.Errorf("check: %v, %v", r.Faults, err)
	}
}
