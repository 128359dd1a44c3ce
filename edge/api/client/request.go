// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"rivage.example/rivage/edge/api"
)

// maxAnswer bounds what the server may answer, in bytes.
const maxAnswer = 4 << 20

// Refused is what the server did not do. Code is for programs (api.Problem and api.LiveError have the words).
type Refused struct {
	Status int // of HTTP; 0 when the live channel said it
	Code   string
	Detail string // French, for people
	Rule   string // id of the rule that refused
	Reason string // what the rule's author wrote
	After  time.Duration
}

// Error gives the code: the detail may be about somebody.
func (r *Refused) Error() string {
	if r.Status == 0 {
		return "refused: " + r.Code
	}
	return fmt.Sprintf("refused: %s (HTTP %d)", r.Code, r.Status)
}

// lasting says whether trying again cannot help.
func lasting(err error) bool {
	var r *Refused
	return errors.As(err, &r) && r.Status >= 400 && r.Status < 500 && r.Status != http.StatusTooManyRequests
}

// refusedBy says whether err is a refusal with that HTTP status.
func refusedBy(err error, status int) bool {
	var r *Refused
	return errors.As(err, &r) && r.Status == status
}

// signIn gets the session's cookie.
func (d *Desk) signIn(ctx context.Context) error {
	body := map[string]string{"login": d.c.Login, "password": d.c.Password}
	if d.c.TOTP != nil {
		body["totp"] = d.c.TOTP()
	}
	var me api.Me
	if err := d.Call(ctx, http.MethodPost, "/api/session", body, &me); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	d.mu.Lock()
	d.me = me
	d.mu.Unlock()
	return nil
}

// Call makes a request with the desk's session: in goes as JSON and the answer comes into out; either may be nil. What the
// server refuses is a *Refused.
func (d *Desk) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, d.base.String()+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read already
	if err := refusal(resp); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return nil
}

// refusal is what an answer refuses, nil when it does not.
func refusal(resp *http.Response) error {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 || resp.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	r := &Refused{Status: resp.StatusCode}
	var p api.Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&p); err == nil {
		r.Code, r.Detail, r.Rule, r.Reason = p.Code, p.Detail, p.Rule, p.Reason
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		r.After = time.Duration(min(s, 3600)) * time.Second
	}
	return r
}
