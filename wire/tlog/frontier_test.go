// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"encoding/hex"
	"testing"
)

// TestFrontierHasTheKnownRoots uses the inputs and roots that Certificate Transparency implementations share.
func TestFrontierHasTheKnownRoots(t *testing.T) {
	inputs := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var f Frontier
	for i, in := range inputs {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		f.Append(LeafHash(b))
		root := f.Root()
		if got, want := hex.EncodeToString(root[:]), roots[i]; got != want {
			t.Errorf("root of %d = %s, want %s", i+1, got, want)
		}
	}
}

func TestFrontierAgreesWithTheRFCAtEverySize(t *testing.T) {
	d := entries(600)
	var f Frontier
	for n := 0; n <= len(d); n++ {
		if got, want := f.Tree(), (Tree{uint64(n), mth(d[:n])}); got != want {
			t.Fatalf("at %d: %v, want %v", n, got, want)
		}
		b, err := f.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back Frontier
		if err := back.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if got, want := back.Tree(), f.Tree(); got != want {
			t.Fatalf("read back at %d: %v, want %v", n, got, want)
		}
		if f = back; n < len(d) {
			f.Append(LeafHash(d[n]))
		}
	}
}

func TestFrontierRefusesAWrongForm(t *testing.T) {
	var f Frontier
	for i := range 7 {
		f.Append(LeafHash(entry(i)))
	}
	want := f.Tree()
	good, _ := f.MarshalBinary()
	for name, b := range map[string][]byte{
		"empty":         {},
		"short":         good[:len(good)-1],
		"long":          append(good[:len(good):len(good)], 0),
		"version":       append([]byte{2}, good[1:]...),
		"size and rest": append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 8}, good[9:]...),
		"huge":          append([]byte{1, 0x80, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 32)...),
	} {
		if err := f.UnmarshalBinary(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if got := f.Tree(); got != want {
		t.Errorf("after refusals: %v, want %v", got, want)
	}
}

func TestFrontierAllocatesNothing(t *testing.T) {
	var f Frontier
	buf := make([]byte, 0, 4096)
	leaf := make([]byte, 300)
	n := testing.AllocsPerRun(1000, func() {
		f.Append(LeafHash(leaf))
		buf, _ = f.AppendBinary(buf[:0])
		_ = f.UnmarshalBinary(buf)
		_ = f.Root()
	})
	if n != 0 {
		t.Errorf("%v allocations per entry, want 0", n)
	}
}

func BenchmarkFrontierAppend(b *testing.B) {
	var f Frontier
	leaf := make([]byte, 300)
	for b.Loop() {
		f.Append(LeafHash(leaf))
	}
}
