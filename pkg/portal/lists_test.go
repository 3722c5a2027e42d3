package portal

import (
	"slices"
	"strconv"
	"testing"

	"chancery.example/gateway/pkg/exchange"
)

// numbers is a list of n, read as the Gateway's are.
func numbers(n int) func(exchange.Paging) (exchange.Page[int], error) {
	return func(p exchange.Paging) (exchange.Page[int], error) {
		from, _ := strconv.Atoi(p.After)
		var out exchange.Page[int]
		for i := from; i < min(from+p.Limit, n); i++ {
			out.Items = append(out.Items, i)
		}
		if from+p.Limit < n {
			out.Next = strconv.Itoa(from + p.Limit)
		}
		return out, nil
	}
}

func TestAListThatAPageNeedsWholeIsReadToItsEndOrSaidToGoOn(t *testing.T) {
	for _, tt := range []struct {
		n, want int
		cut     bool
	}{{0, 0, false}, {most, most, false}, {most + 1, most + 1, false}, {mostRead, mostRead, false},
		{mostRead + 1, mostRead, true}} {
		all, cut, err := whole(&call{}, numbers(tt.n))
		if err != nil || len(all) != tt.want || cut != tt.cut || !slices.IsSorted(all) {
			t.Errorf("of %d: %d, cut %v, %v; want %d, %v", tt.n, len(all), cut, err, tt.want, tt.cut)
		}
	}
}

func TestOneOfAListIsFoundHoweverFarBehindItStands(t *testing.T) {
	for _, wanted := range []int{0, most, mostRead + 1} {
		if one, found, err := among(numbers(mostRead+2), func(n int) bool { return n == wanted }); !found ||
			err != nil || one != wanted {
			t.Errorf("%d: %d, %v, %v", wanted, one, found, err)
		}
	}
	if one, found, _ := among(numbers(most), func(n int) bool { return n == most }); found {
		t.Errorf("%d is in no list", one)
	}
}
