// Which columns of a list are shown, kept in this browser.
import { ref, watch } from 'vue'
import { keep } from './words'

export function useColumns<C extends string>(list: string, all: readonly C[], shown: readonly C[]) {
  let kept: C[] | null = null
  try { kept = JSON.parse(localStorage.getItem(`laoke.columns.${list}`) ?? 'null') as C[] | null } catch { kept = null }
  const columns = ref<string[]>(Array.isArray(kept) ? kept.filter((c) => all.includes(c)) : [...shown])
  watch(columns, (now) => keep(`laoke.columns.${list}`, JSON.stringify(now)), { deep: true })
  return { columns, has: (c: C) => columns.value.includes(c) }
}
