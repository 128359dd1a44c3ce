// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// startBeside runs a verb in a process of its own: the callers and automatic posts, which come in by SIP and HTTP only, and
// the parcel system, which is asked over HTTP. It is nil when it cannot start, which is logged.
func startBeside(log *slog.Logger, dir, verb string, args ...string) *exec.Cmd {
	c, err := beside(filepath.Join(dir, verb+".log"), append([]string{verb}, args...))
	if err != nil {
		log.Error("start rivage "+verb, "error", err.Error())
		return nil
	}
	return c
}

func beside(log string, args []string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close() //nolint:errcheck // the child has its own
	c := exec.Command(self, args...)
	c.Stdout, c.Stderr = out, out
	if _, err := c.StdinPipe(); err != nil { // open as long as this process lives
		return nil, err
	}
	return c, c.Start()
}

func stopBeside(all []*exec.Cmd) error {
	var errs []error
	for _, c := range all {
		if c == nil {
			continue
		}
		_ = c.Process.Signal(syscall.SIGTERM) // it may be gone already
		err := c.Wait()
		if _, exited := errors.AsType[*exec.ExitError](err); !exited { // its own log says why
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
