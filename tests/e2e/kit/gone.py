"""gone: a PostgreSQL that is stopped, killed, paused. 503 with Retry-After, nothing hangs, and it goes on when the database is back."""
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from disk import balance, done, sell, sell_until
from house import House, new_number, say

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Cluster:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='laoke-gone-')
        os.chmod(self.dir, 0o755)
        self.bin = sorted(glob.glob('/usr/lib/postgresql/*/bin'))[-1]
        self.owner = ['runuser', '-u', 'postgres', '--'] if os.geteuid() == 0 else []
        subprocess.run([os.path.join(TESTS, 'pg'), 'start', self.dir], check=True, stdout=subprocess.DEVNULL)
        with open(self.dir + '/data/postgresql.conf', 'a') as f:        # what tests/pg starts forgets; here nothing may be forgotten
            f.write('synchronous_commit = on\nfsync = on\nfull_page_writes = on\n')
        self.ctl('restart', '-m', 'fast')
        self.url = 'postgresql://laoke@/laoke_test?host=' + self.dir

    def ctl(self, *words):
        subprocess.run([*self.owner, self.bin + '/pg_ctl', '-D', self.dir + '/data', '-w', '-t', '30', '-l', self.dir + '/server.log', *words], check=True,
                       stdout=subprocess.DEVNULL, cwd='/')

    def backends(self):
        with open(self.dir + '/data/postmaster.pid') as f:
            postmaster = int(f.readline())
        found = [postmaster]
        for stat in glob.glob('/proc/[0-9]*/stat'):
            try:
                with open(stat) as f:
                    if int(f.read().rpartition(')')[2].split()[1]) == postmaster:
                        found.append(int(stat.split('/')[2]))
            except OSError:
                pass
        return found

    def signal(self, number):
        for pid in self.backends():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end(self):
        subprocess.run([os.path.join(TESTS, 'pg'), 'stop', self.dir], capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)


def run(binary):
    cluster = Cluster()
    house = None
    try:
        house = House(binary, db=cluster.url, conninfo=cluster.url)
        house.furnish(2)
        gone(house, 'PostgreSQL stopped', lambda: cluster.ctl('stop', '-m', 'fast'), lambda: cluster.ctl('start'))
        gone(house, 'PostgreSQL killed', lambda: cluster.ctl('stop', '-m', 'immediate'), lambda: cluster.ctl('start'))
        gone(house, 'PostgreSQL paused', lambda: cluster.signal(signal.SIGSTOP), lambda: cluster.signal(signal.SIGCONT))
        done(house, 'PostgreSQL gone')
    finally:
        if house is not None:
            house.end()
        cluster.signal(signal.SIGCONT)
        cluster.end()


def gone(house, name, stop, start):
    before = balance(house)
    stop()
    bad, longest = [], 0
    lost = new_number()
    asks = [('GET', '/v1/members/%s' % house.have['member_id'], None), ('GET', '/v1/orders', None), ('SELL', lost, None), ('POST', '/v1/members', {'phone': '13700000009'}),
            ('POST', '/v1/login', {'login': 'boss', 'password': 'hostile-boss'})]
    for method, path, body in asks:
        began = time.time()
        try:
            answer = sell(house, path) if method == 'SELL' else house.call(method, path, body, as_=None if 'login' in path else 'owner')
            if answer.status != 503 or 'retry-after' not in answer.headers or not answer.json.get('retryable'):
                bad.append('%s %s: %r' % (method, path, answer))
        except OSError as error:
            bad.append('%s %s: %s' % (method, path, error))
        longest = max(longest, time.time() - began)
    say(not bad, '%s: 503 with Retry-After' % name, '; '.join(bad[:3]))
    say(longest < 15, '%s: nobody waits longer than %.1f s' % (name, longest))
    say(house.call('GET', '/healthz', as_=None).status == 200, '%s: /healthz lives' % name)
    say(house.call('GET', '/readyz', as_=None).status == 503, '%s: /readyz says no' % name)
    start()
    sold, answer = sell_until(house, False, 30)
    say(answer.status == 201, '%s: it reconnects by itself' % name, repr(answer))
    for _ in range(50):         # a connection that began in the bad time may still end badly
        after = sell(house, lost)
        if after.status != 503:
            break
        time.sleep(0.1)
    sold.append(lost)
    say(after.status in (200, 201), '%s: what was refused can be sent again' % name, repr(after))
    say(balance(house) == before + len(sold), '%s: and nothing was done by half' % name, '%d, %d before, %d sold' % (balance(house), before, len(sold)))
