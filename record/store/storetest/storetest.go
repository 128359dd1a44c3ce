// SPDX-License-Identifier: EUPL-1.2

// Package storetest holds the one suite of tests that every database of the journal passes.
package storetest

import (
	"context"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// Engine is a database under test.
type Engine struct {
	// Fresh makes an empty database and gives what connects to it: a second connection is a second process.
	Fresh func(t testing.TB) (connect func() (store.DB, error))

	// Integers gives the columns declared BIGINT that hold something else, in a database that Fresh made last; nil
	// where the database refuses that by itself.
	Integers func(t testing.TB) []string
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	for _, x := range []struct {
		name string
		test func(*testing.T, Engine)
	}{
		{"append", testAppend},
		{"several streams or none", testStreams},
		{"repeated command", testRepeat},
		{"order of answers", testOrder},
		{"too many wait", testBusy},
		{"refused appends leave no trace", testRefused},
		{"poison fails alone", testPoison},
		{"fence", testFence},
		{"two writers", testTwoWriters},
		{"time never goes back", testTime},
		{"leaf", testLeaf},
		{"life of an interaction", testLife},
		{"exits", testExits},
		{"agents", testAgents},
		{"contradictions", testContradictions},
		{"unusual", testUnusual},
		{"retention", testRetention},
		{"settings", testSettings},
		{"people", testPeople},
		{"cards", testCards},
		{"past numbers", testPastNumbers},
		{"past numbers of before", testPastNumbersOfBefore},
		{"many are found", testManyFound},
		{"merge and undo", testMerge},
		{"what is no merge", testNoMerge},
		{"callers who share a number", testSharedNumber},
		{"customer organisations", testOrganisations},
		{"members of organisations", testMembership},
		{"principals are apart", testApart},
		{"figures", testFigures},
		{"listing", testListing},
		{"recordings", testObjects},
		{"fresh rows", testFresh},
		{"feed", testFeed},
		{"another process appends", testLook},
		{"kept beside the log", testBeside},
		{"damaged blob", testDamagedBlob},
		{"rewrap", testRewrap},
		{"published", testPublished},
		{"lease", testLease},
		{"every kind rebuilds", testRebuild},
		{"forgetting", testForgetting},
		{"erasure and a new entry", testErasureRace},
		{"another subject's cell", testForeignCell},
		{"check names what was changed", testTampered},
		{"fault at each step", testFaults},
		{"lost answer to commit", testLostAnswer},
		{"lost answer to an erasure", testLostErasure},
		{"down and back", testDown},
		{"portable sql", testPortable},
		{"lost leaves come back", testLost},
		{"leaves are dropped", testDropped},
		{"closed", testClosed},
		{"reopen", testReopen},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, e) })
	}
}

// fresh opens a store on an empty database.
func fresh(t testing.TB, e Engine) *store.Store {
	t.Helper()
	return open(t, e.Fresh(t))
}

func open(t testing.TB, connect func() (store.DB, error)) *store.Store {
	t.Helper()
	db, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	return over(t, db, store.Config{})
}

// over opens a store on a database already connected.
func over(t testing.TB, db store.DB, c store.Config) *store.Store {
	t.Helper()
	s, err := store.New(context.Background(), db, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// must appends what must be taken.
func must(t testing.TB, s *store.Store, a rivage.SealedAppend) rivage.Receipt {
	t.Helper()
	r, err := s.Append(t.Context(), a)
	if err != nil {
		t.Fatalf("append %s: %v", kindsOf(a), err)
	}
	return r
}

// refused appends what must not be taken.
func refused(t testing.TB, s *store.Store, a rivage.SealedAppend, want rivage.Code) {
	t.Helper()
	if _, err := s.Append(t.Context(), a); rivage.CodeOf(err) != want {
		t.Errorf("append %s: got error %v, want code %q", kindsOf(a), err, want)
	}
}

func kindsOf(a rivage.SealedAppend) []rivage.Kind {
	var kinds []rivage.Kind
	for i := range a.Entries {
		if a.Entries[i].Facts != nil {
			kinds = append(kinds, a.Entries[i].Facts.Kind())
		}
	}
	return kinds
}

// sound checks the whole journal and wants no fault.
func sound(t testing.TB, s *store.Store) store.Report {
	t.Helper()
	r, err := s.Check(t.Context(), Unseal)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Faults {
		t.Errorf("check: %s", f)
	}
	tail, err := s.CheckTail(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tail.Faults {
		t.Errorf("check of the tail: %s", f)
	}
	return r
}
