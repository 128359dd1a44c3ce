// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

func TestInvitedAgentSignsInAndIsPlaced(t *testing.T) {
	c, w := newWorld(t)
	first, _, _ := enrol(t, c, w, "yann", false)
	s, token, err := c.SignIn(t.Context(), " YANN@ponant.example", goodPassword, "", home)
	if err != nil {
		t.Fatal(err)
	}
	want := rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Declared}
	if s.Place != want || s.Account != "yann" || s.Name != "Name of yann" || s.Agent == nil || s.ID == first.ID {
		t.Errorf("session %+v, want place %+v", s, want)
	}
	got, err := c.Check(t.Context(), token, home)
	if err != nil || got.ID != s.ID || !got.Rights().Is(RoleAgent) || ended(got) {
		t.Errorf("Check = %+v, %v", got, err)
	}
	signed := facts[*rivage.SignedIn](w)
	if len(signed) != 2 || !reflect.DeepEqual(signed[1], &rivage.SignedIn{Account: "yann", Session: s.ID, Place: want}) {
		t.Errorf("SignedIn = %+v", signed)
	}
	e := w.entries[len(w.entries)-1]
	if e.Stream != "access/yann" || e.Principal != rivage.Organisation || e.Actor != "subject-of-yann" ||
		e.Leaf.Role != RoleAgent || e.Leaf.Country != "FR" || e.Leaf.Evidence != rivage.Declared || !e.At.Equal(w.clock.Now()) {
		t.Errorf("entry %+v", e)
	}
}

func TestNothingSecretRestsInClear(t *testing.T) {
	c, w := newWorld(t)
	_, token, _ := enrol(t, c, w, "yann", false)
	list, err := c.Invite(t.Context(), "dina", "sam")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for k, r := range w.sessions {
		all.WriteString(k + string(r.doc))
	}
	for k, v := range w.secrets {
		all.WriteString(k + v)
	}
	_, half, _ := strings.Cut(list[0].Token, ".")
	for name, secret := range map[string]string{"token": token, "invitation": half, "password": goodPassword} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("the %s rests in clear", name)
		}
	}
}

func TestRefusalsDoNotTellWhichPartWasWrong(t *testing.T) {
	c, w := newWorld(t)
	_, _, secret := enrol(t, c, w, "dina", true)
	enrol(t, c, w, "yann", false)
	w.clock.advance(time.Minute)
	right := codeOf(t, w, secret)
	wrong := "000000"
	if wrong == right {
		wrong = "111111"
	}
	for _, x := range []struct {
		name, login, password, code string
		want                        Refusal
	}{
		{"unknown login", login("nobody"), goodPassword, "", BadCredentials},
		{"no password set", login("sam"), goodPassword, "", BadCredentials},
		{"wrong password", login("yann"), "another-password", "", BadCredentials},
		{"empty password", login("yann"), "", "", BadCredentials},
		{"long password", login("yann"), strings.Repeat("x", maxPassword+1), "", BadCredentials},
		{"empty login", " ", goodPassword, "", BadCredentials},
		{"code missing", login("dina"), goodPassword, "", TOTPRequired},
		{"code missing, wrong password", login("dina"), "another-password", "", BadCredentials},
		{"wrong code", login("dina"), goodPassword, wrong, BadCredentials},
		{"right code, wrong password", login("dina"), "another-password", right, BadCredentials},
		{"all right", login("dina"), goodPassword, right, ""},
		{"the same code again", login("dina"), goodPassword, right, BadCredentials},
	} {
		s, token, err := c.SignIn(t.Context(), x.login, x.password, x.code, home)
		wantRefusal(t, x.name, err, x.want)
		if (x.want == "") != (token != "") || (x.want == "") != (s.ID != "") {
			t.Errorf("%s: token %q, session %q", x.name, token, s.ID)
		}
		w.clock.advance(2 * time.Second)
	}
}

