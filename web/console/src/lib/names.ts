// What the server calls by a key, in people's words. An unknown key is shown as it is: better than nothing at all.
import { t } from './words'

const words: Record<string, Record<string, readonly [string, string]>> = {
  status: {
    active: ['正常', 'Active'], frozen: ['已冻结', 'Frozen'], merged: ['已合并', 'Merged'], erased: ['已注销', 'Erased'],
    locked: ['已锁定', 'Locked'], left: ['已离职', 'Left'], open: ['营业', 'Open'], paused: ['暂停', 'Paused'], closed: ['关闭', 'Closed'],
    placed: ['待支付', 'To be paid'], completed: ['已完成', 'Completed'], cancelled: ['已取消', 'Cancelled'], on_sale: ['在售', 'On sale'],
    removed: ['已下架', 'Removed'], pending: ['待支付', 'Waiting'], paid: ['已支付', 'Paid'], late: ['迟到的付款', 'Paid late'],
    waiting: ['待到账', 'Waiting'], done: ['已完成', 'Done'], asked: ['待审批', 'To approve'], approved: ['已批准', 'Approved'], rejected: ['已驳回', 'Rejected'],
    uploaded: ['已上传', 'Uploaded'], running: ['进行中', 'Running'], failed: ['失败', 'Failed'], expired: ['已失效', 'Lapsed'], withdrawn: ['已撤回', 'Withdrawn'],
  },
  stage: {
    visitor: ['访客', 'Visitor'], customer: ['顾客', 'Customer'], member: ['会员', 'Member'], regular: ['粉丝', 'Regular'], sleeping: ['沉睡', 'Sleeping'], lost: ['流失', 'Lost'],
  },
  gender: { unknown: ['未填', 'Not told'], male: ['男', 'Male'], female: ['女', 'Female'], other: ['其他', 'Other'] },
  identity: { phone: ['手机', 'Phone'], email: ['邮箱', 'E-mail'], card: ['实体卡', 'Card'], openid: ['微信', 'WeChat'], unionid: ['微信 UnionID', 'WeChat UnionID'], external: ['外部编号', 'External id'] },
  tender: {
    cash: ['现金', 'Cash'], card: ['银行卡', 'Bank card'], wechat: ['微信支付', 'WeChat Pay'], alipay: ['支付宝', 'Alipay'], external: ['其他', 'Other'],
    balance: ['储值余额', 'Balance'], points: ['积分', 'Points'],
  },
  account: { points: ['积分', 'Points'], growth: ['成长值', 'Growth'], principal: ['本金', 'Principal'], gift: ['赠金', 'Gift balance'] },
  right: { buy: ['消费', 'Buy'], earn: ['获得积分', 'Earn'], spend_points: ['使用积分', 'Spend points'], use_coupons: ['使用优惠券', 'Use coupons'], use_balance: ['使用余额', 'Use balance'] },
  consent: {
    privacy: ['隐私政策', 'Privacy policy'], profile: ['个性化服务', 'Personal offers'], marketing_sms: ['短信营销', 'Marketing by SMS'],
    marketing_email: ['邮件营销', 'Marketing by e-mail'], marketing_wechat: ['微信营销', 'Marketing by WeChat'], sharing: ['信息共享', 'Sharing of data'],
  },
  actor: { nobody: ['无人', 'Nobody'], staff: ['员工', 'Staff'], member: ['会员本人', 'Member'], key: ['收银机 / 接口', 'Till / API key'], job: ['定时任务', 'Job'], event: ['系统', 'System'], cli: ['命令行', 'Command line'] },
  source: {
    'order.earn': ['消费所得', 'Earned with an order'],
    'order.spend': ['抵扣现金', 'Paid with'],
    'order.spend.release': ['订单取消，退回冻结', 'Order cancelled, given back'],
    'refund.restore': ['退货，退回所用', 'Returned goods, given back'],
    'refund.take_back': ['退货，收回所得', 'Returned goods, earnings taken back'],
    'behaviour': ['行为奖励', 'For what you did'],
    'grant': ['人工增加', 'Granted by staff'],
    'deduct': ['人工扣减', 'Deducted by staff'],
    'gift.out': ['转赠给他人', 'Given to a friend'],
    'gift.in': ['收到转赠', 'Received from a friend'],
    'tier.gift': ['升级礼', 'Gift of a new level'],
    'opening': ['期初余额', 'Opening balance'],
    'wallet.recharge': ['储值充值', 'Recharged'],
    'wallet.part': ['按月到账的赠送金', 'Monthly part of a recharge gift'],
    'wallet.spend': ['余额支付', 'Paid with balance'],
    'wallet.restore': ['退货，退回余额', 'Returned goods, balance given back'],
    'wallet.adjust': ['人工调整', 'Corrected by staff'],
    'wallet.out': ['转给他人', 'Moved to another member'],
    'wallet.in': ['他人转入', 'Moved from another member'],
    'wallet.card': ['礼品卡兑入', 'Gift card redeemed'],
    'wallet.card_refund': ['退卡', 'Card refunded'],
    'wallet.points': ['充值送积分', 'Points of a recharge'],
    'times.issue': ['次卡开卡', 'Times card given'],
    'times.use': ['次卡核销', 'Times card used'],
    'times.undo': ['撤销核销', 'Use undone'],
    'times.start.out': ['首次使用，开始计有效期', 'First use, validity begins'],
    'times.start.in': ['首次使用，开始计有效期', 'First use, validity begins'],
    'times.refund': ['退次卡', 'Times card refunded'],
    'times.revoke': ['收回次卡', 'Times card taken back'],
    'expire': ['到期清零', 'Expired'],
    'merge.out': ['会员合并，转出', 'Members merged, moved out'],
    'merge.in': ['会员合并，转入', 'Members merged, moved in'],
    'unmerge.out': ['会员拆分，转出', 'Merge undone, moved out'],
    'unmerge.in': ['会员拆分，转回', 'Merge undone, moved back'],
    count: ['盘点', 'Counted'], order: ['售出', 'Sold'], refund: ['退货', 'Returned'],
  },
  role: { owner: ['老板', 'Owner'], manager: ['店长', 'Manager'], marketer: ['运营', 'Marketer'], cashier: ['收银员', 'Cashier'], analyst: ['分析员', 'Analyst'] },
  channel: { till: ['收银台', 'Till'], shop: ['门店', 'Shop'], app: ['小程序', 'App'], web: ['网店', 'Web shop'], import: ['导入', 'Import'], partner: ['接口', 'API'] },
  cause: { rule: ['达到条件', 'Rule met'], manual: ['人工指定', 'Set by hand'], unmerge: ['撤销合并', 'Merge undone'], join: ['入会', 'Joined'], refund: ['退款', 'Refund'], merge: ['合并', 'Merged'], expiry: ['到期', 'Expired'], import: ['导入', 'Imported'], order: ['消费', 'Purchase'], growth: ['成长值', 'Growth'] },
  export: { members: ['会员', 'Members'], items: ['商品', 'Goods'], orders: ['订单', 'Orders'], entries: ['流水', 'Ledger'] },
}
export function named(kind: keyof typeof words & string, key: string | undefined) {
  const pair = words[kind]?.[key ?? '']
  return pair ? t(...pair) : (key ?? '')
}
export function choices(kind: keyof typeof words & string, keys?: readonly string[]) {
  return (keys ?? Object.keys(words[kind] ?? {})).map((value) => ({ value, label: named(kind, value) }))
}
