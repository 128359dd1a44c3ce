// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// On a full disk new calls are told to come back, the live one goes on, and all is well again by itself once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{data: filepath.Join(disk, "data"), settings: settings{accounts: []account{
		supervisor("sup"), agent.account("brest", `["colis"]`),
	}}})
	p := i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	talk(t, caller, agent, fiction(1))
	id := agent.interaction(t)

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	refused(t, i, fiction(2))
	caller.sound.hears(t, "the caller still hears the agent", toneAgent)
	agent.sound.hears(t, "the agent still hears the caller", toneCaller)
	if !strings.Contains(p.text(), "the journal takes nothing") {
		t.Error("no alarm in the log")
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	until(t, "a new call is taken again", func() bool {
		again := newPhone(t, loopback, i.sip, toneCaller)
		again.dial(numberParcels, fiction(3))
		until(t, "the new call has an answer", func() bool { return again.state().status != 0 })
		taken := again.state().status == 200
		again.hangUp()
		return taken
	})
	caller.sound.hears(t, "the caller still hears the agent", toneAgent)
	caller.hangUp()
	agent.ends(t, "the agent")
	if agent.interaction(t) != id {
		t.Error("the agent's call is another one")
	}
	agent.dispose(t)
	if s := sup.detail(t, id).Interaction.State; s != "closed" {
		t.Errorf("the call that lived through it is %s, want closed", s)
	}
	p.stop(t)
	i.check(t)
}

// smallDisk mounts 32 MB of memory as a disk.
func smallDisk(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	mount := found(t, "mount", "mount")
	if out, err := exec.Command(mount, "-t", "tmpfs", "-o", "size=32m,mode=0700", "rivage-test", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount a small disk: %v: %s (this test needs root: run make test as root, or in a container as root)", err, out)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

// fill writes until nothing more goes on the disk.
func fill(t testing.TB, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; size /= 2 {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("fill the disk: %v", err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
