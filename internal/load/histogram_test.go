package load

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucketsCoverEverything(t *testing.T) {
	for us := uint64(0); us < 1<<22; us++ {
		i := bucketOf(us)
		if us >= bucketEnd(i) || i > 0 && us < bucketEnd(i-1) {
			t.Fatalf("%d µs is in bucket %d, which ends at %d", us, i, bucketEnd(i))
		}
	}
	if i := bucketOf(1 << 40); i >= histogramBuckets {
		t.Errorf("2^40 µs needs bucket %d of %d", i, histogramBuckets)
	}
}

func TestQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var h histogram
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(rng.ExpFloat64() * float64(20*time.Millisecond))
		h.record(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		exact := all[int(q*float64(len(all)))-1]
		got := h.quantile(q)
		if got < exact || float64(got) > float64(exact)*(1+1.0/histogramHalf)+float64(time.Microsecond) {
			t.Errorf("quantile %v is %s, exactly %s", q, got, exact)
		}
	}
}

func TestQuantileOfLittle(t *testing.T) {
	var h histogram
	if got := h.quantile(0.99); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
	h.record(-time.Second)
	h.record(300 * time.Hour) // beyond the last bucket
	if got := h.quantile(0.5); got > time.Microsecond {
		t.Errorf("a clock that went back counts as %s", got)
	}
	if got := h.quantile(1); got <= 0 || got > 300*time.Hour {
		t.Errorf("the most is %s", got)
	}
}
