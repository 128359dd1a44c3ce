// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/config"
)

// demoFile says everything about a running demo: addresses, logins, the address for one's own phone.
const demoFile = "demo.json"

// demoOptions are the flags of demo.
type demoOptions struct {
	dir, http, sip string
	keep           bool
	callers        int
}

func demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Démarrer un plateau fictif complet, dans un dossier temporaire",
		Long:  "Starts a fictitious outsourcer's floor on loopback: two client organisations, five open sites and one that is not yet, agents' posts and callers that ring over real SIP from a separate process. It prints addresses and logins and writes them to demo.json.",
		Args:  exactly(0),
		RunE:  func(cmd *cobra.Command, _ []string) error { return demo(cmd, o) },
	}
	f := c.Flags()
	f.StringVar(&o.dir, "dir", "", "dossier de la démonstration (sinon : temporaire, effacé à la fin)")
	f.BoolVar(&o.keep, "keep", false, "garder le dossier à la fin")
	f.StringVar(&o.http, "http", "127.0.0.1:8080", "adresse des pages")
	f.StringVar(&o.sip, "sip", "127.0.0.1:5070", "adresse SIP")
	f.IntVar(&o.callers, "callers", 7, "appelants simultanés ; 0 : ni appelants ni postes automatiques")
	return c
}

// demoInfo is demo.json.
type demoInfo struct {
	URL      string        `json:"url"`
	SIP      string        `json:"sip"`
	Numbers  []demoNumber  `json:"numbers"`
	Accounts []demoAccount `json:"accounts"`
	Posts    string        `json:"posts"`   // where the automatic posts listen for SIP
	Parcels  string        `json:"parcels"` // where the fictitious parcel system listens
	Callers  int           `json:"callers"`
}

type demoNumber struct {
	Number    string `json:"number"`
	Name      string `json:"name"`
	Principal string `json:"principal"`
}

type demoAccount struct {
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	Site     string   `json:"site,omitempty"`
	Password string   `json:"password"`
	Seed     string   `json:"totp_seed,omitempty"`
	Post     string   `json:"post,omitempty"` // SIP user of an automatic post
	From     string   `json:"from,omitempty"` // address an automatic post's desk connects from
}

// farEnd is the last day of the demo's safeguard that gets a near one, and of the time to object to the site that is not open
// yet; toldHolder stands where its client organisation was told.
const (
	farEnd     = "2036-06-30"
	toldHolder = `told_on = "2026-01-12"`
)

// postsHolder stands in accounts.toml where the posts listen, parcelsHolder in cards/colis.toml where the parcel system does.
const (
	postsHolder   = "127.0.0.1:5072"
	parcelsHolder = "127.0.0.1:5073"
)

func demo(cmd *cobra.Command, o demoOptions) (err error) {
	ctx := cmd.Context()
	made := o.dir == ""
	if made {
		if o.dir, err = os.MkdirTemp("", "rivage-demo-"); err != nil {
			return fmt.Errorf("make the demo's folder: %w", err)
		}
		if !o.keep {
			defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
		}
	}
	if _, err := os.Stat(filepath.Join(o.dir, demoFile)); errors.Is(err, os.ErrNotExist) {
		if err := makeDemo(ctx, o); err != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("open the demo: %w", err)
	}
	return runDemo(cmd, o)
}

// makeDemo makes the demo's instance: what a real one gets from people, it gets from a folder in the binary.
func makeDemo(ctx context.Context, o demoOptions) error {
	m := defaultMachine()
	m.dir, m.Organisation, m.Origin = o.dir, "Plateau du Ponant (fictif)", "demo.rivage.example/journal"
	m.HTTPS.Plain, m.Media.Browser = true, "127.0.0.1:0"
	if err := makeInstance(&m); err != nil {
		return err
	}
	i, err := openInstance(ctx, o.dir)
	if err != nil {
		return err
	}
	info := demoInfo{Posts: freePort(), Parcels: freePort(), Callers: o.callers}
	if err := errors.Join(fillDemo(ctx, i, &info), i.Close()); err != nil {
		return err
	}
	return info.write(o.dir)
}

// listen writes the addresses of this run into the demo's rivage.toml: a kept folder may be started elsewhere.
func (o *demoOptions) listen() error {
	m, err := readMachine(o.dir)
	if err != nil {
		return err
	}
	m.HTTPS = httpsMachine{Listen: o.http, Plain: true}
	m.SIP = sipMachine{UDP: o.sip, TCP: o.sip}
	if err := m.check(); err != nil {
		return usageError{err}
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.dir, machineFile), text, 0o600)
}

