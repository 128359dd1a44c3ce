// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"container/list"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"rivage.example/rivage"
)

// limits bounds how often somebody may try. An account is bound per source, tightly, so that a stranger who guesses does
// not lock its owner out, and over all sources, loosely; a source is bound over all accounts.
type limits struct {
	mu     sync.Mutex
	clock  rivage.Clock
	pair   buckets // guarded by mu, like the next two
	login  buckets
	source buckets
}

func newLimits(clock rivage.Clock) *limits {
	return &limits{
		clock:  clock,
		pair:   newBuckets(5, time.Minute),
		login:  newBuckets(30, 10*time.Second),
		source: newBuckets(100, time.Second),
	}
}

type attempt struct{ pair, login, source bucketKey }

// bucketKey is a hash, so that no login stands in memory for longer than it is needed.
type bucketKey [sha256.Size]byte

func attemptOf(login string, remote netip.Addr) attempt {
	source := sourceOf(remote)
	return attempt{
		pair:   sha256.Sum256([]byte("pair\x00" + source + "\x00" + login)),
		login:  sha256.Sum256([]byte("login\x00" + login)),
		source: sha256.Sum256([]byte("source\x00" + source)),
	}
}

// take counts an attempt, and says how long to wait before it may be made: 0 is now. One that has to wait counts nowhere.
func (l *limits) take(a attempt) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Elapsed()
	if wait := max(l.pair.wait(a.pair, now), l.login.wait(a.login, now), l.source.wait(a.source, now)); wait > 0 {
		return wait
	}
	l.pair.add(a.pair, now, 1)
	l.login.add(a.login, now, 1)
	l.source.add(a.source, now, 1)
	return 0
}

// giveBack uncounts an attempt that succeeded.
func (l *limits) giveBack(a attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Elapsed()
	l.pair.add(a.pair, now, -1)
	l.login.add(a.login, now, -1)
	l.source.add(a.source, now, -1)
}

// maxBuckets bounds what strangers can make us remember; the least recently used are forgotten first.
const maxBuckets = 10_000

// buckets are token buckets by key: burst tokens, one more each every.
type buckets struct {
	burst time.Duration // burst times every
	every time.Duration
	byKey map[bucketKey]*list.Element // of *bucket
	order *list.List                  // most recently used in front
}

type bucket struct {
	key  bucketKey
	full time.Duration // by Clock.Elapsed, when all tokens are back
}

func newBuckets(burst int, every time.Duration) buckets {
	return buckets{time.Duration(burst) * every, every, make(map[bucketKey]*list.Element), list.New()}
}

// wait is how long until a token is there, 0 or less when one is.
func (b *buckets) wait(k bucketKey, now time.Duration) time.Duration {
	e, ok := b.byKey[k]
	if !ok {
		return 0
	}
	return max(e.Value.(*bucket).full, now) + b.every - now - b.burst
}

func (b *buckets) add(k bucketKey, now time.Duration, tokens int) {
	e, ok := b.byKey[k]
	if !ok {
		if b.order.Len() >= maxBuckets {
			oldest := b.order.Back()
			delete(b.byKey, b.order.Remove(oldest).(*bucket).key)
		}
		e = b.order.PushFront(&bucket{key: k, full: now})
		b.byKey[k] = e
	}
	b.order.MoveToFront(e)
	x := e.Value.(*bucket)
	x.full = max(x.full, now) + time.Duration(tokens)*b.every
}

// refusals counts failed sign-ins, one entry per account and minute, and of so many accounts from one source: a flood does
// not fill the log.
type refusals struct {
	mu     sync.Mutex
	counts map[refusal]int64 // guarded by mu, like the next two
	named  map[bucketKey]int // accounts that one source brought up in this minute
	minute rivage.Micros     // of named
}

type refusal struct {
	account rivage.ID // "" when there is no such account
	minute  rivage.Micros
}

// maxRefusals bounds the counts while the journal is down; beyond it they go to no account.
const maxRefusals = 5_000

// maxNamed is how many accounts one source may bring up in a minute; those beyond go to no account. An hour of it stays
// under 1 000 entries.
const maxNamed = 14

func newRefusals() *refusals {
	return &refusals{counts: make(map[refusal]int64), named: make(map[bucketKey]int)}
}

// count counts a failed sign-in of an account, from a source.
func (r *refusals) count(account rivage.ID, source bucketKey, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := refusal{account, rivage.At(at.Truncate(time.Minute))}
	if k.minute != r.minute {
		r.minute = k.minute
		clear(r.named)
	}
	if _, ok := r.counts[k]; !ok && account != "" {
		if len(r.counts) >= maxRefusals || r.named[source] >= maxNamed {
			k.account = ""
		} else {
			r.named[source]++
		}
	}
	r.counts[k]++
}

// giveBack counts again what the journal did not take.
func (r *refusals) giveBack(taken map[refusal]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, n := range taken {
		if _, ok := r.counts[k]; !ok && len(r.counts) >= maxRefusals {
			k.account = ""
		}
		r.counts[k] += n
	}
}

// take gives the counts of all minutes but the present one, and forgets them: after a step of the wall clock, others may
// lie ahead.
func (r *refusals) take(now time.Time) map[refusal]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := make(map[refusal]int64)
	present := rivage.At(now.Truncate(time.Minute))
	for k, n := range r.counts {
		if k.minute != present {
			taken[k] = n
			delete(r.counts, k)
		}
	}
	return taken
}
