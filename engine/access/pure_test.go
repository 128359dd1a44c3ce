// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

var sha1New = sha1.New

func TestCodesAreThoseOfRFC6238(t *testing.T) { // appendix B
	const key = "1234567890"
	hashes := []struct {
		new  func() hash.Hash
		size int
	}{{sha1.New, 20}, {sha256.New, 32}, {sha512.New, 64}}
	for _, c := range []struct {
		at   int64
		want [3]string
	}{
		{59, [3]string{"94287082", "46119246", "90693936"}},
		{1111111109, [3]string{"07081804", "68084774", "25091201"}},
		{1111111111, [3]string{"14050471", "67062674", "99943326"}},
		{1234567890, [3]string{"89005924", "91819424", "93441116"}},
		{2000000000, [3]string{"69279037", "90698825", "38618901"}},
		{20000000000, [3]string{"65353130", "77737706", "47863826"}},
	} {
		for i, h := range hashes {
			secret := []byte(strings.Repeat(key, 7)[:h.size])
			if got := codeAt(h.new, secret, c.at/totpStep, 8); got != c.want[i] {
				t.Errorf("at %d, hash of %d bytes: %s, want %s", c.at, h.size, got, c.want[i])
			}
		}
	}
}

func TestCodeServesOnceAndOneStepAround(t *testing.T) {
	s := newSeed()
	key, err := seedEncoding.DecodeString(s.Key)
	if err != nil || len(key) != 20 {
		t.Fatalf("a seed of %d bytes, %v, want 20", len(key), err)
	}
	const now = 100_000
	code := func(step int64) string { return codeAt(sha1.New, key, step, totpDigits) }
	for _, c := range []struct {
		name  string
		last  int64
		input string
		want  bool
	}{
		{"now", 0, code(now), true},
		{"with a space", 0, code(now)[:3] + " " + code(now)[3:], true},
		{"the step before", 0, code(now - 1), true},
		{"the step after", 0, code(now + 1), true},
		{"two before", 0, code(now - 2), false},
		{"two after", 0, code(now + 2), false},
		{"again", now, code(now), false},
		{"older than the last", now + 1, code(now), false},
		{"newer than the last", now - 1, code(now), true},
		{"empty", 0, "", false},
		{"seven digits", 0, code(now) + "0", false},
		{"other digits", 0, "١٢٣٤٥٦", false},
	} {
		x := seed{s.Key, c.last}
		if got := x.accept(c.input, time.Unix(now*totpStep+3, 0)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if !c.want && x.Last != c.last {
			t.Errorf("%s: a refused code moved the last step", c.name)
		}
	}
}

func TestSeedURIIsReadByAuthenticators(t *testing.T) {
	u, err := url.Parse(seed{Key: "JBSWY3DPEHPK3PXP"}.uri("Ponant & Cie", "a+b@c.fr"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Ponant & Cie:a+b@c.fr" ||
		u.Query().Get("secret") != "JBSWY3DPEHPK3PXP" || u.Query().Get("issuer") != "Ponant & Cie" {
		t.Errorf("uri %s", u)
	}
}

func TestPasswordRules(t *testing.T) {
	for password, want := range map[string]Refusal{
		goodPassword:                        "",
		"correct horse battery staple":      "",
		"Ünïcödé-très-lông":                 "",
		"short-one":                         PasswordShort,
		"éééééééééé1":                       PasswordShort, // eleven characters, more bytes
		strings.Repeat("bateau-vert-", 30):  PasswordLong,
		"motdepasse2027!":                   PasswordTrivial,
		"P@ssw0rd1234":                      PasswordTrivial,
		"AzertyUiop123":                     PasswordTrivial,
		"adminadmin1234":                    PasswordTrivial,
		"bienvenue-rivage":                  PasswordTrivial,
		"938475610293":                      PasswordTrivial,
		"aaaabbbbaaaabbbb":                  PasswordTrivial,
		"my-yann.kermarec-pass":             PasswordLogin,
		"YANN.KERMAREC+2027":                PasswordLogin,
		"yann.kermare-et-trois-bateaux":     "",
		strings.Repeat("\U0001F600", 12):    PasswordTrivial,
		"superviseur superviseur contact 1": PasswordTrivial,
	} {
		wantRefusal(t, password, CheckPassword(password, " Yann.Kermarec@ponant.example"), want)
	}
	wantRefusal(t, "a login of two letters", CheckPassword("the-jb-of-bateaux", "jb"), "")
}

func TestPasswordHashIsPHCAndVerifiesInConstantShape(t *testing.T) {
	h, err := newHasher(cheap)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := h.hash(t.Context(), goodPassword)
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatalf("hash = %q, %v", stored, err)
	}
	again, err := h.hash(t.Context(), goodPassword)
	if err != nil || again == stored {
		t.Error("two hashes of one password are equal: no salt")
	}
	for _, c := range []struct {
		stored, password string
		want             bool
	}{{stored, goodPassword, true}, {stored, goodPassword + "x", false}, {"", goodPassword, false}} {
		if got, err := h.matches(t.Context(), c.stored, c.password); got != c.want || err != nil {
			t.Errorf("matches(%q) = %v, %v, want %v", c.password, got, err, c.want)
		}
	}
	// Made by the reference implementation: argon2 -id -t 2 -k 65536 -p 1 -l 32, "password", "somesalt".
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := h.matches(t.Context(), reference, "password"); !ok || err != nil {
		t.Errorf("the reference hash: %v, %v, want a match", ok, err)
	}
	if !h.stale(reference) || h.stale(stored) {
		t.Error("stale tells the costs wrong")
	}
}

func TestPHCOutOfBoundsIsRefused(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, s := range []string{
		"", "plain", "$2y$10$abc", "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1000,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=+8,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1,p=1$YQ$" + key,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$YQ",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key + "\n",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key + "$",
	} {
		if _, err := parsePHC(s); err == nil {
			t.Errorf("parsePHC(%q): no error", s)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			return
		}
		if h.String() != s {
			t.Errorf("read %q, written %q", s, h.String())
		}
		if h.cost.Memory > maxMemory || h.cost.Time > maxTime || h.cost.Threads > maxThreads {
			t.Errorf("cost %+v is out of bounds", h.cost)
		}
	})
}

func FuzzTOTPInput(f *testing.F) {
	f.Add("123456")
	f.Add("12 34 56")
	f.Add("")
	f.Add("12345٦")
	s := seed{Key: "JBSWY3DPEHPK3PXP"}
	key, _ := seedEncoding.DecodeString(s.Key)
	now := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, input string) {
		x := s
		right := false
		for d := int64(-1); d <= 1; d++ {
			right = right || strings.ReplaceAll(input, " ", "") == codeAt(sha1.New, key, now.Unix()/totpStep+d, totpDigits)
		}
		if got := x.accept(input, now); got && !right || !got && right && len(input) <= 32 {
			t.Errorf("accept(%q) = %v, want %v", input, got, right)
		}
	})
}

