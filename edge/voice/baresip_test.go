// SPDX-License-Identifier: EUPL-1.2

package voice_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/wire/rtp"
)

// cable is a network namespace joined to ours by a pair of virtual interfaces: baresip refuses the loopback.
type cable struct {
	name string
	here netip.Addr // our end
	far  netip.Addr // the telephones' end
}

var cables atomic.Int32

func newCable(t *testing.T) cable {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Fatal("ip is not installed: apt-get install iproute2")
	}
	n, pid := cables.Add(1), os.Getpid() // the kernel takes its time to let go of a name
	c := cable{
		name: fmt.Sprintf("rv%dx%d", pid, n),
		here: netip.AddrFrom4([4]byte{10, 64 + byte(n), byte(pid % 250), 1}), far: netip.AddrFrom4([4]byte{10, 64 + byte(n), byte(pid % 250), 2}),
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(ip, args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s (the test makes a network namespace: it needs root)", strings.Join(args, " "), err, out)
		}
	}
	run("netns", "add", c.name)
	t.Cleanup(func() { _ = exec.Command(ip, "netns", "del", c.name).Run() }) // takes the interfaces with it
	run("link", "add", c.name, "type", "veth", "peer", "name", "phone", "netns", c.name)
	run("addr", "add", c.here.String()+"/24", "dev", c.name)
	run("link", "set", c.name, "up")
	for _, args := range [][]string{{"addr", "add", c.far.String() + "/24", "dev", "phone"}, {"link", "set", "phone", "up"}, {"link", "set", "lo", "up"}} {
		run(append([]string{"-n", c.name}, args...)...)
	}
	return c
}

// phone is a baresip that says a tone and keeps what it hears.
type phone struct {
	dir  string
	ctrl net.Conn
	at   netip.AddrPort
}

const baresipConfig = `
poll_method		epoll
sip_listen		%[1]s
audio_player		aubridge,%[2]s
audio_source		aufile,%[3]s/tone.wav
audio_alert		aubridge,alert%[2]s
ausrc_srate		8000
auplay_srate		8000
ausrc_channels		1
auplay_channels		1
ausrc_format		s16
auplay_format		s16
rtp_ports		%[4]d-%[5]d
snd_path		%[3]s
ctrl_tcp_listen		%[6]s
module_path		/usr/lib/baresip/modules
module			g711.so
module			aufile.so
module			aubridge.so
module			sndfile.so
module_tmp		uuid.so
module_tmp		account.so
module_app		menu.so
module_app		ctrl_tcp.so
`

func newPhone(t *testing.T, c cable, user string, port int, hz float64, codec, account string) *phone {
	t.Helper()
	baresip, err := exec.LookPath("baresip")
	if err != nil {
		t.Fatal("baresip is not installed: apt-get install baresip-core")
	}
	p := &phone{dir: t.TempDir(), at: netip.AddrPortFrom(c.far, uint16(port))}
	control := netip.AddrPortFrom(c.far, uint16(port+100))
	config := fmt.Sprintf(baresipConfig, p.at, user, p.dir, port+1000, port+1100, control)
	var wav bytes.Buffer
	if err := rtp.WritePCMWAV(&wav, 1, tone(30*time.Second, hz)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"config": []byte(config), "tone.wav": wav.Bytes(), "contacts": nil,
		"accounts": fmt.Appendf(nil, "<sip:%s@%s>;regint=0;audio_codecs=%s/8000/1;%s\n", user, p.at, codec, account),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "ip", "netns", "exec", c.name, baresip, "-f", p.dir, "-t", "60")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ctrl != nil {
			p.say("quit", "")
			_ = p.ctrl.Close()
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("baresip %s:\n%s", user, said.String())
		}
	})
	eventually(t, "baresip "+user, func() bool {
		p.ctrl, err = net.DialTimeout("tcp", control.String(), time.Second)
		return err == nil
	})
	if p.ctrl == nil {
		t.FailNow()
	}
	return p
}

// say gives a command: JSON in a netstring.
func (p *phone) say(command, params string) {
	b, _ := json.Marshal(map[string]string{"command": command, "params": params})
	fmt.Fprintf(p.ctrl, "%d:%s,", len(b), b)
}

// heard is what the phone decoded, once its call is over.
func (p *phone) heard(t *testing.T) []byte {
	t.Helper()
	var out []byte
	eventually(t, "what the phone kept", func() bool {
		files, _ := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav"))
		if len(files) == 0 {
			return false
		}
		f, err := os.Open(files[len(files)-1])
		if err != nil {
			return false
		}
		defer f.Close()
		out, err = rtp.ReadWAV(f)
		return err == nil && len(out) > rtp.Rate
	})
	return out
}

