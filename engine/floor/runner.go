// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
)

// Journal takes appends in the order in which they are submitted. done is called once each, after the append is
// durable or refused, never from within Submit.
type Journal interface {
	Submit(a rivage.Append, done func(rivage.Receipt, error))
}

// People finds who a number belongs to within one Principal.
type People interface {
	Match(ctx context.Context, principal rivage.ID, caller rivage.Phone) (Who, error)
}

// Who is somebody known; Person and Subject are "" for somebody new.
type Who struct {
	Person, Subject rivage.ID
	Others          []rivage.ID // persons that are one with Person by merges: what they are owed, it is owed
}

// Clock is what the Runner waits on.
type Clock interface {
	rivage.Clock
	// After gives one tick once d has passed.
	After(d time.Duration) <-chan time.Time
}

// Config is what a Runner needs. All of it is required but Fence and Logger.
type Config struct {
	State   *State
	Journal Journal
	People  People
	Execute func([]Effect) // carries effects out, in order; it must not block
	Clock   Clock
	Fence   []rivage.LeaseEpoch // stated in each append: a paused process that wakes up late is refused
	Alarm   func(down bool)     // the journal went down, or came back
	Logger  *slog.Logger
}

// The Runner's limits.
const (
	probeEvery  = time.Second // with the journal down
	maxKept     = 100_000     // appends kept in memory meanwhile
	maxAnswers  = 10_000      // command ids remembered
	matchLookup = 2 * time.Second
)

// Runner is the loop around a State: commands in, appends to the journal, effects out once they are durable. State is
// touched by the loop's goroutine alone.
type Runner struct {
	Config
	mail   mailbox
	busy   atomic.Bool                     // as of the loop's last turn
	closed atomic.Bool                     // to new calls, as of the same
	unread atomic.Pointer[map[string]bool] // sounds that could not be had, as of the same

	// Owned by the loop.
	pending []*outcome // submitted and not answered, or kept with the journal down; in order
	down    bool
	probeAt time.Duration       // when the journal is tried next
	answers map[string]*outcome // by command id
	order   []string            // of answers, oldest first
}

// outcome is one step on its way to the journal.
type outcome struct {
	result  Result
	append  rivage.Append
	asked   []chan<- reply // who waits for the answer
	sent    bool           // submitted, answer pending
	durable bool
	done    bool // effects released
	receipt rivage.Receipt
	err     error
}

type reply struct {
	seq rivage.Seq
	err error
}

// request is what comes through the mailbox.
type request struct {
	command Command
	id      string
	answer  chan<- reply
	settled *outcome // an append came back
	receipt rivage.Receipt
	err     error
}

// NewRunner makes a Runner; Run starts it.
func NewRunner(c Config) *Runner {
	return &Runner{Config: c, mail: newMailbox(), answers: map[string]*outcome{}}
}

// Post hands a command over and does not wait. It never blocks.
func (r *Runner) Post(c Command) { r.mail.put(request{command: c}) }

// Do hands a command over and waits until what it led to is durable, or refused. A repeated id gets the first answer.
func (r *Runner) Do(ctx context.Context, id string, c Command) (rivage.Seq, error) {
	answer := make(chan reply, 1)
	r.mail.put(request{command: c, id: id, answer: answer})
	select {
	case a := <-answer:
		return a.seq, a.err
	case <-ctx.Done():
		return 0, &rivage.Error{Code: rivage.Unavailable, Message: "the journal has not answered yet", Err: ctx.Err()}
	}
}

// Run takes what a process before left, then works until ctx ends; it returns once everything submitted is answered.
func (r *Runner) Run(ctx context.Context, k Kept) {
	r.hand(r.State.Recover(r.moment(), k), "", nil)
	for {
		r.busy.Store(r.State.Busy())
		r.closed.Store(r.State.closed())
		unread := r.State.unread
		r.unread.Store(&unread)
		wait := r.next()
		select {
		case <-r.mail.ready:
			for _, q := range r.mail.take() {
				r.handle(ctx, q)
			}
			r.matchAll()
		case <-wait:
			r.timers()
		case <-ctx.Done():
			r.hand(r.State.Goodbye(r.moment()), "", nil)
			r.drain()
			return
		}
	}
}

