package sequencer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// EntriesLevel stands in a tile's path for the bundles of leaf data.
const EntriesLevel = -1

// TilePath is the path of C2SP tlog-tiles: groups of three digits, all but the last behind an x, and the width of a
// tile that is not complete. (tlog.Tile.Path is another one.)
func TilePath(level int, index int64, width int) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		name = fmt.Sprintf("x%03d/%s", index%1000, name)
	}
	if width < 1<<height {
		name += fmt.Sprintf(".p/%d", width)
	}
	if level == EntriesLevel {
		return "tile/entries/" + name
	}
	return fmt.Sprintf("tile/%d/%s", level, name)
}

// ParseTilePath reads what TilePath writes and nothing else.
func ParseTilePath(path string) (level int, index int64, width int, err error) {
	bad := errors.New("no path of a tile")
	rest, ok := strings.CutPrefix(path, "tile/")
	name, number, found := strings.Cut(rest, "/")
	if !ok || !found || len(path) > 100 {
		return 0, 0, 0, bad
	}
	if level = EntriesLevel; name != "entries" {
		if level, err = strconv.Atoi(name); err != nil || level < 0 || level > 63/height {
			return 0, 0, 0, bad
		}
	}
	width = 1 << height
	if full, partial, cut := strings.Cut(number, ".p/"); cut {
		number = full
		if width, err = strconv.Atoi(partial); err != nil || width < 1 || width >= 1<<height {
			return 0, 0, 0, bad
		}
	}
	index, err = strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(number), 10, 64)
	if err != nil || index < 0 || TilePath(level, index, width) != path {
		return 0, 0, 0, bad
	}
	return level, index, width, nil
}
