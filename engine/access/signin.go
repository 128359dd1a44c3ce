// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rivage.example/rivage"
)

const maxLogin = 254 // characters of an address, RFC 5321 section 4.5.3.1

var errBadCredentials = refuse(rivage.Denied, BadCredentials, "sign in: login, password or code is wrong")

// SignIn opens a session and gives its token, which nothing else ever shows. A refusal says BadCredentials, TOTPRequired,
// TOTPMissing, Blocked, or of who proved themselves BadSite or a Choice; which of login, password and code was wrong is neither said nor to be told from the time taken.
func (c *Control) SignIn(ctx context.Context, login, password, code string, from Origin) (Session, string, error) {
	account, err := c.prove(ctx, login, password, code, from)
	if err != nil {
		return Session{}, "", err
	}
	return c.openSession(ctx, account, from)
}

// prove holds login, password and code against what rests of them, within the limits.
func (c *Control) prove(ctx context.Context, login, password, code string, from Origin) (*rivage.Account, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if login == "" || len(login) > maxLogin || password == "" || len(password) > maxPassword {
		return nil, errBadCredentials
	}
	a := attemptOf(login, from.Remote)
	if wait := c.limits.take(a); wait > 0 {
		return nil, &rivage.Error{Code: rivage.Busy, Message: "sign in: too many attempts", Err: &blocked{Blocked, wait}}
	}
	account, stored, err := c.known(ctx, login)
	if err != nil {
		return nil, err
	}
	ok, err := c.hasher.matches(ctx, stored, password)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	if !ok {
		return nil, c.wrong(account, a)
	}
	if _, err := stated(account, from); errors.Is(err, SiteRequired) { // asked before a code is spent, which serves once
		c.limits.giveBack(a)
		return nil, err
	}
	err = c.second(ctx, account, code, a)
	if err == nil || errors.Is(err, TOTPRequired) {
		c.limits.giveBack(a)
	}
	if err != nil {
		return nil, err
	}
	return account, c.renew(ctx, account.ID, stored, password)
}

// known is the account of a login and its password's hash: nil and "" when there is no such account, or it has none.
func (c *Control) known(ctx context.Context, login string) (*rivage.Account, string, error) {
	id, err := c.c.Accounts.AccountByLogin(ctx, login)
	if err != nil && !isNotFound(err) {
		return nil, "", fmt.Errorf("sign in: %w", err)
	}
	account := c.c.Settings().Accounts[id]
	if err != nil || account == nil {
		return nil, "", nil
	}
	hash, err := c.c.Secrets.Secret(ctx, passwordName(id))
	if err != nil && !isNotFound(err) {
		return nil, "", fmt.Errorf("sign in: %w", err)
	}
	return account, string(hash), nil
}

// second asks for the code where there is a seed, and for a seed where the role demands one.
func (c *Control) second(ctx context.Context, a *rivage.Account, code string, by attempt) error {
	enrolled, ok, err := c.checkCode(ctx, a.ID, code)
	switch {
	case err != nil:
		return fmt.Errorf("sign in: %w", err)
	case enrolled && code == "":
		return refuse(rivage.Denied, TOTPRequired, "sign in: the one-time code is missing")
	case enrolled && !ok:
		return c.wrong(a, by)
	case !enrolled && RightsOf(a.Roles).Strict():
		return refuse(rivage.Denied, TOTPMissing, "sign in: this role needs one-time codes; ask for a new invitation")
	}
	return nil
}

// wrong counts a failed sign-in.
func (c *Control) wrong(a *rivage.Account, by attempt) error {
	var id rivage.ID
	if a != nil {
		id = a.ID
	}
	c.refused.count(id, by.source, c.c.Clock.Now())
	return errBadCredentials
}

// renew hashes a password again when the cost has changed since.
func (c *Control) renew(ctx context.Context, account rivage.ID, stored, password string) error {
	if !c.hasher.stale(stored) {
		return nil
	}
	hash, err := c.hasher.hash(ctx, password)
	if err == nil {
		err = c.c.Secrets.PutSecret(ctx, passwordName(account), []byte(hash))
	}
	if err != nil {
		return fmt.Errorf("sign in: renew password hash: %w", err)
	}
	return nil
}

func passwordName(account rivage.ID) string { return "password/" + string(account) }

// openSession writes the sign-in down, then makes the session.
func (c *Control) openSession(ctx context.Context, a *rivage.Account, from Origin) (Session, string, error) {
	site, err := stated(a, from)
	if err != nil {
		return Session{}, "", err
	}
	now := rivage.At(c.steady.Now())
	token := newToken()
	k := kept{
		Key: keyOf(token), ID: rivage.NewID(), Account: a.ID, Site: site, Opened: now, Seen: now, Proved: now,
	}
	at := c.days()
	from.Site = k.Site
	k.Place, k.Proof = placeOf(c.c.Settings(), a, from, c.presented(from.Presented, "", at), at, c.c.Zone)
	if !c.letIn(a, k.Place) {
		return Session{}, "", refuse(rivage.Denied, SupportShut, "sign in: the organisation does not hold this access of support open")
	}
	e := c.entry(a.ID, &rivage.SignedIn{Account: a.ID, Session: k.ID, Place: k.Place, Proof: k.Proof.By}, a.ID)
	entries := []rivage.Entry{placed(e, k.Place)}
	if k.Place.Site != "" && k.Place.Seen != "" && c.firstOf(a.ID) { // the evidence is another site's
		stated, _ := placeOf(c.c.Settings(), a, Origin{Site: site}, station{}, at, c.c.Zone)
		f := &rivage.PlaceContradicted{Account: a.ID, Session: k.ID, Stated: stated, Found: k.Place}
		entries = append(entries, placed(c.entry(a.ID, f, a.ID), k.Place))
		entries[1].Leaf.Outcome = "contradicted"
	}
	odd, err := c.unusual(ctx, a, k)
	if err != nil {
		return Session{}, "", err
	}
	if err := c.append(ctx, append(entries, odd...)...); err != nil {
		return Session{}, "", err
	}
	if err := c.put(ctx, k); err != nil {
		return Session{}, "", err
	}
	s, err := c.session(ctx, k, a)
	if err != nil {
		return Session{}, "", errors.Join(err, c.delete(ctx, k.Key))
	}
	return s, token, nil
}
