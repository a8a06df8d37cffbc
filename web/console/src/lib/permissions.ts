// Permissions in people's words: "noun.verb". A new noun or verb is shown as it is until it has a word here.
import { t } from './words'

const nouns: Record<string, readonly [string, string]> = {
  account: ['账号', 'Own account'], audit: ['审计', 'Audit trail'], behaviour: ['行为', 'Behaviours'], benefit: ['权益', 'Benefits'], campaign: ['活动', 'Campaigns'], consent: ['授权', 'Consents'], coupon: ['优惠券', 'Coupons'],
  event: ['死信', 'Dead letters'], growth: ['成长值', 'Growth'], identity: ['身份', 'Identities'], item: ['商品', 'Goods'], job: ['任务', 'Jobs'], key: ['接口密钥', 'API keys'], ledger: ['流水', 'Ledger'], member: ['会员', 'Members'], metrics: ['指标', 'Metrics'],
  order: ['订单', 'Orders'], payment: ['支付', 'Payments'], points: ['积分', 'Points'], refund: ['退款', 'Refunds'], reward: ['发放', 'Rewards'], role: ['角色', 'Roles'], setting: ['设置', 'Settings'], shop: ['门店', 'Shops'], staff: ['员工', 'Staff'],
  tag: ['标签', 'Tags'], tier: ['等级', 'Tiers'], times: ['次卡', 'Times cards'], transfer: ['导入导出', 'Import and export'], wallet: ['储值', 'Stored value'], plan: ['付费会员', 'Plans'], offer: ['促销', 'Offers'], promo: ['促销', 'Promotions'], shift: ['班次', 'Shifts'],
  giftcard: ['礼品卡', 'Gift cards'], family: ['亲情卡', 'Family cards'], approval: ['审批', 'Approvals'], package: ['充值套餐', 'Recharge packages'], once: ['幂等键', 'Idempotency'], budget: ['额度', 'Budgets'], lockout: ['锁定', 'Lock-outs'], session: ['会话', 'Sessions'], delivery: ['配送', 'Delivery'], insight: ['分析', 'Insight'], report: ['报表', 'Reports'], segment: ['人群', 'Segments'], message: ['消息', 'Messages'],
}
const verbs: Record<string, readonly [string, string]> = {
  read: ['查看', 'Read'], write: ['修改', 'Change'], use: ['使用', 'Use'], assign: ['打标', 'Assign'], set: ['指定', 'Set'], grant: ['发放', 'Grant'], deduct: ['扣减', 'Deduct'], gift: ['转赠', 'Gift'], record: ['记录', 'Record'], reserve: ['冻结', 'Reserve'], confirm: ['确认', 'Confirm'],
  lookup: ['查找', 'Look up'], join: ['入会', 'Join'], reveal: ['看完整资料', 'Show in clear'], block: ['冻结', 'Freeze'], merge: ['合并', 'Merge'], export: ['导出', 'Export'], erase: ['注销', 'Erase'], field: ['自定义字段', 'Own fields'], text: ['文本', 'Texts'], stock: ['盘点', 'Count stock'],
  place: ['收银', 'Place'], quote: ['试算', 'Quote'], cancel: ['取消', 'Cancel'], price: ['改价', 'Change prices'], create: ['办理', 'Make'], resend: ['重发', 'Send again'], retry: ['重试', 'Retry'], import: ['导入', 'Import'], file: ['下载文件', 'Files'],
  freeze: ['冻结', 'Freeze'], package: ['套餐', 'Packages'], pin_reset: ['重置支付密码', 'Reset a PIN'], recharge: ['充值', 'Recharge'], refund_ask: ['申请退卡', 'Ask for a card refund'], refund_approve: ['批准退卡', 'Approve card refunds'], report: ['报表', 'Reports'], restore: ['退回余额', 'Give back'], spend: ['余额支付', 'Spend'],
  issue: ['发放', 'Issue'], redeem: ['核销', 'Redeem'], revoke: ['收回', 'Revoke'], approve: ['审批', 'Approve'], adjust: ['调整', 'Adjust'], sell: ['售卖', 'Sell'], void: ['作废', 'Void'], card_codes: ['礼品卡码', 'Gift card codes'], card_issue: ['发行礼品卡', 'Issue gift cards'], card_redeem: ['兑入礼品卡', 'Redeem gift cards'], card_sell: ['售卖礼品卡', 'Sell gift cards'], card_void: ['作废礼品卡', 'Void gift cards'], codes: ['券码', 'Codes'], decide: ['审批', 'Decide'], issue_many: ['批量发放', 'Issue to many'], redeem_undo: ['撤销核销', 'Undo a use'], take: ['领取', 'Take'], template: ['模板', 'Templates'], undo: ['撤销', 'Undo'], withdraw: ['撤回', 'Withdraw'],
  phone: ['换手机号', 'Change the phone'], simulate: ['试算', 'Try'], give: ['发放', 'Give'],
}
export const nounOf = (p: string) => p.split('.')[0]!
export function nounWords(noun: string) { const w = nouns[noun]; return w ? t(...w) : noun }
export function verbWords(permission: string) { const verb = permission.slice(permission.indexOf('.') + 1), w = verbs[verb]; return w ? t(...w) : verb }

// As the server reads them: "order.*", "*.read", "*", and "!x" takes away.
export function matches(pattern: string, permission: string) {
  if (pattern === '*') return true
  if (pattern.endsWith('.*')) return permission.startsWith(pattern.slice(0, -1))
  if (pattern.startsWith('*.')) return permission.endsWith(pattern.slice(1))
  return pattern === permission
}
export function allowed(patterns: readonly string[], permission: string) {
  return patterns.some((p) => !p.startsWith('!') && matches(p, permission)) && !patterns.some((p) => p.startsWith('!') && matches(p.slice(1), permission))
}
const jobs: Record<string, readonly [string, string]> = {
  expire: ['到期处理', 'expiry'], purge: ['清理', 'clean-up'], warn: ['到期提醒', 'warnings'], evaluate: ['重新评定', 'judging'], stage: ['阶段更新', 'stages'], due: ['到账', 'what is due'], clean: ['清理', 'clean-up'], purge_codes: ['清理验证码', 'old codes'], forget: ['清理', 'clean-up'], gifts: ['转赠到期', 'gifts'], runs: ['批量发放', 'runs'], cards: ['礼品卡', 'gift cards'], parts: ['分月赠金', 'monthly gifts'], remind: ['提醒', 'reminders'], roll: ['周期更新', 'new periods'], birthdays: ['生日', 'birthdays'], waiting: ['等待处理', 'what waits'],
}
export function jobWords(job: string) { const w = jobs[job.slice(job.indexOf('.') + 1)]; return `${nounWords(nounOf(job))} · ${w ? t(...w) : job.slice(job.indexOf('.') + 1)}` }
