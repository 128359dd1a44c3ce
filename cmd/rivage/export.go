// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/verify"
	"rivage.example/rivage/wire/tlog"
)

// exportOptions are the flags of export.
type exportOptions struct {
	principal, out, site, purpose string
	bodies                        bool
	proof                         int64
}

func exportCommand() *cobra.Command {
	var dir string
	o := exportOptions{}
	c := &cobra.Command{
		Use:   "export --principal P --out DOSSIER --dir DIR",
		Short: "Écrire ce qui appartient à un donneur d'ordre, vérifiable sans l'instance",
		Long:  "Writes a folder that verifies by itself: the signed checkpoint, all tiles, the leaves of one Principal and of the organisation (of all others only hashes), the Principal's facts and, with --bodies, what was sealed, opened. The rules of the Principal decide, for the site where the copy goes; the decision and the export are an entry of the journal before the first byte is written, and a refusal is one before it is told. With --proof N it writes the proof of one entry instead.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.out == "" || o.principal == "" && o.proof < 0 {
				return usageError{errors.New("--out is needed, and --principal or --proof")}
			}
			if _, err := os.Stat(o.out); err == nil {
				return &rivage.Error{Code: rivage.Conflict, Message: o.out + " exists: give --out a new name"}
			}
			return withSettings(cmd, dir, func(s *settings) error {
				done, err := o.run(cmd.Context(), s)
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), done)
				}
				return err
			})
		},
	}
	dirFlag(c, &dir)
	f := c.Flags()
	f.StringVar(&o.principal, "principal", "", "donneur d'ordre")
	f.StringVar(&o.out, "out", "", "dossier à créer (fichier, avec --proof)")
	f.StringVar(&o.site, "site", "", "site où la copie est emportée ; sans lui, le lieu est inconnu")
	f.StringVar(&o.purpose, "purpose", string(rivage.PurposeEvidence), "finalité : service, quality, evidence, administration")
	f.BoolVar(&o.bodies, "bodies", false, "avec le contenu scellé, ouvert : données personnelles en clair")
	f.Int64Var(&o.proof, "proof", -1, "la preuve de cette seule écriture")
	return c
}

func (o *exportOptions) run(ctx context.Context, s *settings) (string, error) {
	if _, err := s.checkpoint(ctx); err != nil {
		return "", err
	}
	p, err := s.publisher()
	if err != nil {
		return "", err
	}
	log, signed, err := p.Log()
	if err != nil {
		return "", err
	}
	size := log.Tree().Size
	if o.proof >= 0 {
		return o.prove(ctx, s, uint64(o.proof), func() ([]byte, error) { return p.Proof(ctx, uint64(o.proof)) })
	}
	x := &exporter{settings: s, principal: rivage.ID(o.principal), bodies: o.bodies, tree: log.Tree(), checkpoint: signed}
	if s.Settings().Principals[x.principal] == nil {
		return "", &rivage.Error{Code: rivage.Invalid, Message: o.principal + ": no such Principal; rivage config export lists them"}
	}
	n, err := x.count(ctx)
	if err != nil {
		return "", err
	}
	what := "export"
	if o.bodies {
		what = "export with bodies"
	}
	if err := o.allow(ctx, s, x.principal, classesOf(s.Settings(), x.principal, o.bodies), rivage.Exported{What: what, Entries: n, To: max(size, 1) - 1}); err != nil {
		return "", err
	}
	if err := x.write(ctx, o.out); err != nil {
		return "", errors.Join(err, os.RemoveAll(o.out))
	}
	return fmt.Sprintf("export écrit dans %s : %s, %s de faits. Vérifiez-le où il arrive : rivage verify %s",
		o.out, entries(size), number(x.facts.lines), o.out), nil
}

// prove writes the proof of one entry, with its leaf.
func (o *exportOptions) prove(ctx context.Context, s *settings, seq rivage.Seq, proof func() ([]byte, error)) (string, error) {
	e, err := s.store.Entry(ctx, seq)
	if err != nil {
		return "", err
	}
	if e.LeafText == nil {
		return "", &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("the text of entry %d was dropped: only its hash is left", seq)}
	}
	if err := o.allow(ctx, s, e.Principal, classesOf(s.Settings(), e.Principal, false), rivage.Exported{What: "proof", Entries: 1, From: seq, To: seq}); err != nil {
		return "", err
	}
	text, err := proof()
	if err != nil {
		return "", err
	}
	p, err := tlog.ParseProof(text)
	if err != nil {
		return "", err
	}
	p.Extra = e.LeafText
	if text, err = p.MarshalText(); err != nil {
		return "", err
	}
	if err := os.WriteFile(o.out, text, 0o600); err != nil {
		return "", fmt.Errorf("write proof: %w", err)
	}
	return fmt.Sprintf("preuve de l'écriture %d écrite dans %s. Vérifiez-la : rivage verify %s --key CLÉ", seq, o.out, o.out), nil
}

