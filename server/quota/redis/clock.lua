-- The time in microseconds: what we are told, else Redis's own. Begins each
-- script, whose first argument it is.
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
end
