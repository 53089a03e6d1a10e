// Package web is the door for browsers: the few pages on which people sign in
// and let a program in that asked for it with a code.
//
// They are made of html/template and one style sheet. There is no JavaScript on
// them, they load nothing from elsewhere and cannot be framed. What changes
// anything is a POST with a token bound to the browser's cookie; what goes wrong
// is a page too, which says what to do next. Names of devices, programs and
// people are others' words and are shown as text only.
//
// web imports signin, identity, mail, visitor and fault. What a sign-in is, signin
// decides; the door knows HTTP, forms and sentences. It is not in httpapi, which
// has no cookies and must never read one.
package web
