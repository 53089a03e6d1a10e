-- Counts what a visitor does, and says how long it must wait, in microseconds.
-- KEYS[1] holds when the visitor will have made good for all that it did; of
-- that, burst times may lie ahead.
-- ARGV: now, burst, the microseconds in which one is made good, and what to do:
--       take (count if there is no wait), wait (count nothing), count (in any
--       case).
local burst, every, verb = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local good = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local wait = math.max(0, good - now - (burst - 1) * every)
if verb == 'count' or (verb == 'take' and wait == 0) then
  good = good + every
  redis.call('SET', KEYS[1], string.format('%.0f', good), 'PX', math.ceil((good - now) / 1000) + 60000)
end
return {wait}