func TestUnknownLoginTakesOneHashToo(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	c.hasher.slots <- struct{}{} // all slots taken: whoever hashes waits
	c.hasher.slots <- struct{}{}
	for _, who := range []string{"yann", "sam", "nobody"} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, _, err := c.SignIn(ctx, login(who), "another-password", "", home)
			done <- err
		}()
		for c.hasher.waiting.Load() == 0 {
			select {
			case err := <-done:
				t.Fatalf("%s was answered without a hash: %v", who, err)
			default:
			}
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want %v", who, err, context.Canceled)
		}
	}
}

func TestStrictRolesNeedCodes(t *testing.T) {
	c, w := newWorld(t)
	list, err := c.Invite(t.Context(), "", "dina")
	if err != nil {
		t.Fatal(err)
	}
	if e, err := c.OpenInvitation(t.Context(), list[0].Token); err != nil || !e.TOTPRequired || e.Login != login("dina") {
		t.Errorf("OpenInvitation = %+v, %v", e, err)
	}
	_, _, err = c.AcceptInvitation(t.Context(), list[0].Token, goodPassword, "", brest)
	wantRefusal(t, "a DPO without code", err, BadCode)
	enrol(t, c, w, "sam", false)
	w.settings.Accounts["sam"].Roles[0].Name = RoleAdministrator // promoted later
	_, _, err = c.SignIn(t.Context(), login("sam"), goodPassword, "", home)
	wantRefusal(t, "an administrator without seed", err, TOTPMissing)
}

func TestInvitationServesOnceAndForAWeek(t *testing.T) {
	c, w := newWorld(t)
	accept := func(token string) error {
		_, _, err := c.AcceptInvitation(t.Context(), token, goodPassword, "", brest)
		return err
	}
	list, err := c.Invite(t.Context(), "dina", "yann", "sam")
	if err != nil || len(list) != 2 || !list[0].Expires.Equal(origin.Add(7*24*time.Hour)) {
		t.Fatalf("Invite = %+v, %v", list, err)
	}
	_, _, err = c.AcceptInvitation(t.Context(), list[0].Token, "short", "", brest)
	wantRefusal(t, "a short password", err, PasswordShort)
	_, _, err = c.AcceptInvitation(t.Context(), list[0].Token, "bateaux-of-yann", "", brest)
	wantRefusal(t, "a password with the login", err, PasswordLogin)
	wantRefusal(t, "taken up", accept(list[0].Token), "")
	wantRefusal(t, "taken up twice", accept(list[0].Token), BadInvitation)
	again, err := c.Invite(t.Context(), "dina", "yann")
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, "one that was replaced", accept(list[0].Token), BadInvitation)
	_, half, _ := strings.Cut(again[0].Token, ".")
	for _, token := range []string{"", ".", "yann", "yann.", "sam." + half, "../x." + half, "nobody." + half, again[0].Token + "x"} {
		wantRefusal(t, "token "+token, accept(token), BadInvitation)
		_, err := c.OpenInvitation(t.Context(), token)
		wantRefusal(t, "open "+token, err, BadInvitation)
	}
	w.clock.advance(7*24*time.Hour - time.Second)
	if _, err := c.OpenInvitation(t.Context(), list[1].Token); err != nil {
		t.Errorf("a second before the end: %v", err)
	}
	w.clock.advance(time.Second)
	wantRefusal(t, "after a week", accept(list[1].Token), BadInvitation)
	if _, err := c.Invite(t.Context(), "dina", "yann", "nobody"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("an invitation for nobody: %v", err)
	}
	var whats []string
	for _, f := range facts[*rivage.AccountChanged](w) {
		whats = append(whats, string(f.Account)+" "+f.What)
	}
	if want := []string{"yann invited", "sam invited", "yann password", "yann invited"}; !reflect.DeepEqual(whats, want) {
		t.Errorf("AccountChanged = %v, want %v", whats, want)
	}
}

