// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/dossier"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/wire/tlog"
)

func evidenceCommand() *cobra.Command {
	var dir, from, to string
	c := &cobra.Command{
		Use:   "evidence FOLDER --dir DIR",
		Short: "Écrire les registres que le journal fait de lui-même : transferts, accès, contacts, annonces, demandes de France",
		Long:  "Writes registre_transferts.csv, acces.csv, contacts.csv and demandes_de_lieu.csv into a new folder, from what took place between two days, and manifest.txt with their hashes, signed with the journal's key. No file names a person.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				first, end, err := period(from, to, i.clock.Now())
				if err != nil {
					return err
				}
				return writeEvidence(cmd, i, args[0], first, end)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&from, "from", "", "premier jour, AAAA-MM-JJ, UTC ; depuis le début quand il manque")
	c.Flags().StringVar(&to, "to", "", "dernier jour, compris ; aujourd'hui quand il manque")
	return c
}

// period is the days that are meant; the end is excluded.
func period(from, to string, now time.Time) (first, end time.Time, err error) {
	end = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	if from != "" {
		if first, err = time.Parse(time.DateOnly, from); err != nil {
			return first, end, usageError{fmt.Errorf("--from: want a day like 2026-11-28")}
		}
	}
	if to != "" {
		if end, err = time.Parse(time.DateOnly, to); err != nil {
			return first, end, usageError{fmt.Errorf("--to: want a day like 2026-11-28")}
		}
		end = end.AddDate(0, 0, 1)
	}
	if !first.Before(end) {
		return first, end, usageError{fmt.Errorf("--from comes after --to")}
	}
	return first, end, nil
}

func writeEvidence(cmd *cobra.Command, i *instance, folder string, first, end time.Time) error {
	if left, err := os.ReadDir(folder); err == nil && len(left) > 0 {
		return &rivage.Error{Code: rivage.Conflict, Message: folder + " is not empty: write into a new folder"}
	}
	head, err := i.store.Head(cmd.Context())
	if err != nil {
		return err
	}
	d, s, err := i.gather(cmd.Context(), head.Size, first, end)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"registre_transferts.csv": accessRows(d, s, d.Outside(), true), "acces.csv": accessRows(d, s, d.Sorted(), false),
		"contacts.csv": contactRows(d, s), "demandes_de_lieu.csv": askedRows(d),
	}
	var b strings.Builder
	fmt.Fprintf(&b, "établi le  %s\nperiode    %s au %s, UTC\njournal    %d écritures, racine %s\n", i.clock.Now().UTC().Format(time.RFC3339),
		first.Format(time.DateOnly), end.AddDate(0, 0, -1).Format(time.DateOnly), head.Size, tlog.Hash(head.Root))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	if files["manifest.txt"], err = i.signText(b.String()); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return fmt.Errorf("write the evidence: %w", err)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d sortes d'accès, dont %d hors de l'EEE ou d'un lieu inconnu, écrites dans %s.\n", len(d.Accesses), len(d.Outside()), folder)
	return nil
}

// gather reads the whole log into a dossier, and gives what people set at its end.
func (i *instance) gather(ctx context.Context, size rivage.Seq, first, end time.Time) (*dossier.Dossier, *rivage.Settings, error) {
	d := dossier.New(policy.ZoneOf, first, end)
	w := newDecisions(i.store)
	err := w.walk(ctx, size, func(e *rivage.Stored, s *rivage.Settings) error {
		d.Take(e, s)
		return nil
	})
	return d, w.now(i.clock.Now()), err
}

