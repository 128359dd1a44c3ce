// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

var (
	administrators = []string{access.RoleAdministrator}
	settingReaders = []string{access.RoleAdministrator, access.RoleDPO}
	settingViewers = append([]string{access.RoleSupport}, settingReaders...) // of what names nobody
)

// personal are the types that name persons, or say something of one: not for who supports from outside.
var personal = []string{
	rivage.TypeAccount, rivage.TypeException, rivage.TypeWorkstation, rivage.TypeOpening, rivage.TypeFrame, rivage.TypePack,
}

const (
	maxDocument = 1 << 20
	maxPrompt   = 10 << 20
)

// TypeCount is how many things of a type are configured.
type TypeCount struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

// TypeList is the types of settings.
type TypeList struct {
	Types []TypeCount `json:"types" nullable:"false"`
}

// ItemList is the things of one type.
type ItemList struct {
	Items []Item `json:"items" nullable:"false"`
}

type kindInput struct {
	Type string `path:"type" maxLength:"20"`
}

type putInput struct {
	Type    string    `path:"type" maxLength:"20"`
	ID      rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	IfMatch string    `header:"If-Match" maxLength:"30" doc:"quoted version, or \"0\" for what is new"`
	Body    json.RawMessage
}

type removeInput struct {
	Type    string    `path:"type" maxLength:"20"`
	ID      rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	IfMatch string    `header:"If-Match" maxLength:"30"`
}

type itemOutput struct {
	ETag string `header:"ETag"`
	Body Item
}

type audioInput struct {
	ID      rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	RawBody []byte    `contentType:"audio/wav"`
}

// InvitationLink is a link to hand to the invited person.
type InvitationLink struct {
	URL       string       `json:"url"`
	ExpiresAt view.Instant `json:"expires_at"`
}

func (s *Server) settingRoutes(api huma.API) {
	add(s, api, route{
		method: "GET", path: "/api/settings", id: "settingTypes", summary: "Types of settings", roles: settingViewers,
	}, s.settingTypes)
	add(s, api, route{
		method: "GET", path: "/api/settings/{type}", id: "settings", summary: "Settings of a type", roles: settingViewers,
	}, func(ctx context.Context, in *kindInput) (*output[ItemList], error) {
		items, err := s.items(ctx, in.Type)
		return &output[ItemList]{ItemList{items}}, err
	})
	add(s, api, route{
		method: "PUT", path: "/api/settings/{type}/{id}", id: "putSetting", summary: "Write a setting",
		roles: settingReaders, maxBody: maxDocument,
	}, s.putSetting)
	add(s, api, route{
		method: "POST", path: "/api/settings/{type}/{id}/trial", id: "trySetting", summary: "What a setting would change, without writing it",
		roles: settingReaders, maxBody: maxDocument,
	}, s.trySetting)
	add(s, api, route{
		method: "DELETE", path: "/api/settings/{type}/{id}", id: "removeSetting", summary: "Remove a setting",
		roles: settingReaders, status: 204,
	}, s.removeSetting)
	add(s, api, route{
		method: "GET", path: "/api/prompts/{id}/audio", id: "promptAudio", summary: "Hear a prompt", roles: settingReaders,
		body: "audio/wav",
	}, s.promptAudio)
	add(s, api, route{
		method: "POST", path: "/api/prompts/{id}/audio", id: "putPromptAudio", summary: "Upload a prompt",
		roles: administrators, maxBody: maxPrompt,
	}, func(ctx context.Context, in *audioInput) (*itemOutput, error) {
		if _, err := s.item(ctx, rivage.TypePrompt, in.ID, administrators); err != nil {
			return nil, err
		}
		return answerItem(s.c.Settings.SetPromptAudio(ctx, sessionOf(ctx), in.ID, slices.Clone(in.RawBody)))
	})
	add(s, api, route{
		method: "POST", path: "/api/prompts/{id}/synthesise", id: "synthesise", summary: "Make a labelled synthesis",
		roles: administrators,
	}, func(ctx context.Context, in *idInput) (*itemOutput, error) {
		if _, err := s.item(ctx, rivage.TypePrompt, in.ID, administrators); err != nil {
			return nil, err
		}
		return answerItem(s.c.Settings.Synthesise(ctx, sessionOf(ctx), in.ID))
	})
	add(s, api, route{
		method: "POST", path: "/api/accounts/{id}/invitation", id: "invite", summary: "Invite", roles: administrators,
	}, s.invite)
	add(s, api, route{
		method: "POST", path: "/api/accounts/{id}/revoke", id: "revoke", summary: "End an account's sessions",
		roles: administrators, status: 204,
	}, func(ctx context.Context, in *idInput) (*nothing, error) {
		if _, err := s.item(ctx, rivage.TypeAccount, in.ID, administrators); err != nil {
			return nil, err
		}
		return nil, s.c.Access.RevokeAll(ctx, sessionOf(ctx).Account, in.ID)
	})
}

