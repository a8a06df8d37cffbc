// Both languages stand where they are used, as in the server: t('会员', 'Members'). Nothing can be missing in one of them.
import { ref, watchEffect } from 'vue'

export type Lang = 'zh' | 'en'
function read(name: string) { try { return localStorage.getItem(name) } catch { return null } }
export function keep(name: string, value: string) { try { localStorage.setItem(name, value) } catch { /* private window: not kept */ } }

export const lang = ref<Lang>(read('laoke.lang') === 'en' ? 'en' : 'zh')
export type Theme = 'auto' | 'light' | 'dark'
const kept = read('laoke.theme')
export const theme = ref<Theme>(kept === 'dark' || kept === 'light' ? kept : 'auto')
const system = matchMedia('(prefers-color-scheme: dark)')
export const isDark = ref(false)

function paint() {
  isDark.value = theme.value === 'dark' || (theme.value === 'auto' && system.matches)
  document.documentElement.classList.toggle('dark', isDark.value)
}
system.addEventListener('change', paint)
watchEffect(() => {
  document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en'
  keep('laoke.lang', lang.value)
  keep('laoke.theme', theme.value)
  paint()
})

export function t(zh: string, en: string) { return lang.value === 'zh' ? zh : en }
export const say = t
