package main

import (
	"fmt"
	"slices"
	"time"
)

// series are the values of one figure, one for each round or sample.
type series []float64

// at is the value below which that share of the series lies.
func (s series) at(share float64) float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[int(share*float64(len(sorted)-1)+0.5)]
}

func (s series) median() float64 { return s.at(0.5) }

func (s series) extent(format string) string {
	return fmt.Sprintf(format+"–"+format, s.at(0), s.at(1))
}

// over divides round by round: both stand in the same round, so the machine's noise is that of both.
func (s series) over(other series) series {
	out := make(series, len(s))
	for i := range s {
		out[i] = s[i] / other[i]
	}
	return out
}

// row prints one line of the table.
func row(what, figure, extent, against, beside, ratio string) {
	fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", what, figure, extent, against, beside, ratio)
}

// figure prints a series that is compared with nothing.
func figure(what, format string, s series) {
	row(what, fmt.Sprintf(format, s.median()), s.extent(format), "", "", "")
}

// compared prints a series beside another of the same run, with the median and the range of their ratios.
func compared(what, format string, s series, against string, other series) {
	ratio := s.over(other)
	row(what, fmt.Sprintf(format, s.median()), s.extent(format), against,
		fmt.Sprintf(format, other.median())+" ("+other.extent(format)+")",
		fmt.Sprintf("%.2f (%s)", ratio.median(), ratio.extent("%.2f")))
}

// spread prints a median and a 99th percentile.
func spread(what, format string, s series) {
	row(what, fmt.Sprintf("p50 "+format+", p99 "+format, s.at(0.5), s.at(0.99)),
		s.extent(format)+fmt.Sprintf(", %d samples", len(s)), "", "", "")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// timed answers how long f took, in seconds.
func timed(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return time.Since(began).Seconds(), err
}
