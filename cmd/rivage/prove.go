// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/wire/tlog"
)

// proveOptions are the flags of policy prove.
type proveOptions struct {
	dir, cdr, flows string
	never           []string
}

func policyProve() *cobra.Command {
	var o proveOptions
	c := &cobra.Command{
		Use:   "prove --dir DIR",
		Short: "Énumérer toutes les réponses possibles, rejouer le journal et rapprocher d'une preuve extérieure ; rapport signé",
		Long:  "Enumerates every combination the rules and the frame may be asked, replays every decision of the journal under what was in force then, and reconciles the calls with the carrier's records (--cdr) and the connections with a firewall's flows (--flows). Prints a signed report; exits 1 when anything stands outside policy, a --never does not hold, a call or a flow is missing on either side, or a flow goes where nothing is declared.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, o.dir, func(i *instance) error { return prove(cmd, i, o) })
		},
	}
	dirFlag(c, &o.dir)
	c.Flags().StringArrayVar(&o.never, "never", nil, "ce qui ne doit jamais être permis, « class=sante zone=OTHER,ADEQUATE » (class, action, mode, purpose, zone, country, company, evidence)")
	c.Flags().StringVar(&o.cdr, "cdr", "", "relevé des appels de l'opérateur : CSV « start,number,seconds » (RFC 3339, E.164)")
	c.Flags().StringVar(&o.flows, "flows", "", "relevé des flux d'un pare-feu : lignes de conntrack, ou CSV « start,proto,src,dst,dport,bytes »")
	return c
}

func prove(cmd *cobra.Command, i *instance, o proveOptions) error {
	nevers, err := parseNevers(o.never)
	if err != nil {
		return err
	}
	var theirs []carrierCall
	if o.cdr != "" {
		if theirs, err = readRecords(o.cdr, parseCDR); err != nil {
			return err
		}
	}
	var flows []netFlow
	if o.flows != "" {
		if flows, err = readRecords(o.flows, parseFlows); err != nil {
			return err
		}
	}
	head, err := i.store.Head(cmd.Context())
	if err != nil {
		return err
	}
	s, gate, err := settingsAt(cmd.Context(), i.store, head.Size)
	if err != nil {
		return err
	}
	at := i.clock.Now()
	r := proof{at: at, size: head.Size, root: tlog.Hash(head.Root).String(), profile: gate.Profile()}
	r.all = enumerate(s, gate, at, nevers)
	if r.journal, err = replayAll(cmd.Context(), newDecisions(i.store), head.Size); err != nil {
		return err
	}
	if o.cdr != "" {
		if r.cdr, err = reconcile(cmd.Context(), i.store, head.Size, theirs); err != nil {
			return err
		}
	}
	if o.flows != "" {
		if r.flows, err = reconcileFlows(cmd.Context(), i.store, head.Size, &i.machine, flows, at); err != nil {
			return err
		}
	}
	signed, err := i.signText(r.text())
	if err != nil {
		return err
	}
	if _, err := cmd.OutOrStdout().Write(signed); err != nil {
		return err
	}
	return r.holds()
}

// signText signs a text with the key of the journal, under a name that no checkpoint bears.
func (i *instance) signText(text string) ([]byte, error) {
	key, err := readSigningKey(i.machine.key(ledgerKeyFile))
	if err != nil {
		return nil, err
	}
	signer, err := tlog.NewSigner(i.machine.Origin, key)
	if err != nil {
		return nil, err
	}
	return tlog.SignText(i.machine.Origin+"/rapport\n"+text, signer)
}

// proof is what prove found.
type proof struct {
	at      time.Time
	size    rivage.Seq
	root    string
	profile rivage.Profile
	all     enumerated
	journal replayedAll
	cdr     *reconciled
	flows   *flowsFound
}

// text is the report for people, in French, one finding a line.
func (r *proof) text() string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p("établi le         %s", r.at.UTC().Format(time.RFC3339))
	p("journal           %d écritures, racine %s", r.size, r.root)
	p("profil            %s", r.profile)
	p("énumération       %d cas, %d permis, %d refusés, aucun sans réponse", r.all.asked, r.all.allowed, r.all.asked-r.all.allowed)
	for _, n := range r.all.nevers {
		if n.asked == 0 {
			p("jamais            %s : aucun cas ne s'y rapporte", n.text)
		} else if n.found == nil {
			p("jamais            %s : tenu sur %d cas", n.text, n.asked)
		} else {
			p("jamais            %s : PERMIS, par exemple %s (règle %s)", n.text, caseText(*n.found), n.rule)
		}
	}
	p("décisions rejouées %d : %d jambes, champs, écoutes, enregistrements ou exports hors politique ; %d non rejouables, leur feuille est tombée", r.journal.n, r.journal.bad, r.journal.lost)
	for _, o := range r.journal.outside {
		p("  écriture %d %s : %s", o.seq, o.kind, o.why)
	}
	if r.cdr == nil && r.flows == nil {
		p("preuve extérieure aucune : le journal seul")
	}
	if r.cdr != nil {
		b.WriteString(r.cdr.text())
	}
	if r.flows != nil {
		b.WriteString(r.flows.text())
	}
	return b.String()
}

// maxFindings is how many findings of a kind a report lists.
const maxFindings = 20

