// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Cluster is a private PostgreSQL server of one test, reached by a unix socket.
type Cluster struct {
	bin, dir string
	settings []string
	server   *exec.Cmd
	gone     chan error // of server
	made     atomic.Int64
}

// Postgres starts a server for the test and gives the connection string of an empty database in it.
func Postgres(t testing.TB) string { return StartPostgres(t).Database(t) }

// StartPostgres starts a server that ends with the test, with settings such as "fsync=on": without that one it trusts
// the machine not to lose power, which no test here does. As root it runs as the user postgres, as PostgreSQL demands.
func StartPostgres(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		t.Fatal("PostgreSQL is missing: install the package postgresql")
	}
	// Not t.TempDir: the path of a unix socket is at most 107 bytes, and the server's user must be able to enter.
	dir, err := os.MkdirTemp("", "rivage-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	c := &Cluster{bin: filepath.Dir(found[len(found)-1]), dir: dir, settings: settings}
	if cred := c.credential(t); cred != nil {
		if err := os.Chown(dir, int(cred.Uid), int(cred.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	c.run(t, "initdb", "-D", c.data(), "-U", "rivage", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
	c.Start(t)
	t.Cleanup(func() { c.Stop(t) })
	return c
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// credential is who the server runs as; nil for whoever runs the test.
func (c *Cluster) credential(t testing.TB) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("no user postgres: install the package postgresql: %v", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (c *Cluster) command(t testing.TB, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = child(c.credential(t))
	return cmd
}

func (c *Cluster) run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := c.command(t, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Start starts the server, again after a Stop, and waits until it answers.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the server has its own descriptor
	args := []string{"-D", c.data(), "-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off"}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	c.server = c.command(t, "postgres", args...)
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		t.Fatal(err)
	}
	c.gone = make(chan error, 1)
	go func(cmd *exec.Cmd, gone chan<- error) { gone <- cmd.Wait() }(c.server, c.gone)
	deadline := time.After(30 * time.Second)
	for c.command(t, "pg_isready", "-q", "-h", c.dir).Run() != nil {
		select {
		case err := <-c.gone:
			text, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			t.Fatalf("postgres: %v\n%s", err, text)
		case <-deadline:
			t.Fatal("postgres does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop stops the server at once, as a crash would; nothing when it is stopped.
func (c *Cluster) Stop(t testing.TB) {
	t.Helper()
	if c.server == nil {
		return
	}
	if err := c.server.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Errorf("stop postgres: %v", err)
	}
	<-c.gone // an immediate shutdown is an exit status, not a fault
	c.server = nil
}

// Database makes an empty database and gives its connection string.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return c.create(t)
}

// Copy makes a database as another is at the moment, which nobody may be using.
func (c *Cluster) Copy(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return c.create(t, "-T", path.Base(u.Path))
}

func (c *Cluster) create(t testing.TB, options ...string) string {
	t.Helper()
	name := fmt.Sprint("t", c.made.Add(1))
	c.run(t, "createdb", append([]string{"-h", c.dir, "-U", "rivage", name}, options...)...)
	u := url.URL{Scheme: "postgres", Path: "/" + name, RawQuery: url.Values{"host": {c.dir}, "user": {"rivage"}}.Encode()}
	return u.String()
}

// Until waits for a condition, at most ten seconds.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not happen", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