// freePort is a loopback address nobody listens on at the moment.
func freePort() string {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return postsHolder
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// fillDemo applies the settings, and takes up everybody's invitation with a password made for this demo.
func fillDemo(ctx context.Context, i *instance, info *demoInfo) error {
	s, err := openSettings(ctx, i)
	if err != nil {
		return err
	}
	folder, err := unpackSettings(i.machine.dir, info, i.clock.Now())
	if err != nil {
		return err
	}
	plan, err := s.applyFolder(ctx, config.By{Role: "installer"}, folder, false, false)
	if err != nil {
		return err
	}
	var added []rivage.ID
	for _, c := range plan.Changes {
		if c.Type == rivage.TypeAccount {
			added = append(added, c.ID)
		}
	}
	control, err := newAccess(i, s, s.journal)
	if err != nil {
		return err
	}
	invitations, err := control.Invite(ctx, "", added...)
	if err != nil {
		return err
	}
	password := "ponant-" + strings.ToLower(rand.Text()[:8])
	for _, inv := range invitations {
		a, err := enrol(ctx, i, s, control, inv, password)
		if err != nil {
			return err
		}
		info.Accounts = append(info.Accounts, a)
	}
	info.numbers(s.Settings())
	return nil
}

// enrol takes an invitation up as its person would.
func enrol(ctx context.Context, i *instance, s *settings, control *access.Control, inv access.Invitation, password string) (demoAccount, error) {
	e, err := control.OpenInvitation(ctx, inv.Token)
	if err != nil {
		return demoAccount{}, err
	}
	a := demoAccount{Login: e.Login, Name: e.Name, Password: password}
	code := ""
	if e.TOTPRequired {
		a.Seed = e.Secret
		if code, err = access.Code(e.Secret, i.clock.Now().Add(-30*time.Second)); err != nil { // the present one is for its owner
			return a, err
		}
	}
	account := s.Settings().Accounts[inv.Account]
	from := netip.MustParseAddr("127.0.0.1")
	if site := s.Settings().Sites[siteOf(account)]; site != nil && len(site.Networks) > 0 {
		from = site.Networks[0].Addr() // or the first thing to be seen would be that everybody is elsewhere
	}
	_, token, err := control.AcceptInvitation(ctx, inv.Token, password, code, access.Origin{Remote: from})
	if err != nil {
		return a, fmt.Errorf("enrol %s: %w", e.Login, err)
	}
	for _, r := range account.Roles {
		a.Roles = append(a.Roles, r.Name)
	}
	a.Site = string(siteOf(account))
	if g := account.Agent; g != nil {
		if user, _, ok := strings.Cut(strings.TrimPrefix(g.Device.URI, "sip:"), "@"); ok {
			a.Post, a.From = user, from.String()
		}
	}
	return a, control.SignOut(ctx, token)
}

// siteOf is where the employer says somebody works, "" for nowhere.
func siteOf(a *rivage.Account) rivage.ID {
	if a.Agent != nil {
		return a.Agent.Site
	}
	return a.Site
}

// unpackSettings writes the demo's settings into its folder, with the addresses of what runs beside it, and one safeguard
// that ends soon, for people to see it announced, and a time to object that runs.
func unpackSettings(dir string, info *demoInfo, now time.Time) (fs.FS, error) {
	to := filepath.Join(dir, "settings")
	if err := os.CopyFS(to, demoSettings()); err != nil {
		return nil, fmt.Errorf("unpack the demo's settings: %w", err)
	}
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	for _, change := range [][3]string{
		{"accounts.toml", postsHolder, info.Posts}, {"cards/colis.toml", parcelsHolder, info.Parcels},
		{"safeguards/information-lome.toml", farEnd, day(25)},
		{"openings/dakar.toml", toldHolder, `told_on = "` + day(-3) + `"`}, {"openings/dakar.toml", farEnd, day(27)},
	} {
		path := filepath.Join(to, change[0])
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("unpack the demo's settings: %w", err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), change[1], change[2])), 0o600); err != nil {
			return nil, fmt.Errorf("unpack the demo's settings: %w", err)
		}
	}
	return os.DirFS(to), nil
}

