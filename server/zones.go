package server

// The days of usage are those of people's zones: a machine that has no time zones,
// as a container may not, has them all the same.
import _ "time/tzdata"
