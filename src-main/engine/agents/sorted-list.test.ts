import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSortedList } from './sorted-list'

it('is always what sorting all of it would give', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 50 }), { maxLength: 100 }),
      fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 50 }), fc.boolean()), { maxLength: 200 }),
      (keys, changes) => {
        const items = keys.map((key, id) => ({ id, key }))
        const order = (a: { id: number; key: number }, b: { id: number; key: number }) => a.key - b.key || a.id - b.id
        const list = createSortedList(items, order)
        for (const [place, key, look] of changes) {
          const known = items[place]
          const item = known ?? { id: items.length, key }
          item.key = key
          if (known === undefined) items.push(item)
          list.changed(item)
          if (look) expect(list.inOrder()).toEqual([...items].sort(order))
        }
        expect(list.inOrder()).toEqual([...items].sort(order))
      },
    ),
  )
})