func TestInvitationTakenUpByTwoServesOne(t *testing.T) {
	c, _ := newWorld(t)
	list, err := c.Invite(t.Context(), "dina", "yann")
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = c.AcceptInvitation(t.Context(), list[0].Token, goodPassword, "", brest) })
	}
	wg.Wait()
	served := 0
	for _, err := range errs {
		if err == nil {
			served++
		}
	}
	if served != 1 {
		t.Errorf("it served %d times, want 1: %v", served, errs)
	}
}

func TestSessionsExpireByIdlenessAndByAge(t *testing.T) {
	for _, x := range []struct {
		account    rivage.ID
		code       bool
		idle, most time.Duration
	}{{"dina", true, 30 * time.Minute, 12 * time.Hour}, {"yann", false, 12 * time.Hour, 24 * time.Hour}} {
		c, w := newWorld(t)
		s, token, _ := enrol(t, c, w, x.account, x.code)
		at := time.Duration(0)
		for step := x.idle - time.Second; at+step < x.most; at += step {
			w.clock.advance(step)
			if _, err := c.Check(t.Context(), token, brest); err != nil {
				t.Fatalf("%s in use after %v: %v", x.account, at+step, err)
			}
		}
		w.clock.advance(x.most - at)
		_, err := c.Check(t.Context(), token, brest)
		wantRefusal(t, string(x.account)+" at the longest", err, NoSession)
		if got := reasons(facts[*rivage.SignedOut](w)); !reflect.DeepEqual(got, []string{"expired"}) || !ended(s) {
			t.Errorf("%s: signed out %v, ended %v", x.account, got, ended(s))
		}
		s, token, _ = enrol(t, c, w, x.account, x.code)
		w.clock.advance(x.idle)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(t.Context(), token, brest)
		wantRefusal(t, string(x.account)+" idle", err, NoSession)
		if len(w.sessions) != 0 || !ended(s) {
			t.Errorf("%s: %d sessions rest after the sweep, ended %v", x.account, len(w.sessions), ended(s))
		}
	}
}

func TestSessionFromAnotherPlaceEnds(t *testing.T) {
	c, w := newWorld(t)
	s, token, _ := enrol(t, c, w, "yann", false) // attested at Brest
	_, err := c.Check(t.Context(), token, home)
	wantRefusal(t, "from home", err, PlaceChanged)
	_, err = c.Check(t.Context(), token, brest)
	wantRefusal(t, "afterwards", err, NoSession)
	if !ended(s) {
		t.Error("the holder was not told")
	}
}

func TestRevokedSessionsEndAtOnce(t *testing.T) {
	c, w := newWorld(t)
	one, t1, _ := enrol(t, c, w, "yann", false)
	two, t2, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home)
	if err != nil {
		t.Fatal(err)
	}
	other, t3, _ := enrol(t, c, w, "sam", false)
	if err := c.RevokeAll(t.Context(), "dina", "yann"); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{t1, t2} {
		_, err := c.Check(t.Context(), token, home)
		wantRefusal(t, "revoked", err, NoSession)
	}
	if !ended(one) || !ended(two) || ended(other) {
		t.Error("the wrong holders were told")
	}
	if _, err := c.Check(t.Context(), t3, brest); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
	if got := reasons(facts[*rivage.SignedOut](w)); !reflect.DeepEqual(got, []string{"revoked", "revoked"}) {
		t.Errorf("signed out %v", got)
	}
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home); err != nil {
		t.Errorf("signing in after a revocation: %v", err)
	}
}

func TestRevocationHoldsWhileTheStoreIsDown(t *testing.T) {
	c, w := newWorld(t)
	s, token, _ := enrol(t, c, w, "yann", false)
	w.fail(true)
	if err := c.RevokeAll(t.Context(), "dina", "yann"); err == nil {
		t.Error("a revocation that could not be kept: no error")
	}
	if !ended(s) {
		t.Error("the holder was not told")
	}
	_, err := c.Check(t.Context(), token, brest)
	wantRefusal(t, "while the store is down", err, NoSession)
	w.fail(false)
	_, err = c.Check(t.Context(), token, brest)
	wantRefusal(t, "before the sweep", err, NoSession)
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.sessions) != 0 || len(c.revoked) != 0 {
		t.Errorf("%d sessions and %d revocations rest after the sweep", len(w.sessions), len(c.revoked))
	}
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", brest); err != nil {
		t.Errorf("signing in afterwards: %v", err)
	}
}

