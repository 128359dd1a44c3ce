// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"rivage.example/rivage"
)

// Dakar has a dossier on its way: a call that waits is not offered to the agent who is ready there, until somebody who is
// signed in decides and the client organisation accepted. Taken back, it is closed again.
func TestASiteOpensOnceItsDossierSaysSo(t *testing.T) {
	t.Parallel()
	dakar := newPost(t, loopback, "dakar-1", seat("dakar", 1))
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), {login: "dpo", roles: roleDPO, site: "brest"}, dakar.account("dakar", `["colis"]`),
	}}})
	i.serve(t)
	sup, dpo := i.enrol(t, "sup", seat("brest", 200)), i.enrol(t, "dpo", seat("brest", 201))
	dakar.open(t, i)
	caller, second := newPhone(t, loopback, i.sip, toneCaller), newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	until(t, "the call waits", func() bool { return len(sup.interactions(t, "&state=queued")) == 1 })
	dakar.is(t, rivage.AgentReady)
	if list := sup.interactions(t, ""); len(sup.detail(t, list[0].ID).Offers) != 0 {
		t.Fatal("a call was offered where nobody decided")
	}

	dpo.decide(t, "dakar", func(o *rivage.Opening) {
		o.Opinions[2] = rivage.Opinion{Of: "RSSI", Opinion: rivage.OpinionFavourable, On: "2026-01-20", Reference: "Note 1"}
		c := &o.Clients[0]
		c.Answer, c.AnsweredOn, c.Reference = rivage.ClientAccepted, "2026-01-20", "Courrier 4"
		o.Decision = &rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai."}
	})
	caller.sound.hears(t, "the caller hears Dakar", toneAgent)
	caller.hangUp()
	dakar.is(t, rivage.AgentWrapUp)

	dpo.decide(t, "dakar", func(o *rivage.Opening) { o.Decision = &rivage.OpeningDecision{Verdict: rivage.NoGo, Reason: "Fin."} })
	dakar.dispose(t)
	dakar.is(t, rivage.AgentReady)
	second.dial(numberParcels, fiction(2))
	second.answers(t, "the second caller")
	until(t, "the second call waits", func() bool { return len(sup.interactions(t, "&state=queued")) == 1 })
	dakar.is(t, rivage.AgentReady)
	second.hangUp()
	i.process.stop(t)
	i.check(t)
	if out := i.rivage(t, "policy", "prove", "--dir", i.dir); !strings.Contains(out, " : 0 jambes") || strings.Contains(out, "rejouées 0 ") {
		t.Errorf("prove: %s", out)
	}
}

// decide edits the dossier of a site and writes it as its screen does.
func (p *person) decide(t testing.TB, site string, edit func(*rivage.Opening)) {
	t.Helper()
	var list struct {
		Items []struct {
			ID      string
			Version int64
			Doc     rivage.Opening
		}
	}
	p.get(t, "/api/settings/opening", &list)
	for _, item := range list.Items {
		if item.ID != site {
			continue
		}
		edit(&item.Doc)
		text, err := json.Marshal(item.Doc)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, p.i.base+"/api/settings/opening/"+site, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("If-Match", strconv.Quote(strconv.FormatInt(item.Version, 10)))
		resp, err := p.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // read only
		if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("decide: %d %s %v", resp.StatusCode, answer, err)
		}
		return
	}
	t.Fatalf("there is no dossier of %s", site)
}