// shared are the types of the organisation's own things that whoever configures for one Principal must be able to
// choose from. Accounts, trunks and companies' contracts are for those who see everything.
var shared = []string{rivage.TypeCompany, rivage.TypeSite, rivage.TypePrompt}

// items are the settings of a type that the session may read.
func (s *Server) items(ctx context.Context, kind string) ([]Item, error) {
	if !slices.Contains(rivage.SettingTypes, kind) {
		return nil, problem(http.StatusNotFound, string(rivage.NotFound))
	}
	all, err := s.c.Settings.Items(ctx, kind)
	if err != nil {
		return nil, err
	}
	who, roles := sessionOf(ctx), settingViewers
	out := []Item{}
	if slices.Contains(personal, kind) {
		roles = settingReaders
	}
	for _, i := range all {
		own := i.Of
		if kind == rivage.TypePrincipal {
			own = i.ID
		}
		if covers(who, own, roles...) || i.Of == rivage.Organisation && slices.Contains(shared, kind) {
			out = append(out, i)
		}
	}
	return out, nil
}

// item is one setting that a role of the session reaches.
func (s *Server) item(ctx context.Context, kind string, id rivage.ID, roles []string) (Item, error) {
	items, err := s.items(ctx, kind)
	if err != nil {
		return Item{}, err
	}
	for _, i := range items {
		if i.ID == id && covers(sessionOf(ctx), i.Of, roles...) {
			return i, nil
		}
	}
	return Item{}, problem(http.StatusNotFound, string(rivage.NotFound))
}

func (s *Server) settingTypes(ctx context.Context, _ *nothing) (*output[TypeList], error) {
	l := TypeList{Types: []TypeCount{}}
	for _, kind := range rivage.SettingTypes {
		items, err := s.items(ctx, kind)
		if err != nil {
			return nil, err
		}
		l.Types = append(l.Types, TypeCount{kind, len(items)})
	}
	return &output[TypeList]{l}, nil
}

// legal are the types that say what may be reached from where: they are the data protection officer's too.
var legal = []string{rivage.TypeRules, rivage.TypeMatrix, rivage.TypeSafeguard, rivage.TypeFrame, rivage.TypePack, rivage.TypeRest, rivage.TypeOpening}

// writers may write a type.
func writers(kind string) []string {
	if kind == rivage.TypeException { // the officer's own act
		return []string{access.RoleDPO}
	}
	if slices.Contains(legal, kind) {
		return settingReaders
	}
	return administrators
}

func (s *Server) putSetting(ctx context.Context, in *putInput) (*itemOutput, error) {
	version, err := s.writable(ctx, in.Type, in.ID, in.IfMatch, in.Body)
	if err != nil {
		return nil, err
	}
	return answerItem(s.c.Settings.Put(ctx, sessionOf(ctx), in.Type, in.ID, version, in.Body))
}

func (s *Server) trySetting(ctx context.Context, in *struct {
	Type    string    `path:"type" maxLength:"20"`
	ID      rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	IfMatch string    `header:"If-Match" maxLength:"30" doc:"quoted version, or \"0\" for what is new"`
	Body    json.RawMessage
	Days    int `query:"days" minimum:"0" maximum:"366" default:"30"`
}) (*output[Trial], error) {
	if _, err := s.writable(ctx, in.Type, in.ID, in.IfMatch, in.Body); err != nil {
		return nil, err
	}
	t, err := s.c.Settings.Try(ctx, in.Type, in.ID, in.Body, in.Days)
	return &output[Trial]{t}, err
}

func (s *Server) removeSetting(ctx context.Context, in *removeInput) (*nothing, error) {
	version, err := s.writable(ctx, in.Type, in.ID, in.IfMatch, nil)
	if err != nil {
		return nil, err
	}
	return nil, stale(s.c.Settings.Remove(ctx, sessionOf(ctx), in.Type, in.ID, version))
}

