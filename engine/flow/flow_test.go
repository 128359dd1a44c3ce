// SPDX-License-Identifier: EUPL-1.2

package flow

import (
	"strings"
	"testing"

	"rivage.example/rivage"
)

func TestValidate(t *testing.T) {
	announce := rivage.Step{Do: Announce, Prompt: "hello"}
	queue := rivage.Step{Do: Queue, Queue: "parcels"}
	for _, c := range []struct {
		name  string
		steps []rivage.Step
		want  string // "" passes
	}{
		{"announce then queue", []rivage.Step{announce, queue}, ""},
		{"queue alone", []rivage.Step{queue}, ""},
		{"empty", nil, "0 steps"},
		{"too long", make([]rivage.Step, MaxSteps+1), "51 steps"},
		{"no queue", []rivage.Step{announce}, "ends in a queue"},
		{"queue before the end", []rivage.Step{queue, announce}, "ends in a queue"},
		{"two queues", []rivage.Step{queue, queue}, "ends in a queue"},
		{"nameless prompt", []rivage.Step{{Do: Announce}, queue}, "names its prompt"},
		{"nameless queue", []rivage.Step{{Do: Queue}}, "not named"},
		{"unknown step", []rivage.Step{{Do: "dance"}, queue}, "not a step"},
	} {
		err := Validate(&rivage.Flow{ID: "f", Steps: c.steps})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestRunTakesEachStepOnce(t *testing.T) {
	f := &rivage.Flow{Steps: []rivage.Step{{Do: Announce, Prompt: "a"}, {Do: Announce, Prompt: "b"}, {Do: Queue, Queue: "q"}}}
	r, got := Start(f), ""
	for s, ok := r.Next(); ok; s, ok = r.Next() {
		got += s.Do + ":" + string(s.Prompt+s.Queue) + " "
	}
	if want := "announce:a announce:b queue:q "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := QueueOf(f); got != "q" {
		t.Errorf("queue of the flow: got %q, want q", got)
	}
}
