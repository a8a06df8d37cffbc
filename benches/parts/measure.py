"""measure: what the benches share. A filled database, a server, a PostgreSQL database of their own, processor time, one line per result.

Environment: ROWS members (1 000 000), SECONDS per round (5), ROUNDS (3); LAOKE_BENCH_DIR keeps filled databases for the benches of one ./bench
run; LAOKE_TEST_PG names the PostgreSQL of the .pg lines (./bench starts one). Every load goes to 127.0.0.1 and ends by itself.
"""
import atexit
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'race'))
from kit import Client  # noqa: E402

BINARY = os.path.join(ROOT, 'build', 'release', 'laoke')
ROWS, SECONDS, ROUNDS = (int(os.environ.get(name, standard)) for name, standard in (('ROWS', 1000000), ('SECONDS', 5), ('ROUNDS', 3)))
CLIENTS, ITEMS = 64, 400
CORES = sorted(os.sched_getaffinity(0))
PASSWORD = 'bench-owner-1'


def part(name):
    return os.path.join(ROOT, 'build', 'release', 'part_' + name)


def line(name, value, unit, ratio=None, vs='', **more):
    words = [name, '%.0f' % value if abs(value) >= 100 else '%.2f' % value, unit]
    if ratio is not None:
        words += ['ratio=%.2f' % ratio, 'vs=' + vs]
    print(' '.join(words + ['%s=%s' % pair for pair in more.items()]), flush=True)


def median(values):
    return statistics.median(values)


# ---- processes ----

def on_core(number):
    """preexec for a process that has to stay on one core: the server's, or the client's."""
    return lambda: os.sched_setaffinity(0, {CORES[number % len(CORES)]})


def cpu_s(pid, thread=''):
    """Processor seconds of a process and its threads so far, or of the threads of that name alone (to the nanosecond)."""
    total = 0
    for task in os.listdir('/proc/%d/task' % pid):
        base = '/proc/%d/task/%s/' % (pid, task)
        if not thread or open(base + 'comm').read().strip() == thread:
            total += int(open(base + 'schedstat').read().split()[0])
    return total / 1e9


def postgres_cpu_s():
    """Processor seconds of the whole PostgreSQL so far, processes that ended included."""
    folder = run(['psql', postgres(), '-qAtc', 'SHOW data_directory']).strip()
    master, total = int(open(folder + '/postmaster.pid').readline()), 0
    for pid in [master] + [int(word) for word in open('/proc/%d/task/%d/children' % (master, master)).read().split()]:
        try:
            fields = open('/proc/%d/stat' % pid).read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        total += sum(int(word) for word in fields[11:15 if pid == master else 13])
    return total / os.sysconf('SC_CLK_TCK')


def memory_mb(pid):
    for text in open('/proc/%d/status' % pid):
        if text.startswith('VmRSS:'):
            return int(text.split()[1]) / 1024


def run(words, **keep):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keep)
    if done.returncode != 0:
        raise SystemExit('%s: ended with %d\n%s%s' % (' '.join(words[:3]), done.returncode, done.stdout[-2000:], done.stderr[-2000:]))
    return done.stdout