// accessRows are accesses as CSV; those of the register of transfers name the safeguards of the importer.
func accessRows(d *dossier.Dossier, s *rivage.Settings, list []dossier.Access, transfers bool) []byte {
	head := []string{"donneur_d_ordre", "societe", "siege", "mere_ultime", "pays", "zone", "preuve_du_lieu", "mode", "classe", "acces", "premier", "dernier"}
	if transfers {
		head = append(head, "garanties")
	}
	return table(head, len(list), func(i int) []string {
		a := list[i]
		seen := d.Accesses[a]
		name, seat, parent := company(s, a.Company)
		zone := rivage.ZoneOther
		if a.Country != "" {
			zone = policy.ZoneOf(a.Country)
		}
		row := []string{
			string(a.Principal), name, seat, parent, cmp.Or(string(a.Country), "inconnu"), string(zone), string(a.Evidence), a.Way, string(a.Class),
			strconv.Itoa(seen.N), seen.First.UTC().Format(time.RFC3339), seen.Last.UTC().Format(time.RFC3339),
		}
		if transfers {
			row = append(row, safeguardsOf(s, a))
		}
		return row
	})
}

func company(s *rivage.Settings, id rivage.ID) (name, seat, parent string) {
	if c := s.Companies[id]; c != nil {
		return c.Name, string(c.Country), string(cmp.Or(c.ParentCountry, c.Country))
	}
	return cmp.Or(string(id), "inconnue"), "", ""
}

// safeguardsOf are the safeguards that are set for an importer, with their last days.
func safeguardsOf(s *rivage.Settings, a dossier.Access) string {
	var list []string
	for _, g := range s.Safeguards {
		if (g.Principal == a.Principal || g.Principal == rivage.Organisation) &&
			(g.Company == a.Company && g.Country == a.Country || g.Kind == rivage.SafeguardDerogation && a.Country == "") {
			list = append(list, fmt.Sprintf("%s (%s, jusqu'au %s)", g.ID, g.Kind, g.Until))
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ; ")
}

func contactRows(d *dossier.Dossier, s *rivage.Settings) []byte {
	list := slices.SortedFunc(maps.Keys(d.Contacts), func(a, b dossier.Contacts) int {
		return cmp.Or(cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Country, b.Country), cmp.Compare(a.Company, b.Company), cmp.Compare(a.Evidence, b.Evidence))
	})
	head := []string{"donneur_d_ordre", "pays", "preuve_du_lieu", "societe", "mere_ultime", "contacts", "annonces_entendues"}
	return table(head, len(list), func(i int) []string {
		k := list[i]
		name, _, parent := company(s, k.Company)
		t := d.Contacts[k]
		return []string{string(k.Principal), cmp.Or(string(k.Country), "inconnu"), string(k.Evidence), name, parent, strconv.Itoa(t.Answered), strconv.Itoa(t.Told)}
	})
}

func askedRows(d *dossier.Dossier) []byte {
	list := slices.Sorted(maps.Keys(d.Asked))
	head := []string{"donneur_d_ordre", "demandes", "repondues_dans_la_zone", "repondues_ailleurs", "rappels_dus", "partis_avant", "en_attente", "attente_annoncee_a", "attente_annoncee_s", "attente_reelle_s"}
	return table(head, len(list), func(i int) []string {
		a := d.Asked[list[i]]
		waiting := a.N - a.Within - a.Elsewhere - a.Owed - a.Gone
		return []string{string(list[i]), strconv.Itoa(a.N), strconv.Itoa(a.Within), strconv.Itoa(a.Elsewhere), strconv.Itoa(a.Owed), strconv.Itoa(a.Gone), strconv.Itoa(waiting),
			strconv.Itoa(a.Told), meanSeconds(a.Said, a.Told), meanSeconds(a.Real, a.Told)}
	})
}

// meanSeconds is a mean in whole seconds, "" over nobody.
func meanSeconds(sum time.Duration, n int) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64((sum/time.Duration(n)).Round(time.Second)/time.Second), 10)
}

// table is rows as CSV.
func table(head []string, n int, row func(i int) []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(head) // a buffer takes everything
	for i := range n {
		_ = w.Write(row(i))
	}
	w.Flush()
	return b.Bytes()
}
