// SPDX-License-Identifier: EUPL-1.2

// Package flow runs what happens to an interaction before an agent answers: announcements, then a queue.
package flow

import (
	"fmt"

	"rivage.example/rivage"
)

// The steps a flow may take.
const (
	Announce = "announce" // play Prompt to its end
	Queue    = "queue"    // wait in Queue; always the last step
)

// MaxSteps bounds a flow.
const MaxSteps = 50

// Validate says why a flow cannot run: it must end in exactly one queue, and name what each step needs.
func Validate(f *rivage.Flow) error {
	if len(f.Steps) == 0 || len(f.Steps) > MaxSteps {
		return fmt.Errorf("flow %q: %d steps, between 1 and %d", f.ID, len(f.Steps), MaxSteps)
	}
	for i, s := range f.Steps {
		last := i == len(f.Steps)-1
		switch {
		case s.Do == Announce && s.Prompt == "":
			return fmt.Errorf("flow %q, step %d: an announcement names its prompt", f.ID, i+1)
		case s.Do == Queue && s.Queue == "":
			return fmt.Errorf("flow %q, step %d: the queue is not named", f.ID, i+1)
		case s.Do != Announce && s.Do != Queue:
			return fmt.Errorf("flow %q, step %d: %q is not a step (announce, queue)", f.ID, i+1, s.Do)
		case last != (s.Do == Queue):
			return fmt.Errorf("flow %q, step %d: a flow ends in a queue, and only there", f.ID, i+1)
		}
	}
	return nil
}

// QueueOf is the queue a flow ends in, "" for a flow that does not validate.
func QueueOf(f *rivage.Flow) rivage.ID {
	if len(f.Steps) == 0 {
		return ""
	}
	return f.Steps[len(f.Steps)-1].Queue
}

// Run is where one interaction stands in the version of the flow it began with.
type Run struct {
	flow *rivage.Flow
	next int
}

// Start begins a flow.
func Start(f *rivage.Flow) Run { return Run{flow: f} }

// Next is the step to take now; false when the flow is over.
func (r *Run) Next() (rivage.Step, bool) {
	if r.flow == nil || r.next >= len(r.flow.Steps) {
		return rivage.Step{}, false
	}
	r.next++
	return r.flow.Steps[r.next-1], true
}