func TestSessionRevokedWhileItIsCheckedDoesNotStay(t *testing.T) {
	c, w := newWorld(t)
	s, token, _ := enrol(t, c, w, "yann", false)
	c.dead(s.ID) // as after a restart: this process knows nothing of it
	w.onRead = func() {
		w.mu.Lock()
		w.onRead = nil
		w.mu.Unlock()
		if err := c.RevokeAll(t.Context(), "dina", "yann"); err != nil {
			t.Error(err)
		}
	}
	_, err := c.Check(t.Context(), token, brest)
	wantRefusal(t, "revoked between reading and answering", err, NoSession)
	if len(c.live) != 0 {
		t.Error("a session that ended is remembered as live")
	}
}

func TestLateUseDoesNotBringASessionBack(t *testing.T) {
	c, w := newWorld(t)
	_, token, _ := enrol(t, c, w, "yann", false)
	if err := c.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := c.change(t.Context(), keyOf(token), "", func(*kept) {}); !errors.Is(err, NoSession) || len(w.sessions) != 0 {
		t.Errorf("a late write: %v, %d sessions", err, len(w.sessions))
	}
	if err := c.SignOut(t.Context(), token); err != nil {
		t.Errorf("signed out twice: %v", err)
	}
	if got := reasons(facts[*rivage.SignedOut](w)); !reflect.DeepEqual(got, []string{"asked"}) {
		t.Errorf("signed out %v, want once", got)
	}
}

func TestRemovedAccountIsOutAtOnce(t *testing.T) {
	c, w := newWorld(t)
	s, token, _ := enrol(t, c, w, "yann", false)
	delete(w.settings.Accounts, "yann")
	_, err := c.Check(t.Context(), token, brest)
	wantRefusal(t, "check", err, NoSession)
	_, _, err = c.SignIn(t.Context(), login("yann"), goodPassword, "", brest)
	wantRefusal(t, "sign in", err, BadCredentials)
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !ended(s) || len(w.sessions) != 0 {
		t.Error("the sweep left the session")
	}
	if err := Forget(t.Context(), w, "yann"); err != nil || len(w.secrets) != 0 {
		t.Errorf("Forget: %v, %d secrets left", err, len(w.secrets))
	}
}

func TestTooManyAttemptsAreBlockedWithoutAHash(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	for range 5 {
		_, _, err := c.SignIn(t.Context(), login("yann"), "another-password", "", home)
		wantRefusal(t, "wrong", err, BadCredentials)
	}
	_, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home)
	wantRefusal(t, "the sixth, though right", err, Blocked)
	if got := RetryAfter(err); got <= 0 || got > time.Minute || rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("RetryAfter = %v, code %q", got, rivage.CodeOf(err))
	}
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", brest); err != nil {
		t.Errorf("the owner at his desk: %v", err)
	}
	w.clock.advance(time.Minute)
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestFailedSignInsAreOneEntryPerAccountAndMinute(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	fail := func(who string) { _, _, _ = c.SignIn(t.Context(), login(who), "another-password", "", home) }
	for range 3 {
		fail("yann")
		fail("nobody")
		fail("nobody-else")
	}
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := facts[*rivage.SignInRefused](w); len(got) != 0 {
		t.Errorf("%d entries within the minute, want 0", len(got))
	}
	w.clock.advance(time.Minute)
	w.fail(true)
	if err := c.Sweep(t.Context()); err == nil {
		t.Error("a sweep without journal: no error")
	}
	w.fail(false)
	for range 2 {
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := make(map[rivage.ID]int64)
	list := facts[*rivage.SignInRefused](w)
	for _, f := range list {
		got[f.Account] += f.Count
		if f.Minute != rivage.At(origin) {
			t.Errorf("minute %v, want %v", f.Minute.Time(), origin)
		}
	}
	if want := map[rivage.ID]int64{"yann": 3, "": 6}; !reflect.DeepEqual(got, want) || len(list) != 2 {
		t.Errorf("SignInRefused = %v in %d entries, want %v in 2", got, len(list), want)
	}
}

func TestAnHourOfFloodStaysSmall(t *testing.T) {
	c, w := newWorld(t)
	for range 60 {
		for range 50 {
			_, _, _ = c.SignIn(t.Context(), login("nobody"), "another-password", "", home)
		}
		w.clock.advance(time.Minute)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.entries); n > 60 {
		t.Errorf("%d entries after an hour, want at most 60", n)
	}
	r := newRefusals()
	for i := range 3 * maxRefusals {
		r.count(rivage.ID(string(rune(i))), attemptOf("", netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})).source, origin)
	}
	if n := len(r.counts); n > maxRefusals+1 {
		t.Errorf("%d counts are kept, want at most %d", n, maxRefusals+1)
	}
}

