// The settings in people's words, by name of the setting and of the field. The server's own remark stands in for what has none yet.
import { t } from './words'

type Pair = readonly [string, string]
const groups: Record<string, Pair> = {
  shop: ['店铺信息', 'The shop'], identity: ['手机与验证码', 'Phones and codes'], member: ['会员', 'Members'], points: ['积分', 'Points'], growth: ['成长值', 'Growth'],
  payment: ['支付方式', 'Tenders'], wallet: ['储值', 'Stored value'], tier: ['等级', 'Tiers'], order: ['订单', 'Orders'],
}
const fields: Record<string, Pair> = {
  'shop.slogan': ['店铺口号', 'Slogan'], 'shop.phone': ['客服电话', 'Phone'], 'shop.receipt_note': ['小票末尾的话', 'Note on receipts'],
  'identity.phone_change_days': ['换手机号的间隔（天）', 'Days between changes of a phone'], 'identity.code_wait_s': ['两次验证码间隔（秒）', 'Seconds between two codes'], 'identity.codes_a_day': ['一个号码每天最多几条', 'Codes a day per number'], 'identity.codes_an_hour_ip': ['一个网络地址每小时最多几条', 'Codes an hour per address'], 'identity.codes_a_day_device': ['一台设备每天最多几条', 'Codes a day per device'],
  'member.regular_orders': ['消费几次算粉丝', 'Orders that make a regular'], 'member.sleeping_days': ['几天没来算沉睡', 'Days until asleep'], 'member.lost_days': ['几天没来算流失', 'Days until lost'], 'member.complete_fields': ['资料完整要填哪些', 'Fields of a complete profile'], 'member.card_claim_by_number': ['凭卡号即可认领旧卡', 'An old card is claimed by its number alone'], 'member.session_days': ['会员登录保持（天）', 'Days a member stays logged in'],
  'points.types': ['积分种类', 'Kinds of points'], 'points.no_order_points': ['消费不送积分', 'Orders earn nothing'], 'points.fen_per_point': ['消费多少得 1 积分', 'Spend for one point'], 'points.min_order_fen': ['满多少才送', 'Least order that earns'], 'points.earn_on': ['按什么金额送', 'What earns'], 'points.combine': ['多个倍数怎么算', 'How multipliers meet'],
  'points.order_cap': ['每单最多送（0 = 不限）', 'Most per order (0 = no limit)'], 'points.day_cap': ['每天最多送（0 = 不限）', 'Most a day (0 = no limit)'], 'points.month_cap': ['每月最多送（0 = 不限）', 'Most a month (0 = no limit)'], 'points.item_rules': ['商品规则', 'Rules for goods'], 'points.channel_rules': ['渠道规则', 'Rules for channels'], 'points.day_rules': ['会员日', 'Member days'], 'points.birthday_bp': ['生日倍数', 'Birthday multiplier'], 'points.birthday_span': ['生日按', 'Birthday means'],
  'points.wait': ['何时到账', 'When they are available'], 'points.wait_days': ['几天后到账', 'After so many days'], 'points.behaviours': ['行为奖励', 'For what members do'], 'points.clawback': ['退货时积分已花掉', 'When taken-back points are spent'], 'points.restore_grace_days': ['退回的过期积分保留（天）', 'Days that expired points given back are good'],
  'points.offset_off': ['不能抵现', 'Points do not pay'], 'points.offset_points': ['抵现：多少积分', 'So many points …'], 'points.offset_fen': ['抵现：抵多少钱', '… are worth'], 'points.offset_min_points': ['至少用多少积分', 'Least points at once'], 'points.offset_step_points': ['按多少积分的倍数用', 'In steps of'], 'points.offset_share_bp': ['最多抵订单的', 'At most this share of an order'], 'points.offset_min_order_fen': ['满多少才能抵', 'Least order'],
  'points.gift_on': ['会员可以互赠', 'Members may give points'], 'points.gift_day_cap': ['每天最多转赠（0 = 不限）', 'Most given a day (0 = no limit)'], 'points.approval_points': ['人工调整超过多少要复核（0 = 不要）', 'By hand above this needs a second person (0 = never)'], 'points.warn_days': ['到期前几天提醒', 'Days of warning before expiry'],
  'growth.no_order_growth': ['消费不加成长值', 'Orders give no growth'], 'growth.fen_per_growth': ['消费多少得 1 成长值', 'Spend for one growth'], 'growth.min_order_fen': ['满多少才加', 'Least order'], 'growth.order_cap': ['每单最多加（0 = 不限）', 'Most per order (0 = no limit)'], 'growth.earn_on': ['按什么金额加', 'What counts'], 'growth.behaviours': ['行为加成长值', 'For what members do'], 'growth.approval_growth': ['人工调整超过多少要复核', 'By hand above this needs a second person'],
  'payment.tenders': ['支付方式', 'Tenders'],
  'wallet.spend_order': ['先扣本金还是赠金', 'What a payment takes first'], 'wallet.most_fen': ['一张卡最多存（0 = 不限）', 'Most on one card (0 = no limit)'], 'wallet.low_fen': ['余额低于多少提醒', 'Low-balance notice below'], 'wallet.refund_policy': ['退卡怎么算', 'What a card refund pays'], 'wallet.full_days': ['未消费几天内全额退', 'Unspent recharges go back whole for (days)'], 'wallet.no_sms': ['不发短信提醒', 'No SMS'],
  'tier.window': ['累计范围', 'What counts'], 'tier.window_days': ['滚动天数', 'Rolling days'], 'tier.need': ['条件满足', 'Thresholds'], 'tier.down': ['达不到时', 'When not met any more'], 'tier.retention_days': ['保级天数', 'Kept for days'], 'tier.grace_days': ['宽限天数', 'Days of grace'], 'tier.keep_on_refund': ['退款不立即降级', 'Refunds do not lower at once'], 'tier.preset': ['新店预设', 'Preset'],
  'order.expire_minutes': ['未付订单几分钟后取消', 'Unpaid orders end after (minutes)'], 'order.backdate_days': ['离线单最多补登几天', 'Off-line sales may be so many days old'],
  // of the lists within
  key: ['键', 'Key'], name: ['名称', 'Name'], name_en: ['英文名', 'English name'], title: ['标题', 'Title'], title_en: ['英文标题', 'English title'], expiry: ['有效期', 'Expiry'], expiry_n: ['数目', 'Number'], expiry_mmdd: ['月日（如 1231）', 'Month and day (1231)'], grace_days: ['宽限天数', 'Grace days'], no_offset: ['不可抵现', 'Does not pay'], no_gift: ['不可转赠', 'Not given'],
  match: ['对象', 'What'], id: ['编号', 'Id'], multiplier_bp: ['倍数', 'Multiplier'], bonus_points: ['加送积分', 'Bonus points'], from_day: ['从', 'From'], to_day: ['到', 'To'], no_points: ['不送积分', 'Earns nothing'], channel: ['渠道', 'Channel'], weekday: ['星期（0 = 不限）', 'Weekday (0 = any)'], day_of_month: ['每月几号（0 = 不限）', 'Day of month (0 = any)'],
  type: ['积分种类', 'Kind'], points: ['积分', 'Points'], growth: ['成长值', 'Growth'], day_count: ['每天几次', 'A day'], month_count: ['每月几次', 'A month'], total_count: ['一共几次', 'In all'], by_member: ['会员可自己领', 'By the member'], streaks: ['连续奖励', 'Streaks'], days: ['天数', 'Days'],
  code: ['代码', 'Code'], is_channel: ['走支付通道', 'Through the channel'], earns: ['可积分', 'Earns'], is_off: ['停用', 'Off'],
}
const values: Record<string, Pair> = {
  cash: ['实付', 'What is really paid'], payable: ['应付', 'What is payable'], multiply: ['相乘', 'Multiply'], highest: ['取最高', 'The highest'], day: ['当天', 'The day'], week: ['当周', 'The week'], month: ['当月', 'The month'], at_once: ['立即', 'At once'], days: ['若干天', 'After days'], confirm: ['确认后', 'When confirmed'],
  refuse: ['不让退', 'Refuse'], record: ['记欠', 'Record a debt'], negative: ['扣成负数', 'Below zero'], never: ['永久', 'Never'], months: ['若干月', 'After months'], month_end: ['月底', 'End of month'], year_end: ['年底', 'End of year'], on_day: ['固定日期', 'On a day'], item: ['商品', 'Item'], category: ['分类', 'Category'], brand: ['品牌', 'Brand'],
  principal_first: ['先扣本金', 'Principal first'], gift_first: ['先扣赠金', 'Gift first'], in_proportion: ['按比例', 'In proportion'], principal: ['退剩余本金', 'The principal that is left'], share: ['按本金占比', 'Its share of what is left'], life: ['终身累计', 'Life-long'], rolling: ['最近若干天', 'Rolling days'], year: ['自然年', 'Calendar year'], any: ['满足一条即可', 'Any of them'], all: ['全部满足', 'All of them'], stay: ['不降', 'Stay'], one_step: ['降一级', 'One step down'], to_met: ['降到达标的等级', 'To what is met'],
  gender: ['性别', 'Gender'], birthday: ['生日', 'Birthday'], name: ['姓名', 'Name'], region: ['地区', 'Region'], phone: ['手机', 'Phone'], email: ['邮箱', 'E-mail'], hobbies: ['爱好', 'Hobbies'],
}
const say = (pair: Pair | undefined, other: string) => (pair ? t(...pair) : other)
export const settingWords = (name: string) => say(groups[name], name)
export const fieldWords = (setting: string, field: string, about = '') => say(fields[`${setting}.${field}`] ?? fields[field], about || field)
export const valueWords = (value: string) => say(values[value], value)
