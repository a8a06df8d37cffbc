"""log_words: a whole day of a shop with planted names, numbers, codes, passwords and tokens; none of them may stand in the log."""
import base64
import re

from house import new_number, say


def run(house):
    house.furnish(2)
    have, words = house.have, {}
    phone, name, mail, card, street, hobby = '13655667788', '欧阳震南', 'ouyang.zhennan@example.com', '880066554433', '梧桐巷九十九号', '收集火柴盒'
    words.update({'phone': phone, 'its last eight': phone[3:], 'name': name, 'pinyin': 'ouyangzhennan', 'mail': mail, 'card': card, 'address': street, 'hobby': hobby})
    member = house.must('POST', '/v1/members', {'phone': phone, 'name': name, 'email': mail, 'card': card})['member_id']
    for query in (phone, phone[-4:], name, 'ouyangzhennan', card, mail):
        from urllib.parse import quote
        house.call('GET', '/v1/members?q=' + quote(query))
        house.call('GET', '/v1/members/lookup?phone=' + quote(query))
        house.call('GET', '/v1/members/lookup?card=' + quote(query))
        house.call('GET', '/v1/members/%s?%s=1' % (quote(query), quote(query)))
        house.call('POST', '/v1/members', {'phone': query, 'no_such_%s' % query: query})
    code = house.code_for(phone)
    words['code'] = code
    entered = house.must('POST', '/v1/member-login', {'phone': phone, 'code': code}, as_=None)
    words['member token'] = entered['token']
    me = entered['token']
    words['password'], words['wrong password'] = 'sehr-geheim-8877', 'falsch-geraten-5566'
    house.must('PUT', '/v1/me/password', {'password': words['password']}, as_=me)
    house.call('POST', '/v1/member-login', {'phone': phone, 'password': words['wrong password']}, as_=None)
    house.call('POST', '/v1/login', {'login': 'boss', 'password': words['wrong password']}, as_=None)
    house.call('PATCH', '/v1/me', {'hobbies': [hobby], 'addresses': [{'label': '家', 'detail': street}]}, as_=me, headers={'If-Match': '*'})
    words['dynamic code'] = house.must('GET', '/v1/me/code', as_=me)['code']
    house.call('GET', '/v1/members/lookup?code=' + words['dynamic code'])
    house.must('POST', '/v1/members/%s/reveal' % member, {'reason': name})
    house.must('POST', '/v1/members/%s/export' % member, {'reason': name})
    words['owner token'], words['till key'], words['till secret'] = house.tokens[0], house.keys['key'], house.keys['secret']
    house.call('GET', '/v1/shops', as_=house.keys['key'])
    house.call('GET', '/v1/shops', as_=house.keys['key'][:-1])
    house.call('GET', '/v1/shops?token=' + house.tokens[0])
    house.call('GET', '/' + house.tokens[0], as_=None)
    totp = house.must('POST', '/v1/account/totp', {})
    words['second factor'] = totp['secret']
    upload = ('姓名,手机号\n%s,%s\n' % (name, phone)).encode()
    started = house.call('POST', '/v1/transfers/files?kind=members&file_name=liste.csv', upload, headers={'Content-Type': 'text/csv'})
    if started.status in (200, 201):
        run_id = started.json['run_id']
        house.call('POST', '/v1/transfers/%s/check' % run_id, {})
        house.call('POST', '/v1/transfers/%s/start' % run_id, {})
    house.must('POST', '/v1/orders', {'shop_id': have['shop_id'], 'member_id': member, 'order_no': new_number(), 'settle': True, 'lines': [{'name': hobby, 'quantity': 1, 'unit_price_fen': 1000}], 'tenders': [{'tender': 'cash', 'amount_fen': 1000}]})
    house.call('POST', '/v1/codes', {'phone': phone, 'purpose': name}, as_=None)
    house.must('POST', '/v1/members/%s/erase' % member, {'reason': name})
    house.stop()
    with open(house.key) as f:
        words['key of the house'] = re.findall('[0-9a-f]{32,}', f.read())[0]
    log = house.log()
    found = ['%s in: %s' % (what, next(line for line in log.splitlines() if word in line)[:300]) for what, word in words.items()
             for form in {word, base64.b64encode(word.encode()).decode().rstrip('=')} if form in log]
    say(len(log.splitlines()) > 40, 'the log has a line for what was done (%d)' % len(log.splitlines()))
    say(not found, 'no name, number, code, password or token of a whole day stands in it (%d were looked for)' % len(words), '\n   '.join(found))
    with open(house.db, 'rb') if not house.conninfo else open(house.log_path, 'rb') as f:
        kept = f.read()
    clear = [what for what, word in words.items() if word.encode() in kept and what not in ('name', 'pinyin', 'hobby')]
    say(not clear, 'and but for names and goods none in clear in the file of the database', str(clear))