// One address that knows every login fills the log no more than one that knows none, and hides nobody else's attempts.
func TestAFloodOverAllAccountsStaysSmall(t *testing.T) {
	c, w := newWorld(t)
	flood, owner := attemptOf("", home.Remote), attemptOf("", brest.Remote)
	for minute := range 60 {
		for i := range 60 {
			_ = c.wrong(&rivage.Account{ID: rivage.ID(fmt.Sprintf("agent-%d", 60*minute+i))}, flood)
		}
		_ = c.wrong(&rivage.Account{ID: "yann"}, owner)
		w.clock.advance(time.Minute)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var all, yann int64
	for _, e := range w.entries {
		f := e.Facts.(*rivage.SignInRefused)
		if all += f.Count; f.Account == "yann" {
			yann += f.Count
		}
	}
	if n := len(w.entries); n >= 1000 || all != 60*61 || yann != 60 {
		t.Errorf("%d entries of %d attempts, %d of them yann's; want fewer than 1 000 of %d, and 60", n, all, yann, 60*61)
	}
}

// A step of the wall clock ends no session and prolongs none, while codes follow it, since telephones do. Set back, it
// makes no code serve a second time: none does until the hour has passed again.
func TestAStepOfTheWallClockEndsNoSession(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		c, w := newWorld(t)
		_, strict, seed := enrol(t, c, w, "dina", true)
		_, other, _ := enrol(t, c, w, "yann", false)
		w.clock.advance(idleStrict - time.Minute)
		w.clock.step(by)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{strict, other} {
			if _, err := c.Check(t.Context(), token, brest); err != nil {
				t.Errorf("after a step of %v: %v", by, err)
			}
		}
		_, _, err := c.SignIn(t.Context(), login("dina"), goodPassword, codeOf(t, w, seed), brest)
		want := Refusal("")
		if by < 0 {
			want = BadCredentials
		}
		wantRefusal(t, "the code of the new time", err, want)
		w.clock.advance(idleStrict + touchStrict)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(t.Context(), strict, brest)
		wantRefusal(t, "a session that was not used for its time", err, NoSession)
	}
}

// What was counted before the wall clock was set back is written down with the next sweep.
func TestFailedSignInsAreWrittenDownAfterAStep(t *testing.T) {
	c, w := newWorld(t)
	_, _, err := c.SignIn(t.Context(), login("nobody"), "a-long-password", "", home)
	wantRefusal(t, "nobody", err, BadCredentials)
	before := len(w.entries)
	w.clock.step(-time.Hour)
	if err := c.Sweep(t.Context()); err != nil || len(w.entries) != before+1 {
		t.Errorf("%d entries more, %v; want one", len(w.entries)-before, err)
	}
}

