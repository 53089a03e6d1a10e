package httpapi

import (
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
)

// Templates of the paths below one conversation, one turn and one user.
const (
	oneConversation = wire.PathConversations + "/{id}"
	oneTurn         = wire.PathTurns + "/{id}"
	oneUser         = wire.PathAdminUsers + "/{id}"
	userTokens      = oneUser + "/" + wire.BelowTokens
	oneRating       = wire.PathMessages + "/{id}/" + wire.BelowRating
)

// table is every route there is, and who may use it.
func (a *API) table() []row {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	const read, chat, account = identity.ScopeRead, identity.ScopeChat, identity.ScopeAccount
	return []row{
		{method: get, path: wire.PathConversations, id: "list-conversations", summary: "List conversations, most recently updated first",
			scope: read, least: identity.Member, mount: with((*API).listConversations)},
		{method: post, path: wire.PathConversations, id: "create-conversation", summary: "Create a conversation; repeated, it is the same one",
			scope: chat, least: identity.Member, body: smallBody, status: http.StatusCreated, mount: with((*API).createConversation)},
		{method: get, path: oneConversation, id: "get-conversation", summary: "Get a conversation's head",
			scope: read, least: identity.Member, mount: with((*API).getConversation)},
		{method: patch, path: oneConversation, id: "change-conversation", summary: "Change what is named of a conversation",
			scope: chat, least: identity.Member, body: smallBody, mount: with((*API).changeConversation)},
		{method: del, path: oneConversation, id: "delete-conversation", summary: "Delete a conversation and cancel its turn; it can be restored for a while",
			scope: chat, least: identity.Member, mount: withNothing((*API).deleteConversation)},
		{method: post, path: oneConversation + "/" + wire.BelowRestore, id: "restore-conversation", summary: "Undo a deletion",
			scope: chat, least: identity.Member, mount: with((*API).restoreConversation)},
		{method: post, path: oneConversation + "/" + wire.BelowFork, id: "fork-conversation", summary: "Copy a branch into a new conversation",
			scope: chat, least: identity.Member, body: smallBody, status: http.StatusCreated, mount: with((*API).forkConversation)},
		{method: get, path: oneConversation + "/" + wire.BelowMessages, id: "list-messages", summary: "Read a branch, oldest first",
			scope: read, least: identity.Member, mount: with((*API).listMessages)},
		{method: put, path: oneRating, id: "rate-answer", summary: "Say what one thinks of an answer, in the place of what one said before",
			scope: chat, least: identity.Member, body: smallBody, mount: with((*API).rateAnswer)},
		{method: del, path: oneRating, id: "unrate-answer", summary: "Take one's rating of an answer back; twice is nothing",
			scope: chat, least: identity.Member, mount: withNothing((*API).unrateAnswer)},
		{method: get, path: wire.PathSearch, id: "search", summary: "Search the messages, newest first",
			scope: read, least: identity.Member, mount: with((*API).search)},

		{method: post, path: oneConversation + "/" + wire.BelowTurns, id: "begin-turn", summary: "Ask, and follow the answer; repeated, it attaches",
			scope: chat, least: identity.Member, body: questionBody, mount: streaming((*API).beginTurn, describeBegin)},
		{method: get, path: oneTurn, id: "get-turn", summary: "Get a turn as it stands",
			scope: read, least: identity.Member, mount: with((*API).getTurn)},
		{method: get, path: oneTurn + "/" + wire.BelowEvents, id: "follow-turn", summary: "Follow a turn, from Last-Event-ID on",
			scope: read, least: identity.Member, mount: streaming((*API).followTurn, describeFollow)},
		{method: post, path: oneTurn + "/" + wire.BelowCancel, id: "cancel-turn", summary: "Cancel a turn; twice is nothing",
			scope: chat, least: identity.Member, mount: withNothing((*API).cancelTurn)},

		{method: get, path: wire.PathModels, id: "list-models", summary: "List the models that may be asked",
			scope: read, least: identity.Member, mount: with((*API).listModels)},
		{method: get, path: wire.PathSync, id: "sync", summary: "Pull what has changed since a revision",
			scope: read, least: identity.Member, mount: with((*API).sync)},
		{method: get, path: wire.PathEvents, id: "events", summary: "Hear that there is something to pull",
			scope: read, least: identity.Member, mount: streaming((*API).events, describeEvents)},

		{method: get, path: wire.PathMe, id: "me", summary: "Say who is signed in; any scope will do",
			least: identity.Member, mount: with((*API).me)},
		{method: patch, path: wire.PathMe, id: "change-me", summary: "Change what is named of one's profile; an empty text takes it away",
			scope: account, least: identity.Member, body: smallBody, mount: with((*API).changeMe)},
		{method: del, path: wire.PathMe, id: "delete-me", summary: "Delete oneself and all that one owns, for ever; in person, confirmed by one's name",
			scope: account, least: identity.Owner, inPerson: true, mount: withNothing((*API).deleteMe)},
		{method: get, path: wire.PathIdentities, id: "list-identities", summary: "List the identities one signs in with",
			scope: account, least: identity.Member, mount: with((*API).listIdentities)},
		{method: del, path: wire.PathIdentities, id: "delete-identity", summary: "Take one of them away; the last stays",
			scope: account, least: identity.Member, mount: withNothing((*API).deleteIdentity)},
		{method: get, path: wire.PathSessions, id: "list-sessions", summary: "List one's signed-in programs, last seen first",
			scope: account, least: identity.Member, mount: with((*API).listSessions)},
		{method: del, path: wire.PathSessions, id: "revoke-sessions", summary: "Sign out everywhere else, or everywhere: programs and browsers",
			scope: account, least: identity.Member, mount: withNothing((*API).revokeSessions)},
		{method: del, path: wire.PathSessions + "/{id}", id: "revoke-session", summary: "Sign a program out and end what it has open; twice is nothing",
			scope: account, least: identity.Member, mount: withNothing((*API).revokeSession)},
		{method: get, path: wire.PathTokens, id: "list-tokens", summary: "List one's personal access tokens, newest first",
			scope: account, least: identity.Member, mount: with((*API).listTokens)},
		{method: post, path: wire.PathTokens, id: "create-token", summary: "Make a personal access token; its text is in this answer only",
			scope: account, least: identity.Member, body: smallBody, status: http.StatusCreated, mount: with((*API).createToken)},
		{method: del, path: wire.PathTokens + "/{id}", id: "revoke-token", summary: "End a token and what it has open; twice is nothing",
			scope: account, least: identity.Member, mount: withNothing((*API).revokeToken)},
		{method: get, path: wire.PathLimits, id: "limits", summary: "Get what is left of the account's plan",
			scope: read, least: identity.Member, mount: with((*API).limits)},
		{method: get, path: wire.PathUsage, id: "usage", summary: "Sum up what was used: a member's own, or the account's for its owner and admins",
			scope: read, least: identity.Member, mount: with((*API).usageSummary)},
		{method: get, path: wire.PathUsageLedger, id: "usage-ledger", summary: "Read the ledger, newest first: each call and how it came to its cost",
			scope: read, least: identity.Member, mount: with((*API).usageLedger)},
		{method: get, path: wire.PathUsageModels, id: "usage-models", summary: "Say how well models have answered: errors, times and ratings",
			scope: read, least: identity.Member, mount: with((*API).usageModels)},
		{method: get, path: wire.PathUsageAdvice, id: "usage-advice", summary: "Say how the same could have cost less, with the arithmetic",
			scope: read, least: identity.Member, mount: with((*API).usageAdvice)},
		{method: get, path: wire.PathServer, id: "server", summary: "Say what answers", access: anybody,
			mount: with((*API).server)},
		{method: post, path: wire.PathRetire, id: "retire", summary: "Let a local server exit after its last turn", access: localOnly,
			mount: withNothing((*API).retire)},

		{method: get, path: wire.PathAdminUsers, id: "list-users", summary: "List the users, oldest first", access: operator,
			mount: with((*API).listUsers)},
		{method: post, path: wire.PathAdminUsers, id: "create-user", summary: "Add a user with a personal account", access: operator,
			body: smallBody, status: http.StatusCreated, mount: with((*API).createUser)},
		{method: patch, path: oneUser, id: "change-user", summary: "Make a user a server admin, or no longer one", access: operator,
			body: smallBody, mount: with((*API).changeUser)},
		{method: del, path: oneUser, id: "delete-user", summary: "Delete a user and all that the user owns, for ever", access: operator,
			mount: withNothing((*API).deleteUser)},
		{method: get, path: userTokens, id: "list-user-tokens", summary: "List a user's tokens, newest first", access: operator,
			mount: with((*API).listUserTokens)},
		{method: post, path: userTokens, id: "create-user-token", summary: "Make a token for a user; its text is in this answer only", access: operator,
			body: smallBody, status: http.StatusCreated, mount: with((*API).createUserToken)},
		{method: del, path: userTokens + "/{token}", id: "revoke-user-token", summary: "End a user's token and what it has open", access: operator,
			mount: withNothing((*API).revokeUserToken)},
		{method: put, path: oneUser + "/" + wire.BelowPlan, id: "set-plan", summary: "Give a user's account a plan", access: operator,
			body: smallBody, mount: withNothing((*API).setPlan)},
		{method: get, path: wire.PathAdminPlans, id: "list-plans", summary: "List the plans, in the order of their file", access: operator,
			mount: with((*API).listPlans)},
		{method: get, path: wire.PathAdminUsage, id: "admin-usage", summary: "Sum up what all accounts have used", access: operator,
			mount: with((*API).adminUsage)},
		{method: get, path: wire.PathAdminCounters, id: "check-counters", summary: "List the counters of limits that are not what the ledger says", access: operator,
			mount: with((*API).checkCounters)},
		{method: post, path: wire.PathAdminCounters, id: "rebuild-counters", summary: "Set the counters of limits to what the ledger says, and list those that were not", access: operator,
			body: smallBody, mount: with((*API).rebuildCounters)},
		{method: get, path: wire.PathAdminInvitations, id: "list-invitations", summary: "List the invitations, newest first", access: operator,
			mount: with((*API).listInvitations)},
		{method: post, path: wire.PathAdminInvitations, id: "create-invitation", summary: "Let an address sign up once", access: operator,
			body: smallBody, status: http.StatusCreated, mount: with((*API).createInvitation)},
		{method: del, path: wire.PathAdminInvitations, id: "delete-invitation", summary: "Take an invitation back", access: operator,
			mount: withNothing((*API).deleteInvitation)},
		{method: post, path: wire.PathAdminOwnerLink, id: "owner-link", summary: "Make the link that signs in once, as the server's owner", access: operator,
			mount: with((*API).ownerLink)},
		{method: get, path: wire.PathAdminAudit, id: "audit", summary: "List security events, newest first", access: operator,
			mount: with((*API).listEvents)},
		{method: get, path: wire.PathAdminJobs, id: "list-jobs", summary: "List letters and other work that is done later, newest first", access: operator,
			mount: with((*API).listJobs)},
		{method: post, path: wire.PathAdminJobs + "/{id}/" + wire.BelowRetry, id: "retry-job", summary: "Let a job run now", access: operator,
			mount: with((*API).retryJob)},
		{method: post, path: wire.PathAdminJobs + "/{id}/" + wire.BelowCancel, id: "cancel-job", summary: "Keep a job from being tried again", access: operator,
			mount: with((*API).cancelJob)},
		{method: post, path: wire.PathAdminMailTest, id: "test-mail", summary: "Send a letter at once, to see whether letters arrive", access: operator,
			body: smallBody, mount: with((*API).testMail)},

		{method: get, path: wire.PathHealth, id: "health", summary: "Say that the process lives", access: anybody,
			mount: withNothing((*API).health)},
		{method: get, path: wire.PathReady, id: "ready", summary: "Say whether requests are served", access: anybody,
			mount: withNothing((*API).ready)},
		{method: get, path: wire.PathOpenAPI, id: "openapi", summary: "Get this description", access: anybody,
			mount: plain((*API).serveDocument, describeDocument)},
		{method: get, path: wire.PathDocs, id: "docs", summary: "Read this description", access: anybody,
			mount: plain((*API).servePage, describePage)},
	}
}
