// Short lists that many pages choose from: fetched once, again when they change.
import { ref } from 'vue'
import { api, type Schema } from '@/api/client'

const tiers = ref<Schema['Tier'][]>([]), tags = ref<Schema['Tag'][]>([]), roles = ref<Schema['StaffRole'][]>([])
async function fill<T>(into: { value: T[] }, ask: () => Promise<{ items: T[] }>, again: boolean) {
  if (into.value.length > 0 && !again) return
  try { into.value = (await ask()).items } catch { /* no permission: nothing to choose from */ }
}
export function useTiers(again = false) { void fill(tiers, () => api.get('/v1/tiers'), again); return tiers }
export function useTags(again = false) { void fill(tags, () => api.get('/v1/tags'), again); return tags }
export function useRoles(again = false) { void fill(roles, () => api.get('/v1/roles'), again); return roles }
