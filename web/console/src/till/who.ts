// What was typed or scanned into the one box, and who or what it means.
import { ApiError, api, type Schema } from '@/api/client'
import { find, isFetched } from './catalogue'
import { isAway } from './outbox'

type Found = Schema['MemberFound']
export type Meaning =
  | { kind: 'item'; item: Schema['Item']; quantity: number }
  | { kind: 'quantity'; quantity: number }
  | { kind: 'member'; member: Found }
  | { kind: 'members'; list: Schema['MemberLine'][] }
  | { kind: 'nothing' }

const CODE_DIGITS = 16 // member number and six digits that change
async function lookup(query: Record<string, string>): Promise<Found | null> {
  try { return await api.get('/v1/members/lookup', { query }) } catch (error) {
    if (error instanceof ApiError && [400, 404, 422].includes(error.status)) return null // nobody, or no such kind of number
    throw error
  }
}
export async function findMember(text: string): Promise<Meaning> {
  const digits = text.replace(/[\s-]/g, '')
  if (/^1[3-9]\d{9}$/.test(digits)) {
    const member = await lookup({ phone: digits })
    return member ? { kind: 'member', member } : { kind: 'nothing' }
  }
  if (/^\d{4}$/.test(digits) || !/^[\x21-\x7e]+$/.test(text)) {
    const list = (await api.get('/v1/members', { query: { q: text, limit: 12 } })).items
    if (list.length === 1) return member(list[0]!.member_no)
    return list.length > 0 ? { kind: 'members', list } : { kind: 'nothing' }
  }
  const ways = digits.length === CODE_DIGITS ? ['code', 'card'] : digits.length === 10 ? ['member_no', 'card'] : ['card', 'member_no']
  for (const way of ways) {
    const member = await lookup({ [way]: digits })
    if (member) return { kind: 'member', member }
  }
  return { kind: 'nothing' }
}
async function member(member_no: string): Promise<Meaning> {
  const found = await lookup({ member_no })
  return found ? { kind: 'member', member: found } : { kind: 'nothing' }
}
export const byNumber = member

// Goods that are newer than what the till fetched: the server knows them.
async function unknownItem(code: string) {
  if (!/^\d{8,14}$/.test(code) || /^1[3-9]\d{9}$/.test(code)) return undefined
  await isFetched()
  const fetched = find(code)
  if (fetched || isAway.value) return fetched
  return (await api.get('/v1/items', { query: { q: code, limit: 5 } })).items.find((i) => i.barcodes.includes(code) && i.status === 'on_sale')
}

export async function meaningOf(text: string): Promise<Meaning> {
  const many = /^(\d{1,4})\s*[*x×]\s*(.+)$/i.exec(text)
  const quantity = many ? Number(many[1]) : 1, code = many ? many[2]! : text
  const only = /^[*x×]\s*(\d{1,4})$/i.exec(text)
  if (only) return { kind: 'quantity', quantity: Number(only[1]) }
  const item = find(code) ?? (await unknownItem(code))
  if (item) return { kind: 'item', item, quantity }
  return many ? { kind: 'nothing' } : findMember(text)
}