class Server:
    """laoke on the database in `folder` (or at `url`), without rate limits; cores: where it may run."""

    def __init__(self, folder, url='', cores=None, more=()):
        self.folder, self.process, self.port = folder, None, 0
        self.words = ['--db', url or os.path.join(folder, 'laoke.db'), '--key-file', os.path.join(folder, 'laoke.key')]
        self.cores, self.more = cores, list(more)

    def start(self):
        self.log = open(os.path.join(self.folder, 'log'), 'ab')
        pin = None if self.cores is None else lambda: os.sched_setaffinity(0, self.cores)
        self.process = subprocess.Popen([BINARY, 'serve', *self.words, '--port', str(self.port), '--empty', *self.more], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, preexec_fn=pin, env={**os.environ, 'LAOKE_UNLIMITED': '1'})
        atexit.register(self.process.kill)
        for text in self.process.stdout:
            if 'http://127.0.0.1:' in text:
                self.port = int(text.split('http://127.0.0.1:')[1].split('/')[0].split()[0])
                break
        else:
            raise SystemExit('the server did not start: see %s/log' % self.folder)
        return self

    def call(self, method, path, body=None, token=None):
        client = Client(self.port)
        heads = {'Authorization': 'Bearer ' + token} if token else {}
        if method == 'POST':
            heads['Idempotency-Key'] = '%032x' % random.getrandbits(128)
        answer = client.call(method, path, body, heads)
        client.close()
        return answer

    def must(self, method, path, body=None, token=None):
        for _ in range(100):                                        # a new server makes its first merchant after it opened its door
            status, answer = self.call(method, path, body, token)
            if status != 503:
                break
            time.sleep(0.05)
        if not 200 <= status < 300:
            raise SystemExit('%s %s: %s %s' % (method, path, status, answer))
        return answer

    def metrics(self):
        import urllib.request
        values = {}
        for text in urllib.request.urlopen('http://127.0.0.1:%d/metrics' % self.port).read().decode().splitlines():
            if not text.startswith('#') and '{' not in text:
                name, value = text.split()
                values[name] = float(value)
        return values

    def settle(self):
        """Until what follows from the requests is done too."""
        while self.metrics()['laoke_outbox_waiting'] > 0:
            time.sleep(0.01)

    def cpu_s(self, thread=''):
        return cpu_s(self.process.pid, thread)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()


# ---- databases ----

FAMILY, GIVEN = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨', '伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚'


def phone(i):
    return '139%08d' % i


def card(i):
    return '6%011d' % i


def write_members(path, count):
    chance = random.Random(7)
    with open(path, 'w') as file:
        file.write('phone,card,name,gender,birthday\n')
        for i in range(count):
            name = chance.choice(FAMILY) + chance.choice(GIVEN) + chance.choice(GIVEN)
            file.write('%s,%s,%s,%s,%04d-%02d-%02d\n' % (phone(i), card(i), name, chance.choice('男女'), chance.randint(1950, 2005),
                                                         chance.randint(1, 12), chance.randint(1, 28)))


def barcode(i):
    return '69010000%04d' % i


def write_items(path):
    with open(path, 'w') as file:
        file.write('sku,item,price,barcode\n')
        for i in range(ITEMS):
            file.write('G%04d,商品 %d,%.2f,%s\n' % (i, i, (100 + 10 * i) / 100, barcode(i)))


class Bench:
    """A folder of its own, gone at the end; filled databases stay for the benches that follow in the same ./bench run."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='laoke-bench-')
        self.kept = os.environ.get('LAOKE_BENCH_DIR') or os.path.join(self.dir, 'kept')
        os.makedirs(self.kept, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        shutil.rmtree(self.dir, ignore_errors=True)

    def folder(self, name):
        path = os.path.join(self.dir, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def fill(self, members, url='', name=''):
        """A shop with `members` members, 400 goods and a till's key. Gives its folder; facts stand in its facts.json."""
        name = name or 'members-%d' % members
        folder = os.path.join(self.kept, name)
        if os.path.exists(os.path.join(folder, 'facts.json')) and not url:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        begin = time.monotonic()
        server = Server(folder, url).start()
        server.must('POST', '/v1/setup', {'login': 'boss', 'password': PASSWORD, 'name': '老板', 'shop_name': '一号店'})
        token = server.must('POST', '/v1/login', {'login': 'boss', 'password': PASSWORD})['token']
        shop = server.must('GET', '/v1/shops', token=token)['items'][0]['shop_id']
        for tier in server.must('GET', '/v1/tiers', token=token)['items']:      # a till that takes what it reckoned itself: no discounts
            words = {name: value for name, value in tier.items() if name in ('rank', 'name', 'growth_min', 'points_multiplier_bp', 'version')}
            server.must('PUT', '/v1/tiers/' + tier['tier_id'], words, token)
        key = server.must('POST', '/v1/api-keys', {'name': 'till', 'kind': 'pos', 'shop_id': shop}, token)['key']
        server.stop()
        for kind, write in (('items', write_items), ('members', lambda path: write_members(path, members))):
            path = os.path.join(folder, kind + '.csv')
            write(path)
            run([BINARY, 'import', kind, path, *server.words])
            os.remove(path)
        with open(os.path.join(folder, 'facts.json'), 'w') as file:
            json.dump({'members': members, 'shop': shop, 'key': key, 'fill_s': round(time.monotonic() - begin, 1)}, file)
        return folder

    def copy(self, folder, name):
        path = os.path.join(self.dir, name)
        shutil.rmtree(path, ignore_errors=True)
        run(['cp', '-r', '--reflink=auto', folder, path])
        return path


