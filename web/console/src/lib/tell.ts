// What happened, at the top of the page: good news shortly; refusals with the server's words, its code and the request id.
import { ElMessage, ElMessageBox } from 'element-plus'
import { h } from 'vue'
import { ApiError } from '@/api/client'
import { t } from './words'

export function done(words: string) { ElMessage({ type: 'success', message: words, duration: 2600, grouping: true }) }

export function tell(error: unknown) {
  if (error instanceof DOMException && error.name === 'AbortError') return
  if (!(error instanceof ApiError)) {
    console.error(error)
    ElMessage({ type: 'error', message: t('页面出错了，请刷新重试', 'the page ran into a fault; reload and try again'), duration: 6000 })
    return
  }
  if (error.status === 401) return
  const small = [error.code, error.requestId].filter(Boolean).join(' · ')
  const wrong = error.errors.map((e) => e.message ?? '').filter(Boolean)
  ElMessage({
    type: 'error', duration: 8000, showClose: true, grouping: true,
    message: h('div', { role: 'alert' }, [
      h('div', { style: 'font-weight:600' }, error.message),
      ...wrong.map((line) => h('div', line)),
      h('div', { style: 'font-size:12px;opacity:.8' }, small),
    ]),
  })
}

// Runs a deed; tells what went wrong. True when it was done.
export async function attempt(deed: () => Promise<unknown>, words?: string) {
  try { await deed() } catch (error) { tell(error); return false }
  if (words) done(words)
  return true
}

// Irreversible things name what they touch, and ask why.
export async function askReason(title: string, words: string, action: string): Promise<string | null> {
  try {
    const answer = await ElMessageBox.prompt(words, title, {
      confirmButtonText: action, cancelButtonText: t('取消', 'Cancel'), inputPlaceholder: t('原因（会记入审计）', 'reason (kept in the audit trail)'),
      inputValidator: (text) => !!text?.trim() || t('请写明原因', 'say why'), confirmButtonClass: 'el-button--danger',
    })
    return String((answer as { value: string }).value).trim()
  } catch { return null }
}
export async function confirmed(title: string, words: string, action: string) {
  try {
    await ElMessageBox.confirm(words, title, { confirmButtonText: action, cancelButtonText: t('取消', 'Cancel'), type: 'warning' })
    return true
  } catch { return false }
}
