// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"rivage.example/rivage"
)

// newness is how long an account counts as one person with whoever gave it its password or its powers. Who invites
// anew may take the account up, and two of one hand would confirm each other; within this time somebody sees it.
const newness = 30 * 24 * time.Hour

// The refusals of what takes two persons.
const (
	OnePerson Refusal = "one_person" // the two accounts were lately in one hand
	NotOwn    Refusal = "not_own"    // the account was lately in the hand of another
)

// Log reads what was written about accounts.
type Log interface {
	// StreamSince are the entries of a kind that a stream of these Principals has from an instant on, oldest first.
	StreamSince(ctx context.Context, who []rivage.ID, stream rivage.Stream, kind rivage.Kind, since rivage.Micros) ([]rivage.Stored, error)
}

// What ties an account to another.
const (
	TiePassword = "password" // it took up an invitation of the other's
	TieRoles    = "roles"    // the other gave it a role that reaches everybody
)

// Tie is why an account counts as one person with another.
type Tie struct {
	Account rivage.ID
	By      rivage.ID
	What    string
	Until   time.Time // excluded
}

// Ties tells from the log which accounts were lately in one hand. What the command line gave ties nobody: whoever has the
// machine has everything.
type Ties struct {
	Log      Log
	Clock    rivage.Clock
	Settings func() *rivage.Settings
}

// All are the ties of the accounts that reach what concerns everybody, the newest first; a role that an account gave itself is
// one, too.
func (t Ties) All(ctx context.Context) ([]Tie, error) {
	var list []Tie
	for id, a := range t.Settings().Accounts {
		if !RightsOf(a.Roles).Strict() {
			continue
		}
		ties, err := t.of(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, ties...)
	}
	slices.SortFunc(list, func(a, b Tie) int { return b.Until.Compare(a.Until) })
	return list, nil
}

// Apart refuses two accounts that do not count as two persons: one of them, or a third, had both in hand lately.
func (t Ties) Apart(ctx context.Context, a, b rivage.ID) error {
	hands, _, err := t.hands(ctx, a)
	if err != nil {
		return err
	}
	others, _, err := t.hands(ctx, b)
	if err != nil {
		return err
	}
	for id := range others {
		if hands[id] {
			return refuse(rivage.Denied, OnePerson, "a second person: both accounts were in one hand within 30 days; another confirms, or `rivage invite` on the machine gives the account a new password")
		}
	}
	return nil
}

// Own refuses what is the account's own act alone, by a role, while its password or role comes from an account without that
// role, or from one that gave it to itself.
func (t Ties) Own(ctx context.Context, account rivage.ID, role string) error {
	hands, ties, err := t.hands(ctx, account)
	if err != nil {
		return err
	}
	foreign := slices.ContainsFunc(ties, func(x Tie) bool { return x.By == x.Account })
	for id := range hands {
		a := t.Settings().Accounts[id]
		foreign = foreign || id != account && (a == nil || !RightsOf(a.Roles).Is(role))
	}
	if foreign {
		return refuse(rivage.Denied, NotOwn, "an act of one's own: the account was in another hand, or took the role itself, within 30 days; wait, or `rivage invite` on the machine gives it a new password")
	}
	return nil
}

// hands are the accounts that had one in hand lately, itself among them, and those that had them, with the ties that say so.
func (t Ties) hands(ctx context.Context, account rivage.ID) (found map[rivage.ID]bool, all []Tie, err error) {
	found = map[rivage.ID]bool{account: true}
	for next := []rivage.ID{account}; len(next) > 0; next = next[1:] {
		ties, err := t.of(ctx, next[0])
		if err != nil {
			return nil, nil, err
		}
		all = append(all, ties...)
		for _, tie := range ties {
			if !found[tie.By] {
				found[tie.By] = true
				next = append(next, tie.By)
			}
		}
	}
	return found, all, nil
}

