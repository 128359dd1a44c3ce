// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// Problem is an error as this interface answers it, RFC 9457. Detail is French, for people; Code is for programs.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Rule   string `json:"rule,omitempty" doc:"id of the rule that refused"`
	Reason string `json:"reason,omitempty" doc:"what the rule's author wrote"`

	Sites []SiteChoice `json:"sites,omitempty" doc:"of teleworking, to choose from at sign-in"`

	headers http.Header
}

// SiteChoice is a site that may be stated at sign-in.
type SiteChoice struct {
	ID   rivage.ID `json:"id"`
	Name string    `json:"name"`
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemJSON }

const problemJSON = "application/problem+json"

// Codes of this edge's own, beside those of rivage.Error.
const (
	codeSignedOut    = "signed_out"
	codeRole         = "role"
	codeOrigin       = "origin"
	codePrecondition = "precondition_required"
	codeStale        = "stale"
	codeTooMany      = "too_many_requests"
	codeTooLarge     = "too_large"
	codeBehind       = "behind"
	codeExpired      = "expired"
	codeReach        = "reach"
)

// details are the French sentences by code.
var details = map[string]string{
	string(rivage.Invalid):         "La demande n'est pas valable.",
	string(rivage.NotFound):        "Rien de ce nom n'est accessible ici.",
	string(rivage.Denied):          "L'opération est refusée.",
	string(rivage.Conflict):        "La situation a changé entre-temps : relisez puis recommencez.",
	string(rivage.Busy):            "Une limite est atteinte : réessayez dans un instant.",
	string(rivage.Unavailable):     "Le service est momentanément indisponible : réessayez dans un instant.",
	string(rivage.Internal):        "Une erreur interne s'est produite ; elle est notée au journal technique.",
	codeSignedOut:                  "La session est terminée : identifiez-vous.",
	codeRole:                       "Votre rôle ne permet pas cette opération.",
	codeOrigin:                     "La demande vient d'un autre site : elle est refusée.",
	codePrecondition:               "L'en-tête If-Match est requis pour modifier cet élément.",
	codeStale:                      "L'élément a été modifié par quelqu'un d'autre : relisez-le avant de recommencer.",
	codeTooMany:                    "Trop de demandes : réessayez plus tard.",
	codeTooLarge:                   "Le contenu envoyé est trop volumineux.",
	codeBehind:                     "La lecture demandée n'est pas encore possible : réessayez.",
	codeExpired:                    "L'enregistrement a été détruit à la fin de sa conservation.",
	codeReach:                      "La limite de personnes consultées en une heure sans échange en cours est atteinte ; qui veille en est averti. Attendez, ou demandez à l'administrateur.",
	string(access.OnePerson):       "Votre compte et celui qui a commencé ne comptent que pour une personne : l'un tient de l'autre, ou d'un même tiers, son mot de passe ou son rôle depuis moins de 30 jours. Une autre personne confirme, ou le serveur donne un nouveau mot de passe (rivage invite).",
	string(access.NotOwn):          "Le mot de passe ou le rôle de votre compte vient d'un autre compte depuis moins de 30 jours : cet acte attend, ou le serveur donne un nouveau mot de passe (rivage invite).",
	string(access.BadCredentials):  "Identifiant, mot de passe ou code incorrect.",
	string(access.TOTPRequired):    "Le code à six chiffres est requis.",
	string(access.TOTPMissing):     "Votre rôle exige un code à six chiffres : demandez une nouvelle invitation.",
	string(access.Blocked):         "Trop d'essais : réessayez plus tard.",
	string(access.PlaceChanged):    "La connexion vient d'un autre lieu : identifiez-vous à nouveau.",
	string(access.SupportShut):     "L'organisation ne tient pas cet accès de support ouvert : demandez-lui de l'ouvrir.",
	string(access.BadInvitation):   "Cette invitation a servi, a été remplacée ou a expiré : demandez-en une autre.",
	string(access.BadSite):         "Votre compte ne permet pas de travailler depuis ce lieu.",
	string(access.SiteRequired):    "Indiquez d'où vous télétravaillez.",
	string(access.BadEnrolment):    "Ce code a servi ou a expiré : demandez-en un autre à l'administrateur.",
	string(access.BadWorkstation):  "Ce poste n'est pas reconnu : faites-le enregistrer par l'administrateur.",
	string(access.BadCode):         "Le code à six chiffres est incorrect.",
	string(access.PasswordShort):   "Le mot de passe est trop court.",
	string(access.PasswordLong):    "Le mot de passe est trop long.",
	string(access.PasswordTrivial): "Le mot de passe est trop facile à deviner.",
	string(access.PasswordLogin):   "Le mot de passe contient l'identifiant.",
	"secure_required":              "Le téléphone du navigateur n'est possible que sur une adresse sécurisée.",
}

