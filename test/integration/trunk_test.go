// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// A trunk over TCP that is added while the instance serves is reached by the next call out: what leaves is declared by
// the settings in force, and needs no restart.
func TestTrunkAddedWhileServingIsReachedOverTCP(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	s := settings{
		accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)},
		edits:    map[string][2]string{"trunks/boucle.toml": {"127.0.0.0/8", "127.0.0.0/16"}},
	}
	i := install(t, setup{settings: s})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)
	board := sup.board(t)

	far, err := net.Listen("tcp", "127.9.9.9:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close() //nolint:errcheck // nothing to lose
	s.accounts[1].uri, s.accounts[1].trunk = fmt.Sprintf("sip:poste@%s;transport=tcp", far.Addr()), "loin"
	s.files = map[string]string{"trunks/loin.toml": `name = "Loin"
provider = "boucle-locale"
networks = ["127.9.0.0/16"]
media = ["127.9.0.0/16"]
transport = "tcp"
max_calls = 10
country = "FR"
[declared]
purpose = "service"
classes = ["suivi"]
basis = "essai"
from = "2026-01-01"
until = "2099-12-31"
`}
	s.edits["queues/colis.toml"] = [2]string{"Suivi de colis", "Suivi par TCP"}
	i.rivage(t, "config", "apply", s.write(t))
	board(t, []byte("Suivi par TCP")) // in force

	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	_ = far.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	c, err := far.Accept()
	if err != nil {
		t.Fatalf("nobody called the device over TCP: %v", err)
	}
	defer c.Close() //nolint:errcheck // nothing to lose
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.HasPrefix(line, "INVITE sip:poste@127.9.9.9:") {
		t.Errorf("the device is sent %q, %v", line, err)
	}
	caller.hangUp()
	i.process.stop(t)
	i.check(t)
}
