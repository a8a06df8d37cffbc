// A receipt is made beside the page and printed by the browser; its paper is as wide as the printer's: 80 or 58 mm.
import type { Schema } from '@/api/client'
import { moment, money, number } from '@/lib/format'
import { named } from '@/lib/names'
import { keep, t } from '@/lib/words'
import { ref } from 'vue'

export const paperMm = ref(Number(localStorage.getItem('laoke.paper')) === 58 ? 58 : 80)
export function setPaper(mm: number) { paperMm.value = mm; keep('laoke.paper', String(mm)) }
export interface Receipt { shop: string; cashier: string; order: Schema['Order']; member?: string; pointsBalance?: number; givenFen?: number; changeFen?: number; isWaiting?: boolean }

const PX_PER_MM = 96 / 25.4
function element(tag: string, className: string, text = '') {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}
function table(rows: [string, string, string?][]) {
  const made = document.createElement('table')
  for (const [left, right, className] of rows) {
    const row = made.insertRow()
    row.className = className ?? ''
    row.insertCell().textContent = left
    row.insertCell().textContent = right
  }
  return made
}
export function print(receipt: Receipt) {
  document.getElementById('receipt')?.remove()
  document.getElementById('receipt-paper')?.remove()
  const o = receipt.order, page = document.createElement('div')
  page.id = 'receipt'
  page.append(element('h1', '', receipt.shop), element('p', '', t('销售小票', 'Receipt')), element('div', '', `${t('单号', 'No.')} ${o.order_no}`),
    element('div', '', `${t('时间', 'Time')} ${moment(o.occurred_at || Date.now())}`), element('div', '', `${t('收银员', 'Cashier')} ${receipt.cashier}`))
  if (receipt.member) page.append(element('div', '', `${t('会员', 'Member')} ${receipt.member}`))
  page.append(element('div', 'rule'))
  page.append(table((o.lines ?? []).flatMap((l): [string, string][] => [[l.name, money(l.payable_fen)],
    [`  ${l.quantity} × ${money(l.unit_price_fen)}`, l.discount_fen > 0 ? `-${money(l.discount_fen)}` : '']])))
  page.append(element('div', 'rule'))
  const sums: [string, string, string?][] = [[t('合计', 'Total'), money(o.amount_fen)]]
  if (o.discount_fen > 0) sums.push([t('优惠', 'Saved'), `-${money(o.discount_fen)}`])
  sums.push([t('应付', 'To pay'), money(o.payable_fen), 'big'])
  for (const p of o.payments ?? []) sums.push([named('tender', p.tender) + (p.points ? ` ${number(p.points)}` : ''), money(p.amount_fen)])
  if (receipt.changeFen) sums.push([t('收到现金', 'Cash given'), money(receipt.givenFen)], [t('找零', 'Change'), money(receipt.changeFen)])
  page.append(table(sums))
  if (receipt.member && !receipt.isWaiting) {
    page.append(element('div', 'rule'), table([[t('本次积分', 'Points earned'), `+${number(o.points_earned)}`],
      [t('积分余额', 'Points now'), number(receipt.pointsBalance)]]))
  }
  if (receipt.isWaiting) page.append(element('p', '', t('离线小票，联网后入账', 'Sold off line; booked when the till is back on line')))
  page.append(element('div', 'rule'), element('p', '', t('谢谢惠顾，欢迎再来', 'Thank you, and come again')))
  page.style.cssText = `position:absolute;left:-9999px;display:block;font-size:12px;line-height:1.45;width:${paperMm.value - 8}mm`
  document.body.append(page)
  const heightMm = Math.ceil(page.scrollHeight / PX_PER_MM) + 16
  page.style.cssText = ''
  const paper = document.createElement('style')
  paper.id = 'receipt-paper'
  paper.textContent = `@page { size: ${paperMm.value}mm ${Math.max(heightMm, 60)}mm; margin: 4mm; }`
  document.head.append(paper)
  window.print()
}
