"""sweep: every route of /openapi.json, as every kind of caller, with every field wrong in every way. No answer may be a defect of ours
(500), none may take long, each refusal is problem+json with a code."""
import json
import time
import urllib.parse

from house import new_number, say

SLOW_S = 5
SESSIONS = 18
# What would end the sweep itself, or takes a second of argon2id each time.
LEFT_OUT = {('POST', '/v1/logout'), ('POST', '/v1/setup')}
BAD_IDS = ['0', '-1', '1', '9223372036854775807', '9223372036854775808', '99999999999999999999999', 'abc', '1.5', '%00', '%FF%FE', '%2F..%2F', '%E8%80%81', ' ',
           "1'--", '1%20OR%201=1']
BAD_WORDS = ['', '-1', '0', '9223372036854775807', '9223372036854775808', '1e9', '%00', 'a%00b', '%FF', '%ED%A0%80', '%25', '%', '%zz', 'x' * 3000,
             "'%3B--", '%F0%9F%98%80', '%E8%80%81%E5%AE%A2', 'AAAA', '2026-02-30', '0001-01-01', '9999-12-31', '+1', '%20', 'true', '5']
NUMBERS = [0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -2**63, b'9223372036854775808', b'1e400', b'-0', b'1.5', b'00', b'0x1']
TEXTS = ['', ' ', 'x', 'x' * 5000, 'é' * 300, '老客' * 200, '\u0001', '\u202e', '😀', '-1', '=1+1', "'; DROP TABLE member; --", '<script>', '%n%s',
         b'"\\u0000"', b'"a\\u0000b"', b'"\\ud800"', b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', '2026-02-30', '0000-00-00', '13800000000', 'a@b']
OTHERS = [None, True, [], {}, [None], {'x': 1}, 'x', 1]


class Sweep:
    def __init__(self, house):
        self.house = house
        self.api = house.must('GET', '/openapi.json', as_=None)
        self.bad, self.calls, self.codes, self.slowest, self.late = [], 0, {}, 0, {}

    # ---- one request and what must be true of its answer ----

    def ask(self, method, path, body=None, as_='owner', headers=None):
        began = time.time()
        try:
            answer = self.house.call(method, path, body, as_=as_, headers=headers)
        except Exception as error:
            self.bad.append('%s %s: no answer (%s)' % (method, path, error))
            if not self.house.is_alive():
                raise SystemExit('the server died of %s %s %.300r' % (method, path, body))
            return None
        took = time.time() - began
        self.calls += 1
        self.slowest = max(self.slowest, took)
        self.codes[answer.status] = self.codes.get(answer.status, 0) + 1
        if answer.status == 429:
            self.late[answer.code + ' ' + method + ' ' + path.split('?')[0]] = self.late.get(answer.code + ' ' + method + ' ' + path.split('?')[0], 0) + 1
        what = '%s %s %.200r' % (method, path[:200], body)
        if took > SLOW_S:
            self.bad.append('%s took %.1f s' % (what, took))
        if answer.status >= 500:
            self.bad.append('%s: %r' % (what, answer))
        if answer.status >= 400:
            problem = answer.json if isinstance(answer.json, dict) else {}
            if answer.headers.get('content-type', '') != 'application/problem+json' or not problem.get('code') or not problem.get('detail') \
                    or problem.get('status') != answer.status or not (problem.get('request_id') or problem['code'].startswith('http.')):
                self.bad.append('%s: not a problem with a code: %r' % (what, answer))
        elif answer.status == 200 and 'json' in answer.headers.get('content-type', '') and answer.json is None:
            self.bad.append('%s: not JSON: %r' % (what, answer))
        return answer

    # ---- what a schema asks for ----

    def schema(self, s):
        return self.api['components']['schemas'][s['$ref'].split('/')[-1]] if '$ref' in s else s

    def value(self, name, s, depth=0):
        s = self.schema(s)
        kind = s.get('type', 'object')
        kind = kind if isinstance(kind, str) else 'object'
        if name in self.house.have:
            return self.house.have[name]
        if name == 'member_ids' or name == 'shop_ids':
            return [self.house.have[name[:-1]]]
        if 'enum' in s:
            return s['enum'][0]
        if kind == 'object':
            if depth > 3 or 'properties' not in s:
                return {}
            return {k: self.value(k, v, depth + 1) for k, v in s['properties'].items() if k in s.get('required', []) or depth > 0 and (k == 'item_id' or not s.get('required'))}
        if kind == 'array':
            return [self.value(name[:-1], s['items'], depth + 1)]
        if kind == 'integer':
            return max(1, s.get('minimum', 1))
        if kind == 'boolean':
            return True
        if 'day' in name:
            return '2026-05-01'
        if name.endswith('_id'):
            return '1'
        return {'phone': '13900000009', 'code': '123456', 'password': 'hostile-password', 'order_no': new_number(), 'email': 'a@example.com',
                'tender': 'cash', 'barcode': '6901234567892', 'preset': 'discounts'}.get(name, 'x%s' % new_number())

    def bad_values(self, s):
        s = self.schema(s)
        kind = s.get('type')
        if kind == 'integer':
            return NUMBERS + OTHERS
        if kind == 'string':
            return TEXTS + [None, 1, [], {}]
        return OTHERS + ['', 0, [[]] * 600, [1] * 600, ['1'] * 600]

    # ---- the ways of asking ----

    def paths(self, template):
        names = [p[1:-1] for p in template.split('/') if p.startswith('{')]
        good = {n: str(self.house.have.get(n) or '1') for n in names}

        def fill(values):
            path = template
            for n in names:
                path = path.replace('{%s}' % n, values[n])
            return path
        yield fill(good)
        for n in names:
            for bad in BAD_IDS:
                yield fill({**good, n: bad.replace(' ', '%20').replace("'", '%27')})

    def bodies(self, operation):
        content = operation.get('requestBody', {}).get('content', {})
        if 'application/json' not in content:
            return
        s = self.schema(content['application/json']['schema'])
        good = self.value('', s)
        yield good
        yield {}
        yield {**good, 'no_such_key': 1}
        everything = {k: self.value(k, v, 1) for k, v in s.get('properties', {}).items()}
        yield everything
        for name, part in s.get('properties', {}).items():
            for bad in self.bad_values(part):
                yield self.with_part(good, name, bad)
            yield from self.inner_bodies(good, name, part)

    def inner_bodies(self, good, name, part):
        """One floor down: a list of objects, or an object."""
        part = self.schema(part)
        inner = self.schema(part['items']) if part.get('type') == 'array' else part
        for key, deep in inner.get('properties', {}).items():
            for bad in self.bad_values(deep):
                text = self.with_part(self.value(name, inner, 1), key, bad)
                yield self.with_part(good, name, b'[' + text + b']' if part.get('type') == 'array' else text)

    def with_part(self, good, name, part):
        """JSON with `part` under `name`; bytes go in as they are."""
        parts = ['%s:%s' % (json.dumps(k), json.dumps(v)) for k, v in good.items() if k != name]
        text = part if isinstance(part, bytes) else json.dumps(part).encode()
        return ('{' + ','.join(parts + ['%s:' % json.dumps(name)])).encode() + text + b'}'

    def queries(self, operation):
        parameters = [p['name'] for p in operation.get('parameters', []) if p.get('in') == 'query'] + ['format', 'no_such_parameter']
        for name in parameters:
            for bad in BAD_WORDS:
                yield '%s=%s' % (name, bad)
            yield '%s=1&%s=2' % (name, name)
        yield 'limit=200&format=csv'
        yield 'limit=200&format=xlsx'
        yield '&&&=&='
        yield 'cursor=%s' % urllib.parse.quote('BU5LsaAAEAUAAAAAAAAAAPI9FbwCtyvF')

    def route(self, method, template, operation):
        if (method, template) in LEFT_OUT:
            return
        is_edit = any('IfMatch' in p.get('$ref', '') for p in operation.get('parameters', []))
        headers = {'If-Match': '*'} if is_edit else None
        good = next(iter(self.paths(template)))
        body = next(iter(self.bodies(operation)), None)
        callers = ['owner', None, 'till', 'member']
        for path in self.paths(template):
            for as_ in callers if path == good else callers[:1]:
                self.ask(method, path, body, as_=as_, headers=headers)
        heavy = 'password' in json.dumps(operation.get('requestBody', '')) or template == '/v1/login'
        as_ = 'member' if operation.get('x-who') == ['member'] else 'owner' if 'staff' in operation.get('x-who', []) else None
        if method == 'GET':
            for query in self.queries(operation):
                self.ask(method, good + '?' + query, as_=as_)
        for number, bad in enumerate(self.bodies(operation)):
            more = dict(headers or {})
            if as_ is None:         # an address of its own each, or its budget is used up
                more['X-Forwarded-For'] = '198.51.%d.%d' % (number // 250, number % 250 + 1)
            if heavy and number > 60:
                break
            self.ask(method, good, bad, as_=as_, headers=more)
        if 'requestBody' in operation:
            self.wrong_types(method, good, as_)

    def wrong_types(self, method, path, as_):
        for kind, body in (('text/plain', b'{}'), ('application/x-www-form-urlencoded', b'a=b'), ('multipart/form-data; boundary=x', b'--x--'), ('', b'{}'),
                           ('application/json; charset=gbk', b'{}'), ('application/json', b''), ('application/json', b'{'), ('application/json', b'[]'),
                           ('application/json', b'null'), ('application/json', b'{}{}'), ('application/json', b'[' * 1000), ('application/json', b'{"a":' * 1000),
                           ('application/json', b'\xef\xbb\xbf{}'), ('application/json', b'{"a":1,"a":2}'), ('application/json', b'\x00')):
            self.ask(method, path, body, as_=as_, headers={'Content-Type': kind or None})

    def cursors(self, lists):
        """A cursor of one list in every other list: refused, never understood as something else."""
        kept = []
        for path in lists:
            answer = self.house.call('GET', path + '?limit=1')
            if answer.status == 200 and answer.json and answer.json.get('next_cursor'):
                kept.append((path, answer.json['next_cursor']))
        for mine, cursor in kept:
            for path in lists:
                if path != mine:
                    answer = self.ask('GET', path + '?cursor=' + cursor)
                    if answer is not None and answer.status == 200:
                        self.bad.append('%s takes the cursor of %s' % (path, mine))
        return len(kept)


def run(house):
    house.furnish(SESSIONS)
    sweep = Sweep(house)
    lists = []
    for template, operations in sweep.api['paths'].items():
        for method, operation in operations.items():
            sweep.route(method.upper(), template, operation)
            good = next(iter(sweep.paths(template)))
            if method == 'get' and any('format' in p.get('$ref', '') for p in operation.get('parameters', [])) and 'staff' in operation['x-who']:
                lists.append(good)
            house.refresh(SESSIONS)
    made = sweep.cursors(lists)
    for line in sweep.bad[:40]:
        print('   ' + line)
    print('   %d requests to %d routes, statuses %s, slowest %.2f s' % (sweep.calls, len(sweep.api['paths']), dict(sorted(sweep.codes.items())), sweep.slowest))
    for k, v in sorted(sweep.late.items(), key=lambda x: -x[1])[:25]: print('   429', v, k)
    say(not sweep.bad, 'every route refuses what is wrong with a code and is never wrong itself', '%d findings' % len(sweep.bad))
    say(made > 5, 'cursors of other lists were tried (%d)' % made)
    errors = [line for line in house.log().splitlines() if '"level":"error"' in line]
    say(not errors, 'no error in the log', '\n   '.join(errors[:5]))
    say(house.is_alive(), 'the server is alive')
