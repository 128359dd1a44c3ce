// SPDX-License-Identifier: EUPL-1.2

package vault

import "golang.org/x/sys/unix"

// begin has the kernel start to bring to the disk what was written. What comes of it, Sync says.
func (c *countedFile) begin() {
	raw, err := c.f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SyncFileRange(int(fd), 0, 0, unix.SYNC_FILE_RANGE_WRITE) })
}