def facts(folder):
    with open(os.path.join(folder, 'facts.json')) as file:
        return json.load(file)


def postgres():
    """The PostgreSQL to make databases in, or '' when none was named."""
    return os.environ.get('LAOKE_TEST_PG', '')


def postgres_database(name, template=''):
    """A new database beside the named one; gives its address."""
    url = postgres()
    head, query = (url.split('?', 1) + [''])[:2]
    head = head.rsplit('/', 1)[0]
    for sql in ('DROP DATABASE IF EXISTS %s' % name, 'CREATE DATABASE %s%s' % (name, ' TEMPLATE ' + template if template else '')):
        run(['psql', url, '-qc', 'SET client_min_messages=warning', '-c', sql])
    return '%s/%s%s' % (head, name, '?' + query if query else '')


def column(folder, url, sql):
    """The first column of a query, as texts; the server is not running (SQLite), or nobody minds (PostgreSQL)."""
    if url:
        return run(['psql', url, '-qAtc', sql]).split()
    db = sqlite3.connect('file:%s/laoke.db?mode=ro' % folder, uri=True)
    try:
        return [str(row[0]) for row in db.execute(sql)]
    finally:
        db.close()


def members_file(bench, folder, url=''):
    """The ids of all members, a line each."""
    path = os.path.join(bench.dir, 'members.txt')
    with open(path, 'w') as file:
        file.write('\n'.join(column(folder, url, 'SELECT member_id FROM member_card')) + '\n')
    return path


# ---- tills ----

def till_words(server, facts, members, orders, first, acknowledged=''):
    return [part('till'), str(server.port), facts['key'], facts['shop'], members, str(CLIENTS), str(orders), '600', str(first)] + [acknowledged] * bool(acknowledged)


def till(server, facts, members, orders, first):
    """64 tills settle `orders` orders, numbered from `first`."""
    text = run(till_words(server, facts, members, orders, first))
    return {name: float(value) for name, value in re.findall(r'(\w+)=([\d.]+)', text)}


def post_all(server, token, path, requests, first=0):
    """64 clients post (path, body) lines; what part_till counted."""
    with open(path, 'w') as file:
        file.writelines('%s %s\n' % (where, json.dumps(body, ensure_ascii=False, separators=(',', ':'))) for where, body in requests)
    text = run([part('till'), str(server.port), token, '-', path, str(CLIENTS), str(len(requests)), '600', str(first)])
    return {name: float(value) for name, value in re.findall(r'(\w+)=([\d.]+)', text)}


# ---- the loop that orders are measured against ----

PG_CONNECTIONS = 16


def served_round(folder, url, orders, warm, load):
    """Orders a second, orders in a commit, processor time of an order in microseconds (whole server, writer), p99 in ms."""
    os.sync()
    server = Server(folder, url).start()
    try:
        warm(server)
        if url:         # as autovacuum does within the first minute: plans that were made on empty tables are made anew
            run(['psql', url, '-qc', 'ANALYZE'])
        pg = postgres_cpu_s() if url else 0
        before, cpu, writer = server.metrics(), server.cpu_s(), server.cpu_s('writer')
        begin = time.monotonic()
        done = load(server)
        server.settle()
        took = time.monotonic() - begin
        after, pg = server.metrics(), postgres_cpu_s() - pg if url else 0
        if done['orders'] != orders:
            raise SystemExit('%d orders were settled instead of %d' % (done['orders'], orders))
        return {'rate': orders / took, 'group': orders / max(1, after['laoke_commits_total'] - before['laoke_commits_total']), 'p99_ms': done['p99_ms'],
                'cpu_us': (server.cpu_s() - cpu) * 1e6 / orders, 'pg_us': pg * 1e6 / orders, 'writer_us': (server.cpu_s('writer') - writer) * 1e6 / orders}
    finally:
        server.stop()


