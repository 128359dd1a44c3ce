// SPDX-License-Identifier: EUPL-1.2

package rivage

import "errors"

// Code classes an error for the edge that shows it: each edge maps it once (problem+json, SIP status, exit status).
type Code string

// The codes. There are few on purpose: a caller can handle each.
const (
	Invalid     Code = "invalid"     // the request is wrong and stays wrong
	NotFound    Code = "not_found"   // nothing by that name that this caller may know of
	Denied      Code = "denied"      // a rule or a role refuses
	Conflict    Code = "conflict"    // something moved meanwhile: read again
	Busy        Code = "busy"        // a limit is reached: later may work
	Unavailable Code = "unavailable" // the journal or another part is down: later will work
	Internal    Code = "internal"    // our fault
)

// Error is an error with a code. Message is for people: what happened, where, what to do; never personal data.
type Error struct {
	Code     Code
	Message  string
	Decision *Decision // set when Code is Denied and a rule decided
	Err      error
}

// Error gives the message and what it wraps.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of the outermost Error in err's chain, Internal for any other error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
