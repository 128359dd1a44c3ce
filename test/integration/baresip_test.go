// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
)

// baresip is a telephone that others wrote, without a screen: it says a tone from a file, keeps what it hears in another,
// and is driven over TCP.
type baresip struct {
	dir     string
	at      netip.AddrPort
	control net.Conn
	out     bytes.Buffer
	cmd     *exec.Cmd
}

// room is a network of its own for telephones: baresip does without loopback.
type room struct {
	name string
	here netip.Addr // this end's
	at   netip.Addr // the telephones'
}

// newRoom makes a network namespace with a cable to it.
func newRoom(t testing.TB) room {
	t.Helper()
	ip := found(t, "ip", "iproute2")
	n := os.Getpid()
	r := room{
		name: newNamespace(t, ip, "room"),
		here: netip.AddrFrom4([4]byte{10, 123, byte(n), 1}), at: netip.AddrFrom4([4]byte{10, 123, byte(n), 2}),
	}
	cable, end := fmt.Sprintf("rv%da", n), fmt.Sprintf("rv%db", n)
	for _, step := range []string{
		"link add " + cable + " type veth peer name " + end + " netns " + r.name,
		"addr add " + r.here.String() + "/24 dev " + cable, "link set " + cable + " up",
		"-n " + r.name + " addr add " + r.at.String() + "/24 dev " + end, "-n " + r.name + " link set " + end + " up",
		"-n " + r.name + " link set lo up",
	} {
		command(t, ip, strings.Fields(step)...)
	}
	return r
}

// phone starts a baresip in the room.
func (r room) phone(t testing.TB, user string, port int, hz float64, mode string) *baresip {
	t.Helper()
	b := &baresip{dir: t.TempDir(), at: netip.AddrPortFrom(r.at, uint16(port))}
	control := netip.AddrPortFrom(r.at, uint16(port+100))
	var wav bytes.Buffer
	if err := rtp.WritePCMWAV(&wav, 1, rtp.Tone(3*time.Minute, loudness, hz)); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"config": fmt.Sprintf(baresipConfig, b.at, b.dir, control), "contacts": "", "tone.wav": wav.String(),
		"accounts": fmt.Sprintf("<sip:%s@%s;transport=udp>;audio_codecs=pcma;regint=0;answermode=%s\n", user, b.at, mode),
	} {
		if err := os.WriteFile(filepath.Join(b.dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.cmd = exec.Command(found(t, "ip", "iproute2"), "netns", "exec", r.name, found(t, "baresip", "baresip-core"), "-f", b.dir)
	b.cmd.Stdout, b.cmd.Stderr = &b.out, &b.out
	b.cmd.SysProcAttr = child(syscall.SIGKILL)
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = b.cmd.Process.Kill() // it may have ended
		_ = b.cmd.Wait()         // killed is an exit status
		if t.Failed() {
			t.Logf("baresip %s:\n%s", user, b.out.String())
		}
	})
	dialer := net.Dialer{Timeout: time.Second}
	until(t, "baresip listens", func() bool {
		c, err := dialer.DialContext(t.Context(), "tcp", control.String())
		b.control = c
		return err == nil
	})
	t.Cleanup(func() { b.control.Close() }) //nolint:errcheck // nothing to lose
	return b
}

// baresipConfig is for 1.0.0: address of SIP, folder, address of control.
const baresipConfig = `poll_method epoll
sip_listen %[1]s
call_local_timeout 120
call_max_calls 4
audio_source aufile,%[2]s/tone.wav
audio_player aubridge,a
audio_alert aubridge,b
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtcp_mux no
jitter_buffer_delay 5-10
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module ctrl_tcp.so
module_app account.so
module_app contact.so
module_app menu.so
ctrl_tcp_listen %[3]s
snd_path %[2]s
`

// do gives a command: JSON in a netstring.
func (b *baresip) do(t testing.TB, command, params string) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"command": command, "params": params, "token": "t"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.control, "%d:%s,", len(text), text); err != nil {
		t.Fatalf("baresip %s: %v", command, err)
	}
}

