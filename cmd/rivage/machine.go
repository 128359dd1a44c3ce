// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"rivage.example/rivage"
)

// machineFile is the file of an instance's folder that says what the machine needs. What people set is in the journal.
const machineFile = "rivage.toml"

// machine is rivage.toml. Paths are relative to the folder of the file.
type machine struct {
	dir string

	Organisation string       `toml:"organisation" comment:"Name of the organisation that runs this instance, as screens show it."`
	Origin       string       `toml:"origin" comment:"Name of this journal in its checkpoints; it never changes."`
	Zone         string       `toml:"zone" comment:"IANA time zone of the day's figures."`
	Data         string       `toml:"data" comment:"Folder of the journal, the recordings and the published tiles."`
	Keys         string       `toml:"keys" comment:"Folder of the keys, outside the data folder. Back it up apart: without it nothing sealed can be read."`
	Database     string       `toml:"database" comment:"Empty: SQLite in the data folder. Else a PostgreSQL URL, postgres://user@host/name."`
	HTTPS        httpsMachine `toml:"https" comment:"The apps and the API."`
	SIP          sipMachine   `toml:"sip" comment:"Signalling of the trunks and of fixed devices."`
	Media        mediaMachine `toml:"media" comment:"Sound."`
}

type httpsMachine struct {
	Listen      string   `toml:"listen" comment:"Address and port."`
	Plain       bool     `toml:"plain" comment:"HTTP without TLS: on a loopback address only."`
	Certificate string   `toml:"certificate" comment:"The organisation's certificate chain, PEM, read again when it changes. Empty: the local authority that init made."`
	Key         string   `toml:"key" comment:"Its private key, PEM."`
	Hosts       []string `toml:"hosts" comment:"Names and addresses the local authority vouches for."`
}

type sipMachine struct {
	UDP      string `toml:"udp" comment:"Address and port; empty for none."`
	TCP      string `toml:"tcp" comment:"Address and port; empty for none."`
	External string `toml:"external" comment:"Address that trunks see, when it is not the one listened on."`
}

type mediaMachine struct {
	Address string `toml:"address" comment:"Local address of RTP."`
	Ports   [2]int `toml:"ports" comment:"First and last port of RTP; each leg takes an even one and the next."`
	Browser string `toml:"browser" comment:"Address and UDP port of all browsers' sound."`
}

// defaultMachine is a machine that serves its own loopback only: nothing is open before somebody opened it.
func defaultMachine() machine {
	return machine{
		Organisation: "Mon organisation", Origin: "rivage.example/journal", Zone: "Europe/Paris", Data: "data", Keys: "keys",
		HTTPS: httpsMachine{Listen: "127.0.0.1:8443", Hosts: []string{"localhost", "127.0.0.1"}},
		SIP:   sipMachine{UDP: "127.0.0.1:5060", TCP: "127.0.0.1:5060"},
		Media: mediaMachine{Address: "127.0.0.1", Ports: [2]int{16000, 23999}, Browser: "127.0.0.1:24000"},
	}
}

// readMachine reads an instance's rivage.toml. An unknown key or a wrong type names its line.
func readMachine(dir string) (machine, error) {
	path := filepath.Join(dir, machineFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return machine{}, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("%s: no such file; make an instance with: rivage init %s", path, dir)}
	}
	if err != nil {
		return machine{}, fmt.Errorf("read configuration: %w", err)
	}
	m := defaultMachine()
	m.dir = dir
	d := toml.NewDecoder(strings.NewReader(string(text))).DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return machine{}, &rivage.Error{Code: rivage.Invalid, Message: path + ": " + tomlError(err)}
	}
	if err := m.check(); err != nil {
		return machine{}, &rivage.Error{Code: rivage.Invalid, Message: path, Err: err}
	}
	return m, nil
}

// tomlError says the line and what is wrong there.
func tomlError(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Sprintf("line %d: %q is not a key of this file", row, strings.Join(strict.Errors[0].Key(), "."))
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		row, _ := decode.Position()
		return fmt.Sprintf("line %d: %s", row, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return err.Error()
}

// check finds what a file of the right shape still cannot say.
func (m *machine) check() error {
	if _, err := time.LoadLocation(m.Zone); err != nil {
		return fmt.Errorf("zone: %q is not an IANA time zone such as Europe/Paris", m.Zone)
	}
	for _, a := range []struct{ key, value string }{
		{"https.listen", m.HTTPS.Listen}, {"sip.udp", m.SIP.UDP}, {"sip.tcp", m.SIP.TCP}, {"media.browser", m.Media.Browser},
	} {
		if _, err := netip.ParseAddrPort(a.value); err != nil && a.value != "" {
			return fmt.Errorf("%s: %q is not an address and port such as 192.0.2.1:5060", a.key, a.value)
		}
	}
	if _, err := netip.ParseAddr(m.Media.Address); err != nil {
		return fmt.Errorf("media.address: %q is not an address", m.Media.Address)
	}
	if p := m.Media.Ports; p[0] < 1024 || p[1] > 65535 || p[1]-p[0] < 3 {
		return fmt.Errorf("media.ports: [%d, %d] is not a range of ports between 1024 and 65535", p[0], p[1])
	}
	if m.HTTPS.Plain && !loopback(m.HTTPS.Listen) {
		return fmt.Errorf("https.plain: HTTP without TLS is for a loopback address, %s is not one", m.HTTPS.Listen)
	}
	if (m.HTTPS.Certificate == "") != (m.HTTPS.Key == "") {
		return errors.New("https: certificate and key go together")
	}
	return nil
}

// soundMachine is where sound goes, read.
type soundMachine struct {
	external, address netip.Addr
	ports             [2]uint16
	browser           netip.AddrPort
}

func (m *machine) sound() (s soundMachine, err error) {
	if s.address, err = netip.ParseAddr(m.Media.Address); err != nil {
		return s, fmt.Errorf("media.address: %w", err)
	}
	if s.browser, err = netip.ParseAddrPort(m.Media.Browser); err != nil {
		return s, fmt.Errorf("media.browser: %w", err)
	}
	if m.SIP.External != "" {
		if s.external, err = netip.ParseAddr(m.SIP.External); err != nil {
			return s, fmt.Errorf("sip.external: %w", err)
		}
	}
	s.ports = [2]uint16{uint16(m.Media.Ports[0]), uint16(m.Media.Ports[1])}
	return s, nil
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	addr, err2 := netip.ParseAddr(host)
	return err == nil && err2 == nil && addr.IsLoopback()
}

// url is where browsers find the apps.
func (m *machine) url() string {
	scheme := "https://"
	if m.HTTPS.Plain {
		scheme = "http://"
	}
	if len(m.HTTPS.Hosts) > 0 {
		_, port, _ := net.SplitHostPort(m.HTTPS.Listen)
		return scheme + net.JoinHostPort(m.HTTPS.Hosts[0], port)
	}
	return scheme + m.HTTPS.Listen
}

// path is a path of the file, from the folder it stands in.
func (m *machine) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(m.dir, p)
}

func (m *machine) data(elem ...string) string {
	return filepath.Join(append([]string{m.path(m.Data)}, elem...)...)
}

func (m *machine) key(name string) string { return filepath.Join(m.path(m.Keys), name) }

// text is the annotated file.
func (m *machine) text() ([]byte, error) { return toml.Marshal(*m) }
