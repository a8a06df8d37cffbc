// What the till keeps in the browser: sales that wait for the server, baskets on hold, the catalogue, a few notes.
import type { Schema } from '@/api/client'

export interface Waiting { key: string; at: number; body: Schema['OrderNew']; total_fen: number; words: string; problem?: string; code?: string }
export interface Held { id: string; at: number; member: Schema['MemberFound'] | null; lines: BasketLine[] }
export interface BasketLine { item_id: string; sku: string; barcode: string; name: string; price_fen: number; quantity: number }

const VERSION = 1
const rooms = { outbox: 'key', held: 'id', items: 'item_id', notes: 'name' } as const
type Room = keyof typeof rooms
let opened: Promise<IDBDatabase> | undefined

function open() {
  opened ??= new Promise((resolve, reject) => {
    const ask = indexedDB.open('laoke-till', VERSION)
    ask.onupgradeneeded = () => { for (const [room, keyPath] of Object.entries(rooms)) ask.result.createObjectStore(room, { keyPath }) }
    ask.onsuccess = () => resolve(ask.result)
    ask.onerror = () => reject(ask.error)
  })
  return opened
}
async function run<T>(room: Room, mode: IDBTransactionMode, deed: (store: IDBObjectStore) => IDBRequest<T> | void): Promise<T> {
  const db = await open()
  return new Promise((resolve, reject) => {
    const work = db.transaction(room, mode, { durability: mode === 'readwrite' ? 'strict' : 'default' })
    const ask = deed(work.objectStore(room))
    work.oncomplete = () => resolve((ask ? ask.result : undefined) as T)
    work.onerror = work.onabort = () => reject(work.error)
  })
}
export const db = {
  all: <T>(room: Room) => run<T[]>(room, 'readonly', (s) => s.getAll() as IDBRequest<T[]>),
  get: <T>(room: Room, key: string) => run<T | undefined>(room, 'readonly', (s) => s.get(key) as IDBRequest<T | undefined>),
  put: (room: Room, ...rows: unknown[]) => run<void>(room, 'readwrite', (s) => { for (const row of rows) s.put(JSON.parse(JSON.stringify(row))) }),
  drop: (room: Room, key: string) => run<void>(room, 'readwrite', (s) => { s.delete(key) }),
  clear: (room: Room) => run<void>(room, 'readwrite', (s) => { s.clear() }),
}