// longest is the length of the longest run of audio in which hz carries.
func longest(alaw []byte, hz float64) time.Duration {
	best, run := 0, 0
	for ; len(alaw) >= 400; alaw = alaw[400:] {
		run++
		if rtp.Presence(alaw[:400], hz) == 0 {
			run = 0
		}
		best = max(best, run)
	}
	return time.Duration(best) * 50 * time.Millisecond
}

// A call from one real telephone to another, through every effect of an ordinary day: the sentence to its last frame
// before the bridge, both voices both ways and in the recording, a key, music on hold, the end.
func TestBaresipCallsBaresip(t *testing.T) {
	for _, codec := range []string{"PCMA", "PCMU"} {
		t.Run(codec, func(t *testing.T) { telephones(t, codec) })
	}
}

func telephones(t *testing.T, codec string) {
	c := newCable(t)
	h := open(t, c.here)
	agent := newPhone(t, c, "agent", 5070, 700, "PCMA", "answermode=auto")
	caller := newPhone(t, c, "caller", 5080, 440, codec, "")
	sentence, music := h.prompts.add(tone(time.Second, 1000)), h.prompts.add(tone(time.Second, 1500))

	caller.say("dial", fmt.Sprintf("sip:+33298000001@%s", h.UDPAddr()))
	in := want[floor.Arrived](t, h.floor)
	if in.Number != "+33298000001" || in.Trunk != trunkID {
		t.Errorf("arrived: number %q, trunk %q", in.Number, in.Trunk)
	}
	h.do(floor.AnswerCaller{Leg: in.CallerLeg}, floor.Play{Leg: in.CallerLeg, Play: "sentence", Audio: sentence},
		floor.Ring{Leg: "agent-leg", Agent: "anne", Offer: "offer", Grant: h.grant(t, rivage.ActOffer, "agent-leg"),
			Device: rivage.Device{Kind: floor.DeviceSIP, URI: "sip:agent@" + agent.at.String(), Trunk: trunkID}})
	if got := want[floor.LegAnswered](t, h.floor); got.Leg != "agent-leg" {
		t.Errorf("answered: %q", got.Leg)
	}
	played := want[floor.Played](t, h.floor)
	if played.Play != "sentence" || !played.Complete || played.Frames != 50 {
		t.Errorf("the sentence: %+v, want 50 frames, complete", played)
	}
	h.do(floor.Bridge{Caller: in.CallerLeg, Agent: "agent-leg", Grant: h.grant(t, rivage.ActLeg, "agent-leg")},
		floor.Record{Caller: in.CallerLeg, Agent: "agent-leg", Interaction: "i", Principal: "client", Subject: "s", Object: "sound",
			Grant: h.grant(t, rivage.ActRecord, "sound")})
	talked(t, h, "sound", 3*time.Second)
	caller.say("sndcode", "5")
	if got := want[floor.Digit](t, h.floor); got.Leg != in.CallerLeg || got.Digit != '5' {
		t.Errorf("digit: %+v", got)
	}
	h.do(floor.Unbridge{Caller: in.CallerLeg, Agent: "agent-leg"}, floor.Play{Leg: in.CallerLeg, Play: "music", Audio: music, Loop: true})
	talked(t, h, "sound", 5*time.Second)
	h.do(floor.StopRecording{Object: "sound"}, floor.EndLeg{Leg: in.CallerLeg, Cause: "bye"}, floor.EndLeg{Leg: "agent-leg", Cause: "bye"})
	if got := want[floor.RecordingEnded](t, h.floor).Facts; got.Outcome != "complete" || got.Seconds < 5 || got.Dropped > 25 { // a busy machine may bring a frame too late for its second
		t.Errorf("recording: %+v", got)
	}
	for range 2 {
		if m := want[floor.LegMeasured](t, h.floor).Facts; m.In == 0 || m.Out == 0 || m.Lost > 2 || m.Strangers > 5 { // what came before the answer was read
			t.Errorf("leg measured: %+v", m)
		}
	}
	heard := caller.heard(t)
	for hz, least := range map[float64]time.Duration{1000: 500 * time.Millisecond, 700: time.Second, 1500: 500 * time.Millisecond} {
		if got := longest(heard, hz); got < least {
			t.Errorf("the caller heard %v of %v Hz, want %v", got, hz, least)
		}
	}
	if got := longest(agent.heard(t), 440); got < time.Second {
		t.Errorf("the agent heard %v of the caller", got)
	}
	for n, hz := range []float64{440, 700} {
		if got := longest(h.memory.channel("sound", n), hz); got < time.Second {
			t.Errorf("channel %d holds %v of %v Hz", n, got, hz)
		}
		other := []float64{700, 440}[n]
		if got := longest(h.memory.channel("sound", n), other); got > 0 {
			t.Errorf("channel %d holds %v of the other party", n, got)
		}
	}
}

// talked waits until so much of a recording was captured.
func talked(t *testing.T, h *house, object rivage.ID, d time.Duration) {
	t.Helper()
	eventually(t, "talk", func() bool { return h.memory.length(object) >= d })
}
