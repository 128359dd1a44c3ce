// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"container/list"
	"image"
	"sync"
)

// maxTiles is how many watermarks are kept, of 59 kB each: one for each session that looks in a minute. The one unused
// for longest goes first.
const maxTiles = 256

// tiles are the watermarks drawn lately.
type tiles struct {
	most int

	mu    sync.Mutex // guards what follows
	by    map[Mark]*list.Element
	order *list.List // of *tile, last used first
}

type tile struct {
	mark Mark // to the minute
	ink  *image.Paletted
}

func newTiles(most int) tiles {
	return tiles{most: most, by: map[Mark]*list.Element{}, order: list.New()}
}

// find is the tile of a mark, nil when it is not kept. Nobody changes a tile.
func (t *tiles) find(m Mark) *image.Paletted {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[m]
	if e == nil {
		return nil
	}
	t.order.MoveToFront(e)
	return e.Value.(*tile).ink //nolint:errcheck // the list holds nothing else
}

func (t *tiles) keep(m Mark, ink *image.Paletted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by[m] != nil {
		return
	}
	t.by[m] = t.order.PushFront(&tile{m, ink})
	if t.order.Len() > t.most {
		oldest := t.order.Remove(t.order.Back()).(*tile) //nolint:errcheck // as above
		delete(t.by, oldest.mark)
	}
}
