// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// PostsConfig says which posts answer, and how. Zero values: 127.0.0.1 with any port, every user, a hum, 1 s to
// 3 s, two minutes.
type PostsConfig struct {
	Listen      string        // SIP address, loopback only
	Users       []string      // sip:user@… that answer; others get 404
	Speech      [][]byte      // A-law at 8 kHz; each call takes one
	AnswerAfter Range         // from the INVITE to the answer
	MaxTalk     time.Duration // the posts leave hanging up to the caller, but not for longer
	Seed        uint64
	OnStats     func(s Stats) // as Config; Placed counts incoming calls
}

const (
	maxTalk  = 2 * time.Minute
	maxLines = 500 // calls at a time
)

// Posts are desks that answer by themselves.
type Posts struct {
	conf  PostsConfig
	end   *endpoint
	tally tally
	stop  chan struct{} // closed when Run ends

	mu    sync.Mutex
	dice  *rand.Rand // owned by mu
	calls int        // owned by mu
}

// NewPosts binds the address; Run answers.
func NewPosts(conf PostsConfig) (*Posts, error) {
	conf.Listen = cmp.Or(conf.Listen, anyPort)
	conf.AnswerAfter = conf.AnswerAfter.or(time.Second, 3*time.Second)
	conf.MaxTalk = cmp.Or(conf.MaxTalk, maxTalk)
	conf.Speech = speechOr(conf.Speech, 500)
	end, err := open(conf.Listen)
	if err != nil {
		return nil, fmt.Errorf("start posts: %w", err)
	}
	p := &Posts{
		conf: conf, end: end, tally: tally{tell: conf.OnStats}, stop: make(chan struct{}), dice: rand.New(rand.NewPCG(conf.Seed, 1)),
	}
	end.handle(p.take)
	return p, nil
}

// Addr is where the posts listen.
func (p *Posts) Addr() netip.AddrPort { return p.end.at }

// Run answers until ctx ends, then hangs up and returns nil within two seconds. It runs once.
func (p *Posts) Run(ctx context.Context) error {
	p.end.serve()
	<-ctx.Done()
	close(p.stop)
	p.end.shut(p.idle)
	return nil
}

// idle waits for the calls under way.
func (p *Posts) idle() {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for range tick.C {
		p.mu.Lock()
		calls := p.calls
		p.mu.Unlock()
		if calls == 0 {
			return
		}
	}
}

// seat takes a line, and says how this call will go; false when there is none.
func (p *Posts) seat() (wait time.Duration, speech []byte, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls >= maxLines {
		return 0, nil, false
	}
	select {
	case <-p.stop:
		return 0, nil, false
	default:
	}
	p.calls++
	return p.conf.AnswerAfter.draw(p.dice), p.conf.Speech[p.dice.IntN(len(p.conf.Speech))], true
}

func (p *Posts) rise() {
	p.mu.Lock()
	p.calls--
	p.mu.Unlock()
}

// take is one incoming call, from its INVITE to its end.
func (p *Posts) take(req *sip.Request, tx sip.ServerTransaction) {
	if len(p.conf.Users) > 0 && !slices.Contains(p.conf.Users, req.Recipient.User) {
		refuse(req, tx, 404)
		return
	}
	wait, speech, ok := p.seat()
	if !ok {
		refuse(req, tx, 486)
		return
	}
	defer p.rise()
	d, err := p.end.calls.ReadInvite(req, tx)
	if err != nil {
		refuse(req, tx, 400)
		return
	}
	v, err := openVoice(p.end.at.Addr(), speech, 8*time.Second)
	if err != nil {
		_ = d.Respond(480, reasons[480], nil) // as refuse
		return
	}
	defer v.close()
	leave, ok := p.end.enter(d.ID, &line{voice: v, bye: d.ReadBye, ack: d.ReadAck})
	if !ok {
		_ = d.Respond(480, reasons[480], nil)
		return
	}
	defer leave()
	p.tally.count(func(s *Stats) { s.Placed++; s.Ringing++ })
	p.ring(d, v, wait)
}

// ring lets the post ring and then answers, unless the caller gives up.
func (p *Posts) ring(d *sipgo.DialogServerSession, v *voice, wait time.Duration) {
	answer, status := v.answer(d.InviteRequest.Body())
	if status == 200 && len(d.InviteRequest.Body()) == 0 {
		status = 488 // a caller that makes no offer is none of the demonstration's
	}
	if status != 200 {
		p.tally.count(func(s *Stats) { s.Ringing--; s.Failed++ })
		_ = d.Respond(status, reasons[status], nil)
		return
	}
	_ = d.Respond(180, "Ringing", nil)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-d.Context().Done():
		p.tally.count(func(s *Stats) { s.Ringing--; s.Abandoned++ })
	case <-p.stop:
		p.tally.count(func(s *Stats) { s.Ringing--; s.Refused++ })
		_ = d.Respond(480, reasons[480], nil)
	case <-timer.C:
		p.talk(d, v, answer)
	}
}

func (p *Posts) talk(d *sipgo.DialogServerSession, v *voice, answer []byte) {
	p.tally.count(func(s *Stats) { s.Ringing--; s.Answered++; s.Talking++ })
	v.manners.waited = v.manners.remark - pause // the post speaks first, after a second
	v.start()
	remote := d.RespondSDP(answer) != nil // it waits for the ACK
	if !remote {
		limit := time.NewTimer(p.conf.MaxTalk)
		defer limit.Stop()
		select {
		case <-d.Context().Done():
			remote = true
		case <-limit.C:
			over(d.Bye)
		case <-p.stop:
			over(d.Bye)
		}
	}
	sent, heard, voices := v.figures()
	p.tally.count(func(s *Stats) {
		s.Talking--
		if remote {
			s.Ended++
		} else {
			s.HungUp++
		}
		s.Sent, s.Heard, s.Voices = s.Sent+sent, s.Heard+heard, s.Voices+voices
	})
}
