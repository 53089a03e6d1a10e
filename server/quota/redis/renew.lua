-- Says that a call still runs.
-- KEYS: the account's streams, the session's.
-- ARGV: now, the call's name, the lease in microseconds.
local lease = tonumber(ARGV[3])
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], string.format('%.0f', now + lease), ARGV[2])
  redis.call('PEXPIRE', KEYS[i], math.ceil(lease / 1000) * 2 + 60000)
end
return {}
