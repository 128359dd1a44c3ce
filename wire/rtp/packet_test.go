// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"bytes"
	"errors"
	"testing"
)

func packet(h Header, payload ...byte) []byte {
	b := make([]byte, HeaderLen, HeaderLen+len(payload))
	h.Put(b)
	return append(b, payload...)
}

func TestViewReadsHeaderAndBounds(t *testing.T) {
	h := Header{Marker: true, PT: 101, Seq: 65535, TS: 0xfffffff0, SSRC: 0xdeadbeef}
	plain := packet(h, 1, 2, 3)
	csrc := append(append(bytes.Clone(plain[:12]), 0, 0, 0, 9), 1, 2, 3)
	csrc[0] |= 1
	ext := append(append(bytes.Clone(plain[:12]), 0xbe, 0xde, 0, 1, 9, 9, 9, 9), 1, 2, 3)
	ext[0] |= 0x10
	padded := append(bytes.Clone(plain), 0, 2)
	padded[0] |= 0x20
	for name, b := range map[string][]byte{"plain": plain, "csrc": csrc, "extension": ext, "padding": padded} {
		t.Run(name, func(t *testing.T) {
			p, err := View(b)
			if err != nil {
				t.Fatal(err)
			}
			got := Header{p.Marker(), p.PT(), p.Seq(), p.TS(), p.SSRC()}
			if got != h || !bytes.Equal(p.Payload(), []byte{1, 2, 3}) {
				t.Errorf("got %+v %v, want %+v [1 2 3]", got, p.Payload(), h)
			}
			h2 := Header{PT: 8, Seq: 1, TS: 2, SSRC: 3}
			if out := p.Rewrite(h2); !bytes.Equal(out, packet(h2, 1, 2, 3)) {
				t.Errorf("rewritten: got %x", out)
			}
		})
	}
}

func TestViewRefusesMalformed(t *testing.T) {
	ok := packet(Header{PT: 8}, make([]byte, 160)...)
	mut := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(ok)) }
	for name, b := range map[string][]byte{
		"short":             ok[:11],
		"version":           mut(func(b []byte) []byte { b[0] = 0x40; return b }),
		"csrc beyond end":   mut(func(b []byte) []byte { b[0] |= 15; return b[:20] }),
		"extension cut":     mut(func(b []byte) []byte { b[0] |= 0x10; return b[:14] }),
		"extension too big": mut(func(b []byte) []byte { b[0] |= 0x10; b[14], b[15] = 0xff, 0xff; return b }),
		"padding zero":      mut(func(b []byte) []byte { b[0] |= 0x20; return b }),
		"padding too big":   mut(func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 200; return b }),
		"padding, no body":  mut(func(b []byte) []byte { b[0] |= 0x20; return b[:12] }),
		"too long":          append(bytes.Clone(ok), make([]byte, MaxPacket)...),
	} {
		if _, err := View(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

func TestPacketPathAllocatesNothing(t *testing.T) {
	b := packet(Header{PT: 8}, make([]byte, 160)...)
	var r Receiver
	n := testing.AllocsPerRun(100, func() {
		p, err := View(b)
		if err != nil {
			t.Fatal(err)
		}
		r.Take(p.SSRC(), p.Seq(), p.TS(), 0)
		r.TakeJitter(p.TS(), 0)
		p.Rewrite(Header{PT: 8})
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func FuzzView(f *testing.F) {
	f.Add(packet(Header{PT: 8}, make([]byte, 160)...))
	f.Add([]byte{0xb1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := View(b)
		if err != nil {
			return
		}
		want := bytes.Clone(p.Payload())
		again, err := View(p.Rewrite(Header{PT: 8}))
		if err != nil || !bytes.Equal(again.Payload(), want) {
			t.Fatalf("rewrite changed the payload: %v", err)
		}
	})
}
