package server

import (
	_ "time/tzdata" // the days of usage are those of people's zones, also on a machine that has none
)
