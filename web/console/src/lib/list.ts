// A list with filters that live in the address, and pages that follow one another.
import { computed, onBeforeUnmount, reactive, ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { tell } from './tell'

const PAGE = 50
export interface ListQuery { cursor?: string; limit?: number }
type Ask<T, F extends string> = (query: { [K in F]?: string } & ListQuery, signal: AbortSignal) => Promise<{ items: T[]; next_cursor?: string }>

export function useList<T, F extends string>(names: readonly F[], ask: Ask<T, F>) {
  const route = useRoute(), router = useRouter()
  const filters = reactive(Object.fromEntries(names.map((n) => [n, String(route.query[n] ?? '')]))) as Record<F, string>
  const items = ref([]) as Ref<T[]>
  const cursor = ref(''), isBusy = ref(false), isLoaded = ref(false), problem = ref('')
  const isFiltered = computed(() => names.some((n) => filters[n]))
  let stop = new AbortController(), timer = 0

  function asked() { return Object.fromEntries(names.map((n) => [n, filters[n] || undefined])) as { [K in F]?: string } }
  async function load(more = false) {
    stop.abort()
    const mine = (stop = new AbortController())
    isBusy.value = true
    problem.value = ''
    try {
      const page = await ask({ ...asked(), limit: PAGE, cursor: more ? cursor.value : undefined }, mine.signal)
      items.value = more ? [...items.value, ...page.items] : page.items
      cursor.value = page.next_cursor ?? ''
      isLoaded.value = true
    } catch (error) {
      if (mine.signal.aborted) return
      problem.value = error instanceof Error ? error.message : String(error)
      tell(error)
    } finally { if (stop === mine) isBusy.value = false }
  }
  function clear() { for (const n of names) filters[n] = '' as never }
  function set(values: Partial<Record<F, string>>) { for (const n of names) filters[n] = (values[n] ?? '') as never }
  watch(filters, () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      const kept = Object.fromEntries(Object.entries(route.query).filter(([n]) => !(names as readonly string[]).includes(n)))
      void router.replace({ query: { ...kept, ...asked() } })
      void load()
    }, 200)
  })
  onBeforeUnmount(() => { stop.abort(); clearTimeout(timer) })
  void load()
  return { filters, items, isBusy, isLoaded, isFiltered, problem, hasMore: computed(() => !!cursor.value), load, clear, set }
}
