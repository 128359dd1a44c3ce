// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/dossier"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/wire/tlog"
)

func openingCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "opening SITE --dir DIR",
		Short: "Montrer le dossier d'ouverture d'un site, et ce que le journal dit y avoir circulé ; signé",
		Long:  "Prints the dossier of a site as a signed text: trial scope, country notice, client organisations told and what they answered, opinions, decision; then, from the whole journal, what went to that site before and after the decision. Exits 1 when something went to a site for which nobody decided go.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSettings(cmd, dir, func(s *settings) error { return printOpening(cmd, s, rivage.ID(args[0])) })
		},
	}
	dirFlag(c, &dir)
	return c
}

func printOpening(cmd *cobra.Command, s *settings, id rivage.ID) error {
	live := s.Settings()
	o, site := live.Openings[id], live.Sites[id]
	if o == nil || site == nil {
		return &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("there is no opening of a site %q: openings/%s.toml makes one", id, id)}
	}
	head, err := s.store.Head(cmd.Context())
	if err != nil {
		return err
	}
	flow := dossier.FlowTo(id, site.Country)
	err = eachEntry(cmd.Context(), s.store, head.Size, func(e *rivage.Stored) error {
		flow.Take(e)
		return nil
	})
	if err != nil {
		return err
	}
	r := openingReport{at: s.clock.Now(), settings: live, site: site, opening: o, flow: flow}
	if r.by, err = s.decider(cmd.Context(), o); err != nil {
		return err
	}
	signed, err := s.signText(fmt.Sprintf("établi le         %s\njournal           %d écritures, racine %s\n%s",
		r.at.UTC().Format(time.RFC3339), head.Size, tlog.Hash(head.Root), r.text()))
	if err != nil {
		return err
	}
	if _, err := cmd.OutOrStdout().Write(signed); err != nil {
		return err
	}
	return r.holds()
}

// decider is the name of who decided, their account once the name is gone.
func (s *settings) decider(ctx context.Context, o *rivage.Opening) (string, error) {
	if o.Decision == nil {
		return "", nil
	}
	name, _, err := directory{s.instance, s}.Names(ctx, o.Decision.By)
	if err != nil && rivage.CodeOf(err) != rivage.NotFound {
		return "", err
	}
	return cmp.Or(name, string(o.Decision.By)), nil
}

// openingReport is a dossier with what went to its site.
type openingReport struct {
	at       time.Time
	settings *rivage.Settings
	site     *rivage.Site
	opening  *rivage.Opening
	by       string
	flow     *dossier.Flow
}

// text is the report for people, in French.
func (r *openingReport) text() string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	o := r.opening
	p("site              %s (%s), %s, société %s", r.site.ID, r.site.Name, r.site.Country, r.site.Company)
	if s := o.Scope; s != nil {
		p("périmètre d'essai files %s ; classes %s ; modes %s ; %d agents au plus ; du %s au %s", strings.Join(words(s.Queues), ", "),
			strings.Join(words(s.Classes), ", "), strings.Join(words(s.Modes), ", "), s.Agents, s.From, s.Until)
	} else {
		p("périmètre d'essai manque")
	}
	if n := o.Notice; n != nil {
		p("avis de pays      %s", n.Text)
		p("                  source : %s, du %s", n.Source, n.Date)
	} else {
		p("avis de pays      manque")
	}
	for i := range o.Clients {
		p("donneur d'ordre   %s", r.client(&o.Clients[i]))
	}
	if len(o.Clients) == 0 {
		p("donneur d'ordre   aucun n'est prévenu")
	}
	for _, x := range o.Opinions {
		p("avis              %s : %s", x.Of, opinionText(x))
	}
	if len(o.Opinions) == 0 {
		p("avis              aucun n'est recueilli")
	}
	if d := o.Decision; d != nil {
		p("décision          %s, le %s, par %s : %s", d.Verdict, d.On, r.by, d.Reason)
	} else {
		p("décision          pas encore prise : le site est fermé")
	}
	r.flowed(p)
	return b.String()
}

// standingNames are how an opening stands for a client organisation.
var standingNames = map[policy.Standing]string{
	policy.StandingOpen: "ouvert", policy.StandingUndecided: "fermé, pas de décision", policy.StandingRefused: "fermé, refusé", policy.StandingUntold: "fermé, pas prévenu",
	policy.StandingDeadline: "fermé, le délai court", policy.StandingObjected: "fermé, opposition", policy.StandingOutside: "fermé, hors des dates ou du périmètre",
}

func (r *openingReport) client(c *rivage.ClientTold) string {
	standing, _ := policy.Opening(r.opening, c.Principal, r.at)
	told := "pas prévenu"
	if c.ToldOn != "" {
		told = fmt.Sprintf("prévenu le %s, opposition jusqu'au %s", c.ToldOn, c.ObjectionUntil)
	}
	switch c.Answer {
	case rivage.ClientAccepted:
		told += fmt.Sprintf(", accepte le %s (%s)", c.AnsweredOn, c.Reference)
	case rivage.ClientObjected:
		told += fmt.Sprintf(", s'oppose le %s (%s)", c.AnsweredOn, c.Reference)
	}
	return fmt.Sprintf("%s : %s : %s", c.Principal, told, standingNames[standing])
}

func opinionText(x rivage.Opinion) string {
	if x.Opinion == "" {
		return "attendu"
	}
	kind := map[rivage.OpinionKind]string{
		rivage.OpinionFavourable: "favorable", rivage.OpinionReserved: "réservé", rivage.OpinionUnfavourable: "défavorable",
	}[x.Opinion]
	return fmt.Sprintf("%s, le %s (%s)", kind, x.On, x.Reference)
}

// flowed says what went there, and that nothing did where that is so: also where nothing that was written can no longer be read.
func (r *openingReport) flowed(p func(string, ...any)) {
	f := r.flow
	for _, way := range dossier.Flows {
		p("depuis ce site    %s : %d avant la décision, %d après", way, f.Before[way], f.After[way])
	}
	if f.Unread > 0 {
		p("                  %d écritures dont le texte ou les faits ne se lisent plus", f.Unread)
	}
	switch {
	case f.N() == 0 && f.Sessions() == 0 && f.Unread == 0:
		p("conclusion        rien n'a circulé")
		return
	case f.N() == 0 && f.Unread == 0:
		p("conclusion        aucune donnée n'y a été présentée ; sessions ouvertes : %d", f.Sessions())
	case f.N() == 0:
		p("conclusion        rien de lisible n'a circulé, et tout ne se lit plus")
	default:
		p("conclusion        %d accès", f.N())
	}
	for _, e := range f.Entries {
		p("  écriture %d %s, %s", e.Seq, e.Kind, e.At.Time().UTC().Format(time.RFC3339))
	}
	if n := f.N() + f.Sessions() - len(f.Entries); n > 0 {
		p("  et %d autres", n)
	}
}

// holds is an error when something went to a site for which nobody decided go.
func (r *openingReport) holds() error {
	if d := r.opening.Decision; r.flow.N() > 0 && (d == nil || d.Verdict != rivage.Go) {
		return errors.New("des données ont circulé vers un site dont l'ouverture n'est pas décidée")
	}
	return nil
}
