// SPDX-License-Identifier: EUPL-1.2

package storetest

import "syscall"

// child runs a server as that user. It goes down with the test, also when that is killed.
func child(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGQUIT}
}
