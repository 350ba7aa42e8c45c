package load

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets of whole microseconds that grow with the value, so that the
// error stays below 1/32 from a microsecond to days and recording costs a few nanoseconds.
type histogram struct {
	counts [histogramBuckets]uint64
	n      uint64
	most   time.Duration
}

const (
	histogramHalf    = 32                     // buckets an octave
	histogramBuckets = 36 * histogramHalf * 2 // the last octave begins above 2^40 µs, twelve days
)

func (h *histogram) record(d time.Duration) {
	us := uint64(max(d, 0) / time.Microsecond)
	h.counts[min(bucketOf(us), histogramBuckets-1)]++
	h.n++
	h.most = max(h.most, d)
}

// quantile is the upper edge of the bucket that holds the q-th value (0 < q <= 1): never flattering.
// It is 0 when nothing was recorded.
func (h *histogram) quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := uint64(q*float64(h.n) + 0.999999)
	rank = min(max(rank, 1), h.n)
	var seen uint64
	for i, c := range h.counts {
		seen += c
		if seen >= rank {
			return min(time.Duration(bucketEnd(i))*time.Microsecond, max(h.most, time.Microsecond))
		}
	}
	return h.most
}

func (h *histogram) reset() { *h = histogram{} }

func bucketOf(us uint64) int {
	if us < 2*histogramHalf {
		return int(us)
	}
	shift := bits.Len64(us) - 6
	return shift*histogramHalf + int(us>>shift)
}

// bucketEnd is the first value above bucket i.
func bucketEnd(i int) uint64 {
	if i < 2*histogramHalf {
		return uint64(i) + 1
	}
	shift := i/histogramHalf - 1
	return uint64(i-shift*histogramHalf+1) << shift
}
