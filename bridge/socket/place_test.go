package socket

import (
	"slices"
	"testing"

	"github.com/sdbridge/sdbridge/activation"
)

func TestPlace(t *testing.T) {
	const free = -1
	tests := []struct {
		wants   []int
		numbers []int
	}{
		{nil, nil},
		{[]int{free}, []int{3}},
		{[]int{free, free, free}, []int{3, 4, 5}},
		{[]int{0}, []int{0}},
		{[]int{1, 2, free}, []int{1, 2, 3}},
		{[]int{3, free, free}, []int{3, 4, 5}},
		{[]int{free, 3, free}, []int{4, 3, 5}},
		{[]int{free, 4, free}, []int{3, 4, 5}},
		{[]int{5, free}, []int{5, 3}},
		{[]int{5, free, free}, []int{5, 3, 4}},
		{[]int{200, free}, []int{200, 3}},
	}
	for _, tt := range tests {
		var placed []Placed
		for _, want := range tt.wants {
			placed = append(placed, Placed{Want: want})
		}
		got, err := Place(placed)
		var numbers []int
		for _, n := range got {
			numbers = append(numbers, n.Number)
		}
		if err != nil || !slices.Equal(numbers, tt.numbers) {
			t.Errorf("Place(%v) = %v, %v; want %v", tt.wants, numbers, err, tt.numbers)
		}
	}
}

func TestPlaceRefuses(t *testing.T) {
	tcp := activation.Socket{Kind: activation.TCP}
	_, err := Place([]Placed{{Socket: tcp, Want: 5, asked: "80"}, {Socket: tcp, Want: -1}, {Socket: tcp, Want: 5, asked: "81"}})
	const want = "--port 80=5 and --port 81=5 want one descriptor number: give each its own"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
