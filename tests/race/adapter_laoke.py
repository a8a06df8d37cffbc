"""adapter_laoke: the races' words in laoke's API. For another system, write the same two classes against that system."""
import hashlib
import hmac
import itertools
import os
import re
import subprocess
import tempfile
import threading
import time
import uuid

from kit import Client

PASSWORD, PIN = 'race-kit-boss', '402817'


class Server:
    """The binary on a new database: a temporary SQLite file, or a new database in the PostgreSQL of `conninfo`."""

    def __init__(self, binary, conninfo):
        self.binary, self.dir, self.process, self.port = binary, tempfile.mkdtemp(prefix='laoke-race-'), None, 0
        self.db = os.path.join(self.dir, 'laoke.db')
        self.key = os.path.join(self.dir, 'laoke.key')
        if conninfo:
            name = 'race_%d' % os.getpid()
            subprocess.run(['psql', conninfo, '-qc', 'CREATE DATABASE %s' % name], check=True, stdout=subprocess.DEVNULL)
            self.db = re.sub(r'/\w+\?', '/%s?' % name, conninfo)
        self.log = open(os.path.join(self.dir, 'log'), 'ab')
        # A merchant of this name shows one-time codes, and its channel takes whoever asks for a payer.
        for words in (('migrate',), ('user', 'add', '--merchant', 'demo', '--merchant-name', '老客', '--login', 'boss', '--password-file', '-')):
            made = self.command(*words, input='%s\n' % PASSWORD, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if made.returncode != 0:
                raise SystemExit(made.stdout)

    def command(self, *words, **keep):
        return subprocess.run([self.binary, *words, '--db', self.db, '--key-file', self.key], **keep)

    def start(self):
        self.process = subprocess.Popen([self.binary, 'serve', '--db', self.db, '--key-file', self.key, '--port', str(self.port), '--empty'],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, 'LAOKE_UNLIMITED': '1'})
        for line in self.process.stdout:
            if 'http://127.0.0.1:' in line:
                self.port = int(line.split('http://127.0.0.1:')[1].split('/')[0].split()[0])
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        deadline = time.time() + 20
        while time.time() < deadline:
            client = Client(self.port)
            status, _ = client.call('GET', '/readyz')
            client.close()
            if status == 200:
                return
            time.sleep(0.02)
        raise SystemExit('the server did not become ready: see %s/log' % self.dir)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Whether it ended well: sanitizers say at the end what was left behind."""
        self.process.terminate()
        code = self.process.wait(timeout=60)
        if code != 0:
            with open(os.path.join(self.dir, 'log'), errors='replace') as log:
                print('the server ended with %d:\n%s' % (code, ''.join(log.readlines()[-30:])[-3000:]))
        return code == 0

    def check(self):
        """Whether the books are clean, and what was said where they are not."""
        done = self.command('check', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode == 0, '\n'.join(line for line in done.stdout.splitlines() if not line.startswith('ok'))


class Adapter:
    def __init__(self, server):
        self.server, self.local, self.lock = server, threading.local(), threading.Lock()
        self.numbers = itertools.count(1)
        self.token = None
        self.token = self.log_in('boss')
        self.shop = self.must('POST', '/v1/shops', {'name': '一号店'})['shop_id']
        # Tills have keys of their own, and budgets wide enough for a crowd.
        self.till = self.must('POST', '/v1/api-keys', {'name': 'race', 'kind': 'pos', 'shop_id': self.shop, 'role': 'cashier'})['key']
        self.partner = None
        self.merchant = self.must('GET', '/v1/whoami')['merchant_id']
        with open(server.key) as file:
            self.channel_key = hmac.new(bytes.fromhex(file.read().split()[1]), b'laoke/cursor\x01', hashlib.sha256).digest()

    # ---- plumbing ----
    def call(self, method, path, body=None, key=None, token=None):
        if not hasattr(self.local, 'client'):
            self.local.client = Client(self.server.port)
        self.local.client.port = self.server.port
        headers = {'Accept-Language': 'en'}
        if token or self.token:
            headers['Authorization'] = 'Bearer ' + (token or self.token)
        if method == 'POST':
            headers['Idempotency-Key'] = key or uuid.uuid4().hex
        if method == 'PATCH':
            headers['If-Match'] = '*'
        return self.local.client.call(method, path, body, headers)

    def must(self, method, path, body=None, key=None):
        status, answer = self.call(method, path, body, key)
        assert 200 <= status < 300, '%s %s: %s %s' % (method, path, status, answer)
        return answer

    def wait_for(self, is_so):
        """What follows from a request a moment later."""
        for _ in range(250):
            if is_so():
                return
            time.sleep(0.02)

    # ---- words ----
    def new_number(self):
        return 'R%06d' % next(self.numbers)

    def member(self):
        return self.must('POST', '/v1/members', {'phone': '139%08d' % next(self.numbers), 'shop_id': self.shop})['member_id']

    def item(self, price_fen, stock=None, most_per_member=0):
        words = {'name': '商品' + self.new_number(), 'price_fen': price_fen}
        if most_per_member:
            words['most_per_member'] = most_per_member
        item = self.must('POST', '/v1/items', words)['item_id']
        if stock is not None:
            self.must('PUT', '/v1/items/%s/shops/%s/stock' % (item, self.shop), {'counted_quantity': stock})
        return item

    def setting(self, name, **changes):
        value = self.must('GET', '/v1/settings/%s' % name)
        value = value.get('value', value)
        value.update(changes)
        status, body = Client(self.server.port).call('PUT', '/v1/settings/%s' % name, {'value': value},
                                                     {'Authorization': 'Bearer ' + self.token, 'If-Match': '*'})
        assert status == 200, (status, body)

    def grant(self, member, points):
        self.must('POST', '/v1/points/grants', {'member_id': member, 'points': points, 'reason': 'race'})

    def try_grant(self, member, points):
        return self.call('POST', '/v1/points/grants', {'member_id': member, 'points': points, 'reason': 'race'})[0]

    def try_recharge(self, member, amount_fen):
        return self.call('POST', '/v1/wallet/recharges', {'member_id': member, 'shop_id': self.shop, 'amount_fen': amount_fen,
                                                          'tender': 'cash'})[0]

    def points(self, member):
        return self.must('GET', '/v1/members/%s/points' % member)

    def gift(self, giver, taker, points):
        return self.call('POST', '/v1/points/gifts', {'from_member_id': giver, 'to_member_id': taker, 'points': points})[0]

    def basket(self, member, item, quantity, total_fen, points=0, number=None):
        return {'shop_id': self.shop, 'member_id': member, 'order_no': number or self.new_number(), 'settle': True, 'points': points,
                'lines': [{'item_id': item, 'quantity': quantity}],
                'tenders': [{'tender': 'cash', 'amount_fen': total_fen}] if total_fen else []}

    def order(self, basket, key=None):
        """(accepted, duplicate, order id)"""
        status, body = self.call('POST', '/v1/orders', basket, key, self.till)
        if status in (200, 201):
            return True, bool(body.get('duplicate')), body['order_id']
        return False, False, (status, body)

    def order_without_listening(self, basket):
        """The till sends the order and its line breaks before the answer comes."""
        client = Client(self.server.port)
        client.send_only('POST', '/v1/orders', basket, {'Authorization': 'Bearer ' + self.till, 'Idempotency-Key': uuid.uuid4().hex})
        client.close()

    def order_by_number(self, number):
        return self.must('GET', '/v1/orders?shop_id=%s&order_no=%s' % (self.shop, number))['items']

    def refund(self, order, key=None, **what):
        return self.call('POST', '/v1/orders/%s/refunds' % order, what, key, self.till)

    def order_of(self, member, lines, total_fen, points=0, settle=True, **more):
        """Several items; settle False places it for later. (status, body)"""
        body = {**more, 'shop_id': self.shop, 'member_id': member, 'order_no': self.new_number(), 'settle': settle, 'points': points,
                'lines': [{'item_id': item, 'quantity': quantity} for item, quantity in lines]}
        if settle:
            body['tenders'] = [{'tender': 'cash', 'amount_fen': total_fen - points}]
        return self.call('POST', '/v1/orders', body, token=self.till)

    def pay(self, order, amount_fen):
        return self.call('POST', '/v1/orders/%s/payments' % order, {'tender': 'cash', 'amount_fen': amount_fen}, token=self.till)

    def cancel(self, order):
        return self.call('POST', '/v1/orders/%s/cancel' % order, {'reason': 'race'}, token=self.till)

    def merge(self, member, from_member):
        return self.call('POST', '/v1/members/%s/merge' % member, {'from_id': from_member, 'reason': 'race'})

    def stock(self, item):
        shelf = self.must('GET', '/v1/shops/%s/stock?limit=200' % self.shop)['items']
        return [row['left_quantity'] for row in shelf if row['item_id'] == item][0]

    # ---- coupons ----
    def coupon_kind(self, **terms):
        """A kind of coupon: off_fen from threshold_fen on, or rate_bp; stock, most_total for each member … Gives its id."""
        kind = 'discount' if 'rate_bp' in terms else 'full' if 'threshold_fen' in terms else 'cash'
        return self.must('POST', '/v1/coupon-templates', {'name': '券' + self.new_number(), 'kind': kind, 'valid_days': 30, **terms})['template_id']

    def issue(self, kind, member, count=1):
        """(status, coupon ids)"""
        status, body = self.call('POST', '/v1/coupons', {'template_id': kind, 'member_id': member, 'count': count, 'reason': 'race'})
        return status, [c['coupon_id'] for c in body['items']] if status in (200, 201) else body

    def claim(self, kind, session, key=None):
        """A member takes one himself; status"""
        return self.call('POST', '/v1/me/coupon-claims', {'template_id': kind}, key, session)[0]

    def coupon(self, coupon):
        return self.must('GET', '/v1/coupons/%s' % coupon)['coupon']

    def issued(self, kind):
        return self.must('GET', '/v1/coupon-templates/%s' % kind)['issued_count']

    def coupon_codes(self, kind, count):
        batch = self.must('POST', '/v1/coupon-codes', {'template_id': kind, 'count': count, 'reason': 'race'})['batch_id']
        return [c['code'] for c in self.must('GET', '/v1/coupon-templates/%s/codes?batch_id=%s' % (kind, batch))['items']]

    def claim_code(self, code, session):
        return self.call('POST', '/v1/me/coupon-codes', {'code': code}, token=session)[0]

    def give_coupon(self, coupon, session):
        """Given to a friend: the code that whoever has it may take it with."""
        status, body = self.call('POST', '/v1/me/coupons/%s/gift' % coupon, {}, token=session)
        assert status == 201, (status, body)
        return body['code']

    def accept_coupon(self, code, session):
        return self.call('POST', '/v1/me/coupon-gifts/accept', {'code': code}, token=session)[0]

    def budget(self, **limits):
        return self.must('POST', '/v1/reward-budgets', dict(limits, name='race'))['budget_id']

    def budget_used(self, budget):
        return self.must('GET', '/v1/reward-budgets/%s' % budget)['used_count']

    def reward(self, member, points, budget):
        gifts = [{'kind': 'points', 'amount': points}]
        return self.call('POST', '/v1/rewards', {'member_id': member, 'budget_id': budget, 'gifts': gifts, 'reason': 'race'})[0]

    def with_coupons(self, basket, *coupons):
        return dict(basket, use_ids=list(coupons))

    # ---- people ----
    def log_in(self, login):
        status, body = self.call('POST', '/v1/login', {'login': login, 'password': PASSWORD})
        assert status == 200, (status, body)
        return body['token']

    def second_person(self):
        """Somebody else who may decide: a session."""
        with self.lock:
            if self.partner is not None:
                return self.partner
            self.must('POST', '/v1/staff', {'login': 'partner', 'name': '合伙人', 'role': 'owner', 'password': PASSWORD})
            self.partner = self.log_in('partner')
            return self.partner

    def member_with_phone(self):
        phone = '138%08d' % next(self.numbers)
        return self.must('POST', '/v1/members', {'phone': phone, 'shop_id': self.shop})['member_id'], phone

    def session_of(self, phone):
        """A member's own session, by a one-time code."""
        self.must('POST', '/v1/codes', {'phone': phone})
        codes = []

        def look():
            texts = [c['text'] for c in self.must('GET', '/v1/demo')['codes'] if c['to'] == phone]
            codes.extend(code for text in texts for code in re.findall('[0-9]{6}', text))
            return codes
        self.wait_for(look)
        return self.must('POST', '/v1/member-login', {'phone': phone, 'code': codes[0]})['token']

    # ---- stored value ----
    def saver(self, *amounts_fen):
        """A member with a PIN and these recharges."""
        member, phone = self.member_with_phone()
        status, body = self.call('PUT', '/v1/me/wallet/pin', {'pin': PIN}, token=self.session_of(phone))
        assert status == 200, (status, body)
        for amount in amounts_fen:
            self.recharge(member, amount)
        return member

    def recharge(self, member, amount_fen, number=None):
        status, body = self.call('POST', '/v1/wallet/recharges', {'member_id': member, 'shop_id': self.shop, 'amount_fen': amount_fen,
                                                                  'tender': 'cash', 'recharge_no': number or self.new_number()})
        return status in (200, 201), body

    def package(self, pay_fen, gift_fen):
        return self.must('POST', '/v1/wallet/packages', {'name': '充值送' + self.new_number(), 'pay_fen': pay_fen, 'gift_fen': gift_fen})['package_id']

    def recharge_package(self, member, package):
        return self.must('POST', '/v1/wallet/recharges', {'member_id': member, 'shop_id': self.shop, 'package_id': package, 'tender': 'cash',
                                                          'recharge_no': self.new_number()})

    def wallet(self, member):
        """(principal, gift) in fen"""
        body = self.must('GET', '/v1/members/%s/wallet' % member)
        return body['principal_fen'], body['gift_fen']

    def spend(self, member, amount_fen, number=None):
        """Pays with balance; (accepted, spend id or (status, problem)). A wait between wrong and right PINs is waited for."""
        for _ in range(200):
            status, body = self.call('POST', '/v1/wallet/spends', {'shop_id': self.shop, 'member_id': member, 'amount_fen': amount_fen,
                                                                   'spend_no': number or self.new_number(), 'pin': PIN}, token=self.till)
            if status != 429:
                break
            time.sleep(0.05)
        return (True, body['spend_id']) if status in (200, 201) else (False, (status, body))

    def return_spend(self, spend, amount_fen=0, number=None):
        return self.call('POST', '/v1/wallet/spends/%s/returns' % spend, {'restore_no': number or self.new_number(), 'amount_fen': amount_fen})

    def ask_card_refund(self, member):
        """(status, request)"""
        return self.call('POST', '/v1/wallet/refund-requests', {'member_id': member, 'shop_id': self.shop, 'reason': 'race'})

    def approve_card_refund(self, request):
        """Decided by a second person; (status, what is paid out in fen or the problem)"""
        status, body = self.call('POST', '/v1/wallet/refund-requests/%s/approve' % request['request_id'], {}, token=self.second_person())
        return status, body['amount_fen'] if status == 200 else body

    def balance_order(self, member, item, quantity, amount_fen, number=None):
        basket = self.basket(member, item, quantity, 0, number=number)
        basket['tenders'] = [{'tender': 'balance', 'amount_fen': amount_fen, 'pin': PIN}]
        return basket

    # ---- cards ----
    def gift_card(self, value_fen):
        """The code of a bearer card that is good."""
        batch = self.must('POST', '/v1/wallet/card-batches', {'shop_id': self.shop, 'name': '礼品卡', 'value_fen': value_fen, 'cards': 1, 'gift_days': 365})['batch_id']
        return self.must('POST', '/v1/wallet/card-batches/%s/codes' % batch, {})['items'][0]['code']

    def redeem(self, member, code):
        return self.call('POST', '/v1/wallet/cards/redeem', {'member_id': member, 'code': code})[0]

    def times_card(self, member, uses):
        kind = self.must('POST', '/v1/times/templates', {'name': '次卡' + self.new_number(), 'uses': uses, 'price_fen': 10000})['template_id']
        return self.must('POST', '/v1/times/cards', {'member_id': member, 'template_id': kind, 'reason': 'race'})['items'][0]['card_id']

    def times_use(self, member, card, number=None):
        """(accepted, use id or (status, problem))"""
        for _ in range(400):
            status, body = self.call('POST', '/v1/times/uses', {'shop_id': self.shop, 'member_id': member, 'card_id': card, 'use_no': number or self.new_number(),
                                                                'pin': PIN}, token=self.till)
            if status != 429:
                break
            time.sleep(0.05)
        return (True, body['use_id']) if status in (200, 201) else (False, (status, body))

    def times_undo(self, use):
        return self.call('POST', '/v1/times/uses/%s/undo' % use, {'reason': 'race'})[0]

    def times_left(self, member, card):
        return [c['left_uses'] for c in self.must('GET', '/v1/members/%s/times' % member)['items'] if c['card_id'] == card][0]

    # ---- the payment channel ----
    def recharge_at_channel(self, member, amount_fen):
        """A recharge whose money waits at the channel: (what the channel calls it, number)"""
        body = self.must('POST', '/v1/wallet/recharges', {'member_id': member, 'shop_id': self.shop, 'amount_fen': amount_fen, 'tender': 'wechat',
                                                          'recharge_no': self.new_number()})
        return body['recharge_id'], 1

    def order_at_channel(self, member, item, quantity, amount_fen):
        """An order whose money waits at the channel: (order id, number of the tender)"""
        basket = dict(self.basket(member, item, quantity, 0), settle=False)
        order = self.must('POST', '/v1/orders', basket)['order_id']
        paid = self.must('POST', '/v1/orders/%s/payments' % order, {'tender': 'wechat', 'amount_fen': amount_fen})
        return order, paid['payments'][-1]['number']

    def payer_pays(self, order, number):
        """The payer pays at the channel; laoke hears of it by asking, and completes the order a moment later. (status, order)"""
        for _ in range(200):                                    # it may not have been asked for the money yet
            answer = self.call('POST', '/v1/orders/%s/payments/%s/query' % (order, number), {})
            if answer[0] != 200 or self.order_read(order)['status'] != 'placed':
                break
            time.sleep(0.02)
        return answer

    def notice(self, order, number, amount_fen):
        """The channel tells that it was paid, signed as the fake channel signs; status"""
        what = 'L%s-%s-%s' % (self.merchant, order, number)
        ref = 'fake-' + what
        text = 'pay_fake\n%s\n%s\n%d\n%d' % (what, ref, amount_fen, 0)
        signature = hmac.new(self.channel_key, text.encode(), hashlib.sha256).hexdigest()
        return self.call('POST', '/v1/payment-notices', {'id': what, 'ref': ref, 'amount_fen': amount_fen, 'at': 0, 'signature': signature})[0]

    def order_read(self, order):
        return self.must('GET', '/v1/orders/%s' % order)

    def stuck_refunds(self):
        return self.must('GET', '/v1/payment-refunds/stuck')['items']

    # ---- times cards, benefits, plans ----
    def card_kind(self, uses, price_fen):
        return self.must('POST', '/v1/times/templates', {'name': '次卡', 'uses': uses, 'price_fen': price_fen})['template_id']

    def plan_kind(self, price_fen):
        """(plan, its tag)"""
        plan = self.must('POST', '/v1/plans', {'key': self.new_number(), 'name': '月卡' + self.new_number(), 'price_fen': price_fen,
                                               'unit': 'month', 'unit_count': 1})
        return plan['plan_id'], plan['tag_id']

    def sell(self, member, what, kind, number=None):
        """(accepted, duplicate, sale)"""
        status, body = self.call('POST', '/v1/sales', {'shop_id': self.shop, 'member_id': member, 'what': what, 'what_id': kind,
                                                       'tender': 'cash', 'sale_no': number or self.new_number()}, token=self.till)
        return status in (200, 201), bool(body.get('duplicate')), body

    def give_back(self, sale):
        """(accepted, fen)"""
        status, body = self.call('POST', '/v1/sales/%s/refund' % sale, {'reason': 'race'})
        return status in (200, 201), body.get('amount_fen', 0) if status in (200, 201) else (status, body)

    def use_card(self, member, count=1, number=None):
        """With the PIN; (accepted, use). A wait between wrong and right PINs is waited for."""
        for _ in range(200):
            status, body = self.call('POST', '/v1/times/uses', {'shop_id': self.shop, 'member_id': member, 'count': count, 'pin': PIN,
                                                                'use_no': number or self.new_number()}, token=self.till)
            if status != 429:
                break
            time.sleep(0.05)
        return status in (200, 201), body

    def undo_use(self, use):
        return self.call('POST', '/v1/times/uses/%s/undo' % use, {'reason': 'race'})[0]

    def cards(self, member):
        return self.must('GET', '/v1/members/%s/times' % member)['items']

    def periods(self, member):
        return self.must('GET', '/v1/members/%s/plans' % member)['items']

    def benefit(self, tag, quota):
        benefit = self.must('POST', '/v1/benefits', {'key': self.new_number(), 'name': '停车', 'kind': 'parking'})['benefit_id']
        self.must('POST', '/v1/benefit-terms', {'benefit_id': benefit, 'tag_id': tag, 'quota': quota, 'period': 'month'})
        return benefit

    def take(self, member, benefit, number=None):
        return self.call('POST', '/v1/benefits/uses', {'shop_id': self.shop, 'member_id': member, 'benefit_id': benefit,
                                                       'use_no': number or self.new_number()}, token=self.till)
