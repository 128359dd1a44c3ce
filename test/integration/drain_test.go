// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"strings"
	"syscall"
	"testing"
)

// SIGTERM lets the present call end and takes no other; a second one stops at once, and what it cut is owed. No second
// process serves a folder that is served.
func TestDrainStopAndRestart(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)}}})
	first := i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	talk(t, caller, agent, fiction(1))

	out, err := try(t, program, "serve", "--dir", i.dir)
	if err == nil || strings.Count(strings.TrimSpace(out), "\n") != 0 || !strings.Contains(out, "served by another process") {
		t.Errorf("a second process on the same folder: %v: %q, want one sentence that refuses", err, out)
	}

	first.signal(t, syscall.SIGTERM)
	refused(t, i, fiction(2))
	caller.sound.hears(t, "the caller still hears the agent", toneAgent)
	agent.sound.hears(t, "the agent still hears the caller", toneCaller)
	if !first.running() {
		t.Fatal("the process ended under a live call")
	}
	caller.hangUp()
	until(t, "the drained process ends", func() bool { return !first.running() })
	if first.err != nil {
		t.Errorf("the drained process ended with %v", first.err)
	}
	i.check(t)

	second := i.serve(t)
	sup.signIn(t)
	agent.stop()
	agent.reopen(t, i)
	until(t, "the last call is back on the desk, to be wrapped up", func() bool { return agent.desk.Snapshot().Interaction != nil })
	agent.dispose(t)
	talk(t, caller, agent, fiction(3))
	second.signal(t, syscall.SIGTERM)
	refused(t, i, fiction(4))
	second.signal(t, syscall.SIGTERM)
	until(t, "the process ends at the second signal", func() bool { return !second.running() })
	i.serve(t)
	sup.signIn(t)
	until(t, "the call that was cut is owed", func() bool { return len(sup.callbacks(t)) == 1 })
	i.process.stop(t)
	i.check(t)
}

// talk brings a caller and an agent together.
func talk(t *testing.T, caller *phone, agent *post, from string) {
	t.Helper()
	caller.dial(numberParcels, from)
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	agent.sound.hears(t, "the agent hears the caller", toneCaller)
}

// refused waits until a new call is refused with 503, and says when to try again.
func refused(t testing.TB, i *instance, from string) {
	t.Helper()
	until(t, "a new call is refused", func() bool {
		p := newPhone(t, loopback, i.sip, toneCaller)
		p.dial(numberParcels, from)
		var d dialog
		until(t, "the new call has an answer", func() bool { d = p.state(); return d.status != 0 })
		if d.status == 200 { // it came before
			p.hangUp()
			return false
		}
		if d.status != 503 || d.retry == "" {
			t.Fatalf("a new call is refused with %d, Retry-After %q, want 503 and some seconds", d.status, d.retry)
		}
		return true
	})
}
