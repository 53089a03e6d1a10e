package server

// BoundBodies is boundBodies.
var BoundBodies = boundBodies
