// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rivage.example/rivage"
)

// How long sessions last: without use, and at most. What reaches everybody's data ends sooner.
const (
	idleStrict   = 30 * time.Minute
	idleOther    = 12 * time.Hour
	mostStrict   = 12 * time.Hour
	mostOther    = 24 * time.Hour
	touchStrict  = time.Minute // how often use is noted
	touchOther   = 10 * time.Minute
	proofHolds   = 5 * time.Minute // of a password and code given again, before a sensitive act
	tokenSize    = 32
	tokenLetters = 43 // tokenSize in base64url
)

// Session is who is signed in on one browser, with the rights of this moment.
type Session struct {
	ID      rivage.ID
	Account rivage.ID
	Subject rivage.ID // whose key masks the account in leaves
	Name    string
	Login   string
	Lang    string
	Roles   []rivage.Role
	Agent   *rivage.Agent // nil for who does not answer
	Place   rivage.Place
	Proved  time.Time       // when password and code were last given
	Ended   <-chan struct{} // closed when the session ends, however it does
}

// Rights are what the session's account may ask for.
func (s Session) Rights() Rights { return RightsOf(s.Roles) }

// Fresh says whether password and code were given so lately that a sensitive act needs no other proof.
func (s Session) Fresh(now time.Time) bool { return now.Sub(s.Proved) < proofHolds }

// kept is a session as it rests.
type kept struct {
	Key     string        `json:"key"` // SHA-256 of the token, hex
	ID      rivage.ID     `json:"id"`
	Account rivage.ID     `json:"account"`
	Site    rivage.ID     `json:"site,omitempty"` // that was stated at sign-in, "" for the account's own
	Place   rivage.Place  `json:"place"`
	Proof   proof         `json:"proof,omitzero"`
	Opened  rivage.Micros `json:"opened"`
	Seen    rivage.Micros `json:"seen"`
	Proved  rivage.Micros `json:"proved"`
}

// expires is when a session ends without further use, or what attests it does.
func (k kept) expires(strict bool) time.Time {
	idle, most := idleOther, mostOther
	if strict {
		idle, most = idleStrict, mostStrict
	}
	end, last := k.Seen.Time().Add(idle), k.Opened.Time().Add(most)
	if last.Before(end) {
		end = last
	}
	if until := k.Proof.Until.Time(); k.Proof.Until != 0 && until.Before(end) {
		end = until
	}
	return end
}

// liveSession is what this process remembers of a session: the channel that its end closes, and names that are sealed
// elsewhere.
type liveSession struct {
	account     rivage.ID
	name, login string
	ended       chan struct{}
}

