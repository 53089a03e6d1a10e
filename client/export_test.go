package client

// DecodeEvent is decodeEvent, for the fuzz test.
var DecodeEvent = decodeEvent

// Limit lowers the limits of what is read, so that a test need not produce so
// much.
func (c *Client) Limit(bytes int) { c.maxAnswer, c.maxEvent = bytes, bytes }
