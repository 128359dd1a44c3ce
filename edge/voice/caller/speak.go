// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"math/rand/v2"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// manners tell when it is one's turn: a second after the other paused, or when it was not for too long. Music does
// not pause. Units are frames.
type manners struct {
	remark int // speaks after so many, at the latest

	loud, quiet int // of the other, in a row; quiet after loud
	waited      int // since we spoke
	spoken      bool
}

const (
	utterance = 15 // frames of sound that make a pause after them worth an answer
	pause     = 50
)

// frame takes what came of the other in 20 ms in which we are silent: so many loud frames, as packets bunch. speak
// says that it is our turn; replied, that the other spoke after us and paused: a person.
func (m *manners) frame(loud int) (speak, replied bool) {
	m.waited++
	if loud > 0 {
		m.loud, m.quiet = m.loud+loud, 0
	} else if m.quiet++; m.quiet >= pause && m.loud < utterance {
		m.loud = 0
	}
	turn := m.loud >= utterance && m.quiet >= pause
	if !turn && m.waited < m.remark {
		return false, false
	}
	replied = turn && m.spoken
	*m = manners{remark: m.remark, spoken: true}
	return true, replied
}

// stream is what a voice sends: one source, one numbering.
type stream struct {
	h       rtp.Header
	pending []byte // of the speech under way
	key     rtp.EventWriter
	keyed   bool   // a key is being pressed
	keyTS   uint32 // its timestamp
	octets  uint32
	packets uint32
	buf     [rtp.HeaderLen + rtp.FrameSize]byte
}

// speak sends a frame each 20 ms until the voice is closed.
func (v *voice) speak() {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	s := &stream{h: rtp.Header{Seq: uint16(rand.Uint32()), TS: rand.Uint32(), SSRC: rand.Uint32()}}
	replied := v.replied
	for n := 1; ; n++ {
		select {
		case <-v.stop:
			return
		case <-tick.C:
		}
		loud := int(v.loud.Swap(0))
		if len(s.pending) == 0 {
			turn, reply := v.manners.frame(loud)
			if turn {
				s.pending = v.speech
			}
			if reply && replied != nil {
				close(replied)
				replied = nil
			}
		}
		select {
		case k := <-v.keys:
			s.key, s.keyed = rtp.NewEventWriter(k)
			s.keyTS = s.h.TS
		default:
		}
		plan := v.plan.Load()
		v.send(s, plan)
		if n%reportEvery == 0 {
			v.report(s, plan)
		}
	}
}

// send puts the next 20 ms on their way: a key, speech or silence; nothing while we are held.
func (v *voice) send(s *stream, plan *sdp.Plan) {
	body := s.buf[rtp.HeaderLen:]
	s.h.PT, s.h.Marker = plan.AudioOut, s.packets == 0
	at := s.h.TS
	s.h.TS += rtp.FrameSize
	said := s.pending[:min(len(s.pending), rtp.FrameSize)]
	s.pending = s.pending[len(said):]
	n := copy(body, said)
	for i := range body {
		if i >= n {
			body[i] = rtp.ALawSilence
		}
		if plan.MuLaw {
			body[i] = rtp.AToMu[body[i]]
		}
	}
	if s.keyed {
		e, first, some, more := s.key.Next()
		s.keyed = more
		if !some || plan.EventOut == 0 {
			return
		}
		body, at = body[:rtp.EventLen], s.keyTS
		s.h.PT, s.h.Marker = plan.EventOut, first
		e.Put(body)
	}
	if !plan.Dir.Sends() || plan.RTP.Addr().IsUnspecified() {
		return
	}
	h := s.h
	h.TS = at
	h.Put(s.buf[:])
	if _, err := v.rtp.WriteToUDPAddrPort(s.buf[:rtp.HeaderLen+len(body)], plan.RTP); err != nil {
		return // the other side is gone; its BYE tells
	}
	s.h.Seq++
	s.packets++
	s.octets += uint32(len(body))
	v.sent.Add(1)
}

// report tells the other side what we sent and heard, so that it knows the quality of its line.
func (v *voice) report(s *stream, plan *sdp.Plan) {
	if !plan.RTCP.IsValid() || plan.RTCP.Addr().IsUnspecified() {
		return
	}
	now := time.Now()
	r := rtp.RTCP{SSRC: s.h.SSRC, Sender: true, NTP: rtp.NTP(now), TS: s.h.TS, Packets: s.packets, Octets: s.octets}
	v.mu.Lock()
	if v.recv.Expected() > 0 {
		var since uint32
		if v.lsr != 0 {
			since = uint32(now.Sub(v.seen) * 65536 / time.Second)
		}
		r.N, r.Blocks[0] = 1, v.recv.Block(v.lsr, since)
	}
	v.mu.Unlock()
	_, _ = v.rtcp.WriteToUDPAddrPort(r.Append(nil, "rivage-caller"), plan.RTCP) // a report may be lost
}

// speechOr is what is said when nobody gave a recording: a hum of two seconds.
func speechOr(speech [][]byte, hz float64) [][]byte {
	if len(speech) > 0 {
		return speech
	}
	return [][]byte{rtp.Tone(2*time.Second, -20, hz)}
}
