// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/view"
)

var (
	readers = []string{access.RoleSupervisor, access.RoleDPO}
	owners  = []string{access.RoleSupervisor, access.RoleDPO, access.RoleAgent}
)

type idInput struct {
	ID rivage.ID `path:"id" minLength:"1" maxLength:"64"`
}

type listInput struct {
	Principal rivage.ID               `query:"principal" maxLength:"64"`
	Queue     rivage.ID               `query:"queue" maxLength:"64"`
	State     rivage.InteractionState `query:"state" maxLength:"20"`
	Before    string                  `query:"before" maxLength:"40" doc:"the next of the page before"`
	Limit     int                     `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type fieldsInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Fields []string `json:"fields" minItems:"1" maxItems:"2" nullable:"false" enum:"caller,note"`
	}
}

// FieldList is the answer about fields.
type FieldList struct {
	Fields []view.Field `json:"fields" nullable:"false"`
}

// CallbackList is the calls owed.
type CallbackList struct {
	Callbacks []view.Interaction `json:"callbacks" nullable:"false"`
}

type callbackInput struct {
	Interaction rivage.ID `path:"interaction" minLength:"1" maxLength:"64"`
	Body        struct {
		Outcome string `json:"outcome" enum:"called,unreachable"`
	}
}

func (s *Server) interactionRoutes(api huma.API) {
	add(s, api, route{
		method: "GET", path: "/api/interactions", id: "interactions", summary: "List interactions", roles: owners,
	}, s.interactions)
	add(s, api, route{
		method: "GET", path: "/api/interactions/{id}", id: "interaction", summary: "One interaction's whole story",
		roles: owners,
	}, func(ctx context.Context, in *idInput) (*output[view.Detail], error) {
		d, err := s.c.View.Detail(ctx, userOf(ctx), in.ID)
		return &output[view.Detail]{d}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/why/{seq}", id: "why", summary: "Why this agent, why not the others", roles: readers,
	}, func(ctx context.Context, in *struct {
		Seq uint64 `path:"seq"`
	}) (*output[view.Why], error) {
		w, err := s.c.View.Why(ctx, userOf(ctx), in.Seq)
		return &output[view.Why]{w}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/decisions/{seq}", id: "decision", summary: "Why a field, a conversation, a recording or an export was let happen or not", roles: readers,
	}, func(ctx context.Context, in *struct {
		Seq uint64 `path:"seq"`
	}) (*output[view.Decided], error) {
		d, err := s.c.View.WhyDecided(ctx, userOf(ctx), in.Seq)
		return &output[view.Decided]{d}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/fields", id: "fields", summary: "Ask for fields", roles: owners,
	}, func(ctx context.Context, in *fieldsInput) (*output[FieldList], error) {
		f, err := s.c.View.Fields(ctx, userOf(ctx), in.ID, in.Body.Fields)
		return &output[FieldList]{FieldList{f}}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/recordings/{object}/audio", id: "playback", summary: "Hear a recording", roles: owners,
		body: "audio/wav",
	}, s.playback)
	add(s, api, route{
		method: "GET", path: "/api/callbacks", id: "callbacks", summary: "Calls owed", roles: owners,
	}, func(ctx context.Context, _ *nothing) (*output[CallbackList], error) {
		c, err := s.c.View.Callbacks(ctx, userOf(ctx))
		return &output[CallbackList]{CallbackList{c}}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/callbacks/{interaction}", id: "closeCallback", summary: "Record a call back",
		roles: []string{access.RoleSupervisor, access.RoleAgent},
	}, s.closeCallback)
}

func (s *Server) interactions(ctx context.Context, in *listInput) (*output[view.List], error) {
	q := view.Query{Principal: in.Principal, Queue: in.Queue, State: in.State, Page: rivage.Page{Limit: in.Limit}}
	if in.Before != "" {
		t, err := time.Parse(time.RFC3339Nano, in.Before)
		if err != nil {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "before: want the next of a page"}
		}
		q.Page.Before = rivage.At(t)
	}
	l, err := s.c.View.Interactions(ctx, userOf(ctx), q)
	return &output[view.List]{l}, err
}

// maxPlayback is how long a recording may take to leave: browsers read as they play.
const maxPlayback = 4 * time.Hour

// playback streams a recording. Its first byte leaves after the entry that says who hears it.
func (s *Server) playback(ctx context.Context, in *struct {
	Object rivage.ID `path:"object" minLength:"1" maxLength:"64"`
}) (*huma.StreamResponse, error) {
	a, err := s.c.View.Playback(ctx, userOf(ctx), in.Object)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer a.WAV.Close() // read only: nothing to lose
		_, w := humago.Unwrap(ctx)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(maxPlayback)) // without one, the server's holds
		ctx.SetHeader("Content-Type", "audio/wav")
		if a.Size >= 0 {
			ctx.SetHeader("Content-Length", strconv.FormatInt(a.Size, 10))
		}
		ctx.SetStatus(http.StatusOK)
		if _, err := io.Copy(ctx.BodyWriter(), a.WAV); err != nil && ctx.Context().Err() == nil {
			s.c.Log.Warn("playback cut short", "error", err)
		}
	}}, nil
}

func (s *Server) closeCallback(ctx context.Context, in *callbackInput) (*output[view.Interaction], error) {
	u := userOf(ctx)
	i, err := s.c.View.Interaction(ctx, u, in.Interaction)
	if err != nil {
		return nil, err
	}
	_, err = s.c.Floor.Do(ctx, "callback/"+string(in.Interaction)+"/"+in.Body.Outcome, floor.CloseCallback{
		Account: u.Account, Interaction: in.Interaction, Outcome: in.Body.Outcome,
	})
	if err != nil {
		return nil, err
	}
	i.State = rivage.Closed // an agent of the queue no longer sees it: it was his while the call was owed
	return &output[view.Interaction]{i}, nil
}
