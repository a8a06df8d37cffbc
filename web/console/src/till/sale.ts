// The sale at hand: basket, member, live quote. What it costs is the server's word; while it is away, plain prices.
import { computed, reactive, ref, watch } from 'vue'
import { ApiError, api, newKey, type Schema } from '@/api/client'
import { dayOf } from '@/lib/format'
import type { BasketLine } from './db'
import { isAway } from './outbox'
import { toast } from './toast'

export const LINE_MAX = 9999
export const lines = ref<BasketLine[]>([])
export const chosen = ref(0)
export const member = ref<Schema['MemberFound'] | null>(null)
export const wallet = ref<Schema['WalletView'] | null>(null)
export const standing = ref<Schema['TierView'] | null>(null)
export const quote = ref<Schema['Quote'] | null>(null)
export const isQuoting = ref(false)
export const points = ref(0)
export const coupons = ref<Schema['CouponView'][]>([])
export const useIds = ref<string[]>([])     // coupons the cashier wants
export const skipIds = ref<string[]>([])    // and those the member keeps for another day
export const place = reactive({ shopId: '', shopName: '', tillNo: 1, cashier: '' })

export const pieces = computed(() => lines.value.reduce((sum, l) => sum + l.quantity, 0))
export const plainFen = computed(() => lines.value.reduce((sum, l) => sum + l.quantity * l.price_fen, 0))
export const payableFen = computed(() => quote.value?.order.payable_fen ?? plainFen.value)
export const offsetFen = computed(() => quote.value?.order.offset_fen ?? 0)
export const dueFen = computed(() => payableFen.value - offsetFen.value)

export function add(item: Schema['Item'], quantity: number) {
  const at = lines.value.findIndex((l) => l.item_id === item.item_id)
  if (at >= 0) {
    lines.value[at]!.quantity = Math.min(LINE_MAX, lines.value[at]!.quantity + quantity)
    chosen.value = at
    return
  }
  lines.value.push({ item_id: item.item_id, sku: item.sku, barcode: item.barcodes[0] ?? '', name: item.name, price_fen: item.price_fen, quantity })
  chosen.value = lines.value.length - 1
}
export function setQuantity(at: number, quantity: number) {
  const line = lines.value[at]
  if (!line) return
  if (quantity <= 0) { lines.value.splice(at, 1); chosen.value = Math.max(0, Math.min(at, lines.value.length - 1)) } else line.quantity = Math.min(LINE_MAX, quantity)
}
export function body(extra: Partial<Schema['OrderNew']> = {}): Schema['OrderNew'] {
  return {
    shop_id: place.shopId, till_no: place.tillNo, channel: 'till', ...(member.value ? { member_id: member.value.member_id } : {}),
    ...(points.value > 0 ? { points: points.value } : {}), ...(useIds.value.length ? { use_ids: useIds.value } : {}), ...(skipIds.value.length ? { skip_ids: skipIds.value } : {}), lines: lines.value.map((l) => ({ item_id: l.item_id, quantity: l.quantity })), ...extra,
  } as Schema['OrderNew']
}
export function orderNo() {
  const now = Date.now()
  const second = Math.floor(now / 1000) % 86_400
  return `T${place.tillNo}-${dayOf(now).replace(/-/g, '').slice(2)}-${String(second).padStart(5, '0')}${newKey().slice(0, 3).toUpperCase()}`
}

let turn = 0, timer = 0, stop: AbortController | undefined
export async function askQuote() {
  const mine = ++turn
  stop?.abort()
  if (lines.value.length === 0 || isAway.value) { quote.value = null; isQuoting.value = false; return }
  stop = new AbortController()
  isQuoting.value = true
  try {
    const answer = await api.post('/v1/quotes', { body: body(), signal: stop.signal })
    if (mine === turn) quote.value = answer
  } catch (error) {
    if (mine !== turn) return
    quote.value = null
    if (error instanceof ApiError && error.isOffline) isAway.value = true
    else if (error instanceof ApiError && useIds.value.length > 0) { useIds.value = []; toast(error) } else if (error instanceof ApiError && points.value > 0) { points.value = 0; toast(error) } else toast(error)
  } finally { if (mine === turn) isQuoting.value = false }
}
watch([lines, member, points, useIds, skipIds, isAway], () => {
  turn++
  stop?.abort()
  if (lines.value.length === 0 || isAway.value) quote.value = null // else it stays in sight, greyed, until the new one is here
  clearTimeout(timer)
  isQuoting.value = lines.value.length > 0 && !isAway.value
  timer = window.setTimeout(() => void askQuote(), 90)
}, { deep: true })

export async function take(found: Schema['MemberFound']) {
  member.value = found
  points.value = 0
  wallet.value = standing.value = null
  coupons.value = []
  useIds.value = []
  skipIds.value = []
  const id = { member_id: found.member_id }
  const [w, s, c] = await Promise.allSettled([api.get('/v1/members/{member_id}/wallet', { path: id }), api.get('/v1/members/{member_id}/tier', { path: id }),
    api.get('/v1/members/{member_id}/coupons', { path: id, query: { state: 'usable', shop_id: place.shopId, limit: 50 } })])
  if (member.value?.member_id !== found.member_id) return
  if (w.status === 'fulfilled') wallet.value = w.value
  if (s.status === 'fulfilled') standing.value = s.value
  if (c.status === 'fulfilled') coupons.value = c.value.items
}
export function leaveMember() { member.value = wallet.value = standing.value = null; points.value = 0; coupons.value = []; useIds.value = []; skipIds.value = [] }
export function clear() { lines.value = []; chosen.value = 0; leaveMember(); quote.value = null }

// A tap on a coupon: what is used is kept for another day, what is not used is asked for, what was kept is free again.
export function toggleCoupon(id: string) {
  const isUsed = quote.value?.order.adjustments?.some((a) => a.source_id === id)
  if (skipIds.value.includes(id)) skipIds.value = skipIds.value.filter((x) => x !== id)
  else if (isUsed) { useIds.value = useIds.value.filter((x) => x !== id); skipIds.value = [...skipIds.value, id] } else if (useIds.value.includes(id)) useIds.value = useIds.value.filter((x) => x !== id)
  else useIds.value = [...useIds.value, id]
}
