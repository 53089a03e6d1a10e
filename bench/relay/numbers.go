package main

import (
	"fmt"
	"strconv"
	"strings"
)

// numbers is a flag that holds whole numbers, separated by commas.
type numbers []int

// String implements flag.Value.
func (n *numbers) String() string { return strings.Trim(fmt.Sprint(*n), "[]") }

// Set implements flag.Value.
func (n *numbers) Set(s string) error {
	*n = nil
	for f := range strings.SplitSeq(s, ",") {
		i, err := strconv.Atoi(f)
		if err != nil {
			return err
		}
		*n = append(*n, i)
	}
	return nil
}
