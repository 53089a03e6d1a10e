// Signs in as a stranger's program would: with a certified library, and with
// nothing but the server's address. The test that runs this reads lines from
// standard output; a line with a user code is its cue to approve or to deny.
//
// usage: node peer.mjs SERVER
import assert from 'node:assert/strict'
import * as oauth from 'openid-client'

const server = new URL(process.argv[2])
const say = (what) => console.log(JSON.stringify(what))

// The test's server has no TLS: it listens on loopback.
const config = await oauth.discovery(server, 'aichat-cli', undefined, oauth.None(), {
  algorithm: 'oauth2',
  execute: [oauth.allowInsecureRequests],
})
assert.equal(config.serverMetadata().issuer, server.origin)

async function begin(cue) {
  const device = await oauth.initiateDeviceAuthorization(config, {
    scope: 'chat account',
    device_name: 'peer',
    client_version: 'openid-client',
  })
  assert.equal(device.verification_uri, `${server.origin}/device`)
  const complete = new URL(device.verification_uri_complete)
  assert.equal(complete.searchParams.get('user_code'), device.user_code)
  say({ cue, user_code: device.user_code })
  return device
}

async function whoami(token) {
  const me = await oauth.fetchProtectedResource(config, token, new URL('/whoami', server), 'GET')
  return me.status
}

// Denied in the browser.
await assert.rejects(
  oauth.pollDeviceAuthorizationGrant(config, await begin('deny')),
  (e) => e.error === 'access_denied' && e.status === 400,
)

// Approved, refreshed, signed out.
const first = await oauth.pollDeviceAuthorizationGrant(config, await begin('approve'))
assert.match(first.access_token, /^aichat_at_/)
assert.match(first.refresh_token, /^aichat_rt_/)
assert.equal(first.token_type, 'bearer')
assert.equal(first.scope, 'chat account')
assert.ok(first.expiresIn() > 0)
assert.equal(await whoami(first.access_token), 200)

const second = await oauth.refreshTokenGrant(config, first.refresh_token)
assert.notEqual(second.refresh_token, first.refresh_token)
assert.notEqual(second.access_token, first.access_token)
assert.equal(second.session_id, first.session_id)
assert.equal(await whoami(second.access_token), 200)

await oauth.tokenRevocation(config, second.refresh_token)
assert.equal(await whoami(second.access_token).catch((e) => e.cause?.status ?? e.status), 401)
await assert.rejects(
  oauth.refreshTokenGrant(config, second.refresh_token),
  (e) => e.error === 'invalid_grant' && e.status === 400,
)
await oauth.tokenRevocation(config, second.refresh_token) // again: nothing
await oauth.tokenRevocation(config, 'never-seen') // unknown: nothing

say({ cue: 'done' })
