// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mediaPorts are those of every instance's sound.
var mediaPorts = [2]int{10000, 31999}

// instance is an installation made for a run, and the process that serves it.
type instance struct {
	dir   string
	https string // address and port
	sip   string
	links map[string]string // login → token of the invitation

	cmd  *exec.Cmd
	log  *os.File
	gone chan error // the end of the process
}

// install makes an instance as an operator does: init, rivage.toml, config apply. The journal, the recordings and the
// keys lie in its folder, which must be on a disk for durable to mean something.
func install(ctx context.Context, o options, s settings) (*instance, error) {
	i := &instance{dir: filepath.Join(o.dir, "instance"), links: map[string]string{}}
	var err error
	if i.https, err = freePort("tcp"); err == nil {
		i.sip, err = freePort("udp")
	}
	if err != nil {
		return nil, err
	}
	if err := command(ctx, o.program, "init", i.dir, "--organisation", "Mesure", "--login", "direction", "--name", "Direction",
		"--key-copy", filepath.Join(o.dir, "key-copy")); err != nil {
		return nil, err
	}
	if err := i.configure(); err != nil {
		return nil, err
	}
	folder, links := filepath.Join(o.dir, "settings"), filepath.Join(o.dir, "links")
	if err := s.write(folder); err != nil {
		return nil, err
	}
	if err := command(ctx, o.program, "config", "apply", folder, "--dir", i.dir, "--invitations", links); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(links)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		login, url, _ := strings.Cut(strings.TrimSpace(line), "\t")
		_, i.links[login], _ = strings.Cut(url, "invitation=")
	}
	return i, nil
}

// configure writes this run's addresses into rivage.toml. Pages go without TLS, so that its handshakes are not measured.
func (i *instance) configure() error {
	path := filepath.Join(i.dir, "rivage.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	values := map[string]string{
		"https.listen": strconv.Quote(i.https), "https.plain": "true", "sip.udp": strconv.Quote(i.sip), "sip.tcp": strconv.Quote(i.sip),
		"media.ports": fmt.Sprintf("[%d, %d]", mediaPorts[0], mediaPorts[1]), "media.browser": `"127.0.0.1:0"`,
	}
	var out bytes.Buffer
	section := ""
	for line := range strings.Lines(string(text)) {
		if s := strings.TrimSpace(line); strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			section = strings.Trim(s, "[]") + "."
		}
		key, _, _ := strings.Cut(line, " = ")
		if value, ok := values[section+key]; ok {
			line = key + " = " + value + "\n"
			delete(values, section+key)
		}
		out.WriteString(line)
	}
	if len(values) > 0 {
		return fmt.Errorf("%s lacks %v", path, values)
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}

// serve starts the process and waits until its pages answer.
func (i *instance) serve(ctx context.Context, program string) error {
	var err error
	if i.log, err = os.OpenFile(filepath.Join(i.dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	i.cmd, i.gone = exec.Command(program, "serve", "--dir", i.dir), make(chan error, 1)
	i.cmd.Stderr = i.log
	if err := i.cmd.Start(); err != nil {
		return err
	}
	go func() { i.gone <- i.cmd.Wait() }()
	return wait(ctx, 30*time.Second, "rivage listens", func() bool {
		c, err := net.Dial("tcp", i.https)
		return err == nil && c.Close() == nil
	})
}

// again starts the process anew, with the same desks: what their passwords took of memory is gone with the old one.
func (i *instance) again(ctx context.Context, program string, d *desks) error {
	agents, turns := d.ready.Load(), d.turns.Load()
	if err := errors.Join(i.stop(), i.serve(ctx, program)); err != nil {
		return err
	}
	return wait(ctx, 2*time.Minute, "all desks are back and ready", func() bool {
		return d.turns.Load() >= turns+agents && d.ready.Load() >= agents
	})
}

// stop ends the process in order, and at last without.
func (i *instance) stop() error {
	defer i.log.Close() //nolint:errcheck // written by the process
	if err := i.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-i.gone:
		return err
	case <-time.After(20 * time.Second):
		_ = i.cmd.Process.Kill() // it may be gone by now
		return errors.Join(errors.New("rivage did not drain within 20 s"), <-i.gone)
	}
}

// command runs a program, whose words are of use only when it fails.
func command(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), args[0], err, out)
	}
	return nil
}

// freePort is a loopback address that nobody uses at this moment.
func freePort(network string) (string, error) {
	var c io.Closer
	var at net.Addr
	if network == "tcp" {
		l, err := net.Listen(network, "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		c, at = l, l.Addr()
	} else {
		l, err := net.ListenPacket(network, "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		c, at = l, l.LocalAddr()
	}
	return at.String(), c.Close()
}

// wait looks again and again until something holds.
func wait(ctx context.Context, most time.Duration, what string, holds func() bool) error {
	end := time.After(most)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-end:
			return fmt.Errorf("after %s still not so: %s", most, what)
		case <-tick.C:
		}
	}
	return nil
}
