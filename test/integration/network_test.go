// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rivage.example/rivage"
)

// network is a namespace with one cable to this machine, as a desk's own network is.
type network struct {
	name, cable string // cable is its end in the namespace
	here, there netip.Addr
	prefix      netip.Prefix
}

// newNetwork makes the namespace; it is removed with the test. One that a killed test left behind is removed now.
func newNetwork(t *testing.T) *network {
	t.Helper()
	ip := found(t, "ip", "iproute2")
	found(t, "nft", "nftables")
	sweepNetworks(t, ip)
	n := &network{cable: "desk"}
	base := netip.AddrFrom4([4]byte{198, 18, byte(rand.IntN(256)), byte(rand.IntN(64) * 4)}) // RFC 2544: nobody's
	n.prefix, n.here = netip.PrefixFrom(base, 30), base.Next()
	n.there = n.here.Next()
	n.name = newNamespace(t, ip, "desk")
	end := fmt.Sprintf("rv%d", os.Getpid())
	command(t, ip, "link", "add", end, "type", "veth", "peer", "name", n.cable, "netns", n.name)
	command(t, ip, "addr", "add", netip.PrefixFrom(n.here, 30).String(), "dev", end)
	command(t, ip, "link", "set", end, "up")
	command(t, ip, "-n", n.name, "addr", "add", netip.PrefixFrom(n.there, 30).String(), "dev", n.cable)
	command(t, ip, "-n", n.name, "link", "set", n.cable, "up")
	command(t, ip, "-n", n.name, "link", "set", "lo", "up")
	return n
}

// namespaces is held while one is made: two `ip netns add` at once may both mount the folder of the first.
var namespaces sync.Mutex

// newNamespace makes a network namespace of this process for something; it is removed with the test, and its cables with it.
func newNamespace(t testing.TB, ip, what string) string {
	t.Helper()
	name := fmt.Sprintf("rivage-%d-%s", os.Getpid(), what)
	namespaces.Lock()
	out, err := try(t, ip, "netns", "add", name)
	namespaces.Unlock()
	if err != nil {
		t.Fatalf("make a network namespace: %v: %s (this test needs root: run make test as root, or in a container as root)", err, out)
	}
	t.Cleanup(func() { command(t, ip, "netns", "del", name) })
	return name
}

// sweepNetworks removes the namespaces of test processes that are gone.
func sweepNetworks(t *testing.T, ip string) {
	t.Helper()
	for line := range strings.Lines(command(t, ip, "netns", "list")) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		of, ours := strings.CutPrefix(name, "rivage-")
		of, _, _ = strings.Cut(of, "-")
		if pid, err := strconv.Atoi(of); ours && err == nil && syscall.Kill(pid, 0) != nil {
			_, _ = try(t, ip, "netns", "del", name) // another test may have been quicker
		}
	}
}

// inside is what runs a command in the namespace.
func (n *network) inside(words ...string) []string {
	return append([]string{"ip", "netns", "exec", n.name}, words...)
}

// fails drops every packet, in and out.
func (n *network) fails(t testing.TB) {
	t.Helper()
	for _, rule := range []string{
		"add table inet lost",
		"add chain inet lost in { type filter hook input priority 0; policy accept; }",
		"add chain inet lost out { type filter hook output priority 0; policy accept; }",
		"add rule inet lost in iifname " + n.cable + " drop",
		"add rule inet lost out oifname " + n.cable + " drop",
	} {
		words := n.inside("nft", rule)
		command(t, words[0], words[1:]...)
	}
}

// heals lets packets through again.
func (n *network) heals(t testing.TB) {
	t.Helper()
	words := n.inside("nft", "delete table inet lost")
	command(t, words[0], words[1:]...)
}

// A desk loses its network in a call for twenty seconds: the caller hears music instead of the agent, and then the same
// agent again, in the same call and the same recording, on a page that nobody loaded again. The next call comes by itself,
// here also after the page was loaded again.
// For longer than a call is kept for it, the call waits at its rank, the agent is unreachable, and answers it once back.
// Nothing is left over.
func TestDeskLosesItsNetwork(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	i := install(t, setup{front: n.here.String(), settings: settings{
		accounts: []account{supervisor("sup"), {login: "agente", roles: roleAgent, site: "brest", queue: `["colis"]`}},
		edits:    map[string][2]string{"sites/brest.toml": {`127.1.0.0/16"`, fmt.Sprintf(`127.1.0.0/16", %q`, n.prefix)}},
	}})
	p := i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	i.enrol(t, "agente", seat("brest", 1))
	w := &wire{network: n, room: sup.watch(t, "control"), desk: openBrowser(t, i.base, n.inside()...), sup: sup}
	w.desk.do(t, "signIn", "agente", password)
	w.desk.do(t, "ready")
	idle := p.sockets(t)

	w.forAWhile(t, newPhone(t, loopback, i.sip, toneCaller))
	w.desk.do(t, "reload")
	w.desk.do(t, "wait", "microphone", "passed")
	w.forLong(t, newPhone(t, loopback, i.sip, toneCaller))
	until(t, "all sockets of the calls are closed", func() bool { return p.sockets(t) == idle })
	w.desk.close()
	p.nothingRuns(t, "webrtc.(*Leg)", "webrtc.(*PeerConnection)", "ice.(*Agent)", "dtls.(*Conn)")
	i.check(t)
}

// wire is a desk on a network that fails, and who looks on.
type wire struct {
	*network
	room *screen
	desk *browser
	sup  *person
}

