package socket

import "fmt"

// firstFD is SD_LISTEN_FDS_START, sd_listen_fds(3).
const firstFD = 3

// Numbered is a socket with its descriptor number in the child.
type Numbered struct {
	Placed

	Number int
}

// Place gives each socket its descriptor number: the wanted one (0, 1 and 2 too),
// else the next free one from 3. The order stays. The error refuses two that want
// one number.
func Place(placed []Placed) (numbered []Numbered, err error) {
	holder := map[int]Placed{}
	for _, p := range placed {
		if p.Want < 0 {
			continue
		}
		if other, twice := holder[p.Want]; twice {
			return nil, fmt.Errorf("%s=%d and %s=%d want one descriptor number: give each its own",
				other.flag(), other.Want, p.flag(), p.Want)
		}
		holder[p.Want] = p
	}
	next := firstFD
	for _, p := range placed {
		number := p.Want
		if number < 0 {
			number = nextFree(holder, next)
			holder[number] = p
			next = number + 1
		}
		numbered = append(numbered, Numbered{p, number})
	}
	return numbered, nil
}

func nextFree(holder map[int]Placed, from int) int {
	for {
		if _, taken := holder[from]; !taken {
			return from
		}
		from++
	}
}
