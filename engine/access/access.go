// SPDX-License-Identifier: EUPL-1.2

// Package access decides who may ask: accounts, passwords and one-time codes, roles with their scopes, sessions and the
// place each comes from.
//
// It keeps nothing itself: secrets rest sealed behind Secrets, sessions behind Sessions, and whatever changed is an
// entry, durable before it takes effect. Tokens are kept as their SHA-256 only.
package access

import (
	"context"
	"errors"
	"sync"
	"time"

	"rivage.example/rivage"
)

// Journal takes the entries of this package: sign-ins, sign-outs, refusals, changes of accounts.
type Journal interface {
	Append(ctx context.Context, a rivage.Append) (rivage.Receipt, error)
}

// Accounts finds accounts by what is sealed of them.
type Accounts interface {
	// AccountByLogin is the account of a login, letter case aside, or an error of code NotFound.
	AccountByLogin(ctx context.Context, login string) (rivage.ID, error)
	// Names are the name and the login of an account.
	Names(ctx context.Context, account rivage.ID) (name, login string, err error)
}

// Secrets keeps password hashes, seeds and invitations, sealed. A missing secret is an error of code NotFound, except
// to DeleteSecret.
type Secrets interface {
	Secret(ctx context.Context, name string) ([]byte, error)
	PutSecret(ctx context.Context, name string, value []byte) error
	DeleteSecret(ctx context.Context, name string) error
}

// Sessions keeps sessions, each a document only this package reads, under an id made from its token. A missing one is an
// error of code NotFound, except to DeleteSession.
type Sessions interface {
	Session(ctx context.Context, id string) (doc []byte, err error)
	// SessionsOf are the sessions of an account, expired ones too; of every account for "".
	SessionsOf(ctx context.Context, account rivage.ID) (docs [][]byte, err error)
	PutSession(ctx context.Context, id string, account rivage.ID, expires rivage.Micros, doc []byte) error
	DeleteSession(ctx context.Context, id string) error
}

// Config is what a Control stands on. Every field but Supports and Cost is needed.
type Config struct {
	Clock        rivage.Clock
	Settings     func() *rivage.Settings // those in force at the moment of the call
	Zone         func(rivage.Country) rivage.Zone
	Accounts     Accounts
	Secrets      Secrets
	Sessions     Sessions
	Journal      Journal
	Log          Log
	Registrar    Registrar                                                                     // of workstations
	Supports     func(company rivage.ID, country rivage.Country, at time.Time) rivage.Decision // whether the law lets support in; nil lets none
	Organisation string                                                                        // shown by the app that makes one-time codes
	Cost         Cost                                                                          // of a password hash; zero is DefaultCost
}

// Control is the access control of an instance. Its methods may be called at the same time.
type Control struct {
	c       Config
	steady  rivage.Steady // of sessions: a step of the wall clock ends none, and prolongs none
	hasher  *hasher
	limits  *limits
	refused *refusals

	challenges *challenges // of workstations

	code   sync.Mutex // held from reading a seed to keeping its last step, so that no code serves twice
	invite sync.Mutex // held while an invitation is made or taken up, so that none serves twice
	write  sync.Mutex // held from reading a session to writing it, so that no late write brings an ended one back

	mu      sync.Mutex
	live    map[rivage.ID]*liveSession // by session; guarded by mu
	revoked map[rivage.ID]int64        // accounts whose sessions are not all deleted yet, and by which revocation; guarded by mu
	told    map[rivage.ID]time.Time    // when a contradiction was last told, by session or account; guarded by mu
	turn    int64                      // counts revocations; guarded by mu
}

// New makes a Control.
func New(c Config) (*Control, error) {
	if c.Clock == nil || c.Settings == nil || c.Zone == nil || c.Accounts == nil || c.Secrets == nil ||
		c.Sessions == nil || c.Journal == nil || c.Log == nil || c.Registrar == nil {
		return nil, errors.New("make access control: its configuration is not complete")
	}
	if c.Cost == (Cost{}) {
		c.Cost = DefaultCost
	}
	h, err := newHasher(c.Cost)
	if err != nil {
		return nil, err
	}
	return &Control{
		c: c, steady: rivage.NewSteady(c.Clock), hasher: h, limits: newLimits(c.Clock), refused: newRefusals(),
		challenges: newChallenges(),
		live:       make(map[rivage.ID]*liveSession), told: make(map[rivage.ID]time.Time), revoked: make(map[rivage.ID]int64),
	}, nil
}

// Refusal is why somebody was not let in, for screens that have their own words. It stands inside a rivage.Error.
type Refusal string

// The refusals.
const (
	BadCredentials  Refusal = "bad_credentials"  // login, password or code: which one is not said
	TOTPRequired    Refusal = "totp_required"    // the password is right; a code is needed too
	TOTPMissing     Refusal = "totp_missing"     // the role demands codes and the account has none: a new invitation is needed
	Blocked         Refusal = "blocked"          // too many attempts: later
	NoSession       Refusal = "no_session"       // never opened, signed out, revoked or expired
	PlaceChanged    Refusal = "place_changed"    // the session came from elsewhere: its place must be established again
	SupportShut     Refusal = "support_closed"   // the organisation does not hold its access of support open
	BadInvitation   Refusal = "bad_invitation"   // unknown, used or over
	BadSite         Refusal = "bad_site"         // the account may not state it
	SiteRequired    Refusal = "site_required"    // which of several sites of teleworking, see Choice
	BadEnrolment    Refusal = "bad_enrolment"    // of a workstation: unknown, used or over
	BadWorkstation  Refusal = "bad_workstation"  // it did not prove itself
	BadCode         Refusal = "bad_code"         // of the seed that is being enrolled
	PasswordShort   Refusal = "password_short"   //
	PasswordLong    Refusal = "password_long"    //
	PasswordTrivial Refusal = "password_trivial" //
	PasswordLogin   Refusal = "password_login"   // it contains the login
)

// Error implements error.
func (r Refusal) Error() string { return string(r) }

func refuse(code rivage.Code, r Refusal, message string) error {
	return &rivage.Error{Code: code, Message: message, Err: r}
}

// blocked is a refusal with the time after which trying again makes sense.
type blocked struct {
	Refusal
	after time.Duration
}

func (b *blocked) Unwrap() error { return b.Refusal }

// RetryAfter is how long to wait after an error that says Blocked, 0 for any other.
func RetryAfter(err error) time.Duration {
	var b *blocked
	if errors.As(err, &b) {
		return b.after
	}
	return 0
}

func isNotFound(err error) bool { return rivage.CodeOf(err) == rivage.NotFound }
