package web

import (
	"net/http"

	"github.com/aichat-term/aichat/server/fault"
)

// The fields of the owner's form.
const (
	linkField = "link"
	nameField = "name"
)

// owning is what the owner's page shows. Whether there is an owner is no secret;
// who it is, only the link tells.
type owning struct {
	Link  string
	Name  string // as typed
	Known bool   // there is an owner, as whom the link signs in
}

// ownerForm shows a form and uses nothing up: programs that look at links before
// people do (mail filters, chat previews) only ever ask with a GET.
func ownerForm(x *exchange) error {
	link := x.query(linkField)
	if err := x.o.Pages.CheckOwnerLink(link); err != nil {
		return err
	}
	return x.askOwner(http.StatusOK, owning{Link: link}, "")
}

func (x *exchange) askOwner(status int, o owning, problem string) error {
	known, err := x.o.Pages.HasOwner(x.r.Context())
	if err != nil {
		return err
	}
	o.Known = known
	s := sheet{Title: "Welcome, owner", Problem: problem, Data: o}
	if problem != "" {
		s.Field = nameField
	}
	return x.render(status, "owner", s)
}

// useLink uses the link up.
func useLink(x *exchange) error {
	o := owning{Link: x.form(linkField), Name: x.form(nameField)}
	e, err := x.o.Pages.UseOwnerLink(x.r.Context(), x.visit, o.Link, o.Name)
	if f := fault.Of(err); f != nil && f.Subject == nameField {
		return x.askOwner(http.StatusUnprocessableEntity, o, f.Public())
	}
	if err != nil {
		return err
	}
	return x.entered(e)
}
