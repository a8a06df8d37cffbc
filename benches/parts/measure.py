"""measure: what the benches share. A filled database, a server, a PostgreSQL database of their own, processor time, one line per result.

Environment: ROWS members (1 000 000), SECONDS per round (5), ROUNDS (3); LAOKE_BENCH_DIR keeps filled databases for the benches of one ./bench
run; LAOKE_TEST_PG names the PostgreSQL of the .pg lines (./bench starts one). Every load goes to 127.0.0.1 and ends by itself.
"""
import json
import os
import random
import shutil
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
        begin = time.monotonic()
        self.log = open(os.path.join(self.folder, 'log'), 'ab')
        pin = None if self.cores is None else lambda: os.sched_setaffinity(0, self.cores)
        self.process = subprocess.Popen([BINARY, 'serve', *self.words, '--port', str(self.port), '--empty', *self.more], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, preexec_fn=pin, env={**os.environ, 'LAOKE_UNLIMITED': '1'})
        for text in self.process.stdout:
            if 'http://127.0.0.1:' in text:
                self.port = int(text.split('http://127.0.0.1:')[1].split('/')[0].split()[0])
                break
        else:
            raise SystemExit('the server did not start: see %s/log' % self.folder)
        self.begin = begin
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
        status, answer = self.call(method, path, body, token)
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


def write_items(path):
    with open(path, 'w') as file:
        file.write('sku,item,price\n')
        for i in range(ITEMS):
            file.write('G%04d,商品 %d,%.2f\n' % (i, i, (100 + 10 * i) / 100))


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
        if os.path.exists(os.path.join(folder, 'facts.json')):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        begin = time.monotonic()
        server = Server(folder, url).start()
        server.must('POST', '/v1/setup', {'login': 'boss', 'password': PASSWORD, 'name': '老板', 'shop_name': '一号店'})
        token = server.must('POST', '/v1/login', {'login': 'boss', 'password': PASSWORD})['token']
        shop = server.must('GET', '/v1/shops', token=token)['items'][0]['shop_id']
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
    head, tail = url.rsplit('/', 1)
    base, query = (tail.split('?', 1) + [''])[:2]
    for sql in ('DROP DATABASE IF EXISTS %s' % name, 'CREATE DATABASE %s%s' % (name, ' TEMPLATE ' + template if template else '')):
        run(['psql', url, '-qc', 'SET client_min_messages=warning', '-c', sql])
    return '%s/%s%s' % (head, name, '?' + query if query else '')