func TestRightsCoverOnlyWhatTheirScopesName(t *testing.T) {
	roles := []rivage.Role{
		{Name: RoleSupervisor, Principals: []rivage.ID{"ponant"}, Queues: []rivage.ID{"colis"}, Sites: []rivage.ID{"brest", "lome"}},
		{Name: RoleDPO, Principals: []rivage.ID{"mutuelle"}, Queues: scopes},
		{Name: RoleAgent},
		{Name: "owner", Principals: scopes, Queues: scopes, Sites: scopes},
	}
	r := RightsOf(roles)
	for _, c := range []struct {
		principal, queue, site rivage.ID
		want                   bool
	}{
		{"ponant", "colis", "brest", true},
		{"ponant", "colis", "", true},
		{"ponant", "", "", true},
		{"ponant", "sante", "brest", false},
		{"ponant", "colis", "lisbonne", false},
		{"mutuelle", "sante", "", true},
		{"mutuelle", "sante", "brest", false}, // an empty scope holds nothing, and scopes of two roles do not mix
		{"other", "colis", "brest", false},
		{"", "", "", false},
		{"*", "*", "*", false},
	} {
		if got := r.CanSee(c.principal, c.queue, c.site); got != c.want {
			t.Errorf("CanSee(%q, %q, %q) = %v, want %v", c.principal, c.queue, c.site, got, c.want)
		}
	}
	if r.Is("owner") || !r.Is(RoleDPO) || !r.Strict() || r.As(RoleSupervisor).Strict() || r.Main() != RoleDPO {
		t.Error("an unknown role gives rights, or a known one is not told")
	}
	if ids, all := r.Principals(); all || !reflect.DeepEqual(ids, []rivage.ID{"mutuelle", "ponant"}) {
		t.Errorf("Principals = %v, %v", ids, all)
	}
	if _, all := RightsOf([]rivage.Role{{Name: RoleAdministrator, Principals: scopes}}).Principals(); !all {
		t.Error("the asterisk has a bound")
	}
	if RightsOf([]rivage.Role{{Name: RoleDPO, Principals: scopes, Queues: scopes, Sites: scopes}}).CanSee("*", "", "") {
		t.Error("the asterisk passes for an id")
	}
	if (Rights{}).CanSee("ponant", "", "") || (Rights{}).Main() != "" {
		t.Error("no rights allow something")
	}
}

