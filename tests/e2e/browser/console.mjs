// Console and till in a real Chromium, against the real binary on an empty database of its own.
//   node console.mjs LAOKE [SHOTS=DIR]
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const laoke = process.argv[2]
const home = mkdtempSync(join(tmpdir(), 'laoke-console-'))
const shots = process.env.SHOTS ?? ''
if (shots) mkdirSync(shots, { recursive: true })
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const counts = [0, 0]
const PASSWORD = 'open-sesame-10', PHONE = '13912345678', MILK = '6901234567892', BREAD = '6900000000019'
function say(isGood, words) {
  counts[isGood ? 0 : 1]++
  console.log(`${isGood ? 'ok' : 'NOT OK'} ${words}`)
}
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// ---- the server ----

async function freePort() {
  const door = createServer()
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address()
  await new Promise((resolve) => door.close(resolve))
  return port
}
const port = await freePort(), base = `http://127.0.0.1:${port}`
let server
async function start() {
  server = spawn(laoke, ['serve', '--empty', '--port', String(port)], { cwd: home, stdio: 'ignore' })
  for (let n = 0; n < 200; n++) {
    try { if ((await fetch(`${base}/readyz`)).ok) return } catch { /* not yet */ }
    await wait(50)
  }
  throw new Error('the server did not start')
}
async function stop() {
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGTERM')
  await gone
}

// ---- the browser ----

const wrong = []      // what no page may do: faults, refused scripts, requests to elsewhere
let isAway = false
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'] })
async function open(size = { width: 1280, height: 800 }, more = {}) {
  const context = await browser.newContext({ viewport: size, ...more })
  context.on('request', (r) => { if (!/^(data|blob):/.test(r.url()) && !r.url().startsWith(base)) wrong.push(`request to ${r.url()}`) })
  context.on('response', (r) => {
    const path = new URL(r.url()).pathname
    const isFine = r.status() < 400 || isAway || (r.status() === 401 && /^\/v1\/(account|whoami)$/.test(path)) || ([404, 422].includes(r.status()) && path === '/v1/members/lookup')
    if (!isFine && !r.request().url().includes('expect-refusal') && !isExpected.has(`${r.status()} ${path}`)) wrong.push(`${r.status()} ${path}`)
  })
  const page = await context.newPage()
  page.on('pageerror', (e) => wrong.push(`page error: ${e.message}`))
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type()) && !/Failed to load resource/.test(m.text())) wrong.push(`console: ${m.text().slice(0, 300)}`) })
  page.setDefaultTimeout(10_000)
  return page
}
const isExpected = new Set()
function clean(words) { say(wrong.length === 0, `${words}: nothing wrong in the browser${wrong.length ? `: ${[...new Set(wrong)].slice(0, 6).join(' | ')}` : ''}`); wrong.length = 0 }
const api = (page, path, body, method) => page.evaluate(async ([path, body, method]) => {
  const reply = await fetch(path, { method: method ?? (body ? 'POST' : 'GET'), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: body ? JSON.stringify(body) : undefined })
  return { status: reply.status, body: await reply.json().catch(() => null) }
}, [path, body, method])
async function test(name) { return (await this.locator(`[data-test=${name}]`).first().textContent()).trim() }
const textOf = (page, name) => test.call(page, name)
const fen = (text) => Math.round(Number(text.replace(/[^\d.-]/g, '')) * 100)
const scan = async (page, code) => { await page.locator('[data-test=box]').fill(code); await page.keyboard.press('Enter') }
async function total(page, want) {
  for (let n = 0; n < 60; n++) { if (fen(await textOf(page, 'total')) === want) return true; await wait(50) }
  return false
}
async function shot(page, name) { if (shots) await page.screenshot({ path: join(shots, `${name}.png`) }) }
async function settled(page) { await page.waitForFunction(() => document.querySelector('main, dialog, form') && !document.querySelector('.el-skeleton')).catch(() => undefined); await wait(300) }