// heard is what it kept of its last call, once that is over.
func (b *baresip) heard(t testing.TB) []run {
	t.Helper()
	var alaw []byte
	until(t, "baresip kept what it heard", func() bool {
		files, _ := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
		if len(files) == 0 {
			return false
		}
		slices.Sort(files)
		f, err := os.Open(files[len(files)-1])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // read only
		alaw, err = rtp.ReadWAV(f)
		return err == nil && len(alaw) > 0 // its length is written when it is closed
	})
	return runs(alaw)
}

// order is the tones without silence, repetitions in one.
func order(heard []run) (tones []float64) {
	for _, r := range heard {
		if r.hz != 0 {
			tones = append(tones, r.hz)
		}
	}
	return slices.Compact(tones)
}

// The whole call between telephones of others: baresip calls, baresip answers.
func TestBaresipCallsBaresip(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	answering := r.phone(t, "poste", 5070, toneAgent, "auto")
	calling := r.phone(t, strings.TrimPrefix(fiction(77), "+"), 5080, toneCaller, "manual")
	desk := &post{phone: &phone{}, login: "brest-1", from: seat("brest", 1)}
	who := account{login: desk.login, roles: roleAgent, site: "brest", queue: `["colis"]`, uri: "sip:poste@" + answering.at.String()}
	i := install(t, setup{address: r.here.String(), settings: settings{
		accounts: []account{supervisor("sup"), who}, edits: map[string][2]string{"trunks/boucle.toml": {"127.0.0.0/8", r.at.String() + "/32"}},
	}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	desk.open(t, i)

	calling.do(t, "dial", fmt.Sprintf("sip:%s@%s", numberParcels, i.sip))
	desk.is(t, rivage.AgentEngaged)
	id := desk.interaction(t)
	lasts := func(what string, s time.Duration) {
		began := time.Now()
		until(t, what, func() bool { return time.Since(began) > s })
	}
	lasts("they talk", 3*time.Second)
	desk.do(t, "hold", func(ctx context.Context) error { _, err := desk.desk.Hold(ctx, id); return err })
	lasts("the caller is on hold", 2*time.Second)
	desk.do(t, "resume", func(ctx context.Context) error { _, err := desk.desk.Resume(ctx, id); return err })
	lasts("they talk again", 2*time.Second)
	calling.do(t, "hangup", "")
	desk.is(t, rivage.AgentWrapUp)
	desk.dispose(t)

	heard := calling.heard(t)
	got := order(heard)
	if n := slices.Index(got, toneSentence); n > 0 {
		got = slices.Concat(slices.DeleteFunc(slices.Clone(got[:n]), func(hz float64) bool { return hz == toneMusic }), got[n:])
	}
	want := []float64{toneGreeting, toneNotice, toneChoice, toneSentence, toneEnd, toneAgent, toneMusic, toneAgent}
	if !slices.Equal(got, want) {
		t.Errorf("the caller heard %v, want %v: %v", got, want, heard)
	}
	if got := order(answering.heard(t)); !slices.Equal(got, []float64{toneCaller}) {
		t.Errorf("the agent heard %v, want the caller alone", got)
	}
	recorded := playback(t, sup, id)
	for c, hz := range []float64{toneCaller, toneAgent} {
		if got := order(runs(recorded[c])); !slices.Equal(got, []float64{hz}) {
			t.Errorf("channel %d of the recording has %v, want %v alone", c, got, hz)
		}
	}

	calling.do(t, "dial", fmt.Sprintf("sip:%s@%s", numberParcels, i.sip))
	desk.is(t, rivage.AgentEngaged)
	id = desk.interaction(t)
	until(t, "the recording is on", func() bool { return len(sup.detail(t, id).Recordings) == 1 })
	calling.do(t, "sndcode", "9")
	until(t, "the recording is destroyed", func() bool { return sup.detail(t, id).Recordings[0].State == "destroyed" })
	if s := sup.detail(t, id).Interaction.State; s != rivage.Connected {
		t.Errorf("after the opposition the call is %s", s)
	}
	calling.do(t, "hangup", "")
	desk.is(t, rivage.AgentWrapUp)
	desk.dispose(t)
	i.process.stop(t)
	i.check(t)
}
