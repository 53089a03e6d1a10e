-- One account's buckets, in the hash KEYS[1]: how full those of requests (r) and
-- tokens (t) were at the time at, and what they drain in a minute. A limit of 0
-- is none, and gathers nothing.
local minute = 60000000
local b = { r = 0, t = 0, rpm = 0, tpm = 0 }

local function drained(filled, gone, limit)
  if limit == 0 then return 0 end
  return math.max(0, filled - gone / minute * limit)
end

-- open reads the buckets and lets run out what has since; rpm and tpm are for
-- those that nobody has filled.
local function open(rpm, tpm)
  local h = redis.call('HMGET', KEYS[1], 'r', 't', 'rpm', 'tpm', 'at')
  b.rpm, b.tpm = tonumber(h[3] or rpm), tonumber(h[4] or tpm)
  local gone = math.max(0, now - tonumber(h[5] or now))
  b.r = drained(tonumber(h[1] or 0), gone, b.rpm)
  b.t = drained(tonumber(h[2] or 0), gone, b.tpm)
end

-- left is how long a bucket takes to run empty, in microseconds.
local function left(filled, limit)
  if limit == 0 then return 0 end
  return filled / limit * minute
end

-- close writes the buckets, for as long as they hold something.
local function close()
  redis.call('HSET', KEYS[1], 'r', string.format('%.17g', b.r), 't', string.format('%.17g', b.t),
    'rpm', b.rpm, 'tpm', b.tpm, 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(left(b.r, b.rpm), left(b.t, b.tpm)) / 1000) + 60000)
end