func (d *demoInfo) numbers(s *rivage.Settings) {
	for number, n := range s.Numbers {
		dn := demoNumber{Number: number}
		if f := s.Flows[n.Flow]; f != nil {
			dn.Name = f.Name
		}
		if p := s.Principals[n.Principal]; p != nil {
			dn.Principal = p.Name
		}
		d.Numbers = append(d.Numbers, dn)
	}
}

func (d *demoInfo) write(dir string) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoFile), append(text, '\n'), 0o600)
}

func readDemo(dir string) (demoInfo, error) {
	var d demoInfo
	text, err := os.ReadFile(filepath.Join(dir, demoFile))
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	return d, err
}

// runDemo serves the instance, starts the callers beside it, and says where everything is.
func runDemo(cmd *cobra.Command, o demoOptions) error {
	info, err := readDemo(o.dir)
	if err != nil {
		return fmt.Errorf("read the demo: %w", err)
	}
	info.Callers = o.callers
	if err := o.listen(); err != nil {
		return err
	}
	i, err := openInstance(cmd.Context(), o.dir)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(o.dir, "rivage.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("open the demo's log: %w", err), i.Close())
	}
	var offered []api.Number
	for _, n := range info.Numbers {
		offered = append(offered, api.Number{Number: n.Number, Name: n.Name, PrincipalName: n.Principal})
	}
	var beside []*exec.Cmd
	err = serve(cmd.Context(), i, serving{
		log: slog.New(slog.NewTextHandler(log, nil)), demo: offered,
		ready: func(h *house) {
			info.URL, info.SIP = "http://"+h.listener.Addr().String(), h.voice.UDPAddr().String()
			if err := info.write(o.dir); err != nil {
				h.log.Error("write demo.json", "error", err.Error())
			}
			beside = append(beside, startBeside(h.log, o.dir, "parcels", "--listen", info.Parcels))
			if info.Callers > 0 {
				beside = append(beside, startBeside(h.log, o.dir, "caller", "--demo", filepath.Join(o.dir, demoFile)))
			}
			info.print(cmd.OutOrStdout(), o.dir)
			go codes(cmd.InOrStdin(), cmd.OutOrStdout(), info)
		},
	})
	return errors.Join(err, stopBeside(beside), i.Close(), log.Close())
}

// print tells a newcomer what to do first.
func (d *demoInfo) print(w io.Writer, dir string) {
	fmt.Fprintf(w, `
Rivage, plateau de démonstration (tout y est fictif)

  Conseiller      %[1]s/desk      identifiant anne
  Salle           %[1]s/control   identifiant maelle
  Appeler         %[1]s/appeler   comme une personne qui téléphone, depuis le navigateur
  Téléphone SIP   sip:%[2]s@%[3]s   (colis ; tout téléphone SIP de cette machine)
  Mot de passe    %[4]s   (le même pour toutes les personnes de cette démonstration)
`, d.URL, d.number("colis"), d.SIP, d.password())
	fmt.Fprintf(w, "  Dossier         %s   (demo.json y redit tout ; rivage.log, caller.log, parcels.log)\n\n", dir)
	for _, a := range d.Accounts {
		if a.Post == "" {
			fmt.Fprintf(w, "    %-8s %-18s %s %s\n", a.Login, a.Name, strings.Join(a.Roles, ", "), a.Site)
		}
	}
	fmt.Fprint(w, "\nEntrée : codes à six chiffres du moment. Ctrl+C : fin, après les appels en cours ; deux fois : tout de suite.\n")
}

func (d *demoInfo) number(part string) string {
	for _, n := range d.Numbers {
		if strings.Contains(strings.ToLower(n.Name), part) {
			return n.Number
		}
	}
	return ""
}

func (d *demoInfo) password() string {
	if len(d.Accounts) == 0 {
		return ""
	}
	return d.Accounts[0].Password
}

// codes prints the codes of the moment each time somebody presses Enter.
func codes(in io.Reader, out io.Writer, d demoInfo) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		for _, a := range d.Accounts {
			if a.Seed == "" {
				continue
			}
			if code, err := access.Code(a.Seed, time.Now()); err == nil {
				fmt.Fprintf(out, "  %s : %s\n", a.Login, code)
			}
		}
	}
}

// hasAddress says whether a loopback address can be used on this machine.
func hasAddress(a netip.Addr) bool {
	c, err := net.ListenPacket("udp", netip.AddrPortFrom(a, 0).String())
	if err != nil {
		return false
	}
	return c.Close() == nil
}