func problem(status int, code string) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: details[code],
	}
}

// statuses maps the codes of rivage.Error, once for this edge.
var statuses = map[rivage.Code]int{
	rivage.Invalid:     http.StatusUnprocessableEntity,
	rivage.NotFound:    http.StatusNotFound,
	rivage.Denied:      http.StatusForbidden,
	rivage.Conflict:    http.StatusConflict,
	rivage.Busy:        http.StatusTooManyRequests,
	rivage.Unavailable: http.StatusServiceUnavailable,
	rivage.Internal:    http.StatusInternalServerError,
}

// problemOf maps any error. What an Invalid says is for the one who asked; other messages stay here.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var refused access.Refusal
	if errors.As(err, &refused) {
		return refusalProblem(refused, err)
	}
	if errors.Is(err, view.ErrExpired) {
		return problem(http.StatusGone, codeExpired)
	}
	if errors.Is(err, view.ErrReach) {
		return problem(http.StatusTooManyRequests, codeReach)
	}
	if errors.Is(err, view.ErrCardChanged) {
		return problem(http.StatusPreconditionFailed, codeStale)
	}
	code := rivage.CodeOf(err)
	p = problem(statuses[code], string(code))
	var e *rivage.Error
	if !errors.As(err, &e) {
		return p
	}
	switch {
	case code == rivage.Invalid && e.Error() != "":
		p.Detail += " (" + e.Error() + ")"
	case e.Decision != nil:
		p.Rule, p.Reason = e.Decision.Rule, e.Decision.Reason
	}
	return p
}

// refusalProblem maps a refusal of the access control.
func refusalProblem(r access.Refusal, err error) *Problem {
	switch r {
	case access.NoSession:
		return problem(http.StatusUnauthorized, codeSignedOut)
	case access.BadCredentials, access.TOTPRequired, access.TOTPMissing, access.PlaceChanged, access.SupportShut, access.BadSite,
		access.SiteRequired:
		return problem(http.StatusUnauthorized, string(r))
	case access.Blocked:
		p := problem(http.StatusTooManyRequests, string(r))
		p.headers = http.Header{"Retry-After": {seconds(access.RetryAfter(err))}}
		return p
	case access.BadWorkstation, access.OnePerson, access.NotOwn:
		return problem(http.StatusForbidden, string(r))
	case access.BadInvitation, access.BadEnrolment:
		return problem(http.StatusNotFound, string(r))
	}
	return problem(http.StatusUnprocessableEntity, string(r))
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(max(d, time.Second).Seconds())))
}

// write answers a problem outside huma.
func (p *Problem) write(w http.ResponseWriter) {
	for k, v := range p.headers {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemJSON)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone: nothing to do
}

// frenchErrors turns what huma itself refuses into a Problem: where and why, never the value that was sent.
func frenchErrors(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := string(rivage.Invalid)
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		code = codeTooLarge
	case m.Status >= http.StatusInternalServerError:
		code = string(rivage.Internal)
	}
	p := problem(m.Status, code)
	for i, d := range m.Errors {
		if i == 5 {
			break
		}
		p.Detail += " " + d.Location + " : " + d.Message + "."
	}
	return p, nil
}
