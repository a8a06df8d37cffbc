"""doors: who gets in. Forged, cut, ended and replayed credentials; signatures from clocks that are off; one order sent again and again."""
import base64
import hashlib
import hmac
import os
import threading
import time

from house import new_number, say


def run(house):
    house.furnish(2)
    forged(house)
    ended(house)
    signed(house)
    replayed(house)
    roles(house)


def whoami(house, header, name='Authorization'):
    return house.call('GET', '/v1/whoami', as_=None, headers={name: header})


def forged(house):
    token = house.tokens[0]
    bad = []
    tries = ['Bearer ' + token[:-1], 'Bearer ' + token + 'A', 'Bearer ', 'Bearer', 'bearer', token, 'Basic ' + base64.b64encode(b'boss:hostile-boss').decode(),
             'Bearer null', 'Bearer lks_', 'Bearer lkk_', 'Bearer ' + 'A' * 4000, 'Bearer ' + token.swapcase(), 'Bearer %00', 'Bearer ' + token[:30],
             'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', 'Bearer ' + house.keys['secret']]
    tries += ['Bearer ' + token[:i] + ('B' if token[i] != 'B' else 'C') + token[i + 1:] for i in range(4, len(token), 5)]
    for number, header in enumerate(tries):
        answer = house.call('GET', '/v1/whoami', as_=None, headers={'Authorization': header, 'X-Forwarded-For': '198.51.100.%d' % (number + 1)})
        if answer.status != 401 or not answer.code.startswith('auth.') or 'server_time' not in (answer.json or {}):
            bad.append('%s: %r' % (header[:60], answer))
    for line in bad[:5]:
        print('   ' + line)
    say(not bad, 'forged and cut tokens are refused with 401 (%d)' % len(tries), '%d were not' % len(bad))
    many = [house.call('GET', '/v1/whoami', as_=None, headers={'Authorization': 'Bearer lks_' + 'A' * 60, 'X-Forwarded-For': '198.51.99.9'}).status for _ in range(90)]
    say(many[-1] == 429 and 401 in many, 'who keeps trying tokens is told to wait')


def ended(house):
    token = house.log_in('boss', 'hostile-boss')
    say(house.call('POST', '/v1/logout', {}, as_=token).status in (200, 204), 'logs out')
    say(house.call('GET', '/v1/whoami', as_=token).status == 401, 'a session that was closed is closed')
    key = house.must('POST', '/v1/api-keys', {'name': '二号收银', 'kind': 'pos', 'shop_id': house.have['shop_id'], 'role': 'cashier'})
    say(house.call('GET', '/v1/shops', as_=key['key']).status == 200, 'a new key opens')
    house.must('DELETE', '/v1/api-keys/' + key['key_id'])
    time.sleep(1.2)
    say(house.call('GET', '/v1/shops', as_=key['key']).status == 401, 'a revoked key does not')


def sign(house, method, path, body, shift=0, nonce=None, secret=None):
    stamp = str(int(time.time()) + shift)
    nonce = nonce or os.urandom(12).hex()
    text = '\n'.join([stamp, nonce, method, path, hashlib.sha256(body).hexdigest()])
    return {'X-Laoke-Key': house.keys['sign_id'], 'X-Laoke-Timestamp': stamp, 'X-Laoke-Nonce': nonce,
            'X-Laoke-Signature': 'v1=' + hmac.new((secret or house.keys['secret']).encode(), text.encode(), hashlib.sha256).hexdigest()}


