// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"sync/atomic"

	prtp "github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage/wire/rtp"
)

// track carries what the leg sends. The library's own tracks write the audio's payload type over every packet, and
// digits would leave as audio; this one keeps the types and changes the source only.
type track struct {
	out   atomic.Pointer[outlet]
	bound func() // tells that out is set

	early, failed atomic.Uint64
	header        prtp.Header // owned by the one caller of WriteRTP
}

// outlet is where the library takes packets.
type outlet struct {
	w    pion.TrackLocalWriter
	ssrc uint32
}

// WriteRTP implements media.External.
func (t *track) WriteRTP(pkt []byte) {
	o := t.out.Load()
	v, err := rtp.View(pkt)
	if o == nil || err != nil {
		t.early.Add(1)
		return
	}
	t.header = prtp.Header{
		Version: 2, Marker: v.Marker(), PayloadType: v.PT(), SequenceNumber: v.Seq(), Timestamp: v.TS(), SSRC: o.ssrc,
	}
	switch n, err := o.w.WriteRTP(&t.header, v.Payload()); {
	case err != nil:
		t.failed.Add(1)
	case n == 0: // no keys yet
		t.early.Add(1)
	}
}

// Bind implements pion.TrackLocal.
func (t *track) Bind(c pion.TrackLocalContext) (pion.RTPCodecParameters, error) {
	for _, p := range c.CodecParameters() {
		if p.MimeType == pion.MimeTypePCMA || p.MimeType == pion.MimeTypePCMU {
			t.out.Store(&outlet{c.WriteStream(), uint32(c.SSRC())})
			t.bound()
			return p, nil
		}
	}
	return pion.RTPCodecParameters{}, pion.ErrUnsupportedCodec
}

// Unbind implements pion.TrackLocal.
func (t *track) Unbind(pion.TrackLocalContext) error {
	t.out.Store(nil)
	return nil
}

// The rest of pion.TrackLocal: names that the answer shows.

func (*track) ID() string              { return "voice" }
func (*track) RID() string             { return "" }
func (*track) StreamID() string        { return "call" }
func (*track) Kind() pion.RTPCodecType { return pion.RTPCodecTypeAudio }
