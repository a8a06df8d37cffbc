"""kit: what every race needs. A server of its own on a database of its own, many clients at once over HTTP, a verdict.

A race speaks to the system under test only through an Adapter (adapter_laoke.py): member(), order(), refund(), gift(), balance() …
Point it at another system by writing that one file for it:  ADAPTER=adapter_other tests/race/value …
"""
import http.client
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class Client:
    """One keep-alive connection. Every call gives (status, body); a broken connection gives (0, None)."""

    def __init__(self, port):
        self.port, self.http = port, None

    def call(self, method, path, body=None, headers=None):
        was_open = self.http is not None
        answer = self.try_once(method, path, body, headers)
        if answer[0] == 0 and was_open and method == 'GET':     # the server closed an idle connection: a read may be asked again
            answer = self.try_once(method, path, body, headers)
        return answer

    def try_once(self, method, path, body, headers):
        try:
            if self.http is None:
                self.http = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
            data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            heads = {'Content-Type': 'application/json'} if data is not None else {}
            self.http.request(method, path, data, {**heads, **(headers or {})})
            answer = self.http.getresponse()
            text = answer.read()
            if answer.getheader('Connection', '').lower() == 'close':
                self.close()
            is_json = 'json' in answer.getheader('Content-Type', '')
            return answer.status, json.loads(text) if text and is_json else None
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return 0, None

    def close(self):
        if self.http is not None:
            self.http.close()
        self.http = None


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

    def command(self, *words, **keep):
        return subprocess.run([self.binary, *words, '--db', self.db, '--key-file', self.key], **keep)

    def start(self):
        self.process = subprocess.Popen([self.binary, 'serve', '--db', self.db, '--key-file', self.key, '--port', str(self.port), '--empty'],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
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
        self.process.terminate()
        self.process.wait(timeout=30)


def together(count, work):
    """Runs work(i) on `count` threads that start at the same moment; the results in order."""
    gate, results = threading.Barrier(count), [None] * count

    def run(i):
        gate.wait()
        results[i] = work(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Verdict:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def race(self, name, run):
        try:
            run()
            self.passed += 1
            print('ok     %s' % name, flush=True)
        except AssertionError as error:
            self.failed += 1
            print('FAILED %s: %s' % (name, error), flush=True)

    def ends(self):
        print('%d passed, %d failed' % (self.passed, self.failed))
        return 1 if self.failed else 0


def equal(what, have, want):
    assert have == want, '%s: %r instead of %r' % (what, have, want)


def main(races):
    """races: list of (name, function(adapter)). argv: BINARY [CONNINFO]."""
    if len(sys.argv) < 2:
        raise SystemExit('usage: %s BINARY [postgresql://…]' % sys.argv[0])
    server = Server(os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else '')
    server.start()
    verdict = Verdict()
    try:
        adapter = importlib.import_module(os.environ.get('ADAPTER', 'adapter_laoke')).Adapter(server)
        for name, run in races:
            verdict.race(name, lambda: run(adapter))
    finally:
        if server.process.poll() is None:
            server.stop()
    check = server.command('check', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    verdict.race('the books are clean afterwards (laoke check)', lambda: equal('exit code, output:\n%s\n' % "\n".join(line for line in check.stdout.splitlines() if not line.startswith("ok")), check.returncode, 0))
    return verdict.ends()
