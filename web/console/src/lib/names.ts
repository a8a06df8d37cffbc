// What the server calls by a key, in people's words. An unknown key is shown as it is: better than nothing at all.
import { t } from './words'

const words: Record<string, Record<string, readonly [string, string]>> = {
  status: {
    active: ['正常', 'Active'], frozen: ['已冻结', 'Frozen'], merged: ['已合并', 'Merged'], erased: ['已注销', 'Erased'],
    locked: ['已锁定', 'Locked'], left: ['已离职', 'Left'], open: ['营业', 'Open'], paused: ['暂停', 'Paused'], closed: ['关闭', 'Closed'],
    placed: ['待支付', 'To be paid'], completed: ['已完成', 'Completed'], cancelled: ['已取消', 'Cancelled'], on_sale: ['在售', 'On sale'],
    removed: ['已下架', 'Removed'], pending: ['待支付', 'Waiting'], paid: ['已支付', 'Paid'], late: ['迟到的付款', 'Paid late'],
    waiting: ['待到账', 'Waiting'], done: ['已完成', 'Done'], asked: ['待审批', 'To approve'], approved: ['已批准', 'Approved'], rejected: ['已驳回', 'Rejected'],
    uploaded: ['已上传', 'Uploaded'], running: ['进行中', 'Running'], failed: ['失败', 'Failed'],
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
    order: ['消费', 'Purchase'], refund: ['退款', 'Refund'], grant: ['人工发放', 'Granted by hand'], deduct: ['人工扣减', 'Deducted by hand'], expire: ['到期', 'Expired'],
    behaviour: ['行为奖励', 'For what was done'], recharge: ['充值', 'Recharge'], spend: ['余额支付', 'Paid with balance'], merge: ['合并', 'Merged'],
    'gift.in': ['收到赠送', 'Gift received'], 'gift.out': ['赠送他人', 'Given away'], import: ['导入', 'Imported'], offset: ['积分抵现', 'Paid with points'], count: ['盘点', 'Counted'],
  },
  role: { owner: ['老板', 'Owner'], manager: ['店长', 'Manager'], marketer: ['运营', 'Marketer'], cashier: ['收银员', 'Cashier'], analyst: ['分析员', 'Analyst'] },
  channel: { till: ['收银台', 'Till'], shop: ['门店', 'Shop'], app: ['小程序', 'App'], web: ['网店', 'Web shop'], import: ['导入', 'Import'], partner: ['接口', 'API'] },
  export: { members: ['会员', 'Members'], items: ['商品', 'Goods'], orders: ['订单', 'Orders'], entries: ['流水', 'Ledger'] },
}
export function named(kind: keyof typeof words & string, key: string | undefined) {
  const pair = words[kind]?.[key ?? '']
  return pair ? t(...pair) : (key ?? '')
}
export function choices(kind: keyof typeof words & string, keys?: readonly string[]) {
  return (keys ?? Object.keys(words[kind] ?? {})).map((value) => ({ value, label: named(kind, value) }))
}