// holds is an error when anything does not.
func (r *proof) holds() error {
	var errs []error
	if n := r.journal.bad; n > 0 {
		errs = append(errs, fmt.Errorf("%d décisions hors politique", n))
	}
	for _, n := range r.all.nevers {
		if n.asked == 0 {
			errs = append(errs, fmt.Errorf("aucun cas ne se rapporte à : %s", n.text))
		}
		if n.found != nil {
			errs = append(errs, fmt.Errorf("ce qui ne devait jamais être permis l'est : %s", n.text))
		}
	}
	if r.cdr != nil && len(r.cdr.missingHere)+len(r.cdr.missingThere) > 0 {
		errs = append(errs, errors.New("le relevé de l'opérateur et le journal diffèrent"))
	}
	if r.flows != nil && !r.flows.holds() {
		errs = append(errs, errors.New("le relevé des flux et le journal diffèrent, ou une destination n'est pas déclarée"))
	}
	return errors.Join(errs...)
}

// replayedAll is every decision of the log, made again.
type replayedAll struct {
	n, bad, lost int
	outside      []outside // the first maxFindings of bad
}

type outside struct {
	seq  rivage.Seq
	kind rivage.Kind
	why  string
}

func replayAll(ctx context.Context, w *decisions, size rivage.Seq) (r replayedAll, err error) {
	err = w.each(ctx, size, func(d *pastDecision, force []inForceAt) error {
		r.n++
		why := judge(d, force)
		if why == "" {
			return nil
		}
		r.bad++
		if len(r.outside) < maxFindings {
			r.outside = append(r.outside, outside{d.seq, d.kind, why})
		}
		return nil
	})
	r.lost = w.lost
	return r, err
}

// judge says why a decision of the log stands outside policy, "" when what was in force allowed it.
func judge(d *pastDecision, force []inForceAt) string {
	if d.forged {
		return "ses faits ne sont pas ceux que sa feuille nomme"
	}
	if d.share != "" {
		return d.share
	}
	why := "aucune règle en vigueur à cet instant ne porte l'empreinte citée"
	for _, then := range force {
		t := then.gate.Table(d.request.Principal)
		if d.rules != "" && (t == nil || t.Hash() != d.rules) {
			continue
		}
		answer := then.gate.DecideField(then.settings, d.request, d.at)
		switch {
		case !answer.Allowed:
			why = answer.Reason
		case answer.Remote && !d.remote:
			why = "montré autrement qu'en image, seule permise"
		case answer.Masked && !d.masked:
			why = "montré en entier, où une partie seule était permise"
		default:
			return ""
		}
	}
	return why
}

// enumerated is every answer there is.
type enumerated struct {
	asked, allowed int
	nevers         []never
}

// enumerate asks a gate everything: each Principal, each country of the table and none, each company and one that nobody
// declared, each evidence, class, action, mode and purpose, at each instant at which hours of rules make a difference.
func enumerate(s *rivage.Settings, gate *policy.Gate, at time.Time, nevers []never) enumerated {
	e := enumerated{nevers: nevers}
	companies := []rivage.ID{""}
	for id := range s.Companies {
		companies = append(companies, id)
	}
	slices.Sort(companies)
	sites := boundPlaces(s)
	for _, at := range gate.Instants(at) {
		for _, principal := range gate.Principals() {
			for c := range gate.Matrix(principal, append(everyPlace(companies, at, gate.TellsHomes(principal)), sites...), at) {
				e.see(&c)
			}
		}
	}
	return e
}

func (e *enumerated) see(c *policy.MatrixCell) {
	e.asked++
	if c.Decision.Allowed {
		e.allowed++
	}
	for i := range e.nevers {
		e.nevers[i].see(c)
	}
}

// everyPlace is every place that rules may tell apart; homes only for rules that do, which no others allow.
func everyPlace(companies []rivage.ID, at time.Time, homes bool) (places []rivage.Place) {
	countries := []rivage.Country{""}
	for _, j := range policy.Jurisdictions() {
		countries = append(countries, j.Country)
	}
	for _, company := range companies {
		for _, country := range countries {
			for _, evidence := range rivage.Evidences {
				zone := policy.ZoneAt(country, at)
				if evidence == rivage.Unknown {
					zone = rivage.ZoneOther // unknown is never France
				}
				p := rivage.Place{Company: company, Country: country, Zone: zone, Evidence: evidence}
				places = append(places, p)
				if homes && evidence != rivage.Attested {
					p.Telework = true
					places = append(places, p)
				}
			}
		}
	}
	return places
}

// boundPlaces are the sites, each apart, where one of them has an opening: what is answered there depends on which it is.
func boundPlaces(s *rivage.Settings) (places []rivage.Place) {
	if len(s.Openings) == 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.Sites)) {
		for _, evidence := range rivage.Evidences {
			p := placeOf(s, id, evidence)
			if p.Zone = policy.ZoneOf(p.Country); evidence == rivage.Unknown {
				p.Zone = rivage.ZoneOther
			}
			places = append(places, p)
		}
	}
	return places
}

// caseText is a question in a line.
func caseText(r policy.Request) string {
	return fmt.Sprintf("%s %s %s %s %s %s %s %s", r.Principal, r.Class, r.Action, r.Mode, r.Purpose,
		orNone(string(r.Place.Country)), orNone(string(r.Place.Company)), r.Place.Evidence)
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
