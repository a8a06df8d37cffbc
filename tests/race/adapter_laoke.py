"""adapter_laoke: the races' words in laoke's API. For another system, write the same methods against that system."""
import itertools
import threading
import time
import uuid

from kit import Client


class Adapter:
    def __init__(self, server):
        self.server, self.local = server, threading.local()
        self.numbers = itertools.count(1)
        self.token = None
        for _ in range(100):        # the first merchant is made just after the doors open
            if self.call('GET', '/v1/setup')[0] == 200:
                break
            time.sleep(0.05)
        status, body = self.call('POST', '/v1/setup', {'login': 'boss', 'password': 'race-kit-boss', 'name': '老板',
                                                       'shop_name': '一号店'})
        assert status in (200, 201), (status, body)
        status, body = self.call('POST', '/v1/login', {'login': 'boss', 'password': 'race-kit-boss'})
        assert status == 200, (status, body)
        self.token = body['token']
        status, body = self.call('GET', '/v1/shops')
        self.shop = body['items'][0]['shop_id']
        # Tills have keys of their own, and budgets wide enough for a crowd.
        status, body = self.call('POST', '/v1/api-keys', {'name': 'race', 'kind': 'pos', 'shop_id': self.shop, 'role': 'cashier'})
        assert status == 201, (status, body)
        self.till = body['key']

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

    # ---- words ----
    def new_number(self):
        return 'R%06d' % next(self.numbers)

    def member(self):
        return self.must('POST', '/v1/members', {'phone': '139%08d' % next(self.numbers), 'shop_id': self.shop})['member_id']

    def item(self, price_fen, stock=None):
        item = self.must('POST', '/v1/items', {'name': '商品' + self.new_number(), 'price_fen': price_fen})['item_id']
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

    def order_by_number(self, number):
        return self.must('GET', '/v1/orders?shop_id=%s&order_no=%s' % (self.shop, number))['items']

    def refund(self, order, key=None, **what):
        return self.call('POST', '/v1/orders/%s/refunds' % order, what, key, self.till)

    def order_of(self, member, lines, total_fen, points=0, settle=True):
        """Several items; settle False places it for later. (status, body)"""
        body = {'shop_id': self.shop, 'member_id': member, 'order_no': self.new_number(), 'settle': settle, 'points': points,
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
