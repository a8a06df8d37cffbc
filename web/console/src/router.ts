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
      page('members', () => import('@/pages/Members.vue'), () => t('会员', 'Members'), 'member.read'),
      page('members/:id', () => import('@/pages/Member.vue'), () => t('会员', 'Member'), 'member.read'),
      page('orders', () => import('@/pages/Orders.vue'), () => t('订单', 'Orders'), 'order.read'),
      page('orders/:id', () => import('@/pages/Order.vue'), () => t('订单', 'Order'), 'order.read'),
      page('refunds', () => import('@/pages/Refunds.vue'), () => t('退款', 'Refunds'), 'refund.read'),
      page('recharges', () => import('@/pages/Recharges.vue'), () => t('储值', 'Stored value'), 'wallet.read'),
      page('approvals', () => import('@/pages/Approvals.vue'), () => t('审批', 'Approvals'), 'approval.read'),
      page('goods', () => import('@/pages/Goods.vue'), () => t('商品', 'Goods'), 'item.read'),
      page('shops', () => import('@/pages/Shops.vue'), () => t('门店', 'Shops'), 'shop.read'),
      page('staff', () => import('@/pages/Staff.vue'), () => t('员工与角色', 'Staff and roles'), 'staff.read'),
      page('tiers', () => import('@/pages/Tiers.vue'), () => t('等级', 'Tiers'), 'tier.read'),
      page('tags', () => import('@/pages/Tags.vue'), () => t('标签', 'Tags'), 'tag.read'),
      page('rules/points', () => import('@/pages/PointsRules.vue'), () => t('积分规则', 'Points rules'), 'setting.read'),
      page('settings/:name?', () => import('@/pages/Settings.vue'), () => t('设置', 'Settings'), 'setting.read'),
      page('keys', () => import('@/pages/Keys.vue'), () => t('接口密钥', 'API keys'), 'key.read'),
      page('audit', () => import('@/pages/Audit.vue'), () => t('审计', 'Audit trail'), 'audit.read'),
      page('house', () => import('@/pages/House.vue'), () => t('运行状况', 'Health'), 'job.read'),
      page('account', () => import('@/pages/Account.vue'), () => t('我的账号', 'My account')),
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
