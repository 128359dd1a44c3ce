// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rivage.example/rivage"
)

// invitationHolds is how long an invitation may be taken up.
const invitationHolds = 7 * 24 * time.Hour

// Invitation is what an administrator hands over: the token goes into a link.
type Invitation struct {
	Account rivage.ID
	Token   string
	Expires time.Time
}

// Enrolment is what an invited person sees before choosing a password.
type Enrolment struct {
	Account      rivage.ID
	Name         string
	Login        string
	TOTPRequired bool   // the role demands one-time codes; otherwise they may be enrolled or not
	Secret       string // the seed, base32
	URI          string // the seed, otpauth
	Expires      time.Time
}

// invited is an invitation as it rests. The seed is drawn with it, so that reading an invitation changes nothing.
type invited struct {
	Key     string        `json:"key"`          // SHA-256 of the token, hex
	By      rivage.ID     `json:"by,omitempty"` // whose invitation it is, CommandLine for the machine's
	Expires rivage.Micros `json:"expires"`
	Seed    seed          `json:"seed"`
}

func invitationName(account rivage.ID) string { return "invitation/" + string(account) }

// Invite makes one invitation per account, in place of any that is still open.
func (c *Control) Invite(ctx context.Context, by rivage.ID, accounts ...rivage.ID) ([]Invitation, error) {
	known, entries := c.c.Settings().Accounts, make([]rivage.Entry, len(accounts))
	for i, id := range accounts {
		if known[id] == nil {
			return nil, &rivage.Error{Code: rivage.NotFound, Message: "invite: there is no such account"}
		}
		entries[i] = c.entry(id, &rivage.AccountChanged{Account: id, What: "invited", By: by}, by)
	}
	c.invite.Lock()
	defer c.invite.Unlock()
	if err := c.append(ctx, entries...); err != nil {
		return nil, err
	}
	expires := c.c.Clock.Now().Add(invitationHolds)
	list := make([]Invitation, len(accounts))
	for i, id := range accounts {
		token := string(id) + "." + newToken()
		doc, err := json.Marshal(invited{keyOf(token), cmp.Or(by, rivage.CommandLine), rivage.At(expires), newSeed()})
		if err == nil {
			err = c.c.Secrets.PutSecret(ctx, invitationName(id), doc)
		}
		if err != nil {
			return nil, fmt.Errorf("invite: %w", err)
		}
		list[i] = Invitation{id, token, expires}
	}
	return list, nil
}

var errBadInvitation = refuse(rivage.NotFound, BadInvitation, "this invitation was used, replaced, or is over; ask for another")

// OpenInvitation reads an invitation and changes nothing.
func (c *Control) OpenInvitation(ctx context.Context, token string) (Enrolment, error) {
	account, in, err := c.invitation(ctx, token)
	if err != nil {
		return Enrolment{}, err
	}
	name, login, err := c.c.Accounts.Names(ctx, account.ID)
	if err != nil {
		return Enrolment{}, fmt.Errorf("open invitation: %w", err)
	}
	return Enrolment{
		Account: account.ID, Name: name, Login: login, TOTPRequired: RightsOf(account.Roles).Strict(),
		Secret: in.Seed.Key, URI: in.Seed.uri(c.c.Organisation, login), Expires: in.Expires.Time(),
	}, nil
}

// invitation is the account and the invitation of a token.
func (c *Control) invitation(ctx context.Context, token string) (*rivage.Account, invited, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || !rivage.ValidSlug(id) {
		return nil, invited{}, errBadInvitation
	}
	doc, err := c.c.Secrets.Secret(ctx, invitationName(rivage.ID(id)))
	if isNotFound(err) {
		return nil, invited{}, errBadInvitation
	}
	var in invited
	if err == nil {
		err = json.Unmarshal(doc, &in)
	}
	if err != nil {
		return nil, invited{}, fmt.Errorf("open invitation: %w", err)
	}
	account := c.c.Settings().Accounts[rivage.ID(id)]
	if account == nil || subtle.ConstantTimeCompare([]byte(in.Key), []byte(keyOf(token))) != 1 ||
		!c.c.Clock.Now().Before(in.Expires.Time()) {
		return nil, invited{}, errBadInvitation
	}
	return account, in, nil
}

// AcceptInvitation takes an invitation up: it sets the password, enrols the seed when a code of it is given (which
// administrators and DPO must), ends older sessions and opens one.
func (c *Control) AcceptInvitation(ctx context.Context, token, password, code string, from Origin) (Session, string, error) {
	account, err := c.enrol(ctx, token, password, code)
	if err != nil {
		return Session{}, "", err
	}
	if err := c.revoke(ctx, account.ID, account.ID); err != nil {
		return Session{}, "", err
	}
	return c.openSession(ctx, account, from)
}

func (c *Control) enrol(ctx context.Context, token, password, code string) (*rivage.Account, error) {
	c.invite.Lock()
	defer c.invite.Unlock()
	account, in, err := c.invitation(ctx, token)
	if err != nil {
		return nil, err
	}
	_, login, err := c.c.Accounts.Names(ctx, account.ID)
	if err != nil {
		return nil, fmt.Errorf("accept invitation: %w", err)
	}
	if err := CheckPassword(password, login); err != nil {
		return nil, err
	}
	withCode := code != "" || RightsOf(account.Roles).Strict()
	if withCode && !in.Seed.accept(code, c.c.Clock.Now()) {
		return nil, refuse(rivage.Invalid, BadCode, "accept invitation: the one-time code does not match; check the device's clock")
	}
	hash, err := c.hasher.hash(ctx, password)
	if err != nil {
		return nil, fmt.Errorf("accept invitation: %w", err)
	}
	entries := []rivage.Entry{c.entry(account.ID, &rivage.AccountChanged{Account: account.ID, What: "password", By: account.ID, Inviter: in.By}, account.ID)}
	if withCode {
		entries = append(entries, c.entry(account.ID, &rivage.AccountChanged{Account: account.ID, What: "totp", By: account.ID}, account.ID))
	}
	if err := c.append(ctx, entries...); err != nil {
		return nil, err
	}
	if err := c.keepCredentials(ctx, account.ID, hash, in.Seed, withCode); err != nil {
		return nil, fmt.Errorf("accept invitation: %w", err)
	}
	return account, nil
}

// keepCredentials replaces both factors: an invitation is also how a lost device or password is made good. The
// invitation goes last, so that a failure before leaves it to be taken up again.
func (c *Control) keepCredentials(ctx context.Context, account rivage.ID, hash string, s seed, withCode bool) error {
	c.code.Lock()
	defer c.code.Unlock()
	var err error
	if withCode {
		err = c.keepSeed(ctx, account, s)
	} else {
		err = c.c.Secrets.DeleteSecret(ctx, seedName(account))
	}
	if err == nil {
		err = c.c.Secrets.PutSecret(ctx, passwordName(account), []byte(hash))
	}
	if err == nil {
		err = c.c.Secrets.DeleteSecret(ctx, invitationName(account))
	}
	return err
}

// Forget removes the credentials of an account that is gone: one that is made again under its id starts without any.
func Forget(ctx context.Context, secrets Secrets, account rivage.ID) error {
	return errors.Join(
		secrets.DeleteSecret(ctx, passwordName(account)),
		secrets.DeleteSecret(ctx, seedName(account)),
		secrets.DeleteSecret(ctx, invitationName(account)),
	)
}
