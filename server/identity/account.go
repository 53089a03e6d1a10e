package identity

// AccountID names an account: a UUID in its canonical text form.
type AccountID string

// Role is what a user is in an account.
type Role string

// The roles, strongest first.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
)

// Roles lists the roles, strongest first.
func Roles() []Role { return []Role{Owner, Admin, Member} }

// AtLeast reports whether r may do what least may. An unknown role may nothing.
func (r Role) AtLeast(least Role) bool { return r.rank() >= least.rank() && r.rank() > 0 }

func (r Role) rank() int {
	switch r {
	case Owner:
		return 3
	case Admin:
		return 2
	case Member:
		return 1
	}
	return 0
}
