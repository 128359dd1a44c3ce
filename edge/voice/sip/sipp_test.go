// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rivage.example/rivage"
)

// sipp starts a scenario of testdata/sipp and returns its end.
func sipp(t *testing.T, scenario string, args ...string) func() {
	t.Helper()
	program, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("sipp is not installed: apt-get install sip-tester")
	}
	file, err := filepath.Abs(filepath.Join("testdata", "sipp", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args = append([]string{"-sf", file, "-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "8s", "-timeout_error", "-trace_err", "-error_file", "errors"}, args...)
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := cmd.Wait(); err != nil {
			said, _ := os.ReadFile(filepath.Join(dir, "errors"))
			t.Errorf("sipp %s: %v\n%s", scenario, err, said)
		}
	}
}

func TestSippCallers(t *testing.T) {
	for _, c := range []struct {
		scenario, transport string
		change              func(*Config)
		take                func(*answering, *Incoming)
		want                string
	}{
		{scenario: "caller_basic", transport: "u1", want: "confirmed ended:remote:bye"},
		{scenario: "caller_basic", transport: "t1", want: "confirmed ended:remote:bye"},
		{scenario: "caller_lost_ack", transport: "u1", want: "ended:local:no_ack"},
		{scenario: "caller_cancel", transport: "u1", want: "ended:remote:cancel",
			take: func(a *answering, in *Incoming) { in.Handle(&a.log); in.Ring() }},
		{scenario: "caller_late_offer", transport: "u1", want: "answered confirmed ended:remote:bye"},
		{scenario: "caller_refused", transport: "u1",
			take: func(_ *answering, in *Incoming) { in.Reject(404, 0) }},
		{scenario: "caller_digest", transport: "u1", want: "confirmed ended:remote:bye", change: func(c *Config) {
			d := digestConfig(nil)
			c.Settings, c.Secret = d.Settings, d.Secret
		}},
	} {
		t.Run(c.scenario+" "+c.transport, func(t *testing.T) {
			a := &answering{}
			cfg := Config{OnInvite: a.take}
			if c.take != nil {
				cfg.OnInvite = func(in *Incoming) { c.take(a, in) }
			}
			if c.change != nil {
				c.change(&cfg)
			}
			s := open(t, cfg)
			to := s.UDPAddr()
			if c.transport == "t1" {
				to = s.TCPAddr()
			}
			sipp(t, c.scenario, to.String(), "-s", "+33298000001", "-t", c.transport)()
			a.heard(t, c.want)
		})
	}
}

// freePort is a UDP port for a program that cannot be told to take any.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestSippAgents(t *testing.T) {
	for _, c := range []struct {
		scenario string
		then     func(*testing.T, *Dialog, *log)
		want     string
	}{
		{"agent_basic", func(t *testing.T, d *Dialog, l *log) {
			l.heard(t, "answered confirmed")
			d.HangUp()
		}, "answered confirmed ended:local:bye"},
		{"agent_no_sdp", nil, "ended:local:error"},
		{"agent_busy", nil, "ended:remote:busy"},
		{"agent_hangs_up", nil, "answered confirmed ended:remote:bye"},
		{"agent_cancelled", func(t *testing.T, d *Dialog, l *log) {
			l.heard(t, "ringing")
			d.HangUp()
		}, "ringing ended:local:cancel"},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			s := open(t, Config{})
			at := freePort(t)
			end := sipp(t, c.scenario, "-p", strconv.Itoa(int(at.Port())), "-t", "u1")
			wait(t, "sipp to listen", func() bool { return listening(at.Port()) })
			l := &log{deaf: c.scenario != "agent_cancelled"}
			d, err := s.Dial(Target{URI: "sip:agent@" + at.String(), Trunk: s.cfg.Settings().Trunks["trunk"]}, rivage.Phone(""), []byte(testSDP), l)
			if err != nil {
				t.Fatal(err)
			}
			if c.then != nil {
				c.then(t, d, l)
			}
			end()
			l.heard(t, c.want)
		})
	}
}

// listening says whether somebody holds a UDP port, by the kernel's table.
func listening(port uint16) bool {
	b, err := os.ReadFile("/proc/net/udp")
	return err == nil && strings.Contains(strings.ToUpper(string(b)), ":"+strings.ToUpper(strconv.FormatUint(uint64(port)|1<<16, 16)[1:])+" ")
}
