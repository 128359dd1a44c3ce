// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rivage.example/rivage"
)

// SignOut ends the session of a token. A token without a session is signed out already.
func (c *Control) SignOut(ctx context.Context, token string) error {
	k, err := c.read(ctx, keyOf(token))
	if errors.Is(err, NoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.end(ctx, []kept{k}, "asked", k.Account)
}

// RevokeAll ends every session of an account at once: from the first moment no check lets one pass and every holder is
// told. Should the table of sessions fail, they stay refused as long as this process lives, and Sweep tries again.
func (c *Control) RevokeAll(ctx context.Context, by, account rivage.ID) error {
	err := c.revoke(ctx, by, account)
	entry := c.entry(account, &rivage.AccountChanged{Account: account, What: "revoked", By: by}, by)
	return errors.Join(err, c.append(ctx, entry))
}

func (c *Control) revoke(ctx context.Context, by, account rivage.ID) error {
	c.mu.Lock()
	c.turn++
	turn := c.turn
	c.revoked[account] = turn
	for id, l := range c.live {
		if l.account == account {
			delete(c.live, id)
			close(l.ended)
		}
	}
	c.mu.Unlock()
	list, err := c.sessionsOf(ctx, account)
	if err != nil {
		return fmt.Errorf("revoke sessions: %w", err)
	}
	if err := c.end(ctx, list, "revoked", by); err != nil {
		return fmt.Errorf("revoke sessions: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revoked[account] == turn { // no other began meanwhile
		delete(c.revoked, account)
	}
	return nil
}

func (c *Control) sessionsOf(ctx context.Context, account rivage.ID) ([]kept, error) {
	docs, err := c.c.Sessions.SessionsOf(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list := make([]kept, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &list[i]); err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
	}
	return list, nil
}

// end deletes sessions, tells their holders, and writes it down. Ending goes before writing: a journal that is down must
// not keep a session open.
func (c *Control) end(ctx context.Context, list []kept, reason string, by rivage.ID) error {
	var errs []error
	entries := make([]rivage.Entry, 0, len(list))
	for _, k := range list {
		c.write.Lock()
		err := c.delete(ctx, k.Key)
		c.write.Unlock()
		c.dead(k.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		e := c.entry(k.Account, &rivage.SignedOut{Account: k.Account, Session: k.ID, Reason: reason}, by)
		e.Leaf.Outcome = reason
		entries = append(entries, placed(e, k.Place))
		if over := c.supportOver(k, reason); over != nil {
			entries = append(entries, *over)
		}
	}
	return errors.Join(append(errs, c.append(ctx, entries...))...)
}

// contradict writes down that the evidence contradicts a session, once for each and minute.
func (c *Control) contradict(ctx context.Context, k kept, found rivage.Place, lost rivage.Proof) error {
	if !c.firstOf(k.ID) {
		return nil
	}
	f := &rivage.PlaceContradicted{Account: k.Account, Session: k.ID, Stated: k.Place, Found: found, Lost: lost}
	e := c.entry(k.Account, f, k.Account)
	e.Leaf.Outcome = "contradicted"
	return c.append(ctx, placed(e, found))
}

// firstOf says whether nothing was told of a session or account for a minute.
func (c *Control) firstOf(id rivage.ID) bool {
	now := c.steady.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for old, at := range c.told {
		if now.Sub(at) >= time.Minute {
			delete(c.told, old)
		}
	}
	if _, again := c.told[id]; again {
		return false
	}
	c.told[id] = now
	return true
}

// endRefused ends a session that a check found wanting, and gives the refusal.
func (c *Control) endRefused(ctx context.Context, k kept, reason string, refusal error) error {
	if err := c.end(ctx, []kept{k}, reason, ""); err != nil {
		return errors.Join(refusal, err)
	}
	return refusal
}

// Prove takes password and code again before a sensitive act, and gives a new token in place of the old one.
func (c *Control) Prove(ctx context.Context, token, password, code string, from Origin) (string, error) {
	s, err := c.Check(ctx, token, from)
	if err != nil {
		return "", err
	}
	account, err := c.prove(ctx, s.Login, password, code, from)
	if err != nil {
		return "", err
	}
	if account.ID != s.Account { // the login has gone to somebody else
		return "", errBadCredentials
	}
	fresh := newToken()
	now := rivage.At(c.steady.Now())
	return fresh, c.change(ctx, keyOf(token), keyOf(fresh), func(k *kept) { k.Proved = now })
}

// Sweep writes down the failed sign-ins of the minutes that are over, and ends sessions that expired, whose account or
// workstation is gone, whose access of support is over, or whose revocation could not be finished. It is called every minute.
func (c *Control) Sweep(ctx context.Context) error {
	err := c.flush(ctx)
	list, listErr := c.sessionsOf(ctx, "")
	if listErr != nil {
		return errors.Join(err, listErr)
	}
	c.mu.Lock()
	revoked := maps.Clone(c.revoked)
	c.mu.Unlock()
	now, accounts := c.steady.Now(), c.c.Settings().Accounts
	over := make(map[string][]kept)
	for _, k := range list {
		a := accounts[k.Account]
		_, gone := revoked[k.Account]
		switch {
		case a == nil || gone || k.Proof.By == rivage.ByWorkstation && c.held(k, c.days()).Workstation == nil:
			over["revoked"] = append(over["revoked"], k)
		case !now.Before(k.expires(RightsOf(a.Roles).Strict())):
			over["expired"] = append(over["expired"], k)
		case !c.letIn(a, k.Place):
			over[supportEnded] = append(over[supportEnded], k)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(over)) {
		if endErr := c.end(ctx, over[reason], reason, ""); endErr != nil {
			return errors.Join(err, endErr)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for account, turn := range revoked {
		if c.revoked[account] == turn { // no other began meanwhile
			delete(c.revoked, account)
		}
	}
	return err
}