func TestNoSessionWithoutItsEntry(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	before := len(w.sessions)
	w.fail(true)
	if _, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home); err == nil || token != "" {
		t.Errorf("signed in with the journal down: %q, %v", token, err)
	}
	if len(w.sessions) != before {
		t.Error("a session was kept")
	}
}

func TestSensitiveActsAskAgainAndRotateTheToken(t *testing.T) {
	c, w := newWorld(t)
	_, token, secret := enrol(t, c, w, "dina", true)
	w.clock.advance(10 * time.Minute)
	s, err := c.Check(t.Context(), token, brest)
	if err != nil || s.Fresh(w.clock.Now()) {
		t.Fatalf("after ten minutes: fresh %v, %v", s.Fresh(w.clock.Now()), err)
	}
	_, err = c.Prove(t.Context(), token, goodPassword, "", brest)
	wantRefusal(t, "without code", err, TOTPRequired)
	_, err = c.Prove(t.Context(), token, "another-password", codeOf(t, w, secret), brest)
	wantRefusal(t, "wrong password", err, BadCredentials)
	fresh, err := c.Prove(t.Context(), token, goodPassword, codeOf(t, w, secret), brest)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(t.Context(), token, brest)
	wantRefusal(t, "the old token", err, NoSession)
	again, err := c.Check(t.Context(), fresh, brest)
	if err != nil || again.ID != s.ID || !again.Fresh(w.clock.Now()) || ended(again) {
		t.Errorf("the new token: %+v, %v", again, err)
	}
}

func TestPasswordHashFollowsTheCost(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	old := w.secrets["password/yann"]
	c.hasher.cost.Time = 2
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home); err != nil {
		t.Fatal(err)
	}
	if got := w.secrets["password/yann"]; got == old || !strings.Contains(got, "t=2") {
		t.Errorf("hash %q, want one at the new cost", got)
	}
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", home); err != nil {
		t.Errorf("signing in with the renewed hash: %v", err)
	}
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("an empty configuration: no error")
	}
	if _, err := newHasher(Cost{Memory: 1 << 30, Time: 1, Threads: 1}); err == nil {
		t.Error("a hash of a terabyte: no error")
	}
}

func BenchmarkPasswordHash(b *testing.B) {
	h, err := newHasher(DefaultCost)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.hash(b.Context(), goodPassword); err != nil {
			b.Fatal(err)
		}
	}
}

// What a session stands on is taken away while its channel asks for nothing.
func TestStillLooksAgainWhenSettingsChanged(t *testing.T) {
	c, w := newWorld(t)
	_, token, _ := enrol(t, c, w, "yann", false)
	w.settings.Seq = 7
	seen, err := c.Still(t.Context(), token, brest, 0)
	if err != nil || seen != 7 {
		t.Fatalf("seen %d, %v", seen, err)
	}
	before, err := c.Check(t.Context(), token, brest)
	if err != nil {
		t.Fatal(err)
	}
	w.settings.Sites["brest"].Networks = nil
	if seen, err = c.Still(t.Context(), token, brest, seen); err != nil || seen != 7 {
		t.Errorf("the same settings are looked at again: %d, %v", seen, err)
	}
	w.settings.Seq = 8
	if _, err = c.Still(t.Context(), token, brest, seen); !errors.Is(err, PlaceChanged) {
		t.Errorf("its network is gone: %v", err)
	}
	if !ended(before) {
		t.Error("the session goes on")
	}
}

// A channel that is left open is no use of a session.
func TestStillKeepsNoSessionAlive(t *testing.T) {
	c, w := newWorld(t)
	_, token, _ := enrol(t, c, w, "dina", true)
	for range 6 {
		w.clock.advance(idleStrict / 5)
		w.settings.Seq++
		_, err := c.Still(t.Context(), token, brest, 0)
		wantRefusal(t, "still", err, map[bool]Refusal{true: NoSession}[w.clock.Elapsed() >= idleStrict])
	}
}