func TestUnknownPlaceIsNeverFrance(t *testing.T) {
	s := &rivage.Settings{Sites: map[rivage.ID]*rivage.Site{
		"brest": {ID: "brest", Company: "ponant", Country: "FR", Networks: []netip.Prefix{
			netip.MustParsePrefix("10.29.0.0/16"), netip.MustParsePrefix("2001:db8:29::/48")}},
		"demo": {ID: "demo", Country: "FR", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		"lome": {ID: "lome", Company: "golfe", Country: "TG"},
	}}
	for _, c := range []struct {
		name   string
		site   rivage.ID
		remote string
		want   rivage.Place
	}{
		{"in the site's network", "brest", "10.29.3.4", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}},
		{"the same, mapped", "brest", "::ffff:10.29.3.4", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}},
		{"IPv6 with a zone", "brest", "2001:db8:29::1%eth0", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}},
		{"elsewhere", "brest", "203.0.113.9", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Declared}},
		{"in another site's network", "brest", "127.0.0.1", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"}},
		{"in another site's network, mapped", "brest", "::ffff:127.0.0.1", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"}},
		{"loopback elsewhere", "brest", "::1", rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Declared}},
		{"loopback that is listed", "demo", "127.0.0.1", rivage.Place{Site: "demo", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}},
		{"a site without networks", "lome", "203.0.113.9", rivage.Place{Site: "lome", Company: "golfe", Country: "TG", Zone: rivage.ZoneOther, Evidence: rivage.Declared}},
		{"a site without networks, in another's", "lome", "10.29.3.4", rivage.Place{Site: "lome", Company: "golfe", Country: "TG", Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"}},
		{"a site that is gone", "none", "10.29.3.4", rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"}},
		{"no site", "", "10.29.3.4", rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"}},
	} {
		a := &rivage.Account{Agent: &rivage.Agent{Site: c.site}}
		if got, _ := placeOf(s, a, Origin{Remote: netip.MustParseAddr(c.remote)}, station{}, days{}, zone); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	want := rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown, Seen: "FR"} // whose network it was
	if got, _ := placeOf(s, &rivage.Account{Site: "brest"}, brest, station{}, days{}, zone); got.Country != "FR" || got.Evidence == rivage.Unknown {
		t.Errorf("staff of a site: %+v", got)
	}
	if got, _ := placeOf(s, &rivage.Account{}, brest, station{}, days{}, zone); got != want {
		t.Errorf("an account that does not answer: %+v, want %+v", got, want)
	}
	if got, _ := placeOf(s, &rivage.Account{Agent: &rivage.Agent{Site: "brest"}}, Origin{}, station{}, days{}, zone); got.Evidence != rivage.Declared {
		t.Errorf("no address: %+v, want declared", got)
	}
}

func TestLimitsHoldPerPairLoginAndSource(t *testing.T) {
	clock := &fakeClock{}
	l := newLimits(clock)
	yann := attemptOf("yann", home.Remote)
	for i := range 5 {
		if wait := l.take(yann); wait != 0 {
			t.Fatalf("attempt %d waits %v", i, wait)
		}
	}
	if wait := l.take(yann); wait <= 0 || wait > time.Minute {
		t.Errorf("the sixth attempt waits %v, want up to a minute", wait)
	}
	if wait := l.take(attemptOf("yann", brest.Remote)); wait != 0 {
		t.Errorf("the owner at another address waits %v: a stranger locked him out", wait)
	}
	clock.advance(time.Minute)
	if wait := l.take(yann); wait != 0 {
		t.Errorf("a minute later: waits %v", wait)
	}
	l.giveBack(yann)
	if wait := l.take(yann); wait != 0 {
		t.Errorf("after a success: waits %v", wait)
	}
	fresh := newLimits(clock)
	taken := 0
	for i := range 60 {
		if fresh.take(attemptOf("sam", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))) == 0 {
			taken++
		}
	}
	if taken != 30 {
		t.Errorf("%d attempts on one login from sixty sources, want 30", taken)
	}
	taken = 0
	for i := range 300 {
		a := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 8: byte(i), 15: byte(i >> 8)}) // one /64
		if fresh.take(attemptOf(string(rune('a'+i)), a)) == 0 {
			taken++
		}
	}
	if taken != 100 {
		t.Errorf("%d attempts from one /64 on three hundred logins, want 100", taken)
	}
}

func TestLimitsForgetTheLeastRecentlyUsed(t *testing.T) {
	b := newBuckets(1, time.Hour)
	key := func(i int) bucketKey { return sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)}) }
	for i := range maxBuckets {
		b.add(key(i), 0, 1)
	}
	b.add(key(0), 0, 0) // used again
	b.add(key(maxBuckets), 0, 1)
	if len(b.byKey) != maxBuckets || b.order.Len() != maxBuckets {
		t.Errorf("%d buckets, want %d", len(b.byKey), maxBuckets)
	}
	if b.wait(key(0), 0) <= 0 || b.wait(key(1), 0) > 0 {
		t.Error("another one than the least recently used was forgotten")
	}
}
