import { ref } from 'vue'
import { ApiError } from '@/api/client'
import { t } from '@/lib/words'

export interface Note { id: number; words: string; small: string; kind: 'good' | 'bad' }
export const notes = ref<Note[]>([])
let last = 0
function show(words: string, kind: Note['kind'], small = '', stay = 4000) {
  const id = ++last
  notes.value = [...notes.value.slice(-2), { id, words, small, kind }]
  setTimeout(() => { notes.value = notes.value.filter((n) => n.id !== id) }, stay)
}
export function cheer(words: string) { show(words, 'good', '', 2400) }
export function warn(words: string) { show(words, 'bad') }
export function toast(error: unknown) {
  if (error instanceof DOMException && error.name === 'AbortError') return
  if (error instanceof ApiError) {
    const wrong = error.errors.map((e) => e.message ?? '').filter(Boolean).join(' · ')
    show(wrong ? `${error.message}：${wrong}` : error.message, 'bad', [error.code, error.requestId].filter(Boolean).join(' · '), 8000)
    return
  }
  console.error(error)
  show(t('页面出错了，请刷新重试', 'the page ran into a fault; reload and try again'), 'bad')
}
export async function attempt(deed: () => Promise<unknown>) { try { await deed(); return true } catch (error) { toast(error); return false } }
