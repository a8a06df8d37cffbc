// Who is here, what they may, where they stand. The session itself is a cookie that no script can read.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, whenLoggedOut, type Schema } from '@/api/client'
import { setZone } from './format'

export const useSession = defineStore('session', () => {
  const me = ref<Schema['Me'] | null>(null)
  const staff = ref<Schema['Staff'] | null>(null)
  const shops = ref<Schema['Shop'][]>([])
  const isKnown = ref(false)
  let loading: Promise<void> | null = null

  async function ask() {
    try {
      const [account, who] = await Promise.all([api.get('/v1/account'), api.get('/v1/whoami')])
      staff.value = account.staff
      me.value = who
      setZone(who.zone)
      shops.value = may('shop.read') ? (await api.get('/v1/shops')).items : []
    } finally { isKnown.value = true }
  }
  function load(again = false) {
    if (again || !loading) loading = ask().catch((e) => { loading = null; throw e })
    return loading
  }
  function forget() { me.value = staff.value = null; shops.value = []; loading = null }
  function may(permission: string | undefined) { return !permission || !!me.value && (me.value.may_all || me.value.permissions.includes(permission)) }
  async function login(body: Schema['StaffLogin']) {
    await api.post('/v1/login', { body })
    await load(true)
  }
  async function logout() {
    try { await api.post('/v1/logout') } catch { /* the session was over already */ }
    forget()
  }
  async function standIn(shopId: string) {
    await api.put('/v1/account/shop', { body: { shop_id: shopId } })
    await load(true)
  }
  function shopName(id: string | undefined) { return shops.value.find((s) => s.shop_id === id)?.name ?? '' }
  const shopId = computed(() => me.value?.shop_id || (shops.value.length === 1 ? shops.value[0]!.shop_id : ''))
  const isIn = computed(() => me.value !== null)
  whenLoggedOut(forget)
  return { me, staff, shops, isKnown, isIn, shopId, load, forget, may, login, logout, standIn, shopName }
})
