"""adapter_laoke: the races' words in laoke's API. For another system, write the same methods against that system."""
import itertools
import threading
import uuid

from kit import Client


class Adapter:
    def __init__(self, server):
        self.server, self.local = server, threading.local()
        self.numbers = itertools.count(1)
        self.token = None
        status, body = self.call('POST', '/v1/setup', {'login': 'boss', 'password': 'race-kit-boss', 'name': '老板',
                                                       'shop_name': '一号店'})
        assert status in (200, 201), (status, body)
        status, body = self.call('POST', '/v1/login', {'login': 'boss', 'password': 'race-kit-boss'})
        assert status == 200, (status, body)
        self.token = body['token']
        status, body = self.call('GET', '/v1/shops')
        self.shop = body['items'][0]['shop_id']

    # ---- plumbing ----
    def call(self, method, path, body=None, key=None):
        if not hasattr(self.local, 'client'):
            self.local.client = Client(self.server.port)
        self.local.client.port = self.server.port
        headers = {'Accept-Language': 'en'}
        if self.token:
            headers['Authorization'] = 'Bearer ' + self.token
        if method == 'POST':
            headers['Idempotency-Key'] = key or uuid.uuid4().hex
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
        status, body = self.call('POST', '/v1/orders', basket, key)
        if status in (200, 201):
            return True, bool(body.get('duplicate')), body['order_id']
        return False, False, (status, body)

    def order_by_number(self, number):
        return self.must('GET', '/v1/orders?shop_id=%s&order_no=%s' % (self.shop, number))['items']

    def refund(self, order, key=None, **what):
        return self.call('POST', '/v1/orders/%s/refunds' % order, what, key)