// Busy says whether a call is alive: what a drain waits for.
func (r *Runner) Busy() bool { return r.busy.Load() }

// RetryAfter is how many seconds a new call is told to wait, 0 when calls are welcome. An edge asks before it spends
// anything on a call; one that comes in between is refused by the floor itself.
func (r *Runner) RetryAfter() int {
	if r.closed.Load() {
		return retryAfter
	}
	return 0
}

// Unread says whether a sound could not be had when a caller was to hear where an agent sits.
func (r *Runner) Unread(audio string) bool {
	unread := r.unread.Load()
	return unread != nil && (*unread)[audio]
}

// next is when the loop must wake up by itself: for a timer, or to try the journal again.
func (r *Runner) next() <-chan time.Time {
	at, ok := r.State.Deadline()
	if r.down && (!ok || r.probeAt < at) {
		at, ok = r.probeAt, true
	}
	if !ok {
		return nil
	}
	return r.Clock.After(max(0, at-r.Clock.Elapsed()))
}

func (r *Runner) timers() {
	if r.down && r.Clock.Elapsed() >= r.probeAt {
		r.probeAt = r.Clock.Elapsed() + probeEvery
		r.probe()
	}
	for at, ok := r.State.Deadline(); ok && at <= r.Clock.Elapsed(); at, ok = r.State.Deadline() {
		r.hand(r.State.Step(r.moment(), tick{}), "", nil)
	}
	r.matchAll()
}

func (r *Runner) handle(ctx context.Context, q request) {
	switch {
	case q.settled != nil:
		r.settled(q)
	case q.id != "" && r.answers[q.id] != nil:
		r.answers[q.id].wait(q.answer)
	default:
		r.command(ctx, q)
	}
}

func (r *Runner) command(ctx context.Context, q request) {
	if a, ok := q.command.(Arrived); ok && !r.down {
		r.lookUp(ctx, a)
		return
	} else if ok {
		q.command = matched{Arrived: a}
	}
	if q.answer != nil && r.down && !happened(q.command) {
		q.answer <- reply{err: &rivage.Error{Code: rivage.Unavailable, Message: "the journal is down: nothing is decided meanwhile"}}
		return
	}
	r.hand(r.State.Step(r.moment(), q.command), q.id, q.answer)
}

// lookUp finds the person of a call beside the loop, which waits for nobody.
func (r *Runner) lookUp(ctx context.Context, a Arrived) {
	n := r.State.settings.Numbers[a.Number]
	if n == nil || a.Caller.Anonymous() {
		r.hand(r.State.Step(r.moment(), matched{Arrived: a}), "", nil)
		return
	}
	principal := n.Principal
	go func() {
		ctx, cancel := context.WithTimeout(ctx, matchLookup)
		defer cancel()
		m := matched{Arrived: a}
		var err error
		if m.Who, err = r.People.Match(ctx, principal, a.Caller); err != nil {
			r.warn("look a caller up", err) // the call goes on as that of somebody new
			m.Who = Who{}
		}
		r.mail.put(request{command: m})
	}()
}

// matchAll makes every offer that is possible now, each an append of its own.
func (r *Runner) matchAll() {
	for {
		result, ok := r.State.Match(r.moment())
		if !ok {
			return
		}
		r.hand(result, "", nil)
	}
}

// hand takes a step's result on: entries to the journal, effects after them. Results keep their order.
func (r *Runner) hand(result Result, id string, answer chan<- reply) {
	if result.Err != nil {
		if answer != nil {
			answer <- reply{err: result.Err}
		} else {
			r.warn("take a command", result.Err)
		}
		return
	}
	o := &outcome{result: result, append: rivage.Append{
		CommandID: id, Fence: r.Fence, Entries: result.Entries, NewSubjects: result.NewSubjects,
	}}
	if id == "" { // every append has one: repeated after a lost answer to COMMIT, it is not written twice
		o.append.CommandID = string(r.State.ids.New())
	}
	o.wait(answer)
	r.remember(id, o)
	if len(result.Entries) == 0 && (r.down || len(r.pending) == 0) { // nothing to write, nothing before it
		o.durable = true
		o.finish(r.Execute)
		return
	}
	r.pending = append(r.pending, o)
	switch {
	case len(result.Entries) == 0:
		o.durable = true
	case r.down:
		r.keep(o)
	default:
		r.submit(o)
	}
}