// of are the ties of one account. What an account gave itself is its role only: its own invitation changes nothing.
func (t Ties) of(ctx context.Context, account rivage.ID) ([]Tie, error) {
	now := t.Clock.Now()
	from := rivage.At(now.Add(-newness))
	changes, err := t.read(ctx, rivage.StreamOf("access", account), rivage.At(now.Add(-newness-invitationHolds)), rivage.KindAccountChanged)
	if err != nil {
		return nil, err
	}
	versions, err := t.read(ctx, rivage.StreamOf("config/"+rivage.TypeAccount, account), 0, rivage.KindSettingSet, rivage.KindSettingRemoved)
	if err != nil {
		return nil, err
	}
	latest := map[Tie]rivage.Micros{} // of each, its time left out
	passwords, free := taken(changes)
	for _, g := range passwords {
		latest[Tie{Account: account, By: g.by, What: TiePassword}] = g.at
	}
	for _, g := range granted(versions) {
		if g.at > free {
			latest[Tie{Account: account, By: g.by, What: TieRoles}] = g.at
		}
	}
	list := make([]Tie, 0, len(latest))
	for tie, at := range latest {
		if at >= from && tie.By != "" && (tie.By != account || tie.What == TieRoles) {
			tie.Until = at.Time().Add(newness)
			list = append(list, tie)
		}
	}
	return list, nil
}

// read are the entries of some kinds that a stream has from an instant on, oldest first.
func (t Ties) read(ctx context.Context, stream rivage.Stream, since rivage.Micros, kinds ...rivage.Kind) ([]rivage.Stored, error) {
	var all []rivage.Stored
	for _, kind := range kinds {
		list, err := t.Log.StreamSince(ctx, []rivage.ID{rivage.Organisation}, stream, kind, since)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b rivage.Stored) int { return cmp.Compare(a.Version, b.Version) })
	return all, nil
}

// given is what an account got of another, "" of the command line.
type given struct {
	by rivage.ID
	at rivage.Micros
}

// taken are the passwords that invitations gave since the last that the machine did, and when that was: it ends what tied the
// account before.
func taken(changes []rivage.Stored) (list []given, free rivage.Micros) {
	var open rivage.ID // of entries that do not say whose invitation it was
	for i := range changes {
		switch f, _ := changes[i].Facts.(*rivage.AccountChanged); {
		case f == nil:
		case f.What == "invited":
			open = cmp.Or(f.By, rivage.CommandLine)
		case f.What == "password" && cmp.Or(f.Inviter, open) == rivage.CommandLine:
			list, free = nil, changes[i].At
		case f.What == "password":
			list = append(list, given{cmp.Or(f.Inviter, open), changes[i].At})
		}
	}
	return list, free
}

// granted is who gave an account a role that reaches everybody. One that was removed had none.
func granted(versions []rivage.Stored) (list []given) {
	var roles []rivage.Role
	for i := range versions {
		f, ok := versions[i].Facts.(*rivage.SettingSet)
		if !ok {
			roles = nil
			continue
		}
		before := roles
		if roles = rolesOf(f); slices.ContainsFunc(roles, func(r rivage.Role) bool { return whole(r) && !slices.ContainsFunc(before, same(r)) }) {
			list = append(list, given{f.By, versions[i].At})
		}
	}
	return list
}

// whole says whether a role reaches what concerns everybody, and same whether another is that one, over everybody as well.
func whole(r rivage.Role) bool {
	return RightsOf([]rivage.Role{r}).Strict() && covers(r.Principals, rivage.Organisation)
}

func same(r rivage.Role) func(rivage.Role) bool {
	return func(o rivage.Role) bool { return o.Name == r.Name && whole(o) }
}

// rolesOf are the roles of an account as a document has them, none of one that does not read.
func rolesOf(f *rivage.SettingSet) []rivage.Role {
	var a rivage.Account
	if json.Unmarshal(f.Doc, &a) != nil {
		return nil
	}
	return a.Roles
}
