// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed sipp/*.xml
var scenarios embed.FS

// peer is a running sipp.
type peer struct {
	cmd  *exec.Cmd
	stat string     // file of its counters
	gone chan error // its end, and then closed
}

// sippEnd is what a sipp did.
type sippEnd struct {
	good, bad int
	cpu       time.Duration // its own
}

// startPhones answers for all agents at one address, at once or after ringing for a while.
func startPhones(dir, at string, sound net.Addr, rings time.Duration) (*peer, error) {
	if rings == 0 {
		return startSipp(dir, "agent", at, sound)
	}
	return startSipp(dir, "slow", at, sound, "-d", strconv.FormatInt(rings.Milliseconds(), 10))
}

// arrivals say how calls come.
type arrivals struct {
	rate, calls int           // per second, altogether
	stay        time.Duration // from the answer
}

// arrivals are those of the flags, each caller of whom stays for some time.
func (o options) arrivals(stay time.Duration) arrivals {
	return arrivals{rate: o.rate, calls: int(float64(o.rate) * o.lasts.Seconds()), stay: stay}
}

// startCallers calls the number.
func startCallers(dir, target string, sound net.Addr, a arrivals) (*peer, error) {
	from, err := freePort("udp")
	if err != nil {
		return nil, err
	}
	return startSipp(dir, "caller", from, sound, target, "-s", number, "-r", strconv.Itoa(a.rate), "-m", strconv.Itoa(a.calls),
		"-l", "10000", "-d", strconv.FormatInt(a.stay.Milliseconds(), 10))
}

func startSipp(dir, scenario, at string, sound net.Addr, more ...string) (*peer, error) {
	text, err := scenarios.ReadFile("sipp/" + scenario + ".xml")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, scenario+".xml")
	if err := put(file, text); err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(at)
	_, media, _ := net.SplitHostPort(sound.String())
	p := &peer{stat: filepath.Join(dir, scenario+".csv"), gone: make(chan error, 1)}
	p.cmd = exec.Command("sipp", append([]string{
		"-sf", file, "-i", host, "-p", port, "-mi", host, "-key", "sound", media, "-nostdin", "-trace_stat", "-stf", p.stat, "-fd", "1",
		"-trace_err", "-error_file", filepath.Join(dir, scenario+".errors"), "-buff_size", "4194304",
	}, more...)...)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start sipp (Debian package sip-tester): %w", err)
	}
	go func() {
		defer close(p.gone)
		p.gone <- p.cmd.Wait()
	}()
	return p, nil
}

// wait lets sipp end by itself, looking at something meanwhile.
func (p *peer) wait(ctx context.Context, look func()) (sippEnd, error) {
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case err := <-p.gone:
			var failed *exec.ExitError
			if err != nil && !errors.As(err, &failed) { // calls that failed are counted, not an error
				return sippEnd{}, err
			}
			return p.result(), nil
		case <-ctx.Done():
			return sippEnd{}, errors.Join(ctx.Err(), p.kill())
		case <-every.C:
			look()
		}
	}
}

// end stops a sipp that would go on for ever.
func (p *peer) end() sippEnd {
	_ = p.leave() // what it counted matters more
	return p.result()
}

// leave stops one that may have ended by itself.
func (p *peer) leave() error {
	if err := p.kill(); !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

func (p *peer) kill() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.gone
	return err
}

// result reads what it did, once it has ended.
func (p *peer) result() sippEnd {
	e := sippEnd{cpu: p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()}
	text, err := os.ReadFile(p.stat)
	if err != nil {
		return e
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	last := strings.Split(lines[len(lines)-1], ";")
	for k, name := range strings.Split(lines[0], ";") {
		if k >= len(last) {
			break
		}
		n, err := strconv.Atoi(last[k])
		if err != nil {
			continue
		}
		switch name {
		case "SuccessfulCall(C)":
			e.good = n
		case "FailedCall(C)":
			e.bad = n
		}
	}
	return e
}

// listenSound is a port for sound that nobody listens to: what comes is dropped by the kernel.
func listenSound() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") }