def signed(house):
    path = '/v1/members/lookup?phone=13900000001'
    good = sign(house, 'GET', path, b'')
    first = house.call('GET', path, as_=None, headers=good)
    if first.status == 401:      # the secret may be the hex of the key's bytes
        print('   ', first)
    say(first.status == 200, 'a signed request is believed', repr(first))
    again = house.call('GET', path, as_=None, headers=good)
    say(again.status == 401, 'the same signature a second time is not', repr(again))
    off = []
    for shift in (-301, -3600, 301, 86400, 10**9, -10**10):
        answer = house.call('GET', path, as_=None, headers=sign(house, 'GET', path, b'', shift))
        if answer.status != 401 or abs(answer.json.get('server_time', 0) / 1000 - time.time()) > 5:
            off.append('%d: %r' % (shift, answer))
    say(not off, 'a clock that is off is told the time', '; '.join(off))
    say(house.call('GET', path, as_=None, headers=sign(house, 'GET', path, b'', 250)).status == 200, 'a clock that is off a little is not')
    for name, value in (('X-Laoke-Timestamp', 'abc'), ('X-Laoke-Timestamp', '9' * 30), ('X-Laoke-Nonce', 'short'), ('X-Laoke-Nonce', 'x' * 5000),
                        ('X-Laoke-Signature', 'v1='), ('X-Laoke-Signature', 'v9=' + '0' * 64), ('X-Laoke-Key', '0'), ('X-Laoke-Key', 'x' * 3000)):
        answer = house.call('GET', path, as_=None, headers={**sign(house, 'GET', path, b''), name: value})
        if answer.status not in (400, 401, 422, 431):
            say(False, 'a signature with a wrong %s is refused' % name, repr(answer))
    body = b'{"phone":"13900000001"}'
    moved = sign(house, 'POST', '/v1/members', body)
    say(house.call('POST', '/v1/members', b'{"phone":"13900000002"}', as_=None, headers=moved).status == 401, 'another body under the same signature is refused')


def replayed(house):
    """One order: twenty times with one key, twenty with keys of their own, and once more with other content."""
    have = house.have
    order = {'shop_id': have['shop_id'], 'member_id': have['member_id'], 'order_no': new_number(), 'settle': True,
             'lines': [{'name': '茶', 'quantity': 1, 'unit_price_fen': 1000}], 'tenders': [{'tender': 'cash', 'amount_fen': 1000}]}
    before = house.must('GET', '/v1/members/%s/points' % have['member_id'])['balance']
    answers, token = [], house.tokens[0]

    def ask(key):
        answers.append(house.call('POST', '/v1/orders', order, as_=token, key=key))
    threads = [threading.Thread(target=ask, args=('one-key' if i % 2 else 'key-%d' % i,)) for i in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ids = {a.json.get('order_id') for a in answers}
    say(all(a.status in (200, 201) for a in answers) and len(ids) == 1, 'an order sent forty times is one order', '%s %s' % (ids, [a for a in answers if a.status >= 300][:2]))
    say(house.must('GET', '/v1/members/%s/points' % have['member_id'])['balance'] == before + 10, 'and earns once')
    other = house.call('POST', '/v1/orders', {**order, 'till_no': 3}, key='one-key', as_=token)
    say(other.status == 422 and other.code == 'idempotency.reused', 'the same key with another body is refused', repr(other))
    other = house.call('POST', '/v1/orders', {**order, 'till_no': 3})
    say(other.status == 409, 'the same number with other content is refused', repr(other))
    for key in ('x' * 129, '\x01', 'a b', '老'.encode().decode('latin-1')):
        answer = house.call('POST', '/v1/orders', {**order, 'order_no': new_number()}, key=key)
        if answer.status not in (400, 422):
            say(False, 'a key that is none is refused', '%r %r' % (key, answer))


def roles(house):
    """What a cashier may not, over every route: 403 before anything else, also for things that are not there."""
    may = set(house.must('GET', '/v1/whoami', as_='till')['permissions'])
    wrong = []
    for template, operations in house.must('GET', '/openapi.json', as_=None)['paths'].items():
        for method, operation in operations.items():
            permission = operation.get('x-permission')
            if not permission or 'staff' not in operation['x-who'] or permission in may:
                continue
            path = template
            while '{' in path:
                path = path[:path.index('{')] + '1' + path[path.index('}') + 1:]
            answer = house.call(method.upper(), path, {} if 'requestBody' in operation else None, as_='till')
            if answer.status != 403:
                wrong.append('%s %s: %r' % (method, path, answer))
    say(not wrong, 'a cashier is refused what a cashier may not', '; '.join(wrong[:4]))