// writable says whether the session may write a setting: as it stands, and as its new document would have it belong.
func (s *Server) writable(ctx context.Context, kind string, id rivage.ID, ifMatch string, doc []byte) (int64, error) {
	if !slices.Contains(rivage.SettingTypes, kind) {
		return 0, problem(http.StatusNotFound, string(rivage.NotFound))
	}
	if !user(sessionOf(ctx)).Is(writers(kind)...) {
		return 0, problem(http.StatusForbidden, codeRole)
	}
	version, err := versionOf(ifMatch)
	if err != nil {
		return 0, err
	}
	if doc != nil && !covers(sessionOf(ctx), belongs(kind, doc), writers(kind)...) ||
		(kind == rivage.TypeRules || kind == rivage.TypeMatrix) && !covers(sessionOf(ctx), id, writers(kind)...) { // named like their Principal
		return 0, problem(http.StatusForbidden, codeRole)
	}
	all, err := s.c.Settings.Items(ctx, kind)
	if err != nil {
		return 0, err
	}
	for _, i := range all {
		if i.ID != id {
			continue
		}
		if !covers(sessionOf(ctx), i.Of, writers(kind)...) {
			return 0, problem(http.StatusNotFound, string(rivage.NotFound))
		}
		if i.Version != version {
			return 0, problem(http.StatusPreconditionFailed, codeStale)
		}
		return version, nil
	}
	if doc == nil {
		return 0, problem(http.StatusNotFound, string(rivage.NotFound))
	}
	if version != 0 {
		return 0, problem(http.StatusPreconditionFailed, codeStale)
	}
	return 0, nil
}

// belongs is whose a document would be: its Principal's, or the organisation's.
func belongs(kind string, doc []byte) rivage.ID {
	if kind == rivage.TypePrincipal {
		return rivage.Organisation // making or renaming a client is for those who see everything
	}
	var d struct {
		Principal rivage.ID `json:"principal"`
	}
	if json.Unmarshal(doc, &d) == nil && d.Principal != "" {
		return d.Principal
	}
	return rivage.Organisation
}

// versionOf reads If-Match: a quoted version, RFC 9110 section 13.1.1.
func versionOf(ifMatch string) (int64, error) {
	if ifMatch == "" {
		return 0, problem(http.StatusPreconditionRequired, codePrecondition)
	}
	v, err := strconv.ParseInt(strings.Trim(ifMatch, `"`), 10, 64)
	if err != nil || v < 0 {
		return 0, problem(http.StatusPreconditionFailed, codeStale)
	}
	return v, nil
}

func answerItem(i Item, err error) (*itemOutput, error) {
	if err != nil {
		return nil, stale(err)
	}
	return &itemOutput{ETag: `"` + strconv.FormatInt(i.Version, 10) + `"`, Body: i}, nil
}

// stale answers 412 for what moved between the check and the write.
func stale(err error) error {
	if rivage.CodeOf(err) == rivage.Conflict {
		return problem(http.StatusPreconditionFailed, codeStale)
	}
	return err
}

func (s *Server) promptAudio(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
	items, err := s.items(ctx, rivage.TypePrompt)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(items, func(i Item) bool { return i.ID == in.ID }) {
		return nil, problem(http.StatusNotFound, string(rivage.NotFound))
	}
	wav, err := s.c.Settings.PromptAudio(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "audio/wav")
		ctx.SetHeader("Content-Length", strconv.Itoa(len(wav)))
		ctx.SetStatus(http.StatusOK)
		_, _ = ctx.BodyWriter().Write(wav) // the client is gone: nothing to do
	}}, nil
}

func (s *Server) invite(ctx context.Context, in *idInput) (*output[InvitationLink], error) {
	if _, err := s.item(ctx, rivage.TypeAccount, in.ID, administrators); err != nil {
		return nil, err
	}
	made, err := s.c.Access.Invite(ctx, sessionOf(ctx).Account, in.ID)
	if err != nil {
		return nil, err
	}
	if len(made) != 1 {
		return nil, &rivage.Error{Code: rivage.Internal, Message: "invite: no invitation was made"}
	}
	return &output[InvitationLink]{InvitationLink{
		URL: origin(requestOf(ctx)) + "/desk/?invitation=" + made[0].Token, ExpiresAt: instantOf(made[0].Expires),
	}}, nil
}

func instantOf(t time.Time) view.Instant {
	return view.Instant(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}
