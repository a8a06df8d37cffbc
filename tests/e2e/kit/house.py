"""house: a server of its own on a database of its own, with an owner, a cashier, a till's key, a member, goods and orders in it."""
import http.client
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

results = [0, 0]
NUMBERS = itertools.count(int(time.time()) % 100000 * 1000)


def say(is_good, words, more=''):
    results[0 if is_good else 1] += 1
    print('%s %s' % ('ok' if is_good else 'NOT OK', words) + ('' if is_good or not more else ': %s' % more), flush=True)
    return is_good


def new_number():
    return 'H%d' % next(NUMBERS)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        try:
            self.json = json.loads(body) if body else None
        except (ValueError, UnicodeDecodeError):
            self.json = None

    @property
    def code(self):
        return self.json.get('code', '') if isinstance(self.json, dict) and self.status >= 400 else ''

    def __repr__(self):
        return '%d %s' % (self.status, self.body[:400])


class House:
    def __init__(self, binary, conninfo='', folder=None, before=None, db=None):
        self.binary, self.conninfo, self.before = binary, conninfo, before
        self.dir = folder or tempfile.mkdtemp(prefix='laoke-hostile-')
        self.is_own_dir = folder is None
        self.db = db or os.path.join(self.dir, 'laoke.db')
        self.key = os.path.join(self.dir, 'laoke.key')
        self.made = None
        if conninfo and not db:
            name = 'hostile_%d_%d' % (os.getpid(), next(NUMBERS))
            subprocess.run(['psql', conninfo, '-qc', 'CREATE DATABASE %s' % name], check=True, stdout=subprocess.DEVNULL)
            self.db = re.sub(r'dbname=\w+', 'dbname=' + name, conninfo) if 'dbname=' in conninfo else re.sub(r'/\w+\?', '/' + name + '?', conninfo)
            if not self.db.startswith('postgresql://'):
                words = dict(w.split('=', 1) for w in self.db.split())
                self.db = 'postgresql://%s@/%s?host=%s' % (words['user'], words['dbname'], words['host'])
            self.made = name
        self.log_path = os.path.join(tempfile.gettempdir() if folder else self.dir, 'laoke-hostile-%d.log' % os.getpid())
        self.process, self.port, self.local = None, 0, threading.local()
        self.tokens, self.turn = [], 0
        self.open_shop()
        self.start()

    # ---- the process ----

    def open_shop(self):
        """The merchant is called "demo", so GET /v1/demo shows the one-time codes that the fake SMS channel kept."""
        if not os.path.exists(self.key):
            for words in (('migrate',), ('user', 'add', '--merchant', 'demo', '--merchant-name', '老客', '--login', 'boss', '--password-file', '-')):
                made = self.command(*words, input='hostile-boss\n')
                assert made.returncode == 0, made.stdout + made.stderr

    def start(self):
        log = open(self.log_path, 'ab')
        self.process = subprocess.Popen([self.binary, 'serve', '--empty', '--db', self.db, '--key-file', self.key, '--port', str(self.port)],
                                        stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=self.before)
        for line in self.process.stdout:
            if 'http://127.0.0.1:' in line:
                self.port = int(line.split('http://127.0.0.1:')[1].split('/')[0].split()[0])
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        for _ in range(2000):
            if self.process.poll() is not None:
                raise SystemExit('the server ended with %s: see %s' % (self.process.returncode, self.log_path))
            try:
                if self.call('GET', '/readyz', as_=None).status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        raise SystemExit('the server did not become ready: see %s' % self.log_path)

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=40)

    def command(self, *words, **more):
        return subprocess.run([self.binary, *words, '--db', self.db, '--key-file', self.key], capture_output=True, text=True, timeout=120, **more)

    def is_clean(self):
        check = self.command('check')
        if check.returncode != 0:
            print('\n'.join(line for line in check.stdout.splitlines() if not line.startswith('ok')), check.stderr[-2000:])
        return check.returncode == 0 and self.process.returncode == 0

    def log(self):
        with open(self.log_path, errors='replace') as f:
            return f.read()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.made:
            subprocess.run(['psql', self.conninfo, '-qc', 'DROP DATABASE IF EXISTS %s WITH (FORCE)' % self.made], capture_output=True)
        if self.is_own_dir and not os.environ.get('KEEP'):
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- asking ----

    def call(self, method, path, body=None, as_='owner', key=None, headers=None, timeout=30):
        """body: bytes as they are, anything else as JSON. as_: 'owner', None, or a token."""
        heads = {'Accept-Language': 'en'}
        if as_ in ('owner', 'member', 'till'):
            as_ = self.owner() if as_ == 'owner' else self.member() if as_ == 'member' else self.till
        if as_:
            heads['Authorization'] = 'Bearer ' + as_
        if method == 'POST' and key != '':
            heads['Idempotency-Key'] = key or new_number() + os.urandom(6).hex()
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            heads['Content-Type'] = 'application/json'
        heads.update(headers or {})
        heads = {name: value for name, value in heads.items() if value is not None}
        for is_second in (False, True):
            connection = getattr(self.local, 'connection', None)
            is_fresh = connection is None or getattr(self.local, 'port', 0) != self.port
            if is_fresh:
                connection = self.local.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)
                self.local.port = self.port
            connection.timeout = timeout
            try:
                connection.putrequest(method, path, skip_accept_encoding=True)
                for name, value in heads.items():
                    connection.putheader(name, value)
                if data is not None:
                    connection.putheader('Content-Length', str(len(data)))
                elif method in ('POST', 'PUT', 'PATCH'):
                    connection.putheader('Content-Length', '0')
                connection.endheaders(data)
                reply = connection.getresponse()
                answer = Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
                if answer.headers.get('connection', '').lower() == 'close':
                    self.forget()
                return answer
            except (OSError, http.client.HTTPException):
                self.forget()
                if is_fresh or is_second:
                    raise

    def forget(self):
        connection = getattr(self.local, 'connection', None)
        if connection is not None:
            connection.close()
        self.local.connection = None

    def must(self, method, path, body=None, **more):
        answer = self.call(method, path, body, **more)
        assert 200 <= answer.status < 300, '%s %s %s: %r' % (method, path, body, answer)
        return answer.json

    # ---- who asks; several sessions, for one may change only so much in a minute ----

    def owner(self):
        if not self.tokens:
            return None
        self.turn += 1
        return self.tokens[self.turn % len(self.tokens)]

    def member(self):
        self.turn += 1
        return self.members[self.turn % len(self.members)]

    def log_in(self, login, password, headers=None):
        return self.must('POST', '/v1/login', {'login': login, 'password': password}, as_=None, headers=headers)['token']

    def furnish(self, sessions=4):
        """What a shop has after its first day; the ids are in self.have by the names they bear in the API."""
        self.tokens = [self.log_in('boss', 'hostile-boss') for _ in range(sessions)]
        have = self.have = {}
        have['shop_id'] = self.must('POST', '/v1/shops', {'name': '一号店'})['shop_id']
        have['merchant_id'] = self.must('GET', '/v1/whoami')['merchant_id']
        have['category_id'] = have['parent_id'] = self.must('POST', '/v1/item-categories', {'name': '茶叶'})['id']
        have['brand_id'] = self.must('POST', '/v1/item-brands', {'name': '老牌'})['id']
        have['item_id'] = self.must('POST', '/v1/items', {'name': '龙井', 'price_fen': 12800, 'barcodes': ['6901234567892']})['item_id']
        have['member_id'] = self.must('POST', '/v1/members', {'phone': '13900000001', 'name': '王小明'})['member_id']
        have['from_id'] = have['to_member_id'] = self.must('POST', '/v1/members', {'phone': '13900000002', 'name': '李雷', 'card': '880001'})['member_id']
        have['from_member_id'] = have['member_id']
        have['identity_id'] = self.must('GET', '/v1/members/%s/identities' % have['from_id'])['items'][0]['identity_id']
        have['tag_id'] = self.must('POST', '/v1/tags', {'name': '爱喝茶'})['tag_id']
        have['group_id'] = self.must('POST', '/v1/shop-groups', {'name': '城东', 'shop_ids': [have['shop_id']]})['group_id']
        have['field_id'] = self.must('POST', '/v1/member-fields', {'key': 'pet', 'label': '宠物', 'kind': 'text'})['field_id']
        have['tier_id'] = self.must('GET', '/v1/tiers')['items'][-1]['tier_id']
        self.must('POST', '/v1/points/grants', {'member_id': have['member_id'], 'points': 5000, 'reason': '开业'})
        have['reservation_id'] = self.must('POST', '/v1/points/reservations', {'member_id': have['member_id'], 'points': 10})['source_id']
        have['order_id'] = self.must('POST', '/v1/orders', {'shop_id': have['shop_id'], 'member_id': have['member_id'], 'order_no': new_number(), 'settle': True, 'lines': [{'item_id': have['item_id'], 'quantity': 2}], 'tenders': [{'tender': 'cash', 'amount_fen': 25600}]})['order_id']
        have['refund_id'] = self.must('POST', '/v1/orders/%s/refunds' % have['order_id'], {'amount_fen': 100, 'reason': '碎了'})['refund_id']
        have['merge_id'] = '1'
        self.must('POST', '/v1/staff', {'login': 'till', 'role': 'cashier', 'password': 'hostile-till', 'shop_ids': [have['shop_id']]})
        have['staff_id'] = self.must('POST', '/v1/staff', {'login': 'victim', 'role': 'cashier', 'password': 'hostile-till'})['staff_id']
        self.till = self.log_in('till', 'hostile-till')
        self.keys = self.must('POST', '/v1/api-keys', {'name': '收银机', 'kind': 'pos', 'shop_id': have['shop_id'], 'role': 'cashier'})
        have['key_id'] = self.keys['key_id']
        have['session_id'] = self.must('GET', '/v1/account/sessions')['items'][-1]['session_id']
        have['role'] = 'cashier'
        have['name'] = 'points'
        self.must('POST', '/v1/consent-texts', {'purpose': 'privacy', 'title': '隐私', 'body': '只用于会员服务'})
        self.settle_member('13900000001')
        self.refresh(sessions)

    def settle_member(self, phone):
        self.phone, self.members = phone, [self.member_token(phone)]
        self.must('PUT', '/v1/me/password', {'password': 'hostile-member'}, as_=self.members[0])

    def refresh(self, sessions):
        """New sessions for those that ended, each from an address of its own."""
        def living(tokens):
            return [t for t in tokens if self.call('GET', '/v1/whoami', as_=t).status == 200]

        def address():
            return {'X-Forwarded-For': '203.0.%d.%d' % (next(NUMBERS) // 250 % 250, next(NUMBERS) % 250 + 1)}
        self.tokens, self.members = living(self.tokens), living(self.members)
        while len(self.tokens) < sessions:
            self.tokens.append(self.log_in('boss', 'hostile-boss', headers=address()))
        while len(self.members) < sessions:
            answer = self.call('POST', '/v1/member-login', {'phone': self.phone, 'password': 'hostile-member'}, as_=None, headers=address())
            if answer.status == 200:
                self.members.append(answer.json['token'])
                continue
            found = self.must('POST', '/v1/members', {'phone': '138%08d' % (next(NUMBERS) % 10**8)})     # frozen, merged, forgotten: it was all done
            self.have['member_id'] = found['member_id']
            self.settle_member(self.must('POST', '/v1/members/%s/reveal' % found['member_id'], {'reason': 'x'})['phone'])
        if not living([self.till]):
            self.till = self.log_in('till', 'hostile-till', headers=address())

    def code_for(self, phone):
        self.must('POST', '/v1/codes', {'phone': phone}, as_=None)
        page = self.call('GET', '/v1/demo', as_=None).body.decode()
        return re.findall(phone + r'","text":"[^0-9"]*([0-9]{6})', page)[-1]

    def member_token(self, phone):
        return self.must('POST', '/v1/member-login', {'phone': phone, 'code': self.code_for(phone)}, as_=None)['token']

    def second_merchant(self):
        """Another merchant on the same server: a session of its owner."""
        file = os.path.join(self.dir, 'password')
        with open(file, 'w') as f:
            f.write('hostile-other\n')
        made = self.command('user', 'add', '--merchant', 'other', '--merchant-name', '别人的店', '--login', 'rival', '--password-file', file)
        assert made.returncode == 0, made.stdout + made.stderr
        return self.must('POST', '/v1/login', {'login': 'rival', 'password': 'hostile-other'}, as_=None, headers={'Laoke-Merchant': 'other'})['token']
