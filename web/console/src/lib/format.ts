// Money is whole fen, instants are unix ms, days are YYYY-MM-DD; here they become what people read, and back.
import { t } from './words'

let zone = 'Asia/Shanghai'
export function setZone(name: string) { if (name) zone = name }

export function yuan(fen: number | undefined) {
  const value = fen ?? 0
  const whole = Math.trunc(Math.abs(value) / 100).toLocaleString('en-US')
  return `${value < 0 ? '-' : ''}${whole}.${String(Math.abs(value) % 100).padStart(2, '0')}`
}
export function money(fen: number | undefined) { return `¥${yuan(fen)}`.replace('¥-', '-¥') }
export function number(value: number | undefined) { return (value ?? 0).toLocaleString('en-US') }
export function signed(value: number) { return value > 0 ? `+${number(value)}` : number(value) }

// "12", "12.3", "12.34", "1,234.50"; null when it is no amount
export function fenOf(text: string | number | null | undefined): number | null {
  const plain = String(text ?? '').trim().replace(/[,，¥￥\s]/g, '')
  const m = /^(\d{1,12})(?:\.(\d{0,2}))?$/.exec(plain) ?? /^()\.(\d{1,2})$/.exec(plain)
  return m ? Number(m[1] || 0) * 100 + Number((m[2] ?? '').padEnd(2, '0')) : null
}

// Days and hours are written the same in both languages: 2026-11-22 09:19.
function parts(at: number, options: Intl.DateTimeFormatOptions) {
  try { return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...options }).format(at) } catch { return '' }
}
export function moment(at: number | undefined) {
  return at ? parts(at, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false }) : '—'
}
export function clock(at: number) { return parts(at, { hour: '2-digit', minute: '2-digit', hour12: false }) }
export function dayOf(at: number) {
  const p = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return p.format(at)
}
export function dayBefore(days: number, from = Date.now()) { return dayOf(from - days * 86_400_000) }
export function startOf(day: string) { // the instant a day begins in the merchant's zone
  const guess = Date.parse(`${day}T00:00:00Z`)
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(guess)
  return guess - (Date.parse(`${shown.replace(' ', 'T')}Z`) - guess)
}
export function ago(at: number | undefined) {
  if (!at) return t('从未', 'never')
  const minutes = Math.floor((Date.now() - at) / 60_000)
  if (minutes < 1) return t('刚刚', 'just now')
  if (minutes < 60) return t(`${minutes} 分钟前`, `${minutes} min ago`)
  if (minutes < 1440) return t(`${Math.floor(minutes / 60)} 小时前`, `${Math.floor(minutes / 60)} h ago`)
  const days = Math.floor(minutes / 1440)
  return days < 60 ? t(`${days} 天前`, days === 1 ? 'yesterday' : `${days} days ago`) : moment(at).slice(0, 10)
}
export function percent(bp: number) { return `${(bp / 100).toLocaleString('en-US', { maximumFractionDigits: 2 })}%` }
// 9000 -> 9 折 / 10 % off
export function discount(bp: number) {
  if (!bp || bp >= 10_000) return t('无折扣', 'no discount')
  return t(`${(bp / 1000).toLocaleString('en-US')} 折`, `${(10_000 - bp) / 100} % off`)
}
export function times(bp: number) { return bp ? `×${(bp / 10_000).toLocaleString('en-US')}` : '×1' }
