package identity_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/aichat-term/aichat/server/identity"
)

// The list of kinds has all that are declared: an operator may ask for no other.
func TestWhats(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		declared++
		if !slices.Contains(identity.Whats(), identity.What(name)) {
			t.Errorf("%s is not listed", name)
		}
		return true
	})
	if declared == 0 || declared != len(identity.Whats()) {
		t.Errorf("%d are declared, %d listed", declared, len(identity.Whats()))
	}
}
