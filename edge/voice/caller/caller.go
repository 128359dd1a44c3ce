// SPDX-License-Identifier: EUPL-1.2

// Package caller plays the public and the desks of a demonstration, over real SIP on loopback.
package caller
