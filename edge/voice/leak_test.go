// SPDX-License-Identifier: EUPL-1.2

package voice_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/engine/floor"
)

// However a call ends, its ports are returned and its goroutines gone while the voice side goes on: nobody has to close it
// to be rid of them.
func TestNothingIsLeftOfACall(t *testing.T) {
	h := open(t, loopback)
	rings := func(_ *peer, in *sip.Incoming) { in.Ring() }
	refuses := func(_ *peer, in *sip.Incoming) { in.Reject(603, 0) }
	caller, agent, silent, absent := newPeer(t, nil), newPeer(t, answer), newPeer(t, rings), newPeer(t, refuses)
	before := runtime.NumGoroutine()
	call := func() (*sip.Dialog, rivage.ID) {
		d := caller.call(h, "+33298000001")
		return d, want[floor.Arrived](t, h.floor).CallerLeg
	}
	ring := func(leg rivage.ID, at *peer) {
		h.do(floor.Ring{Leg: leg, Device: device(at), Grant: h.grant(t, rivage.ActOffer, leg)})
	}
	end := func(legs ...rivage.ID) {
		for _, l := range legs {
			h.do(floor.EndLeg{Leg: l, Cause: "bye"})
		}
	}
	talk := func(leg rivage.ID) (*sip.Dialog, rivage.ID) {
		d, c := call()
		h.do(floor.AnswerCaller{Leg: c})
		ring(leg, agent)
		want[floor.LegAnswered](t, h.floor)
		h.do(floor.Bridge{Caller: c, Agent: leg, Grant: h.grant(t, rivage.ActLeg, leg)})
		return d, c
	}
	for i, x := range []struct {
		name string
		play func(leg rivage.ID)
		legs int // that are measured in the end
	}{
		{"the caller hangs up", func(leg rivage.ID) {
			d, c := talk(leg)
			d.HangUp()
			gone(t, h, c, "bye")
			end(leg)
		}, 2},
		{"the floor ends it", func(leg rivage.ID) { _, c := talk(leg); end(leg, c) }, 2},
		{"the caller cancels", func(rivage.ID) { d, c := call(); d.HangUp(); gone(t, h, c, "cancel") }, 1},
		{"the CANCEL crosses the answer", func(rivage.ID) {
			d, c := call()
			go d.HangUp()
			h.do(floor.AnswerCaller{Leg: c})
			gone(t, h, c, "cancel", "bye")
		}, 1},
		{"the caller is refused", func(rivage.ID) { _, c := call(); h.do(floor.RejectCaller{Leg: c, Status: 503}) }, 0},
		{"the caller leaves while the agent rings", func(leg rivage.ID) {
			d, c := call()
			h.do(floor.AnswerCaller{Leg: c})
			ring(leg, silent)
			d.HangUp()
			gone(t, h, c, "cancel", "bye")
			end(leg)
		}, 2},
		{"the agent does not answer", func(leg rivage.ID) { _, c := call(); ring(leg, silent); end(leg, c) }, 2},
		{"the agent refuses", func(leg rivage.ID) {
			_, c := call()
			ring(leg, absent)
			gone(t, h, leg, "declined")
			end(c)
		}, 2},
		{"the agent's browser never comes", func(leg rivage.ID) {
			_, c := call()
			h.do(floor.Ring{Leg: leg, Device: rivage.Device{Kind: floor.DeviceBrowser}, Grant: h.grant(t, rivage.ActOffer, leg)})
			end(leg, c)
		}, 2},
		{"an agent is lost in the talk, another takes over", func(leg rivage.ID) {
			_, c := talk(leg)
			h.do(floor.Unbridge{Caller: c, Agent: leg})
			end(leg)
			ring(leg+"-2", agent)
			want[floor.LegAnswered](t, h.floor)
			h.do(floor.Bridge{Caller: c, Agent: leg + "-2", Grant: h.grant(t, rivage.ActLeg, leg+"-2")})
			end(c, leg+"-2")
		}, 3},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.play(rivage.ID(fmt.Sprint("agent-", i)))
			for range x.legs {
				want[floor.LegMeasured](t, h.floor)
			}
			eventually(t, "the return of the ports", func() bool { return portsOpen(t, 21000, 21999) == 0 })
		})
	}
	eventually(t, "the end of the goroutines", func() bool { return runtime.NumGoroutine() <= before }) // SIP remembers for 5 s
}

// gone waits for the end of a leg that the world ended, for one of these causes. A leg that was cancelled while it was
// answered may be told of twice.
func gone(t *testing.T, h *house, leg rivage.ID, causes ...string) {
	t.Helper()
	e := want[floor.LegEnded](t, h.floor)
	for e.Leg != leg {
		e = want[floor.LegEnded](t, h.floor)
	}
	if !slices.Contains(causes, e.Cause) {
		t.Errorf("ended: %+v, want %s by one of %v", e, leg, causes)
	}
}

// portsOpen counts the UDP ports of a range that this process has open; another may test on the same ones.
func portsOpen(t *testing.T, first, last uint64) (n int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	inRange := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		_, port, _ := strings.Cut(f[1], ":")
		if p, err := strconv.ParseUint(port, 16, 16); err == nil && p >= first && p <= last {
			inRange["socket:["+f[9]+"]"] = true
		}
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && inRange[to] {
			n++
		}
	}
	return n
}
