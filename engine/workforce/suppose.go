// SPDX-License-Identifier: EUPL-1.2

package workforce

import (
	"math"
	"math/rand/v2"
	"time"

	"rivage.example/rivage"
)

// Supposed is a load that nobody has had yet: callers who come at random, as often on average at any time.
type Supposed struct {
	Queue    rivage.ID
	From     rivage.Micros
	For      time.Duration
	PerHour  float64
	Handle   time.Duration // on average; times are exponential
	Patience time.Duration // on average, exponential too; 0 for ever
	Seed     uint64
}

// Arrivals draws the callers. The same seed draws the same.
func (s Supposed) Arrivals() (list []Arrival) {
	draw := rand.New(rand.NewPCG(s.Seed, 1))
	after := func(mean float64) float64 { return -mean * math.Log(1-draw.Float64()) }
	end := s.From + rivage.Micros(s.For.Microseconds())
	for at := s.From; s.PerHour > 0; {
		at += rivage.Micros(after(3600e6 / s.PerHour))
		if at >= end {
			break
		}
		list = append(list, Arrival{
			At: at, Queue: s.Queue, Rank: rivage.RankOf(at, 0, 0),
			Handle: time.Duration(after(float64(s.Handle))), Patience: time.Duration(after(float64(s.Patience))),
		})
	}
	return list
}

// Patience draws how long callers wait before they leave, from those who left and those who were answered: exponential, at
// as many departures a time waited as there were (the likeliest rate, with the answered as cut observations). 0 for ever
// where nobody left.
func Patience(seed uint64, left int, waited time.Duration) func() time.Duration {
	draw := rand.New(rand.NewPCG(seed, 2))
	return func() time.Duration {
		u := draw.Float64()
		if left == 0 {
			return 0
		}
		return time.Duration(-float64(waited) / float64(left) * math.Log(1-u))
	}
}
