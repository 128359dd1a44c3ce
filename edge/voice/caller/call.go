// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// ringing is how long a caller lets it ring.
const ringing = 60 * time.Second

// intent is what a caller means to do, drawn before the call.
type intent struct {
	number, from   string
	speech         []byte
	early          time.Duration // hangs up then, whatever happens; 0: does not
	key            time.Duration // presses 9 so long after the answer; 0: does not
	patience, talk time.Duration
	remark         time.Duration // speaks after so long, though never its turn
}

func (c *callers) plan(d *rand.Rand) intent {
	i := intent{
		number: c.Numbers[d.IntN(len(c.Numbers))], from: number(d), speech: c.Speech[d.IntN(len(c.Speech))],
		patience: c.Patience.draw(d), talk: c.Talk.draw(d), remark: Range{8 * time.Second, 20 * time.Second}.draw(d),
	}
	if d.IntN(100) < c.early {
		i.early = Range{time.Second, 6 * time.Second}.draw(d)
	}
	if d.IntN(100) < c.keys {
		i.key = Range{5 * time.Second, 15 * time.Second}.draw(d)
	}
	return i
}

// place makes one call, from its INVITE to its end.
func (c *callers) place(ctx context.Context, i intent) {
	v, err := openVoice(c.end.at.Addr(), i.speech, i.remark)
	if err != nil {
		c.tally.count(func(s *Stats) { s.Failed++ })
		return
	}
	defer v.close()
	if i.early > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, i.early)
		defer stop()
	}
	c.tally.count(func(s *Stats) { s.Placed++; s.Ringing++ })
	d, err := c.ring(ctx, i, v)
	if err != nil {
		c.tally.count(func(s *Stats) {
			s.Ringing--
			var refused *sipgo.ErrDialogResponse
			switch {
			case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded):
				s.Abandoned++
			case errors.As(err, &refused):
				s.Refused++
			default:
				s.Failed++
			}
		})
		return
	}
	c.tally.count(func(s *Stats) { s.Ringing--; s.Answered++; s.Talking++ })
	remote := c.talk(ctx, i, d, v)
	sent, heard, voices := v.figures()
	c.tally.count(func(s *Stats) {
		s.Talking--
		if remote {
			s.Ended++
		} else {
			s.HungUp++
		}
		s.Sent, s.Heard, s.Voices = s.Sent+sent, s.Heard+heard, s.Voices+voices
	})
}

// ring sends the INVITE and waits for the answer; when ctx ends before, it sends CANCEL. The ACK is talk's.
func (c *callers) ring(ctx context.Context, i intent, v *voice) (*sipgo.DialogClientSession, error) {
	ctx, cancel := context.WithTimeout(ctx, ringing)
	defer cancel()
	host := c.end.at.Addr().String()
	req := sip.NewRequest(sip.INVITE, sip.Uri{
		Scheme: "sip", User: i.number, Host: c.target.Addr().String(), Port: int(c.target.Port()),
	})
	from := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: i.from, Host: host}}
	from.Params.Add("tag", sip.GenerateTagN(16))
	req.AppendHeader(from)
	req.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY"))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(v.offer())
	d, err := c.end.calls.WriteInvite(ctx, req)
	if err != nil {
		return nil, err
	}
	err = d.WaitAnswer(ctx, sipgo.AnswerOptions{})
	if err == nil {
		return d, nil
	}
	if r := d.InviteResponse; r != nil && r.IsSuccess() { // it crossed our CANCEL (RFC 3261 section 15)
		_ = d.Ack(context.Background()) // as over
		over(d.Bye)
	}
	return nil, err
}

// talk holds an answered call until one side ends it; it reports whether that was the other.
func (c *callers) talk(ctx context.Context, i intent, d *sipgo.DialogClientSession, v *voice) (remote bool) {
	leave, ok := c.end.enter(d.ID, &line{voice: v, bye: d.ReadBye})
	if !ok {
		return false
	}
	defer leave()
	if d.Ack(ctx) != nil || v.accept(d.InviteResponse.Body()) != nil {
		over(d.Bye)
		return false
	}
	v.start()
	bored, key := time.NewTimer(i.patience), time.NewTimer(i.key)
	defer bored.Stop()
	defer key.Stop()
	if i.key == 0 {
		key.Stop()
	}
	replied := v.replied
	for {
		select {
		case <-d.Context().Done():
			return true
		case <-key.C:
			v.press('9')
			continue
		case <-replied: // somebody talks with us
			replied = nil
			bored.Reset(i.talk)
			continue
		case <-bored.C:
		case <-ctx.Done():
		}
		over(d.Bye)
		return false
	}
}
