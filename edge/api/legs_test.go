// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
)

// post sends a description as the agent, through a host name.
func (b *bench) post(t *testing.T, host, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", b.URL+path, strings.NewReader(`{"sdp":"v=0"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: plainCookie, Value: "agent.colis"})
	res, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestADeskConnectsThePendingOffer(t *testing.T) {
	b := newBench(t)
	b.store.agents["ana"] = rivage.AgentRow{Agent: "ana", State: rivage.AgentOffered, Offer: "o1", Interaction: "i-colis"}
	b.store.set("i-colis", func(r *rivage.InteractionRow) {
		r.State, r.Agent, r.Offer, r.AgentLeg = rivage.Offered, "ana", "o1", "l1"
	})
	if code, text := b.post(t, "localhost", "/api/offers/o1/leg"); code != 200 || text != `{"leg":"l1","sdp":"v=0 answer"}`+"\n" {
		t.Errorf("got %d %s, want the leg and an answer", code, text)
	}
	if code, text := b.post(t, "192.0.2.1", "/api/offers/o1/leg"); code != 403 || !strings.Contains(text, "secure_required") {
		t.Errorf("on an insecure origin: got %d %s, want 403 secure_required", code, text)
	}
	if code, _ := b.post(t, "localhost", "/api/offers/o2/leg"); code != 404 {
		t.Errorf("another offer: got %d, want 404", code)
	}
}

func TestADeskComesBackToItsCallOnANewLeg(t *testing.T) {
	b := newBench(t)
	b.store.set("i-colis", func(r *rivage.InteractionRow) { r.State, r.Agent, r.AnsweredAt = rivage.Parked, "ana", 1 })
	if code, text := b.post(t, "localhost", "/api/interactions/i-colis/leg"); code != 200 {
		t.Fatalf("got %d %s", code, text)
	}
	c, ok := (<-b.floor.said).(floor.Rejoin)
	if !ok || c.Agent != "ana" || c.Interaction != "i-colis" || c.Leg == "" {
		t.Errorf("got %+v, want a rejoin on a new leg", c)
	}
	b.floor.fail(&rivage.Error{Code: rivage.Conflict})
	if code, _ := b.post(t, "localhost", "/api/interactions/i-colis/leg"); code != 409 {
		t.Errorf("refused by the floor: got %d, want 409", code)
	}
}

func TestOnlyTheDemosNumbersAreCalled(t *testing.T) {
	b := newBench(t)
	if code, _ := b.post(t, "localhost", "/api/demo/calls"); code != 422 {
		t.Errorf("without a number: got %d, want 422", code)
	}
	res, _ := b.ask(t, "", "POST", "/api/demo/calls", `{"number":"+33899000000","sdp":"v=0"}`)
	if res.StatusCode != 404 {
		t.Errorf("another number: got %d, want 404", res.StatusCode)
	}
	b.s.c.Demo = nil
	for _, c := range [][2]string{{"GET", "/api/demo"}, {"DELETE", "/api/demo/calls/leg-of-the-demo-caller"}} {
		if res, _ := b.ask(t, "", c[0], c[1], ""); res.StatusCode != 404 {
			t.Errorf("%v outside a demo: got %d, want 404", c, res.StatusCode)
		}
	}
}
