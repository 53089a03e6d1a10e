-- Says how an account's requests stand: {limit, remaining, reset in
-- microseconds}, with limit 0: none are counted.
-- KEYS: the buckets. ARGV: now.
open(0, 0)
if b.rpm == 0 then return {0, 0, 0} end
return {b.rpm, math.max(0, math.floor(b.rpm - b.r)), math.ceil(left(b.r, b.rpm))}
