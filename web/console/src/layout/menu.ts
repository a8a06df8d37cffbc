import { Avatar, Box, Coin, CollectionTag, DataLine, Document, HomeFilled, Key, List, Medal, OfficeBuilding, Present, RefreshLeft, Setting, Stamp, UserFilled } from '@element-plus/icons-vue'
import type { Component } from 'vue'
import { t } from '@/lib/words'

export interface MenuEntry { path: string; icon: Component; words: () => string; may?: string; go: string }
export interface MenuGroup { words: () => string; entries: MenuEntry[] }

export const menu: MenuGroup[] = [
  { words: () => t('日常', 'Every day'), entries: [
    { path: '/', icon: HomeFilled, words: () => t('首页', 'Home'), go: 'h' },
    { path: '/members', icon: UserFilled, words: () => t('会员', 'Members'), may: 'member.read', go: 'm' },
    { path: '/orders', icon: List, words: () => t('订单', 'Orders'), may: 'order.read', go: 'o' },
    { path: '/refunds', icon: RefreshLeft, words: () => t('退款', 'Refunds'), may: 'refund.read', go: 'r' },
    { path: '/recharges', icon: Coin, words: () => t('储值', 'Stored value'), may: 'wallet.read', go: 'v' },
    { path: '/approvals', icon: Stamp, words: () => t('审批', 'Approvals'), may: 'approval.read', go: 'q' },
  ] },
  { words: () => t('规则', 'Rules'), entries: [
    { path: '/rules/points', icon: Present, words: () => t('积分规则', 'Points rules'), may: 'setting.read', go: 'p' },
    { path: '/tiers', icon: Medal, words: () => t('等级', 'Tiers'), may: 'tier.read', go: 't' },
    { path: '/tags', icon: CollectionTag, words: () => t('标签', 'Tags'), may: 'tag.read', go: 'l' },
  ] },
  { words: () => t('店铺', 'The shop'), entries: [
    { path: '/goods', icon: Box, words: () => t('商品', 'Goods'), may: 'item.read', go: 'g' },
    { path: '/shops', icon: OfficeBuilding, words: () => t('门店', 'Shops'), may: 'shop.read', go: 's' },
    { path: '/staff', icon: Avatar, words: () => t('员工与角色', 'Staff and roles'), may: 'staff.read', go: 'e' },
    { path: '/settings', icon: Setting, words: () => t('设置', 'Settings'), may: 'setting.read', go: ',' },
    { path: '/keys', icon: Key, words: () => t('接口密钥', 'API keys'), may: 'key.read', go: 'k' },
    { path: '/audit', icon: Document, words: () => t('审计', 'Audit trail'), may: 'audit.read', go: 'a' },
    { path: '/house', icon: DataLine, words: () => t('运行状况', 'Health'), may: 'job.read', go: 'j' },
  ] },
]
