// SPDX-License-Identifier: EUPL-1.2

package storetest

import "syscall"

// child runs a server as that user. It outlives a test that is killed: only Linux can bind the two.
func child(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as}
}