// allow asks the gate for every class of data that is in a file, and writes the decisions down before anything leaves, or
// before anybody is told that it may not.
func (o *exportOptions) allow(ctx context.Context, s *settings, principal rivage.ID, classes []rivage.DataClass, what rivage.Exported) error {
	now := s.clock.Now()
	place := o.place(s.Settings())
	if o.site != "" && place.Site == "" {
		return &rivage.Error{Code: rivage.Invalid, Message: o.site + ": no such site; rivage config export lists them"}
	}
	var allowed, refused rivage.Append
	var denied error
	for _, class := range classes {
		q := policy.Request{
			Principal: principal, Action: rivage.ActExport, Class: class, Mode: rivage.ModeCopy,
			Purpose: rivage.Purpose(o.purpose), Place: place, Target: principal,
		}
		grant, d := s.Gate().Ask(q, now, time.Hour)
		if err := grant.Check(rivage.ActExport, principal, now); err != nil {
			denied = cmp.Or(denied, error(&rivage.Error{Code: rivage.Denied, Message: refusal(class, d), Decision: &d}))
			e := decided(q, d, now, &rivage.ExportRefused{What: what.What, From: what.From, To: what.To}, "refused")
			refused.Entries = append(refused.Entries, e)
			continue
		}
		allowed.Entries = append(allowed.Entries, decided(q, d, now, &what, "exported"))
	}
	if denied != nil { // one class is enough: nothing leaves
		_, err := s.journal.Append(ctx, refused)
		return errors.Join(denied, err)
	}
	_, err := s.journal.Append(ctx, allowed)
	return err
}

func refusal(class rivage.DataClass, d rivage.Decision) string {
	if d.Rule == "" {
		return fmt.Sprintf("export refused for data of class %s: %s", class, d.Reason)
	}
	return fmt.Sprintf("export refused for data of class %s by rule %s: %s", class, d.Rule, d.Reason)
}

func decided(q policy.Request, d rivage.Decision, now time.Time, f rivage.Facts, outcome string) rivage.Entry {
	return rivage.Entry{
		Stream: rivage.StreamOf("export", q.Principal), Principal: q.Principal, At: now, Facts: f,
		Leaf: rivage.Leaf{
			Role: "operator", Site: q.Place.Site, Country: q.Place.Vouched(), To: q.Place.Country, Evidence: q.Place.Evidence, Class: q.Class,
			Mode: q.Mode, Purpose: q.Purpose, Basis: d.Basis, Rule: d.Rule, Rules: d.Rules, Outcome: outcome,
		},
	}
}

// place is where the copy goes: what the operator declares, or unknown, which is never France.
func (o *exportOptions) place(s *rivage.Settings) rivage.Place {
	site := s.Sites[rivage.ID(o.site)]
	if site == nil {
		return rivage.Place{Evidence: rivage.Unknown}
	}
	return rivage.Place{Site: site.ID, Company: site.Company, Country: site.Country, Evidence: rivage.Declared, Telework: site.Telework}
}

// classesOf lists the classes of a Principal's queues, and with bodies those of the fields of its persons, whose values are
// opened too; common data when there are none.
func classesOf(s *rivage.Settings, principal rivage.ID, bodies bool) []rivage.DataClass {
	var list []rivage.DataClass
	for _, q := range s.Queues {
		if q.Principal == principal && !slices.Contains(list, q.Class) {
			list = append(list, q.Class)
		}
	}
	for _, f := range s.PersonFields(principal) {
		if bodies && !slices.Contains(list, f.Class) {
			list = append(list, f.Class)
		}
	}
	if len(list) == 0 {
		return []rivage.DataClass{rivage.ClassCommon}
	}
	slices.Sort(list)
	return list
}

// sign signs with the log's own key.
func (i *instance) sign(c tlog.Checkpoint) ([]byte, error) {
	key, err := readSigningKey(i.machine.key(ledgerKeyFile))
	if err != nil {
		return nil, err
	}
	signer, err := tlog.NewSigner(c.Origin, key)
	if err != nil {
		return nil, err
	}
	return c.Sign(signer)
}

// manifestOf is the manifest of an export as it is signed.
func (i *instance) manifestOf(tree tlog.Tree, m *verify.Manifest) ([]byte, error) {
	lines, err := m.Lines()
	if err != nil {
		return nil, err
	}
	return i.sign(tlog.Checkpoint{Origin: i.machine.Origin, Tree: tree, Extension: lines})
}
