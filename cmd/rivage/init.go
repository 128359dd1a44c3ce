// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
		Long:  "Makes the folder of an instance: rivage.toml, the keys outside the data folder, a local certificate authority, and an invitation for the first administrator. It insists on a copy of the key: without the key, nothing sealed can ever be read again. Interrupted, the same command goes on where it stopped.",
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
	if err := checkCopy(o.copy, dir); err != nil {
		return err
	}
	m, err := o.make(cmd.Context(), dir)
	if err != nil {
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

// make makes the folders, the keys and the local authority, or goes on with what an earlier init made.
func (o *initOptions) make(ctx context.Context, dir string) (machine, error) {
	m := defaultMachine()
	m.dir, m.Organisation = dir, o.organisation
	if len(o.hosts) > 0 {
		m.HTTPS.Hosts = o.hosts
	}
	if _, err := os.Stat(filepath.Join(dir, machineFile)); err == nil {
		if m, err = begun(ctx, dir); err != nil {
			return m, err
		}
	} else if _, err := os.Lstat(o.copy); err == nil {
		return m, overwrites(o.copy)
	} else if err := makeInstance(&m); err != nil {
		return m, err
	}
	for _, name := range []string{authorityFile, authorityKeyFile, leafFile, leafKeyFile} {
		if _, err := os.Stat(m.key(name)); err != nil {
			return m, makeAuthority(&m) // nobody trusts a half of one yet
		}
	}
	return m, nil
}

// begun reads an instance that init began and did not end: nobody has an account in it, nothing was written.
func begun(ctx context.Context, dir string) (m machine, err error) {
	i, err := openInstance(ctx, dir)
	if err != nil {
		return m, err
	}
	if i.store.Size() > 0 {
		err = &rivage.Error{Code: rivage.Conflict, Message: dir + " holds an instance already"}
	}
	return i.machine, errors.Join(err, i.Close())
}

// checkCopy refuses, before anything is made, a place where the copy of the key cannot go.
func checkCopy(file, dir string) error {
	if file == "" {
		return nil
	}
	inside, err := within(file, dir)
	if err != nil {
		return err
	}
	if inside {
		return &rivage.Error{Code: rivage.Invalid, Message: "the copy of the key must leave the instance's folder: give --key-copy a path on another medium"}
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return &rivage.Error{Code: rivage.Invalid, Message: filepath.Dir(file) + ": no such folder for the copy of the key"}
	}
	return nil
}

// tries is how often the last group may be mistyped.
const tries = 3

// copyKey writes the copy of the key where it was asked, or prints it and has its last group typed back: a key that
// exists once is a key that will be lost.
func copyKey(cmd *cobra.Command, m *machine, file string) error {
	kek, err := vault.Unlock(m.key(kekFile), m.data(), m.data(checkFile))
	if err != nil {
		return err
	}
	text := kek.Text()
	if file != "" {
		return writeCopy(file, text)
	}
	out, in := cmd.OutOrStdout(), bufio.NewReader(cmd.InOrStdin())
	fmt.Fprintf(out, "Clé de l'instance. Recopiez-la ou imprimez-la, et gardez-la ailleurs :\n\n%s\n", text)
	fields := strings.Fields(text)
	last := fields[len(fields)-1]
	for left := tries - 1; ; left-- {
		fmt.Fprint(out, "Pour confirmer, tapez son dernier groupe : ")
		typed, err := in.ReadString('\n')
		if strings.EqualFold(strings.TrimSpace(typed), last) {
			fmt.Fprintln(out)
			return nil
		}
		if left == 0 || err != nil {
			return errors.Join(&rivage.Error{Code: rivage.Invalid, Message: "the last group of the key was not typed back: type the same command again, it goes on from here; with --key-copy FILE it writes the copy"}, ignoreEOF(err))
		}
		fmt.Fprintf(out, "Ce n'est pas le dernier groupe de la clé. Essais restants : %d.\n", left)
	}
}

// writeCopy writes the copy of a key, and overwrites nothing: what is there may be the only copy of another one.
func writeCopy(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if there, err := os.ReadFile(file); err == nil && string(there) == text {
			return nil // by a run that was interrupted later
		}
		return overwrites(file)
	}
	if err != nil {
		return fmt.Errorf("write the copy of the key: %w; the instance is made: type the same command again, it goes on from here", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func overwrites(file string) error {
	return &rivage.Error{Code: rivage.Conflict, Message: file + " exists: the copy of the key overwrites nothing; type the same command again with another name"}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
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