func (r *Runner) submit(o *outcome) {
	o.sent = true
	r.Journal.Submit(o.append, func(receipt rivage.Receipt, err error) {
		r.mail.put(request{settled: o, receipt: receipt, err: err})
	})
}

// settled takes the journal's answer to one append.
func (r *Runner) settled(q request) {
	o := q.settled
	o.sent = false
	switch {
	case q.err == nil:
		o.durable, o.receipt = true, q.receipt
		if r.down {
			r.up()
		}
		r.release()
	case rivage.CodeOf(q.err) == rivage.Unavailable:
		r.goDown(q.err)
		r.keep(o)
	case o.bare():
		r.warn("append, again without what was sealed", q.err)
		r.submit(o)
	default: // the append itself is refused: it will never be taken
		r.warn("append", q.err)
		r.undo(o)
		o.err, o.durable = q.err, true
		o.result.Effects = nil
		r.release()
	}
}

// bare takes the sealed parts off an append that was refused, once: the person they belong to was erased meanwhile, and
// what happened is to be known all the same. False when there was nothing to take off.
func (o *outcome) bare() bool {
	sealed := false
	for i := range o.append.Entries {
		e := &o.append.Entries[i]
		sealed = sealed || e.Subject != ""
		e.Subject, e.Body, e.Cells, e.Indexes = "", nil, nil, nil
	}
	return sealed && o.result.Offer == ""
}

// release lets effects go, oldest first, as far as everything before them is durable.
func (r *Runner) release() {
	for len(r.pending) > 0 && r.pending[0].durable {
		o := r.pending[0]
		r.pending[0] = nil
		r.pending = r.pending[1:]
		o.finish(r.Execute)
	}
}

// finish carries an outcome's effects out, once, and answers who waits.
func (o *outcome) finish(execute func([]Effect)) {
	if !o.done && len(o.result.Effects) > 0 {
		execute(o.result.Effects)
	}
	o.done = true
	o.result.Effects = nil
	for _, c := range o.asked {
		c <- reply{seq: o.receipt.Last, err: o.err}
	}
	o.asked = nil
}

func (o *outcome) wait(answer chan<- reply) {
	if answer == nil {
		return
	}
	if o.durable && o.done {
		answer <- reply{seq: o.receipt.Last, err: o.err}
		return
	}
	o.asked = append(o.asked, answer)
}

// remember keeps the outcome of a command id for its repetitions, the oldest forgotten first.
func (r *Runner) remember(id string, o *outcome) {
	if id == "" {
		return
	}
	if len(r.order) >= maxAnswers {
		delete(r.answers, r.order[0])
		r.order = r.order[1:]
	}
	r.answers[id], r.order = o, append(r.order, id)
}

// drain waits for the answers to everything submitted.
func (r *Runner) drain() {
	for len(r.pending) > 0 && r.inFlight() {
		<-r.mail.ready
		for _, q := range r.mail.take() {
			if q.settled != nil {
				r.settled(q)
			} else if q.answer != nil {
				q.answer <- reply{err: &rivage.Error{Code: rivage.Unavailable, Message: "the floor is closing"}}
			}
		}
	}
}

func (r *Runner) inFlight() bool {
	for _, o := range r.pending {
		if o.sent {
			return true
		}
	}
	return false
}

func (r *Runner) moment() Moment {
	return Moment{Wall: r.Clock.Now().UTC(), Elapsed: r.Clock.Elapsed()}
}

func (r *Runner) warn(act string, err error) {
	if r.Logger != nil {
		r.Logger.Warn(act, "code", rivage.CodeOf(err), "error", err.Error())
	}
}

// mailbox never blocks its sender.
type mailbox struct {
	mu    *sync.Mutex // guards queue
	queue *[]request
	ready chan struct{} // holds one token while queue is not empty
}

func newMailbox() mailbox {
	return mailbox{mu: new(sync.Mutex), queue: new([]request), ready: make(chan struct{}, 1)}
}

func (m mailbox) put(q request) {
	m.mu.Lock()
	*m.queue = append(*m.queue, q)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

func (m mailbox) take() []request {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := *m.queue
	*m.queue = nil
	return q
}
