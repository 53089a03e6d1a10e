package client

// DecodeEvent is decodeEvent, for the fuzz test.
var DecodeEvent = decodeEvent
