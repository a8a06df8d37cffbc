import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from '@/lib/session'
import { t } from '@/lib/words'

declare module 'vue-router' {
  interface RouteMeta { may?: string; title?: () => string; open?: boolean }
}
const page = (path: string, load: RouteRecordRaw['component'], title: () => string, may?: string): RouteRecordRaw => ({ path, component: load, meta: { title, may } }) as RouteRecordRaw

const routes: RouteRecordRaw[] = [
  { path: '/login', component: () => import('@/pages/Login.vue'), meta: { open: true, title: () => t('登录', 'Log in') } },
  { path: '/setup', component: () => import('@/pages/Setup.vue'), meta: { open: true, title: () => t('开店', 'Set up') } },
  {
    path: '/',
    component: () => import('@/layout/Shell.vue'),
    children: [
      page('', () => import('@/pages/Home.vue'), () => t('首页', 'Home')),
      page(':rest(.*)*', () => import('@/pages/Missing.vue'), () => t('没有这一页', 'No such page')),
    ],
  },
]

export const router = createRouter({ history: createWebHistory(), routes, scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 } })

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const session = useSession()
  if (!session.isIn) {
    try { await session.load() } catch { return { path: '/login', query: to.fullPath === '/' ? {} : { next: to.fullPath } } }
  }
  return true
})
router.afterEach((to) => { document.title = `${to.meta.title?.() ?? ''} · 老客` })
