-- Ends a call.
-- KEYS: the buckets, the account's streams, the session's.
-- ARGV: now, requests and tokens a minute, the call's name, and how many requests
--       and tokens it was more than had been thought.
redis.call('ZREM', KEYS[2], ARGV[4])
redis.call('ZREM', KEYS[3], ARGV[4])
local requests, tokens = tonumber(ARGV[5]), tonumber(ARGV[6])
if requests ~= 0 or tokens ~= 0 then
  open(tonumber(ARGV[2]), tonumber(ARGV[3]))
  if b.rpm > 0 then b.r = math.max(0, b.r + requests) end
  if b.tpm > 0 then b.t = math.max(0, b.t + tokens) end
  close()
end
return {}
