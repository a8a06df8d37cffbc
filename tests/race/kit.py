"""kit: what every race needs. A server of its own on a database of its own, many clients at once over HTTP, a verdict.

A race speaks to the system under test only through an adapter (adapter_laoke.py): Server starts, kills and checks it, Adapter knows its
words: member(), order(), refund(), gift(), points() … Point the races at another system by writing that one file for it:
    ADAPTER=adapter_other tests/race/value …
"""
import http.client
import importlib
import json
import os
import sys
import threading

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

    def send_only(self, method, path, body, headers):
        if self.http is None:
            self.http = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        heads = {'Content-Type': 'application/json'} if data is not None else {}
        self.http.request(method, path, data, {**heads, **(headers or {})})

    def try_once(self, method, path, body, headers):
        try:
            self.send_only(method, path, body, headers)
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


def together(count, work):
    """Runs work(i) on `count` threads that start at the same moment; the results in order. What one of them met fails the race."""
    gate, results, met = threading.Barrier(count), [None] * count, []

    def run(i):
        gate.wait()
        try:
            results[i] = work(i)
        except Exception as error:      # noqa: BLE001: it is raised again below
            met.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if met:
        raise met[0]
    return results


class Verdict:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def race(self, name, run):
        if os.environ.get('ONLY', '') not in name:
            return
        try:
            run()
            self.passed += 1
            print('ok     %s' % name, flush=True)
        except Exception as error:      # noqa: BLE001: an answer that does not read as expected is a failure too
            self.failed += 1
            print('FAILED %s: %s' % (name, error if isinstance(error, AssertionError) else repr(error)), flush=True)

    def ends(self):
        print('%d passed, %d failed' % (self.passed, self.failed))
        return 1 if self.failed else 0


def equal(what, have, want):
    assert have == want, '%s: %r instead of %r' % (what, have, want)


def main(races):
    """races: list of (name, function(adapter)). argv: BINARY [CONNINFO]."""
    if len(sys.argv) < 2:
        raise SystemExit('usage: %s BINARY [postgresql://…]' % sys.argv[0])
    system = importlib.import_module(os.environ.get('ADAPTER', 'adapter_laoke'))
    server = system.Server(os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else '')
    server.start()
    verdict = Verdict()
    try:
        adapter = system.Adapter(server)
        for name, run in races:
            verdict.race(name, lambda: run(adapter))
    finally:
        if server.process.poll() is None:
            verdict.race('the server ends well', lambda: equal('well', server.stop(), True))
    is_clean, said = server.check()
    verdict.race('the books are clean afterwards (laoke check)', lambda: equal('clean:\n%s\n' % said, is_clean, True))
    return verdict.ends()
