-- Lets a call in, or says by which rate it is refused: {rate, running, wait in
-- microseconds}, with rate 0: it is in.
-- KEYS: the buckets, the account's streams, the session's.
-- ARGV: now, requests and tokens a minute, streams, streams of a session,
--       the call's tokens, its name, the lease in microseconds.
local rpm, tpm, streams, sessions = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local tokens, lease = tonumber(ARGV[6]), tonumber(ARGV[8])

local function running(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now))
  return redis.call('ZCARD', key)
end

-- wait is how long until n more fit. What is larger than the whole bucket fits
-- once it is empty.
local function wait(filled, n, limit)
  if limit == 0 then return 0 end
  local over = filled + math.min(n, limit) - limit
  if over <= 0 then return 0 end
  return math.max(1000, math.ceil(over / limit * minute))
end

open(rpm, tpm)
b.rpm, b.tpm = rpm, tpm
if rpm == 0 then b.r = 0 end
if tpm == 0 then b.t = 0 end

local all, own = running(KEYS[2]), running(KEYS[3])
if streams > 0 and all >= streams then return {1, all, 0} end
if sessions > 0 and own >= sessions then return {2, own, 0} end
local w = wait(b.r, 1, rpm)
if w > 0 then return {3, 0, w} end
w = wait(b.t, tokens, tpm)
if w > 0 then return {4, 0, w} end

if rpm > 0 then b.r = b.r + 1 end
if tpm > 0 then b.t = b.t + tokens end
close()
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], string.format('%.0f', now + lease), ARGV[7])
  redis.call('PEXPIRE', KEYS[i], math.ceil(lease / 1000) * 2 + 60000)
end
return {0, 0, 0}
