// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/record/vault"
)

// initOptions are the flags of init.
type initOptions struct {
	organisation, login, name, copy string
	hosts                           []string
}

func initCommand() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "Créer une instance : dossiers, clés, autorité locale, premier administrateur",
		Long:  "Makes the folder of an instance: rivage.toml, the keys outside the data folder, a local certificate authority, and an invitation for the first administrator. It insists on a copy of the key: without the key, nothing sealed can ever be read again.",
		Args:  exactly(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return initInstance(cmd, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.organisation, "organisation", "", "nom de l'organisation")
	f.StringVar(&o.login, "login", "", "identifiant du premier administrateur")
	f.StringVar(&o.name, "name", "", "son nom")
	f.StringSliceVar(&o.hosts, "hosts", nil, "noms et adresses des pages, le premier dans les liens (sinon : localhost)")
	f.StringVar(&o.copy, "key-copy", "", "fichier, sur un autre support, où écrire la copie de la clé")
	return c
}

func initInstance(cmd *cobra.Command, dir string, o initOptions) error {
	for flag, value := range map[string]string{"organisation": o.organisation, "login": o.login, "name": o.name} {
		if strings.TrimSpace(value) == "" {
			return usageError{fmt.Errorf("--%s is missing", flag)}
		}
	}
	m := defaultMachine()
	m.dir, m.Organisation = dir, o.organisation
	if len(o.hosts) > 0 {
		m.HTTPS.Hosts = o.hosts
	}
	if err := makeInstance(&m); err != nil {
		return err
	}
	if err := makeAuthority(&m); err != nil {
		return err
	}
	if err := copyKey(cmd, &m, o.copy); err != nil {
		return err
	}
	link, err := firstAdministrator(cmd.Context(), &m, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), `
L'instance est prête dans %[1]s.
  1. Ouvrez %[1]s/rivage.toml : adresses d'écoute, organisation, base de données.
  2. Démarrez-la :           rivage serve --dir %[1]s
  3. Faites confiance à l'autorité locale sur chaque poste : %[2]s
  4. Le premier administrateur ouvre, dans les sept jours :  %[3]s
`, dir, m.key(authorityFile), link)
	return nil
}

// copyKey writes the copy of the key where it was asked, or prints it and has its last group typed back: a key that
// exists once is a key that will be lost.
func copyKey(cmd *cobra.Command, m *machine, file string) error {
	kek, err := vault.Unlock(m.key(kekFile), m.data(), m.data(checkFile))
	if err != nil {
		return err
	}
	text := kek.Text()
	if file != "" {
		inside, err := within(file, m.dir)
		if err != nil {
			return err
		}
		if inside {
			return &rivage.Error{Code: rivage.Invalid, Message: "the copy of the key must leave the instance's folder: give --key-copy a path on another medium"}
		}
		return os.WriteFile(file, []byte(text), 0o600)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Clé de l'instance. Recopiez-la ou imprimez-la, et gardez-la ailleurs :\n\n%s\n", text)
	fields := strings.Fields(text)
	last := fields[len(fields)-1]
	fmt.Fprintf(cmd.OutOrStdout(), "Pour confirmer, tapez son dernier groupe : ")
	typed, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if strings.TrimSpace(typed) != last {
		return errors.Join(&rivage.Error{Code: rivage.Invalid, Message: "the last group of the key was not typed back: the instance is made, but note its key before using it (rivage init --key-copy FILE writes it)"}, ignoreEOF(err))
	}
	return nil
}

func ignoreEOF(err error) error {
	if err != nil && err.Error() == "EOF" {
		return nil
	}
	return err
}

// within says whether a path lies in a folder.
func within(path, dir string) (bool, error) {
	p, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	d, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	return strings.HasPrefix(p, d+string(filepath.Separator)), nil
}

const (
	authorityFile    = "authority.pem" // in the keys folder: what people trust
	authorityKeyFile = "authority.key"
	leafFile         = "https.pem"
	leafKeyFile      = "https.key"
)

// makeAuthority makes the local authority of an instance without a certificate of its own.
func makeAuthority(m *machine) error {
	now := newClock().Now()
	a, err := api.MakeAuthority(m.Organisation, now)
	if err != nil {
		return err
	}
	cert, key, err := a.PEM()
	if err != nil {
		return err
	}
	chain, leafKey, err := a.Leaf(m.HTTPS.Hosts, now)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{authorityFile: cert, authorityKeyFile: key, leafFile: chain, leafKeyFile: leafKey} {
		if err := os.WriteFile(m.key(name), content, 0o600); err != nil {
			return fmt.Errorf("make authority: %w", err)
		}
	}
	return nil
}

// firstAdministrator makes the account that makes all others, and gives the link of its invitation.
func firstAdministrator(ctx context.Context, m *machine, o initOptions) (link string, err error) {
	i, err := openInstance(ctx, m.dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, i.Close()) }()
	s, err := openSettings(ctx, i)
	if err != nil {
		return "", err
	}
	id := rivage.NewID()
	_, err = s.apply(ctx, config.By{Role: "installer"}, false, false, func(current *config.Documents) (*config.Documents, error) {
		wanted := current.Clone()
		return wanted, wanted.Put(config.Key{Type: rivage.TypeAccount, ID: id}, administrator(o.name, o.login))
	})
	if err != nil {
		return "", err
	}
	links, err := s.invite(ctx, id)
	if err != nil {
		return "", err
	}
	return links[0].url, nil
}

// administrator is the document of an account that may set everything.
func administrator(name, login string) []byte {
	doc, _ := json.Marshal(map[string]any{ // strings and lists always encode
		"name": name, "login": login, "lang": "fr",
		"roles": []map[string]any{{"name": "administrator", "principals": []string{"*"}, "queues": []string{"*"}, "sites": []string{"*"}}},
	})
	return doc
}