// talk has the desk answer a caller, and gives the call.
func (w *wire) talk(t testing.TB, caller *phone, from string) rivage.ID {
	t.Helper()
	caller.dial(numberParcels, from)
	caller.answers(t, "the caller")
	w.accept(t)
	caller.sound.voice(t, "the caller hears the agent")
	w.desk.hears(t, "the agent hears the caller", toneCaller)
	return w.sup.interactions(t, "")[0].ID
}

// accept takes the offer that is on the desk, or comes.
func (w *wire) accept(t testing.TB) {
	t.Helper()
	w.desk.do(t, "wait", "offer")
	w.desk.do(t, "press", "Enter")
	w.desk.do(t, "wait", "call-bar", "connected")
}

// hangUp ends the call and closes it.
func (w *wire) hangUp(t testing.TB, caller *phone) {
	t.Helper()
	w.desk.do(t, "click", "hangup")
	caller.ends(t, "the caller")
	w.desk.do(t, "wait", "wrap-up")
	w.desk.do(t, "press", "1")
	w.desk.do(t, "press", "Control+Enter")
	w.desk.do(t, "wait", "idle")
	w.room.shows(t, "agente", rivage.AgentReady)
}

// forAWhile: the agent comes back to the call.
func (w *wire) forAWhile(t *testing.T, caller *phone) {
	id := w.talk(t, caller, fiction(1))
	w.lost(t, caller, 20*time.Second)
	w.desk.do(t, "wait", "call-bar", "connected")
	caller.sound.voice(t, "the caller hears the agent again")
	w.desk.hears(t, "the agent hears the caller again", toneCaller)
	w.room.shows(t, "agente", rivage.AgentEngaged)
	if string(w.desk.do(t, "same")) != "true" {
		t.Error("the page was loaded again")
	}
	w.hangUp(t, caller)
	w.story(t, id, map[rivage.Kind]int{
		rivage.KindInteractionParked: 1, rivage.KindInteractionRejoined: 1, rivage.KindInteractionQueued: 1,
		rivage.KindRecordingStarted: 1, rivage.KindRecordingEnded: 1, rivage.KindInteractionClosed: 1,
	})
}

// forLong: the call is given back to the line.
func (w *wire) forLong(t *testing.T, caller *phone) {
	id := w.talk(t, caller, fiction(2))
	w.fails(t)
	w.room.shows(t, "agente", rivage.AgentUnreachable)
	caller.sound.hears(t, "the caller hears music", toneMusic)
	d := w.sup.detail(t, id)
	if d.Interaction.State != rivage.Queued {
		t.Errorf("after the time of a return the call is %s, want queued", d.Interaction.State)
	}
	ranks := map[any]int{}
	for _, s := range d.Story {
		if s.Kind == rivage.KindInteractionQueued {
			ranks[s.Facts["rank"]]++
		}
	}
	if len(ranks) != 1 {
		t.Errorf("the call waited at the ranks %v, want one", ranks)
	}
	w.heals(t)
	w.desk.do(t, "wait", "live", "open")
	w.desk.do(t, "click", "ready")
	w.accept(t)
	caller.sound.voice(t, "the caller hears the agent once more")
	if string(w.desk.do(t, "same")) != "true" {
		t.Error("the page was loaded again")
	}
	w.hangUp(t, caller)
	w.story(t, id, map[rivage.Kind]int{
		rivage.KindInteractionQueued: 2, rivage.KindInteractionAnswered: 2, rivage.KindInteractionRejoined: 0,
		rivage.KindRecordingStarted: 2, rivage.KindRecordingEnded: 2, rivage.KindInteractionClosed: 1,
	})
}

// lost has the network fail for some time, and holds that the caller heard music soon, and until it was over.
func (n *network) lost(t testing.TB, caller *phone, long time.Duration) {
	t.Helper()
	from, began := caller.sound.length(), time.Now()
	n.fails(t)
	caller.sound.hears(t, "the caller hears music", toneMusic)
	until(t, "the network is gone for a while", func() bool { return time.Since(began) >= long })
	heard := runs(caller.sound.since(from))
	n.heals(t)
	for _, r := range heard {
		if r.hz == 0 && r.lasts > 8*time.Second {
			t.Errorf("the caller heard nothing for %v: %v", r.lasts, heard)
		}
	}
	if got, want := lasting(heard, toneMusic), long/2; got < want {
		t.Errorf("the caller heard %v of music in %v, want %v: %v", got, long, want, heard)
	}
}

// story waits until an interaction has as many entries of some kinds.
func (w *wire) story(t testing.TB, id rivage.ID, want map[rivage.Kind]int) {
	t.Helper()
	until(t, fmt.Sprintf("the story has %v", want), func() bool {
		got := map[rivage.Kind]int{}
		for _, s := range w.sup.detail(t, id).Story {
			got[s.Kind]++
		}
		for kind, n := range want {
			if got[kind] != n {
				return false
			}
		}
		return true
	})
}

// sockets is how many the process has open for UDP.
func (p *process) sockets(t testing.TB) int {
	t.Helper()
	udp := map[string]bool{}
	for _, file := range []string{"udp", "udp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", p.cmd.Process.Pid, file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 9 {
				udp["socket:["+f[9]+"]"] = true
			}
		}
	}
	dir := fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, f := range files {
		if to, err := os.Readlink(dir + "/" + f.Name()); err == nil && udp[to] {
			count++
		}
	}
	return count
}

// nothingRuns ends the process with a list of its goroutines, and holds that none is of these.
func (p *process) nothingRuns(t testing.TB, of ...string) {
	t.Helper()
	p.signal(t, syscall.SIGQUIT)
	<-p.gone
	for _, g := range strings.Split(p.text(), "\n\n") {
		for _, name := range of {
			if strings.HasPrefix(g, "goroutine ") && strings.Contains(g, name) {
				t.Errorf("a goroutine is left:\n%s", g)
			}
		}
	}
}