def beside_loop(name, bench, base, replay, url, warm, load):
    """ROUNDS times: the orders through the server, then their rows through the bare loop; `base` is how both begin. Prints the medians."""
    is_pg, orders, rounds = replay.is_pg, replay.orders, []
    for _ in range(ROUNDS):
        served = served_round(bench.copy(base, 'served'), postgres_database('bench_served', url.split('?')[0].rsplit('/', 1)[1]) if is_pg else '', orders, warm, load)
        bare = replay.round(PG_CONNECTIONS if is_pg else max(1, round(served['group'])))
        rounds.append((served, bare))
        if os.environ.get('VERBOSE'):
            print(served, bare, file=sys.stderr)
    replay.stop()
    end = '.pg' if is_pg else ''
    ours, bare = ({key: median([r[i][key] for r in rounds]) for key in rounds[0][i]} for i in (0, 1))
    line(name + end, ours['rate'], 'orders/s', median([r[0]['rate'] / r[1]['rate'] for r in rounds]), 'libpq_loop' if is_pg else 'bare_sqlite_loop',
         rows=orders, p99_ms='%.1f' % ours['p99_ms'], statements='%.1f' % replay.statements,
         **({'connections': PG_CONNECTIONS} if is_pg else {'group': '%.0f' % ours['group']}))
    if is_pg:           # processor time, which other work on the machine does not touch
        both = [r['cpu_us'] + r['pg_us'] for r in (ours, bare)]
        line(name + '.cpu.pg', both[0], 'cpu-us/order', both[1] / both[0], 'libpq_loop', rows=orders, server='%.0f' % ours['cpu_us'],
             postgres='%.0f' % ours['pg_us'], loop='%.0f' % bare['cpu_us'], loop_postgres='%.0f' % bare['pg_us'])
    else:
        line(name + '.cpu', ours['writer_us'], 'writer-us/order', bare['cpu_us'] / ours['writer_us'], 'bare_sqlite_loop', rows=orders,
             server='%.0f' % ours['cpu_us'])

class Replay:
    """The very same row writes in a bare loop (parts/replay.c): a round for each."""

    def __init__(self, bench, is_pg, members, before, orders, *more):
        self.bench, self.is_pg, self.orders, self.copy = bench, is_pg, orders, os.path.join(bench.dir, 'replay-pg' if is_pg else 'replay')
        self.process = subprocess.Popen([part('replay'), str(members), str(before), str(orders), self.copy, *(['pg'] if is_pg else []), *more], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, 'LAOKE_TEST_DIR': bench.dir})
        self.statements = self.answer()['statements']
        if is_pg:
            run(['pg_restore', '--no-owner', '-d', postgres_database('bench_replay_before'), self.copy])

    def answer(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit('the replay ended')
        return {name: float(value) for name, value in re.findall(r'(\w+)=([\d.]+)', text)}

    def round(self, group):
        target = postgres_database('bench_replay', 'bench_replay_before') if self.is_pg else self.copy + '.now'
        if not self.is_pg:
            for end in ('-wal', '-shm'):
                if os.path.exists(target + end):
                    os.remove(target + end)
            run(['cp', self.copy, target])
        os.sync()
        pg = postgres_cpu_s() if self.is_pg else 0
        self.process.stdin.write('%d %s\n' % (group, target))
        self.process.stdin.flush()
        answer = self.answer()
        return {**answer, 'pg_us': (postgres_cpu_s() - pg) * 1e6 / self.orders if self.is_pg else 0}

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