// Words of English on a Chinese page; names, codes and file kinds are not words.
const LATIN_FINE = /\b(laoke|EN|English|CSV|Excel|Esc|Enter|Del|Ctrl|Alt|points|UnionID|SMS|boss|anna|owner|manager|marketer|cashier|analyst|[A-Z]{1,2}\d[\w-]*|T1-[\w-]+|mm)\b/g
async function look(page, name, lang) {
  await settled(page)
  await shot(page, name)
  await page.evaluate(axe)
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })).violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 140)).join(' ; ')}`))
  say(found.length === 0, `${name}: axe finds nothing serious${found.length ? `: ${found.join(' | ')}` : ''}`)
  if (lang === 'zh') {
    const text = await page.evaluate(() => {
      const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (walk.nextNode()) { const at = walk.currentNode.parentElement; if (at && at.offsetParent && !at.closest('code,pre,kbd,style,script,noscript,.raw')) out.push(walk.currentNode.textContent) }
      return out.join('\n')
    })
    const leaked = [...new Set(text.replace(LATIN_FINE, ' ').match(/[A-Za-z][a-z_.]{2,}/g) ?? [])]
    say(leaked.length === 0, `${name}: no English on a Chinese page${leaked.length ? `: ${leaked.slice(0, 12).join(' ')}` : ''}`)
  }
}

// ---- the first minute ----

async function setUp(page) {
  await page.goto(base)
  await page.waitForURL('**/setup')
  await look(page, 'setup', 'zh')
  await page.fill('#shop', '幸福面包房')
  await page.fill('#name', '王老板')
  await page.fill('#password', PASSWORD)
  await page.fill('#again', PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.shell')
  say(await page.getByRole('heading', { name: '今天', exact: true }).isVisible(), 'an empty database becomes a shop, and its owner is at home')
  await page.goto(`${base}/goods?id=new`)
  await page.locator('[data-test=item-name]').fill('牛奶 250ml')
  await page.locator('[data-test=item-price]').fill('5.50')
  await page.locator('[data-test=item-barcodes]').fill(MILK)
  await page.locator('[data-test=item-save]').click()
  await page.getByText('牛奶 250ml').first().waitFor()
  const made = await api(page, '/v1/items', { name: '全麦面包', price_fen: 1200, barcodes: [BREAD] })
  say(made.status === 201, 'goods are added in the console')
  await page.goto(`${base}/recharges`)
  await page.locator('[data-test=add-package]').click()
  await page.locator('[data-test=package-name]').fill('充 100 送 10')
  await page.locator('[data-test=package-pay]').fill('100')
  await page.locator('[data-test=package-gift]').fill('10')
  await page.locator('[data-test=package-save]').click()
  await page.locator('.pack').first().waitFor()
  say((await page.locator('.pack').first().textContent()).includes('¥10.00'), 'and a recharge package')
  clean('setting up')
}

// ---- a morning at the till ----

async function sell(page) {
  await page.goto(`${base}/till`)
  await page.locator('[data-test=box]').waitFor()
  await page.getByText('已备好 2 种商品').waitFor()
  await look(page, 'till-empty', 'zh')
  await scan(page, PHONE)
  await page.locator('[data-test=join-phone]').waitFor()
  say(await page.locator('[data-test=join-phone]').inputValue() === PHONE, 'an unknown phone number opens the three fields of joining')
  await page.locator('[data-test=join-name]').fill('李雷')
  await page.locator('[data-test=join-birthday]').fill('19900520')
  await page.keyboard.press('Enter')
  await page.locator('[data-test=member-name]').waitFor()
  say((await textOf(page, 'member-name')).startsWith('李'), 'the new member stands in the panel')
  await scan(page, MILK)
  await scan(page, `3*${BREAD}`)
  say(await total(page, 4150), 'two scans, four pieces: 41.50')
  await look(page, 'till-basket', 'zh')
  await page.keyboard.press('F9')
  await page.locator('[data-test=amount]').waitFor()
  await wait(400)
  await look(page, 'till-pay', 'zh')
  await page.locator('[data-test=amount]').fill('50')
  await page.keyboard.press('Enter')
  await page.locator('[data-test=paid]').waitFor()
  say(fen(await textOf(page, 'change')) === 850, 'cash 50.00, change 8.50')
  say(Number((await textOf(page, 'earned')).replace(/\D/g, '')) === 41, '41 points earned')
  await shot(page, 'till-paid')
  await page.keyboard.press('Enter')

  await scan(page, PHONE)
  await page.locator('[data-test=member-name]').waitFor()
  await page.keyboard.press('F8')
  await page.getByText('充 100 送 10').click()
  await page.locator('[data-test=recharge]').click()
  await page.locator('[data-test=balance]').waitFor()
  say(fen(await textOf(page, 'balance')) === 11_000, 'recharged: 100.00 and 10.00 on top')
  await shot(page, 'till-recharge')
  await page.keyboard.press('Escape')

  await scan(page, BREAD)
  await total(page, 1200)
  await page.keyboard.press('F6')
  await page.getByText('扫一件商品开始').waitFor()
  await page.keyboard.press('F6')
  await page.locator('dialog .choice').first().click()
  say(await total(page, 1200), 'a sale is put on hold and taken back')
  await page.locator('[data-test=member-name]').waitFor()
  await page.keyboard.press('F9')
  await page.getByText('全用').click()
  await wait(500)
  const due = fen(await textOf(page, 'due'))
  say(due < 1200, `points pay a part: ${(1200 - due) / 100} of 12.00`)
  await page.locator('[data-test=tender-wechat]').click()
  await page.locator('[data-test=amount]').fill('5')
  await page.keyboard.press('Enter')
  await page.locator('[data-test=tender-cash]').click()
  await page.locator('[data-test=settle]').click()
  await page.locator('[data-test=paid]').waitFor()
  const order = (await api(page, '/v1/orders?limit=1')).body.items[0]
  const whole = (await api(page, `/v1/orders/${order.order_id}`)).body
  say(whole.payments.map((p) => p.tender).sort().join(' ') === 'cash points wechat', 'three tenders on one order')
  await page.keyboard.press('Enter')
  clean('selling')
  return whole
}

async function refund(page) {
  const first = (await api(page, '/v1/orders?limit=5')).body.items.at(-1)
  await page.keyboard.press('F7')
  await page.locator('[data-test=refund-no]').fill(first.order_no)
  await page.keyboard.press('Enter')
  await page.locator('[data-test=back-2]').fill('1')
  await page.locator('[data-test=reason]').fill('不新鲜')
  await look(page, 'till-refund', 'zh')
  await page.locator('[data-test=refund]').click()
  await page.locator('[data-test=refunded]').waitFor()
  say(fen(await textOf(page, 'refunded')) === 1200, 'one of three loaves comes back: 12.00')
  await page.keyboard.press('Escape')
  clean('refunding')
}

async function coupon(page) {
  const member = (await api(page, '/v1/members?limit=1')).body.items[0]
  const made = await api(page, '/v1/coupon-templates', { name: '满 30 减 5', kind: 'full', threshold_fen: 3000, off_fen: 500, valid_days: 30 })
  const given = await api(page, '/v1/coupons', { template_id: made.body?.template_id, member_id: member.member_id, reason: '开业' })
  say(given.status < 300, `a coupon is issued${given.status < 300 ? '' : `: ${JSON.stringify(made.body)} ${JSON.stringify(given.body)}`}`)
  await scan(page, PHONE)
  await page.locator('[data-test=coupon]').waitFor()
  await scan(page, `2*${BREAD}`)
  say(await total(page, 2400) && (await textOf(page, 'coupon')).includes('满 30 减 5'), 'its member brings it along; below its threshold it takes nothing off')
  await shot(page, 'till-coupon-short')
  await scan(page, BREAD)
  say(await total(page, 3100), 'above it the best price uses it by itself')
  await look(page, 'till-coupon', 'zh')
  await page.locator('[data-test=coupon]').click()
  say(await total(page, 3600), 'one tap keeps it for another day')
  await page.locator('[data-test=coupon]').click()
  say(await total(page, 3100), 'another uses it again')
  await page.locator('[data-test=box]').focus()
  await page.keyboard.press('F4')
  clean('coupons')
}

// ---- the server is away ----

async function offLine(page) {
  const before = (await api(page, '/v1/orders?limit=200')).body.items.length
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await wait(600)
  await page.reload()
  await page.locator('[data-test=box]').waitFor()
  await page.getByText('已备好').waitFor()
  isAway = true
  await stop()
  const cash = async () => {
    await scan(page, MILK)
    await page.locator('[data-test=pay]').click()
    await page.locator('[data-test=amount]').waitFor()
    await wait(300)
    await page.locator('[data-test=settle]').click()
    await page.locator('[data-test=paid]').waitFor()
    await page.locator('[data-test=next]').click()
  }
  for (let n = 0; n < 3; n++) await cash()
  say((await textOf(page, 'queue')).includes('3'), 'three cash sales wait while the server is away')
  await shot(page, 'till-offline')
  await page.reload()
  await page.locator('[data-test=queue]').waitFor()
  say((await textOf(page, 'queue')).includes('3'), 'the page opens without the server, and the three are still there')
  await cash()
  say((await textOf(page, 'queue')).includes('4'), 'and a fourth is sold')
  await start()
  isAway = false
  await page.locator('[data-test=queue]').waitFor({ state: 'detached', timeout: 30_000 })
  const after = (await api(page, '/v1/orders?limit=200')).body.items
  say(after.length === before + 4, `the server is back: every sale once (${after.length - before} of 4)`)
  say(new Set(after.map((o) => o.order_no)).size === after.length, 'each under its own number')
  for (let n = wrong.length - 1; n >= 0; n--) if (/ERR_|Failed to fetch/.test(wrong[n])) wrong.splice(n, 1)
  clean('selling off line')
}

// ---- the owner looks ----

async function pages(page) {
  const m = (await api(page, '/v1/members?limit=1')).body.items[0], o = (await api(page, '/v1/orders?limit=1&status=completed')).body.items[0]
  const all = {
    home: '/', members: '/members', member: `/members/${m.member_id}`, drawer: `/members?id=${m.member_id}`, orders: '/orders', order: `/orders/${o.order_id}`, refunds: '/refunds', recharges: '/recharges', approvals: '/approvals', goods: '/goods', item: '/goods?id=new', shops: '/shops',
    staff: '/staff', tiers: '/tiers', tags: '/tags', points: '/rules/points', settings: '/settings/wallet', keys: '/keys', audit: '/audit', house: '/house', account: '/account', missing: '/nowhere',
  }
  for (const [lang, theme] of [['zh', 'light'], ['en', 'dark']]) {
    await page.evaluate(([l, th]) => { localStorage.setItem('laoke.lang', l); localStorage.setItem('laoke.theme', th) }, [lang, theme])
    for (const [name, path] of Object.entries(all)) {
      await page.goto(base + path)
      await look(page, `${name}-${lang}-${theme}`, lang)
    }
  }
  await page.goto(`${base}/till`)
  await look(page, 'till-en-dark', 'en')
  await page.evaluate(() => { localStorage.setItem('laoke.lang', 'zh'); localStorage.setItem('laoke.theme', 'light') })
  await page.goto(`${base}/members/${m.member_id}`)
  await page.locator('[data-test=member]').waitFor()
  await page.locator('.line').getByText('充值', { exact: true }).waitFor()
  const line = await page.locator('.line').textContent()
  say(line.includes('消费') && line.includes('退款') && line.includes('充值'), 'the timeline has the purchase, the refund and the recharge')
  await page.keyboard.press('/')
  await page.keyboard.type('5678')
  const hit = page.locator('.finder').getByText('139****5678')
  await hit.waitFor().catch(() => undefined)
  say(await hit.isVisible(), 'the search finds the member by the last four digits')
  await shot(page, 'finder')
  await page.keyboard.press('Escape')
  clean('looking at every page')
}

async function touch(state) {
  const page = await open({ width: 1024, height: 768 }, { hasTouch: true, storageState: state })
  await page.goto(`${base}/till`)
  await page.locator('[data-test=box]').waitFor()
  await scan(page, MILK)
  await settled(page)
  await shot(page, 'till-touch')
  const small = await page.evaluate(() => [...document.querySelectorAll('.till main button, .till footer button')].filter((b) => b.offsetParent && (b.offsetHeight < 44 || b.offsetWidth < 44)).map((b) => b.textContent))
  say(small.length === 0, `touch targets of the till are 44 px and more${small.length ? `: ${small.join(' ')}` : ''}`)
  say(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'and nothing hangs over the edge at 1024 px')
  await page.context().close()
}

async function cashier(owner) {
  await api(owner, '/v1/staff', { login: 'anna', name: '安娜', role: 'cashier', password: PASSWORD })
  const page = await open()
  await page.goto(`${base}/login`)
  await page.fill('#login', 'anna')
  await page.fill('#password', PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.shell')
  await settled(page)
  const menu = await page.locator('nav.side').textContent()
  say(menu.includes('会员') && !menu.includes('审计') && !menu.includes('接口密钥'), 'a cashier sees no audit trail in the menu')
  await page.goto(`${base}/audit`)
  await page.getByText('您的角色看不到这一页').waitFor()
  isExpected.add('403 /v1/audit')
  say((await api(page, '/v1/audit')).status === 403, 'nor behind its address, and the server refuses too')
  await shot(page, 'denied')
  await page.goto(`${base}/till`)
  await page.locator('[data-test=box]').waitFor()
  await scan(page, MILK)
  await page.locator('[data-test=pay]').click()
  await page.locator('[data-test=settle]').click()
  await page.locator('[data-test=paid]').waitFor()
  say(true, 'but sells')
  clean('the cashier')
  await page.context().close()
}

try {
  await start()
  const page = await open()
  await setUp(page)
  await sell(page)
  await refund(page)
  await coupon(page)
  await offLine(page)
  await pages(page)
  await touch(await page.context().storageState())
  await cashier(page)
} catch (error) {
  say(false, `went wrong: ${error.stack ?? error}${isAway ? ' (server away)' : ''} ${wrong.slice(0, 5).join(' | ')}`)
  for (const context of browser.contexts()) for (const p of context.pages()) await shot(p, 'went-wrong').catch(() => undefined)
} finally {
  await browser.close()
  if (server && server.exitCode === null) await stop()
  rmSync(home, { recursive: true, force: true })
}
console.log(`${counts[0]} passed, ${counts[1]} failed`)
process.exit(counts[1] ? 1 : 0)
