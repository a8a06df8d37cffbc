// The goods, in the till's memory: a scan is answered at once, and also while the server is away.
import { shallowRef } from 'vue'
import { api, type Schema } from '@/api/client'
import { db } from './db'

type Item = Schema['Item']
const PAGE = 200
const PAGES_MAX = 250 // 50 000 goods
export const items = shallowRef<Item[]>([])
let byCode = new Map<string, Item>()

function index(all: Item[]) {
  byCode = new Map()
  for (const item of all) {
    if (item.status !== 'on_sale') continue
    byCode.set(item.sku.toLowerCase(), item)
    for (const code of item.barcodes) byCode.set(code.toLowerCase(), item)
  }
  items.value = all
}
export async function recall() { index(await db.all<Item>('items')) }
let fetching: Promise<unknown> = Promise.resolve()
export function isFetched() { return fetching }
export function refresh() { const run = fetchAll(); fetching = run.catch(() => undefined); return run }
async function fetchAll() {
  const known = new Map(items.value.map((i) => [i.item_id, i]))
  const since = items.value.reduce((most, i) => Math.max(most, i.updated_at), 0)
  let cursor = ''
  for (let n = 0; n < PAGES_MAX; n++) {
    const page = await api.get('/v1/items', { query: { limit: PAGE, cursor: cursor || undefined, updated_since: since || undefined, with_removed: true } })
    for (const item of page.items) known.set(item.item_id, item)
    if (page.items.length > 0) await db.put('items', ...page.items)
    cursor = page.next_cursor ?? ''
    if (!cursor) break
  }
  index([...known.values()])
}
export function find(code: string) { return byCode.get(code.toLowerCase()) }
export function search(text: string, most = 8) {
  const want = text.toLowerCase().split(/\s+/)
  const found: Item[] = []
  for (const item of items.value) {
    if (item.status !== 'on_sale') continue
    const have = `${item.name} ${item.sku} ${item.barcodes.join(' ')}`.toLowerCase()
    if (want.every((w) => have.includes(w)) && found.push(item) >= most) break
  }
  return found
}