func newToken() string {
	var b [tokenSize]byte
	_, _ = rand.Read(b[:]) // never fails, crypto/rand documentation
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// keyOf is the id under which a token's session rests: whoever reads the database cannot sign in with it.
func keyOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

var errNoSession = refuse(rivage.Denied, NoSession, "there is no such session; sign in")

// Check is the session of a token, and counts as use of it. A session ends when a request comes from where its
// address or its connection no longer give the place it was opened at: the place has to be established again.
func (c *Control) Check(ctx context.Context, token string, from Origin) (Session, error) {
	k, account, err := c.examine(ctx, token, from)
	if err != nil {
		return Session{}, err
	}
	touch := touchOther
	if RightsOf(account.Roles).Strict() {
		touch = touchStrict
	}
	if now := c.steady.Now(); now.Sub(k.Seen.Time()) >= touch {
		if err := c.change(ctx, k.Key, "", func(k *kept) { k.Seen = rivage.At(now) }); err != nil {
			return Session{}, err
		}
	}
	return c.session(ctx, k, account)
}

// Still says whether a session stands under the settings in force, for a connection that goes on without asking anything:
// it is no use of the session. Nothing is looked at while the settings are those of the entry that was seen last.
func (c *Control) Still(ctx context.Context, token string, from Origin, seen rivage.Seq) (rivage.Seq, error) {
	now := c.c.Settings().Seq
	if now == seen {
		return seen, nil
	}
	_, _, err := c.examine(ctx, token, from)
	return now, err
}

// examine is the session of a token with its account, while both stand; one that does not is ended.
func (c *Control) examine(ctx context.Context, token string, from Origin) (kept, *rivage.Account, error) {
	k, account, err := c.find(ctx, token)
	if err != nil {
		return kept{}, nil, err
	}
	now, strict := c.steady.Now(), RightsOf(account.Roles).Strict()
	if !now.Before(k.expires(strict)) {
		err := c.endRefused(ctx, k, "expired", errNoSession)
		if !now.Before(k.Proof.Until.Time()) && c.held(k, c.days()).Workstation != nil { // in use, without its workstation
			found := k.Place
			found.Evidence = rivage.Declared
			err = errors.Join(err, c.contradict(ctx, k, found, k.Proof.By))
		}
		return kept{}, nil, err
	}
	if !c.letIn(account, k.Place) {
		return kept{}, nil, c.endRefused(ctx, k, supportEnded, errNoSession)
	}
	if found, lost, ok := c.stands(k, account, from); !ok {
		err := c.endRefused(ctx, k, "revoked",
			refuse(rivage.Denied, PlaceChanged, "the session was opened at another place; sign in again"))
		if lost != "" || found.Seen != "" {
			err = errors.Join(err, c.contradict(ctx, k, found, lost))
		}
		return kept{}, nil, err
	}
	return k, account, nil
}

// find reads the session of a token and its account.
func (c *Control) find(ctx context.Context, token string) (kept, *rivage.Account, error) {
	if len(token) != tokenLetters {
		return kept{}, nil, errNoSession
	}
	k, err := c.read(ctx, keyOf(token))
	if err != nil {
		return kept{}, nil, err
	}
	account := c.c.Settings().Accounts[k.Account]
	if account == nil { // removed since: Sweep ends it
		return kept{}, nil, errNoSession
	}
	return k, account, nil
}

func (c *Control) read(ctx context.Context, key string) (kept, error) {
	doc, err := c.c.Sessions.Session(ctx, key)
	if isNotFound(err) {
		return kept{}, errNoSession
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(doc, &k)
	}
	if err != nil {
		return kept{}, fmt.Errorf("read session: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, gone := c.revoked[k.Account]; gone {
		return kept{}, errNoSession
	}
	return k, nil
}

// change rewrites a session that is still there, under another token's key when one is given.
func (c *Control) change(ctx context.Context, key, fresh string, f func(*kept)) error {
	c.write.Lock()
	defer c.write.Unlock()
	k, err := c.read(ctx, key)
	if err != nil {
		return err
	}
	f(&k)
	if fresh == "" {
		return c.put(ctx, k)
	}
	k.Key = fresh
	if err := c.put(ctx, k); err != nil {
		return err
	}
	return c.delete(ctx, key)
}

func (c *Control) put(ctx context.Context, k kept) error {
	strict := true
	if a := c.c.Settings().Accounts[k.Account]; a != nil {
		strict = RightsOf(a.Roles).Strict()
	}
	doc, err := json.Marshal(k)
	if err == nil {
		err = c.c.Sessions.PutSession(ctx, k.Key, k.Account, rivage.At(k.expires(strict)), doc)
	}
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

func (c *Control) delete(ctx context.Context, key string) error {
	if err := c.c.Sessions.DeleteSession(ctx, key); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// session joins what rests of a session with what its account is now.
func (c *Control) session(ctx context.Context, k kept, a *rivage.Account) (Session, error) {
	l, err := c.liven(ctx, k)
	if err != nil {
		return Session{}, err
	}
	return Session{
		ID: k.ID, Account: k.Account, Subject: a.Subject, Name: l.name, Login: l.login, Lang: a.Lang, Roles: a.Roles,
		Agent: a.Agent, Place: k.Place, Proved: k.Proved.Time(), Ended: l.ended,
	}, nil
}

// liven gives what this process remembers of a session. Remembered for the first time, the session is read once more: it
// may have ended between the first reading and now, and nobody would close the channel.
func (c *Control) liven(ctx context.Context, k kept) (*liveSession, error) {
	c.mu.Lock()
	l := c.live[k.ID]
	c.mu.Unlock()
	if l != nil {
		return l, nil
	}
	name, login, err := c.c.Accounts.Names(ctx, k.Account)
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	c.mu.Lock()
	if l = c.live[k.ID]; l == nil {
		l = &liveSession{account: k.Account, name: name, login: login, ended: make(chan struct{})}
		c.live[k.ID] = l
	}
	c.mu.Unlock()
	if _, err := c.read(ctx, k.Key); err != nil {
		c.dead(k.ID)
		return nil, err
	}
	return l, nil
}

// dead tells whoever holds the session that it ended.
func (c *Control) dead(id rivage.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.live[id]; l != nil {
		delete(c.live, id)
		close(l.ended)
	}
}
