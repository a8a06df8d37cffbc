// Sales made while the server was away. Each keeps its idempotency key and order number for ever, so it counts once,
// however often and in whatever order it is sent. What the server refuses stays here and is shown; nothing is dropped.
import { computed, ref } from 'vue'
import { ApiError, api } from '@/api/client'
import { db, type Waiting } from './db'

const EVERY_MS = 12_000
export const waiting = ref<Waiting[]>([])
export const isAway = ref(!navigator.onLine)
export const isSending = ref(false)
export const refused = computed(() => waiting.value.filter((w) => w.code))

export async function recallOutbox() { waiting.value = (await db.all<Waiting>('outbox')).sort((a, b) => a.at - b.at) }
export async function enqueue(sale: Waiting) {
  await db.put('outbox', sale)
  waiting.value = [...waiting.value, sale]
}
async function put(sale: Waiting, change: Partial<Waiting>) {
  const next = { ...sale, ...change }
  await db.put('outbox', next)
  waiting.value = waiting.value.map((w) => (w.key === sale.key ? next : w))
}
export async function discard(key: string) {
  await db.drop('outbox', key)
  waiting.value = waiting.value.filter((w) => w.key !== key)
}
// Two windows of the same till must not send at once; the lock is the browser's.
export async function send(again = false) {
  if (isSending.value) return
  isSending.value = true
  try {
    const work = async () => {
      await recallOutbox()
      for (const sale of waiting.value) {
        if (sale.code && !again) continue
        try {
          await api.post('/v1/orders', { key: sale.key, body: sale.body })
          isAway.value = false
          await discard(sale.key)
        } catch (error) {
          if (error instanceof ApiError && !error.isOffline && error.status < 500 && error.status !== 429 && error.status !== 401) {
            await put(sale, { problem: error.message, code: error.code })
            continue
          }
          isAway.value = error instanceof ApiError && error.isOffline
          break
        }
      }
    }
    if (navigator.locks) await navigator.locks.request('laoke-outbox', work)
    else await work()
  } finally { isSending.value = false }
}
async function knock() {
  try { isAway.value = !(await fetch('/readyz', { signal: AbortSignal.timeout(3000), cache: 'no-store' })).ok } catch { isAway.value = true }
  if (!isAway.value && waiting.value.some((w) => !w.code)) await send()
}
export function watchServer() {
  addEventListener('online', () => void knock())
  addEventListener('offline', () => { isAway.value = true })
  setInterval(() => { if (isAway.value || waiting.value.length > 0) void knock() }, EVERY_MS)
  void knock()
}
